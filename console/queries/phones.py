"""What the router believes of calls, compared with what their phone systems told."""

from __future__ import annotations

import msgspec
from sqlalchemy import Text, and_, cast, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from console.db.schema import call, outbox, routing_item, work


class Adrift(msgspec.Struct, frozen=True, kw_only=True):
    """An item that waits for a phone of which nothing was told: its agent's, or that of the one its agent consults."""

    item: str
    agent: str
    consult: bool


async def adrift(db: AsyncConnection, source: str) -> set[Adrift]:
    """Items of that phone system's live calls, for which no order is under way. For a moment that is as it should be."""
    unconnected = and_(routing_item.c.state == "assigned", ~routing_item.c.connected, routing_item.c.takes_orders)
    unasked = and_(routing_item.c.consult.is_not(None), call.c.consult.is_(None))
    under_way = exists().where(
        outbox.c.lane == f"phone:{source}", outbox.c.key == cast(call.c.id, Text), outbox.c.dead_at.is_(None)
    )
    rows = await db.execute(
        select(routing_item.c.id, routing_item.c.agent, routing_item.c.consult)
        .join(work, work.c.item == routing_item.c.id)
        .join(call, call.c.id == work.c.call)
        .where(
            call.c.source == source,
            call.c.ended_at.is_(None),
            routing_item.c.ended_at.is_(None),
            or_(unconnected, unasked),
            ~under_way,
        )
    )
    return {
        Adrift(item=row.id, agent=row.consult or row.agent, consult=row.consult is not None)
        for row in rows
        if row.consult or row.agent
    }
