"""The decision journal's months: each is a partition, made ahead of its time and dropped as a whole when it is old."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

TABLES = ("decision", "decision_row")
"""Tables partitioned by the month of `at`. Each also has a default partition, so that no row is ever refused."""

_NAME = re.compile(rf"({'|'.join(TABLES)})_(?:default|(\d{{4}})_(\d\d))")


def is_partition(name: str) -> bool:
    """Whether a table is a partition of another, by its name."""
    return _NAME.fullmatch(name) is not None


async def ensure_partitions(db: AsyncConnection, now: datetime, months_ahead: int = 2) -> list[str]:
    """Make the partitions of this month and of those ahead that are not there; returns their names.

    Rows that came into the default partition first are moved over. That needs the default partition alone for a
    moment; the router's inserts wait for it, and it happens once a month.
    """
    there = await _partitions(db)
    made = []
    for table in TABLES:
        for month in range(months_ahead + 1):
            start, end = _month(now, month), _month(now, month + 1)
            name = _name(table, start)
            if name not in there:
                await _make(db, table, name, start, end)
                made.append(name)
    return made


async def drop_old_partitions(db: AsyncConnection, now: datetime, keep_months: int) -> list[str]:
    """Drop the months that ended more than `keep_months` ago, and such rows of the default; returns the names dropped."""
    oldest = _month(now, -keep_months)
    # Always in one order, the parents' own: each drop locks its parent, which the router writes to in that order too.
    old = [name for name in sorted(await _partitions(db)) if (start := _start(name)) is not None and start < oldest]
    for name in old:
        await db.execute(text(f"drop table {name}"))
    for table in TABLES:
        await db.execute(text(f"delete from {table}_default where at < :oldest"), {"oldest": oldest})  # noqa: S608 - our own names
    return old


async def _make(db: AsyncConnection, table: str, name: str, start: datetime, end: datetime) -> None:
    """The lock comes first: a row that slipped in between the move and the attachment would refuse the latter."""
    await db.execute(text(f"lock table {table}_default in access exclusive mode"))
    await db.execute(text(f"create table {name} (like {table} including all)"))
    await db.execute(
        text(
            f"with moved as (delete from {table}_default where at >= :start and at < :end returning *)"  # noqa: S608 - our own names
            f" insert into {name} select * from moved"
        ),
        {"start": start, "end": end},
    )
    bounds = f"from ('{start.isoformat()}') to ('{end.isoformat()}')"
    await db.execute(text(f"alter table {table} attach partition {name} for values {bounds}"))


async def _partitions(db: AsyncConnection) -> set[str]:
    found = await db.execute(
        text(
            "select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid"
            " where i.inhparent in (select to_regclass(t) from unnest(cast(:tables as text[])) t)"
        ),
        {"tables": list(TABLES)},
    )
    return set(found.scalars())


def _name(table: str, start: datetime) -> str:
    return f"{table}_{start:%Y_%m}"


def _start(name: str) -> datetime | None:
    """When a monthly partition starts; None for the default one."""
    month = _NAME.fullmatch(name)
    return datetime(int(month[2]), int(month[3]), 1, tzinfo=UTC) if month and month[2] else None


def _month(now: datetime, later: int) -> datetime:
    """The first instant, in UTC, of the month that is so many later than now's."""
    now = now.astimezone(UTC)
    year, month = divmod(now.year * 12 + now.month - 1 + later, 12)
    return datetime(year, month + 1, 1, tzinfo=UTC)
