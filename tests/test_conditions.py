"""CEL conditions: which are taken, and what becomes of one that fails."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console import conditions
from console.conditions import LENGTH_MAX, Answer, Vocabulary

VOCABULARY = Vocabulary(
    ("channel", "to", "from", "queue", "priority", "topic", "subject", "source"),
    {
        "requires": ("fibre",),
        "call": ("source", "id", "from", "to"),
        "case": ("number", "subject", "status", "priority"),
        "customer": ("id", "name", "phone"),
        "contract": None,
        "attributes": None,
    },
    {"priority": 1, "requires": {}},
)
CALL = {"source": "pbx", "id": "7", "from": "+380", "to": "+441314960100"}


def problems(text: str) -> list[str]:
    return conditions.problems(text, VOCABULARY)


def answer(text: str, names: Mapping[str, Any]) -> Answer:
    return conditions.answer(text, names, VOCABULARY)


def told(text: str) -> str:
    [found] = problems(text)
    return found


@pytest.mark.parametrize(
    "text",
    [
        'channel == "voice" && to == "+441314960100"',
        'from.startsWith("+380") || attributes.language == "uk"',
        'has(attributes.vip) && attributes["vip"] == "1"',
        'case != null && case.status in ["new", "open"]',
        "requires.fibre > 2 || priority >= 5",
        "attributes.exists(key, key == 'vip')",
        "customer.name.matches('^A.*') && contract.level == 'gold'",
        'size(subject) > 3 && topic != null && source == "pbx" && queue == null',
        r'call.to == "\"," // a comment with nope',
        "r'\\d' != ''",
    ],
)
def test_conditions_over_the_names_there_are_may_be_applied(text: str) -> None:
    assert problems(text) == []


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("to ==", "is no CEL expression: Syntax error"),
        ("", "is no CEL expression"),
        ("chanel == 'voice'", "unknown name 'chanel'; did you mean 'channel'?"),
        ("true || nope", "unknown name 'nope'"),
        (".channel == 'voice'", "unknown name '.channel'"),
        ("call.form == 'x'", "unknown member call.form; did you mean 'from'?; known: source, id, from, to"),
        ("has(case.id)", "unknown member case.id"),
        ("customer . email == 'x'", "unknown member customer.email"),
        ("requires.fiber > 1", "unknown member requires.fiber; did you mean 'fibre'?"),
        ("channel.kind == 'x'", "channel has no members, so there is no channel.kind"),
        ("now() > 1", "unknown function 'now'"),
        ("channel.lower() == 'x'", "unknown function 'lower'"),
        ("Case{number: 1} == 1", "makes a message (Case{…})"),
        ("[1].exists(case, case.foo == 1)", "gives 'case' to a macro as its variable"),
        ("[1].all(a, [1].all(b, a == b))", "all() stands inside another macro"),
        ("channel.matches('[')", "is no regular expression"),
        ("'yes'", "answers str, not true or false"),
        ("channel", "answers str, not true or false"),
        ("1 + " * LENGTH_MAX + "1 == 1", "at most 1000 are taken"),
    ],
)
def test_what_could_never_work_is_refused_when_it_is_applied(text: str, detail: str) -> None:
    assert any(detail in found for found in problems(text)), problems(text)


def test_a_name_inside_a_text_is_text() -> None:
    assert problems("channel == 'nope.nope' && to == \"case.nope\"") == []


def test_a_macros_variable_is_its_own_business() -> None:
    assert problems("attributes.exists(key, key.size() > 3)") == []
    assert "unknown name 'key'" in told("key == 'x'")


def test_what_holds_holds() -> None:
    assert answer('call.from == "+380"', {"call": CALL}).holds
    assert not answer('call.from == "+44"', {"call": CALL}).holds


def test_what_is_absent_is_null() -> None:
    assert answer("case == null && customer == null && to == null", {}).holds


@pytest.mark.parametrize(
    "text",
    ["case.number == 'C-1'", "attributes.vip == '1'", "priority > 3", "channel.matches(to)", "1 / 0 == 1", "'yes'"],
)
def test_a_condition_that_fails_does_not_hold_and_says_why(text: str) -> None:
    found = answer(text, {"channel": "voice", "to": "(", "attributes": {}})

    assert not found.holds
    assert found.error


def test_a_failing_half_does_not_matter_where_the_other_decides() -> None:
    assert answer("case.number == 'C-1' || channel == 'voice'", {"channel": "voice"}).holds


def test_the_worst_condition_that_is_taken_takes_milliseconds() -> None:
    text = f"[{'1,' * 480}1].all(a, a == 1)"
    assert problems(text) == []
    started = time.perf_counter()

    assert answer(text, {}).holds

    assert time.perf_counter() - started < 0.25


words = st.sampled_from(
    [*VOCABULARY.names, "nope", "all", "map", "matches", "has", "size", "null", "true", "1", "'a'", '"']
)
signs = st.sampled_from(
    ["(", ")", ".", ",", "[", "]", "{", "}", " && ", " == ", " + ", "!", "-", "?", ":", " in ", "\\"]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(words | signs, max_size=12).map("".join) | st.text(max_size=30))
def test_whatever_is_written_is_taken_or_refused_and_never_raises(text: str) -> None:
    if not problems(text):
        found = answer(text, {"channel": "voice", "call": CALL, "attributes": {}})
        assert found.error is None or "Undefined" not in found.error
