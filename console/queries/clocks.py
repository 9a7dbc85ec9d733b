"""Promises across all cases: which are at risk, and which have been paused for so long that nobody may remember why."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from console.db.schema import case, customer, sla_clock, user_account
from console.sla import store
from console.sla.face import Face, face


class ClockOfCase(msgspec.Struct, frozen=True, kw_only=True):
    """A clock, and the case that it is of."""

    face: Face
    case: str
    """Its number."""
    subject: str
    customer_name: str | None
    queue: str | None
    owner: str | None
    owner_name: str | None


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """The first of a list, and how many there are."""

    items: tuple[ClockOfCase, ...] = ()
    count: int = 0


async def at_risk(db: AsyncConnection, now: datetime, until: datetime, *, limit: int) -> Listed:
    """Running clocks that are over their target, or will be by then, the longest due first."""
    k = sla_clock.c
    return await _listed(db, now, (k.state == "running") & (k.due_at <= until), k.due_at, limit=limit)


async def paused_since(db: AsyncConnection, now: datetime, before: datetime, *, limit: int) -> Listed:
    """Clocks that have been paused since before that instant, the longest first."""
    k = sla_clock.c
    return await _listed(db, now, (k.state == "paused") & (k.changed_at <= before), k.changed_at, limit=limit)


async def _listed(
    db: AsyncConnection, now: datetime, where: ColumnElement[bool], order: ColumnElement[datetime], *, limit: int
) -> Listed:
    rows = list(await db.execute(_of_cases().where(where).order_by(order, sla_clock.c.id).limit(limit)))
    count = await db.scalar(select(func.count()).select_from(sla_clock).where(where)) if len(rows) == limit else None
    items = []
    for row in rows:
        shown = face(store.read(row._mapping), now)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
        if shown is not None:
            items.append(
                ClockOfCase(
                    face=shown,
                    case=row.number,
                    subject=row.subject,
                    customer_name=row.customer_name,
                    queue=row.queue,
                    owner=row.owner,
                    owner_name=row.owner_name,
                )
            )
    return Listed(items=tuple(items), count=len(items) if count is None else count)


def _of_cases() -> Select[tuple[object, ...]]:
    return select(
        *[sla_clock.c[name] for name in store.FIELDS],
        case.c.number,
        case.c.subject,
        case.c.queue,
        case.c.owner,
        customer.c.name.label("customer_name"),
        user_account.c.name.label("owner_name"),
    ).select_from(
        sla_clock.join(case, case.c.id == sla_clock.c.case)
        .outerjoin(customer, customer.c.id == case.c.customer)
        .outerjoin(user_account, user_account.c.username == case.c.owner)
    )
