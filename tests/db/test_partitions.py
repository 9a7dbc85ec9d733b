from datetime import UTC, datetime

from sqlalchemy import insert, select, text

from console.db.engine import Database
from console.db.partitions import TABLES, drop_old_partitions, ensure_partitions, is_partition
from console.db.schema import decision

OCTOBER = datetime(2031, 10, 31, 23, 59, tzinfo=UTC)


async def keep(database: Database, number: int, at: datetime) -> None:
    async with database.transaction() as db:
        await db.execute(insert(decision).values(number=number, at=at, fact={}, orders=[], config_version=1))


async def homes(database: Database) -> dict[int, str]:
    """Where each decision lies."""
    async with database.transaction() as db:
        rows = await db.execute(text("select number, tableoid::regclass::text from decision"))
        return dict(tuple(row) for row in rows)


async def ensure(database: Database, now: datetime, months: int = 2) -> list[str]:
    async with database.transaction() as db:
        return await ensure_partitions(db, now, months)


async def test_partitions_are_made_ahead_over_the_turn_of_the_year_and_only_once(database: Database) -> None:
    made = await ensure(database, OCTOBER, 3)

    assert made == [f"{table}_{month}" for table in TABLES for month in ("2031_10", "2031_11", "2031_12", "2032_01")]
    assert await ensure(database, OCTOBER, 3) == []


async def test_a_decision_lies_in_the_month_of_its_instant_in_utc(database: Database) -> None:
    await ensure(database, OCTOBER)
    await keep(database, 1, OCTOBER)
    await keep(database, 2, datetime(2031, 11, 1, tzinfo=UTC))

    assert await homes(database) == {1: "decision_2031_10", 2: "decision_2031_11"}


async def test_a_decision_of_a_month_without_partition_is_kept_and_moves_when_there_is_one(database: Database) -> None:
    await keep(database, 1, OCTOBER)
    await keep(database, 2, datetime(2040, 1, 1, tzinfo=UTC))
    assert set((await homes(database)).values()) == {"decision_default"}

    await ensure(database, OCTOBER)

    assert await homes(database) == {1: "decision_2031_10", 2: "decision_default"}


async def test_old_months_are_dropped_and_the_kept_ones_stay(database: Database) -> None:
    for month in (1, 2, 3, 4):
        at = datetime(2031, month, 15, tzinfo=UTC)
        await ensure(database, at, 0)
        await keep(database, month, at)
    await keep(database, 5, datetime(2020, 1, 1, tzinfo=UTC))  # in the default partition

    async with database.transaction() as db:
        dropped = await drop_old_partitions(db, datetime(2031, 4, 15, tzinfo=UTC), keep_months=2)

    assert {"decision_2031_01", "decision_row_2031_01"} <= set(dropped)
    assert not {"decision_2031_02", "decision_row_2031_02"} & set(dropped)
    async with database.transaction() as db:
        assert (await db.execute(select(decision.c.number).order_by("number"))).scalars().all() == [2, 3, 4]


def test_partitions_are_known_by_their_names() -> None:
    assert is_partition("decision_default")
    assert is_partition("decision_row_2031_10")
    assert not is_partition("decision_row")
    assert not is_partition("decision")
