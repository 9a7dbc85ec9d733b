"""Today's figures of every queue, read cheaply again and again.

What happened more than an hour and a half ago hardly changes any more: its sums are kept, and read anew once a
minute, so that a fact that came late counts late by a minute at most. Only the rest is read each time.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

import msgspec

from console.config.document import Centre as Document
from console.db.engine import Database, Transaction
from console.live.floor import HOUR_SPANS, SPAN_MINUTES, WINDOW_SPANS
from console.queries import figures as ask
from console.queries.figures import Limits, Usual
from console.services.centre import Centre
from console.sla.kpi import NOTHING, Counted, together

SPAN = timedelta(minutes=SPAN_MINUTES)
INTERVAL = timedelta(minutes=15)
"""Of reports; it lies on the quarters of the centre's own hours, as of every zone's."""
SEALED_FOR = timedelta(minutes=1)


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Of every queue in which something happened today or of late."""

    midnight: datetime
    recent_since: datetime
    today: dict[str, Counted]
    hours: dict[str, tuple[Counted, ...]]
    """As live/floor.py has them."""
    usual: dict[str, Usual]


class _Sealed(msgspec.Struct, frozen=True, kw_only=True):
    """The sums of today until `until`, and by which configuration."""

    at: datetime
    version: int
    midnight: datetime
    until: datetime
    sums: dict[str, Counted]
    usual: dict[str, Usual]


_sealed: WeakKeyDictionary[Database, _Sealed] = WeakKeyDictionary()


def zone_of(centre: Document) -> tzinfo:
    """The centre's own time zone is its first calendar's; without one it is UTC."""
    calendar = next(iter(centre.calendars.values()), None)
    return ZoneInfo(calendar.time_zone) if calendar else UTC


def midnight(centre: Document, now: datetime) -> datetime:
    """When today began."""
    return now.astimezone(zone_of(centre)).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


def limits_of(centre: Document) -> dict[str, Limits]:
    return {queue.name: Limits(queue.service_level.within, queue.short_abandon) for queue in centre.queues}


def queues_of_calls(centre: Document) -> list[str]:
    """What the figures of the whole centre are taken over: cases wait by other measures; a centre of cases has no other."""
    calls = [queue.name for queue in centre.queues if queue.channel != "case"]
    return calls or [queue.name for queue in centre.queues]


def recent_since(now: datetime) -> datetime:
    """The beginning of the recent window."""
    return begins(_number(now) - WINDOW_SPANS)


async def read(database: Database, db: Transaction, centre: Centre, now: datetime) -> Figures:
    """As of this transaction."""
    sealed = _sealed.get(database)
    if sealed is None or not _holds(sealed, centre, now):
        sealed = _sealed[database] = await _seal(db, centre, now)
    fresh = await ask.counted(db, limits_of(centre.document), since=sealed.until, every=SPAN)
    first, last = _number(sealed.midnight), _number(now)
    return Figures(
        midnight=sealed.midnight,
        recent_since=recent_since(now),
        today={
            queue: sealed.sums.get(queue, NOTHING)
            + together(counted for span, counted in fresh.get(queue, {}).items() if span >= first)
            for queue in sealed.sums.keys() | fresh.keys()
        },
        hours={queue: hour(spans, last) for queue, spans in fresh.items()},
        usual=sealed.usual,
    )


def hour(spans: dict[int, Counted], last: int) -> tuple[Counted, ...]:
    """The recent window an hour ago, after each span since, and now."""
    return tuple(
        together(spans.get(one, NOTHING) for one in range(end - WINDOW_SPANS, end + 1))
        for end in range(last - HOUR_SPANS, last + 1)
    )


def _holds(sealed: _Sealed, centre: Centre, now: datetime) -> bool:
    of_today = sealed.midnight == midnight(centre.document, now)
    return sealed.version == centre.version and of_today and sealed.at <= now < sealed.at + SEALED_FOR


async def _seal(db: Transaction, centre: Centre, now: datetime) -> _Sealed:
    began = midnight(centre.document, now)
    until = begins(_number(now) - HOUR_SPANS - WINDOW_SPANS)
    sums: dict[str, Counted] = {}
    if until > began:
        found = await ask.counted(db, limits_of(centre.document), since=began, until=until, every=SPAN)
        sums = {queue: together(spans.values()) for queue, spans in found.items()}
    return _Sealed(
        at=now, version=centre.version, midnight=began, until=until, sums=sums, usual=await ask.usual(db, began)
    )


def _number(at: datetime) -> int:
    return int(at.timestamp() // SPAN.total_seconds())


def begins(number: int, every: timedelta = SPAN) -> datetime:
    """When the span of that number since 1970 begins."""
    return datetime.fromtimestamp(number * every.total_seconds(), UTC)
