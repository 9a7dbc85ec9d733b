"""What a policy of the file promises about one case, as the clocks are given it."""

from __future__ import annotations

from datetime import datetime, timedelta

from console.config import document, opening
from console.durations import OpeningDays, Share
from console.sla.calendar import Calendar
from console.sla.clock import Terms


def terms(
    centre: document.Centre, policy: str, stage: str, *, priority: int, version: int, at: datetime
) -> Terms | None:
    """The terms of a clock that starts at that instant; None: this policy promises nothing of the kind.

    Opening days become the time that is open until the last of them closes. Raises NeverOpen.
    """
    found = centre.sla[policy].clocks_at(priority).get(stage)
    if found is None:
        return None
    name = centre.sla[policy].calendar
    calendar = opening.calendar(centre.calendars[name]) if name is not None else None
    target = _counted(found.target, calendar, at)
    return Terms(
        target=target,
        warn=_warning(found.warn, target, calendar, at),
        calendar=calendar,
        pause_when=frozenset(found.pause_when),
        priority=priority,
        version=version,
    )


def _warning(
    warn: document.Term | Share | None, target: timedelta, calendar: Calendar | None, at: datetime
) -> timedelta | None:
    match warn:
        case None:
            return None
        case Share(percent=percent):
            return target * percent / 100
        case _:
            return _counted(warn, calendar, at)


def _counted(term: document.Term, calendar: Calendar | None, at: datetime) -> timedelta:
    if not isinstance(term, OpeningDays):
        return term
    assert calendar is not None, "a policy that counts opening days has a calendar"
    return calendar.counted(at, calendar.end_of_days(at, term.opening_days))
