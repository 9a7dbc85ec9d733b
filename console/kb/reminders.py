"""When people are told again: of a review that nobody made, and of an article that goes out of force by its date."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

WAITS_DAYS = 2
"""Working days, Monday to Friday, that a review without a date may take; and between two reminders of it."""
REMINDERS_MAX = 3
"""Of one review: who has not looked by then will not because of a fourth."""
ENDING = timedelta(days=14)
"""Before an article expires: time to write it anew and to have it approved."""
_SATURDAY = 5


def working_days_later(at: datetime, days: int, zone: tzinfo) -> datetime:
    """The same hour of the day in that zone, so many days from Monday to Friday later."""
    local = at.astimezone(zone)
    while days:
        local += timedelta(days=1)
        days -= local.weekday() < _SATURDAY
    return local.astimezone(UTC)


def asked_again_at(asked_at: datetime, due_at: datetime | None, zone: tzinfo) -> datetime:
    """When the first reminder of a review goes out: once it is due, or has waited for some days."""
    if due_at is not None and due_at > asked_at:
        return due_at
    return working_days_later(asked_at, WAITS_DAYS, zone)


def reminded_again_at(now: datetime, reminders: int, zone: tzinfo) -> datetime | None:
    """When the next one does, after so many; None: there have been enough."""
    return working_days_later(now, WAITS_DAYS, zone) if reminders < REMINDERS_MAX else None
