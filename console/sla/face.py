"""What a clock shows at an instant: one of five shapes, the counted time that is left, and when that turns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice

import msgspec

from console.sla.clock import NOTHING, Clock, State, due_at, elapsed, reached_at, warn_at

NEAR_SHARE = 0.75
"""Of the target: from then on a clock is near its end, where the policy does not say itself when to warn."""
LOOK_BACK = timedelta(days=2)
"""No opening is longer than a day and what a clock change adds to it."""
SPANS_MAX = 6
"""Openings that a face tells ahead, so that a page counts on by itself: a working day has two or three."""


class Shape(StrEnum):
    OK = "ok"
    WARN = "warn"
    BREACHED = "breached"
    PAUSED = "paused"
    MET = "met"


URGENCY = (Shape.BREACHED, Shape.WARN, Shape.OK, Shape.PAUSED, Shape.MET)


class Face(msgspec.Struct, frozen=True, kw_only=True):
    """`left` is counted time, negative when it is over its target; `due_at` is None where it is paused."""

    id: str
    name: str
    shape: Shape
    at: datetime
    """The instant at which it looked so."""
    left: timedelta
    target: timedelta
    due_at: datetime | None
    why: str
    """Of its last stretch: what it waits for, how it was met."""
    since: datetime
    """Since when it is in this state."""
    spans: tuple[tuple[datetime, datetime | None], ...] = ()
    """When it counts: the opening of now, where there is one, and the next; an end of None: without end."""
    left_before: timedelta
    """What was left when the first of these began. Told so, a face stays the same while it only counts on."""
    turns_at: datetime | None = None
    """When its shape changes by itself."""

    @property
    def late(self) -> timedelta:
        return max(-self.left, NOTHING)

    @property
    def counts(self) -> bool:
        """Whether it counts at this instant; it does not while it is closed."""
        return bool(self.spans) and self.spans[0][0] <= self.at


def face(clock: Clock, now: datetime) -> Face | None:
    """What it shows; a canceled clock shows nothing."""
    if clock.state is State.CANCELED:
        return None
    left = clock.target - elapsed(clock, now)
    due, near = due_at(clock), near_at(clock)
    running = clock.state is State.RUNNING
    spans = tuple(islice(_spans(clock, now), SPANS_MAX)) if running else ()
    counting = now - spans[0][0] if spans and spans[0][0] <= now else NOTHING
    return Face(
        id=clock.id,
        name=clock.name,
        shape=_shape(clock, left, near, now),
        at=now,
        left=left,
        target=clock.target,
        due_at=due,
        why=clock.ended_why or clock.stretches[-1].why,
        since=clock.changed_at,
        spans=spans,
        left_before=left + counting,
        turns_at=min((at for at in (near, due) if at is not None and at > now), default=None) if running else None,
    )


def near_at(clock: Clock) -> datetime | None:
    """From when on it is near its target: its warning, or most of the time gone."""
    return warn_at(clock) if clock.warn is not None else reached_at(clock, clock.target * NEAR_SHARE)


def most_urgent(faces: Iterable[Face]) -> Face | None:
    """The one to look at first: over its target, near it, due first; then whatever is paused."""
    return min(faces, key=urgency, default=None)


def urgency(shown: Face) -> tuple[int, float]:
    due = shown.due_at.timestamp() if shown.due_at is not None else float("inf")
    return URGENCY.index(shown.shape), due


def _shape(clock: Clock, left: timedelta, near: datetime | None, now: datetime) -> Shape:
    if clock.state is State.MET:
        return Shape.MET
    if left <= NOTHING:
        return Shape.BREACHED
    if clock.state is State.PAUSED:
        return Shape.PAUSED
    return Shape.WARN if near is not None and near <= now else Shape.OK


def _spans(clock: Clock, now: datetime) -> Iterator[tuple[datetime, datetime | None]]:
    """From the beginning of the opening of now, which a day before at most has begun."""
    since, calendar = clock.stretches[-1].since, clock.terms[-1].calendar
    if calendar is None:
        yield since, None
        return
    for opens, closes in calendar.openings(max(since, now - LOOK_BACK)):
        if closes > now:
            yield opens, closes
