"""The whole floor at one moment: what the stream says of queues and agents, and what only a screen needs beside it."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Literal

import msgspec

from console.live.messages import AgentChanged, QueueChanged
from console.sla.face import Face
from console.sla.kpi import Counted

SPAN_MINUTES = 5
"""The grain of what is recent. All time zones differ by whole quarters of an hour, so it divides each one's intervals."""
WINDOW_SPANS = 6
"""Whole spans in the recent window, which has the present one beside them: from 30 to 35 minutes."""
HOUR_SPANS = 12


class QueueFloor(msgspec.Struct, frozen=True, kw_only=True):
    told: QueueChanged
    channel: str
    today: Counted
    hour: tuple[Counted, ...]
    """The recent window as it was an hour ago and at the end of each span since; the last is that of now."""
    free_elsewhere: int = 0
    """Free agents who do not serve this queue, and have the skills for it."""

    @property
    def recent(self) -> Counted:
        return self.hour[-1]


class AgentFloor(msgspec.Struct, frozen=True, kw_only=True):
    told: AgentChanged
    queues: tuple[str, ...] | None
    """Those they serve; None: every one."""
    pending: bool = False
    """A pause begins when their work in hand ends."""
    held_at: datetime | None = None
    """Their caller is on hold since then."""
    missed: int = 0
    """Rings they let run out of late."""
    missed_at: datetime | None = None
    long: Literal["", "call", "wrap_up"] = ""
    """What takes them unusually long."""
    usual_s: float | None = None
    """How long it usually takes."""


class RiskFloor(msgspec.Struct, frozen=True, kw_only=True):
    """A promise that is over its target, or will be soon."""

    case: str
    """Its number."""
    subject: str
    customer_name: str | None
    queue: str | None
    owner_name: str | None
    face: Face

    @property
    def told(self) -> tuple[object, ...]:
        """What a screen shows of it beside the time that passes."""
        shown = self.face
        return (
            self.case,
            self.subject,
            self.customer_name,
            self.queue,
            self.owner_name,
            shown.id,
            shown.shape,
            shown.spans,
        )


class Floor(msgspec.Struct, frozen=True, kw_only=True):
    now: datetime
    zone: tzinfo
    """The centre's own: by it days and intervals are counted, and the floor is drawn."""
    midnight: datetime
    recent_since: datetime
    """The beginning of the recent window."""
    queues: tuple[QueueFloor, ...] = ()
    agents: tuple[AgentFloor, ...] = ()
    risks: tuple[RiskFloor, ...] = ()
    """The first, by when they are due."""
    risks_count: int = 0
