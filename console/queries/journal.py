"""What the journal and the kept events say together, for `console check`."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

LISTED_MAX = 1_000


class Unaccounted(msgspec.Struct, frozen=True, kw_only=True):
    """An accepted arrival of which nothing came."""

    source: str
    event_id: str
    call: str
    received_at: datetime


class Latency(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds from a fact to its decision."""

    decisions: int
    p50_s: float
    p99_s: float
    max_s: float


_UNACCOUNTED = text(
    """
    select e.source, e.event_id, coalesce(c.external_id, '') as call, e.received_at
    from call_event e left join call c on c.id = e.call
    where (cast(:since as timestamptz) is null or e.received_at >= :since)
      and (c.id is null or (
        e.event->>'type' = 'call.arrived' and coalesce(e.event->>'direction', 'inbound') = 'inbound'
        and not exists (
          select from work w where w.call = e.call and (
            exists (select from routing_item r where r.id = w.item)
            or exists (select from inbox i where i.fact->>'item' = w.item::text)
            or exists (select from inbox_refused f where f.fact->>'item' = w.item::text)))
        and not exists (
          select from activity a where a.data->>'call' = c.external_id and a.work is null)))
    order by e.received_at limit :most
    """
)

_LATENCY = text(
    """
    select count(*) as decisions,
      coalesce(percentile_cont(0.5) within group (order by late), 0) as p50_s,
      coalesce(percentile_cont(0.99) within group (order by late), 0) as p99_s,
      coalesce(max(late), 0) as max_s
    from (
      select extract(epoch from decided_at) - (fact->>'at')::numeric / 1000000 as late
      from decision
      where fact_id is not null and (cast(:since as timestamptz) is null or at >= :since)
    ) as told
    """
)


async def unaccounted(db: AsyncConnection, since: datetime | None) -> list[Unaccounted]:
    """Events without a call of ours, and arrivals that became neither work nor an entry in a timeline."""
    rows = await db.execute(_UNACCOUNTED, {"since": since, "most": LISTED_MAX})
    return [Unaccounted(**row) for row in rows.mappings()]


async def latency(db: AsyncConnection, since: datetime | None) -> Latency:
    """From a fact's instant to the commit of its decision; the clocks of a node and of the database stand between."""
    row = (await db.execute(_LATENCY, {"since": since})).mappings().one()
    return Latency(
        decisions=row["decisions"], p50_s=float(row["p50_s"]), p99_s=float(row["p99_s"]), max_s=float(row["max_s"])
    )
