"""Who gets what, in which order: each sentence of the rules once, by the whole engine."""

import copy
import gc

import pytest

from console.routing.engine import Engine
from console.routing.facts import RouterResumed, WrapUpExtended
from console.routing.orders import Assign, CloseItem, MakeOffer
from console.routing.queue import MINUTE, SECOND
from console.routing.rows import Snapshot
from console.routing.work_item import ItemState
from tests.routing.sentences import (
    ANA,
    BEN,
    CYD,
    NOON,
    agent,
    answers,
    asked,
    available,
    call,
    call_ends,
    case,
    centre,
    closed,
    completes,
    item,
    item_id,
    no,
    refused,
    says,
    time,
    voice,
    yes,
)


def test_of_three_idle_agents_the_one_idle_longest_is_asked() -> None:
    engine = centre(voice(), agents=[agent(ANA), agent(BEN), agent(CYD)])

    assert asked(engine.step(call(1, at=NOON))) == [(ANA, 1)]


def test_who_lacks_a_skill_by_one_level_is_passed_over_and_keeps_their_idle_place() -> None:
    engine = centre(voice(requires={"fibre": 3}), voice("general"), agents=[agent(ANA, fibre=2), agent(BEN, fibre=3)])

    assert asked(engine.step(call(1, at=NOON))) == [(BEN, 1)]
    assert asked(engine.step(call(2, at=NOON, queue="general"))) == [(ANA, 2)]


def test_who_gets_room_gets_the_longest_waiting_over_all_their_queues() -> None:
    engine = centre(voice(), voice("general"), voice("third"), agents=[agent(ANA)])
    engine.step(says(ANA, "away", at=NOON))
    engine.step(call(1, at=NOON + 4 * SECOND))
    engine.step(call(2, at=NOON, queue="general"))
    engine.step(call(3, at=NOON + 2 * SECOND, queue="third"))

    # The second call's fact is late: it happens when it is told.
    assert asked(engine.step(says(ANA, "available", at=NOON + 9 * SECOND))) == [(ANA, 1)]


def test_a_higher_priority_goes_before_a_longer_wait() -> None:
    engine = centre(voice(), agents=[agent(ANA)])
    engine.step(says(ANA, "away", at=NOON))
    engine.step(call(1, at=NOON))
    engine.step(call(2, at=NOON + 59 * SECOND, priority=1))

    assert asked(engine.step(says(ANA, "available", at=NOON + 60 * SECOND))) == [(ANA, 2)]


def test_an_item_waiting_has_the_freed_agent_before_one_that_comes_in_the_same_instant() -> None:
    engine = centre(voice(), agents=[agent(ANA)])
    engine.step(call(1, at=NOON))
    engine.step(yes(engine, ANA, at=NOON))
    engine.step(call(2, at=NOON + SECOND))

    assert asked(engine.step(call_ends(1, at=NOON + 5 * SECOND))) == [(ANA, 2)]
    assert asked(engine.step(call(3, at=NOON + 5 * SECOND))) == []


def test_who_cannot_take_the_first_in_line_gets_the_second_at_once() -> None:
    engine = centre(voice(), agents=[agent(ANA)])
    engine.step(says(ANA, "away", at=NOON))
    engine.step(call(1, at=NOON, requires={"polish": 1}))
    engine.step(call(2, at=NOON + SECOND))

    assert asked(engine.step(says(ANA, "available", at=NOON + 2 * SECOND))) == [(ANA, 2)]


def test_crossing_priorities_of_two_queues_make_nobody_wait_for_another() -> None:
    engine = centre(voice(priority=2), voice("general", priority=1), agents=[agent(ANA)])
    engine.step(says(ANA, "away", at=NOON))
    engine.step(call(1, at=NOON, queue="general", priority=5))
    engine.step(call(2, at=NOON))

    assert asked(engine.step(says(ANA, "available", at=NOON + SECOND))) == [(ANA, 1)]


def test_five_waiting_and_five_agents_in_one_instant_are_five_offers() -> None:
    names = ["a", "b", "c", "d", "e"]
    engine = centre(voice(), agents=[agent(name) for name in names])
    for name in names:
        engine.step(says(name, "away", at=NOON))
    for number in range(1, 6):
        engine.step(call(number, at=NOON))

    made = [asked(engine.step(says(name, "available", at=NOON + SECOND))) for name in names]

    assert made == [[(name, number)] for number, name in enumerate(names, start=1)]


def test_a_hundred_arrivals_of_one_instant_are_served_in_their_order() -> None:
    engine = centre(voice(), agents=[agent(ANA)])
    engine.step(says(ANA, "away", at=NOON))
    for number in range(100, 0, -1):
        engine.step(call(number, at=NOON))
    served = []
    orders = engine.step(says(ANA, "available", at=NOON))
    while made := asked(orders):
        served += made
        engine.step(yes(engine, ANA, at=NOON))
        orders = engine.step(call_ends(made[0][1], at=NOON))

    assert served == [(ANA, number) for number in range(100, 0, -1)]


def test_ten_wrap_ups_that_end_one_after_the_other_free_their_agents_in_that_instant() -> None:
    names = [f"a{number}" for number in range(10)]
    engine = centre(voice(wrap_up=None), agents=[agent(name) for name in names])
    for number, name in enumerate(names):
        engine.step(call(number, at=NOON))
        engine.step(yes(engine, name, at=NOON))
        engine.step(call_ends(number, at=NOON))
    for number in range(10, 20):
        engine.step(call(number, at=NOON))

    for number, name in enumerate(names):
        assert asked(engine.step(completes(number, name, at=NOON + number))) == [(name, number + 10)]


def test_an_item_queued_twice_is_one_item() -> None:
    engine = centre(voice(), agents=[])
    engine.step(call(1, at=NOON))
    decision = engine.decision

    assert engine.step(call(1, at=NOON + SECOND)) == []
    assert item(engine, 1).waiting_since == NOON
    assert engine.decision == decision


def test_an_item_that_ended_lately_is_not_queued_again() -> None:
    engine = centre(voice(), agents=[])
    engine.step(call(1, at=NOON))
    engine.step(call_ends(1, at=NOON + SECOND))

    assert engine.step(call(1, at=NOON + 2 * SECOND)) == []
    assert item(engine, 1).state is ItemState.ABANDONED


def test_a_word_on_work_that_ended_is_refused_as_over_and_after_ten_minutes_as_unknown() -> None:
    engine = centre(voice(), agents=[agent(ANA)])
    engine.step(call(1, at=NOON))
    engine.step(yes(engine, ANA, at=NOON))
    engine.step(call_ends(1, at=NOON))

    assert refused(engine.step(completes(1, ANA, at=NOON + 9 * MINUTE))) == "work-over"
    assert refused(engine.step(completes(1, ANA, at=NOON + 11 * MINUTE))) == "unknown"


def test_time_never_runs_backwards() -> None:
    engine = centre(voice(offer_timeout=20 * SECOND), agents=[agent(ANA)])
    engine.step(call(1, at=NOON + 30 * SECOND))

    engine.step(call(2, at=NOON))

    assert item(engine, 2).waiting_since == NOON + 30 * SECOND
    assert closed(engine.step(time(NOON + 31 * SECOND))) == []


def test_a_clock_that_steps_back_fires_nothing_twice() -> None:
    engine = centre(voice(offer_timeout=20 * SECOND), agents=[agent(ANA)])
    engine.step(call(1, at=NOON))

    assert closed(engine.step(time(NOON + 20 * SECOND))) == [(ANA, "timed_out", None)]
    assert engine.step(time(NOON - 10 * SECOND)) == []
    assert engine.step(time(NOON + 20 * SECOND)) == []


def test_every_decision_has_a_number_and_nothing_else_has() -> None:
    engine = centre(voice(), agents=[agent(ANA)])
    before = engine.decision

    engine.step(time(NOON))
    assert engine.decision == before
    [offer] = [order for order in engine.step(call(1, at=NOON)) if isinstance(order, MakeOffer)]
    assert offer.why.decision == engine.decision == before + 1


def test_the_reason_names_rule_places_and_skills() -> None:
    engine = centre(voice(requires={"fibre": 2}), agents=[agent(ANA, fibre=4), agent(BEN, fibre=2), agent(CYD)])
    [offer] = [order for order in engine.step(call(1, at=NOON)) if isinstance(order, MakeOffer)]

    assert offer.why.rule == "longest_idle"
    assert offer.why.candidates == 2
    assert offer.why.matched == {"fibre": (2, 4)}
    assert offer.why.idle_since == NOON - 60 * SECOND
    assert offer.why.waiting_since == NOON


def test_a_call_goes_its_whole_way() -> None:
    engine = centre(voice(wrap_up=30 * SECOND), agents=[agent(ANA)])
    engine.step(call(1, at=NOON))
    [_, assign, _] = engine.step(yes(engine, ANA, at=NOON + 3 * SECOND))
    assert isinstance(assign, Assign)
    engine.step(answers(1, ANA, at=NOON + 4 * SECOND))
    engine.step(call_ends(1, at=NOON + 60 * SECOND))

    orders = engine.step(time(NOON + 90 * SECOND))

    [end] = [order for order in orders if isinstance(order, CloseItem)]
    assert (end.state, end.waited) == (ItemState.COMPLETED, 3 * SECOND)
    assert engine.floor.agents[ANA].idle_since == NOON + 90 * SECOND


def test_completing_twice_frees_the_agent_once() -> None:
    engine = centre(voice(), agents=[agent(ANA)])
    engine.step(call(1, at=NOON))
    engine.step(yes(engine, ANA, at=NOON))
    engine.step(completes(1, ANA, at=NOON + SECOND))
    idle = engine.floor.agents[ANA].idle_seq

    assert refused(engine.step(completes(1, ANA, at=NOON + SECOND))) == "work-over"
    assert engine.floor.agents[ANA].idle_seq == idle


def test_completing_before_accepting_is_refused() -> None:
    engine = centre(voice(), agents=[agent(ANA)])
    engine.step(call(1, at=NOON))

    assert refused(engine.step(completes(1, ANA, at=NOON))) == "not-yours"
    assert item(engine, 1).state is ItemState.OFFERED


def test_a_mass_hang_up_leaves_the_right_one_first_in_line() -> None:
    engine = centre(voice(), agents=[agent(ANA)])
    engine.step(says(ANA, "away", at=NOON))
    for number in range(1, 201):
        engine.step(call(number, at=NOON))
    for number in range(1, 200):
        engine.step(call_ends(number, at=NOON + SECOND))

    assert asked(engine.step(says(ANA, "available", at=NOON + 2 * SECOND))) == [(ANA, 200)]


def test_a_storm_of_sign_ins_serves_the_line_in_order() -> None:
    names = [f"a{number:04d}" for number in range(1000)]
    engine = centre(voice(), agents=[agent(name) for name in names])
    for name in names:
        engine.step(says(name, "offline", at=NOON, reason="signed_out"))
    for number in range(1500):
        engine.step(call(number, at=NOON + number))

    made = [asked(engine.step(says(name, "available", at=NOON + SECOND)))[0] for name in names]

    assert made == [(name, number) for number, name in enumerate(names)]


def test_a_rejected_item_does_not_pass_higher_priorities() -> None:
    engine = centre(voice(), agents=[agent(ANA), agent(BEN)])
    engine.step(says(BEN, "away", at=NOON))
    engine.step(call(1, at=NOON))
    engine.step(call(2, at=NOON + SECOND, priority=3))

    assert asked(engine.step(no(engine, ANA, at=NOON + 2 * SECOND))) == [(ANA, 2)]
    assert asked(engine.step(says(BEN, "available", at=NOON + 3 * SECOND))) == [(BEN, 1)]


# --- crash and return ------------------------------------------------------------------------------------------------


def reloaded(engine: Engine) -> Engine:
    floor = engine.floor
    rows = Snapshot(
        meta=engine.meta,
        items=tuple(map(copy.copy, floor.items.values())),
        agents=tuple(map(copy.copy, floor.agents.values())),
        offers=tuple(map(copy.copy, floor.offers.values())),
    )
    return Engine.load(rows, engine.rules)


def test_after_a_crash_order_places_and_deadlines_are_as_they_were() -> None:
    engine = centre(voice(wrap_up=30 * SECOND), agents=[agent(ANA), agent(BEN)])
    engine.step(call(1, at=NOON))
    engine.step(yes(engine, ANA, at=NOON))
    engine.step(call_ends(1, at=NOON + SECOND))
    engine.step(call(2, at=NOON + 2 * SECOND))
    for number in range(3, 10):
        engine.step(call(number, at=NOON + number * SECOND))

    again = reloaded(engine)

    assert again.next_deadline == engine.next_deadline == NOON + 22 * SECOND
    assert again.step(time(NOON + 31 * SECOND)) == engine.step(time(NOON + 31 * SECOND))


def test_offers_that_ran_out_in_an_outage_go_back_unblamed() -> None:
    engine = reloaded_with_a_ringing_agent()
    idle = engine.floor.agents[ANA].idle_seq

    orders = engine.step(RouterResumed(at=NOON + 28 * SECOND, alive_at=NOON))

    assert closed(orders) == [(ANA, "revoked", "outage")]
    assert asked(orders) == [(ANA, 1)]
    assert not engine.floor.agents[ANA].not_responding
    assert engine.floor.agents[ANA].idle_seq == idle


def test_offers_that_still_ring_after_an_outage_ring_on() -> None:
    engine = reloaded_with_a_ringing_agent()

    assert engine.step(RouterResumed(at=NOON + 8 * SECOND, alive_at=NOON)) == []


def reloaded_with_a_ringing_agent() -> Engine:
    engine = centre(voice(offer_timeout=20 * SECOND), agents=[agent(ANA)])
    engine.step(call(1, at=NOON))
    return reloaded(engine)


def test_loading_wants_the_rules_that_were_in_force() -> None:
    engine = centre(voice(), agents=[])

    with pytest.raises(AssertionError):
        Engine.load(Snapshot(meta=engine.meta), Engine().rules)


def test_settling_puts_what_is_loaded_out_of_the_collectors_sight() -> None:
    engine = centre(voice(), agents=[agent(ANA)])
    frozen = gc.get_freeze_count()

    engine.settle()

    assert gc.get_freeze_count() > frozen
    gc.unfreeze()


def test_what_changed_is_taken_once_and_as_copies() -> None:
    engine = centre(voice(), agents=[agent(ANA)])
    engine.take_changes()
    engine.step(call(1, at=NOON))

    taken = engine.take_changes()
    engine.step(yes(engine, ANA, at=NOON + SECOND))

    assert [i.id for i in taken.items] == [item_id(1)]
    assert taken.items[0].state is ItemState.OFFERED
    assert [a.username for a in taken.agents] == [ANA]
    assert engine.take_changes()
    assert not engine.take_changes()


def test_facts_about_what_is_not_there_are_refused_as_unknown() -> None:
    engine = centre(voice(), agents=[])

    for fact in (
        call_ends(9, at=NOON),
        completes(9, ANA, at=NOON),
        says(ANA, "away", at=NOON),
        answers(9, ANA, at=NOON),
    ):
        assert refused(engine.step(fact)) == "unknown"
    for fact in available(ANA, at=NOON):
        assert refused(engine.step(fact)) == "unknown"
    assert refused(engine.step(WrapUpExtended(at=NOON, item=item_id(9), agent=ANA, by=SECOND))) == "unknown"


def test_cases_have_no_call_that_could_end() -> None:
    engine = centre(voice(), agents=[])
    engine.step(case(1, at=NOON, queue="faults"))

    assert refused(engine.step(call_ends(1, at=NOON))) == "conflict"
