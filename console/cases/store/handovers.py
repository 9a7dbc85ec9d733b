"""Handovers in their table: what is under way, what its time has run out for, and the packets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from console.cases.handover import Level, Packet, Trigger
from console.db import schema

t, cases = schema.handover, schema.case
_ROW = [column for column in t.c if column.name != "packet"]


class Handover(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `handover`, without its packet."""

    id: str
    case: str
    trigger: Trigger
    level: int
    ladder: str | None = None
    above: tuple[Level, ...] = ()
    reason: str | None = None
    by: str | None = None
    made_at: datetime
    from_agent: str | None = None
    to_queue: str
    to_agent: str | None = None
    unqualified: bool = False
    item: str
    take_by: datetime | None = None
    taken_at: datetime | None = None
    taken_by: str | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    climbed_at: datetime | None = None
    ended_at: datetime | None = None


async def put(db: AsyncConnection, handover: Handover, packet: Packet) -> None:
    """A new one; of the case there may be none under way."""
    row = msgspec.structs.asdict(handover) | {
        "trigger": handover.trigger.value,
        "packet": packet,
    }
    await db.execute(t.insert().values(row))


async def under_way(db: AsyncConnection, case: str) -> Handover | None:
    """The one that waits to be taken, or was taken and is not acknowledged; the caller holds the case's row."""
    return await _find(db, t.c.case == case, t.c.ended_at.is_(None))


async def find(db: AsyncConnection, handover: str) -> Handover | None:
    return await _find(db, t.c.id == handover)


async def latest(db: AsyncConnection, case: str) -> tuple[Handover, Packet] | None:
    """The last one of the case, with what went along."""
    row = (
        await db.execute(select(t).where(t.c.case == case).order_by(t.c.made_at.desc(), t.c.id.desc()).limit(1))
    ).first()
    if row is None:
        return None
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    packet = msgspec.convert(values.pop("packet"), Packet)
    return _read(values), packet


async def last(db: AsyncConnection, case: str) -> Handover | None:
    """As `latest`, without the packet."""
    row = select(*_ROW).where(t.c.case == case).order_by(t.c.made_at.desc(), t.c.id.desc()).limit(1)
    found = (await db.execute(row)).mappings().first()
    return _read(dict(found)) if found else None


async def of_work(db: AsyncConnection, item: str) -> Handover | None:
    """The one that is under way with this work."""
    return await _find(db, t.c.item == item, t.c.ended_at.is_(None))


async def change(db: AsyncConnection, handover: str, **values: Any) -> None:
    await db.execute(update(t).where(t.c.id == handover).values(**values))


async def end(db: AsyncConnection, handover: str, at: datetime) -> None:
    await change(db, handover, ended_at=at)


async def set_work(db: AsyncConnection, planned: str, item: str) -> None:
    """The work that nobody had taken yet was moved: it waits with the packet, and what was planned never came."""
    await db.execute(update(t).where(t.c.item == planned).values(item=item))


async def overdue(db: AsyncConnection, now: datetime, *, limit: int) -> Sequence[tuple[str, str]]:
    """Id and case of those whose time to be taken has run out, the first due first; their cases' rows are held.

    A case that somebody else holds is left for the next time: whoever waits for one case while holding another would
    sooner or later wait for the router, and the router for them.
    """
    rows = await db.execute(
        select(t.c.id, t.c.case)
        .join(cases, cases.c.id == t.c.case)
        .where(t.c.ended_at.is_(None), t.c.climbed_at.is_(None), t.c.take_by <= now)
        .order_by(t.c.take_by, t.c.id)
        .limit(limit)
        .with_for_update(of=cases, skip_locked=True)
    )
    return [(row.id, row.case) for row in rows]


async def next_due(db: AsyncConnection) -> datetime | None:
    waiting = (t.c.ended_at.is_(None), t.c.climbed_at.is_(None), t.c.take_by.is_not(None))
    found: datetime | None = await db.scalar(select(func.min(t.c.take_by)).where(*waiting))
    return found


async def _find(db: AsyncConnection, *where: Any) -> Handover | None:
    row = (await db.execute(select(*_ROW).where(*where))).mappings().first()
    return _read(dict(row)) if row else None


def _read(values: dict[Any, Any]) -> Handover:
    return msgspec.convert({str(name): value for name, value in values.items()}, Handover)
