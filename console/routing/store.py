"""The engine's rows and its journal in PostgreSQL. The router writes them, and nobody else.

Rows go as JSON and are spread into columns by the server: a whole batch of decisions is one statement.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from console.clock import from_instant, to_instant
from console.db.engine import Transaction, driver
from console.routing.agent import Agent
from console.routing.floor import RECALL, Meta, Snapshot
from console.routing.journal import Decision
from console.routing.work_item import Assignment, Offer, OfferState, WorkItem

INSTANTS = frozenset(
    {
        "waiting_since",
        "assigned_at",
        "wrap_up_since",
        "wrap_up_until",
        "ended_at",
        "made_at",
        "expires_at",
        "closed_at",
        "presence_since",
        "idle_since",
        "absent_since",
        "offline_since",
        "state_since",
    }
)
"""Columns that are µs in the engine and timestamptz in its tables."""

Row = TypeVar("Row", WorkItem, Offer, Agent)


def _upsert(table: str, key: str, parameter: int, columns: Iterable[str]) -> str:
    names = [*columns]
    kept = ", ".join(names)
    changed = ", ".join(f"{name} = excluded.{name}" for name in names if name != key)
    return (
        f"insert into {table} ({kept}) select {kept} from jsonb_populate_recordset(null::{table}, ${parameter})"  # noqa: S608 - names of our own
        f" on conflict ({key}) do update set {changed}"
    )


_SAVE = f"""
with meta as (
  insert into routing_meta as m (one, decision, item_seq, idle_seq, offer_seq, now, config_version, alive_at)
  values (true, $1, $2, $3, $4, $5, $6, clock_timestamp())
  on conflict (one) do update set decision = excluded.decision, item_seq = excluded.item_seq,
    idle_seq = excluded.idle_seq, offer_seq = excluded.offer_seq, now = excluded.now,
    config_version = excluded.config_version, alive_at = excluded.alive_at
), items as ({_upsert("routing_item", "id", 7, WorkItem.__struct_fields__)}
), agents as ({_upsert("routing_agent", "username", 8, Agent.__struct_fields__)}
), offers as ({_upsert("routing_offer", "id", 9, Offer.__struct_fields__)}
), assignments as ({_upsert("assignment", "offer", 10, Assignment.__struct_fields__)}
), decisions as (
  insert into decision (number, at, fact_id, fact, orders, config_version)
  select number, at, fact_id, fact, orders, config_version from jsonb_populate_recordset(null::decision, $11)
)
insert into decision_row (kind, id, decision, at, row)
select kind, id, decision, at, row from jsonb_populate_recordset(null::decision_row, $12)
"""  # noqa: S608 - names of our own, from the structs


async def save(db: Transaction, decisions: list[Decision]) -> None:
    """Rows as they are after the last of these decisions, and the journal of each."""
    if not decisions:
        return
    meta = decisions[-1].changes.meta
    items: dict[str, WorkItem] = {}
    agents: dict[str, Agent] = {}
    offers: dict[str, Offer] = {}
    assignments: dict[str, Assignment] = {}
    for decision in decisions:
        items.update((item.id, item) for item in decision.changes.items)
        agents.update((agent.username, agent) for agent in decision.changes.agents)
        offers.update((offer.id, offer) for offer in decision.changes.offers)
        assignments.update((one.offer, one) for one in decision.changes.assignments)
    # What ends goes first: the unique indexes of what is open are checked row by row.
    ending_first = sorted(offers.values(), key=lambda offer: offer.state is OfferState.OPEN)
    ended_first = sorted(assignments.values(), key=lambda one: one.ended_at is None)
    await (await driver(db)).execute(
        _SAVE,
        meta.decision,
        meta.item_seq,
        meta.idle_seq,
        meta.offer_seq,
        meta.now,
        meta.config_version,
        _columns(items.values()),
        _columns(agents.values()),
        _columns(ending_first),
        _columns(ended_first),
        msgspec.json.encode([_journalled(decision) for decision in decisions]),
        msgspec.json.encode([row for decision in decisions for row in _journalled_rows(decision)]),
    )


def _columns(rows: Iterable[WorkItem | Agent | Offer | Assignment]) -> bytes:
    return msgspec.json.encode([_as_columns(row) for row in rows])


def _as_columns(row: WorkItem | Agent | Offer | Assignment) -> dict[str, Any]:
    columns = msgspec.structs.asdict(row)
    for name in INSTANTS & columns.keys():
        if columns[name] is not None:
            columns[name] = from_instant(columns[name])
    return columns


def _journalled(decision: Decision) -> dict[str, Any]:
    return {
        "number": decision.number,
        "at": from_instant(decision.at),
        "fact_id": decision.fact_id,
        "fact": decision.fact,
        "orders": decision.orders,
        "config_version": decision.config_version,
    }


def _journalled_rows(decision: Decision) -> Iterable[dict[str, Any]]:
    changes = decision.changes
    at = from_instant(decision.at)
    for kind, rows in (("item", changes.items), ("offer", changes.offers)):
        for row in rows:
            yield {"kind": kind, "id": row.id, "decision": decision.number, "at": at, "row": row}
    for agent in changes.agents:
        yield {"kind": "agent", "id": agent.username, "decision": decision.number, "at": at, "row": agent}


async def load(db: Transaction) -> Snapshot:
    """All that an engine needs to go on: what is open, what ended lately, every agent."""
    raw = await driver(db)
    found = await raw.fetchrow("select decision, item_seq, idle_seq, offer_seq, now, config_version from routing_meta")
    if found is None:
        return Snapshot(meta=Meta())
    meta = Meta(**found)
    since = from_instant(meta.now - RECALL)
    items = await raw.fetch("select * from routing_item where ended_at is null or ended_at >= $1 order by seq", since)
    offers = await raw.fetch(
        "select * from routing_offer where state = 'open' or closed_at >= $1 order by made_at, id", since
    )
    agents = await raw.fetch("select * from routing_agent order by username")
    return Snapshot(
        meta=meta,
        items=tuple(_row(row, WorkItem) for row in items),
        offers=tuple(_row(row, Offer) for row in offers),
        agents=tuple(_row(row, Agent) for row in agents),
    )


def _row(columns: Mapping[str, Any], kind: type[Row]) -> Row:
    return msgspec.convert({name: _value(value) for name, value in columns.items()}, kind)


def _value(value: object) -> object:
    if isinstance(value, datetime):
        return to_instant(value)
    return msgspec.json.decode(value) if isinstance(value, bytes) else value
