"""Questions to other systems: what a step of a script asks, kept until somebody has asked it."""

from __future__ import annotations

import msgspec

from console.config.document import System
from console.db import outbox
from console.db.engine import Transaction
from console.scripts import store
from console.scripts.run import Asked
from console.services.context import Context

LANE = "systems"
"""Of the outbox; whichever node claims a question asks it."""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """One time that a system is asked."""

    id: str
    """The run waits for the answer to this one alone."""
    run: str
    by: str
    """On whose behalf: what follows from the answer is done for them."""
    asked: Asked


async def ask(db: Transaction, question: Question) -> None:
    """Have it asked once this transaction has committed."""
    await outbox.put(db, [outbox.Order(LANE, question.id, msgspec.json.encode(question))])


async def wanted(db: Transaction, question: Question) -> bool:
    """Whether the run still waits for it; the agent may have gone on without."""
    run = await store.find_run(db, question.run)
    return run is not None and run.asking is not None and run.asking.id == question.id


async def find(ctx: Context, db: Transaction, name: str) -> System | None:
    """How that system is reached now; None: the configuration names none."""
    return (await ctx.centres.in_force(db)).document.systems.get(name)
