"""What people did to others and their work, why, and whether the router took it; written once, never dropped."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import insert, update

from console.db.engine import Transaction
from console.db.schema import audit as t


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    at: datetime
    by: str
    what: str
    about: str
    reason: str | None
    data: dict[str, object]


async def put(db: Transaction, entry: Entry) -> None:
    await db.execute(insert(t).values(**msgspec.structs.asdict(entry)))


async def set_refused(db: Transaction, entry_id: str, problem: str) -> None:
    """What was recorded was asked for, and not done."""
    await db.execute(update(t).where(t.c.id == entry_id).values(refused=problem))
