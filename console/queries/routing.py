"""Single rows of the router's tables, for use cases that ask before they act."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from console.db.schema import assignment, routing_agent, routing_item, routing_offer, work


class OfferRow(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    item: str
    agent: str
    state: str


class ItemRow(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    kind: str
    queue: str
    state: str
    agent: str | None
    waiting_since: datetime
    assigned_at: datetime | None
    ended_at: datetime | None


class AgentRow(msgspec.Struct, frozen=True, kw_only=True):
    username: str
    presence: str
    reason: str | None
    routing_state: str
    nodes: list[str]
    pending: str | None
    pending_reason: str | None


async def offer(db: AsyncConnection, offer_id: str) -> OfferRow | None:
    c = routing_offer.c
    row = (await db.execute(select(c.id, c.item, c.agent, c.state).where(c.id == offer_id))).mappings().first()
    return OfferRow(**row) if row else None


async def item(db: AsyncConnection, item_id: str) -> ItemRow | None:
    """As the router last decided; None until it has taken it in."""
    c = routing_item.c
    columns = (c.id, c.kind, c.queue, c.state, c.agent, c.waiting_since, c.assigned_at, c.ended_at)
    row = (await db.execute(select(*columns).where(c.id == item_id))).mappings().first()
    return ItemRow(**row) if row else None


async def agent(db: AsyncConnection, username: str) -> AgentRow | None:
    c = routing_agent.c
    columns = (c.username, c.presence, c.reason, c.routing_state, c.nodes, c.pending, c.pending_reason)
    row = (await db.execute(select(*columns).where(c.username == username))).mappings().first()
    return AgentRow(**row) if row else None


async def last_agent(db: AsyncConnection, customer: str) -> str | None:
    """Who had work about this customer last."""
    latest = (
        select(assignment.c.agent)
        .join(work, work.c.item == assignment.c.item)
        .where(work.c.customer == customer)
        .order_by(assignment.c.assigned_at.desc())
        .limit(1)
    )
    found: str | None = await db.scalar(latest)
    return found
