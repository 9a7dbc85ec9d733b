"""Capacity, wrap-up, and how work ends."""

import pytest

from console.routing.facts import WorkWithdrawn, WrapUpExtended, WrapUpFinished
from console.routing.orders import CloseItem, EndWork, HangUp, UpdateWork
from console.routing.queue import MINUTE, SECOND
from console.routing.work_item import ItemState
from tests.routing.sentences import (
    ANA,
    BEN,
    NOON,
    agent,
    asked,
    call,
    call_ends,
    callback,
    case,
    centre,
    completes,
    configured,
    item,
    item_id,
    no,
    refused,
    rules_of,
    time,
    voice,
    yes,
)


def extend(number: int, by: int, *, at: int, name: str = ANA) -> WrapUpExtended:
    return WrapUpExtended(at=at, item=item_id(number), agent=name, by=by)


def finish(number: int, *, at: int, name: str = ANA) -> WrapUpFinished:
    return WrapUpFinished(at=at, item=item_id(number), agent=name)


def talked(engine, number: int = 1, *, at: int = NOON) -> list:
    """A call came, was taken, and is over."""
    engine.step(call(number, at=at))
    engine.step(yes(engine, ANA, at=at))
    return engine.step(call_ends(number, at=at))


def test_a_live_call_blocks_cases_and_callbacks() -> None:
    engine = centre(voice(), voice("desk"), agents=[agent(ANA, cases=3)])
    engine.step(call(1, at=NOON))
    engine.step(yes(engine, ANA, at=NOON))

    assert asked(engine.step(case(2, at=NOON))) == []
    assert asked(engine.step(callback(3, at=NOON))) == []
    assert asked(engine.step(call_ends(1, at=NOON + SECOND))) == [(ANA, 2)]


def test_a_callback_takes_the_voice_unit() -> None:
    engine = centre(voice(), voice("desk"), agents=[agent(ANA, cases=3)])
    engine.step(callback(1, at=NOON))
    engine.step(yes(engine, ANA, at=NOON))

    assert asked(engine.step(call(2, at=NOON))) == []
    assert asked(engine.step(case(3, at=NOON))) == []


def test_cases_in_hand_do_not_block_a_call() -> None:
    engine = centre(voice(), voice("desk"), agents=[agent(ANA, cases=1)])
    engine.step(case(1, at=NOON))
    engine.step(yes(engine, ANA, at=NOON))

    assert asked(engine.step(call(2, at=NOON))) == [(ANA, 2)]


def test_a_fourth_case_waits_for_room_and_goes_before_the_fifth() -> None:
    engine = centre(voice("desk"), agents=[agent(ANA, cases=3)])
    for number in (1, 2, 3):
        engine.step(case(number, at=NOON))
        engine.step(yes(engine, ANA, at=NOON))
    assert asked(engine.step(case(4, at=NOON + SECOND))) == []
    engine.step(case(5, at=NOON + 2 * SECOND))

    assert asked(engine.step(completes(2, ANA, at=NOON + 3 * SECOND))) == [(ANA, 4)]


def test_what_rings_counts_until_it_is_declined() -> None:
    engine = centre(voice("desk"), agents=[agent(ANA, cases=3)])
    for number in (1, 2):
        engine.step(case(number, at=NOON))
        engine.step(yes(engine, ANA, at=NOON))
    engine.step(case(3, at=NOON))

    assert asked(engine.step(case(4, at=NOON))) == []
    assert asked(engine.step(no(engine, ANA, at=NOON + SECOND))) == [(ANA, 4)]


def test_two_voice_units_are_two_calls() -> None:
    engine = centre(voice(), agents=[agent(ANA, voice=2)])
    engine.step(call(1, at=NOON))
    engine.step(yes(engine, ANA, at=NOON))

    assert asked(engine.step(call(2, at=NOON))) == [(ANA, 2)]


def test_who_has_no_voice_unit_is_asked_for_cases_alone() -> None:
    engine = centre(voice(), voice("desk"), agents=[agent(ANA, voice=0, cases=1)])

    assert asked(engine.step(call(1, at=NOON))) == []
    assert asked(engine.step(case(2, at=NOON))) == [(ANA, 2)]
    engine.step(yes(engine, ANA, at=NOON))
    assert engine.floor.agents[ANA].routing_state == "busy"


@pytest.mark.parametrize(
    ("wrap_up", "state"), [(0, ItemState.COMPLETED), (30 * SECOND, ItemState.WRAP_UP), (None, ItemState.WRAP_UP)]
)
def test_after_the_call_comes_the_queues_wrap_up(wrap_up: int | None, state: ItemState) -> None:
    engine = centre(voice(wrap_up=wrap_up), agents=[agent(ANA)])
    talked(engine)

    assert item(engine, 1).state is state


def test_no_work_of_any_queue_comes_while_wrap_up_runs() -> None:
    engine = centre(voice(wrap_up=30 * SECOND), voice("general"), voice("desk"), agents=[agent(ANA, cases=3)])
    talked(engine)
    engine.step(call(2, at=NOON, queue="general"))
    engine.step(case(3, at=NOON))
    assert engine.floor.agents[ANA].offer is None

    assert asked(engine.step(time(NOON + 30 * SECOND))) == [(ANA, 2)]


def test_wrap_up_ended_early_frees_at_once_and_to_the_back() -> None:
    engine = centre(voice(wrap_up=30 * SECOND), agents=[agent(ANA), agent(BEN)])
    talked(engine)

    orders = engine.step(finish(1, at=NOON + 5 * SECOND))

    assert [o.outcome for o in orders if isinstance(o, EndWork)] == ["completed"]
    assert asked(engine.step(call(2, at=NOON + 6 * SECOND))) == [(BEN, 2)]
    assert asked(engine.step(call(3, at=NOON + 6 * SECOND))) == [(ANA, 3)]


def test_wrap_up_is_extended_up_to_a_quarter_of_an_hour_in_all() -> None:
    engine = centre(voice(wrap_up=30 * SECOND), agents=[agent(ANA)])
    talked(engine)

    [update] = engine.step(extend(1, 30 * SECOND, at=NOON + 10 * SECOND))
    assert isinstance(update, UpdateWork)
    assert update.wrap_up_until == NOON + 60 * SECOND
    engine.step(time(NOON + 30 * SECOND))
    assert item(engine, 1).state is ItemState.WRAP_UP
    [update] = engine.step(extend(1, 60 * MINUTE, at=NOON + 40 * SECOND))
    assert isinstance(update, UpdateWork)
    assert update.wrap_up_until == NOON + 15 * MINUTE
    assert engine.step(extend(1, 30 * SECOND, at=NOON + 50 * SECOND)) == []


def test_an_open_wrap_up_lasts_until_the_agent_ends_it() -> None:
    engine = centre(voice(wrap_up=None), agents=[agent(ANA)])
    talked(engine)
    assert engine.next_deadline is None
    assert engine.step(extend(1, 30 * SECOND, at=NOON)) == []
    engine.step(time(NOON + 3600 * SECOND))
    assert item(engine, 1).state is ItemState.WRAP_UP

    engine.step(completes(1, ANA, at=NOON + 3601 * SECOND))

    assert item(engine, 1).state is ItemState.COMPLETED


def test_a_new_configuration_does_not_move_the_end_of_a_wrap_up() -> None:
    engine = centre(voice(wrap_up=30 * SECOND), agents=[agent(ANA)])
    talked(engine)
    engine.step(configured(rules_of(voice(wrap_up=0), agents=[agent(ANA)], version=2), at=NOON + SECOND))

    assert engine.next_deadline == NOON + 30 * SECOND


@pytest.mark.parametrize("fact", [extend(1, SECOND, at=NOON), finish(1, at=NOON)])
def test_wrap_up_facts_during_the_call_do_not_fit(fact) -> None:
    engine = centre(voice(wrap_up=30 * SECOND), agents=[agent(ANA)])
    engine.step(call(1, at=NOON))
    engine.step(yes(engine, ANA, at=NOON))

    assert refused(engine.step(fact)) == "conflict"


def test_somebody_elses_work_is_not_theirs_to_end() -> None:
    engine = centre(voice(wrap_up=30 * SECOND), agents=[agent(ANA), agent(BEN)])
    talked(engine)

    for fact in (completes(1, BEN, at=NOON), finish(1, at=NOON, name=BEN), extend(1, 1, at=NOON, name=BEN)):
        assert refused(engine.step(fact)) == "not-yours"


@pytest.mark.parametrize("takes_orders", [True, False])
def test_completing_a_live_call_hangs_it_up_where_the_phone_system_can(takes_orders: bool) -> None:
    engine = centre(voice(wrap_up=30 * SECOND), agents=[agent(ANA)])
    engine.step(call(1, at=NOON, takes_orders=takes_orders))
    engine.step(yes(engine, ANA, at=NOON))

    orders = engine.step(completes(1, ANA, at=NOON + 60 * SECOND))

    assert any(isinstance(order, HangUp) for order in orders) is takes_orders
    assert item(engine, 1).state is ItemState.WRAP_UP
    assert engine.step(call_ends(1, at=NOON + 61 * SECOND)) == []


def test_completing_a_case_ends_the_work() -> None:
    engine = centre(voice("desk", wrap_up=30 * SECOND), agents=[agent(ANA, cases=1)])
    engine.step(case(1, at=NOON))
    engine.step(yes(engine, ANA, at=NOON))

    engine.step(completes(1, ANA, at=NOON))

    assert item(engine, 1).state is ItemState.COMPLETED


def test_a_case_withdrawn_from_who_works_on_it_is_completed() -> None:
    engine = centre(voice("desk"), agents=[agent(ANA, cases=1)])
    engine.step(case(1, at=NOON))
    engine.step(yes(engine, ANA, at=NOON))

    orders = engine.step(WorkWithdrawn(at=NOON, item=item_id(1)))

    assert [o.outcome for o in orders if isinstance(o, EndWork)] == ["completed"]
    assert engine.floor.agents[ANA].work == []


def test_a_caller_gone_between_acceptance_and_connection_is_the_end_of_the_contact() -> None:
    engine = centre(voice(wrap_up=30 * SECOND), agents=[agent(ANA)])
    talked(engine)

    assert item(engine, 1).state is ItemState.WRAP_UP


@pytest.mark.parametrize(("waited", "short"), [(4, True), (5, False)])
def test_a_caller_who_leaves_before_short_abandon_is_a_short_one(waited: int, short: bool) -> None:
    engine = centre(voice(short_abandon=5 * SECOND), agents=[])
    engine.step(call(1, at=NOON))

    [end] = engine.step(call_ends(1, at=NOON + waited * SECOND))

    assert isinstance(end, CloseItem)
    assert (end.state, end.waited, end.short) == (ItemState.ABANDONED, waited * SECOND, short)
