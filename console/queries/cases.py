"""Lists of cases, and the work that was done on one."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, func, literal, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from console.db.schema import assignment, case, customer, routing_item, work


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """What to list; None: whatever it is."""

    status: str | None = None
    owner: str | None = None
    queue: str | None = None
    customer: str | None = None
    q: str | None = None
    """Words in the subject, the number or the customer's name."""


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
    customer: str | None
    customer_name: str | None
    created_at: datetime
    changed_at: datetime


class Place(msgspec.Struct, frozen=True, array_like=True):
    """Where a page ended. The instant as it was then: a case that has changed since is on the first page again."""

    changed_at: datetime
    id: UUID


class Page(msgspec.Struct, frozen=True, kw_only=True):
    items: list[CaseInList]
    after: Place | None
    """Where to go on, or None: that was all."""


class WorkOfCase(msgspec.Struct, frozen=True, kw_only=True):
    """One turn of somebody's work on the case."""

    work_item: str
    kind: str
    state: str | None
    agent: str | None
    assigned_at: datetime | None
    ended_at: datetime | None
    disposition: str | None


async def cases(db: AsyncConnection, where: Filter, sight: Sight, *, limit: int, after: Place | None) -> Page:
    """The last changed first; `after` is the place of the last one seen."""
    conditions = [*_filters(where), *_within(sight)]
    if after is not None:
        place = tuple_(literal(after.changed_at, case.c.changed_at.type), literal(str(after.id), case.c.id.type))
        conditions.append(tuple_(case.c.changed_at, case.c.id) < place)
    rows = await db.execute(
        select(
            case.c.number,
            case.c.id,
            case.c.subject,
            case.c.status,
            case.c.priority,
            case.c.topic,
            case.c.queue,
            case.c.owner,
            case.c.customer,
            customer.c.name.label("customer_name"),
            case.c.created_at,
            case.c.changed_at,
        )
        .select_from(case.outerjoin(customer, customer.c.id == case.c.customer))
        .where(*conditions)
        .order_by(case.c.changed_at.desc(), case.c.id.desc())
        .limit(limit + 1)
    )
    found = [CaseInList(**row) for row in rows.mappings()]
    last = found[limit - 1] if len(found) > limit else None
    return Page(items=found[:limit], after=Place(last.changed_at, UUID(last.id)) if last else None)


def _filters(where: Filter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    for column, value in (
        (case.c.status, where.status),
        (case.c.owner, where.owner),
        (case.c.queue, where.queue),
        (case.c.customer, where.customer),
    ):
        if value is not None:
            conditions.append(column == value)
    if where.q:
        words = f"%{_like(where.q)}%"
        conditions.append(or_(case.c.subject.ilike(words), case.c.number.ilike(words), customer.c.name.ilike(words)))
    return conditions


def _within(sight: Sight) -> list[ColumnElement[bool]]:
    if sight.queues is None:
        return []
    return [or_(case.c.queue.in_(sorted(sight.queues)), case.c.queue.is_(None), case.c.owner == sight.username)]


def _like(words: str) -> str:
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


async def work_of(db: AsyncConnection, case_id: str) -> list[WorkOfCase]:
    """Every turn of work on the case, newest first: who had it, from when to when."""
    rows = await db.execute(
        select(
            work.c.item.label("work_item"),
            work.c.kind,
            routing_item.c.state,
            func.coalesce(assignment.c.agent, routing_item.c.agent).label("agent"),
            assignment.c.assigned_at,
            func.coalesce(assignment.c.ended_at, routing_item.c.ended_at).label("ended_at"),
            work.c.disposition,
        )
        .select_from(
            work.outerjoin(routing_item, routing_item.c.id == work.c.item).outerjoin(
                assignment, assignment.c.item == work.c.item
            )
        )
        .where(work.c.case == case_id)
        .order_by(work.c.registered_at.desc(), assignment.c.assigned_at.desc())
        .limit(200)
    )
    return [WorkOfCase(**row) for row in rows.mappings()]
