"""One case, customer, account or contract as a page, and the forms on it."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath
from litestar.response import Redirect
from msgspec import Meta

from console.cases import account as account_rules
from console.cases import contract as contract_rules
from console.cases.contract import Terms
from console.cases.customer import Particulars
from console.errors import BadInput, FieldError
from console.people.permissions import Permission
from console.people.permissions import may as allowed
from console.people.who import Principal
from console.queries.customers import Whose
from console.queries.desktop import DeskScreen, Me
from console.services import accounts, attachments, cases, contracts, customers
from console.services.context import Context
from console.web import languages
from console.web.api.case_parts import served
from console.web.auth import may
from console.web.cases.frame import drawn
from console.web.desk import parts
from console.web.desk.matter import Corrected, changes_of
from console.web.desk.parts import SILENT
from console.web.limits import NO_CONTROLS, NO_NUL, Line, Name
from console.web.pages import DONE, AnyRequest, html, view_of

Ctx = NamedDependency[Context]
Who = NamedDependency[Principal]
Answer = Response[Any]
ROWS = 200
Words = Annotated[str, Meta(max_length=100, pattern=NO_CONTROLS)]
"""Of a form: empty where nothing is typed."""


class AccountForm(msgspec.Struct, frozen=True):
    name: Line
    external_id: Words = ""
    note: Annotated[str, Meta(max_length=account_rules.NOTE_MAX, pattern=NO_NUL)] = ""
    version: int = 0


class ContractForm(msgspec.Struct, frozen=True):
    number: Name
    name: Line
    starts_on: date
    ends_on: Words = ""
    time_zone: Name = "UTC"
    level: Words = ""
    sla: Words = ""
    included_cases: Words = ""
    included_hours: Words = ""
    note: Annotated[str, Meta(max_length=contract_rules.NOTE_MAX, pattern=NO_NUL)] = ""
    version: int = 0


URL_ENCODED = RequestEncodingType.URL_ENCODED


@get("/cases/{number:str}", guards=[may(Permission.SEE_CASES)])
async def show_case(request: AnyRequest, ctx: Ctx, who: Who, number: FromPath[str]) -> Answer:
    """Those who serve work on it at their desk; everybody else reads it here."""
    if allowed(who, Permission.SERVE):
        return Redirect(f"/desk/cases/{number}", status_code=303)
    shown = await cases.whole(ctx, who, number=number)
    now, view = ctx.clock.now(), view_of(request)
    screen = DeskScreen(now=now, me=Me(username=who.called, name=who.name, state_since=now), shown=shown)
    return await drawn(request, ctx, who, "cases/case.html", room="cases", **parts.context(screen, view, SILENT))


@get("/cases/{number:str}/attachments/{attachment:uuid}", guards=[may(Permission.SEE_CASES)])
async def download(ctx: Ctx, who: Who, number: FromPath[str], attachment: FromPath[UUID]) -> Response[bytes]:
    """A file of a case, to be saved."""
    return served(await attachments.serve(ctx, who, number=number, attachment_id=str(attachment)))


@get("/customers/{customer:uuid}", guards=[may(Permission.SEE_CASES)])
async def show_customer(request: AnyRequest, ctx: Ctx, who: Who, customer: FromPath[UUID]) -> Answer:
    found = await customers.show(ctx, who, customer_id=str(customer))
    return await drawn(
        request,
        ctx,
        who,
        "cases/customer.html",
        room="customers",
        found=found,
        changes=allowed(who, Permission.CHANGE_CASES),
        keeps=allowed(who, Permission.KEEP_CONTRACTS),
        policies=await contracts.policies(ctx),
        language_names=partial(languages.names, view_of(request).words),
    )


@post("/customers/{customer:uuid}", guards=[may(Permission.CHANGE_CASES)], status_code=200)
async def change_customer(
    request: AnyRequest,
    ctx: Ctx,
    who: Who,
    customer: FromPath[UUID],
    data: Annotated[Corrected, Body(media_type=URL_ENCODED)],
) -> Answer:
    changes = changes_of(view_of(request).words, data)
    await customers.correct(ctx, who, customer_id=str(customer), changes=changes, if_match=data.version)
    return again()


@post("/customers", guards=[may(Permission.CHANGE_CASES)], status_code=200)
async def create_customer(
    request: AnyRequest, ctx: Ctx, who: Who, data: Annotated[Corrected, Body(media_type=URL_ENCODED)]
) -> Answer:
    particulars = Particulars(**changes_of(view_of(request).words, data))
    made = await customers.create(ctx, who, particulars=particulars)
    return to(f"/customers/{made.id}")


@get("/accounts/{account:uuid}", guards=[may(Permission.SEE_CASES)])
async def show_account(request: AnyRequest, ctx: Ctx, who: Who, account: FromPath[UUID]) -> Answer:
    """Its people and its contracts."""
    whose = Whose(account=str(account))
    found = await accounts.show(ctx, who, account_id=str(account))
    people, _ = await customers.listed(ctx, who, where=whose, limit=ROWS, after=None)
    return await drawn(
        request,
        ctx,
        who,
        "cases/account.html",
        room="customers",
        account=found,
        customers=people,
        contracts=await contracts.of_account(ctx, who, account_id=str(account)),
        keeps=allowed(who, Permission.KEEP_CONTRACTS),
        policies=await contracts.policies(ctx),
    )


@post("/accounts", guards=[may(Permission.KEEP_CONTRACTS)], status_code=200)
async def create_account(ctx: Ctx, who: Who, data: Annotated[AccountForm, Body(media_type=URL_ENCODED)]) -> Answer:
    made = await accounts.create(
        ctx, who, name=data.name, external_id=data.external_id.strip() or None, note=data.note.strip() or None
    )
    return to(f"/accounts/{made.id}")


@post("/accounts/{account:uuid}", guards=[may(Permission.KEEP_CONTRACTS)], status_code=200)
async def change_account(
    ctx: Ctx, who: Who, account: FromPath[UUID], data: Annotated[AccountForm, Body(media_type=URL_ENCODED)]
) -> Answer:
    changes = {
        "name": data.name,
        "external_id": data.external_id.strip() or None,
        "note": data.note.strip() or None,
    }
    await accounts.change(ctx, who, account_id=str(account), changes=changes, if_match=data.version)
    return again()


@post("/accounts/{account:uuid}/contracts", guards=[may(Permission.KEEP_CONTRACTS)], status_code=200)
async def agree_with_account(
    ctx: Ctx, who: Who, account: FromPath[UUID], data: Annotated[ContractForm, Body(media_type=URL_ENCODED)]
) -> Answer:
    await contracts.create(ctx, who, terms=Terms(**terms_of(data)), account=str(account), customer=None)
    return again()


@post("/customers/{customer:uuid}/contracts", guards=[may(Permission.KEEP_CONTRACTS)], status_code=200)
async def agree_with_customer(
    ctx: Ctx, who: Who, customer: FromPath[UUID], data: Annotated[ContractForm, Body(media_type=URL_ENCODED)]
) -> Answer:
    await contracts.create(ctx, who, terms=Terms(**terms_of(data)), account=None, customer=str(customer))
    return again()


@post("/contracts/{contract:uuid}", guards=[may(Permission.KEEP_CONTRACTS)], status_code=200)
async def change_contract(
    ctx: Ctx, who: Who, contract: FromPath[UUID], data: Annotated[ContractForm, Body(media_type=URL_ENCODED)]
) -> Answer:
    await contracts.change(ctx, who, contract_id=str(contract), changes=terms_of(data), if_match=data.version)
    return again()


def terms_of(data: ContractForm) -> dict[str, Any]:
    """What the form says, with its empty fields as no limit. Raises BadInput, naming the field."""
    return {
        "number": data.number,
        "name": data.name,
        "starts_on": data.starts_on,
        "time_zone": data.time_zone,
        "level": data.level.strip() or None,
        "sla": data.sla.strip() or None,
        "note": data.note.strip() or None,
        "ends_on": _read("ends_on", data.ends_on, date),
        "included_cases": _read(
            "included_cases",
            data.included_cases,
            Annotated[int, Meta(ge=0, le=contract_rules.INCLUDED_CASES_MAX)],
        ),
        "included_hours": _read(
            "included_hours",
            data.included_hours,
            Annotated[float, Meta(ge=0, le=contract_rules.INCLUDED_HOURS_MAX)],
        ),
    }


def _read(field: str, text: str, kind: Any) -> Any:
    if not text.strip():
        return None
    try:
        return msgspec.convert(text.strip(), kind, strict=False)
    except msgspec.ValidationError as wrong:
        raise BadInput(errors=(FieldError(field, str(wrong)),)) from None


def again() -> Answer:
    """The page is read anew."""
    return html(None, DONE, **{"HX-Refresh": "true"})


def to(address: str) -> Answer:
    """The browser goes on to what was made."""
    return html(None, DONE, **{"HX-Redirect": address})


routes = [
    show_case,
    download,
    show_customer,
    change_customer,
    create_customer,
    show_account,
    create_account,
    change_account,
    agree_with_account,
    agree_with_customer,
    change_contract,
]
