"""Who does what only one process may do: a row of its own for the router, the timekeeper and each phone system.

Everything is on the database's clock, so nodes need not agree on the time. The epoch goes up with every new holder.
A holder renews in each transaction that it commits: the row stays locked until the commit, hence nobody can take the
lease between a holder's check and its commit. An advisory lock would outlive a holder that was stopped or cut off; this
row is free 2 s after its last renewal.
"""

from __future__ import annotations

from datetime import timedelta

from console.db.engine import Transaction, driver

TAKEABLE_AFTER = timedelta(seconds=2)
"""Four missed renewals. Callers notice a longer pause; a shorter one would depose routers that merely stutter.

The statements that lock the row also have the server end a transaction that is idle for as long: a process that was
stopped inside one would keep the row locked.
"""
_IDLE_MAX = f"{TAKEABLE_AFTER // timedelta(milliseconds=1)}ms"


async def take(db: Transaction, name: str, node: str) -> int | None:
    """The new epoch; None while somebody holds it.

    A row that is locked at this moment is being renewed or taken, so it is passed over, not waited for.
    """
    epoch: int | None = await (await driver(db)).fetchval(
        "with old as (select name from lease where name = $1 and renewed_at < clock_timestamp() - $3::interval"
        "  for update skip locked),"
        " taken as (update lease set epoch = epoch + 1, node = $2, renewed_at = clock_timestamp()"
        "  from old where lease.name = old.name returning epoch),"
        " made as (insert into lease (name, epoch, node, renewed_at) select $1, 1, $2, clock_timestamp()"
        "  where not exists (select from lease where name = $1) on conflict do nothing returning epoch)"
        " select epoch, set_config('idle_in_transaction_session_timeout', $4, true)"
        " from (table taken union all table made) as mine (epoch)",
        name,
        node,
        TAKEABLE_AFTER,
        _IDLE_MAX,
    )
    return epoch


async def renew(db: Transaction, name: str, epoch: int) -> bool:
    """Hold on to the lease until this transaction's end and 2 s more; False: it is no longer yours, roll back.

    First in the transaction: from here on the row is locked.
    """
    mine = await (await driver(db)).fetchval(
        "update lease set renewed_at = clock_timestamp()"
        " where name = $1 and epoch = $2 and renewed_at > '-infinity'"
        " returning set_config('idle_in_transaction_session_timeout', $3, true)",
        name,
        epoch,
        _IDLE_MAX,
    )
    return mine is not None


async def free(db: Transaction, name: str, epoch: int) -> None:
    """Let go at once, so that another need not wait; the row stays, for its epoch must never come again."""
    await (await driver(db)).execute(
        "update lease set renewed_at = '-infinity' where name = $1 and epoch = $2", name, epoch
    )
