"""What an agent sees beside the work in hand: their open cases in the order they chose, their queues, their day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby

import msgspec
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from console.db.schema import (
    activity,
    assignment,
    call,
    case,
    customer,
    routing_agent,
    routing_item,
    routing_offer,
    work,
)
from console.queries.figures import UNDECIDED
from console.sla.face import Face, Shape, urgency

CASES_MAX = 50
"""More open cases than one person can mean by "my cases"."""
UNFINISHED = ("new", "open", "pending")


class Order(StrEnum):
    """Of my open cases."""

    CLOCK = "clock"
    STATE = "state"
    CUSTOMER = "customer"
    NEWEST = "newest"


class OpenCase(msgspec.Struct, frozen=True, kw_only=True):
    number: str
    subject: str
    status: str
    queue: str | None
    customer_name: str | None
    created_at: datetime
    changed_at: datetime
    last_kind: str | None
    last_at: datetime | None
    clock: Face | None = None
    """The most urgent of its clocks."""


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Cases under one heading; `of` is the customer's name, the state or a code of BY_SHAPE, by the order, and None in
    a list of one.
    """

    of: str | None
    cases: tuple[OpenCase, ...]


class Served(msgspec.Struct, frozen=True, kw_only=True):
    """A queue that the agent serves: its service level today and its target, and their place among the free."""

    name: str
    level: float | None = None
    target: float | None = None
    place: int | None = None


class QueueGlance(Served, frozen=True, kw_only=True):
    waiting: int
    waiting_since: datetime | None
    """Of whoever waits longest."""


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """What the agent did since `since`."""

    since: datetime
    answered: int = 0
    handle_s: float | None = None
    wrap_up_s: float | None = None
    missed: int = 0
    finished: int = 0
    """Cases that they resolved or closed."""


class Idle(msgspec.Struct, frozen=True, kw_only=True):
    """The screen of an agent who looks at nothing in particular."""

    order: Order = Order.STATE
    groups: tuple[Group, ...] = ()
    queues: tuple[QueueGlance, ...] = ()
    day: Day

    @property
    def count(self) -> int:
        return sum(len(group.cases) for group in self.groups)


BY_SHAPE = {Shape.BREACHED: "now", Shape.WARN: "now", Shape.OK: "running", Shape.PAUSED: "paused"}
"""The heading of cases by the shape of their most urgent clock; without any it is `none`."""


def ordered(cases: Iterable[OpenCase], order: Order) -> tuple[Group, ...]:
    """In groups. Within a state whatever was left alone longest comes first: it is what needs a next step."""
    if order is Order.CLOCK:
        clocked = sorted(cases, key=lambda one: (one.clock is None, urgency(one.clock) if one.clock else (0, 0.0)))
        return _grouped(clocked, [BY_SHAPE[one.clock.shape] if one.clock else "none" for one in clocked])
    if order is Order.NEWEST:
        newest = tuple(sorted(cases, key=lambda one: one.created_at, reverse=True))
        return (Group(of=None, cases=newest),) if newest else ()
    if order is Order.CUSTOMER:
        named = sorted(cases, key=lambda one: (one.customer_name is None, (one.customer_name or "").casefold()))
        return _grouped(named, [one.customer_name for one in named])
    by_change = sorted(cases, key=lambda one: one.changed_at)
    by_state = sorted(by_change, key=lambda one: one.status == "pending")
    return _grouped(by_state, ["pending" if one.status == "pending" else "open" for one in by_state])


def _grouped(cases: Sequence[OpenCase], headings: Sequence[str | None]) -> tuple[Group, ...]:
    pairs = groupby(zip(headings, cases, strict=True), key=lambda pair: pair[0])
    return tuple(Group(of=heading, cases=tuple(one for _, one in members)) for heading, members in pairs)


async def idle(
    db: AsyncConnection,
    username: str,
    midnight: datetime,
    *,
    cases: Sequence[OpenCase],
    order: Order | None,
    queues: Sequence[Served],
) -> Idle:
    order = order or (Order.CLOCK if any(one.clock for one in cases) else Order.STATE)
    return Idle(
        order=order,
        groups=ordered(cases, order),
        queues=await glances(db, queues),
        day=await _day(db, username, midnight),
    )


async def open_cases(db: AsyncConnection, username: str) -> tuple[OpenCase, ...]:
    """Cases that they own and that are not finished, by when they were opened."""
    c, a = case.c, activity.c
    last = select(a.kind, a.at).where(a.case == c.id).order_by(a.at.desc(), a.id.desc()).limit(1).lateral("last")
    rows = await db.execute(
        select(
            *(c.number, c.subject, c.status, c.queue, customer.c.name.label("customer_name"), c.created_at),
            *(c.changed_at, last.c.kind.label("last_kind"), last.c.at.label("last_at")),
        )
        .select_from(case.outerjoin(customer, customer.c.id == c.customer).outerjoin(last, text("true")))
        .where(c.owner == username, c.status.in_(UNFINISHED))
        .order_by(c.created_at, c.id)
        .limit(CASES_MAX)
    )
    return tuple(OpenCase(**row) for row in rows.mappings())


async def longest_idle(db: AsyncConnection) -> list[str]:
    """Agents who wait for a call, the longest idle first."""
    a = routing_agent.c
    free = (a.presence == "available", a.routing_state == "idle", a.active)
    return list(await db.scalars(select(a.username).where(*free).order_by(a.idle_since, a.idle_seq)))


async def glances(db: AsyncConnection, queues: Sequence[Served]) -> tuple[QueueGlance, ...]:
    """Who waits in each; an item that is being offered waits still."""
    i = routing_item.c
    names = [queue.name for queue in queues]
    rows = await db.execute(
        select(i.queue, func.count().label("waiting"), func.min(i.waiting_since).label("since"))
        .where(i.queue.in_(names), i.state.in_(UNDECIDED), i.ended_at.is_(None))
        .group_by(i.queue)
    )
    waiting = {row.queue: (row.waiting, row.since) for row in rows}
    return tuple(_glance(queue, *waiting.get(queue.name, (0, None))) for queue in queues)


def _glance(queue: Served, waiting: int, since: datetime | None) -> QueueGlance:
    return QueueGlance(**msgspec.structs.asdict(queue), waiting=waiting, waiting_since=since)


async def _day(db: AsyncConnection, username: str, midnight: datetime) -> Day:
    a, o, e = assignment.c, routing_offer.c, activity.c
    voice = work.c.kind != "case"
    row = (
        await db.execute(
            select(
                func.count().label("answered"),
                func.avg(a.ended_at - a.assigned_at).label("handle"),
                func.avg(a.ended_at - func.greatest(call.c.ended_at, a.assigned_at)).label("wrap_up"),
            )
            .select_from(assignment.join(work, work.c.item == a.item).outerjoin(call, call.c.id == work.c.call))
            .where(a.agent == username, a.assigned_at >= midnight, voice)
        )
    ).one()
    missed = await db.scalar(
        select(func.count()).where(o.agent == username, o.state == "timed_out", o.closed_at >= midnight)
    )
    finished = await db.scalar(
        select(func.count(func.distinct(e.case))).where(
            e.by == username,
            e.at >= midnight,
            e.kind == "changed",
            e.data["status"][1].astext.in_(["resolved", "closed"]),
        )
    )
    return Day(
        since=midnight,
        answered=row.answered,
        handle_s=_seconds(row.handle),
        wrap_up_s=_seconds(row.wrap_up),
        missed=missed or 0,
        finished=finished or 0,
    )


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else max(0.0, span.total_seconds())
