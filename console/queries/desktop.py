"""Everything that one agent's desk shows, read in one snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from console.cases.customer import Customer
from console.cases.store import find_customer
from console.db.schema import (
    activity,
    assignment,
    call,
    case,
    customer,
    note_draft,
    routing_agent,
    routing_item,
    routing_offer,
    user_account,
    work,
)
from console.queries import stream
from console.queries.stream import Card
from console.queries.supervisor import UNDECIDED
from console.routing.work_item import Why

CASES_MAX = 50
"""More open cases than one person can mean by "my cases"."""
TIMELINE_MAX = 100
PAST_MAX = 5
UNFINISHED = ("new", "open", "pending")


class Choice(msgspec.Struct, frozen=True):
    """The work that the agent chose to look at, and when; it holds until newer work is taken."""

    item: str
    at: datetime


class Me(msgspec.Struct, frozen=True, kw_only=True):
    username: str
    name: str
    presence: str = "offline"
    reason: str | None = None
    routing_state: str = "idle"
    state_since: datetime
    pending: str | None = None
    """A pause asked for during work, which takes hold when that ends."""
    pending_reason: str | None = None


class Offered(msgspec.Struct, frozen=True, kw_only=True):
    """What rings."""

    offer: str
    card: Card
    made_at: datetime
    expires_at: datetime
    why: Why
    case_owner: str | None = None


class Missed(msgspec.Struct, frozen=True, kw_only=True):
    """The ring that took the agent out of routing."""

    queue: str
    kind: str
    made_at: datetime
    closed_at: datetime


class Matter(msgspec.Struct, frozen=True, kw_only=True):
    """A case, as its header shows it."""

    number: str
    subject: str
    description: str | None
    via: str
    status: str
    priority: int | None
    topic: str | None
    queue: str | None
    owner: str | None
    owner_name: str | None
    created_at: datetime
    changed_at: datetime


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the timeline; what `data` holds is told in console.cases.timeline."""

    id: str
    at: datetime
    kind: str
    by: str | None
    by_name: str | None
    data: dict[str, Any]


class PastCase(msgspec.Struct, frozen=True, kw_only=True):
    number: str
    subject: str
    status: str
    changed_at: datetime


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    text: str
    saved_at: datetime


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """The work on the screen, and all that is known about it."""

    card: Card
    customer: Customer | None = None
    case: Matter | None = None
    timeline: tuple[Entry, ...] = ()
    past_cases: tuple[PastCase, ...] = ()
    draft: Draft | None = None
    disposition: str | None = None


class OpenCase(msgspec.Struct, frozen=True, kw_only=True):
    number: str
    subject: str
    status: str
    queue: str | None
    customer_name: str | None
    changed_at: datetime
    last_kind: str | None
    last_at: datetime | None


class QueueGlance(msgspec.Struct, frozen=True, kw_only=True):
    name: str
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


class Idle(msgspec.Struct, frozen=True, kw_only=True):
    """The screen of an agent who has nothing in hand."""

    cases: tuple[OpenCase, ...] = ()
    queues: tuple[QueueGlance, ...] = ()
    day: Day


class DeskScreen(msgspec.Struct, frozen=True, kw_only=True):
    """The whole desk. One of `shown` and `idle` is there, by whether there is work in hand."""

    now: datetime
    me: Me
    work: tuple[Card, ...] = ()
    """In hand, in the order it came."""
    offer: Offered | None = None
    missed: Missed | None = None
    shown: Shown | None = None
    idle: Idle | None = None


def chosen(cards: Sequence[Card], choice: Choice | None) -> Card | None:
    """The work to show: what the agent chose, unless newer work was taken since; else the call, else the newest."""
    if not cards:
        return None
    newest = max(cards, key=_taken_at)
    if choice is not None and _taken_at(newest) <= choice.at:
        found = [card for card in cards if card.item == choice.item]
        if found:
            return found[0]
    calls = [card for card in cards if card.kind != "case"]
    return max(calls, key=_taken_at) if calls else newest


def _taken_at(card: Card) -> datetime:
    assert card.assigned_at is not None, "work in hand was assigned"
    return card.assigned_at


async def screen(
    db: AsyncConnection,
    username: str,
    now: datetime,
    *,
    midnight: datetime,
    queues: Sequence[str] = (),
    choice: Choice | None = None,
) -> DeskScreen:
    """What the agent's desk shows. `midnight` is when their day began; `queues` are those that they serve."""
    state = await stream.desk_state(db, username)
    me = await _me(db, username, now)
    cards = tuple(state.cards[item] for item in state.work)
    card = chosen(cards, choice)
    return DeskScreen(
        now=now,
        me=me,
        work=cards,
        offer=await _offered(db, state),
        missed=await _missed(db, username) if me.routing_state == "not_responding" else None,
        shown=await _shown(db, username, card) if card else None,
        idle=None if card else await _idle(db, username, midnight, queues),
    )


async def _me(db: AsyncConnection, username: str, now: datetime) -> Me:
    a, u = routing_agent.c, user_account.c
    columns = (a.presence, a.reason, a.routing_state, a.state_since, a.pending, a.pending_reason)
    name = await db.scalar(select(u.name).where(u.username == username))
    row = (await db.execute(select(*columns).where(a.username == username))).mappings().first()
    known: dict[str, Any] = dict(row) if row else {"state_since": now}
    return Me(username=username, name=name or username, **known)


async def _offered(db: AsyncConnection, state: stream.DeskState) -> Offered | None:
    for offer in state.offers:
        card = state.cards.get(offer.item)
        if card is not None:
            owner = await db.scalar(select(case.c.owner).where(case.c.id == card.case)) if card.case else None
            return Offered(
                offer=offer.offer,
                card=card,
                made_at=offer.made_at,
                expires_at=offer.expires_at,
                why=msgspec.convert(offer.why, Why),
                case_owner=owner,
            )
    return None


async def _missed(db: AsyncConnection, username: str) -> Missed | None:
    o, i = routing_offer.c, routing_item.c
    row = (
        (
            await db.execute(
                select(i.queue, i.kind, o.made_at, o.closed_at)
                .select_from(routing_offer.join(routing_item, i.id == o.item))
                .where(o.agent == username, o.state == "timed_out")
                .order_by(o.closed_at.desc())
                .limit(1)
            )
        )
        .mappings()
        .first()
    )
    return Missed(**row) if row else None


# --- with work in hand ------------------------------------------------------------------------------------------------


async def _shown(db: AsyncConnection, username: str, card: Card) -> Shown:
    d = note_draft.c
    draft = (
        (await db.execute(select(d.text, d.saved_at).where(d.username == username, d.item == card.item)))
        .mappings()
        .first()
    )
    return Shown(
        card=card,
        customer=await find_customer(db, card.customer) if card.customer else None,
        case=await _matter(db, card.case) if card.case else None,
        timeline=await _timeline(db, card),
        past_cases=await _past_cases(db, card) if card.customer else (),
        draft=Draft(**draft) if draft else None,
        disposition=await db.scalar(select(work.c.disposition).where(work.c.item == card.item)),
    )


async def _matter(db: AsyncConnection, case_id: str) -> Matter | None:
    c, u = case.c, user_account.c
    columns = (
        *(c.number, c.subject, c.description, c.via, c.status, c.priority, c.topic, c.queue, c.owner),
        *(u.name.label("owner_name"), c.created_at, c.changed_at),
    )
    found = await db.execute(
        select(*columns).select_from(case.outerjoin(user_account, u.username == c.owner)).where(c.id == case_id)
    )
    row = found.mappings().first()
    return Matter(**row) if row else None


async def _timeline(db: AsyncConnection, card: Card) -> tuple[Entry, ...]:
    """Of the case, or of the customer's calls and notes where no case is open yet."""
    a, u = activity.c, user_account.c
    if card.case is not None:
        where = a.case == card.case
    elif card.customer is not None:
        where = a.customer == card.customer
    else:
        where = a.work == card.item
    rows = await db.execute(
        select(a.id, a.at, a.kind, a.by, u.name.label("by_name"), a.data)
        .select_from(activity.outerjoin(user_account, u.username == a.by))
        .where(where)
        .order_by(a.at.desc(), a.id.desc())
        .limit(TIMELINE_MAX)
    )
    return tuple(Entry(**row) for row in rows.mappings())


async def _past_cases(db: AsyncConnection, card: Card) -> tuple[PastCase, ...]:
    c = case.c
    rows = await db.execute(
        select(c.number, c.subject, c.status, c.changed_at)
        .where(c.customer == card.customer, c.id.is_distinct_from(card.case))
        .order_by(c.changed_at.desc())
        .limit(PAST_MAX)
    )
    return tuple(PastCase(**row) for row in rows.mappings())


# --- with nothing in hand ---------------------------------------------------------------------------------------------


async def _idle(db: AsyncConnection, username: str, midnight: datetime, queues: Sequence[str]) -> Idle:
    return Idle(
        cases=await _open_cases(db, username),
        queues=await _queues(db, queues),
        day=await _day(db, username, midnight),
    )


async def _open_cases(db: AsyncConnection, username: str) -> tuple[OpenCase, ...]:
    c, a = case.c, activity.c
    last = select(a.kind, a.at).where(a.case == c.id).order_by(a.at.desc(), a.id.desc()).limit(1).lateral("last")
    rows = await db.execute(
        select(
            *(c.number, c.subject, c.status, c.queue, customer.c.name.label("customer_name"), c.changed_at),
            *(last.c.kind.label("last_kind"), last.c.at.label("last_at")),
        )
        .select_from(case.outerjoin(customer, customer.c.id == c.customer).outerjoin(last, text("true")))
        .where(c.owner == username, c.status.in_(UNFINISHED))
        .order_by(c.changed_at.desc())
        .limit(CASES_MAX)
    )
    return tuple(OpenCase(**row) for row in rows.mappings())


async def _queues(db: AsyncConnection, names: Sequence[str]) -> tuple[QueueGlance, ...]:
    """Who waits in each; an item that is being offered waits still."""
    i = routing_item.c
    rows = await db.execute(
        select(i.queue, func.count().label("waiting"), func.min(i.waiting_since).label("since"))
        .where(i.queue.in_(names), i.state.in_(UNDECIDED), i.ended_at.is_(None))
        .group_by(i.queue)
    )
    waiting = {row.queue: row for row in rows}
    return tuple(
        QueueGlance(name=name, waiting=row.waiting, waiting_since=row.since)
        if (row := waiting.get(name))
        else QueueGlance(name=name, waiting=0, waiting_since=None)
        for name in names
    )


async def _day(db: AsyncConnection, username: str, midnight: datetime) -> Day:
    a, o = assignment.c, routing_offer.c
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
    return Day(
        since=midnight,
        answered=row.answered,
        handle_s=_seconds(row.handle),
        wrap_up_s=_seconds(row.wrap_up),
        missed=missed or 0,
    )


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else max(0.0, span.total_seconds())
