"""What every use case is given first: where things are kept, what time it is, who is to be told."""

from __future__ import annotations

from dataclasses import dataclass, field

from console.clock import Clock
from console.db.engine import Database
from console.ids import NodeId
from console.kb.library import Library
from console.live.attendance import Attendance
from console.live.hub import Hub
from console.live.nudge import Nudges
from console.live.verdicts import Verdicts
from console.services.centre import Centres


@dataclass(frozen=True)
class Context:
    db: Database
    clock: Clock
    nudges: Nudges
    verdicts: Verdicts
    hub: Hub
    node: NodeId
    attendance: Attendance
    centres: Centres
    secret: bytes
    """The installation's, the same on every node that was given it. Nothing is signed with it yet."""
    public_url: str | None = None
    library: Library = field(default_factory=Library)
    """The articles that this node finds; its loop keeps them fresh."""
