"""Presence, connections, pauses, and the idle place that they keep or lose."""

import pytest

from console.routing.agent import Presence, RoutingState
from console.routing.facts import NodeGone, RouterResumed
from console.routing.orders import ShowAgent
from console.routing.queue import MINUTE, SECOND
from tests.routing.sentences import (
    ANA,
    BEN,
    NOON,
    agent,
    asked,
    call,
    call_ends,
    case,
    centre,
    closed,
    closes,
    completes,
    fails,
    item_id,
    opens,
    says,
    time,
    voice,
    yes,
)


def shown(orders) -> list[tuple[str, str, str | None, str]]:
    return [(o.agent, o.presence.value, o.reason, o.routing_state.value) for o in orders if isinstance(o, ShowAgent)]


def test_available_without_a_stream_is_not_asked() -> None:
    engine = centre(voice(), agents=[agent(ANA)])
    engine.step(closes(ANA, at=NOON))
    engine.step(time(NOON + 10 * SECOND))
    engine.step(says(ANA, "available", at=NOON + 20 * SECOND))

    assert asked(engine.step(call(1, at=NOON + 21 * SECOND))) == []
    assert asked(engine.step(opens(ANA, at=NOON + 22 * SECOND))) == [(ANA, 1)]


def test_two_tabs_of_one_agent_are_one_agent() -> None:
    engine = centre(voice(), agents=[agent(ANA)])
    engine.step(opens(ANA, at=NOON, node="n2"))
    engine.step(closes(ANA, at=NOON))

    engine.step(time(NOON + 60 * SECOND))

    assert engine.floor.agents[ANA].presence is Presence.AVAILABLE


def test_a_lost_connection_is_routable_for_ten_seconds_and_then_offline() -> None:
    engine = centre(voice(), agents=[agent(ANA)])
    engine.step(closes(ANA, at=NOON))

    assert asked(engine.step(call(1, at=NOON + 9 * SECOND))) == [(ANA, 1)]
    assert engine.next_deadline == NOON + 10 * SECOND
    orders = engine.step(time(NOON + 10 * SECOND))

    assert closed(orders) == [(ANA, "revoked", "absent")]
    assert shown(orders) == [(ANA, "offline", "connection", "idle")]
    assert not engine.floor.agents[ANA].not_responding


def test_who_is_back_within_the_grace_keeps_the_offer() -> None:
    engine = centre(voice(), agents=[agent(ANA)])
    engine.step(call(1, at=NOON))
    engine.step(closes(ANA, at=NOON + SECOND))
    engine.step(opens(ANA, at=NOON + 8 * SECOND, node="n2"))

    assert engine.step(time(NOON + 12 * SECOND)) == []
    assert engine.floor.agents[ANA].offer is not None


def test_a_node_that_is_gone_closes_its_streams() -> None:
    engine = centre(voice(), agents=[agent(ANA), agent(BEN)])
    engine.step(opens(BEN, at=NOON, node="n2"))
    engine.step(NodeGone(at=NOON, node="n1"))

    engine.step(time(NOON + 10 * SECOND))

    assert engine.floor.agents[ANA].presence is Presence.OFFLINE
    assert engine.floor.agents[BEN].presence is Presence.AVAILABLE


def test_after_a_takeover_the_grace_starts_anew() -> None:
    engine = centre(voice(), agents=[agent(ANA)])
    engine.step(closes(ANA, at=NOON))

    engine.step(RouterResumed(at=NOON + 30 * SECOND, alive_at=NOON))

    assert asked(engine.step(call(1, at=NOON + 39 * SECOND))) == [(ANA, 1)]
    assert closed(engine.step(time(NOON + 40 * SECOND))) == [(ANA, "revoked", "absent")]


def test_losing_the_connection_drops_no_work_in_hand() -> None:
    engine = centre(voice(), agents=[agent(ANA)])
    engine.step(call(1, at=NOON))
    engine.step(yes(engine, ANA, at=NOON))
    engine.step(closes(ANA, at=NOON))
    engine.step(time(NOON + 10 * SECOND))

    assert engine.floor.agents[ANA].work == [item_id(1)]


@pytest.mark.parametrize(("presence", "reason"), [("away", "away"), ("offline", "absent")])
def test_who_goes_gives_the_offer_back_and_keeps_their_idle_place(presence: str, reason: str) -> None:
    engine = centre(voice(), agents=[agent(ANA), agent(BEN)])
    engine.step(call(1, at=NOON))

    orders = engine.step(says(ANA, presence, at=NOON + SECOND))
    assert closed(orders) == [(ANA, "revoked", reason)]
    assert asked(orders) == [(BEN, 1)]

    engine.step(says(ANA, "available", at=NOON + 2 * SECOND))
    assert engine.floor.agents[ANA].idle_seq < engine.floor.agents[BEN].idle_seq


def test_a_pause_asked_for_during_a_call_takes_hold_when_it_ends() -> None:
    engine = centre(voice(wrap_up=30 * SECOND), agents=[agent(ANA)])
    engine.step(call(1, at=NOON))
    engine.step(yes(engine, ANA, at=NOON))
    assert shown(engine.step(says(ANA, "away", at=NOON + SECOND, reason="lunch"))) == []
    engine.step(call(2, at=NOON + 2 * SECOND))
    engine.step(call_ends(1, at=NOON + 3 * SECOND))
    assert engine.floor.agents[ANA].presence is Presence.AVAILABLE

    orders = engine.step(time(NOON + 33 * SECOND))

    assert asked(orders) == []
    assert shown(orders) == [(ANA, "away", "lunch", "idle")]


def test_a_pause_asked_for_holds_back_from_the_very_moment_the_connection_fails() -> None:
    engine = centre(voice(), agents=[agent(ANA)])
    engine.step(call(1, at=NOON))
    engine.step(yes(engine, ANA, at=NOON))
    engine.step(call(2, at=NOON))
    engine.step(says(ANA, "away", at=NOON + SECOND))

    assert asked(engine.step(fails(1, ANA, at=NOON + 2 * SECOND))) == []
    assert engine.floor.agents[ANA].presence is Presence.AWAY


def test_a_pause_asked_for_is_taken_back_by_saying_available() -> None:
    engine = centre(voice(), agents=[agent(ANA)])
    engine.step(call(1, at=NOON))
    engine.step(yes(engine, ANA, at=NOON))
    engine.step(says(ANA, "away", at=NOON + SECOND))
    engine.step(says(ANA, "available", at=NOON + 2 * SECOND))

    engine.step(call_ends(1, at=NOON + 3 * SECOND))

    assert engine.floor.agents[ANA].presence is Presence.AVAILABLE


def test_cases_in_hand_do_not_delay_a_pause() -> None:
    engine = centre(voice("desk"), agents=[agent(ANA, cases=2)])
    engine.step(case(1, at=NOON))
    engine.step(yes(engine, ANA, at=NOON))

    assert shown(engine.step(says(ANA, "away", at=NOON + SECOND))) == [(ANA, "away", None, "idle")]
    assert engine.floor.agents[ANA].work == [item_id(1)]


def test_saying_the_same_again_changes_nothing() -> None:
    engine = centre(voice(), agents=[agent(ANA)])
    before = engine.decision

    assert engine.step(says(ANA, "available", at=NOON)) == []
    assert engine.decision == before


@pytest.mark.parametrize(
    ("reason", "minutes", "keeps"),
    [(None, 29, True), (None, 31, False), ("signed_out", 1, False)],
    ids=["a short absence", "more than half an hour", "signed out"],
)
def test_being_offline_keeps_the_idle_place_for_half_an_hour(reason: str | None, minutes: int, keeps: bool) -> None:
    engine = centre(voice(), agents=[agent(ANA), agent(BEN)])
    engine.step(says(ANA, "offline", at=NOON, reason=reason))
    engine.step(says(ANA, "available", at=NOON + minutes * MINUTE))

    [(first, _)] = asked(engine.step(call(1, at=NOON + minutes * MINUTE)))

    assert first == (ANA if keeps else BEN)


def test_away_keeps_the_idle_place_however_long() -> None:
    engine = centre(voice(), agents=[agent(ANA), agent(BEN)])
    engine.step(says(ANA, "away", at=NOON))
    engine.step(says(ANA, "available", at=NOON + 90 * MINUTE))

    assert asked(engine.step(call(1, at=NOON + 90 * MINUTE))) == [(ANA, 1)]


def test_who_was_out_eight_hours_is_behind_who_is_idle_ten_minutes() -> None:
    engine = centre(voice(), agents=[agent(ANA), agent(BEN)])
    engine.step(says(BEN, "offline", at=NOON, reason="signed_out"))
    engine.step(says(ANA, "offline", at=NOON))
    engine.step(says(BEN, "available", at=NOON + 470 * MINUTE))
    engine.step(says(ANA, "away", at=NOON + 480 * MINUTE))
    engine.step(says(ANA, "available", at=NOON + 481 * MINUTE))

    assert asked(engine.step(call(1, at=NOON + 482 * MINUTE))) == [(BEN, 1)]


def test_cases_never_move_the_idle_place() -> None:
    engine = centre(voice(), voice("desk"), agents=[agent(ANA, cases=1), agent(BEN)])
    engine.step(case(1, at=NOON))
    engine.step(yes(engine, ANA, at=NOON))
    engine.step(completes(1, ANA, at=NOON + MINUTE))

    assert asked(engine.step(call(2, at=NOON + 2 * MINUTE))) == [(ANA, 2)]


def test_the_routing_state_is_the_first_that_holds() -> None:
    engine = centre(voice(wrap_up=None, offer_timeout=20 * SECOND), agents=[agent(ANA)])
    states = [engine.floor.agents[ANA].routing_state]
    for fact in (call(1, at=NOON), None, call_ends(1, at=NOON + 2 * SECOND), completes(1, ANA, at=NOON + 3 * SECOND)):
        engine.step(fact or yes(engine, ANA, at=NOON + SECOND))
        states.append(engine.floor.agents[ANA].routing_state)
    engine.step(call(2, at=NOON + 4 * SECOND))
    engine.step(time(NOON + 24 * SECOND))
    states.append(engine.floor.agents[ANA].routing_state)

    assert states == [
        RoutingState.IDLE,
        RoutingState.OFFERED,
        RoutingState.BUSY,
        RoutingState.WRAP_UP,
        RoutingState.IDLE,
        RoutingState.NOT_RESPONDING,
    ]


def test_since_when_it_is_so_is_kept() -> None:
    engine = centre(voice(), agents=[agent(ANA)])
    engine.step(call(1, at=NOON))
    assert engine.floor.agents[ANA].state_since == NOON
    engine.step(opens(ANA, at=NOON + SECOND, node="n2"))
    assert engine.floor.agents[ANA].state_since == NOON
