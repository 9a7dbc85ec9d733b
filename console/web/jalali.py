"""The calendar that Persian readers date by, from the one that computers count in.

The rule is CLDR's and ICU's, so that server and browser agree: years are leap by a cycle of 33. It fits the
years that the calendar's keepers (University of Tehran) have published: 1206 to 1498, until March 2120.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

MONTHS = (
    "فروردین",
    "اردیبهشت",
    "خرداد",
    "تیر",
    "مرداد",
    "شهریور",
    "مهر",
    "آبان",
    "آذر",
    "دی",
    "بهمن",
    "اسفند",
)
EPOCH = date(622, 3, 21).toordinal()
"""The first day of the first year."""
LONG_MONTHS_DAYS = 6 * 31
"""The first six months have 31 days, the others 30, the last of a usual year 29."""


class Jalali(NamedTuple):
    year: int
    month: int
    day: int

    @property
    def month_name(self) -> str:
        return MONTHS[self.month - 1]


def jalali(day: date) -> Jalali:
    """The same day in the Persian calendar."""
    year = (day.toordinal() - EPOCH) * 33 // 12053 + 2  # a cycle of 33 years has 12 053 days; so never too early
    while first_day(year) > day.toordinal():
        year -= 1
    into = day.toordinal() - first_day(year)
    if into < LONG_MONTHS_DAYS:
        return Jalali(year, into // 31 + 1, into % 31 + 1)
    into -= LONG_MONTHS_DAYS
    return Jalali(year, into // 30 + 7, into % 30 + 1)


def first_day(year: int) -> int:
    """The ordinal of Nowruz."""
    return EPOCH + 365 * (year - 1) + (8 * year + 21) // 33
