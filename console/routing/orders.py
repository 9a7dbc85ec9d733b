"""What follows from a fact, in the imperative: all that the engine ever asks for."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from console.routing.agent import Presence, RoutingState
from console.routing.queue import Instant, Kind
from console.routing.work_item import ItemState, Why

Problem = Literal[
    "offer-gone",
    "not-your-offer",
    "work-over",
    "not-yours",
    "conflict",
    "unknown",
    "agent-not-free",
    "agent-not-qualified",
]
"""Types of `errors.Refusal`; `conflict`: the work is not in the state the fact needs. `unknown`: no such agent, item
or offer, or one that ended more than `floor.RECALL` ago."""

Cause: TypeAlias = Literal["closed", "waiting_more_than", "waited", "unqualified"]
"""Which condition of a queue's overflow held."""

MoveCause: TypeAlias = Cause | Literal["by_hand", "transferred", "escalated", "queue_gone"]


class _Order(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="order", omit_defaults=True, gc=False):
    pass


class MakeOffer(_Order, frozen=True, kw_only=True):
    """Ask this agent."""

    offer: str
    item: str
    agent: str
    expires_at: Instant
    why: Why


class CloseOffer(_Order, frozen=True, kw_only=True):
    """Tell the agent that the offer is over, and how."""

    offer: str
    item: str
    agent: str
    outcome: Literal["accepted", "declined", "timed_out", "revoked"]
    reason: str | None = None
    """Of a revoked one: customer_left, withdrawn, absent (offline, or the connection was lost), away, moved (to another
    queue), assigned (to somebody by a supervisor; or the agent was given other work that leaves no room),
    connect_failed (their phone could not be had), outage, deactivated, refused_config (a new configuration no longer allows it). Of a declined one the agent's."""


class Assign(_Order, frozen=True, kw_only=True):
    """The agent owns the item; connect its call (unless `connected`: they are in one bridge already)."""

    item: str
    agent: str
    offer: str | None = None
    """None: by a supervisor's hand, or handed over after a consultation."""
    connected: bool = False
    by: str | None = None
    """The supervisor whose hand it was."""
    over_capacity: bool = False
    """By hand, and more than the agent has units for."""


class UpdateWork(_Order, frozen=True, kw_only=True):
    """The agent's work changed its state (wrap_up) or its deadline."""

    item: str
    agent: str
    state: ItemState
    wrap_up_until: Instant | None = None


class EndWork(_Order, frozen=True, kw_only=True):
    """The agent holds this work no longer; `connect_failed`: it waits again, with its place."""

    item: str
    agent: str
    outcome: Literal["completed", "abandoned", "transferred", "canceled", "connect_failed"]


class CloseItem(_Order, frozen=True, kw_only=True):
    """The item ended, whoever held it (nobody: abandoned, canceled)."""

    item: str
    state: ItemState
    waited: int
    """µs from `waiting_since` to assignment, or to its end."""
    short: bool = False
    """Abandoned before the queue's `short_abandon`."""
    overflow: Literal["callback", "voicemail", "end"] | None = None
    """Of an overflowed one, where the caller is sent."""
    cause: Cause | None = None
    blocked: bool = False
    """Overflowed as it came: it never waited."""


class MoveItem(_Order, frozen=True, kw_only=True):
    """The item waits in another queue now; it is the same item, with its place."""

    item: str
    queue: str
    before: str
    cause: MoveCause
    successor: str | None = None
    """Of one that was escalated: the item that would wait there now if somebody had had it in hand."""


class OpenSuccessor(_Order, frozen=True, kw_only=True):
    """A new item, about the same matter, in place of one that was handed on or became a callback."""

    item: str
    parent: str
    kind: Kind
    reason: Literal["transferred", "assigned", "moved", "handed_over", "escalated", "callback"] = "transferred"


class HangUp(_Order, frozen=True, kw_only=True):
    """End the item's call: the agent said it is done."""

    item: str
    agent: str


class Disconnect(_Order, frozen=True, kw_only=True):
    """Take the agent's phone out of the item's call; the caller stays."""

    item: str
    agent: str


class ShowAgent(_Order, frozen=True, kw_only=True):
    """The agent's presence or routing state is now this."""

    agent: str
    presence: Presence
    reason: str | None
    routing_state: RoutingState


class Refuse(_Order, frozen=True, kw_only=True):
    """The fact changed nothing, and whoever brought it is told why."""

    problem: Problem


Order: TypeAlias = (
    MakeOffer
    | CloseOffer
    | Assign
    | UpdateWork
    | EndWork
    | CloseItem
    | MoveItem
    | OpenSuccessor
    | HangUp
    | Disconnect
    | ShowAgent
    | Refuse
)
