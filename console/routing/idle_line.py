"""Who has been idle longest, of thousands: the line of all agents with room, in the order of their idle numbers."""

from __future__ import annotations

from bisect import bisect_left

from console.routing.eligibility import Rooms
from console.routing.roster import Bits

WALK_MAX = 64
"""Agents with room met on the line without a hit, after which all eligible ones are compared after all."""


class IdleLine:
    """Agents with room, by their idle numbers, longest idle first. Who has no room any more is dropped when met."""

    def __init__(self, rooms: list[Rooms]) -> None:
        self._rooms = rooms
        self._line: list[int] = []
        self._front = 0
        self._owner: dict[int, int] = {}

    def add(self, idle_seq: int, number: int) -> None:
        self._owner[idle_seq] = number
        line = self._line
        if not line or idle_seq > line[-1]:
            line.append(idle_seq)
            if len(line) > 4 * len(self._rooms) + WALK_MAX:
                self._tidy()
            return
        # An old place: of one whose offer was taken back, who came back from a pause, or who has taken a case.
        at = bisect_left(line, idle_seq, self._front)
        if at == len(line) or line[at] != idle_seq:
            line.insert(at, idle_seq)

    def drop(self, idle_seq: int) -> None:
        self._owner.pop(idle_seq, None)

    def first_of(self, found: Bits) -> int | None:
        """The first on the line who is in `found`; None when nobody was after a walk long enough."""
        line, rooms, owner = self._line, self._rooms, self._owner
        kept: list[int] = []
        hit = None
        at = self._front
        while at < len(line) and len(kept) < WALK_MAX:
            number = owner.get(line[at])
            if number is not None and rooms[number]:
                if found >> number & 1:
                    hit = number
                    break
                kept.append(line[at])
            at += 1
        front = at - len(kept)
        if front > self._front:
            line[front:at] = kept
            self._front = front
        return hit

    def _tidy(self) -> None:
        owner, rooms = self._owner, self._rooms
        self._line = [
            seq for seq in self._line[self._front :] if (number := owner.get(seq)) is not None and rooms[number]
        ]
        self._front = 0
