"""What supervisors look at: who waits where, and what every agent is doing.

Each is one statement over indexed rows, so that the whole picture of 500 queues is read in milliseconds,
some times a second. The figures of a day are in queries/figures.py.
"""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from console.db.schema import call, case, routing_agent, routing_item, work
from console.queries.figures import UNDECIDED


class Waiting(msgspec.Struct, frozen=True):
    """Of one queue."""

    count: int
    since: datetime
    """When the one who has waited longest began to."""


async def waiting(db: AsyncConnection) -> dict[str, Waiting]:
    """Of each queue in which somebody waits; an item that is being offered waits still."""
    rows = await db.execute(
        select(routing_item.c.queue, func.count().label("items"), func.min(routing_item.c.waiting_since).label("since"))
        .where(routing_item.c.ended_at.is_(None), routing_item.c.state.in_(UNDECIDED))
        .group_by(routing_item.c.queue)
    )
    return {row.queue: Waiting(row.items, row.since) for row in rows}


class InHand(msgspec.Struct, frozen=True, kw_only=True):
    """Work that an agent has, or is asked to take."""

    item: str
    kind: str
    queue: str
    state: str
    case: str | None
    talk_since: datetime | None = None
    held_at: datetime | None = None
    """Since when its caller is on hold."""


class Agent(msgspec.Struct, frozen=True, kw_only=True):
    username: str
    presence: str
    reason: str | None
    routing_state: str
    since: datetime
    pending: str | None = None
    """A pause they asked for, or were asked to take, that begins when their work in hand ends."""
    work: tuple[InHand, ...]


async def agents(db: AsyncConnection) -> list[Agent]:
    """Every agent in the configuration, and whoever has left it with work in hand, by name."""
    held = await _in_hand(db)
    rows = await db.execute(
        select(
            routing_agent.c.username,
            routing_agent.c.presence,
            routing_agent.c.reason,
            routing_agent.c.routing_state,
            routing_agent.c.state_since,
            routing_agent.c.pending,
        )
        .where(or_(routing_agent.c.active, routing_agent.c.username.in_(sorted(held))))
        .order_by(routing_agent.c.username)
    )
    return [
        Agent(
            username=row.username,
            presence=row.presence,
            reason=row.reason,
            routing_state=row.routing_state,
            since=row.state_since,
            pending=row.pending,
            work=tuple(held.get(row.username, ())),
        )
        for row in rows
    ]


async def _in_hand(db: AsyncConnection) -> dict[str, list[InHand]]:
    item = routing_item.c
    rows = await db.execute(
        select(
            item.agent,
            item.id,
            item.kind,
            item.queue,
            item.state,
            case.c.number,
            call.c.talk_since,
            call.c.held_at,
        )
        .select_from(
            routing_item.outerjoin(work, work.c.item == item.id)
            .outerjoin(case, case.c.id == work.c.case)
            .outerjoin(call, call.c.id == work.c.call)
        )
        .where(item.agent.is_not(None), item.ended_at.is_(None))
        .order_by(item.agent, item.assigned_at, item.seq)
    )
    held: dict[str, list[InHand]] = {}
    for row in rows:
        one = InHand(
            item=row.id,
            kind=row.kind,
            queue=row.queue,
            state=row.state,
            case=row.number,
            talk_since=row.talk_since,
            held_at=row.held_at,
        )
        held.setdefault(row.agent, []).append(one)
    return held
