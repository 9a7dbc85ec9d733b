"""Answers to requests that bore an Idempotency-Key, kept so that a repetition gets the same one.

The row is written in the transaction of the very thing it speaks of: either both are there or neither,
and a process that dies in between leaves a key that can be used again.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
from sqlalchemy import delete, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from console.db.schema import idempotent_request as t
from console.errors import IdempotencyConflict

KEPT_FOR = timedelta(hours=24)
FORGOTTEN_AT_ONCE_MAX = 100
"""Old rows dropped with each new one: more than come, so they never pile up, and few enough to be nothing."""


class Once(msgspec.Struct, frozen=True, kw_only=True):
    """A request that is to be done once: who sent it, where to, under which key, and the hash of its body."""

    principal: str
    route: str
    key: str
    body_hash: bytes


async def earlier_answer(db: AsyncConnection, once: Once, now: datetime) -> bytes | None:
    """What was answered before, or None: then it is this transaction's to do, and nobody else's until it ends.

    Raises IdempotencyConflict when the key came with another body, or its first request still runs.
    """
    # The lock is what "still running" means: it ends with the transaction, however that ends.
    name = f"{once.principal}\x1f{once.route}\x1f{once.key}"
    lock = text("select pg_try_advisory_xact_lock(hashtextextended(:name, 1))")
    if not await db.scalar(lock, {"name": name}):
        raise IdempotencyConflict
    kept = (
        await db.execute(
            select(t.c.body_hash, t.c.answer).where(
                t.c.principal == once.principal,
                t.c.route == once.route,
                t.c.key == once.key,
                t.c.made_at > now - KEPT_FOR,
            )
        )
    ).first()
    if kept is None:
        return None
    if kept.body_hash != once.body_hash:
        raise IdempotencyConflict
    answer: bytes = kept.answer
    return answer


async def keep_answer(db: AsyncConnection, once: Once, status: int, answer: bytes, now: datetime) -> None:
    """Keep it for 24 hours, and drop some that are older."""
    row = insert(t).values(**msgspec.structs.asdict(once), status=status, answer=answer, made_at=now)
    told = {name: row.excluded[name] for name in ("body_hash", "status", "answer", "made_at")}
    await db.execute(row.on_conflict_do_update(index_elements=["principal", "route", "key"], set_=told))
    name = tuple_(t.c.principal, t.c.route, t.c.key)
    old = (
        select(t.c.principal, t.c.route, t.c.key)
        .where(t.c.made_at <= now - KEPT_FOR)
        .limit(FORGOTTEN_AT_ONCE_MAX)
        .with_for_update(skip_locked=True)
    )
    await db.execute(delete(t).where(name.in_(old)))
