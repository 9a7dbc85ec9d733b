"""What the configuration means to the engine: queues, and who may serve them.

Time here is an integer of µs: an `Instant` since 1970, a `Span` between two.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Literal, TypeAlias

import msgspec

Instant: TypeAlias = int
Span: TypeAlias = int

SECOND: Span = 1_000_000
MINUTE: Span = 60 * SECOND

Kind: TypeAlias = Literal["voice", "case", "callback"]
Requirement: TypeAlias = dict[str, int]
"""Skill to the lowest level that will do, 1 to 10."""


class Hours(msgspec.Struct, frozen=True, kw_only=True):
    """When a queue is open: spans in order, which neither overlap nor touch. Beyond `until` nobody has worked it out."""

    opens: tuple[Instant, ...]
    closes: tuple[Instant, ...]
    until: Instant

    def is_open(self, at: Instant) -> bool:
        if at >= self.until:
            return True
        last = bisect_right(self.opens, at) - 1
        return last >= 0 and at < self.closes[last]

    def closes_after(self, at: Instant) -> Instant | None:
        """The first close later than that; None: not within what is known."""
        following = bisect_right(self.closes, at)
        found = self.closes[following] if following < len(self.closes) else self.until
        return found if found < self.until else None


class RelaxStep(msgspec.Struct, frozen=True, kw_only=True):
    """A step of a queue's ladder: what is no longer needed once an item has waited so long."""

    after: Span
    drop: tuple[str, ...] = ()
    require: Requirement = {}
    """Levels that will do from then on; one that is higher than what is needed changes nothing."""


class Overflow(msgspec.Struct, frozen=True, kw_only=True):
    """Where an item goes, and the one condition under which it does."""

    to: Literal["queue", "callback", "voicemail", "end"]
    queue: str | None = None
    closed: bool = False
    unqualified: bool = False
    """Nobody is signed in who qualifies."""
    waited: Span | None = None
    """In this queue."""
    waiting_more_than: int | None = None


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    """The rules of one queue."""

    name: str
    channel: Kind
    requires: Requirement = {}
    relax: tuple[RelaxStep, ...] = ()
    """In the order of time."""
    never_relax: frozenset[str] = frozenset()
    prefer_for: Span = 0
    priority: int = 0
    age_weight: Span | None = None
    """A point of priority is worth this much waiting; None: nothing outweighs it."""
    by_due: bool = False
    """Of one priority what is due first comes first; what has no due instant was due when it came."""
    hours: Hours | None = None
    """None: always open."""
    overflow: tuple[Overflow, ...] = ()
    offer_timeout: Span = 20 * SECOND
    decline_pause: Span = 60 * SECOND
    wrap_up: Span | None = 0
    """0: none. None: open, until the agent ends it."""
    short_abandon: Span = 5 * SECOND


class AgentProfile(msgspec.Struct, frozen=True, kw_only=True):
    """What the configuration says of an agent."""

    username: str
    skills: Requirement = {}
    capacity: dict[Kind, int] = msgspec.field(default_factory=lambda: {"voice": 1})
    queues: frozenset[str] | None = None
    """None: every queue."""


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """One version of the configuration, as the engine needs it."""

    version: int
    queues: dict[str, Queue]
    agents: dict[str, AgentProfile]
    fallback_queue: str | None = None
    """Where an item goes whose queue is no longer there."""


NO_QUEUE = Queue(name="", channel="voice", offer_timeout=0)
"""Stands in for the rules of a queue that is no longer configured, for work already in hand."""

NO_RULES = Rules(version=0, queues={}, agents={})
"""Before the first configuration: nobody, and nowhere to wait."""


def in_force(queue: Queue, requires: Requirement, relaxed: int) -> Requirement:
    """What an item of its own requirement needs in this queue, after so many steps of the ladder."""
    if not relaxed:
        return merged(queue.requires, requires) if queue.requires else requires
    needs = merged(queue.requires, requires)
    for step in queue.relax[:relaxed]:
        for skill in step.drop:
            if skill not in queue.never_relax:
                needs.pop(skill, None)
        for skill, level in step.require.items():
            if level < needs.get(skill, 0) and skill not in queue.never_relax:
                needs[skill] = level
    return needs


def steps_taken(queue: Queue, waited: Span) -> int:
    """How many steps of the ladder an item has taken that has waited so long."""
    return sum(step.after <= waited for step in queue.relax)


def next_step_at(queue: Queue, since: Instant, relaxed: int) -> Instant | None:
    """When the step after so many comes."""
    return since + queue.relax[relaxed].after if relaxed < len(queue.relax) else None


def age_base(rules: Rules) -> int:
    """The priority at which age alone counts in every queue with an `age_weight`: the highest of theirs."""
    return max((queue.priority for queue in rules.queues.values() if queue.age_weight is not None), default=0)


def standing(queue: Queue, base: int, priority: int, since: Instant, due: Instant | None) -> tuple[int, Instant]:
    """Where an item stands among all that wait, the least first: its rank, and within that its turn.

    Strictly by priority, then by waiting time. Where the queue weighs age all items of such queues share one rank,
    and a point of priority more is so much waiting more. See docs/adr/0012.
    """
    if queue.age_weight is not None:
        return -base, since - (priority - base) * queue.age_weight
    return -priority, due if queue.by_due and due is not None else since


def merged(*requirements: Requirement) -> Requirement:
    """All of them at once: of a skill named twice the higher level."""
    result: Requirement = {}
    for requirement in requirements:
        for skill, level in requirement.items():
            result[skill] = max(level, result.get(skill, 0))
    return result


def meets(skills: Requirement, needs: Requirement) -> bool:
    """Whether every skill needed is there, at the level needed or above."""
    return all(skills.get(skill, 0) >= level for skill, level in needs.items())
