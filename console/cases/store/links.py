"""Links between cases, and parents, in their tables."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from console.db import schema as t
from console.db.engine import driver


async def put(db: AsyncConnection, case: str, other: str, kind: str, *, by: str, at: datetime) -> None:
    """Two cases have one link: what they were to each other before is replaced."""
    await drop(db, case, other)
    await db.execute(insert(t.case_link).values(case=case, other=other, kind=kind, by=by, at=at))


async def drop(db: AsyncConnection, case: str, other: str) -> str | None:
    """The kind of the link that was; None: there was none."""
    link = t.case_link.c
    either = or_(and_(link.case == case, link.other == other), and_(link.case == other, link.other == case))
    return await db.scalar(delete(t.case_link).where(either).returning(link.kind))


async def count(db: AsyncConnection, case: str) -> int:
    link = t.case_link.c
    return await db.scalar(select(func.count()).where(or_(link.case == case, link.other == case))) or 0


async def ancestors(db: AsyncConnection, case: str, *, depth: int) -> list[str]:
    """The case, the one it is part of, and so on, as far as `depth` goes."""
    rows = await (await driver(db)).fetch(
        """
        with recursive up (id, parent, depth) as (
          select id, parent, 0 from "case" where id = $1
          union all
          select c.id, c.parent, up.depth + 1 from "case" c join up on c.id = up.parent where up.depth < $2
        )
        select id from up order by depth
        """,
        case,
        depth,
    )
    return [row["id"] for row in rows]


async def height(db: AsyncConnection, case: str, *, depth: int) -> int:
    """How many generations are below the case."""
    found: int = await (await driver(db)).fetchval(
        """
        with recursive down (id, depth) as (
          select id, 0 from "case" where id = $1
          union all
          select c.id, down.depth + 1 from "case" c join down on c.parent = down.id where down.depth < $2
        )
        select max(depth) from down
        """,
        case,
        depth,
    )
    return found


async def lock_family(db: AsyncConnection) -> None:
    """One change of a parent at a time: two at once could make a circle that neither sees."""
    await (await driver(db)).execute("select pg_advisory_xact_lock(hashtextextended('case.parent', 0))")
