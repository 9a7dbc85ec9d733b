"""The journalled facts, stepped again, come to the same decisions; the first that does not is named."""

import msgspec
import pytest

from console.routing.engine import Engine
from console.routing.facts import ConfigChanged, Fact
from console.routing.journal import Decision, decide
from console.routing.queue import SECOND, Rules
from console.routing.replay import Recorded, Replay
from console.routing.rows import Snapshot
from tests.routing.sentences import ANA, BEN, NOON, agent, available, call, configured, rules_of, voice
from tests.routing.streams import live

replace = msgspec.structs.replace


def recorded(decision: Decision) -> Recorded:
    """As it is read back from the journal."""
    changes = decision.changes
    kept = Recorded(
        number=decision.number,
        at=decision.at,
        config_version=decision.config_version,
        fact_id=decision.fact_id,
        fact=decision.fact,
        orders=decision.orders,
        items=changes.items,
        agents=changes.agents,
        offers=changes.offers,
    )
    return msgspec.json.decode(msgspec.json.encode(kept), type=Recorded)


def lived(facts, engine: Engine) -> tuple[list[Recorded], dict[int, Rules]]:
    journal, rules = [], {}
    for fact in facts:
        if isinstance(fact, ConfigChanged):
            rules[fact.version] = fact.rules
        decision = decide(engine, fact)
        if decision is not None:
            journal.append(recorded(decision))
    return journal, rules


@pytest.mark.parametrize("seed", range(20))
def test_the_same_facts_come_to_the_same_decisions(seed: int) -> None:
    engine = Engine()
    journal, rules = lived(live(seed, engine, 300), engine)
    again = Replay(rules)

    assert [found for decision in journal if (found := again.feed(decision))] == []


def test_it_can_begin_in_the_middle() -> None:
    engine = Engine()
    facts = live(3, engine, 300)
    before, rules = lived((next(facts) for _ in range(150)), engine)
    floor = engine.floor
    rows = Snapshot(
        meta=engine.meta,
        items=tuple(floor.items.values()),
        agents=tuple(floor.agents.values()),
        offers=tuple(floor.offers.values()),
    )
    baseline = msgspec.json.decode(msgspec.json.encode(rows), type=Snapshot)
    after, later_rules = lived(facts, engine)
    again = Replay(rules | later_rules, baseline)

    assert len(before) > 50
    assert [found for decision in after if (found := again.feed(decision))] == []


def a_day() -> tuple[list[Recorded], dict[int, Rules]]:
    rules = rules_of(voice(), agents=[agent(ANA), agent(BEN)])
    facts: list[Fact] = [
        configured(rules, at=NOON),
        *available(ANA, at=NOON),
        *available(BEN, at=NOON + SECOND),
        call(1, at=NOON + 2 * SECOND),
        call(2, at=NOON + 3 * SECOND),
    ]
    return lived(facts, Engine())


def test_another_order_than_the_journal_has_is_told_with_its_fact() -> None:
    journal, rules = a_day()
    at = len(journal) - 2
    order = journal[at].orders[0]
    journal[at] = replace(journal[at], orders=[replace(order, agent=BEN), *journal[at].orders[1:]])
    again = Replay(rules)

    *same, found = [again.feed(decision) for decision in journal[: at + 1]]

    assert same == [None] * at
    assert found is not None
    assert (found.decision, found.what, found.fact.item) == (journal[at].number, "orders", journal[at].fact.item)


def test_another_row_than_the_journal_has_is_told_by_its_id() -> None:
    journal, rules = a_day()
    changed = replace(journal[-1].agents[0], idle_seq=99)
    journal[-1] = replace(journal[-1], agents=(changed,))
    again = Replay(rules)

    found = [again.feed(decision) for decision in journal][-1]

    assert found is not None
    assert found.what == f"agent {changed.username}"


def test_a_decision_that_is_missing_shows_in_the_next() -> None:
    journal, rules = a_day()
    again = Replay(rules)

    found = [again.feed(decision) for decision in journal[:-2] + journal[-1:]][-1]

    assert found is not None


def test_a_fact_of_which_nothing_comes_now_is_a_difference() -> None:
    journal, rules = a_day()
    again = Replay(rules)
    for decision in journal:
        again.feed(decision)

    found = again.feed(replace(journal[-1], number=journal[-1].number + 1))

    assert found is not None
    assert found.what == "nothing"
