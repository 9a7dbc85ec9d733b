"""Every message of the stream, one tagged union; the reference docs and the templates are held to it.

The shapes are the contract's (section 4). Frames carry them as `{"seq", "at", "type", "data"}`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, TypeAlias

import msgspec


class Call(msgspec.Struct, frozen=True):
    """`source` and `id` are the phone system's own; the texts may be a number (E.164) or not."""

    source: str
    id: str
    from_: str | None = msgspec.field(name="from", default=None)
    to: str | None = None


class Case(msgspec.Struct, frozen=True):
    number: str
    subject: str
    status: str
    priority: int | None = None


class Customer(msgspec.Struct, frozen=True):
    id: str
    name: str | None = None
    phone: str | None = None


class Matched(msgspec.Struct, frozen=True):
    need: int
    have: int


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """Codes, never prose."""

    rule: str
    idle_since: datetime
    waiting_since: datetime
    candidates: int
    matched: dict[str, Matched]
    decision: int


class _Message(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    pass


class PresenceChanged(_Message, frozen=True, kw_only=True, tag="presence.changed"):
    """Sent when presence, its reason or the routing state of the agent has changed."""

    presence: str
    reason: str | None
    routing_state: str


class OfferMade(_Message, frozen=True, kw_only=True, tag="offer.made"):
    """You are asked to take this; it rings until `expires_at`."""

    offer: str
    work_item: str
    kind: str
    queue: str
    expires_at: datetime
    call: Call | None
    case: Case | None
    customer: Customer | None
    why: Why


class OfferClosed(_Message, frozen=True, kw_only=True, tag="offer.closed"):
    """The offer is over."""

    offer: str
    work_item: str
    outcome: Literal["accepted", "declined", "timed_out", "revoked"]
    reason: str | None


class WorkStarted(_Message, frozen=True, kw_only=True, tag="work.started"):
    """The work is yours. `context` holds what is known at that moment: state, waited_s, attributes, wrap_up_until."""

    work_item: str
    kind: str
    queue: str
    call: Call | None
    case: Case | None
    customer: Customer | None
    context: dict[str, Any]


class WorkUpdated(_Message, frozen=True, kw_only=True, tag="work.updated"):
    """Your work changed its state; in wrap_up `wrap_up_until` says until when (null: until you end it)."""

    work_item: str
    state: str
    wrap_up_until: datetime | None = None


class WorkEnded(_Message, frozen=True, kw_only=True, tag="work.ended"):
    """The work is no longer yours."""

    work_item: str
    outcome: str


class CallChanged(_Message, frozen=True, kw_only=True, tag="call.changed"):
    """The phone system told something of your call: waiting, ringing, talking, held, ended; or of its mute or consultation."""

    call: Call
    state: str


class CaseChanged(_Message, frozen=True, kw_only=True, tag="case.changed"):
    """A case that you own or have open changed."""

    case: Case


class SlaWarned(_Message, frozen=True, kw_only=True, tag="sla.warned"):
    """A promise about a case that you own or have open is to be kept soon: its target is due at `due_at`."""

    case: Case
    clock: str
    due_at: datetime


class SlaBreached(_Message, frozen=True, kw_only=True, tag="sla.breached"):
    """A promise about a case that you own or have open was not kept: its target was due at `due_at`."""

    case: Case
    clock: str
    due_at: datetime


class HandoverTold(msgspec.Struct, frozen=True, kw_only=True):
    """Where a case went; the whole packet is `GET /cases/{number}/handover`. `agent` is asked first, `queue` is where
    the work waits.
    """

    id: str
    trigger: str
    level: int
    queue: str
    agent: str | None
    made_at: datetime
    take_by: datetime | None


class CaseEscalated(_Message, frozen=True, kw_only=True, tag="case.escalated"):
    """A case that you own, have in hand, watch over or are to take went up, or on."""

    case: Case
    handover: HandoverTold


class Notice(_Message, frozen=True, kw_only=True, tag="notice"):
    """Words for the agent: `code` names them, `text` is English."""

    code: str
    text: str


class AgentsByState(msgspec.Struct, frozen=True):
    idle: int = 0
    offered: int = 0
    busy: int = 0
    wrap_up: int = 0
    not_responding: int = 0
    away: int = 0


class QueueChanged(_Message, frozen=True, kw_only=True, tag="queue.changed"):
    """An item of GET /queues."""

    name: str
    waiting: int
    longest_wait_s: float
    agents: AgentsByState
    service_level: float | None
    """Share answered within the threshold, of those offered today; null before the first."""
    service_level_target: float | None
    service_level_within_s: float | None
    answered: int
    abandoned: int


class AgentWork(msgspec.Struct, frozen=True):
    work_item: str
    kind: str
    queue: str
    state: str
    case: str | None = None


class AgentChanged(_Message, frozen=True, kw_only=True, tag="agent.changed"):
    """An item of GET /agents."""

    username: str
    name: str
    presence: str
    reason: str | None
    routing_state: str
    since: datetime
    work: tuple[AgentWork, ...]


class Ready(_Message, frozen=True, kw_only=True, tag="ready"):
    """Always the first frame of a connection."""

    presence: str
    reason: str | None
    routing_state: str
    resumed: bool
    offers: tuple[OfferMade, ...]
    work: tuple[WorkStarted, ...]


Message: TypeAlias = (
    Ready
    | PresenceChanged
    | OfferMade
    | OfferClosed
    | WorkStarted
    | WorkUpdated
    | WorkEnded
    | CallChanged
    | CaseChanged
    | CaseEscalated
    | SlaWarned
    | SlaBreached
    | Notice
    | QueueChanged
    | AgentChanged
)
