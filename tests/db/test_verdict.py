from sqlalchemy import text

from console.db import verdict
from console.db.engine import Database
from console.db.verdict import Verdict
from console.ids import new_id


async def test_a_verdict_is_found_by_its_fact(database: Database) -> None:
    good, bad = new_id(), new_id()
    async with database.transaction() as db:
        await verdict.give(db, [(good, None), (bad, "offer-gone")])

        assert await verdict.find(db, good) == Verdict(None)
        assert await verdict.find(db, bad) == Verdict("offer-gone")
        assert await verdict.find(db, new_id()) is None


async def test_the_first_verdict_on_a_fact_stands(database: Database) -> None:
    fact = new_id()
    async with database.transaction() as db:
        await verdict.give(db, [(fact, None)])
        await verdict.give(db, [(fact, "unknown")])

        assert await verdict.find(db, fact) == Verdict(None)


async def test_verdicts_are_forgotten_after_ten_minutes(database: Database) -> None:
    old, recent = new_id(), new_id()
    async with database.transaction() as db:
        await verdict.give(db, [(old, None), (recent, None)])
        await db.execute(
            text("update verdict set given_at = given_at - interval '11 minutes' where fact_id = :old"), {"old": old}
        )

        assert await verdict.forget_old(db) == 1
        assert await verdict.find(db, old) is None
        assert await verdict.find(db, recent) is not None


async def test_nothing_is_nothing(database: Database) -> None:
    async with database.transaction() as db:
        await verdict.give(db, [])
        assert await verdict.forget_old(db) == 0
