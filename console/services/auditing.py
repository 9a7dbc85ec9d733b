"""Who did what to whom or to which work, and why: recorded in the transaction that does it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from enum import StrEnum

from console.db import audit
from console.db.engine import Transaction
from console.errors import NotReady, Refusal
from console.ids import new_id
from console.routing.facts import Fact
from console.services.context import Context
from console.services.deciding import Outcome, decided


class What(StrEnum):
    """Acts that are recorded, and what `data` holds of each."""

    MESSAGE_SENT = "message_sent"
    """`text`."""
    STATE_SET = "state_set"
    """`presence`, `state`: a code such as break, where there is one."""
    SIGNED_OUT = "signed_out"
    WORK_ASSIGNED = "work_assigned"
    """About an item: `agent`, and `was` where another had it."""
    WORK_MOVED = "work_moved"
    """About an item: `queue`, `was`: the queue before."""
    CLOCK_REBASED = "clock_rebased"
    """About a case's number: `clock`, `target_s` [old, new]."""
    ACCOUNT_SET = "account_set"
    """About an account's name: `account` (its id), `changes` {field: [old, new]}."""
    CONTRACT_SET = "contract_set"
    """About a contract's number: `contract` (its id), `changes` {field: [old, new]}."""
    TOPIC_ADDED = "topic_added"
    """About a topic's path: `topic` (its id)."""
    TOPIC_CHANGED = "topic_changed"
    """About the path before: `topic`, `was`, `path`."""
    TOPIC_MERGED = "topic_merged"
    """About the path before: `topic`, `was`, `path` (of what it is part of now), `articles`: how many went there."""
    TOPIC_REMOVED = "topic_removed"
    """About a topic's path: `topic`."""


async def record(
    ctx: Context,
    db: Transaction,
    *,
    by: str,
    what: What,
    about: str,
    reason: str | None = None,
    data: dict[str, object] | None = None,
) -> str:
    """Keep it, when this transaction commits; returns the entry's id."""
    entry = audit.Entry(id=new_id(), at=ctx.clock.now(), by=by, what=what, about=about, reason=reason, data=data or {})
    await audit.put(db, entry)
    return entry.id


async def decided_and_recorded(
    ctx: Context,
    fact: Fact,
    *,
    by: str,
    what: What,
    about: str,
    reason: str | None = None,
    data: dict[str, object] | None = None,
    beside: Callable[[Transaction], Awaitable[None]] | None = None,
) -> Outcome:
    """Put the fact with its entry, and wait for the verdict as `decided` does; a refusal is recorded too.

    `beside` keeps whatever else belongs to it, in the same transaction.
    """
    entry = ""

    async def keep(db: Transaction) -> None:
        nonlocal entry
        entry = await record(ctx, db, by=by, what=what, about=about, reason=reason, data=data)
        if beside is not None:
            await beside(db)

    try:
        return await decided(ctx, fact, beside=keep)
    except Refusal as refusal:
        if entry and not isinstance(refusal, NotReady):
            async with ctx.db.transaction() as db:
                await audit.set_refused(db, entry, refusal.type)
        raise
