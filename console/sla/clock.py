"""One promise to a customer, and the time that counts towards it.

A clock is the list of its stretches, each running or paused, from one instant to the next; whatever it shows is
added up from them by the calendar that was in force when the stretch began. Nothing here asks the time.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, TypeAlias

import msgspec

from console.errors import Conflict
from console.sla.calendar import Calendar

NOTHING = timedelta()
INSTANT = timedelta(microseconds=1)
"""The least that two instants are apart."""


class State(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    CANCELED = "canceled"


class Happening(StrEnum):
    PAUSED = "paused"
    RESUMED = "resumed"
    MET = "met"
    CANCELED = "canceled"
    REOPENED = "reopened"


TRANSITIONS: dict[State, dict[Happening, State]] = {
    State.RUNNING: {
        Happening.PAUSED: State.PAUSED,
        Happening.MET: State.MET,
        Happening.CANCELED: State.CANCELED,
    },
    State.PAUSED: {
        Happening.RESUMED: State.RUNNING,
        Happening.MET: State.MET,
        Happening.CANCELED: State.CANCELED,
    },
    # Reopening goes on with the same clock: what had been counted is counted still, the time between is not.
    State.MET: {Happening.REOPENED: State.RUNNING},
    State.CANCELED: {},
}


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What was promised, as a version of the configuration says it."""

    target: timedelta
    warn: timedelta | None = None
    """Counted time after which to warn."""
    calendar: Calendar | None = None
    """None: all time counts."""
    pause_when: frozenset[str] = frozenset()
    """Statuses of the case in which it does not run."""
    priority: int = 0
    """Of the case, by which the policy chose these."""
    version: int
    """Of the configuration."""


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """`until` None: it lasts. `terms` is an index into those of the clock."""

    since: datetime
    until: datetime | None = None
    running: bool
    why: str
    by: str | None = None
    terms: int = 0


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a clock as people read it: the contract's `{from, to, kind, why, by, calendar_version}`."""

    since: datetime
    until: datetime
    kind: Literal["counted", "paused", "closed"]
    why: str
    by: str | None
    calendar_version: int


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    case: str
    name: str
    policy: str
    state: State = State.RUNNING
    terms: tuple[Terms, ...]
    """Those of its start, and those it was re-based to, in order."""
    stretches: tuple[Stretch, ...]
    warned_at: datetime | None = None
    """When the warning acted; `warn_at` is when it was due."""
    breached_at: datetime | None = None
    """When the breach acted."""
    ended_why: str | None = None
    """How it was met, or why it was canceled; None: it has not ended."""
    ended_by: str | None = None

    @property
    def target(self) -> timedelta:
        return self.terms[-1].target

    @property
    def warn(self) -> timedelta | None:
        return self.terms[-1].warn

    @property
    def ended(self) -> bool:
        return self.state in (State.MET, State.CANCELED)

    @property
    def started_at(self) -> datetime:
        return self.stretches[0].since

    @property
    def changed_at(self) -> datetime:
        """When it began to be as it is: to run, to pause, or no longer to be."""
        last = self.stretches[-1]
        return last.until or last.since


def started(
    *,
    id: str,  # noqa: A002 - a field's name
    case: str,
    name: str,
    policy: str,
    terms: Terms,
    at: datetime,
    why: str,
    by: str | None = None,
) -> Clock:
    stretches = (Stretch(since=at, running=True, why=why, by=by),)
    return Clock(id=id, case=case, name=name, policy=policy, terms=(terms,), stretches=stretches)


def step(clock: Clock, happening: Happening, *, at: datetime, why: str, by: str | None = None) -> Clock:
    """The clock after what happened. An instant before its last stretch began counts as that beginning.

    So does one before its warning or breach acted: what was told to people has happened.
    Raises Conflict where that cannot happen to it now.
    """
    after = TRANSITIONS[clock.state].get(happening)
    if after is None:
        raise Conflict(f"The clock {clock.name} is {clock.state} and cannot be {happening}.")
    at = _not_before_acts(clock, at)
    stretches = _closed(clock.stretches, at)
    if after in (State.MET, State.CANCELED):
        return msgspec.structs.replace(clock, state=after, stretches=stretches, ended_why=why, ended_by=by)
    since = max(at, clock.stretches[-1].until or clock.stretches[-1].since)
    running = after is State.RUNNING
    on = Stretch(since=since, running=running, why=why, by=by, terms=len(clock.terms) - 1)
    return msgspec.structs.replace(clock, state=after, stretches=(*stretches, on), ended_why=None, ended_by=None)


def rebased(clock: Clock, terms: Terms, *, at: datetime, why: str, by: str | None) -> Clock:
    """The clock under other terms from `at` on, by somebody's decision; what was counted before stays.

    Raises Conflict for a clock that has ended or is over its target: a promise that was broken stays broken.
    """
    if clock.ended:
        raise Conflict(f"The clock {clock.name} is {clock.state}: there is nothing left to re-base.")
    at = _not_before_acts(clock, at)
    if clock.breached_at is not None or left(clock, at) <= NOTHING:
        raise Conflict(f"The clock {clock.name} is over its target; what was promised then stays promised.")
    last = clock.stretches[-1]
    on = Stretch(since=max(at, last.since), running=last.running, why=why, by=by, terms=len(clock.terms))
    return msgspec.structs.replace(
        clock, terms=(*clock.terms, terms), stretches=(*_closed(clock.stretches, on.since), on)
    )


def as_of(clock: Clock, at: datetime) -> Clock:
    """The clock as it was at that instant, with whatever happened in it; not before its start."""
    stretches = [stretch for stretch in clock.stretches if stretch.since <= at] or [clock.stretches[0]]
    last = stretches[-1]
    if last.until is not None and last.until > at:
        stretches[-1] = msgspec.structs.replace(last, until=None)
    return msgspec.structs.replace(clock, stretches=tuple(stretches), terms=clock.terms[: last.terms + 1])


def elapsed(clock: Clock, now: datetime) -> timedelta:
    """What has counted until now."""
    return sum((_counted(clock, stretch, now) for stretch in clock.stretches), NOTHING)


def left(clock: Clock, now: datetime) -> timedelta:
    """Until the target; negative: late by so much."""
    return clock.target - elapsed(clock, now)


def due_at(clock: Clock) -> datetime | None:
    """When the target is, or was, reached. None: not as things stand (paused, or ended before, or just then)."""
    return reached_at(clock, clock.target)


def warn_at(clock: Clock) -> datetime | None:
    return None if clock.warn is None else reached_at(clock, clock.warn)


Act: TypeAlias = Literal["warned", "breached"]


def next_act(clock: Clock) -> tuple[datetime, Act] | None:
    """What it does next, and when that is due, as things stand; each once in its life."""
    waiting: list[tuple[datetime, Act]] = []
    warns, breaks = warn_at(clock), due_at(clock)
    if warns is not None and clock.warned_at is None:
        waiting.append((warns, "warned"))
    if breaks is not None and clock.breached_at is None:
        waiting.append((breaks, "breached"))
    return min(waiting, key=lambda act: act[0], default=None)


def acted(clock: Clock, act: Act, at: datetime) -> Clock:
    if act == "warned":
        return msgspec.structs.replace(clock, warned_at=at)
    return msgspec.structs.replace(clock, breached_at=at)


def segments(clock: Clock, now: datetime) -> Iterator[Segment]:
    """Everything from its start to now, or to its end, without a gap; the counted ones add up to what it shows.

    Between meeting and reopening the clock did not exist, and nothing is told of it.
    """
    for stretch in clock.stretches:
        until = min(stretch.until or now, now)
        terms = clock.terms[stretch.terms]
        edges: list[tuple[datetime, datetime, Literal["counted", "paused", "closed"]]] = []
        if not stretch.running:
            edges.append((stretch.since, until, "paused"))
        elif terms.calendar is None:
            edges.append((stretch.since, until, "counted"))
        else:
            edges.extend(_by_calendar(terms.calendar, stretch.since, until))
        for since, to, kind in edges:
            if since < to:
                yield Segment(
                    since=since, until=to, kind=kind, why=stretch.why, by=stretch.by, calendar_version=terms.version
                )


def _by_calendar(
    calendar: Calendar, since: datetime, until: datetime
) -> Iterator[tuple[datetime, datetime, Literal["counted", "closed"]]]:
    reached = since
    counted: tuple[datetime, datetime] | None = None
    for opens, closes in calendar.openings(since):
        if opens >= until:
            break
        if counted is not None and opens == counted[1]:
            counted = counted[0], min(closes, until)
        else:
            if counted is not None:
                yield (*counted, "counted")
                reached = counted[1]
            yield reached, opens, "closed"
            counted = opens, min(closes, until)
    if counted is not None:
        yield (*counted, "counted")
        reached = counted[1]
    yield reached, until, "closed"


def _closed(stretches: tuple[Stretch, ...], at: datetime) -> tuple[Stretch, ...]:
    """The same, with an end to the last one, if it has none yet."""
    *before, last = stretches
    if last.until is not None:
        return stretches
    return (*before, msgspec.structs.replace(last, until=max(at, last.since)))


def _counted(clock: Clock, stretch: Stretch, now: datetime) -> timedelta:
    if not stretch.running:
        return NOTHING
    until = min(stretch.until or now, now)
    if until <= stretch.since:
        return NOTHING
    calendar = clock.terms[stretch.terms].calendar
    return until - stretch.since if calendar is None else calendar.counted(stretch.since, until)


def _not_before_acts(clock: Clock, at: datetime) -> datetime:
    """A transaction that began before the timekeeper's may come after it."""
    acts = [one + INSTANT for one in (clock.warned_at, clock.breached_at) if one is not None]
    return max(at, *acts) if acts else at


def reached_at(clock: Clock, span: timedelta) -> datetime | None:
    """The first instant at which so much has counted, under the terms of now; those before promised something else."""
    before = NOTHING
    in_force = len(clock.terms) - 1
    for stretch in clock.stretches:
        if not stretch.running:
            continue
        if stretch.terms == in_force:
            calendar = clock.terms[in_force].calendar
            missing = max(span - before, NOTHING)
            reached = stretch.since + missing if calendar is None else calendar.advance(stretch.since, missing)
            if stretch.until is None or reached < stretch.until:
                return reached
        before += _counted(clock, stretch, stretch.until or stretch.since)
    return None
