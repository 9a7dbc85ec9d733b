"""Opening hours: when a calendar is open, how much of a span counts, and when a counted span is over.

Hours are local wall times, and an opening belongs to the day on which it begins: the night of a day that is
closed falls out whole, the end of the night before it does not. A wall time that comes twice (clocks go back)
means its first coming; one that is left out (clocks go forward) means as long after the last one before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec

DAY = timedelta(days=1)
BARREN_DAYS_MAX = 4_000
"""Without an opening for as long, a calendar is taken to be closed for good; no list of closed days is so long."""


class Interval(msgspec.Struct, frozen=True, order=True):
    """Since midnight, in minutes of the wall clock; an end beyond 24 h is on the next day."""

    opens: int
    closes: int


class NeverOpen(ValueError):
    """The calendar has no opening from there on."""


class Calendar(msgspec.Struct, frozen=True, kw_only=True):
    """`week` holds the openings of Monday to Sunday; `closed` the days that fall out, holidays among them."""

    time_zone: str
    week: tuple[tuple[Interval, ...], ...]
    closed: frozenset[date] = frozenset()

    def openings(self, since: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Everything open from `since` on, as (from, to) in UTC, in order and without overlap; two may touch.

        Endless, unless nothing opens for ten years.
        """
        reached = since.astimezone(UTC)
        for opens, closes in self._spans(reached):
            begins = max(opens, reached)
            if begins < closes:
                yield begins, closes
                reached = closes

    def is_open(self, at: datetime) -> bool:
        first = next(self.openings(at), None)
        return first is not None and first[0] <= at

    def counted(self, start: datetime, end: datetime) -> timedelta:
        """How much of the span is open."""
        total = timedelta()
        for opens, closes in self.openings(start):
            if opens >= end:
                break
            total += min(closes, end) - opens
        return total

    def advance(self, start: datetime, span: timedelta) -> datetime:
        """The first instant at which `span` has been counted since `start`.

        Raises NeverOpen.
        """
        left = span
        if not left:
            return start.astimezone(UTC)
        for opens, closes in self.openings(start):
            if left <= closes - opens:
                return opens + left
            left -= closes - opens
        raise NeverOpen(f"nothing is open in {self.time_zone} after {start.isoformat()}")

    def end_of_days(self, start: datetime, days: int) -> datetime:
        """When so many opening days are over: the close of the last of them, the day of `start` not counted.

        Raises NeverOpen.
        """
        today = start.astimezone(ZoneInfo(self.time_zone)).date()
        for number in range(1, BARREN_DAYS_MAX + days):
            spans = _spans_of(self, today + number * DAY)
            days -= bool(spans)
            if not days:
                return spans[-1][1]
        raise NeverOpen(f"nothing is open in {self.time_zone} after {start.isoformat()}")

    def _spans(self, since: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Day by day from the day before, whose night may reach into `since`."""
        day = since.astimezone(ZoneInfo(self.time_zone)).date() - DAY
        barren = 0
        while barren < BARREN_DAYS_MAX and day < date.max - 2 * DAY:
            spans = _spans_of(self, day)
            barren = 0 if spans else barren + 1
            yield from spans
            day += DAY


@lru_cache(maxsize=4_096)
def _spans_of(calendar: Calendar, day: date) -> tuple[tuple[datetime, datetime], ...]:
    """The openings that begin on that day, in UTC. A clock change may leave one out whole."""
    if day in calendar.closed:
        return ()
    zone = ZoneInfo(calendar.time_zone)
    spans = ((_at(day, i.opens, zone), _at(day, i.closes, zone)) for i in sorted(calendar.week[day.weekday()]))
    return tuple((opens, closes) for opens, closes in spans if opens < closes)


def _at(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    days, minutes = divmod(minutes, 24 * 60)
    local = datetime.combine(day + days * DAY, time(*divmod(minutes, 60)), zone)
    return local.astimezone(UTC)
