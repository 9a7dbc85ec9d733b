"""What will have to happen by itself, and when. The engine owns every deadline of routing; its passing is a fact.

The order in which deadlines of one instant act follows from the rows alone, so that a loaded engine and the one
that kept running act alike.
"""

from __future__ import annotations

import heapq
from enum import IntEnum
from typing import NamedTuple

from console.routing.queue import Instant


class Lapse(IntEnum):
    """What runs out; of one instant, in this order."""

    GRACE = 1
    """A lost connection's; subject: the agent."""
    WRAP_UP = 2
    """Subject: the item."""
    HOLD = 3
    """A decline's pause; subject: the item, and the agent."""
    RELAX = 4
    """The next step of a queue's ladder; subject: the item."""
    PREFERENCE = 5
    """The time in which only some agents are asked; subject: the item."""
    OVERFLOW = 6
    """The queue closes, or the item has waited too long in it; subject: the item."""
    OFFER = 7
    """Last, so that an answer given in the very instant of its end still counts. Subject: the offer."""


class Deadline(NamedTuple):
    at: Instant
    lapse: Lapse
    subject: str
    agent: str = ""


class Deadlines:
    """A heap. Nothing is ever taken out before its time: whoever pops asks whether it still means anything."""

    def __init__(self) -> None:
        self._heap: list[Deadline] = []

    def add(self, deadline: Deadline) -> None:
        heapq.heappush(self._heap, deadline)

    def first(self) -> Deadline | None:
        return self._heap[0] if self._heap else None

    def pop(self) -> Deadline:
        return heapq.heappop(self._heap)
