"""What supervisors look at: who waits where, what today came to, and what every agent is doing.

Each is one statement over indexed rows, so that the whole picture of 500 queues is read in milliseconds,
some times a second.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Interval, Text, column, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from console.db.schema import case, routing_agent, routing_item, work

UNDECIDED = ("waiting", "offered")
"""States in which nobody has taken the item: its customer still waits."""


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


class Limits(msgspec.Struct, frozen=True):
    """Of one queue: what counts as in time, and what as too short to count."""

    within: timedelta
    short_abandon: timedelta


class Day(msgspec.Struct, frozen=True):
    """What one queue has done since some instant, without the short abandons."""

    answered: int = 0
    in_time: int = 0
    abandoned: int = 0

    @property
    def service_level(self) -> float | None:
        """Answered in time of those offered (answered and abandoned); None before the first."""
        offered = self.answered + self.abandoned
        return self.in_time / offered if offered else None


async def day(db: AsyncConnection, since: datetime, limits: Mapping[str, Limits]) -> dict[str, Day]:
    """Each queue's figures of what was answered or abandoned since that instant."""
    if not limits:
        return {}
    # Three arrays, not a row of parameters for each queue: of those the server would plan anew each time.
    rule = func.unnest(
        literal(list(limits), ARRAY(Text)),
        literal([limit.within for limit in limits.values()], ARRAY(Interval)),
        literal([limit.short_abandon for limit in limits.values()], ARRAY(Interval)),
    ).table_valued(column("queue", Text), column("within", Interval), column("short_abandon", Interval), name="rule")
    rule = rule.render_derived()
    item = routing_item.c
    answered = item.assigned_at >= since
    in_time = answered & (item.assigned_at - item.waiting_since <= rule.c.within)
    abandoned = (
        (item.state == "abandoned")
        & item.assigned_at.is_(None)
        & (item.ended_at >= since)
        & (item.ended_at - item.waiting_since >= rule.c.short_abandon)
    )
    rows = await db.execute(
        select(
            item.queue,
            func.count().filter(answered).label("answered"),
            func.count().filter(in_time).label("in_time"),
            func.count().filter(abandoned).label("abandoned"),
        )
        .select_from(routing_item.join(rule, rule.c.queue == item.queue))
        .where(or_(item.ended_at.is_(None), item.ended_at >= literal(since)))
        .group_by(item.queue)
    )
    return {row.queue: Day(row.answered, row.in_time, row.abandoned) for row in rows}


class InHand(msgspec.Struct, frozen=True, kw_only=True):
    """Work that an agent has, or is asked to take."""

    item: str
    kind: str
    queue: str
    state: str
    case: str | None


class Agent(msgspec.Struct, frozen=True, kw_only=True):
    username: str
    presence: str
    reason: str | None
    routing_state: str
    since: datetime
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
            work=tuple(held.get(row.username, ())),
        )
        for row in rows
    ]


async def _in_hand(db: AsyncConnection) -> dict[str, list[InHand]]:
    item = routing_item.c
    rows = await db.execute(
        select(item.agent, item.id, item.kind, item.queue, item.state, case.c.number)
        .select_from(routing_item.outerjoin(work, work.c.item == item.id).outerjoin(case, case.c.id == work.c.case))
        .where(item.agent.is_not(None), item.ended_at.is_(None))
        .order_by(item.agent, item.assigned_at, item.seq)
    )
    held: dict[str, list[InHand]] = {}
    for row in rows:
        one = InHand(item=row.id, kind=row.kind, queue=row.queue, state=row.state, case=row.number)
        held.setdefault(row.agent, []).append(one)
    return held
