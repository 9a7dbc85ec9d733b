"""What follows from a fact, in the imperative: all that the engine ever asks for."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from console.routing.agent import Presence, RoutingState
from console.routing.queue import Instant
from console.routing.work_item import ItemState, Why

Problem = Literal["offer-gone", "not-your-offer", "work-over", "not-yours", "conflict", "unknown"]
"""Types of `errors.Refusal`; `conflict`: the work is not in the state the fact needs. `unknown`: no such agent, item
or offer, or one that ended more than `floor.RECALL` ago."""


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
    """Of a revoked one: customer_left, withdrawn, absent (offline, or the connection was lost), away, moved (its queue
    is gone), outage, deactivated, refused_config (a new configuration no longer allows it). Of a declined one the agent's."""


class Assign(_Order, frozen=True, kw_only=True):
    """The agent owns the item; connect its call (unless `connected`: the phone was answered first)."""

    item: str
    agent: str
    offer: str
    connected: bool = False


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


class OpenSuccessor(_Order, frozen=True, kw_only=True):
    """A new item waits in place of one that was handed on, about the same matter."""

    item: str
    parent: str


class HangUp(_Order, frozen=True, kw_only=True):
    """End the item's call: the agent said it is done."""

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
    MakeOffer | CloseOffer | Assign | UpdateWork | EndWork | CloseItem | OpenSuccessor | HangUp | ShowAgent | Refuse
)
