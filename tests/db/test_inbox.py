import msgspec
import pytest
from sqlalchemy import text

from console.db import inbox
from console.db.engine import Database
from console.ids import FactId, new_id


class Happened(msgspec.Struct, frozen=True, tag=True, tag_field="fact"):
    number: int
    name: str = "Тарас"


async def put(database: Database, *numbers: int) -> list[FactId]:
    async with database.transaction() as db:
        return [await inbox.put(db, Happened(number)) for number in numbers]


async def numbers(database: Database, limit: int = 100) -> list[int]:
    async with database.transaction() as db:
        return [msgspec.json.decode(one.fact, type=Happened).number for one in await inbox.take(db, limit)]


async def test_facts_are_taken_whole_and_in_the_order_in_which_they_were_put(database: Database) -> None:
    ids = await put(database, 1, 2, 3)

    async with database.transaction() as db:
        taken = await inbox.take(db, 2)

    assert [one.fact_id for one in taken] == ids[:2]
    assert msgspec.json.decode(taken[0].fact, type=Happened) == Happened(1)
    assert taken[0].put_at.tzinfo is not None


async def test_a_fact_keeps_the_id_its_giver_chose(database: Database) -> None:
    mine = FactId(new_id())
    async with database.transaction() as db:
        assert await inbox.put(db, Happened(1), fact_id=mine) == mine
        assert [one.fact_id for one in await inbox.take(db, 1)] == [mine]


async def test_the_same_fact_cannot_be_put_twice(database: Database) -> None:
    mine = FactId(new_id())
    async with database.transaction() as db:
        await inbox.put(db, Happened(1), fact_id=mine)

    with pytest.raises(Exception, match="uq_inbox_fact_id"):
        async with database.transaction() as db:
            await inbox.put(db, Happened(1), fact_id=mine)


async def test_a_fact_is_not_seen_before_its_transaction_commits_and_not_missed_for_a_later_one(
    database: Database,
) -> None:
    async with database.transaction() as slow:
        await inbox.put(slow, Happened(1))
        await put(database, 2)
        async with database.transaction() as db:
            taken = await inbox.take(db, 100)
            assert [msgspec.json.decode(one.fact)["number"] for one in taken] == [2]
            await inbox.remove(db, [one.id for one in taken])

    assert await numbers(database) == [1]


async def test_removed_facts_come_back_when_the_transaction_does_not_commit(database: Database) -> None:
    async def die() -> None:
        async with database.transaction() as db:
            await inbox.remove(db, [one.id for one in await inbox.take(db, 100)])
            raise KeyboardInterrupt

    await put(database, 1, 2)
    with pytest.raises(KeyboardInterrupt):
        await die()

    assert await numbers(database) == [1, 2]


async def test_a_refused_fact_is_kept_aside_with_its_traceback(database: Database) -> None:
    [bad, _] = await put(database, 1, 2)
    async with database.transaction() as db:
        [taken] = await inbox.take(db, 1)
        await inbox.refuse(db, taken, "Traceback: …")

    assert await numbers(database) == [2]
    async with database.transaction() as db:
        found = await db.execute(text("select fact_id, fact ->> 'number', put_at, traceback from inbox_refused"))
        assert found.all() == [(bad, "1", taken.put_at, "Traceback: …")]
