"""What a customer is entitled to: a contract's days, what it includes, and what of that is left."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from console.errors import BadInput, FieldError

NUMBER_MAX = 100
NOTE_MAX = 2000
INCLUDED_CASES_MAX = 1_000_000
INCLUDED_HOURS_MAX = 1_000_000
"""More than a hundred people can work in a year."""
SECONDS_OF_HOUR = 3600


class Entitlement(msgspec.Struct, frozen=True, kw_only=True):
    """What was used of a contract. Included and left are None where there is no limit; less than nothing left is over."""

    included_cases: int | None = None
    used_cases: int = 0
    included_hours: float | None = None
    used_hours: float = 0

    @property
    def cases_left(self) -> int | None:
        return None if self.included_cases is None else self.included_cases - self.used_cases

    @property
    def hours_left(self) -> float | None:
        return None if self.included_hours is None else round(self.included_hours - self.used_hours, 2)

    @property
    def exhausted(self) -> bool:
        """Another case, or another hour, is beyond what was agreed."""
        cases, hours = self.cases_left, self.hours_left
        return (cases is not None and cases <= 0) or (hours is not None and hours <= 0)


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody agrees with a customer: the part of a contract that people write."""

    number: str
    name: str
    starts_on: date
    ends_on: date | None = None
    """Its last day; None: until somebody ends it."""
    time_zone: str = "UTC"
    """In which its days begin and end."""
    level: str | None = None
    """What those who sell it call it: gold, silver."""
    sla: str | None = None
    """The policy of the configuration that its cases are promised; None: their queue's."""
    included_cases: int | None = None
    included_hours: float | None = None
    note: str | None = None


class Contract(Terms, frozen=True, kw_only=True):
    """A row of `contract`; it is of an account, or of one customer."""

    id: str
    account: str | None = None
    customer: str | None = None
    created_at: datetime
    changed_at: datetime
    version: int = 1

    def in_force(self, at: datetime) -> bool:
        """Whether that instant is in one of its days."""
        day = at.astimezone(ZoneInfo(self.time_zone)).date()
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)

    @property
    def named(self) -> dict[str, Any]:
        """As conditions know it: the `contract` of CEL."""
        return {"number": self.number, "name": self.name, "level": self.level, "sla": self.sla}


def covering(contracts: Sequence[tuple[Contract, Entitlement]], at: datetime) -> Contract | None:
    """Of a customer's contracts the one that a case of that instant is worked under.

    Their own goes before their account's; one with something left before one that is used up, which still holds,
    since who pays is settled after the call; then the one that ends first, whose rest would be lost.
    """
    open_ = [(contract, left) for contract, left in contracts if contract.in_force(at)]
    ranked = min(open_, key=_rank, default=None)
    return ranked[0] if ranked else None


def _rank(one: tuple[Contract, Entitlement]) -> tuple[bool, bool, date, str]:
    contract, left = one
    return (contract.customer is None, left.exhausted, contract.ends_on or date.max, contract.number)


def checked(terms: Terms) -> Terms:
    """The same terms, which can be meant. Raises BadInput."""
    errors = []
    if terms.ends_on is not None and terms.ends_on < terms.starts_on:
        errors.append(FieldError("ends_on", "The last day is before the first."))
    try:
        ZoneInfo(terms.time_zone)
    except (KeyError, ValueError, OSError):
        errors.append(FieldError("time_zone", "A time zone by its name, such as Europe/Kyiv."))
    if errors:
        raise BadInput(errors=tuple(errors))
    return terms
