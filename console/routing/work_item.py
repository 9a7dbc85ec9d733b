"""A work item and its offers: the rows the engine keeps of each."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from console.routing.queue import Instant, Kind, Requirement


class ItemState(StrEnum):
    WAITING = "waiting"
    OFFERED = "offered"
    ASSIGNED = "assigned"
    WRAP_UP = "wrap_up"
    COMPLETED = "completed"
    ABANDONED = "abandoned"
    OVERFLOWED = "overflowed"
    TRANSFERRED = "transferred"
    CANCELED = "canceled"


TERMINAL = frozenset(
    {ItemState.COMPLETED, ItemState.ABANDONED, ItemState.OVERFLOWED, ItemState.TRANSFERRED, ItemState.CANCELED}
)


class OfferState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    TIMED_OUT = "timed_out"
    REVOKED = "revoked"


class Hold(msgspec.Struct, frozen=True):
    """What keeps an item from an agent who declined it."""

    declines: int
    until: Instant


class WorkItem(msgspec.Struct, kw_only=True):
    """What the engine knows of one piece of work; kept in `routing_item`."""

    id: str
    seq: int
    """Of its entry; orders items whose waiting began in the same instant."""
    kind: Kind
    queue: str
    requires: Requirement
    """Its own: of routing rule, request or event. The queue's is added: `needs`."""
    own_priority: int | None
    """Its own, or None: the queue's."""
    state: ItemState
    waiting_since: Instant
    """Entry into its first queue; never moves while it is the same item."""
    needs: Requirement
    """In force: the queue's and its own together."""
    priority: int
    """In force."""
    agent: str | None = None
    """Whom it is offered to, assigned to, or wrapped up by."""
    offer: str | None = None
    holds: dict[str, Hold] = {}
    assigned_at: Instant | None = None
    connected: bool = False
    """Caller and agent have been in one bridge since assignment."""
    takes_orders: bool = False
    """A call of a phone system that connects and hangs up at our word."""
    wrap_up_until: Instant | None = None
    """None in state wrap_up: open, until the agent ends it."""
    ended_at: Instant | None = None
    parent: str | None = None


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """Why this agent got this item: codes, never prose (contract, section 3)."""

    rule: str
    """`longest_idle`: the item arrived, or became available, and looked for an agent.
    `longest_waiting`: the agent got room and looked for work."""
    idle_since: Instant
    waiting_since: Instant
    candidates: int
    """Agents (longest_idle) or items (longest_waiting) that were eligible, the winner included."""
    matched: dict[str, tuple[int, int]]
    """Skill to (need, have)."""
    decision: int


class Offer(msgspec.Struct, kw_only=True):
    """One agent is asked to take one item; kept in `routing_offer`."""

    id: str
    item: str
    agent: str
    made_at: Instant
    expires_at: Instant
    why: Why
    state: OfferState = OfferState.OPEN
    closed_at: Instant | None = None
    reason: str | None = None
