"""What happens to which promise: the stages of a case, and what its life does to their clocks."""

from __future__ import annotations

from enum import StrEnum

from console.sla.clock import Clock, Happening, State


class Stage(StrEnum):
    """What can be promised about a case; each has one clock at a time."""

    CLASSIFY = "classify"
    """From registration until somebody says what it is about."""
    FIRST_RESPONSE = "first_response"
    """From registration to the first outward answer by a person; never reset."""
    NEXT_UPDATE = "next_update"
    """From the customer's last word to the next outward answer."""
    RESOLUTION = "resolution"
    """From registration until it is resolved; reopening resumes it."""


FINISHED = frozenset({"resolved", "closed"})
"""Statuses in which nothing is owed to the customer any more."""

WAITS_FOR_CUSTOMER = "pending"
"""The status, and why a clock is paused in it."""
OPEN = "open"
"""The status of a case that somebody works on."""


def starts_with_case(stage: str, *, classified: bool) -> bool:
    """Whether the stage begins when the case is registered; what is classified already has nothing to wait for."""
    return stage in (Stage.FIRST_RESPONSE, Stage.RESOLUTION) or (stage == Stage.CLASSIFY and not classified)


def on_status(clock: Clock, before: str, after: str) -> Happening | None:
    """What a change of its case's status does to it; None: nothing."""
    if after in FINISHED:
        if clock.ended:
            return None
        return Happening.MET if clock.name == Stage.RESOLUTION else Happening.CANCELED
    if before in FINISHED:
        return Happening.REOPENED if clock.name == Stage.RESOLUTION and clock.state is State.MET else None
    return pausing(clock, after)


def pausing(clock: Clock, status: str) -> Happening | None:
    """What puts it into the state that it is to be in while its case has this status; None: it is in it, or over."""
    waits = status in clock.terms[-1].pause_when
    if clock.state is State.RUNNING and waits:
        return Happening.PAUSED
    if clock.state is State.PAUSED and not waits:
        return Happening.RESUMED
    return None


def on_outward(clock: Clock) -> Happening | None:
    """What an answer to the customer by a person does to it; None: nothing."""
    answers = clock.name in (Stage.FIRST_RESPONSE, Stage.NEXT_UPDATE)
    return Happening.MET if answers and not clock.ended else None


def on_word(clock: Clock) -> Happening | None:
    """What a word of the customer's does to it; None: nothing.

    Whoever waited for them waits no longer; an update that was owed is owed anew, from this word on.
    """
    if clock.name == Stage.NEXT_UPDATE and not clock.ended:
        return Happening.CANCELED
    waited = clock.state is State.PAUSED and clock.stretches[-1].why == WAITS_FOR_CUSTOMER
    return Happening.RESUMED if waited else None


def on_taken(clock: Clock, *, call: bool) -> Happening | None:
    """What it does to it that somebody took work on its case: a call, or the case itself; None: nothing.

    Whoever takes a call answers the customer by doing so, and the customer has spoken.
    """
    if call and clock.name in (Stage.FIRST_RESPONSE, Stage.NEXT_UPDATE) and not clock.ended:
        return Happening.MET
    return pausing(clock, OPEN)


def on_classified(clock: Clock) -> Happening | None:
    """What it does to it that somebody said what the case is about; None: nothing."""
    return Happening.MET if clock.name == Stage.CLASSIFY and not clock.ended else None
