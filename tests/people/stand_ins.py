"""What use cases are given in tests: a real database, and a clock that stands still until it is moved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from console.db.engine import Database
from console.ids import NodeId
from console.live.attendance import Attendance
from console.live.hub import Desk, Hub
from console.live.nudge import Nudges
from console.live.verdicts import Verdicts
from console.services.centre import Centres
from console.services.context import Context


@dataclass
class StoppedClock:
    at: datetime

    def now(self) -> datetime:
        return self.at

    def move(self, by: timedelta) -> None:
        self.at += by


async def no_desk(_: str) -> Desk:
    raise AssertionError("nobody listens here")


def context(database: Database, clock: StoppedClock) -> Context:
    return Context(
        db=database,
        clock=clock,
        nudges=Nudges(),
        verdicts=Verdicts(),
        hub=Hub(clock, no_desk),
        node=NodeId("node-1"),
        attendance=Attendance(),
        centres=Centres(),
        secret=b"secret",
    )
