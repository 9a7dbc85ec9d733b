"""Every ARI recording comes out as what the phones saw, in whatever order and however often its messages come."""

from __future__ import annotations

import json
import random
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.telephony.asterisk.replay import Replay, replay
from tests.adapters.asterisk import recordings
from tests.adapters.asterisk.recordings import TOLERANCE_S

NOT_IN_STASIS = {"2025550162"}
"""Of f1: a call of app_queue, which an ARI application does not answer for."""
NEVER_TOLD = {"2025550174"}
"""Of f3: refused by the dialplan while the application had no websocket."""
IN_THE_GAP = {"2025550171", "2025550173"}
GAP = (5.881, 9.893)


def calls_of(lines: list[bytes]) -> dict[str, Any]:
    return msgspec.to_builtins(replay(lines))


def near(value: float | None) -> Any:
    return pytest.approx(value, abs=TOLERANCE_S)


def assert_true(got: dict[str, Any], name: str) -> None:
    truth = [call for call in recordings.expected(name)["calls"] if call["caller"] not in NOT_IN_STASIS | NEVER_TOLD]
    assert [call["caller"] for call in got["calls"]] == [call["caller"] for call in truth]
    for call, want in zip(got["calls"], truth, strict=True):
        if name.startswith("b5"):
            assert_hung_up_at_answer(call, want)
        elif call["caller"] in IN_THE_GAP:
            assert_ended_in_the_gap(call, want)
        else:
            assert_same(call, want)
    outcomes = [call["outcome"] for call in got["calls"]]
    assert got["offered"] == len(truth)
    assert (got["answered"], got["abandoned"]) == (outcomes.count("answered"), outcomes.count("abandoned"))
    assert got["other"] == got["offered"] - got["answered"] - got["abandoned"]


def assert_same(call: dict[str, Any], want: dict[str, Any]) -> None:
    assert_same_but_its_end(call, want)
    assert call["t_end"] == near(want["t_end"])
    assert call["ended_by"] == want["ended_by"]
    assert call["wait_s"] == near(want["wait_s"])
    assert call["talks"] == [
        {"agent": talk["agent"], "from": near(talk["from"]), "to": near(talk["to"])} for talk in want["talks"]
    ]


def assert_same_but_its_end(call: dict[str, Any], want: dict[str, Any]) -> None:
    for key in ("dialled", "outcome", "answered_by"):
        assert call[key] == want[key], key
    assert call["rung"] == [{**ring, "t": near(ring["t"])} for ring in want["rung"]]
    assert call["transfers"] == [{**transfer, "t": near(transfer["t"])} for transfer in want["transfers"]]
    assert call["hold_s"] == near(want["hold_s"])


def assert_ended_in_the_gap(call: dict[str, Any], want: dict[str, Any]) -> None:
    assert_same_but_its_end(call, want)
    assert GAP[0] <= call["t_end"] <= GAP[1]
    assert call["ended_by"] is None
    for talk, wanted in zip(call["talks"], want["talks"], strict=True):
        assert talk["agent"] == wanted["agent"]
        assert talk["from"] == near(wanted["from"])
        assert GAP[0] <= talk["to"] <= GAP[1]
    if not call["talks"]:
        assert call["wait_s"] == pytest.approx(call["t_end"] - want["t_invite"], abs=TOLERANCE_S)


def assert_hung_up_at_answer(call: dict[str, Any], want: dict[str, Any]) -> None:
    """Answered for a few milliseconds, or abandoned: both are defensible; a stuck call is not."""
    assert call["outcome"] in ("answered", "abandoned")
    assert call["rung"] == [{**ring, "t": near(ring["t"])} for ring in want["rung"]]
    assert call["wait_s"] == near(want["wait_s"])
    assert sum(talk["to"] - talk["from"] for talk in call["talks"]) <= TOLERANCE_S
    assert (call["t_end"], call["ended_by"]) == (near(want["t_end"]), "caller")


@pytest.mark.parametrize("name", recordings.NAMES)
def test_a_recording_comes_out_true(name: str) -> None:
    assert_true(calls_of(recordings.lines(name)), name)


@pytest.mark.parametrize("name", recordings.NAMES)
def test_a_recording_whose_every_message_comes_twice_comes_out_true(name: str) -> None:
    twice = [line for line in recordings.lines(name) for _ in (1, 2)]

    assert_true(calls_of(twice), name)


@pytest.mark.parametrize("name", recordings.NAMES)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(min_value=0, max_value=2**32))
def test_a_recording_comes_out_true_whatever_the_order_within_ten_milliseconds(name: str, seed: int) -> None:
    assert_true(calls_of(shuffled(recordings.lines(name), random.Random(seed))), name)


@pytest.mark.parametrize("name", recordings.NAMES)
def test_the_same_recording_heard_twice_makes_the_same_event_ids(name: str) -> None:
    def ids(lines: list[bytes]) -> set[tuple[str, str]]:
        play = Replay()
        for line in lines:
            play.take(line)
        play.end()
        ids = [(event.source, event.event_id) for event in play.events]
        assert len(ids) == len(set(ids)), "one happening was told twice"
        return set(ids)

    lines = recordings.lines(name)
    assert ids(lines) == ids(shuffled(lines, random.Random(7)))


@pytest.mark.parametrize("name", recordings.NAMES)
def test_a_switch_whose_clock_is_an_hour_off_changes_nothing(name: str) -> None:
    def an_hour_later(raw: bytes) -> bytes:
        line = json.loads(raw)
        text = json.dumps(line["event"])
        if line["source"] == "ari" or line["event"].get("type") == "http_response":
            for hour in ("21", "22"):
                text = text.replace(f"2026-11-21T{hour}:", f"2026-11-22T{int(hour) - 10}:")
        return json.dumps({**line, "event": json.loads(text)}).encode()

    assert_true(calls_of([an_hour_later(raw) for raw in recordings.lines(name)]), name)


def shuffled(lines: list[bytes], chance: random.Random) -> list[bytes]:
    """ARI messages of the same 10 ms in another order; what the connection did stays where it was."""
    result: list[bytes] = []
    moment: list[dict[str, Any]] = []

    def flush() -> None:
        times = [line["t"] for line in moment]
        chance.shuffle(moment)
        result.extend(json.dumps({**line, "t": t}).encode() for line, t in zip(moment, times, strict=True))
        moment.clear()

    for raw in lines:
        line = json.loads(raw)
        if line["source"] == "ami":
            continue
        if line["source"] == "client" or (moment and line["t"] - moment[0]["t"] > 0.01):
            flush()
        if line["source"] == "client":
            result.append(raw)
        else:
            moment.append(line)
    flush()
    return result
