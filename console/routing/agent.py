"""An agent as the engine knows them: what they say, what holds them, what they have in hand."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from console.routing.queue import Instant


class Presence(StrEnum):
    """What the person says."""

    AVAILABLE = "available"
    AWAY = "away"
    OFFLINE = "offline"


class RoutingState(StrEnum):
    """What the system knows; the first that holds, in this order."""

    NOT_RESPONDING = "not_responding"
    OFFERED = "offered"
    WRAP_UP = "wrap_up"
    BUSY = "busy"
    IDLE = "idle"


class Agent(msgspec.Struct, kw_only=True, gc=False):
    """The engine's row of one agent; kept in `routing_agent`.

    Lists and sets in it are replaced, never changed in place: a copy of the row stays what it was.
    """

    username: str
    presence: Presence = Presence.OFFLINE
    reason: str | None = None
    presence_since: Instant = 0
    pending: Presence | None = None
    """A pause asked for during work; takes hold when it ends."""
    pending_reason: str | None = None
    not_responding: bool = False
    idle_since: Instant = 0
    """Their place among the idle, kept while they are busy or away. 0: begins at the next *available*."""
    idle_seq: int = 0
    """Orders agents whose idleness began in the same instant."""
    nodes: frozenset[str] = frozenset()
    """Nodes on which a stream of theirs is open."""
    absent_since: Instant | None = None
    """When the last stream closed (or the router took over); None while one is open, or absence took hold."""
    offline_since: Instant | None = None
    """When they went offline; None while they are not, or where the idle place is lost (signed out, never in)."""
    offer: str | None = None
    work: list[str] = []
    """Items in hand, oldest first, wrap-up included."""
    consult: str | None = None
    """The item whose owner consults them; until that is over they are asked nothing."""
    active: bool = True
    """In the configuration in force. One who is not is asked nothing, and goes offline when their work has ended."""
    routing_state: RoutingState = RoutingState.IDLE
    state_since: Instant = 0
    """Since when the routing state or presence shown has been what it is."""
