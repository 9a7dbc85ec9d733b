"""Who does what only one process may do: a row of its own for the router, the timekeeper and each phone system.

Everything is on the database's clock, so nodes need not agree on the time. The epoch goes up with every new holder.
A holder renews in each transaction that it commits: the row stays locked until the commit, hence nobody can take the
lease between a holder's check and its commit. An advisory lock would outlive a holder that was stopped or cut off; this
row is free 2 s after its last renewal.
"""

from __future__ import annotations

from console.db.engine import Transaction, driver

TAKEABLE_AFTER_S = 2
"""Four missed renewals. Callers notice a longer pause; a shorter one would depose routers that merely stutter."""

_NOT_STOPPED = f"set_config('idle_in_transaction_session_timeout', '{TAKEABLE_AFTER_S}s', true)"
"""A process that is stopped inside its transaction would keep the row locked: the server ends it in that time."""


async def take(db: Transaction, name: str, node: str) -> int | None:
    """The new epoch; None while somebody holds it.

    A row that is locked at this moment is being renewed or taken, so it is passed over, not waited for.
    """
    epoch: int | None = await (await driver(db)).fetchval(
        "with old as (select name from lease where name = $1"
        f" and renewed_at < clock_timestamp() - interval '{TAKEABLE_AFTER_S} s' for update skip locked),"
        " taken as (update lease set epoch = epoch + 1, node = $2, renewed_at = clock_timestamp()"
        "  from old where lease.name = old.name returning epoch),"
        " made as (insert into lease (name, epoch, node, renewed_at) select $1, 1, $2, clock_timestamp()"
        "  where not exists (select from lease where name = $1) on conflict do nothing returning epoch)"
        f" select epoch, {_NOT_STOPPED} from (table taken union all table made) as mine (epoch)",
        name,
        node,
    )
    return epoch


async def renew(db: Transaction, name: str, epoch: int) -> bool:
    """Hold on to the lease until this transaction's end and 2 s more; False: it is no longer yours, roll back.

    First in the transaction. From here on the server ends the transaction when it is idle for 2 s.
    """
    mine = await (await driver(db)).fetchval(
        "update lease set renewed_at = clock_timestamp()"
        f" where name = $1 and epoch = $2 and renewed_at > '-infinity' returning {_NOT_STOPPED}",
        name,
        epoch,
    )
    return mine is not None


async def free(db: Transaction, name: str, epoch: int) -> None:
    """Let go at once, so that another need not wait; the row stays, for its epoch must never come again."""
    await (await driver(db)).execute(
        "update lease set renewed_at = '-infinity' where name = $1 and epoch = $2", name, epoch
    )
