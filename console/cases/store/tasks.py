"""Tasks of cases in their table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from console.cases.store.rows import read
from console.cases.task import Task, order
from console.db import schema as t


async def put(db: AsyncConnection, task: Task) -> None:
    values = msgspec.structs.asdict(task)
    row = insert(t.task).values(values)
    await db.execute(row.on_conflict_do_update(index_elements=["id"], set_={k: row.excluded[k] for k in values}))


async def find(db: AsyncConnection, task: str, *, lock: bool = False) -> Task | None:
    query = select(t.task).where(t.task.c.id == task)
    row = (await db.execute(query.with_for_update() if lock else query)).mappings().first()
    return read(row, Task) if row else None


async def of_case(db: AsyncConnection, case: str) -> tuple[Task, ...]:
    """Open ones first, what is due first before them."""
    rows = await db.execute(select(t.task).where(t.task.c.case == case))
    return tuple(sorted((read(row, Task) for row in rows.mappings()), key=order))


async def count(db: AsyncConnection, case: str) -> int:
    return await db.scalar(select(func.count()).select_from(t.task).where(t.task.c.case == case)) or 0


async def take_due(db: AsyncConnection, now: datetime, *, limit: int) -> list[Task]:
    """Tasks whose reminder is due, earliest first, locked until the transaction ends.

    One timekeeper holds the lease; the lock is for the moment in which a deposed one has not noticed yet.
    """
    c = t.task.c
    rows = await db.execute(
        select(t.task)
        .where(c.done_at.is_(None), c.reminded_at.is_(None), c.remind_at <= now)
        .order_by(c.remind_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [read(row, Task) for row in rows.mappings()]


async def next_reminder(db: AsyncConnection) -> datetime | None:
    c = t.task.c
    waiting = (c.done_at.is_(None), c.reminded_at.is_(None), c.remind_at.is_not(None))
    first: datetime | None = await db.scalar(select(func.min(c.remind_at)).where(*waiting))
    return first


async def unassign(db: AsyncConnection, usernames: Sequence[str]) -> None:
    """Open tasks of these people are whoever's who owns the case."""
    c = t.task.c
    theirs = update(t.task).where(c.assignee.in_(usernames), c.done_at.is_(None))
    await db.execute(theirs.values(assignee=None, version=c.version + 1))
