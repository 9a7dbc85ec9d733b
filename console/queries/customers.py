"""Lists of customers, accounts and contracts: searched, and in pages, the last changed first."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import ARRAY, ColumnElement, Select, Table, Text, func, literal, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from console.cases.case import UNFINISHED
from console.db.schema import account, case, contract, customer, customer_email, customer_phone
from console.queries.cases import Place
from console.queries.searching import contains, sought

Row = TypeVar("Row")

_OPEN = [status.value for status in UNFINISHED]


class CustomerInList(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str | None
    company: str | None
    """The account's name, or what they call it where there is none."""
    account: str | None
    external_id: str | None
    phones: tuple[str, ...]
    emails: tuple[str, ...]
    cases: int
    open_cases: int
    changed_at: datetime


class AccountInList(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str
    external_id: str | None
    customers: int
    contracts: int
    open_cases: int
    changed_at: datetime


class ContractInList(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    number: str
    name: str
    level: str | None
    sla: str | None
    account: str | None
    customer: str | None
    holder: str | None
    """Of the account, or the customer."""
    starts_on: date
    ends_on: date | None
    changed_at: datetime


class Whose(msgspec.Struct, frozen=True, kw_only=True):
    """What to list; None: whatever it is."""

    q: str | None = None
    account: str | None = None
    customer: str | None = None


async def customers(
    db: AsyncConnection, where: Whose, *, limit: int, after: Place | None
) -> tuple[list[CustomerInList], Place | None]:
    """Found by a part of a name, a number as people write it, an address, an account."""
    phones = _of(customer_phone, customer_phone.c.phone)
    emails = _of(customer_email, customer_email.c.email)
    theirs = select(func.count()).where(case.c.customer == customer.c.id)
    statement = (
        select(
            customer.c.id,
            customer.c.name,
            func.coalesce(account.c.name, customer.c.company).label("company"),
            customer.c.account,
            customer.c.external_id,
            phones.label("phones"),
            emails.label("emails"),
            theirs.scalar_subquery().label("cases"),
            theirs.where(case.c.status.in_(_OPEN)).scalar_subquery().label("open_cases"),
            customer.c.changed_at,
        )
        .select_from(customer.outerjoin(account, account.c.id == customer.c.account))
        .where(*_customers_found(where.q))
    )
    if where.account is not None:
        statement = statement.where(customer.c.account == where.account)
    return await _page(db, statement, customer, CustomerInList, limit=limit, after=after)


def _of(table: Table, column: ColumnElement[str]) -> ColumnElement[Any]:
    """An array of the customer's numbers or addresses, the preferred first."""
    words = select(column).where(table.c.customer == customer.c.id).order_by(table.c.place, column)
    return func.array(words.correlate(customer).scalar_subquery(), type_=ARRAY(Text))


def _customers_found(q: str | None) -> list[ColumnElement[bool]]:
    looked_for = sought(q or "")
    if looked_for.digits is not None:
        by_phone = select(customer_phone.c.customer).where(contains(customer_phone.c.phone, looked_for.digits))
        return [or_(customer.c.id.in_(by_phone), contains(customer.c.search, looked_for.digits))]
    return [
        or_(
            contains(customer.c.search, word),
            customer.c.id.in_(select(customer_email.c.customer).where(contains(customer_email.c.email, word))),
            customer.c.account.in_(select(account.c.id).where(contains(account.c.search, word))),
        )
        for word in looked_for.words
    ]


async def accounts(
    db: AsyncConnection, where: Whose, *, limit: int, after: Place | None
) -> tuple[list[AccountInList], Place | None]:
    people = select(func.count()).where(customer.c.account == account.c.id)
    contracts = select(func.count()).where(contract.c.account == account.c.id)
    open_cases = (
        select(func.count())
        .select_from(case.join(customer, customer.c.id == case.c.customer))
        .where(customer.c.account == account.c.id, case.c.status.in_(_OPEN))
    )
    statement = select(
        account.c.id,
        account.c.name,
        account.c.external_id,
        people.scalar_subquery().label("customers"),
        contracts.scalar_subquery().label("contracts"),
        open_cases.scalar_subquery().label("open_cases"),
        account.c.changed_at,
    ).where(*(contains(account.c.search, word) for word in sought(where.q or "").words))
    return await _page(db, statement, account, AccountInList, limit=limit, after=after)


async def contracts(
    db: AsyncConnection, where: Whose, *, limit: int, after: Place | None
) -> tuple[list[ContractInList], Place | None]:
    """A customer's are their own alone; those of their account are the account's."""
    statement = select(
        *(contract.c[name] for name in ContractInList.__struct_fields__ if name != "holder"),
        func.coalesce(account.c.name, customer.c.name).label("holder"),
    ).select_from(
        contract.outerjoin(account, account.c.id == contract.c.account).outerjoin(
            customer, customer.c.id == contract.c.customer
        )
    )
    for column, value in ((contract.c.account, where.account), (contract.c.customer, where.customer)):
        if value is not None:
            statement = statement.where(column == value)
    for word in sought(where.q or "").words:
        statement = statement.where(
            or_(contains(func.lower(contract.c.number), word), contains(func.lower(contract.c.name), word))
        )
    return await _page(db, statement, contract, ContractInList, limit=limit, after=after)


async def _page(
    db: AsyncConnection, statement: Select[Any], table: Table, kind: type[Row], *, limit: int, after: Place | None
) -> tuple[list[Row], Place | None]:
    if after is not None:
        place = tuple_(literal(after.changed_at, table.c.changed_at.type), literal(str(after.id), table.c.id.type))
        statement = statement.where(tuple_(table.c.changed_at, table.c.id) < place)
    rows = await db.execute(statement.order_by(table.c.changed_at.desc(), table.c.id.desc()).limit(limit + 1))
    found = [dict(row) for row in rows.mappings()]
    last = found[limit - 1] if len(found) > limit else None
    page = [msgspec.convert({str(name): value for name, value in row.items()}, kind) for row in found[:limit]]
    return page, Place(last["changed_at"], UUID(last["id"])) if last else None
