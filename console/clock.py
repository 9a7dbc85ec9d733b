"""The one place that reads the time; everything that decides is handed it."""

from datetime import UTC, datetime, timedelta
from typing import Protocol

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock(Protocol):
    def now(self) -> datetime:
        """The instant, aware, in UTC."""
        ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


def to_instant(at: datetime) -> int:
    """µs since 1970, the engine's time, of an aware datetime."""
    return (at - EPOCH) // timedelta(microseconds=1)


def from_instant(instant: int) -> datetime:
    """The aware UTC datetime of µs since 1970."""
    return EPOCH + timedelta(microseconds=instant)
