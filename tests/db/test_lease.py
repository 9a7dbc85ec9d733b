import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
from sqlalchemy import text

from console.db import lease
from console.db.engine import Database
from console.errors import NotReady


async def take(database: Database, node: str, name: str = "router") -> int | None:
    async with database.transaction() as db:
        return await lease.take(db, name, node)


async def renew(database: Database, epoch: int) -> bool:
    async with database.transaction() as db:
        return await lease.renew(db, "router", epoch)


async def seconds_pass(database: Database, seconds: float) -> None:
    async with database.transaction() as db:
        await db.execute(text("update lease set renewed_at = renewed_at - make_interval(secs => :s)"), {"s": seconds})


async def test_a_lease_goes_to_the_first_and_to_nobody_else_while_it_is_renewed(database: Database) -> None:
    assert await take(database, "a") == 1
    await seconds_pass(database, 1.5)
    assert await take(database, "b") is None
    assert await renew(database, 1)
    await seconds_pass(database, 1.5)
    assert await take(database, "b") is None


async def test_two_seconds_after_its_last_renewal_anybody_may_take_it_under_a_new_epoch(database: Database) -> None:
    assert await take(database, "a") == 1
    await seconds_pass(database, 2)

    assert await take(database, "b") == 2
    assert not await renew(database, 1)
    assert await renew(database, 2)
    assert await take(database, "a") is None


async def test_a_holder_that_was_late_keeps_a_lease_that_nobody_took(database: Database) -> None:
    assert await take(database, "a") == 1
    await seconds_pass(database, 60)

    assert await renew(database, 1)
    assert await take(database, "b") is None


async def test_a_freed_lease_is_taken_at_once_and_is_not_renewed(database: Database) -> None:
    assert await take(database, "a") == 1
    async with database.transaction() as db:
        await lease.free(db, "router", 1)

    assert not await renew(database, 1)
    assert await take(database, "b") == 2


async def test_a_deposed_holder_cannot_free_its_successor_s_lease(database: Database) -> None:
    await take(database, "a")
    await seconds_pass(database, 3)
    await take(database, "b")
    async with database.transaction() as db:
        await lease.free(db, "router", 1)

    assert await renew(database, 2)


async def test_leases_of_different_names_have_nothing_to_do_with_each_other(database: Database) -> None:
    assert await take(database, "a", "router") == 1
    assert await take(database, "b", "phone:pbx") == 1


@pytest.fixture
async def others(database_url: str) -> AsyncIterator[list[Database]]:
    """Other nodes' connections, open before the race."""
    opened = [await Database.open(database_url, pool_size=1) for _ in range(5)]
    yield opened
    for one in opened:
        await one.close()


@pytest.mark.parametrize("before", ["never held", "stale"])
async def test_of_many_who_race_for_a_lease_one_gets_it(
    database: Database, others: list[Database], before: str
) -> None:
    if before == "stale":
        await take(database, "old")
        await seconds_pass(database, 5)

    epochs = await asyncio.gather(*(take(one, f"node-{n}") for n, one in enumerate(others)))

    assert [epoch for epoch in epochs if epoch] == [2 if before == "stale" else 1]


async def test_while_a_holder_is_committing_nobody_waits_for_its_lease_or_gets_it(
    database: Database, others: list[Database]
) -> None:
    await take(database, "a")
    await seconds_pass(database, 60)
    async with database.transaction() as db:
        assert await lease.renew(db, "router", 1)
        assert await take(others[0], "b") is None
    assert await take(others[0], "b") is None


async def test_a_holder_that_stops_inside_its_transaction_loses_its_lock_in_two_seconds(
    database: Database, others: list[Database], database_url: str
) -> None:
    async def stop_inside() -> None:
        async with database.transaction() as db:
            assert await lease.renew(db, "router", 1)
            async with asyncio.timeout(10):
                while await take(others[0], "b") != 2:
                    await gone(db, database_url)
            await lease.renew(db, "router", 1)

    await take(database, "a")
    await seconds_pass(database, 60)
    with pytest.raises(NotReady):
        await stop_inside()


async def gone(db: object, database_url: str) -> None:
    """Wait, at the server, for sessions that are idle in a transaction to end."""
    watcher = await asyncpg.connect(database_url)
    await watcher.execute(
        "do $$ begin while exists (select from pg_stat_activity where datname = current_database()"
        " and state = 'idle in transaction') loop perform pg_sleep(0.05); perform pg_stat_clear_snapshot();"
        " end loop; end $$"
    )
    await watcher.close()
