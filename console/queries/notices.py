"""An agent's notices, newest first, and how many of them are unread."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from console.db.schema import notice as t
from console.db.schema import user_account


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """`code` names it: services/notices.py has the list, and what `data` holds for each."""

    id: str
    at: datetime
    by: str | None
    by_name: str | None
    code: str
    text: str
    data: dict[str, Any]
    read_at: datetime | None


async def of(db: AsyncConnection, username: str, limit: int) -> tuple[Notice, ...]:
    rows = await db.execute(
        select(t.c.id, t.c.at, t.c.by, user_account.c.name.label("by_name"), t.c.code, t.c.text, t.c.data, t.c.read_at)
        .outerjoin_from(t, user_account, user_account.c.username == t.c.by)
        .where(t.c.to_agent == username)
        .order_by(t.c.at.desc(), t.c.id.desc())
        .limit(limit)
    )
    return tuple(Notice(**row) for row in rows.mappings())


async def unread(db: AsyncConnection, username: str) -> int:
    """What stands beside the bell."""
    mine = (t.c.to_agent == username) & t.c.read_at.is_(None)
    return await db.scalar(select(func.count()).select_from(t).where(mine)) or 0
