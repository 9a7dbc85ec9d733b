"""What came into a centre in a time gone by, and who was there: what a back-test runs again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from console.routing.facts import Fact
from console.routing.queue import Instant, Kind, Requirement, Span
from console.routing.work_item import ItemState

ITEMS_MAX = 500_000
"""Of one back-test: a month of a large centre."""


class PastItem(msgspec.Struct, frozen=True, kw_only=True):
    """A work item that began to wait then, what is known of its matter, and what became of it."""

    item: str
    kind: Kind
    queue: str
    """The first it waited in."""
    requires: Requirement
    priority: int | None
    waiting_since: Instant
    waited: Span
    state: ItemState
    agent: str | None
    handle: Span | None
    wrap_up: Span
    needs: Requirement
    """When it came."""
    parent: str | None
    rule: int | None
    """Of the routing rules, which held."""
    call: dict[str, Any] | None
    """The call's `source`, `id`, `from`, `to`."""
    attributes: dict[str, str]
    asked: dict[str, Any]
    """What its arrival itself said: `queue`, `requires`, `priority`, where it did."""
    case: dict[str, Any] | None
    topic: str | None
    subject: str | None
    source: str | None
    """Where it came from: a phone system, or the way of a case."""
    customer: dict[str, Any] | None


_ITEMS = text(
    """
    select i.id::text as item, i.kind, first.row->>'queue' as queue, i.requires, i.own_priority as priority,
      (extract(epoch from i.waiting_since) * 1000000)::bigint as waiting_since,
      (extract(epoch from coalesce(i.assigned_at, i.ended_at, :until) - i.waiting_since) * 1000000)::bigint as waited,
      i.state, i.agent,
      (extract(epoch from coalesce(i.wrap_up_since, i.ended_at, :until) - i.assigned_at) * 1000000)::bigint as handle,
      coalesce((extract(epoch from i.ended_at - i.wrap_up_since) * 1000000)::bigint, 0) as wrap_up,
      first.row->'needs' as needs, i.parent::text as parent, (w.routed->>'rule')::int as rule,
      case when c.id is not null then
        jsonb_build_object('source', c.source, 'id', c.external_id, 'from', c.caller, 'to', c.dialled) end as call,
      coalesce(c.attributes, '{}') as attributes,
      coalesce(e.event, '{}') as asked,
      case when m.id is not null then jsonb_build_object(
        'number', m.number, 'subject', m.subject, 'status', m.status, 'priority', m.priority) end as case,
      m.topic, m.subject, coalesce(c.source, m.via) as source,
      case when p.id is not null then jsonb_build_object('id', p.id, 'name', p.name, 'phone', c.caller) end as customer
    from routing_item i
    join lateral (select d.row from decision_row d where d.kind = 'item' and d.id = i.id::text order by d.decision limit 1)
      first on true
    left join work w on w.item = i.id
    left join call c on c.id = w.call
    left join "case" m on m.id = w."case"
    left join customer p on p.id = w.customer
    left join lateral (select e.event from call_event e where e.call = c.id and e.event->>'type' = 'call.arrived' limit 1)
      e on true
    where i.waiting_since >= :since and i.waiting_since < :until
    order by i.waiting_since, i.seq limit :most
    """
)

_PRESENCE = text(
    """
    select fact from decision where at >= :since and at < :until
      and fact->>'fact' in ('PresenceSet', 'StreamOpened', 'StreamClosed', 'NodeGone') order by number
    """
)


async def items(db: AsyncConnection, since: datetime, until: datetime) -> list[PastItem]:
    """Everything that began to wait in that time, in order."""
    found = await db.execute(_ITEMS, {"since": since, "until": until, "most": ITEMS_MAX})
    return [msgspec.convert(dict(row), PastItem) for row in found.mappings()]


async def presence(db: AsyncConnection, since: datetime, until: datetime) -> list[Fact]:
    """Who came, paused and left in that time, in order."""
    found = await db.execute(_PRESENCE, {"since": since, "until": until})
    return [msgspec.convert(fact, Fact) for fact in found.scalars()]
