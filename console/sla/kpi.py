"""Figures, exactly: what was counted of a queue in some span of time, and the formulas over it.

Every abandon in here lasted at least the queue's `short_abandon`; shorter ones are counted nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import msgspec


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """What happened in some span. An item counts in the instant in which it was answered or abandoned."""

    answered: int = 0
    in_time: int = 0
    """Of the answered, within the queue's threshold."""
    abandoned: int = 0
    abandoned_in_time: int = 0
    """Of the abandoned, before the threshold was over."""
    waited_s: float = 0.0
    """The waits of all who were answered, together."""

    def __add__(self, other: Counted) -> Counted:
        return Counted(
            answered=self.answered + other.answered,
            in_time=self.in_time + other.in_time,
            abandoned=self.abandoned + other.abandoned,
            abandoned_in_time=self.abandoned_in_time + other.abandoned_in_time,
            waited_s=self.waited_s + other.waited_s,
        )

    @property
    def offered(self) -> int:
        return self.answered + self.abandoned

    @property
    def asa_s(self) -> float | None:
        """Average speed of answer: of those answered, how long they had waited."""
        return self.waited_s / self.answered if self.answered else None

    @property
    def abandon_rate(self) -> float | None:
        return self.abandoned / self.offered if self.offered else None


NOTHING = Counted()


def together(several: Iterable[Counted]) -> Counted:
    return sum(several, NOTHING)


class Formula(StrEnum):
    """Ways to say a service level; centres differ, so the formula is shown beside the number."""

    OFFERED = "offered"
    """Answered in time, of those offered: the usual one."""
    ANSWERED = "answered"
    """Answered in time, of those answered: who gave up is not counted."""
    SERVED = "served"
    """Answered or abandoned in time, of those offered: who gave up early was not kept waiting."""
    PATIENT = "patient"
    """Answered in time, of those answered or abandoned late: who gave up early is not counted."""


def service_level(counted: Counted, formula: Formula = Formula.OFFERED) -> float | None:
    """A share; None where there is nothing to share."""
    match formula:
        case Formula.OFFERED:
            good, all_ = counted.in_time, counted.offered
        case Formula.ANSWERED:
            good, all_ = counted.in_time, counted.answered
        case Formula.SERVED:
            good, all_ = counted.in_time + counted.abandoned_in_time, counted.offered
        case Formula.PATIENT:
            good, all_ = counted.in_time, counted.offered - counted.abandoned_in_time
    return good / all_ if all_ else None
