"""Customers, their accounts, and the contracts that say what they are entitled to."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, TypeAlias
from uuid import UUID

import msgspec
from litestar import Request, Response, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import UNSET, Meta, UnsetType

from console.cases import account as account_rules
from console.cases import contract as contract_rules
from console.cases import customer as customer_rules
from console.cases.account import Account
from console.cases.contract import Terms
from console.cases.customer import Customer, Particulars
from console.people.permissions import Permission
from console.people.who import Principal
from console.queries.cases import Place
from console.queries.customers import AccountInList, ContractInList, CustomerInList, Whose
from console.services import accounts, contracts, customers
from console.services.context import Context
from console.services.contracts import Covered
from console.web.api.etags import etag, read_version
from console.web.api.lists import Cursor, Limit, Page, from_cursor, page_size, to_cursor
from console.web.auth import may
from console.web.cases.filters import id_of, word
from console.web.idempotency import once
from console.web.limits import EMAIL, NO_CONTROLS, NO_NUL, Line, Name

AnyRequest = Request[Any, Any, Any]
Ctx: TypeAlias = NamedDependency[Context]
Who: TypeAlias = NamedDependency[Principal]
Word: TypeAlias = FromQuery[str | None]

Phone = Annotated[str, Meta(max_length=32, pattern=NO_CONTROLS)]
Email = Annotated[str, Meta(max_length=254, pattern=EMAIL)]
Language = Annotated[str, Meta(min_length=2, max_length=35, pattern=r"\A[A-Za-z]{2,3}(-[A-Za-z0-9]+)*\Z")]
Phones = Annotated[tuple[Phone, ...], Meta(max_length=customer_rules.PHONES_MAX)]
Emails = Annotated[tuple[Email, ...], Meta(max_length=customer_rules.EMAILS_MAX)]
Languages = Annotated[tuple[Language, ...], Meta(max_length=customer_rules.LANGUAGES_MAX)]
Address = Annotated[str, Meta(max_length=customer_rules.ADDRESS_MAX, pattern=NO_NUL)]
AccountNote = Annotated[str, Meta(max_length=account_rules.NOTE_MAX, pattern=NO_NUL)]
ContractNote = Annotated[str, Meta(max_length=contract_rules.NOTE_MAX, pattern=NO_NUL)]
Cases = Annotated[int, Meta(ge=0, le=contract_rules.INCLUDED_CASES_MAX)]
Hours = Annotated[float, Meta(ge=0, le=contract_rules.INCLUDED_HOURS_MAX)]


class NewCustomer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """At least a name, a number, an address or an external id."""

    name: Line | None = None
    external_id: Name | None = None
    account: UUID | None = None
    company: Line | None = None
    address: Address | None = None
    languages: Languages = ()
    phones: Phones = ()
    emails: Emails = ()


class CustomerChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is left out stays as it is; null is not known."""

    name: Line | UnsetType | None = UNSET
    external_id: Name | UnsetType | None = UNSET
    account: UUID | UnsetType | None = UNSET
    company: Line | UnsetType | None = UNSET
    address: Address | UnsetType | None = UNSET
    languages: Languages | UnsetType = UNSET
    phones: Phones | UnsetType = UNSET
    emails: Emails | UnsetType = UNSET


class NewAccount(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Line
    external_id: Name | None = None
    note: AccountNote | None = None


class AccountChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Line | UnsetType = UNSET
    external_id: Name | UnsetType | None = UNSET
    note: AccountNote | UnsetType | None = UNSET


class NewContract(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of an account, or of one customer; `ends_on` is its last day."""

    account: UUID | None = None
    customer: UUID | None = None
    number: Name
    name: Line
    starts_on: date
    ends_on: date | None = None
    time_zone: Name = "UTC"
    level: Name | None = None
    sla: Name | None = None
    included_cases: Cases | None = None
    included_hours: Hours | None = None
    note: ContractNote | None = None


class ContractChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    number: Name | UnsetType = UNSET
    name: Line | UnsetType = UNSET
    starts_on: date | UnsetType = UNSET
    ends_on: date | UnsetType | None = UNSET
    time_zone: Name | UnsetType = UNSET
    level: Name | UnsetType | None = UNSET
    sla: Name | UnsetType | None = UNSET
    included_cases: Cases | UnsetType | None = UNSET
    included_hours: Hours | UnsetType | None = UNSET
    note: ContractNote | UnsetType | None = UNSET


# --- customers --------------------------------------------------------------------------------------------------------


@get("/customers", guards=[may(Permission.SEE_CASES)])
async def list_customers(
    ctx: Ctx, who: Who, *, q: Word = None, account: Word = None, limit: Limit = None, cursor: Cursor = None
) -> Page[CustomerInList]:
    """Customers, last changed first. `q` is a part of a name, a number as people write it, an address, an account."""
    where = _whose(q=q, account=account)
    after = from_cursor(cursor, Place)
    items, last = await customers.listed(ctx, who, where=where, limit=page_size(limit), after=after)
    return Page(items, to_cursor(last) if last else None)


@post("/customers", guards=[may(Permission.CHANGE_CASES)])
async def create_customer(ctx: Ctx, who: Who, request: AnyRequest, data: JSONBody[NewCustomer]) -> Response[Customer]:
    """A new customer. A number, an address and an external id are each one customer's."""
    particulars = Particulars(**_given(data))
    made = await customers.create(ctx, who, particulars=particulars, once=await once(request, who))
    return Response(made, status_code=201, headers={"ETag": etag(made.version)})


@get("/customers/{customer:uuid}", guards=[may(Permission.SEE_CASES)])
async def show_customer(ctx: Ctx, who: Who, customer: FromPath[UUID]) -> Response[dict[str, Any]]:
    """One customer with their contracts, the last changed of their cases, and what happened over all of them."""
    found = await customers.show(ctx, who, customer_id=str(customer))
    shown = {
        **msgspec.structs.asdict(found.customer),
        "contracts": [shown_contract(one) for one in found.contracts],
        "cases": found.cases,
        "timeline": found.timeline,
    }
    return Response(shown, headers={"ETag": etag(found.customer.version)})


@patch("/customers/{customer:uuid}", guards=[may(Permission.CHANGE_CASES)])
async def change_customer(
    ctx: Ctx, who: Who, request: AnyRequest, customer: FromPath[UUID], data: JSONBody[CustomerChange]
) -> Response[Customer]:
    """Change it; with `If-Match` only if nobody has changed it since. `phones` and `emails` are replaced whole."""
    version = read_version(request.headers.get("if-match"))
    after = await customers.correct(ctx, who, customer_id=str(customer), changes=_given(data), if_match=version)
    return Response(after, headers={"ETag": etag(after.version)})


# --- accounts ---------------------------------------------------------------------------------------------------------


@get("/accounts", guards=[may(Permission.SEE_CASES)])
async def list_accounts(
    ctx: Ctx, who: Who, *, q: Word = None, limit: Limit = None, cursor: Cursor = None
) -> Page[AccountInList]:
    """Accounts, last changed first. `q` is a part of a name or external id."""
    after = from_cursor(cursor, Place)
    items, last = await accounts.listed(ctx, who, where=_whose(q=q), limit=page_size(limit), after=after)
    return Page(items, to_cursor(last) if last else None)


@post("/accounts", guards=[may(Permission.KEEP_CONTRACTS)])
async def create_account(ctx: Ctx, who: Who, request: AnyRequest, data: JSONBody[NewAccount]) -> Response[Account]:
    """A new account."""
    made = await accounts.create(ctx, who, **_given(data), once=await once(request, who))
    return Response(made, status_code=201, headers={"ETag": etag(made.version)})


@get("/accounts/{account:uuid}", guards=[may(Permission.SEE_CASES)])
async def show_account(ctx: Ctx, who: Who, account: FromPath[UUID]) -> Response[Account]:
    """One account; its people and contracts are found by `?account=` of their lists."""
    found = await accounts.show(ctx, who, account_id=str(account))
    return Response(found, headers={"ETag": etag(found.version)})


@patch("/accounts/{account:uuid}", guards=[may(Permission.KEEP_CONTRACTS)])
async def change_account(
    ctx: Ctx, who: Who, request: AnyRequest, account: FromPath[UUID], data: JSONBody[AccountChange]
) -> Response[Account]:
    """Change it; with `If-Match` only if nobody has changed it since."""
    version = read_version(request.headers.get("if-match"))
    after = await accounts.change(ctx, who, account_id=str(account), changes=_given(data), if_match=version)
    return Response(after, headers={"ETag": etag(after.version)})


# --- contracts --------------------------------------------------------------------------------------------------------


@get("/contracts", guards=[may(Permission.SEE_CASES)])
async def list_contracts(
    ctx: Ctx,
    who: Who,
    *,
    q: Word = None,
    account: Word = None,
    customer: Word = None,
    limit: Limit = None,
    cursor: Cursor = None,
) -> Page[ContractInList]:
    """Contracts, last changed first. `q` is a part of a number or name; `account` and `customer` are ids."""
    where = _whose(q=q, account=account, customer=customer)
    after = from_cursor(cursor, Place)
    items, last = await contracts.listed(ctx, who, where=where, limit=page_size(limit), after=after)
    return Page(items, to_cursor(last) if last else None)


@post("/contracts", guards=[may(Permission.KEEP_CONTRACTS)])
async def create_contract(
    ctx: Ctx, who: Who, request: AnyRequest, data: JSONBody[NewContract]
) -> Response[dict[str, Any]]:
    """A new contract. Cases that are registered on its days are counted against it, each once."""
    given = _given(data)
    account, customer = given.pop("account"), given.pop("customer")
    made = await contracts.create(
        ctx, who, terms=Terms(**given), account=account, customer=customer, once=await once(request, who)
    )
    return Response(shown_contract(made), status_code=201, headers={"ETag": etag(made.contract.version)})


@get("/contracts/{contract:uuid}", guards=[may(Permission.SEE_CASES)])
async def show_contract(ctx: Ctx, who: Who, contract: FromPath[UUID]) -> Response[dict[str, Any]]:
    """One contract with what was used of it, and what is left."""
    found = await contracts.show(ctx, who, contract_id=str(contract))
    return Response(shown_contract(found), headers={"ETag": etag(found.contract.version)})


@patch("/contracts/{contract:uuid}", guards=[may(Permission.KEEP_CONTRACTS)])
async def change_contract(
    ctx: Ctx, who: Who, request: AnyRequest, contract: FromPath[UUID], data: JSONBody[ContractChange]
) -> Response[dict[str, Any]]:
    """Change it; with `If-Match` only if nobody has changed it since. Cases registered under it keep its promises."""
    version = read_version(request.headers.get("if-match"))
    after = await contracts.change(ctx, who, contract_id=str(contract), changes=_given(data), if_match=version)
    return Response(shown_contract(after), headers={"ETag": etag(after.contract.version)})


def shown_contract(covered: Covered) -> dict[str, Any]:
    """With `used` and `left` of cases and hours; null where there is no limit."""
    left = covered.entitlement
    shown = msgspec.structs.asdict(covered.contract)
    del shown["version"]
    return {
        **shown,
        "used": {"cases": left.used_cases, "hours": left.used_hours},
        "left": {"cases": left.cases_left, "hours": left.hours_left},
    }


def _given(data: msgspec.Struct) -> dict[str, Any]:
    """The fields that were sent; ids as text."""
    fields = msgspec.structs.asdict(data).items()
    return {name: str(value) if isinstance(value, UUID) else value for name, value in fields if value is not UNSET}


def _whose(*, q: str | None = None, account: str | None = None, customer: str | None = None) -> Whose:
    asked = {field: value for field, value in (("q", q), ("account", account), ("customer", customer)) if value}
    return Whose(q=word(asked, "q"), account=id_of(asked, "account"), customer=id_of(asked, "customer"))


routes = [
    list_customers,
    create_customer,
    show_customer,
    change_customer,
    list_accounts,
    create_account,
    show_account,
    change_account,
    list_contracts,
    create_contract,
    show_contract,
    change_contract,
]
