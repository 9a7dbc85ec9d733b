"""The engine's tables and its journal: `save` what a batch decided, `load` an engine's rows, read the journal back.

The router alone writes here. In `routing_…` instants are timestamptz; in the journal rows are the engine's own, in µs.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from console.clock import from_instant, to_instant
from console.db.engine import driver
from console.routing.agent import Agent
from console.routing.explain import AsOf
from console.routing.floor import RECALL
from console.routing.ids import offer_number
from console.routing.journal import Decision, Journalled
from console.routing.replay import Recorded
from console.routing.rows import Meta, Snapshot
from console.routing.work_item import Assignment, Offer, WorkItem

PAGE = 1_000
"""Decisions read at once when the journal is walked through."""

T = TypeVar("T", bound=msgspec.Struct)
J = TypeVar("J", bound=Journalled)

_Columns = Mapping[str, str]
"""Name to type; `at` is an instant: timestamptz in the table, µs in rows."""

_META: _Columns = {
    "decision": "bigint",
    "item_seq": "bigint",
    "idle_seq": "bigint",
    "offer_seq": "bigint",
    "now": "bigint",
    "config_version": "int",
}
_ITEM: _Columns = {
    "id": "uuid",
    "seq": "bigint",
    "kind": "text",
    "queue": "text",
    "requires": "jsonb",
    "own_priority": "int",
    "state": "text",
    "waiting_since": "at",
    "queued_at": "at",
    "left": "text[]",
    "due": "at",
    "needs": "jsonb",
    "relaxed": "int",
    "priority": "int",
    "rank": "int",
    "turn": "bigint",
    "preferred": "text[]",
    "prefer_until": "at",
    "agent": "text",
    "offer": "uuid",
    "taken": "int",
    "consult": "text",
    "holds": "jsonb",
    "assigned_at": "at",
    "connected": "boolean",
    "takes_orders": "boolean",
    "wrap_up_since": "at",
    "wrap_up_until": "at",
    "ended_at": "at",
    "parent": "uuid",
}
_AGENT: _Columns = {
    "username": "text",
    "presence": "text",
    "reason": "text",
    "presence_since": "at",
    "pending": "text",
    "pending_reason": "text",
    "not_responding": "boolean",
    "idle_since": "at",
    "idle_seq": "bigint",
    "nodes": "text[]",
    "absent_since": "at",
    "offline_since": "at",
    "offer": "uuid",
    "work": "uuid[]",
    "consult": "uuid",
    "active": "boolean",
    "routing_state": "text",
    "state_since": "at",
}
_OFFER: _Columns = {
    "id": "uuid",
    "item": "uuid",
    "agent": "text",
    "made_at": "at",
    "expires_at": "at",
    "why": "jsonb",
    "state": "text",
    "closed_at": "at",
    "reason": "text",
}
_ASSIGNMENT: _Columns = {
    "item": "uuid",
    "nth": "int",
    "agent": "text",
    "offer": "uuid",
    "assigned_at": "at",
    "ended_at": "at",
    "outcome": "text",
}
_DECISION: _Columns = {
    "number": "bigint",
    "at": "at",
    "fact_id": "uuid",
    "fact": "jsonb",
    "orders": "jsonb",
    "config_version": "int",
}
_DECISION_ROW: _Columns = {"kind": "text", "id": "text", "decision": "bigint", "at": "at", "row": "jsonb"}


def _upsert(table: str, columns: _Columns, given_as: int, key: str | None, order: str = "1") -> str:
    """Part of a statement, for any number of rows; the parameter of that number is a json array of them."""
    given = ", ".join(f'"{name}" {"bigint" if kind == "at" else kind}' for name, kind in columns.items())
    values = ", ".join(
        f"timestamptz 'epoch' + r.\"{name}\" * interval '1 microsecond'" if kind == "at" else f'r."{name}"'
        for name, kind in columns.items()
    )
    names = ", ".join(f'"{name}"' for name in columns)
    statement = f"insert into {table} ({names}) select {values} from jsonb_to_recordset(${given_as}) as r({given}) order by {order}"  # noqa: S608 - our own names
    if key is None:
        return statement
    changes = ", ".join(f'"{name}" = excluded."{name}"' for name in columns if name not in key.split(", "))
    return f"{statement} on conflict ({key}) do update set {changes}"


def _select(table: str, columns: _Columns) -> str:
    names = ", ".join(
        f'(extract(epoch from "{name}") * 1000000)::bigint as "{name}"' if kind == "at" else f'"{name}"'
        for name, kind in columns.items()
    )
    return f"select {names} from {table}"  # noqa: S608 - our own names


_PUT_META = (
    "insert into routing_meta (one, decision, item_seq, idle_seq, offer_seq, now, config_version)"
    " values (true, $7, $8, $9, $10, $11, $12) on conflict (one) do update set decision = $7,"
    " item_seq = $8, idle_seq = $9, offer_seq = $10, now = $11, config_version = $12"
)
# One statement, because each journey to the server is a part of every offer's latency. Ends come before beginnings: the
# partial unique indexes (one open offer an agent and an item, one owner an item) are looked at row by row.
_ENDED_FIRST = "r.state = 'open', r.id"
_PUT = (
    f"with offers as ({_upsert('routing_offer', _OFFER, 1, 'id', _ENDED_FIRST)}),"
    f" items as ({_upsert('routing_item', _ITEM, 2, 'id')}),"
    f" agents as ({_upsert('routing_agent', _AGENT, 3, 'username')}),"
    f" assignments as ({_upsert('assignment', _ASSIGNMENT, 4, 'item, nth', 'r.ended_at is null, r.item, r.nth')}),"
    f" decisions as ({_upsert('decision', _DECISION, 5, None)}),"
    f" decision_rows as ({_upsert('decision_row', _DECISION_ROW, 6, None)})"
    f" {_PUT_META}"
)
_PAGE = """
    select coalesce(json_agg(json_build_object(
        'number', number, 'at', (extract(epoch from at) * 1000000)::bigint, 'config_version', config_version,
        'items', coalesce(items, '[]'), 'agents', coalesce(agents, '[]'), 'offers', coalesce(offers, '[]'){pairs}
      ) order by number), '[]')::text
    from decision left join (
      select decision,
        json_agg(row) filter (where kind = 'item') as items,
        json_agg(row) filter (where kind = 'agent') as agents,
        json_agg(row) filter (where kind = 'offer') as offers
      from decision_row where decision > $1 and decision <= $2 group by decision
    ) rows on decision = number
    where number > $1 and number <= $2
"""
_JOURNAL = _PAGE.format(columns="", pairs="")
_RECORDED = _PAGE.format(
    columns=", fact_id, fact, orders", pairs=", 'fact_id', fact_id, 'fact', fact, 'orders', orders"
)
_NEWEST_THEN = """
    select
      (select i.seq from routing_item i where exists (
         select from decision_row d where d.kind = 'item' and d.id = i.id::text and d.decision <= $1)
       order by i.seq desc limit 1) as item_seq,
      (select o.id from routing_offer o where exists (
         select from decision_row d where d.kind = 'offer' and d.id = o.id::text and d.decision <= $1)
       order by o.id desc limit 1) as offer
"""
_ROW_THEN = (
    "select r.kind, r.row from unnest($1::text[], $2::text[]) as w(kind, id), lateral (select d.kind, d.row"
    " from decision_row d where d.kind = w.kind and d.id = w.id and d.decision <= $3 order by d.decision desc limit 1) r"
)


async def save(db: AsyncConnection, decisions: Sequence[Decision]) -> None:
    """Keep what a batch decided: rows, journal, counters. The caller's transaction commits it, or none of it."""
    if not decisions:
        return
    meta = decisions[-1].changes.meta
    kept: tuple[list[Any], ...] = (
        _latest(o for d in decisions for o in d.changes.offers),
        _latest(i for d in decisions for i in d.changes.items),
        _latest(a for d in decisions for a in d.changes.agents),
        _latest(a for d in decisions for a in d.changes.assignments),
        [_decision(d) for d in decisions],
        [row for d in decisions for row in _decision_rows(d)],
    )
    await (await driver(db)).execute(
        _PUT,
        *map(msgspec.json.encode, kept),
        meta.decision,
        meta.item_seq,
        meta.idle_seq,
        meta.offer_seq,
        meta.now,
        meta.config_version,
    )


async def load(db: AsyncConnection) -> Snapshot:
    """The rows of an engine that goes on where the last commit left off. Take the lease first.

    `meta.config_version` says which rules `Engine.load` needs beside it.
    """
    connection = await driver(db)
    found = await connection.fetchrow(_select("routing_meta", _META))
    if found is None:
        return Snapshot(meta=Meta())
    meta = msgspec.convert(dict(found), Meta)
    oldest = from_instant(meta.now - RECALL)
    items = await connection.fetch(
        f"{_select('routing_item', _ITEM)} where ended_at is null or ended_at >= $1 order by seq", oldest
    )
    offers = await connection.fetch(
        f"{_select('routing_offer', _OFFER)} where closed_at is null or closed_at >= $1 order by id", oldest
    )
    agents = await connection.fetch(f"{_select('routing_agent', _AGENT)} order by username")
    return Snapshot(
        meta=meta,
        items=_structs(items, WorkItem),
        agents=_structs(agents, Agent),
        offers=_structs(offers, Offer),
    )


# --- reading the journal ---------------------------------------------------------------------------------------------


def journal(db: AsyncConnection, *, after: int = 0) -> AsyncGenerator[Journalled, None]:
    """Every decision after that number, in order, with the rows it changed.

    While it is walked through, ask the same connection nothing else: the next page is on its way. Close it
    (`aclosing`) before the connection is used again.
    """
    return _walk(db, after, _JOURNAL, msgspec.json.Decoder(list[Journalled]).decode)


def recorded(db: AsyncConnection, *, after: int = 0) -> AsyncGenerator[Recorded, None]:
    """As `journal`, with facts and orders."""
    return _walk(db, after, _RECORDED, msgspec.json.Decoder(list[Recorded]).decode)


async def _walk(
    db: AsyncConnection, after: int, statement: str, decode: Callable[[str], list[J]]
) -> AsyncGenerator[J, None]:
    """The server puts the next page together while this one is worked on; a page is decoded at once, not row by row."""
    connection = await driver(db)
    ends = await connection.fetchrow("select min(number), max(number) from decision where number > $1", after)

    def page(start: int) -> asyncio.Task[str]:
        # With both ends given as numbers the server sees that a page is a small part of the index.
        return asyncio.create_task(connection.fetchval(statement, start, start + PAGE))

    starts = range(ends["min"] - 1, ends["max"], PAGE) if ends["min"] is not None else range(0)
    coming = page(starts[0]) if starts else None
    for start in starts:
        assert coming is not None
        decisions = decode(await coming)
        coming = page(start + PAGE)
        try:
            await asyncio.sleep(0)  # so that it is sent
            for decision in decisions:
                yield decision
        finally:
            await asyncio.wait([coming])  # whoever stops in the middle gets the connection back free


async def versions_after(db: AsyncConnection, decision: int) -> list[int]:
    """Of the configurations under which decisions after that one were made."""
    connection = await driver(db)
    found = await connection.fetch("select distinct config_version from decision where number > $1", decision)
    return sorted(row["config_version"] for row in found)


async def first_decision(db: AsyncConnection) -> int | None:
    """The number of the first that is journalled; older ones have been dropped. None: there is none."""
    connection = await driver(db)
    found: int | None = await connection.fetchval("select min(number) from decision")
    return found


async def decision_before(db: AsyncConnection, at: datetime) -> int:
    """The last decision made before that instant; 0: none was."""
    connection = await driver(db)
    return int(await connection.fetchval("select coalesce(max(number), 0) from decision where at < $1", at))


async def snapshot_then(db: AsyncConnection, decision: int) -> Snapshot:
    """The rows of an engine as they were after that decision: where walking through the later ones begins.

    Its counters are found again from what they were last given to.
    """
    connection = await driver(db)
    found = await connection.fetchrow("select at, config_version from decision where number = $1", decision)
    if found is None:
        return Snapshot(meta=Meta())
    at = to_instant(found["at"])
    oldest = from_instant(at - RECALL)
    keys = [("agent", row["username"]) for row in await connection.fetch("select username from routing_agent")]
    keys += [
        ("item", row["id"])
        for row in await connection.fetch(
            "select id from routing_item where waiting_since <= $1 and (ended_at is null or ended_at >= $2) order by seq",
            found["at"],
            oldest,
        )
    ]
    keys += [
        ("offer", row["id"])
        for row in await connection.fetch(
            "select id from routing_offer where made_at <= $1 and (closed_at is null or closed_at >= $2) order by id",
            found["at"],
            oldest,
        )
    ]
    rows = await _rows_then(db, keys, decision)
    agents = _agents(rows.get("agent", ()))
    newest = await connection.fetchrow(_NEWEST_THEN, decision)
    meta = Meta(
        decision=decision,
        item_seq=newest["item_seq"] or 0,
        idle_seq=max((agent.idle_seq for agent in agents), default=0),
        offer_seq=offer_number(newest["offer"]) if newest["offer"] else 0,
        now=at,
        config_version=found["config_version"],
    )
    return Snapshot(meta=meta, items=_items(rows.get("item", ())), agents=agents, offers=_offers(rows.get("offer", ())))


async def as_of(db: AsyncConnection, item: str, decision: int | None = None) -> AsOf | None:
    """What explains an item: its row, every agent's, and what they had in hand, after that decision.

    Without a number: after the decision that last offered it, or, where it waits, after the latest of all. None: no
    such item, or it was not there yet.
    """
    connection = await driver(db)
    number = decision if decision is not None else await _telling_decision(db, item)
    found = await connection.fetchrow("select number, at, config_version from decision where number = $1", number)
    if found is None:
        return None
    names = await connection.fetch("select username from routing_agent order by username")
    offers = await connection.fetch("select id from routing_offer where item = $1", item)
    keys = [("item", item), *(("agent", row["username"]) for row in names), *(("offer", row["id"]) for row in offers)]
    rows = await _rows_then(db, keys, found["number"])
    if "item" not in rows:
        return None
    agents = _agents(rows.get("agent", ()))
    held = await _rows_then(db, [("item", held) for agent in agents for held in agent.work], found["number"])
    return AsOf(
        decision=found["number"],
        at=to_instant(found["at"]),
        config_version=found["config_version"],
        item=_items(rows["item"])[0],
        agents=agents,
        in_hand=_items(held.get("item", ())),
        offers=_offers(rows.get("offer", ())),
    )


async def _telling_decision(db: AsyncConnection, item: str) -> int | None:
    """The decision that says most: who was asked last; of what waits, how it is now; of what left, how it was then."""
    connection = await driver(db)
    found: int | None = await connection.fetchval(
        "select case when i.state = 'waiting' then (select m.decision from routing_meta m)"
        " when i.agent is null then (select max(d.decision) from decision_row d where d.kind = 'item' and d.id = i.id::text)"
        " when i.offer is null then (select min(d.decision) from decision_row d"
        "   where d.kind = 'item' and d.id = i.id::text and d.row->>'agent' = i.agent)"
        " else (select max((o.why->>'decision')::bigint) from routing_offer o where o.item = i.id) end"
        " from routing_item i where i.id = $1",
        item,
    )
    return found


async def _rows_then(db: AsyncConnection, keys: Sequence[tuple[str, str]], decision: int) -> dict[str, list[Any]]:
    """Rows as they were after that decision, by kind."""
    if not keys:
        return {}
    connection = await driver(db)
    rows: dict[str, list[Any]] = {}
    kinds, ids = zip(*keys, strict=True)
    for row in await connection.fetch(_ROW_THEN, list(kinds), list(ids), decision):
        rows.setdefault(row["kind"], []).append(row["row"])
    return rows


def _items(rows: Sequence[Any]) -> tuple[WorkItem, ...]:
    return tuple(msgspec.convert(row, WorkItem) for row in rows)


def _agents(rows: Sequence[Any]) -> tuple[Agent, ...]:
    return tuple(msgspec.convert(row, Agent) for row in rows)


def _offers(rows: Sequence[Any]) -> tuple[Offer, ...]:
    return tuple(msgspec.convert(row, Offer) for row in rows)


def _structs(rows: Sequence[Any], kind: type[T]) -> tuple[T, ...]:
    return tuple(msgspec.convert(dict(row), kind) for row in rows)


def _latest(rows: Iterable[T]) -> list[T]:
    """Of each key the last row."""
    latest = {_key(row): row for row in rows}
    return list(latest.values())


def _key(row: Any) -> tuple[str, int] | str:
    return (row.item, row.nth) if isinstance(row, Assignment) else _id(row)


def _id(row: Any) -> str:
    return row.username if isinstance(row, Agent) else str(row.id)


def _decision(decision: Decision) -> dict[str, Any]:
    return {
        "number": decision.number,
        "at": decision.at,
        "fact_id": decision.fact_id,
        "fact": decision.fact,
        "orders": decision.orders,
        "config_version": decision.config_version,
    }


def _decision_rows(decision: Decision) -> list[dict[str, Any]]:
    changes = decision.changes
    kinds: tuple[tuple[str, tuple[msgspec.Struct, ...]], ...] = (
        ("item", changes.items),
        ("agent", changes.agents),
        ("offer", changes.offers),
    )
    return [
        {"kind": kind, "id": _id(row), "decision": decision.number, "at": decision.at, "row": row}
        for kind, rows in kinds
        for row in rows
    ]
