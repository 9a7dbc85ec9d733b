"""What is kept is what lives: the engine loaded from the tables goes on exactly as the one that wrote them."""

import asyncpg
import msgspec
import pytest

from console.clock import from_instant
from console.db.engine import Database, driver
from console.routing import store
from console.routing.check import check
from console.routing.engine import Engine
from console.routing.explain import explain
from console.routing.facts import ConfigChanged, Fact
from console.routing.journal import Decision, decide, journalled
from console.routing.queue import SECOND, Rules
from console.routing.rows import Meta, Snapshot
from tests.routing.sentences import (
    ANA,
    BEN,
    NOON,
    agent,
    available,
    call,
    call_ends,
    configured,
    item_id,
    no,
    rules_of,
    voice,
    yes,
)
from tests.routing.streams import live

FACT_ID = "00000000-0000-7000-8000-0000000f0001"


async def keep(database: Database, decisions: list[Decision]) -> None:
    async with database.transaction() as db:
        await store.save(db, decisions)


async def loaded(database: Database) -> Snapshot:
    async with database.transaction() as db:
        return await store.load(db)


def living(engine: Engine) -> dict[str, dict[str, object]]:
    floor = engine.floor
    return {
        "items": {k: msgspec.to_builtins(v) for k, v in floor.items.items()},
        "agents": {k: msgspec.to_builtins(v) | {"nodes": sorted(v.nodes)} for k, v in floor.agents.items()},
        "offers": {k: msgspec.to_builtins(v) for k, v in floor.offers.items()},
        "meta": msgspec.to_builtins(engine.meta),
        "barred": dict.fromkeys(sorted(floor.barred)),
    }


@pytest.mark.parametrize("seed", range(8))
async def test_the_loaded_engine_is_the_living_one(database: Database, seed: int) -> None:
    engine = Engine()
    batch: list[Decision] = []
    facts = live(seed, engine, 500)
    for count, fact in enumerate(facts):
        decision = decide(engine, fact)
        if decision is not None:
            batch.append(decision)
        if count % 7 == 6:
            await keep(database, batch)
            batch = []
        if count == 350:
            break
    # The clock is kept with decisions: end on one.
    await keep(database, batch)
    snapshot = await loaded(database)
    again = Engine.load(snapshot, engine.rules)

    assert living(again) == living(engine) | {"meta": msgspec.to_builtins(again.meta)}
    assert msgspec.structs.replace(again.meta, now=0) == msgspec.structs.replace(engine.meta, now=0)
    again.floor.now = engine.floor.now
    assert again.next_deadline == engine.next_deadline
    for fact in facts:
        assert again.step(fact) == engine.step(fact)
    assert living(again) == living(engine)


async def test_an_empty_database_is_an_empty_engine(database: Database) -> None:
    snapshot = await loaded(database)

    assert snapshot == Snapshot(meta=Meta())
    assert Engine.load(snapshot, Engine().rules).decision == 0
    async with database.transaction() as db:
        assert await store.as_of(db, item_id(1)) is None
        assert await store.snapshot_then(db, 7) == Snapshot(meta=Meta())


async def test_an_item_handed_on_within_one_batch_keeps_to_one_owner_and_one_offer(database: Database) -> None:
    """The indexes that hold it look row by row, so ends must be written before beginnings."""
    engine, decisions = Engine(), []

    def step(fact: Fact) -> None:
        decision = decide(engine, fact)
        assert decision is not None
        decisions.append(decision)

    step(configured(rules_of(voice(decline_pause=0), agents=[agent(ANA), agent(BEN)]), at=NOON))
    for name in (ANA, BEN):
        for fact in available(name, at=NOON):
            step(fact)
    step(call(1, at=NOON))
    await keep(database, decisions)
    decisions.clear()
    step(no(engine, ANA, at=NOON + SECOND))
    step(no(engine, BEN, at=NOON + 2 * SECOND))
    step(yes(engine, ANA, at=NOON + 3 * SECOND))
    step(call(2, at=NOON + 4 * SECOND))
    await keep(database, decisions)

    async with database.transaction() as db:
        rows = await (await driver(db)).fetch("select item, agent from assignment where ended_at is null")
        states = await (await driver(db)).fetch("select state, count(*) from routing_offer group by 1 order by 1")
    assert [tuple(row) for row in rows] == [(item_id(1), ANA)]
    assert [tuple(row) for row in states] == [("accepted", 1), ("declined", 2), ("open", 1)]


async def test_the_database_itself_refuses_a_second_open_offer(database: Database) -> None:
    engine = Engine()
    decisions = [d for f in a_call() if (d := decide(engine, f))]
    await keep(database, decisions)
    offer = decisions[-1].changes.offers[0]
    second = msgspec.structs.replace(offer, id=item_id(99))
    broken = msgspec.structs.replace(
        decisions[-1], number=99, changes=msgspec.structs.replace(decisions[-1].changes, offers=(second,))
    )

    with pytest.raises(asyncpg.UniqueViolationError):
        await keep(database, [broken])


async def test_the_journal_is_read_back_as_it_was_decided(database: Database) -> None:
    engine = Engine()
    decisions = [d for f in live(3, engine, 300) if (d := decide(engine, f, FACT_ID))]
    await keep(database, decisions)

    async with database.transaction() as db:
        back = [decision async for decision in store.journal(db)]
        later = [decision async for decision in store.journal(db, after=decisions[10].number)]

    def by_id(rows):
        return {getattr(row, "id", None) or row.username: row for row in rows}

    assert [d.number for d in back] == [d.number for d in decisions]
    assert [d.number for d in later] == [d.number for d in decisions[11:]]
    for kept, read in zip(map(journalled, decisions), back, strict=True):
        assert (read.at, read.config_version) == (kept.at, kept.config_version)
        for kind in ("items", "agents", "offers"):
            assert by_id(getattr(read, kind)) == by_id(getattr(kept, kind))


async def test_check_proves_the_kept_journal_from_any_decision_on(database: Database) -> None:
    engine, rules = Engine(), {}
    decisions = []
    for fact in live(5, engine, 400):
        if isinstance(fact, ConfigChanged):
            rules[fact.version] = fact.rules
        if decision := decide(engine, fact):
            decisions.append(decision)
    await keep(database, decisions)
    middle = decisions[len(decisions) // 2]

    async with database.snapshot() as db:
        whole = [d async for d in store.journal(db)]
        before = await store.decision_before(db, from_instant(middle.at))
        baseline = await store.snapshot_then(db, before)
        later = [d async for d in store.journal(db, after=before)]

    assert before < middle.number
    assert list(check(whole, rules)) == []
    assert list(check(later, rules, baseline)) == []


async def test_an_item_is_explained_from_the_rows_of_that_decision(database: Database) -> None:
    engine = Engine()
    decisions = [d for f in a_call() if (d := decide(engine, f))]
    made = decisions[-1].number
    for fact in (yes(engine, ANA, at=NOON + SECOND), call_ends(1, at=NOON + 2 * SECOND), call(2, at=NOON + 3 * SECOND)):
        decision = decide(engine, fact)
        assert decision is not None
        decisions.append(decision)
    await keep(database, decisions)

    async with database.transaction() as db:
        rows = await store.as_of(db, item_id(1))
        none = await store.as_of(db, item_id(1), decision=1)
    assert rows is not None
    assert none is None
    assert rows.decision == made
    told = explain(rows, engine.rules)
    assert (told.agent, told.state.value) == (ANA, "offered")
    assert [(r.agent, r.code) for r in told.reasons] == [(ANA, "chosen"), (BEN, "idle_less_long")]


async def test_what_left_unanswered_is_explained_as_it_was_then(database: Database) -> None:
    engine = Engine()
    facts = [
        configured(rules_of(voice(), agents=[agent(ANA)]), at=NOON),
        call(1, at=NOON),
        call_ends(1, at=NOON + SECOND),
    ]
    await keep(database, [d for f in facts if (d := decide(engine, f))])

    async with database.transaction() as db:
        rows = await store.as_of(db, item_id(1))

    assert rows is not None
    assert explain(rows, engine.rules).state == "abandoned"


async def test_a_decision_keeps_fact_orders_and_version_without_the_rules(database: Database) -> None:
    engine = Engine()
    await keep(database, [d for f in a_call() if (d := decide(engine, f, FACT_ID))])

    async with database.transaction() as db:
        rows = await (await driver(db)).fetch("select * from decision order by number")

    assert rows[0]["fact"] == {"fact": "ConfigChanged", "at": NOON, "version": 1}
    assert {row["fact_id"] for row in rows} == {FACT_ID}
    assert {row["config_version"] for row in rows} == {1}
    assert rows[-1]["at"] == from_instant(NOON)
    assert [order["order"] for order in rows[-1]["orders"]] == ["MakeOffer", "ShowAgent"]


def a_call() -> list[Fact]:
    rules: Rules = rules_of(voice(), agents=[agent(ANA), agent(BEN)])
    return [
        configured(rules, at=NOON),
        *available(ANA, at=NOON),
        *available(BEN, at=NOON),
        call(1, at=NOON),
    ]
