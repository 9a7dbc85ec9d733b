"""What the configuration means to the engine: queues, and who may serve them.

Time here is an integer of µs: an `Instant` since 1970, a `Span` between two.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

Instant: TypeAlias = int
Span: TypeAlias = int

SECOND: Span = 1_000_000
MINUTE: Span = 60 * SECOND

Kind: TypeAlias = Literal["voice", "case", "callback"]
Requirement: TypeAlias = dict[str, int]
"""Skill to the lowest level that will do, 1 to 10."""


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    """The rules of one queue, as far as the engine has learnt to follow them."""

    name: str
    channel: Kind
    requires: Requirement = {}
    priority: int = 0
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


NO_RULES = Rules(version=0, queues={}, agents={})
"""Before the first configuration: nobody, and nowhere to wait."""


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
