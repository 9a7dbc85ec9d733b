"""Everything that one agent's desk shows, read in one snapshot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from console.db.schema import case, routing_agent, user_account
from console.queries import (
    desktop_bar,
    desktop_case,
    desktop_clocks,
    desktop_handover,
    desktop_idle,
    notices,
    stream,
)
from console.queries.desktop_bar import Asked, Missed
from console.queries.desktop_case import Shown
from console.queries.desktop_handover import Handed
from console.queries.desktop_idle import Idle, OpenCase, Order, Served
from console.queries.notices import Notice
from console.queries.stream import Card
from console.routing.work_item import Why
from console.sla.face import Face

RAIL_MAX = 9
"""As many as the keys G 1 to G 9 reach."""
NOTICES_MAX = 10
NO_CLOCKS: Mapping[str, Face] = {}


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """What the page's address asks for: work in hand, a case by its number, or the lists; and when it was chosen.

    A choice holds until newer work is taken.
    """

    work: str | None = None
    case: str | None = None
    packet: bool = False
    """Of that case what was handed over with it, as it was then."""
    lists: bool = False
    at: datetime | None = None
    order: Order | None = None
    """Of my open cases; None: by their clocks where they have any, else by state."""


NOWHERE = Address()
"""Whatever is in hand, else the lists."""


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
    handed: Handed | None = None
    """What goes along with a case that was handed over."""


class RailEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One of my works: in hand, or a case that is mine."""

    id: str
    """Of the work item in hand, else the case's number."""
    card: Card | None = None
    """In hand."""
    name: str | None
    """The customer's; without one, what else it is known by."""
    number: str | None
    status: str | None
    current: bool = False
    clock: Face | None = None
    """The most urgent of its case."""


class DeskScreen(msgspec.Struct, frozen=True, kw_only=True):
    """The whole desk. One of `handed`, `shown` and `idle` is there, by what is looked at."""

    now: datetime
    me: Me
    work: tuple[Card, ...] = ()
    """In hand, in the order it came."""
    rail: tuple[RailEntry, ...] = ()
    rail_more: int = 0
    """Cases that the rail has no room for."""
    offer: Offered | None = None
    missed: Missed | None = None
    asked: Asked | None = None
    handed: Handed | None = None
    shown: Shown | None = None
    idle: Idle | None = None
    notices: tuple[Notice, ...] = ()
    unread: int = 0
    """Notices, also of those that are not shown."""


def chosen(cards: Sequence[Card], address: Address) -> Card | None:
    """The work in hand to show: what was chosen, unless newer work was taken since; else the call, else the newest.

    None: the lists, or a case that is open without work.
    """
    if not cards:
        return None
    newest = max(cards, key=_taken_at)
    if address.at is not None and _taken_at(newest) <= address.at:
        if address.lists or address.case is not None:
            return next((card for card in cards if address.case and card.case_number == address.case), None)
        found = [card for card in cards if card.item == address.work]
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
    queues: Sequence[Served] = (),
    address: Address = NOWHERE,
) -> DeskScreen:
    """What the agent's desk shows. `midnight` is when their day began; `queues` are those that they serve."""
    state = await stream.desk_state(db, username)
    me = await _me(db, username, now)
    cards = tuple(state.cards[item] for item in state.work)
    card = chosen(cards, address)
    shown = handed = None
    offer = await _offered(db, state)
    if address.packet and address.case is not None and not _passed(cards, address):
        handed = await desktop_handover.of_case(db, address.case)
    if handed is not None:
        waits = offer is not None and offer.card.case_number == handed.number
        handed = msgspec.structs.replace(handed, waits=waits)
    elif card is not None:
        shown = await desktop_case.of_work(db, username, card, now)
    elif address.case is not None and not _passed(cards, address):
        shown = await desktop_case.of_case(db, username, address.case, now)
    mine = await desktop_idle.open_cases(db, username)
    numbers = {card.case_number for card in cards if card.case_number} | {one.number for one in mine}
    urgent = await desktop_clocks.urgent(db, sorted(numbers), now)
    mine = tuple(msgspec.structs.replace(one, clock=urgent.get(one.number)) for one in mine)
    places = rail(cards, mine, shown, urgent)
    return DeskScreen(
        now=now,
        me=me,
        work=cards,
        rail=places[:RAIL_MAX],
        rail_more=max(0, len(places) - RAIL_MAX),
        offer=offer,
        missed=await desktop_bar.missed(db, username) if me.routing_state == "not_responding" else None,
        asked=await desktop_bar.asked(db, username) if me.routing_state == "busy" else None,
        handed=handed,
        shown=shown,
        idle=None
        if shown or handed
        else await desktop_idle.idle(db, username, midnight, cases=mine, order=address.order, queues=queues),
        notices=await notices.of(db, username, NOTICES_MAX),
        unread=await notices.unread(db, username),
    )


def _passed(cards: Sequence[Card], address: Address) -> bool:
    """Whether newer work was taken since the choice."""
    return address.at is None or any(_taken_at(card) > address.at for card in cards)


def rail(
    cards: Sequence[Card], cases: Sequence[OpenCase], shown: Shown | None, clocks: Mapping[str, Face] = NO_CLOCKS
) -> tuple[RailEntry, ...]:
    """Calls first, then cases by when they were opened; a place stays while its case is mine, in hand or not."""
    numbers = [one.number for one in cases]
    held = {card.case_number: card for card in cards if card.case_number}
    calls = [card for card in cards if card.kind != "case"]
    letters = [card for card in cards if card.kind == "case" and card.case_number not in numbers]
    about_calls = {card.case_number for card in calls}
    current = shown.about if shown else None
    number = shown.case.number if shown and shown.case else None
    entries = [_held(card, current) for card in (*calls, *letters)]
    for one in cases:
        card = held.get(one.number)
        if one.number in about_calls:
            continue
        if card is not None:
            entries.append(_held(card, current))
            continue
        entries.append(
            RailEntry(
                id=one.number,
                name=one.customer_name or one.subject,
                number=one.number,
                status=one.status,
                current=number == one.number,
            )
        )
    return tuple(msgspec.structs.replace(entry, clock=clocks.get(entry.number or "")) for entry in entries)


def _held(card: Card, current: str | None) -> RailEntry:
    return RailEntry(
        id=card.item,
        card=card,
        name=card.customer_name or card.caller or card.subject,
        number=card.case_number,
        status=card.status,
        current=card.item == current,
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
                handed=await desktop_handover.of_offer(db, card),
            )
    return None
