"""An agent's desk and its cards, as the stream tells them: offers and work with call, case and customer."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Row, Select, and_, any_, bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from console.cases.call import Consult
from console.db.schema import (
    Id,
    call,
    case,
    case_viewing,
    customer,
    customer_phone,
    routing_agent,
    routing_item,
    routing_meta,
    routing_offer,
    work,
)


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """A work item and what it is about."""

    item: str
    kind: str
    call: str | None = None
    source: str | None = None
    external_id: str | None = None
    caller: str | None = None
    dialled: str | None = None
    call_state: str | None = None
    """waiting, ringing, talking, held, ended"""
    talk_since: datetime | None = None
    held_at: datetime | None = None
    muted: bool = False
    consult: Consult | None = None
    attributes: dict[str, Any] | None = None
    case: str | None = None
    case_number: str | None = None
    subject: str | None = None
    status: str | None = None
    case_priority: int | None = None
    customer: str | None = None
    customer_name: str | None = None
    phone: str | None = None
    queue: str | None = None
    """None until the router has taken it in."""
    state: str | None = None
    agent: str | None = None
    waiting_since: datetime | None = None
    assigned_at: datetime | None = None
    wrap_up_until: datetime | None = None
    takes_orders: bool | None = None


class OpenOffer(msgspec.Struct, frozen=True, kw_only=True):
    offer: str
    item: str
    agent: str
    made_at: datetime
    expires_at: datetime
    why: dict[str, Any]


class DeskState(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the router has decided for one agent, as of `decision`."""

    decision: int
    presence: str
    reason: str | None
    routing_state: str
    offers: tuple[OpenOffer, ...]
    cards: dict[str, Card]
    work: tuple[str, ...]
    """Items in hand, in the order they came."""


_FIRST_PHONE = (
    select(func.min(customer_phone.c.phone))
    .where(customer_phone.c.customer == work.c.customer)
    .correlate(work)
    .scalar_subquery()
)


def _cards(where: ColumnElement[bool]) -> Select[Any]:
    return (
        select(
            work.c.item,
            work.c.kind,
            work.c.call,
            call.c.source,
            call.c.external_id,
            call.c.caller,
            call.c.dialled,
            call.c.state.label("call_state"),
            call.c.talk_since,
            call.c.held_at,
            func.coalesce(call.c.muted, False).label("muted"),
            call.c.consult,
            call.c.attributes,
            work.c.case,
            case.c.number.label("case_number"),
            case.c.subject,
            case.c.status,
            case.c.priority.label("case_priority"),
            work.c.customer,
            customer.c.name.label("customer_name"),
            _FIRST_PHONE.label("phone"),
            routing_item.c.queue,
            routing_item.c.state,
            routing_item.c.agent,
            routing_item.c.waiting_since,
            routing_item.c.assigned_at,
            routing_item.c.wrap_up_until,
            routing_item.c.takes_orders,
        )
        .select_from(
            work.outerjoin(routing_item, routing_item.c.id == work.c.item)
            .outerjoin(call, call.c.id == work.c.call)
            .outerjoin(case, case.c.id == work.c.case)
            .outerjoin(customer, customer.c.id == work.c.customer)
        )
        .where(where)
    )


_CARDS_OF_ITEMS = _cards(work.c.item == any_(bindparam("items", type_=ARRAY(Id))))
"""Put together once: the router asks it for every batch."""


async def cards(db: AsyncConnection, items: Collection[str]) -> dict[str, Card]:
    """Of each item that is there."""
    if not items:
        return {}
    rows = await db.execute(_CARDS_OF_ITEMS, {"items": sorted(items)})
    return {row.item: _card(row) for row in rows}


async def card_of_call(db: AsyncConnection, source: str, external_id: str) -> Card | None:
    """Of the item that the phone system's call became; the last, where it was handed on."""
    where = and_(call.c.source == source, call.c.external_id == external_id)
    rows = await db.execute(_cards(where).order_by(work.c.registered_at.desc()).limit(1))
    row = rows.first()
    return _card(row) if row else None


async def desk_state(db: AsyncConnection, agent: str) -> DeskState:
    """Of one agent; an agent the router does not know yet is offline."""
    decision = await db.scalar(select(routing_meta.c.decision)) or 0
    found = (await db.execute(select(routing_agent).where(routing_agent.c.username == agent))).first()
    offers = tuple(
        OpenOffer(offer=o.id, item=o.item, agent=o.agent, made_at=o.made_at, expires_at=o.expires_at, why=o.why)
        for o in await db.execute(
            select(routing_offer).where(routing_offer.c.agent == agent, routing_offer.c.state == "open")
        )
    )
    in_hand = and_(routing_item.c.agent == agent, routing_item.c.ended_at.is_(None))
    in_hand = or_(in_hand, routing_item.c.id.in_([offer.item for offer in offers])) if offers else in_hand
    rows = await db.execute(_cards(in_hand).order_by(routing_item.c.assigned_at, routing_item.c.seq))
    shown = {row.item: _card(row) for row in rows}
    return DeskState(
        decision=decision,
        presence=found.presence if found else "offline",
        reason=found.reason if found else None,
        routing_state=found.routing_state if found else "idle",
        offers=offers,
        cards=shown,
        work=tuple(item for item, card in shown.items() if card.state in ("assigned", "wrap_up")),
    )


def _card(row: Row[Any]) -> Card:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    values["consult"] = msgspec.convert(values["consult"], Consult | None)
    return Card(**values)


class CaseWatchers(msgspec.Struct, frozen=True, kw_only=True):
    """A case in a few words, and the agents who see it now."""

    number: str
    subject: str
    status: str
    priority: int | None
    agents: tuple[str, ...]


async def watchers_of_case(db: AsyncConnection, case_id: str) -> CaseWatchers | None:
    """Its owner, whoever is offered or has in hand work on it, and those who look at it."""
    found = (await db.execute(select(case).where(case.c.id == case_id))).first()
    if found is None:
        return None
    holders = await db.scalars(
        select(routing_item.c.agent)
        .join(work, work.c.item == routing_item.c.id)
        .where(work.c.case == case_id, routing_item.c.ended_at.is_(None), routing_item.c.agent.is_not(None))
    )
    viewers = await db.scalars(select(case_viewing.c.username).where(case_viewing.c.case == case_id))
    agents = {agent for agent in (*holders, *viewers, found.owner) if agent}
    return CaseWatchers(
        number=found.number,
        subject=found.subject,
        status=found.status,
        priority=found.priority,
        agents=tuple(sorted(agents)),
    )
