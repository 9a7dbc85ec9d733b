"""To whom a live call may go: how agents and queues stand at this moment."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from console.db.schema import routing_agent, routing_item, user_account
from console.queries.figures import UNDECIDED

RECENT = timedelta(minutes=30)
"""Whose wait says what the next caller may expect: older ones tell of another hour."""


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """An agent who is signed in."""

    username: str
    name: str
    presence: str
    reason: str | None
    routing_state: str
    since: datetime
    free: bool
    """May be rung now: available, nothing in hand that keeps calls away, no pause asked for."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A queue: who waits, and how long those waited whom an agent took lately."""

    waiting: int = 0
    about_s: float | None = None


async def people(db: AsyncConnection) -> list[Person]:
    """Everyone who takes part in routing or is away from it; not those who are offline."""
    a, u = routing_agent.c, user_account.c
    free = (
        (a.presence == "available")
        & (a.routing_state == "idle")
        & a.pending.is_(None)
        & a.consult.is_(None)
        & a.absent_since.is_(None)
    )
    rows = await db.execute(
        select(
            a.username,
            func.coalesce(u.name, a.username).label("name"),
            *(a.presence, a.reason, a.routing_state, a.state_since.label("since"), free.label("free")),
        )
        .select_from(routing_agent.outerjoin(user_account, u.username == a.username))
        .where(a.active, a.presence != "offline")
    )
    return [Person(**row) for row in rows.mappings()]


async def lines(db: AsyncConnection, queues: Collection[str], now: datetime) -> dict[str, Line]:
    """Of each queue that somebody waits in, or was taken from lately."""
    i = routing_item.c
    waits = func.extract("epoch", i.assigned_at - i.waiting_since)
    waiting = i.ended_at.is_(None) & i.state.in_(UNDECIDED)
    rows = await db.execute(
        select(
            i.queue,
            func.count().filter(waiting).label("waiting"),
            func.avg(waits).filter(i.assigned_at >= now - RECENT).label("about_s"),
        )
        .where(i.queue.in_(queues), i.ended_at.is_(None) | (i.ended_at >= now - RECENT))
        .group_by(i.queue)
    )
    return {
        row.queue: Line(waiting=row.waiting, about_s=None if row.about_s is None else float(row.about_s))
        for row in rows
    }


async def needs(db: AsyncConnection, item: str) -> dict[str, int]:
    """The requirement in force for the item."""
    found = await db.scalar(select(routing_item.c.needs).where(routing_item.c.id == item))
    return dict(found or {})
