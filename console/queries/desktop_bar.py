"""What the Bar says beyond the work in hand: the ring that was missed, and a colleague's question."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from console.cases.call import ConsultState
from console.db.schema import routing_agent, routing_item, routing_offer, user_account
from console.queries import stream
from console.queries.stream import Card


class Missed(msgspec.Struct, frozen=True, kw_only=True):
    """The ring that took the agent out of routing."""

    queue: str
    kind: str
    made_at: datetime
    closed_at: datetime
    went_to: str | None = None
    """Name of the agent who was asked next, or has it now."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A colleague on a call asks this agent about it."""

    card: Card
    by_name: str
    state: ConsultState
    since: datetime


async def missed(db: AsyncConnection, username: str) -> Missed | None:
    o, i, u = routing_offer.c, routing_item.c, user_account.c
    row = (
        (
            await db.execute(
                select(i.queue, i.kind, o.made_at, o.closed_at, func.nullif(i.agent, username).label("agent"), u.name)
                .select_from(
                    routing_offer.join(routing_item, i.id == o.item).outerjoin(user_account, u.username == i.agent)
                )
                .where(o.agent == username, o.state == "timed_out")
                .order_by(o.closed_at.desc())
                .limit(1)
            )
        )
        .mappings()
        .first()
    )
    if row is None:
        return None
    went_to = row["name"] or row["agent"] if row["agent"] else None
    return Missed(
        queue=row["queue"], kind=row["kind"], made_at=row["made_at"], closed_at=row["closed_at"], went_to=went_to
    )


async def asked(db: AsyncConnection, username: str) -> Asked | None:
    """None where nobody asks them, or their phone has not been called yet."""
    item = await db.scalar(select(routing_agent.c.consult).where(routing_agent.c.username == username))
    card = (await stream.cards(db, [item])).get(item) if item else None
    if card is None or card.consult is None or card.consult.agent != username:
        return None
    name = await db.scalar(select(user_account.c.name).where(user_account.c.username == card.agent))
    return Asked(card=card, by_name=name or card.agent or "", state=card.consult.state, since=card.consult.since)
