"""Lists of cases: filtered, searched, and in pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Select, func, literal, literal_column, or_, select, true, tuple_, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from console.cases.timeline import Activity
from console.db.schema import (
    account,
    activity,
    case,
    contract,
    customer,
    customer_email,
    customer_phone,
    user_account,
)
from console.db.schema.base import folded_json
from console.queries.searching import Sought, contains, sought

NOBODY = "-"
"""As an owner: that there is none."""


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """What to list; None: whatever it is."""

    status: str | None = None
    """One, or several between commas."""
    owner: str | None = None
    """A username, or NOBODY."""
    queue: str | None = None
    customer: str | None = None
    account: str | None = None
    contract: str | None = None
    topic: str | None = None
    """It, or what is below it: `network` finds `network/outage`."""
    since: datetime | None = None
    """Registered then or later."""
    until: datetime | None = None
    """Registered before."""
    q: str | None = None
    """Words in the number, subject, description, topic or a note, or of the customer; all of them."""


class Sight(msgspec.Struct, frozen=True, kw_only=True):
    """Which cases somebody may see: their own, and those of these queues (None: of all)."""

    username: str | None
    queues: frozenset[str] | None

    def sees(self, *, queue: str | None, owner: str | None) -> bool:
        return self.queues is None or owner == self.username or queue is None or queue in self.queues


EVERYTHING = Sight(username=None, queues=None)


class CaseInList(msgspec.Struct, frozen=True, kw_only=True):
    number: str
    id: str
    subject: str
    status: str
    priority: int | None
    topic: str | None
    queue: str | None
    owner: str | None
    owner_name: str | None
    customer: str | None
    customer_name: str | None
    account_name: str | None
    contract: str | None
    """Its number."""
    via: str
    created_at: datetime
    changed_at: datetime
    resolved_at: datetime | None


class Place(msgspec.Struct, frozen=True, array_like=True):
    """Where a page ended. The instant as it was then: a case that has changed since is on the first page again."""

    changed_at: datetime
    id: UUID


class Page(msgspec.Struct, frozen=True, kw_only=True):
    items: list[CaseInList]
    after: Place | None
    """Where to go on, or None: that was all."""


async def cases(db: AsyncConnection, where: Filter, sight: Sight, *, limit: int, after: Place | None) -> Page:
    """The last changed first; `after` is the place of the last one seen."""
    conditions = [*_filters(where), *_within(sight)]
    if after is not None:
        place = tuple_(literal(after.changed_at, case.c.changed_at.type), literal(str(after.id), case.c.id.type))
        conditions.append(tuple_(case.c.changed_at, case.c.id) < place)
    order = (case.c.changed_at.desc(), case.c.id.desc())
    rows = await db.execute(_listed(conditions).order_by(*order).limit(limit + 1))
    found = [CaseInList(**row) for row in rows.mappings()]
    last = found[limit - 1] if len(found) > limit else None
    return Page(items=found[:limit], after=Place(last.changed_at, UUID(last.id)) if last else None)


async def as_registered(
    db: AsyncConnection, where: Filter, sight: Sight, *, limit: int, before: str | None
) -> list[CaseInList]:
    """The last registered first, in an order in which no case moves while page after page of it is read."""
    conditions = [*_filters(where), *_within(sight)]
    if before is not None:
        conditions.append(case.c.id < before)
    rows = await db.execute(_listed(conditions).order_by(case.c.id.desc()).limit(limit))
    return [CaseInList(**row) for row in rows.mappings()]


async def count(db: AsyncConnection, where: Filter, sight: Sight, *, most: int) -> int:
    """How many there are; `most` where there are that many or more."""
    found = select(case.c.id).where(*_filters(where), *_within(sight)).limit(most)
    return await db.scalar(select(func.count()).select_from(found.subquery())) or 0


async def timeline_of_customer(db: AsyncConnection, customer_id: str, sight: Sight, *, limit: int) -> list[Activity]:
    """What happened to the customer over all cases that somebody may see, newest first."""
    a = activity.c
    rows = await db.execute(
        select(activity)
        .select_from(activity.outerjoin(case, case.c.id == a.case))
        .where(a.customer == customer_id, or_(a.case.is_(None), *_within(sight) or [true()]))
        .order_by(a.at.desc(), a.id.desc())
        .limit(limit)
    )
    return [msgspec.convert({str(name): value for name, value in row.items()}, Activity) for row in rows.mappings()]


def _listed(conditions: list[ColumnElement[bool]]) -> Select[Any]:
    return (
        select(
            case.c.number,
            case.c.id,
            case.c.subject,
            case.c.status,
            case.c.priority,
            case.c.topic,
            case.c.queue,
            case.c.owner,
            user_account.c.name.label("owner_name"),
            case.c.customer,
            customer.c.name.label("customer_name"),
            func.coalesce(account.c.name, customer.c.company).label("account_name"),
            contract.c.number.label("contract"),
            case.c.via,
            case.c.created_at,
            case.c.changed_at,
            case.c.resolved_at,
        )
        .select_from(
            case.outerjoin(customer, customer.c.id == case.c.customer)
            .outerjoin(account, account.c.id == customer.c.account)
            .outerjoin(contract, contract.c.id == case.c.contract)
            .outerjoin(user_account, user_account.c.username == case.c.owner)
        )
        .where(*conditions)
    )


def _filters(where: Filter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    for column, value in (
        (case.c.queue, where.queue),
        (case.c.customer, where.customer),
        (case.c.contract, where.contract),
    ):
        if value is not None:
            conditions.append(column == value)
    if where.status is not None:
        conditions.append(case.c.status.in_(where.status.split(",")))
    if where.owner is not None:
        conditions.append(case.c.owner.is_(None) if where.owner == NOBODY else case.c.owner == where.owner)
    if where.account is not None:
        theirs = select(customer.c.id).where(customer.c.account == where.account)
        conditions.append(case.c.customer.in_(theirs))
    if where.topic is not None:
        conditions.append(or_(case.c.topic == where.topic, case.c.topic.startswith(f"{where.topic}/", autoescape=True)))
    if where.since is not None:
        conditions.append(case.c.created_at >= where.since)
    if where.until is not None:
        conditions.append(case.c.created_at < where.until)
    return conditions + (_found(sought(where.q)) if where.q else [])


_NOTE: ColumnElement[str] = literal_column(folded_json("data", "text"))


def _found(looked_for: Sought) -> list[ColumnElement[bool]]:
    """Each word somewhere; the branches stand apart, so that each is looked up in its own index."""
    if looked_for.digits is not None:
        by_phone = select(customer_phone.c.customer).where(contains(customer_phone.c.phone, looked_for.digits))
        either = [case.c.customer.in_(by_phone), contains(case.c.search, looked_for.digits)]
        return [or_(*either, *(contains(case.c.search, word) for word in looked_for.words[:1]))]
    conditions: list[ColumnElement[bool]] = []
    for word in looked_for.words:
        asks = union_all(
            select(customer.c.id).where(contains(customer.c.search, word)),
            select(customer_email.c.customer).where(contains(customer_email.c.email, word)),
            select(customer.c.id)
            .join(account, account.c.id == customer.c.account)
            .where(contains(account.c.search, word)),
        )
        found = union_all(
            select(case.c.id).where(contains(case.c.search, word)),
            select(case.c.id).where(case.c.customer.in_(asks)),
            select(activity.c.case).where(activity.c.kind == "note", contains(_NOTE, word)),
        )
        conditions.append(case.c.id.in_(found))
    return conditions


def _within(sight: Sight) -> list[ColumnElement[bool]]:
    if sight.queues is None:
        return []
    return [or_(case.c.queue.in_(sorted(sight.queues)), case.c.queue.is_(None), case.c.owner == sight.username)]
