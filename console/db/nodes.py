"""The console processes that are alive: each has a row, and frames are kept for each (`outbox.tell`)."""

from __future__ import annotations

from console.db.engine import Transaction, driver
from console.ids import NodeId


async def arrive(db: Transaction, node: NodeId) -> None:
    """From this transaction's commit on frames are kept for this node; draw its agents' screens after it."""
    await (await driver(db)).execute(
        "insert into node (id) values ($1) on conflict (id) do update set seen_at = clock_timestamp()", node
    )


async def seen(db: Transaction, node: NodeId) -> bool:
    """Say that the node is alive; False: the others have given it up, and frames for it were lost."""
    found = await (await driver(db)).fetchval(
        "update node set seen_at = clock_timestamp() where id = $1 returning true", node
    )
    return found is not None


async def leave(db: Transaction, node: NodeId) -> None:
    """The node is no more, by its own word or by its silence; nobody will take its frames."""
    raw = await driver(db)
    await raw.execute("delete from node where id = $1", node)
    await raw.execute("delete from outbox where lane = 'node:' || $1::text", node)


async def silent(db: Transaction, older_than_s: float) -> list[NodeId]:
    """Nodes not seen for so long by the database's clock, the longest silent first.

    They are locked until the transaction ends, so that one that speaks up at this moment is either not among them or
    learns of its end; those that another transaction is looking at are left to it.
    """
    rows = await (await driver(db)).fetch(
        "select id from node where seen_at < clock_timestamp() - make_interval(secs => $1)"
        " order by seen_at for update skip locked",
        older_than_s,
    )
    return [NodeId(row["id"]) for row in rows]
