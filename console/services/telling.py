"""Puts stream messages into the outbox, in the transaction that makes them true."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from console.db import outbox
from console.db.engine import Transaction
from console.live.messages import Case, CaseChanged, Message
from console.queries import stream


class Told(msgspec.Struct, frozen=True):
    """The body of an outbox row on a node's lane: one message for one agent's sockets."""

    agent: str
    message: Message
    decision: int | None = None


async def tell(db: Transaction, told: Sequence[Told]) -> None:
    """To every socket of each agent, on whichever node it is."""
    if told:
        await outbox.tell(db, [(one.agent, msgspec.json.encode(one)) for one in told])


async def tell_case_changed(db: Transaction, case_id: str) -> None:
    """To its owner, and to whoever has work on it in hand."""
    about = await stream.watchers_of_case(db, case_id)
    if about is not None:
        case = Case(number=about.number, subject=about.subject, status=about.status, priority=about.priority)
        await tell(db, [Told(agent, CaseChanged(case=case)) for agent in about.agents])
