"""Cases: registered, listed, shown whole, changed, noted on."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from litestar import Request, Response, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.response import Stream

from console.cases.case import Case, Change, Status
from console.cases.customer import Described
from console.cases.handover import Result
from console.cases.timeline import Activity
from console.people.permissions import Permission
from console.people.who import Principal
from console.queries.cases import CaseInList, Place
from console.services import cases, reopening
from console.services.cases import CaseInFull, Registered, Registration
from console.services.context import Context
from console.web.api.customers import shown_contract
from console.web.api.etags import etag, read_version
from console.web.api.lists import Cursor, Limit, Page, from_cursor, page_size, to_cursor
from console.web.auth import may
from console.web.cases.filters import read_filter
from console.web.csv import as_csv
from console.web.idempotency import once
from console.web.limits import EMAIL, NO_CONTROLS, Line, Name, Priority, Requires, Text

AnyRequest = Request[Any, Any, Any]

Word: TypeAlias = FromQuery[str | None]


class NewCustomer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whoever asks, found by one of these, or made."""

    phone: Annotated[str, msgspec.Meta(max_length=32, pattern=NO_CONTROLS)] | None = None
    email: Annotated[str, msgspec.Meta(max_length=254, pattern=EMAIL)] | None = None
    name: Line | None = None
    external_id: Name | None = None


class NewCase(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    subject: Line
    description: Text | None = None
    via: Literal["email", "web", "phone", "api"]
    customer: NewCustomer
    priority: Priority | None = None
    queue: Name | None = None
    requires: Requires | None = None
    topic: Name | None = None


class CaseChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is left out stays as it is."""

    status: Status | msgspec.UnsetType = msgspec.UNSET
    priority: Priority | msgspec.UnsetType = msgspec.UNSET
    topic: Name | msgspec.UnsetType = msgspec.UNSET
    subject: Line | msgspec.UnsetType = msgspec.UNSET


class NewNote(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    text: Text
    outward: bool = False
    """Whether the customer is to read it."""
    tried: Result | None = None
    """Of a note that tells what was tried: what came of it."""


class Reopened(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    reason: Line | None = None


class CustomersWord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    text: Text
    via: reopening.Via = "api"


@post("/cases", guards=[may(Permission.CHANGE_CASES)])
async def register(
    ctx: NamedDependency[Context], who: NamedDependency[Principal], request: AnyRequest, data: JSONBody[NewCase]
) -> Registered:
    """Register a case: it is classified, and queued as work."""
    registration = Registration(
        subject=data.subject,
        via=data.via,
        customer=Described(**msgspec.structs.asdict(data.customer)),
        description=data.description,
        priority=data.priority,
        queue=data.queue,
        requires=data.requires or {},
        topic=data.topic,
    )
    return await cases.register(ctx, who, registration=registration, once=await once(request, who))


@get("/cases", guards=[may(Permission.SEE_CASES)])
async def listed(
    ctx: NamedDependency[Context],
    who: NamedDependency[Principal],
    *,
    limit: Limit = None,
    cursor: Cursor = None,
    status: Word = None,
    owner: Word = None,
    queue: Word = None,
    customer: Word = None,
    account: Word = None,
    contract: Word = None,
    topic: Word = None,
    since: Word = None,
    until: Word = None,
    q: Word = None,
) -> Page[CaseInList]:
    """The cases that you may see, last changed first.

    `status` is one or several between commas; `owner` a username, or `-` for none; `customer`, `account` and
    `contract` are ids; `topic` finds what is below it too; `since` and `until` bound the registration; each word of `q`
    is looked for in number, subject, description, topic, notes, and in the customer's name, numbers and addresses.
    """
    page = await cases.listed(
        ctx,
        who,
        where=read_filter(
            {
                "status": status,
                "owner": owner,
                "queue": queue,
                "customer": customer,
                "account": account,
                "contract": contract,
                "topic": topic,
                "since": since,
                "until": until,
                "q": q,
            }
        ),
        limit=page_size(limit),
        after=from_cursor(cursor, Place),
    )
    return Page(page.items, to_cursor(page.after) if page.after else None)


@get("/cases.csv", guards=[may(Permission.SEE_CASES)])
async def exported(ctx: NamedDependency[Context], who: NamedDependency[Principal], request: AnyRequest) -> Stream:
    """The same list as a table, the last registered first: UTF-8 for spreadsheets, read while it is sent."""
    where = read_filter(request.query_params)
    return as_csv(cases.exported(ctx, who, where=where))


@get("/cases/{number:str}", guards=[may(Permission.SEE_CASES)])
async def show(
    ctx: NamedDependency[Context], who: NamedDependency[Principal], number: FromPath[str]
) -> Response[dict[str, Any]]:
    """One case with its customer, its timeline and the work that was done on it. Its `ETag` is for a change."""
    found = await cases.show(ctx, who, number=number)
    return Response(_whole(found), headers={"ETag": etag(found.case.version)})


@patch("/cases/{number:str}", guards=[may(Permission.CHANGE_CASES)])
async def change(
    ctx: NamedDependency[Context],
    who: NamedDependency[Principal],
    request: AnyRequest,
    number: FromPath[str],
    data: JSONBody[CaseChange],
) -> Response[Case]:
    """Change it; with `If-Match` only if nobody has changed it since."""
    given = {name: value for name, value in msgspec.structs.asdict(data).items() if value is not msgspec.UNSET}
    version = read_version(request.headers.get("if-match"))
    after = (await cases.change(ctx, who, number=number, change=Change(**given), if_match=version)).after
    return Response(after, headers={"ETag": etag(after.version)})


@post("/cases/{number:str}/notes", guards=[may(Permission.CHANGE_CASES)])
async def add_note(
    ctx: NamedDependency[Context],
    who: NamedDependency[Principal],
    request: AnyRequest,
    number: FromPath[str],
    data: JSONBody[NewNote],
) -> Activity:
    """A note on the case; `outward` is one for the customer, `tried` says what came of what it tells."""
    key = await once(request, who)
    return await cases.add_note(
        ctx, who, number=number, text=data.text, outward=data.outward, tried=data.tried, once=key
    )


def _whole(found: CaseInFull) -> dict[str, Any]:
    case = msgspec.structs.asdict(found.case)
    del case["version"]
    return {
        **case,
        "customer": found.customer,
        "contract": shown_contract(found.contract) if found.contract else None,
        "timeline": found.timeline,
        "work": found.work,
        "tasks": found.tasks,
        "attachments": found.attachments,
        "links": found.links,
    }


@post("/cases/{number:str}/reopen", guards=[may(Permission.CHANGE_CASES)], status_code=200)
async def reopen(
    ctx: NamedDependency[Context], who: NamedDependency[Principal], number: FromPath[str], data: JSONBody[Reopened]
) -> Response[Case]:
    """Put a case that is over into work again, while `reopen_within` lasts; its owner is asked first."""
    after = await reopening.reopen(ctx, who, number=number, reason=data.reason)
    return Response(after, headers={"ETag": etag(after.version)})


@post("/cases/{number:str}/words", guards=[may(Permission.CHANGE_CASES)], status_code=201)
async def hear(
    ctx: NamedDependency[Context],
    who: NamedDependency[Principal],
    request: AnyRequest,
    number: FromPath[str],
    data: JSONBody[CustomersWord],
) -> reopening.Heard:
    """What the customer wrote about the case: a pending one is open again, one that is over is reopened, or becomes
    a new case where that is too late.
    """
    key = await once(request, who)
    return await reopening.hear(ctx, who, number=number, text=data.text, via=data.via, once=key)


routes = [register, listed, exported, show, change, add_note, reopen, hear]
