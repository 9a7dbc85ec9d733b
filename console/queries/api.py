"""What a node tells of itself: whether it is ready, and figures for those who monitor it."""

from __future__ import annotations

import msgspec
from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy import case as sql_case
from sqlalchemy.ext.asyncio import AsyncConnection

from console.db.schema import inbox, inbox_refused, lease, node, outbox, routing_agent, routing_item

LEASE_GOOD_FOR_S = 2
"""A lease older than this may be taken by another node, so nobody surely holds it."""


class Readiness(msgspec.Struct, frozen=True, kw_only=True):
    """`router` is the node that surely holds the router's lease; None: nobody does."""

    router: str | None
    lease_age_s: float | None


async def readiness(db: AsyncConnection) -> Readiness:
    """Whether a router is at work, by the database's clock. That this answers at all is the other half."""
    age = func.extract("epoch", func.clock_timestamp() - lease.c.renewed_at)
    row = (await db.execute(select(lease.c.node, age.label("age")).where(lease.c.name == "router"))).first()
    if row is None:
        return Readiness(router=None, lease_age_s=None)
    age_s = float(row.age)
    return Readiness(router=row.node if age_s <= LEASE_GOOD_FOR_S else None, lease_age_s=age_s)


class Gauges(msgspec.Struct, frozen=True, kw_only=True):
    """How much there is of what, now. No names: whoever can reach the address may read it."""

    inbox: int
    inbox_oldest_s: float
    inbox_refused: int
    outbox: int
    outbox_dead: int
    nodes: int
    router_lease_age_s: float | None
    items: dict[str, int]
    """Open work items by state."""
    agents: dict[str, int]
    """Agents by presence, the available ones by routing state."""


async def gauges(db: AsyncConnection) -> Gauges:
    waited = func.extract("epoch", func.clock_timestamp() - func.min(inbox.c.put_at))
    facts = (await db.execute(select(func.count().label("waiting"), waited.label("oldest")).select_from(inbox))).one()
    dead = outbox.c.dead_at.is_not(None)
    live = func.count().filter(~dead).label("live")
    orders = (await db.execute(select(live, func.count().filter(dead).label("dead")).select_from(outbox))).one()
    recently = node.c.seen_at > func.clock_timestamp() - text("interval '10 seconds'")
    return Gauges(
        inbox=facts.waiting,
        inbox_oldest_s=float(facts.oldest or 0),
        inbox_refused=await db.scalar(select(func.count()).select_from(inbox_refused)) or 0,
        outbox=orders.live,
        outbox_dead=orders.dead,
        nodes=await db.scalar(select(func.count()).select_from(node).where(recently)) or 0,
        router_lease_age_s=(await readiness(db)).lease_age_s,
        items=await _counted(db, routing_item.c.state, routing_item.c.ended_at.is_(None)),
        agents=await _counted(db, _shown_state(), routing_agent.c.active),
    )


async def _counted(db: AsyncConnection, by: ColumnElement[str], where: ColumnElement[bool]) -> dict[str, int]:
    rows = await db.execute(select(by, func.count()).where(where).group_by(by))
    return {row[0]: row[1] for row in rows}


def _shown_state() -> ColumnElement[str]:
    available = routing_agent.c.presence == "available"
    return sql_case((available, routing_agent.c.routing_state), else_=routing_agent.c.presence)
