"""Events folded into what became of each call."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from console.telephony import (
    CallAnswered,
    CallArrived,
    CallEnded,
    CallEvent,
    CallHeld,
    CallMuted,
    CallOutcome,
    CallParked,
    CallResumed,
    CallRinging,
    CallTransferred,
    CallUnmuted,
    ConnectFailed,
    ConsultChanged,
    RingEnded,
    TalkEnded,
)
from console.telephony.record import CallRecord, bare_name, report

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
ALICE, BOB = "PJSIP/agent1001", "PJSIP/agent1002"


def on(t: float, what: str, call: str = "call-1") -> dict[str, Any]:
    return {"source": "pbx", "event_id": f"{call}/{what}/{t}", "call": call, "at": NOON + timedelta(seconds=t)}


def arrived(t: float = 1, call: str = "call-1") -> CallArrived:
    return CallArrived(**on(t, "arrived", call), caller="+442079460001", dialled="100")


TALK = (
    arrived(1),
    CallRinging(**on(2, "ringing"), endpoint=ALICE),
    RingEnded(**on(4, "ring-ended"), endpoint=ALICE, result="answered"),
    CallAnswered(**on(4, "answered"), endpoint=ALICE),
    CallHeld(**on(6, "held")),
    CallResumed(**on(8, "resumed")),
    TalkEnded(**on(10, "talk-ended"), endpoint=ALICE),
    CallEnded(**on(10, "ended"), cause="caller", answered=True),
)


def record(*events: CallEvent) -> CallRecord:
    [record] = report(events, since=NOON).calls
    return record


def test_a_call_is_told_whole() -> None:
    assert msgspec.to_builtins(report(TALK, since=NOON)) == {
        "calls": [
            {
                "caller": "+442079460001",
                "dialled": "100",
                "outcome": "answered",
                "rung": [{"agent": "agent1001", "t": 2.0, "result": "answered"}],
                "answered_by": "agent1001",
                "wait_s": 3.0,
                "talks": [{"agent": "agent1001", "from": 4.0, "to": 10.0}],
                "hold_s": 2.0,
                "transfers": [],
                "t_end": 10.0,
                "ended_by": "caller",
            }
        ],
        "offered": 1,
        "answered": 1,
        "abandoned": 0,
        "other": 0,
    }


@pytest.mark.parametrize("seed", range(10))
def test_late_disordered_and_repeated_events_make_the_same_record(seed: int) -> None:
    events = [*TALK, *TALK]
    random.Random(seed).shuffle(events)

    assert report(events, since=NOON) == report(TALK, since=NOON)


@pytest.mark.parametrize(
    ("cause", "outcome", "expected"),
    [
        ("caller", "ended", "abandoned"),
        (None, "ended", "abandoned"),
        ("system", "overflow", "overflow"),
        ("system", "refused", "refused"),
        ("system", "lost", "lost"),
    ],
)
def test_a_call_without_a_talk_ends_as_its_end_says(cause: Any, outcome: CallOutcome, expected: str) -> None:
    ended = CallEnded(**on(5, "ended"), cause=cause, answered=False, outcome=outcome)
    whole = report([arrived(), ended], since=NOON)

    assert whole.calls[0].outcome == expected
    assert whole.calls[0].wait_s == 4.0
    assert (whole.abandoned, whole.other) == ((1, 0) if expected == "abandoned" else (0, 1))


@pytest.mark.parametrize(
    ("cause", "ended_by"), [("caller", "caller"), ("agent", "agent"), ("system", "pbx"), (None, None)]
)
def test_who_ended_it_is_told_in_the_contracts_words(cause: Any, ended_by: str | None) -> None:
    assert record(arrived(), CallEnded(**on(5, "ended"), cause=cause, answered=False)).ended_by == ended_by


def test_a_call_that_is_not_over_has_no_end_and_counts_as_other() -> None:
    whole = report([arrived()], since=NOON)

    assert (whole.calls[0].outcome, whole.calls[0].t_end, whole.calls[0].wait_s) == (None, None, None)
    assert (whole.offered, whole.other) == (1, 1)


def test_a_transfer_makes_two_talks_and_the_first_agent_answered() -> None:
    moved = CallTransferred(**on(9, "moved"), kind="blind", by_endpoint=ALICE, to_endpoint=BOB, to_number="1002")
    second = CallAnswered(**on(12, "answered"), endpoint=BOB)
    ended = CallEnded(**on(15, "ended"), cause="agent", answered=True)
    call = record(*TALK[:-1], moved, second, ended)

    assert [(talk.agent, talk.from_, talk.to) for talk in call.talks] == [("agent1001", 4, 10), ("agent1002", 12, 15)]
    assert [(transfer.by, transfer.to) for transfer in call.transfers] == [("agent1001", "1002")]
    assert call.answered_by == "agent1001"


def test_a_hold_that_nobody_ended_ends_with_the_talk() -> None:
    held = [event for event in TALK if not isinstance(event, CallResumed)]

    assert record(*held).hold_s == 4.0


def test_a_phone_still_ringing_when_the_caller_leaves_was_left() -> None:
    ringing = CallRinging(**on(2, "ringing"), endpoint=ALICE)
    call = record(arrived(), ringing, CallEnded(**on(5, "ended"), cause="caller", answered=False))

    assert [ring.result for ring in call.rung] == ["caller_left"]


def test_a_failed_connection_is_told_by_its_ring() -> None:
    failed = ConnectFailed(**on(3, "failed"), endpoint=ALICE, reason="busy")

    assert record(arrived(), failed).rung == []


def test_an_agent_may_be_named_instead_of_an_endpoint() -> None:
    assert record(arrived(), CallAnswered(**on(3, "answered"), agent="nadia")).answered_by == "nadia"


def test_calls_stand_in_the_order_of_their_arrival_and_those_of_two_systems_apart() -> None:
    other = CallArrived(**{**on(0.5, "arrived"), "source": "pbx2"}, caller="x", dialled="200")
    whole = report([arrived(2, "b"), arrived(1, "a"), other], since=NOON)

    assert [call.dialled for call in whole.calls] == ["200", "100", "100"]
    assert whole.offered == 3


@pytest.mark.parametrize(
    ("endpoint", "name"), [("PJSIP/agent1001", "agent1001"), ("agent1001", "agent1001"), ("SIP/", "SIP/"), (None, None)]
)
def test_an_agents_bare_name_is_what_follows_the_technology(endpoint: str | None, name: str | None) -> None:
    assert bare_name(endpoint) == name


def test_mute_and_consultation_are_no_part_of_a_record() -> None:
    asides = (
        CallMuted(**on(5, "muted")),
        CallUnmuted(**on(5.5, "unmuted")),
        ConsultChanged(**on(6, "consult"), endpoint=BOB, state="ringing"),
        ConsultChanged(**on(7, "consult"), endpoint=BOB, state="ended", result="busy"),
    )

    assert report([*TALK, *asides], since=NOON) == report(TALK, since=NOON)


def test_a_parked_caller_waits_between_two_talks() -> None:
    events = [
        arrived(1),
        CallAnswered(**on(4, "answered"), endpoint=ALICE),
        CallParked(**on(8, "parked")),
        TalkEnded(**on(8, "talk-ended"), endpoint=ALICE),
        CallAnswered(**on(20, "answered"), endpoint=BOB),
        CallEnded(**on(30, "ended"), cause="caller", answered=True),
    ]
    [call] = report(events, since=NOON).calls

    assert [(talk.agent, talk.from_, talk.to) for talk in call.talks] == [("agent1001", 4, 8), ("agent1002", 20, 30)]
    assert (call.outcome, call.wait_s) == ("answered", 3)
