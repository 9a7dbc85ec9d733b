"""What only the whole file shows."""

import pytest

from console.config.parse import parse
from console.reading import Misconfigured


def told(text: str) -> list[str]:
    with pytest.raises(Misconfigured) as refused:
        parse(text)
    return [problem.detail for problem in refused.value.problems]


def test_a_name_may_be_used_before_it_is_declared() -> None:
    parse(
        "version: 1\nagents: [{username: a, queues: [q], skills: {s: 1}}]\nqueues: [{name: q, channel: case}]\nskills: [s]"
    )


def test_a_name_is_told_with_the_nearest_and_with_what_there_is() -> None:
    assert told("version: 1\nskills: [fibre, billing]\nagents: [{username: a, skills: {fiber: 1}}]") == [
        "skill 'fiber' is not declared under skills; did you mean 'fibre'?; declared: fibre, billing"
    ]


def test_overflow_stays_within_its_channel() -> None:
    queues = "version: 1\nqueues:\n  - {name: a, channel: voice, overflow: [{when: {waited: 1s}, to: {queue: b}}]}\n"

    parse(queues + "  - {name: b, channel: voice}\n")
    assert told(queues + "  - {name: b, channel: case}\n") == ["must be a queue of channel voice; b is of case"]


def test_a_queue_whose_name_looks_like_a_place_is_only_a_name() -> None:
    name = "a].overflow[0"

    parse(f"version: 1\nqueues: [{{name: '{name}', channel: voice}}]\nagents: [{{username: a, queues: ['{name}']}}]")


def test_a_phone_is_one_agents() -> None:
    assert told("version: 1\nagents: [{username: a, endpoint: X}, {username: b, endpoint: X}]") == [
        "'X' is another agent's phone already, on line 2"
    ]


def test_opening_days_need_a_calendar_that_says_which() -> None:
    clocks = "clocks: {resolution: {target: 2bd}}"

    assert "needs a calendar" in told(f"version: 1\nsla: {{s: {{{clocks}}}}}")[0]
    parse(
        "version: 1\ncalendars: {c: {time_zone: UTC, open: {mon: ['09:00-10:00']}}}\n"
        f"sla: {{s: {{calendar: c, {clocks}}}}}"
    )
