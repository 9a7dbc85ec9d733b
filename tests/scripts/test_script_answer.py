"""Answers by the kinds of their steps."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from console.errors import BadInput
from console.scripts.answer import instant, read_answer, worded
from console.scripts.parse import parse
from console.scripts.script import Ask, Call

KYIV = ZoneInfo("Europe/Kyiv")
NOW = datetime(2026, 11, 22, 11, tzinfo=KYIV)
TYPED = parse(
    """
script: typed
title: Typed
steps:
  - {step: words, ask: text, save: subject}
  - {step: many, ask: number, from: 1, to: 9}
  - {step: day, ask: date}
  - {step: call, ask: phone}
  - {step: sure, ask: yes_no}
  - {step: weight, ask: number, save: priority}
  - {step: began, ask: moment}
  - {step: back, ask: moment}
  - {step: line, call: line-test, gives: {loss: yes_no, optical: number, says: text}, else: done}
  - {step: book, do: [{callback: {text: Call back, at: back}}]}
  - {step: done, end: solved}
"""
)


@pytest.mark.parametrize(
    ("step", "raw", "kept"),
    [
        ("words", "  no light ", "no light"),
        ("many", "3", 3),
        ("many", "2,5", 2.5),
        ("day", "2026-11-22", "2026-11-22"),
        ("call", "0044 131 496-0000", "+441314960000"),
        ("sure", "true", True),
        ("sure", False, False),
        ("weight", 20, 20),
        ("words", "", None),
        ("words", "x" * 2001, None),
        ("words", 3, None),
        ("many", "ten", None),
        ("many", 10, None),
        ("many", "nan", None),
        ("many", "inf", None),
        ("many", True, None),
        ("day", "22.11.2026", None),
        ("day", "2026-02-30", None),
        ("call", "0131 496", None),
        ("sure", "perhaps", None),
        ("sure", [], None),
        ("weight", 2.5, None),
        ("weight", 5000, None),
        ("began", "2026-11-21T08:15", "2026-11-21T08:15+02:00"),
        ("back", "2026-11-24T15:30", "2026-11-24T15:30+02:00"),
        ("back", "2026-11-24T13:30:00Z", "2026-11-24T15:30+02:00"),
        ("back", "2027-06-01T09:00", "2027-06-01T09:00+03:00"),
        ("back", "2026-11-22T10:59", None),
        ("back", "2028-01-01T09:00", None),
        ("back", "9999-12-31T23:59-12:00", None),
        ("back", "tomorrow", None),
        ("back", 7, None),
    ],
)
def test_answers_are_of_their_steps_kind_or_refused(step: str, raw: object, kept: object) -> None:
    if kept is None:
        with pytest.raises(BadInput):
            read_answer(TYPED.steps[step], raw, NOW)
    else:
        assert read_answer(TYPED.steps[step], raw, NOW) == kept


def test_a_moment_is_an_instant_and_words_in_the_centres_time() -> None:
    step = TYPED.steps["back"]
    assert isinstance(step, Ask)

    assert instant("2026-11-24T15:30+02:00") == datetime(2026, 11, 24, 13, 30, tzinfo=UTC)
    assert worded(step, "2026-11-24T15:30+02:00") == "2026-11-24 15:30"


def test_what_a_system_told_is_worded_member_by_member() -> None:
    step = TYPED.steps["line"]
    assert isinstance(step, Call)

    assert worded(step, {"loss": True, "optical": -28.5, "says": None}) == "loss: yes, optical: -28.5"
