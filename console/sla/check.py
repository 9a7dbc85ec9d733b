"""Guarantee 8, proven over clocks and their events: each warning and breach acted once, and within a second.

When something was due is worked out anew from the clock's stretches; nothing is taken from the rows that the
timekeeper goes by. A second is counted from that instant, or from when promises were watched again after an outage.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

import msgspec

from console.sla.clock import Act, Clock, as_of, due_at, next_act, warn_at

WITHIN = timedelta(seconds=1)
Watches: TypeAlias = Sequence[tuple[datetime, datetime]]
"""From when to when somebody looked all the time, in order; what lies between two was an outage."""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """That a clock acted, as it was kept."""

    kind: Act
    due_at: datetime
    acted_at: datetime


class Broken(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A promise of ours about promises that was not kept."""

    guarantee: int = 8
    code: Literal["acted_early", "acted_late", "not_due", "did_not_act", "told_otherwise"]
    clock: str
    case: str
    name: str
    kind: Act | None = None
    due_at: datetime | None = None
    acted_at: datetime | None = None


def check(clock: Clock, events: Sequence[Event], told: int, watches: Watches) -> Iterator[Broken]:
    """What is wrong with the acts of one clock; `told` is how many entries of its case's timeline tell of them."""
    for event in events:
        code = _wrong(clock, event, watches)
        if code is not None:
            yield _broken(clock, code, event.kind, event.due_at, event.acted_at)
    if told != len(events):
        yield _broken(clock, "told_otherwise")
    waits = next_act(_as_recorded(clock, events))
    if waits is not None and watches and watches[-1][1] > _in_time(waits[0], watches):
        yield _broken(clock, "did_not_act", waits[1], waits[0])


def _wrong(clock: Clock, event: Event, watches: Watches) -> Literal["acted_early", "acted_late", "not_due"] | None:
    then = as_of(clock, event.acted_at)
    if (warn_at(then) if event.kind == "warned" else due_at(then)) != event.due_at:
        return "not_due"
    if event.acted_at < event.due_at:
        return "acted_early"
    return "acted_late" if event.acted_at > _in_time(event.due_at, watches) else None


def _in_time(due: datetime, watches: Watches) -> datetime:
    """Until when it may act: a second after it is due, or after the end of the outage into which that second fell."""
    for since, until in watches:
        if until >= due + WITHIN:
            return max(due, since) + WITHIN
    return (max(due, watches[-1][0]) if watches else due) + WITHIN


def _as_recorded(clock: Clock, events: Sequence[Event]) -> Clock:
    """The clock with those acts that have an event, whatever its own row says."""
    acted = {event.kind: event.acted_at for event in events}
    return msgspec.structs.replace(clock, warned_at=acted.get("warned"), breached_at=acted.get("breached"))


def _broken(
    clock: Clock,
    code: Literal["acted_early", "acted_late", "not_due", "did_not_act", "told_otherwise"],
    kind: Act | None = None,
    due: datetime | None = None,
    acted: datetime | None = None,
) -> Broken:
    return Broken(code=code, clock=clock.id, case=clock.case, name=clock.name, kind=kind, due_at=due, acted_at=acted)
