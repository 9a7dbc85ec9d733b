"""Work goes from hand to hand: transferred, given and moved by a supervisor, and handed over after a consultation."""

import pytest

from console.routing.agent import Presence, RoutingState
from console.routing.engine import Engine
from console.routing.orders import Assign, Disconnect, EndWork, OpenSuccessor
from console.routing.queue import SECOND
from console.routing.work_item import ItemState
from tests.routing.sentences import (
    ANA,
    BEN,
    CYD,
    NOON,
    agent,
    asked,
    call,
    call_ends,
    case,
    centre,
    closed,
    completes,
    configured,
    consulted,
    consults,
    fails,
    given,
    item,
    moved,
    put_into,
    refused,
    rules_of,
    says,
    time,
    transferred,
    voice,
    yes,
)


def on_a_call(*queues, agents=None) -> Engine:
    """Ana is on call 1, of a system that takes orders."""
    engine = centre(*(queues or (voice(), voice("general"))), agents=agents or [agent(ANA), agent(BEN), agent(CYD)])
    engine.step(call(1, at=NOON, takes_orders=True))
    engine.step(yes(engine, ANA, at=NOON + SECOND))
    return engine


AT = NOON + 10 * SECOND


# --- transferred -----------------------------------------------------------------------------------------------------


def test_a_call_handed_to_an_agent_waits_for_that_agent_and_then_is_everyones() -> None:
    engine = on_a_call()
    engine.step(call(2, at=NOON + 2 * SECOND))
    engine.step(yes(engine, BEN, at=NOON + 3 * SECOND))

    orders = engine.step(transferred(1, agent=BEN, at=AT))
    assert asked(orders) == []
    assert [o.outcome for o in orders if isinstance(o, EndWork)] == ["transferred"]
    assert [o.agent for o in orders if isinstance(o, Disconnect)] == [ANA]
    assert asked(engine.step(time(AT + 30 * SECOND))) == [(CYD, 101)]


def test_the_named_agent_is_asked_before_all_others_when_they_are_free() -> None:
    assert asked(on_a_call().step(transferred(1, agent=CYD, at=AT))) == [(CYD, 101)]


def test_what_the_call_asked_for_by_itself_goes_with_it_in_its_queue_and_not_to_another() -> None:
    engine = on_a_call(agents=[agent(ANA), agent(BEN, polish=3)])
    engine.step(call_ends(1, at=NOON + 2 * SECOND))
    for number in (2, 3):
        engine.step(call(number, at=NOON + 3 * SECOND, requires={"polish": 3}, priority=7))
        engine.step(yes(engine, BEN, at=NOON + 4 * SECOND))
        where = {"agent": BEN} if number == 2 else {"queue": "general"}
        engine.step(transferred(number, at=AT, **where))
        engine.step(call_ends(100 + number, at=AT)) if number == 2 else None

    assert (item(engine, 102).requires, item(engine, 102).priority) == ({"polish": 3}, 7)
    assert (item(engine, 103).requires, item(engine, 103).own_priority) == ({}, None)


def test_who_could_never_be_offered_it_cannot_be_named() -> None:
    engine = on_a_call(
        voice(requires={"fibre": 1}),
        voice("general"),
        agents=[agent(ANA, fibre=1), agent(BEN), agent(CYD, voice=0, fibre=1)],
    )

    for name in (BEN, CYD, "nobody"):
        assert refused(engine.step(transferred(1, agent=name, at=AT))) == "agent-not-qualified"
    assert item(engine, 1).state is ItemState.ASSIGNED
    assert asked(engine.step(transferred(1, queue="general", agent=BEN, at=AT))) == [(BEN, 101)]


def test_a_call_that_left_the_centre_ends_and_has_no_successor() -> None:
    engine = on_a_call()
    orders = engine.step(transferred(1, at=AT))

    assert not [o for o in orders if isinstance(o, OpenSuccessor | Disconnect)]
    assert item(engine, 1).state is ItemState.TRANSFERRED
    assert engine.step(call_ends(1, at=AT + SECOND)) == []


@pytest.mark.parametrize("rings", [True, False])
def test_what_nobody_has_taken_moves_with_its_place(rings: bool) -> None:
    engine = centre(voice(), voice("general"), agents=[agent(ANA), agent(BEN, queues=("general",))])
    if not rings:
        engine.step(says(ANA, "away", at=NOON))
    engine.step(call(1, at=NOON))
    orders = engine.step(put_into(1, "general", at=AT))

    assert moved(orders) == [(1, "general", "by_hand")]
    assert closed(orders) == ([(ANA, "revoked", "moved")] if rings else [])
    assert asked(orders) == [(ANA if rings else BEN, 1)]
    assert item(engine, 1).waiting_since == NOON


def test_work_in_hand_is_moved_as_a_transfer_and_taken_off_the_agents_phone() -> None:
    engine = on_a_call()
    orders = engine.step(put_into(1, "general", at=AT))

    assert [o.agent for o in orders if isinstance(o, Disconnect)] == [ANA]
    assert asked(orders) == [(BEN, 101)]
    assert item(engine, 101).waiting_since == AT


# --- given by hand ---------------------------------------------------------------------------------------------------


def test_a_supervisors_hand_gives_what_waits_to_an_agent_at_once_even_over_capacity() -> None:
    engine = on_a_call()
    engine.step(says(BEN, "away", at=NOON))
    engine.step(says(CYD, "away", at=NOON))
    engine.step(call(2, at=NOON + 2 * SECOND))
    orders = engine.step(given(2, ANA, at=AT))

    assert [(o.agent, o.by, o.over_capacity, o.connected) for o in orders if isinstance(o, Assign)] == [
        (ANA, "sue", True, False)
    ]
    assert engine.floor.agents[ANA].work == [item(engine, 1).id, item(engine, 2).id]


def test_what_rings_elsewhere_is_taken_back_and_given() -> None:
    engine = centre(voice(), agents=[agent(ANA), agent(BEN)])
    engine.step(call(1, at=NOON))
    orders = engine.step(given(1, BEN, at=AT))

    assert closed(orders) == [(ANA, "revoked", "assigned")]
    assert item(engine, 1).agent == BEN
    assert asked(engine.step(call(2, at=AT))) == [(ANA, 2)]


def test_out_of_anothers_hand_it_is_a_successor_that_is_given() -> None:
    engine = on_a_call()
    orders = engine.step(given(1, BEN, at=AT))

    assert [type(o).__name__ for o in orders[:6]] == [
        "Disconnect",
        "EndWork",
        "CloseItem",
        "OpenSuccessor",
        "Assign",
        "ShowAgent",
    ]
    assert item(engine, 101).agent == BEN
    engine.step(call_ends(1, at=AT + SECOND))
    assert item(engine, 101).state is not ItemState.ASSIGNED


def test_given_to_whoever_has_it_changes_nothing() -> None:
    engine = on_a_call()

    assert engine.step(given(1, ANA, at=AT)) == []


def test_an_offer_for_which_there_is_no_room_any_more_is_taken_back() -> None:
    engine = centre(voice(), voice("desk"), agents=[agent(ANA, cases=1), agent(BEN, queues=())])
    engine.step(case(1, at=NOON))
    engine.step(call(2, at=NOON))
    orders = engine.step(given(2, ANA, at=AT))

    assert closed(orders) == [(ANA, "revoked", "assigned")]
    assert item(engine, 1).state is ItemState.WAITING


@pytest.mark.parametrize(
    ("name", "problem"),
    [("nobody", "unknown"), (BEN, "agent-not-free"), (CYD, "agent-not-qualified")],
)
def test_a_call_is_not_given_to_who_could_not_answer_it(name: str, problem: str) -> None:
    engine = on_a_call(agents=[agent(ANA), agent(BEN), agent(CYD, voice=0)])
    engine.step(says(BEN, "offline", at=NOON + 2 * SECOND))

    assert refused(engine.step(given(1, name, at=AT))) == problem


def test_a_case_is_given_to_an_agent_who_is_not_there_for_it_waits_on_their_desk() -> None:
    engine = centre(voice("desk"), agents=[agent(ANA, cases=1)])
    engine.step(says(ANA, "offline", at=NOON))
    engine.step(case(1, at=NOON))
    engine.step(given(1, ANA, at=AT))

    assert item(engine, 1).agent == ANA


def test_work_in_wrap_up_or_ended_cannot_be_handed_on() -> None:
    engine = on_a_call(voice(wrap_up=30 * SECOND), voice("general"))
    engine.step(call_ends(1, at=NOON + 2 * SECOND))
    for fact in (given(1, BEN, at=AT), put_into(1, "general", at=AT), transferred(1, queue="general", at=AT)):
        assert refused(engine.step(fact)) == "conflict"
    engine.step(completes(1, ANA, at=AT))
    assert refused(engine.step(given(1, BEN, at=AT))) == "work-over"
    assert refused(engine.step(given(77, BEN, at=AT))) == "unknown"


def test_a_phone_that_cannot_be_had_puts_what_was_given_by_hand_back_in_its_place() -> None:
    engine = centre(voice(), agents=[agent(ANA), agent(BEN)])
    engine.step(says(ANA, "away", at=NOON))
    engine.step(says(BEN, "away", at=NOON))
    engine.step(call(1, at=NOON))
    engine.step(given(1, BEN, at=AT))
    engine.step(fails(1, BEN, at=AT + SECOND))

    assert item(engine, 1).state is ItemState.WAITING
    assert asked(engine.step(says(ANA, "available", at=AT + 2 * SECOND))) == [(ANA, 1)]


# --- consulted -------------------------------------------------------------------------------------------------------


def test_whoever_is_consulted_is_asked_nothing_until_it_is_over_and_keeps_their_idle_place() -> None:
    engine = on_a_call(agents=[agent(ANA), agent(BEN, cases=2), agent(CYD)])
    engine.step(consults(1, ANA, BEN, at=AT))

    assert engine.floor.agents[BEN].routing_state is RoutingState.BUSY
    assert asked(engine.step(call(2, at=AT))) == [(CYD, 2)]
    assert asked(engine.step(case(3, at=AT, queue="general"))) == []
    assert asked(engine.step(consulted(1, BEN, "returned", at=AT + SECOND))) == [(BEN, 3)]


def test_who_is_consulted_may_take_the_call_over() -> None:
    engine = on_a_call()
    engine.step(consults(1, ANA, BEN, at=AT))
    orders = engine.step(consulted(1, BEN, "handed_over", at=AT + SECOND))

    assert [(o.item[-3:], o.agent, o.offer, o.connected) for o in orders if isinstance(o, Assign)] == [
        ("101", BEN, None, True)
    ]
    assert not [o for o in orders if isinstance(o, Disconnect)]
    assert engine.floor.agents[BEN].work == [item(engine, 101).id]
    assert engine.floor.agents[ANA].work == []
    engine.step(call_ends(1, at=AT + 2 * SECOND))
    assert item(engine, 101).state is not ItemState.ASSIGNED


@pytest.mark.parametrize(
    "end", ["the caller hangs up", "the owner completes", "a supervisor moves it", "it is given on"]
)
def test_a_consultation_ends_with_its_call(end: str) -> None:
    engine = on_a_call()
    engine.step(consults(1, ANA, BEN, at=AT))
    engine.step(
        {
            "the caller hangs up": call_ends(1, at=AT),
            "the owner completes": completes(1, ANA, at=AT),
            "a supervisor moves it": put_into(1, "general", at=AT),
            "it is given on": given(1, CYD, at=AT),
        }[end]
    )

    assert engine.floor.agents[BEN].consult is None
    assert refused(engine.step(consulted(1, BEN, "returned", at=AT))) in ("work-over", "conflict")


def test_only_a_free_agent_can_be_consulted_and_one_at_a_time() -> None:
    engine = on_a_call()
    engine.step(call(2, at=NOON + 2 * SECOND))  # rings at Ben's
    for name in (BEN, ANA, "nobody"):
        assert refused(engine.step(consults(1, ANA, name, at=AT))) == "agent-not-free"
    engine.step(says(CYD, "away", at=AT))
    assert refused(engine.step(consults(1, ANA, CYD, at=AT))) == "agent-not-free"
    engine.step(says(CYD, "available", at=AT))
    assert refused(engine.step(consults(1, BEN, CYD, at=AT))) == "not-yours"
    assert refused(engine.step(consults(77, ANA, CYD, at=AT))) == "unknown"
    engine.step(consults(1, ANA, CYD, at=AT))
    engine.step(yes(engine, BEN, at=AT))
    assert refused(engine.step(consults(1, ANA, CYD, at=AT))) == "conflict"
    assert refused(engine.step(consults(2, BEN, CYD, at=AT))) == "agent-not-free"
    assert refused(engine.step(consulted(1, BEN, "returned", at=AT))) == "conflict"


def test_a_pause_asked_for_during_a_consultation_takes_hold_when_it_is_over() -> None:
    engine = on_a_call()
    engine.step(consults(1, ANA, BEN, at=AT))
    engine.step(says(BEN, "away", at=AT))
    assert engine.floor.agents[BEN].presence is Presence.AVAILABLE
    engine.step(consulted(1, BEN, "failed", at=AT))

    assert engine.floor.agents[BEN].presence is Presence.AWAY


def test_who_leaves_the_configuration_during_a_consultation_is_offline_when_it_is_over() -> None:
    engine = on_a_call()
    engine.step(consults(1, ANA, BEN, at=AT))
    engine.step(configured(rules_of(voice(), voice("general"), agents=[agent(ANA), agent(CYD)], version=2), at=AT))
    assert engine.floor.agents[BEN].presence is Presence.AVAILABLE
    engine.step(call_ends(1, at=AT))

    assert engine.floor.agents[BEN].presence is Presence.OFFLINE
