"""Facts on their way to the router: put by any node, taken by one.

A fact is put in the same transaction as whatever else the request keeps. The router takes the oldest rows and removes
them in the transaction that keeps what followed from them. It never reads past a cursor: a lower id may commit later
than a higher one, and a row that is still there has not been taken, whatever its id.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from console.db.engine import Transaction, driver
from console.ids import FactId, new_id


class Taken(msgspec.Struct, frozen=True):
    """A fact as it was put; `fact` is its json."""

    id: int
    fact_id: FactId
    fact: bytes
    put_at: datetime


async def put(db: Transaction, fact: msgspec.Struct, *, fact_id: FactId | None = None) -> FactId:
    """Keep a fact for the router, which sees it when this transaction commits; returns its id."""
    fact_id = fact_id or FactId(new_id())
    await (await driver(db)).execute(
        "insert into inbox (fact_id, fact) values ($1, $2)", fact_id, msgspec.json.encode(fact)
    )
    return fact_id


async def take(db: Transaction, limit: int) -> list[Taken]:
    """The oldest facts, in the order in which they were put; they stay until they are removed.

    They are not locked: the caller has renewed the router's lease in this transaction, and that row's lock keeps any
    other router out until the commit.
    """
    rows = await (await driver(db)).fetch(
        "select id, fact_id, fact::text, put_at from inbox order by id limit $1", limit
    )
    return [Taken(id_, fact_id, fact.encode(), put_at) for id_, fact_id, fact, put_at in rows]


async def remove(db: Transaction, ids: Sequence[int]) -> None:
    """Facts that were taken, and are kept as decisions by this transaction."""
    await (await driver(db)).execute("delete from inbox where id = any($1::bigint[])", ids)


async def refuse(db: Transaction, taken: Taken, traceback: str) -> None:
    """Move a fact that makes the engine raise out of the way, with what it raised."""
    await (await driver(db)).execute(
        "with gone as (delete from inbox where id = $1 returning fact_id, fact, put_at)"
        " insert into inbox_refused (fact_id, fact, put_at, traceback)"
        " select fact_id, fact, put_at, $2 from gone",
        taken.id,
        traceback,
    )
