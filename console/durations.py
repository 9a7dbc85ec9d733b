"""Durations and shares as files write them: `30s 15m 4h 2d 1bd`, `80%`."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import msgspec

ALLOWED = "a duration such as 30s, 15m, 4h or 2d"
ALLOWED_TERM = "a duration such as 30s, 15m, 4h, 2d or 1bd"

DURATION_MAX = timedelta(days=3660)
"""Ten years: beyond it a figure is a slip of the pen, and far below where date arithmetic overflows."""
OPENING_DAYS_MAX = 3660

_UNITS = {
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
}
_DURATION = re.compile(r"([0-9]{1,10}(?:\.[0-9]{1,6})?)(s|m|h|d)", re.ASCII)
_OPENING_DAYS = re.compile(r"([0-9]{1,5})bd", re.ASCII)
_SHARE = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,3})?)\s?%", re.ASCII)


class OpeningDays(msgspec.Struct, frozen=True, tag_field="in", tag="opening_days"):
    """Days on which a calendar opens, each counted whole, however long it is open."""

    opening_days: int


class Share(msgspec.Struct, frozen=True, tag_field="in", tag="share"):
    """A part of a whole, in percent."""

    percent: float


def duration(text: str) -> timedelta | None:
    """The duration that a text writes, or None where it writes none (or more than ten years)."""
    found = _DURATION.fullmatch(text)
    if found is None:
        return None
    microseconds = Decimal(found[1]) * (_UNITS[found[2]] // timedelta(microseconds=1))
    if microseconds > DURATION_MAX // timedelta(microseconds=1):
        return None
    return timedelta(microseconds=int(microseconds))


def opening_days(text: str) -> OpeningDays | None:
    """The opening days that a text writes (`1bd`), or None; at least one."""
    found = _OPENING_DAYS.fullmatch(text)
    if found is None or not 1 <= int(found[1]) <= OPENING_DAYS_MAX:
        return None
    return OpeningDays(int(found[1]))


def share(text: str) -> Share | None:
    """The share that a text writes (`80%`, `99.5%`), or None; from 0 to 100."""
    found = _SHARE.fullmatch(text)
    if found is None or float(found[1]) > 100:
        return None
    return Share(float(found[1]))


def written(value: timedelta | OpeningDays | Share) -> str:
    """As a file writes it, in the largest unit of which it is a whole number."""
    match value:
        case OpeningDays(opening_days=days):
            return f"{days}bd"
        case Share(percent=percent):
            return f"{percent:g}%"
        case timedelta():
            return _written(value)


def _written(value: timedelta) -> str:
    if not value:
        return "0s"
    for unit, size in _UNITS.items():
        if not value % size:
            return f"{value // size}{unit}"
    seconds = Decimal(value // timedelta(microseconds=1)) / 1_000_000
    return f"{seconds:f}s"
