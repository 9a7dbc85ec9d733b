"""A new configuration while the centre runs."""

from console.routing.agent import Presence
from console.routing.queue import SECOND
from console.routing.work_item import ItemState
from tests.routing.sentences import (
    ANA,
    BEN,
    CYD,
    NOON,
    agent,
    asked,
    available,
    call,
    call_ends,
    centre,
    closed,
    configured,
    item,
    item_id,
    refused,
    rules_of,
    says,
    voice,
    yes,
)


def test_of_members_one_stays_one_goes_and_one_comes() -> None:
    engine = centre(voice(), agents=[agent(ANA, queues=("faults",)), agent(BEN), agent(CYD, queues=())])
    engine.step(says(ANA, "away", at=NOON))
    engine.step(call(1, at=NOON))
    idle = engine.floor.agents[ANA].idle_seq
    assert engine.floor.agents[BEN].offer is not None

    rules = rules_of(voice(), agents=[agent(ANA, queues=("faults",)), agent(BEN, queues=()), agent(CYD)], version=2)
    orders = engine.step(configured(rules, at=NOON + SECOND))

    assert engine.floor.agents[ANA].idle_seq == idle
    assert closed(orders) == [(BEN, "revoked", "refused_config")]
    assert asked(orders) == [(CYD, 1)]


def test_a_requirement_that_rises_takes_the_offer_back_unblamed() -> None:
    engine = centre(voice(), agents=[agent(ANA, fibre=1), agent(BEN, fibre=5)])
    engine.step(call(1, at=NOON))
    rules = rules_of(voice(requires={"fibre": 3}), agents=[agent(ANA, fibre=1), agent(BEN, fibre=5)], version=2)

    orders = engine.step(configured(rules, at=NOON + SECOND))

    assert closed(orders) == [(ANA, "revoked", "refused_config")]
    assert asked(orders) == [(BEN, 1)]
    assert item(engine, 1).waiting_since == NOON


def test_an_offer_that_may_still_be_made_rings_on() -> None:
    engine = centre(voice(), agents=[agent(ANA, fibre=3)])
    engine.step(call(1, at=NOON))
    rules = rules_of(voice(requires={"fibre": 3}), agents=[agent(ANA, fibre=3)], version=2)

    assert engine.step(configured(rules, at=NOON + SECOND)) == []
    assert item(engine, 1).needs == {"fibre": 3}


def test_a_requirement_that_falls_finds_an_agent_at_once() -> None:
    engine = centre(voice(requires={"fibre": 9}), agents=[agent(ANA, fibre=3)])
    engine.step(call(1, at=NOON))
    rules = rules_of(voice(requires={"fibre": 3}), agents=[agent(ANA, fibre=3)], version=2)

    assert asked(engine.step(configured(rules, at=NOON + SECOND))) == [(ANA, 1)]


def test_the_queues_new_priority_holds_for_what_waits_but_not_over_an_items_own() -> None:
    engine = centre(voice(), voice("general"), agents=[agent(ANA)])
    engine.step(says(ANA, "away", at=NOON))
    engine.step(call(1, at=NOON, queue="general"))
    engine.step(call(2, at=NOON, priority=5))
    engine.step(call(3, at=NOON))
    rules = rules_of(voice(priority=3), voice("general"), agents=[agent(ANA)], version=2)
    engine.step(configured(rules, at=NOON + SECOND))

    assert [item(engine, n).priority for n in (1, 2, 3)] == [0, 5, 3]
    assert asked(engine.step(says(ANA, "available", at=NOON + 2 * SECOND))) == [(ANA, 2)]


def test_what_waits_in_a_queue_that_is_gone_waits_in_the_fallback_queue_with_its_place() -> None:
    engine = centre(voice(), voice("general"), agents=[agent(ANA)])
    engine.step(says(ANA, "away", at=NOON))
    engine.step(call(1, at=NOON))
    engine.step(call(2, at=NOON + SECOND, queue="general"))
    rules = rules_of(voice("general"), agents=[agent(ANA)], fallback="general", version=2)
    engine.step(configured(rules, at=NOON + 2 * SECOND))

    assert item(engine, 1).queue == "general"
    assert asked(engine.step(says(ANA, "available", at=NOON + 3 * SECOND))) == [(ANA, 1)]


def test_what_rings_from_a_queue_that_is_gone_is_moved_and_rings_by_the_new_rules() -> None:
    engine = centre(voice(), voice("general"), agents=[agent(ANA)])
    engine.step(call(1, at=NOON))
    rules = rules_of(voice("general"), agents=[agent(ANA)], fallback="general", version=2)

    orders = engine.step(configured(rules, at=NOON + SECOND))

    assert closed(orders) == [(ANA, "revoked", "moved")]
    assert asked(orders) == [(ANA, 1)]


def test_without_a_fallback_queue_it_stays_listed_until_its_queue_is_back() -> None:
    engine = centre(voice(), agents=[agent(ANA)])
    engine.step(says(ANA, "away", at=NOON))
    engine.step(call(1, at=NOON))
    engine.step(configured(rules_of(voice("general"), agents=[agent(ANA)], version=2), at=NOON + SECOND))
    assert asked(engine.step(says(ANA, "available", at=NOON + 2 * SECOND))) == []
    assert item(engine, 1).state is ItemState.WAITING

    rules = rules_of(voice(), agents=[agent(ANA)], version=3)
    assert asked(engine.step(configured(rules, at=NOON + 3 * SECOND))) == [(ANA, 1)]


def test_work_for_a_queue_that_is_not_configured_goes_to_the_fallback_queue() -> None:
    engine = centre(voice("general"), agents=[agent(ANA)], fallback="general")

    assert asked(engine.step(call(1, at=NOON, queue="gone"))) == [(ANA, 1)]
    assert item(engine, 1).queue == "general"


def test_who_is_missing_is_asked_nothing_and_deactivated_when_their_work_has_ended() -> None:
    engine = centre(voice(), agents=[agent(ANA), agent(BEN)])
    engine.step(call(1, at=NOON))
    engine.step(yes(engine, ANA, at=NOON))
    engine.step(call(2, at=NOON))
    orders = engine.step(configured(rules_of(voice(), agents=[], version=2), at=NOON + SECOND))
    assert closed(orders) == [(BEN, "revoked", "deactivated")]
    assert engine.floor.agents[BEN].presence is Presence.OFFLINE
    assert engine.floor.agents[ANA].presence is Presence.AVAILABLE
    assert refused(engine.step(says(BEN, "available", at=NOON + SECOND))) == "unknown"

    assert asked(engine.step(call_ends(1, at=NOON + 2 * SECOND))) == []

    assert engine.floor.agents[ANA].presence is Presence.OFFLINE
    assert engine.floor.agents[ANA].work == []
    assert item(engine, 2).id == item_id(2)
    assert item(engine, 2).state is ItemState.WAITING


def test_who_is_back_in_the_configuration_may_come_back() -> None:
    engine = centre(voice(), agents=[agent(ANA)])
    engine.step(configured(rules_of(voice(), agents=[], version=2), at=NOON))
    engine.step(configured(rules_of(voice(), agents=[agent(ANA)], version=3), at=NOON + SECOND))
    for fact in available(ANA, at=NOON + 2 * SECOND):
        engine.step(fact)

    assert asked(engine.step(call(1, at=NOON + 3 * SECOND))) == [(ANA, 1)]


def test_less_capacity_drops_no_work_in_hand() -> None:
    engine = centre(voice(), agents=[agent(ANA)])
    engine.step(call(1, at=NOON))
    engine.step(yes(engine, ANA, at=NOON))

    engine.step(configured(rules_of(voice(), agents=[agent(ANA, voice=0)], version=2), at=NOON + SECOND))

    assert engine.floor.agents[ANA].work == [item_id(1)]
