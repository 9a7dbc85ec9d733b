"""Recordings that are none, and recordings played at their own pace."""

from __future__ import annotations

import json
from typing import Any

import pytest

from adapters.telephony.asterisk.replay import LINE_BYTES_MAX, BadRecording, replay, replay_at
from tests.adapters.asterisk import recordings


def line(event: Any, t: Any = 0.5, source: Any = "ari") -> bytes:
    return json.dumps({"t": t, "wall": "2026-11-21T21:00:00Z", "source": source, "event": event}).encode()


@pytest.mark.parametrize(
    "bad",
    [
        b"{",
        b"[]",
        b"7",
        b"\xff",
        b'{"t": 1}',
        b"[" * 5000,
        line({"type": "StasisStart"}, t="soon"),
        line({"type": "StasisStart"}, t=-1),
        line({"type": "StasisStart"}, t=1e300),
        line({"type": "StasisStart", "channel": 5}),
        line({"type": 5}),
        line([], source="client"),
        line({"type": "http_response", "path": "/ari/channels", "status": 200, "body": {"a": 1}}, source="client"),
        line({"type": "http_response", "path": "/ari/bridges", "status": 200, "body": [7]}, source="client"),
        b" " * LINE_BYTES_MAX + b"{}",
    ],
    ids=lambda bad: bad[:40],
)
def test_a_line_that_is_none_is_named_by_its_number(bad: bytes) -> None:
    with pytest.raises(BadRecording, match=r"^line 3: "):
        replay([line({"type": "DeviceStateChanged"}), b"\n", bad])


def test_lines_of_other_streams_are_passed_over() -> None:
    report = replay([line({"Event": "Newchannel"}, source="ami"), line("anything", source="esl")])

    assert report.offered == 0


def test_an_empty_recording_has_no_calls() -> None:
    assert replay([]).calls == []


def test_a_caller_who_still_waits_when_the_recording_ends_is_not_over() -> None:
    lines = [raw for raw in recordings.lines("b1") if json.loads(raw)["t"] < 5]

    [call] = replay(lines).calls
    assert (call.outcome, call.t_end) == (None, None)


def test_the_state_of_a_switch_at_the_first_connection_is_part_of_the_story() -> None:
    """Recordings often begin in the middle of a day: the calls of the first snapshot are calls."""
    lines = [raw for raw in recordings.lines("f1") if 6.9 < json.loads(raw)["t"] < 7.19]
    connected = line({"type": "connected", "to": "ari"}, t=6.9, source="client")

    calls = replay([connected, *lines]).calls
    assert [(call.caller, call.outcome) for call in calls] == [("2025550161", "answered"), ("2025550163", None)]


async def test_a_recording_is_played_at_a_multiple_of_its_own_pace() -> None:
    slept: list[float] = []
    told: list[tuple[str, float]] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    report = await replay_at(
        recordings.lines("a2"), speed=4, sleep=sleep, tell=lambda event, t: told.append((type(event).__name__, t))
    )

    assert report == replay(recordings.lines("a2"))
    last = json.loads(recordings.lines("a2")[-1])["t"]
    assert sum(slept) == pytest.approx(last / 4)
    assert told[0] == ("CallArrived", pytest.approx(1.314, abs=0.01))
    assert told[-1][0] == "CallEnded"
