"""Words for agents: left by a supervisor or the console, shown at the desk, dropped when they are old."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import delete, insert, update

from console.db.engine import Transaction
from console.db.schema import notice as t

KEPT_FOR = timedelta(days=30)
"""Longer than a holiday, so that whoever comes back can still read who said what."""


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    at: datetime
    to_agent: str
    by: str | None
    code: str
    text: str
    data: dict[str, object]


async def put(db: Transaction, notices: Sequence[Notice]) -> None:
    if notices:
        await db.execute(insert(t), [msgspec.structs.asdict(one) for one in notices])


async def mark_read(db: Transaction, agent: str, at: datetime) -> int:
    """All of the agent's; how many had not been read."""
    mine = (t.c.to_agent == agent) & t.c.read_at.is_(None)
    return (await db.execute(update(t).where(mine).values(read_at=at))).rowcount


async def forget_old(db: Transaction, now: datetime) -> None:
    await db.execute(delete(t).where(t.c.at < now - KEPT_FOR))
