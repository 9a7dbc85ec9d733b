"""What is to be done after the commit: frames for sockets, and orders to phone systems.

A row's lane names who does it. `node:<id>` holds frames for that node's sockets: taken once, because what a dead node
had taken its agents see again when they reconnect. `phone:<source>` holds orders for whoever holds that phone system's
lease: each is claimed, run, and then removed, so it is run at least once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import msgspec

from console.db.engine import Transaction, driver

TRIES_MAX = 10
"""Together with the pauses some 20 s: about as long as a caller listens to nothing happening."""

PAUSE_FIRST = timedelta(seconds=0.1)
PAUSE_MAX = timedelta(seconds=5)

CLAIM = timedelta(seconds=15)
"""How long a claimed order is nobody else's. Longer than any one order takes; a new holder of the lane waives it."""


class Order(msgspec.Struct, frozen=True):
    """`body` is json. Orders of one lane and key are run in the order in which they were put."""

    lane: str
    key: str
    body: bytes
    within: timedelta | None = None
    """It is `late` so long after it was put, on the database's clock."""


class Claimed(msgspec.Struct, frozen=True):
    """An order in hand; `tries` counts this one. One that is `late` must not be run, only removed."""

    id: int
    key: str
    body: bytes
    tries: int
    late: bool = False


async def put(db: Transaction, orders: Sequence[Order]) -> None:
    """Keep orders, in this order, to be done once this transaction has committed."""
    if orders:
        await (await driver(db)).execute(
            "insert into outbox (lane, key, body, late_at) select lane, key, body, clock_timestamp() + within"
            " from unnest($1::text[], $2::text[], $3::jsonb[], $4::interval[])"
            "  with ordinality as o (lane, key, body, within, place)"
            " order by place",
            [order.lane for order in orders],
            [order.key for order in orders],
            [order.body for order in orders],
            [order.within for order in orders],
        )


async def tell(db: Transaction, frames: Sequence[tuple[str, bytes]]) -> None:
    """Keep messages, each for an agent, for every node: any of them may hold a socket of theirs."""
    if frames:
        await (await driver(db)).execute(
            "insert into outbox (lane, key, body) select 'node:' || node.id, agent, body"
            " from unnest($1::text[], $2::jsonb[]) with ordinality as f (agent, body, place), node"
            " order by place, node.id",
            [agent for agent, _ in frames],
            [body for _, body in frames],
        )


async def take_frames(db: Transaction, lane: str, limit: int = 1000) -> list[tuple[str, bytes]]:
    """The lane's oldest frames as (agent, json), in the order in which they were put; they are removed.

    A lane of frames has one reader, its node, so no lock is needed beyond the deletion's own.
    """
    rows = await (await driver(db)).fetch(
        "with gone as (delete from outbox where id in"
        " (select id from outbox where lane = $1 order by id limit $2) returning id, key, body)"
        " select key, body::text from gone order by id",
        lane,
        limit,
    )
    return [(key, body.encode()) for key, body in rows]


async def claim(db: Transaction, lane: str, limit: int) -> list[Claimed]:
    """Orders to run now, oldest first, at most one of each key: the next comes when it is done, or dead.

    Claiming counts as a try, so that an order whose running kills the process is not run for ever. The lane's holder
    has its lease; for the moment in which a deposed holder has not noticed yet, a row that another transaction is
    claiming is passed over (`skip locked`), and one that it has just claimed fails the second look at `run_after`.
    """
    rows = await (await driver(db)).fetch(
        "with first as (select distinct on (key) id from outbox where lane = $1 and dead_at is null order by key, id),"
        " due as (select o.id from outbox o join first using (id) where o.run_after <= clock_timestamp()"
        "  order by o.id limit $2 for update of o skip locked),"
        " taken as (update outbox o set tries = o.tries + 1, run_after = clock_timestamp() + $3"
        "  from due where o.id = due.id returning o.id, o.key, o.body, o.tries,"
        "  coalesce(o.late_at <= clock_timestamp(), false) as late)"
        " select id, key, body::text, tries, late from taken order by id",
        lane,
        limit,
        CLAIM,
    )
    return [Claimed(id_, key, body.encode(), tries, late) for id_, key, body, tries, late in rows]


async def release(db: Transaction, lane: str) -> None:
    """Make due at once what the lane's previous holder had in hand; call it when its lease has been taken."""
    await (await driver(db)).execute(
        "update outbox set run_after = clock_timestamp()"
        " where lane = $1 and dead_at is null and run_after > clock_timestamp()",
        lane,
    )


async def done(db: Transaction, ids: Sequence[int]) -> None:
    """Orders that were run."""
    await (await driver(db)).execute("delete from outbox where id = any($1::bigint[])", ids)


async def failed(db: Transaction, id_: int, tries: int) -> bool:
    """An order that failed for the given time: it is tried again after a pause, twice as long each time.

    True: it is dead, and kept for the operator to see; the orders behind it go on.
    """
    dead = tries >= TRIES_MAX
    await (await driver(db)).execute(
        "update outbox set run_after = clock_timestamp() + $2, dead_at = case when $3 then clock_timestamp() end"
        " where id = $1",
        id_,
        pause(tries),
        dead,
    )
    return dead


def pause(tries: int) -> timedelta:
    """How long to wait after so many failures."""
    return min(PAUSE_FIRST * (1 << min(tries - 1, 16)), PAUSE_MAX)
