"""Whose screen shows which case, in its table."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from console.db.engine import driver


async def look(db: AsyncConnection, case: str, username: str, *, at: datetime) -> bool:
    """They look at it now; whether they have just begun to."""
    new: bool = await (await driver(db)).fetchval(
        'insert into case_viewing ("case", username, since, seen_at) values ($1, $2, $3, $3)'
        ' on conflict ("case", username) do update set seen_at = excluded.seen_at returning since = seen_at',
        case,
        username,
        at,
    )
    return new


async def look_away(db: AsyncConnection, case: str, username: str) -> None:
    await (await driver(db)).execute('delete from case_viewing where "case" = $1 and username = $2', case, username)


async def forget(db: AsyncConnection, before: datetime) -> None:
    """Those who were cut off without a word."""
    await (await driver(db)).execute("delete from case_viewing where seen_at < $1", before)
