"""Public holidays, copied into a calendar when it is applied: an update of the package moves no promise already made."""

from __future__ import annotations

from datetime import date, datetime
from typing import cast

import msgspec

from console.config.document import Calendar, Centre

YEARS_AHEAD = 10
YEARS_LEFT_MIN = 2
"""A copy that ends sooner is made anew by the next apply, so a file that is applied now and then never runs out."""


def problem(place: str) -> str | None:
    """What is wrong with a country, or a part of one, as ISO 3166 writes it; None: its holidays are known."""
    from holidays import list_supported_countries  # noqa: PLC0415 - a tenth of a second, for files that name one

    country, _, part = place.partition("-")
    parts = list_supported_countries().get(country)
    if parts is None:
        return f"the holidays of {country} are not known"
    if part and part not in parts:
        return f"{country} has no part {part}" + (f"; one of {', '.join(parts)}" if parts else "")
    return None


def copied(centre: Centre, before: Centre, now: datetime) -> Centre:
    """The configuration with the dates of its holidays: those of the version before, where they still reach far enough."""
    known = {c.holidays: c.holiday_dates for c in before.calendars.values() if _lasts(c, now)}
    calendars = {name: _with_dates(calendar, known, now) for name, calendar in centre.calendars.items()}
    return msgspec.structs.replace(centre, calendars=calendars)


def _with_dates(calendar: Calendar, known: dict[str | None, tuple[date, ...]], now: datetime) -> Calendar:
    if calendar.holidays is None:
        return calendar
    found = known.get(calendar.holidays)
    return msgspec.structs.replace(calendar, holiday_dates=found or dates(calendar.holidays, now.year))


def _lasts(calendar: Calendar, now: datetime) -> bool:
    return bool(calendar.holiday_dates) and calendar.holiday_dates[-1].year >= now.year + YEARS_LEFT_MIN


def dates(place: str, year: int) -> tuple[date, ...]:
    """From the year before, in which something may have begun that still runs.

    A country under martial law works on its holidays, and has them still: whoever asks to close on them means those.
    """
    from holidays import WORKDAY, country_holidays  # noqa: PLC0415 - see above

    country, _, part = place.partition("-")
    found: set[date] = set()
    for each in range(year - 1, year + YEARS_AHEAD + 1):
        days = country_holidays(country, subdiv=part or None, years=each)
        if not days and WORKDAY in days.supported_categories:
            days = country_holidays(country, subdiv=part or None, years=each, categories=(WORKDAY,))
        found.update(cast("dict[date, str]", days))
    return tuple(sorted(found))
