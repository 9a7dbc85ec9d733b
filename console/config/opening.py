"""A calendar of the file as the rooms are given it: as one of `sla`, whose arithmetic it is, and as a queue's hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from console.config import document
from console.config.document import DAYS
from console.config.hours import span_of
from console.routing.queue import Hours, Instant
from console.sla.calendar import Calendar, Interval

WORKED_OUT_FOR = timedelta(days=2 * 366)
"""Beyond the version's application: routing counts in µs and knows no dates. See docs/adr/0014."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def calendar(value: document.Calendar) -> Calendar:
    """Holidays that were copied when the version was applied are closed days like others."""
    return Calendar(
        time_zone=value.time_zone,
        week=tuple(tuple(_interval(text) for text in value.open.get(day, ())) for day in DAYS),
        closed=frozenset(value.closed) | frozenset(value.holiday_dates),
    )


def hours(value: document.Calendar, since: datetime) -> Hours:
    """Openings from the day before `since` on, joined where they touch."""
    first, until = since - timedelta(days=1), since + WORKED_OUT_FOR
    spans: list[tuple[Instant, Instant]] = []
    for opens, closes in calendar(value).openings(first):
        if opens >= until:
            break
        begin, end = _instant(opens), _instant(min(closes, until))
        if spans and spans[-1][1] == begin:
            begin = spans.pop()[0]
        spans.append((begin, end))
    return Hours(opens=tuple(begin for begin, _ in spans), closes=tuple(end for _, end in spans), until=_instant(until))


def _interval(text: str) -> Interval:
    start, length = span_of(text)
    return Interval(opens=start, closes=start + length)


def _instant(at: datetime) -> Instant:
    return (at - _EPOCH) // timedelta(microseconds=1)
