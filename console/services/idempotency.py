"""What was created under an Idempotency-Key is created once; the same request again gets the same answer.

A use case asks `earlier` first thing in its transaction, and `keep`s what it made last.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

from console.db import idempotency
from console.db.engine import Transaction
from console.db.idempotency import Once
from console.services.context import Context

CREATED = 201

T = TypeVar("T")

__all__ = ["Once", "earlier", "keep"]


async def earlier(ctx: Context, db: Transaction, once: Once | None, kind: type[T]) -> T | None:
    """What the same request made before, or None: then make it now.

    Raises IdempotencyConflict (another body, or still running).
    """
    if once is None:
        return None
    answer = await idempotency.earlier_answer(db, once, ctx.clock.now())
    return None if answer is None else msgspec.json.decode(answer, type=kind)


async def keep(ctx: Context, db: Transaction, once: Once | None, made: object) -> None:
    """Keep what was made, in the transaction that made it."""
    if once is not None:
        await idempotency.keep_answer(db, once, CREATED, msgspec.json.encode(made), ctx.clock.now())
