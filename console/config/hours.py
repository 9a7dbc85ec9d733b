"""Opening hours as a calendar's `open` writes them: days or ranges of days, each with its intervals."""

from __future__ import annotations

import re
from collections.abc import Iterable

from console.config.document import DAYS, Day
from console.reading import Value, shown

DAY_MINUTES = 24 * 60
WEEK_MINUTES = 7 * DAY_MINUTES

ALLOWED_DAYS = "a day (mon tue wed thu fri sat sun) or a range such as mon-fri"
ALLOWED_HOURS = 'hours such as "09:00-18:00" (00:00 to 24:00; an end before the start is on the next day)'

_HOURS = re.compile(r"([0-9]{2}):([0-9]{2})\s?-\s?([0-9]{2}):([0-9]{2})", re.ASCII)


def week(value: Value) -> dict[Day, tuple[str, ...]]:
    """Intervals of each day that opens, in the order of the week.

    Raises Wrong where no hour of the week is open, or two intervals overlap.
    """
    found: dict[Day, tuple[str, ...]] = {}
    before = len(value.report.problems)
    for key, hours in value.pairs():
        named = days(key)
        intervals = tuple(sorted(hours.unique(interval)))
        for day in named:
            if day in found:
                raise key.wrong(f"{day} is there twice")
            found[day] = intervals
    if len(value.report.problems) > before:
        return found
    if not any(found.values()):
        raise value.wrong("no hour of the week is open; a calendar needs at least one")
    if clash := _overlap(found):
        raise value.wrong(f"{clash[0]} and {clash[1]} overlap; join them into one")
    return {day: found[day] for day in DAYS if found.get(day)}


def days(key: Value) -> tuple[Day, ...]:
    """The days that `mon-fri` names; a range may pass the week's end."""
    text = key.text(ALLOWED_DAYS).lower()
    first, dash, last = (part.strip() for part in text.partition("-"))
    if first not in DAYS or (dash and last not in DAYS):
        raise key.wrong(f"must be {ALLOWED_DAYS}; not {shown(text)}")
    start = DAYS.index(first)
    count = (DAYS.index(last) - start) % 7 + 1 if dash else 1
    return tuple(DAYS[(start + number) % 7] for number in range(count))


def interval(value: Value) -> str:
    """`HH:MM-HH:MM`, checked."""
    text = value.text(ALLOWED_HOURS)
    found = _HOURS.fullmatch(text)
    if found is None:
        raise value.wrong(f"must be {ALLOWED_HOURS}; not {shown(text)}")
    (start_h, start_m, end_h, end_m) = (int(part) for part in found.groups())
    start, end = start_h * 60 + start_m, end_h * 60 + end_m
    if start_m > 59 or end_m > 59 or start >= DAY_MINUTES or end > DAY_MINUTES or start == end:
        raise value.wrong(f"must be {ALLOWED_HOURS}; not {shown(text)}")
    return f"{found[1]}:{found[2]}-{found[3]}:{found[4]}"


def joined(open_: dict[Day, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Days with equal hours as ranges, for a file: the opposite of `week`."""
    result: dict[str, tuple[str, ...]] = {}
    for run in _runs(open_):
        key = run[0] if len(run) == 1 else f"{run[0]}-{run[-1]}"
        result[key] = open_[run[0]]
    return result


def _runs(open_: dict[Day, tuple[str, ...]]) -> Iterable[list[Day]]:
    run: list[Day] = []
    for day in DAYS:
        if run and open_.get(day) != open_[run[0]]:
            yield run
            run = []
        if open_.get(day):
            run.append(day)
    if run:
        yield run


def _overlap(open_: dict[Day, tuple[str, ...]]) -> tuple[str, str] | None:
    """Two intervals that have a minute in common, through the whole week and round its end."""
    spans = sorted(_spans(open_))
    if not spans:
        return None
    first = spans[0]
    for (_, end, name), (start, _, other) in zip(
        spans, [*spans[1:], (first[0] + WEEK_MINUTES, first[1], first[2])], strict=True
    ):
        if start < end and name != other:
            return name, other
    return None


def _spans(open_: dict[Day, tuple[str, ...]]) -> Iterable[tuple[int, int, str]]:
    for day, intervals in open_.items():
        for text in intervals:
            start, length = span_of(text)
            begin = DAYS.index(day) * DAY_MINUTES + start
            yield begin, begin + length, f"{day} {text}"


def span_of(text: str) -> tuple[int, int]:
    """When an interval `HH:MM-HH:MM` begins, in minutes since midnight, and how many it lasts."""
    start, end = (_minutes(part) for part in text.split("-"))
    return start, (end - start) % DAY_MINUTES or DAY_MINUTES


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)
