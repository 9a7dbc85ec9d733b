"""What was done by hand, latest first, as the audit's page shows it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from console.db.schema import audit as t
from console.db.schema import case, user_account, work


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """`about_name` is an agent's name; of work, its case's number where it has one."""

    id: str
    at: datetime
    by: str
    by_name: str | None
    what: str
    about: str
    about_name: str | None
    reason: str | None
    data: dict[str, Any]
    refused: str | None


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """None: whatever it is."""

    by: str | None = None
    about: str | None = None
    what: str | None = None


async def entries(
    db: AsyncConnection,
    asked: Filter,
    *,
    seen_by: str | None,
    mine: Sequence[str] | None,
    before: tuple[datetime, str] | None,
    limit: int,
) -> list[Entry]:
    """`mine`, where given, are the agents whose entries `seen_by` may read beside their own; None: everybody's."""
    actor, agent = user_account.alias("actor"), user_account.alias("agent")
    statement = (
        select(
            t.c.id,
            t.c.at,
            t.c.by,
            actor.c.name.label("by_name"),
            t.c.what,
            t.c.about,
            func.coalesce(agent.c.name, case.c.number).label("about_name"),
            t.c.reason,
            t.c.data,
            t.c.refused,
        )
        .outerjoin_from(t, actor, actor.c.username == t.c.by)
        .outerjoin(agent, agent.c.username == t.c.about)
        .outerjoin(work, func.text(work.c.item) == t.c.about)
        .outerjoin(case, case.c.id == work.c.case)
        .order_by(t.c.at.desc(), t.c.id.desc())
        .limit(limit)
    )
    for column in ("by", "about", "what"):
        if (value := getattr(asked, column)) is not None:
            statement = statement.where(t.c[column] == value)
    if mine is not None:
        own = or_(t.c.by == seen_by, t.c.about.in_(mine), t.c.data["agent"].astext.in_(mine))
        statement = statement.where(own)
    if before is not None:
        statement = statement.where(or_(t.c.at < before[0], and_(t.c.at == before[0], t.c.id < before[1])))
    return [Entry(**row) for row in (await db.execute(statement)).mappings()]


async def actors(db: AsyncConnection) -> dict[str, str]:
    """Everybody who did something by hand, with their names."""
    rows = await db.execute(
        select(t.c.by, func.coalesce(user_account.c.name, t.c.by).label("name"))
        .outerjoin_from(t, user_account, user_account.c.username == t.c.by)
        .distinct()
        .order_by("name")
    )
    return {row.by: row.name for row in rows}
