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


class Happening(StrEnum):
    """What can befall an item."""

    OFFER_MADE = "offer_made"
    OFFER_LAPSED = "offer_lapsed"
    OFFER_ACCEPTED = "offer_accepted"
    CONNECT_FAILED = "connect_failed"
    CUSTOMER_LEFT = "customer_left"
    WITHDRAWN = "withdrawn"
    TALK_ENDED = "talk_ended"
    """The call is over and wrap-up follows."""
    WORK_ENDED = "work_ended"
    HANDED_ON = "handed_on"
    """To a queue or a person; another item is there in its place."""
    GIVEN = "given"
    """To an agent, by a supervisor's hand."""
    SENT_ON = "sent_on"
    """Out of its queue and out of routing, by the queue's overflow."""


LIFE: dict[ItemState, dict[Happening, ItemState]] = {
    ItemState.WAITING: {
        Happening.OFFER_MADE: ItemState.OFFERED,
        Happening.CUSTOMER_LEFT: ItemState.ABANDONED,
        Happening.WITHDRAWN: ItemState.CANCELED,
        Happening.GIVEN: ItemState.ASSIGNED,
        Happening.SENT_ON: ItemState.OVERFLOWED,
    },
    ItemState.OFFERED: {
        Happening.OFFER_ACCEPTED: ItemState.ASSIGNED,
        # Declined, timed out and revoked end alike for the customer: waiting again, with the place they had.
        Happening.OFFER_LAPSED: ItemState.WAITING,
        Happening.CUSTOMER_LEFT: ItemState.ABANDONED,
        Happening.WITHDRAWN: ItemState.CANCELED,
    },
    ItemState.ASSIGNED: {
        Happening.TALK_ENDED: ItemState.WRAP_UP,
        Happening.WORK_ENDED: ItemState.COMPLETED,
        Happening.CONNECT_FAILED: ItemState.WAITING,
        Happening.HANDED_ON: ItemState.TRANSFERRED,
    },
    ItemState.WRAP_UP: {
        Happening.WORK_ENDED: ItemState.COMPLETED,
    },
}
"""The life of a work item. What is not here cannot happen; terminal states have no way out."""


class OfferState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    TIMED_OUT = "timed_out"
    REVOKED = "revoked"


class Hold(msgspec.Struct, frozen=True, gc=False):
    """What keeps an item from an agent who declined it, or whose phone could not be connected."""

    declines: int
    """0: a failed connection alone."""
    until: Instant


class WorkItem(msgspec.Struct, kw_only=True, gc=False):
    """What the engine knows of one piece of work; kept in `routing_item`.

    Dicts in it are replaced, never changed in place: a copy of the row stays what it was.
    """

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
    queued_at: Instant = 0
    """Entry into the queue it is in."""
    left: list[str] = []
    """Queues that sent it on by their overflow; it does not go back to one by itself."""
    due: Instant | None = None
    """By when it should be served, where somebody said so."""
    needs: Requirement
    """In force: the queue's and its own together, as far as they are not relaxed (`queue.in_force`)."""
    relaxed: int = 0
    """Steps of the queue's ladder that were taken."""
    priority: int
    """In force."""
    rank: int = 0
    turn: Instant = 0
    """With `rank` and `seq` its place, by priority, waiting time and the queue's order (`queue.standing`)."""
    preferred: list[str] = []
    """Who alone may be asked until `prefer_until`; nobody in particular: everybody may."""
    prefer_until: Instant | None = None
    agent: str | None = None
    """Whom it is offered to, assigned to, or wrapped up by; of an ended one, who had it."""
    offer: str | None = None
    """The open one, or the one that was accepted; None in hand: given by hand, or handed over."""
    taken: int = 0
    """How often it was assigned."""
    consult: str | None = None
    """The agent whom its owner consults."""
    holds: dict[str, Hold] = {}
    assigned_at: Instant | None = None
    connected: bool = False
    """Caller and agent have been in one bridge since assignment."""
    takes_orders: bool = False
    """A call of a phone system that connects and hangs up at our word."""
    wrap_up_since: Instant | None = None
    wrap_up_until: Instant | None = None
    """None in state wrap_up: open, until the agent ends it."""
    ended_at: Instant | None = None
    parent: str | None = None


def in_hand(item: WorkItem) -> bool:
    """Whether it is an agent's now."""
    return item.state in (ItemState.ASSIGNED, ItemState.WRAP_UP)


def place(item: WorkItem) -> tuple[int, Instant, int]:
    """Where an item stands among all that wait: the least comes first."""
    return (item.rank, item.turn, item.seq)


class Why(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Why this agent got this item: codes, never prose (contract, section 3)."""

    rule: str
    """`longest_idle`: the item arrived, or came back to waiting, and went to the agent idle longest.
    `longest_waiting`: it was waiting when the agent got room, or was held back no longer."""
    idle_since: Instant
    waiting_since: Instant
    candidates: int
    """Agents who were eligible for it, the winner included."""
    matched: dict[str, tuple[int, int]]
    """Skill to (need, have)."""
    decision: int


class Offer(msgspec.Struct, kw_only=True, gc=False):
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


class Assignment(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An agent owned an item from when to when; kept in `assignment`."""

    item: str
    nth: int
    """Of the item's assignments, from 1."""
    agent: str
    offer: str | None
    """None: by a supervisor's hand, or handed over after a consultation."""
    assigned_at: Instant
    ended_at: Instant | None = None
    outcome: str | None = None
