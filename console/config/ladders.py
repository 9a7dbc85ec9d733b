"""Escalation ladders of centre.yaml: who is asked, how long they have, and what makes a case climb by itself."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast

from console.cases.handover import EVERYBODY, Level
from console.config.document import KEYS, Escalate, Ladder
from console.reading import Value

LEVELS_MAX = 10
"""Beyond it nobody remembers who was told what."""
TAKE_WITHIN_MAX = timedelta(days=30)


def ladder(value: Value, condition: Callable[[Value], str]) -> Ladder:
    fields = value.fields(KEYS["escalations[]"])
    return Ladder(
        name=fields.need("name", Value.name, ""),
        when=fields.take("when", condition, "") if "when" in fields else None,
        levels=fields.need("levels", _levels, ()),
    )


def _levels(value: Value) -> tuple[Level, ...]:
    if not 1 <= len(value.items()) <= LEVELS_MAX:
        raise value.wrong(f"must be a list of 1 to {LEVELS_MAX} levels: {{queue: NAME, take_within: 15m}}")
    levels = value.each(_level)
    for number, (level, _) in enumerate(itertools.pairwise(levels), start=1):
        if level.take_within is None:
            value.note(f"level {number} needs take_within: without it nothing above it is ever reached")
    return levels


def _level(value: Value) -> Level:
    fields = value.fields(KEYS["escalations[].levels[]"])
    if ("queue" in fields) == ("agent" in fields):
        raise value.wrong("must be to one of the two: {queue: NAME} or {agent: USERNAME}")
    return Level(
        queue=fields.take("queue", lambda v: v.used("queue"), None),
        agent=fields.take("agent", lambda v: v.used("agent"), None),
        take_within=fields.take("take_within", lambda v: v.duration(timedelta(seconds=1), TAKE_WITHIN_MAX), None),
        notify=fields.take("notify", lambda v: v.unique(lambda who: cast("Any", who.choice(EVERYBODY))), EVERYBODY),
    )


def escalate(value: Value) -> Escalate:
    """What a clock's action says."""
    to = value.fields(KEYS["sla.NAME.clocks.CLOCK.escalate"])
    if sum(key in to for key in ("queue", "agent", "ladder")) != 1:
        raise value.wrong("must be {queue: NAME}, {agent: USERNAME} or {ladder: NAME}")
    return Escalate(
        queue=to.take("queue", lambda v: v.used("queue"), None),
        agent=to.take("agent", lambda v: v.used("agent"), None),
        ladder=to.take("ladder", lambda v: v.used("escalation"), None),
    )
