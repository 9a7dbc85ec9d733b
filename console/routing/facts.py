"""What happened, in the past tense, with its instant: all that the engine ever hears.

A fact's id is its inbox row's; it is not the engine's business.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from console.routing.agent import Presence
from console.routing.queue import Instant, Kind, Requirement, Rules, Span


class _Fact(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="fact", omit_defaults=True, gc=False):
    at: Instant


class WorkItemQueued(_Fact, frozen=True, kw_only=True):
    """Work arrived and was put into a queue. The same item twice is one item."""

    item: str
    kind: Kind
    queue: str
    requires: Requirement = {}
    priority: int | None = None
    parent: str | None = None
    takes_orders: bool = False
    preferred: tuple[str, ...] = ()
    """Agents to be asked first, for the queue's `prefer_for`: owner of the open case, last agent."""
    due: Instant | None = None
    """By when it should be served; orders a queue whose order is `due`."""


class CallAnswered(_Fact, frozen=True, kw_only=True):
    """Caller and agent are in one bridge: on the offered agent's phone, an acceptance."""

    item: str
    agent: str


class CallEnded(_Fact, frozen=True, kw_only=True):
    """The item's call is over."""

    item: str


class ConnectFailed(_Fact, frozen=True, kw_only=True):
    """The phone of the agent who accepted, or is being asked, could not be had for the caller."""

    item: str
    agent: str
    reason: str


class OfferAccepted(_Fact, frozen=True, kw_only=True):
    offer: str
    agent: str


class OfferDeclined(_Fact, frozen=True, kw_only=True):
    offer: str
    agent: str
    reason: str | None = None


class WorkCompleted(_Fact, frozen=True, kw_only=True):
    """The agent says this work is done: hangs up a live call, ends wrap-up, ends work on a case."""

    item: str
    agent: str


class WrapUpExtended(_Fact, frozen=True, kw_only=True):
    item: str
    agent: str
    by: Span


class WrapUpFinished(_Fact, frozen=True, kw_only=True):
    item: str
    agent: str


class WorkTransferred(_Fact, frozen=True, kw_only=True):
    """The work was handed on: to a queue, or (in its own queue, or that one) to an agent.

    In hand it ends *transferred*, and `successor` waits there from now; the agent named is asked first. Work that
    nobody has taken yet is moved: it is the same item, and keeps its place. Without queue and agent a call left the
    centre: it ends, and nothing is in its place.
    """

    item: str
    queue: str | None = None
    agent: str | None = None
    successor: str


class CaseEscalated(_Fact, frozen=True, kw_only=True):
    """A case goes up, or on, to a queue, or to a person in it who is asked first; it is never refused.

    Its work in hand ends *transferred*, and `successor` waits there from now. Work that nobody has taken yet is
    moved: it is the same item, and keeps its place. Where there is none any more, `successor` waits all the same.
    """

    items: tuple[str, ...]
    """What may be the case's own work now, the likeliest first; the router knows which of them is."""
    parent: str
    """The last work that was done on the case: where none of `items` is open, it is followed by `successor`."""
    successor: str
    queue: str
    agent: str | None = None
    prefer_for: Span = 0
    """So long it waits for that agent alone, while they are there."""
    priority: int | None = None
    due: Instant | None = None


class WorkAssigned(_Fact, frozen=True, kw_only=True):
    """A supervisor's hand: the work is this agent's at once, room or not.

    Out of another's hand it ends *transferred*, and it is `successor` that is assigned.
    """

    item: str
    agent: str
    by: str
    reason: str
    successor: str


class WorkMoved(_Fact, frozen=True, kw_only=True):
    """A supervisor's hand: to another queue. The same item with its place; out of an agent's hand `successor`."""

    item: str
    queue: str
    by: str
    reason: str
    successor: str


class ConsultAsked(_Fact, frozen=True, kw_only=True):
    """The owner of a call wants to speak with another agent first, who is reserved for it from now on."""

    item: str
    by: str
    agent: str


class ConsultOver(_Fact, frozen=True, kw_only=True):
    """The consultation ended.

    *Returned* or *failed*: the agent asked is free again, with their idle place. *Handed over*: the item ends
    *transferred*, and `successor` is the agent's whom it asked, caller and all.
    """

    item: str
    agent: str
    outcome: Literal["returned", "handed_over", "failed"]
    successor: str | None = None
    """Needed where it was handed over."""


class WorkWithdrawn(_Fact, frozen=True, kw_only=True):
    """The matter is no longer to be worked on (its case was set pending, resolved or closed).

    Work in hand ends *completed*, work that nobody has taken yet *canceled*.
    """

    item: str


SIGNED_OUT = "signed_out"
"""The reason of an *offline* that ends the idle place at once; any other keeps it for 30 minutes."""


class PresenceSet(_Fact, frozen=True, kw_only=True):
    """A person, or a supervisor for them (`by`), said what they are.

    Available also ends *not responding*. Away during a call or its wrap-up takes hold when that ends; cases in
    hand do not delay it. Offline takes hold at once.
    """

    agent: str
    presence: Presence
    reason: str | None = None
    by: str | None = None


class StreamOpened(_Fact, frozen=True, kw_only=True):
    """The agent's first stream on that node opened."""

    agent: str
    node: str


class StreamClosed(_Fact, frozen=True, kw_only=True):
    """The agent's last stream on that node closed."""

    agent: str
    node: str


class NodeGone(_Fact, frozen=True, kw_only=True):
    """A node stopped or fell silent; its streams went with it."""

    node: str


class ConfigChanged(_Fact, frozen=True, kw_only=True):
    """A new version is in force. In the inbox `rules` is None; the router fills it from the version."""

    version: int
    rules: Rules | None = None


class RouterResumed(_Fact, frozen=True, kw_only=True):
    """A router loaded the engine from its tables, or stood still; nothing was decided since `alive_at`.

    Offers that ran out meanwhile are revoked (`outage`), and every connection's grace starts anew.
    """

    alive_at: Instant


class TimePassed(_Fact, frozen=True, kw_only=True):
    """It is now `at`; every deadline up to it is due."""


Fact: TypeAlias = (
    WorkItemQueued
    | CallAnswered
    | CallEnded
    | ConnectFailed
    | OfferAccepted
    | OfferDeclined
    | WorkCompleted
    | WorkTransferred
    | CaseEscalated
    | WorkAssigned
    | WorkMoved
    | ConsultAsked
    | ConsultOver
    | WrapUpExtended
    | WrapUpFinished
    | WorkWithdrawn
    | PresenceSet
    | StreamOpened
    | StreamClosed
    | NodeGone
    | ConfigChanged
    | RouterResumed
    | TimePassed
)
