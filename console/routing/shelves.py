"""Where the classes of waiting items stand, best head first, so that an agent looks only where they may find something.

A class stands on the shelf of its queue and of the (two) rarest skills it needs: whoever has not both need not look
there. Who serves very many queues looks along *aisles* instead: the same, of all queues together. What waits for
preferred agents stands on shelves of their own. In a small centre everything stands in the *window* as well: of what
stands in front somebody there can soon take something, and need not go to the shelves.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence
from typing import TypeAlias

from console.routing.queue import Instant, Kind, Rules
from console.routing.roster import Bits, Roster, numbers_in
from console.routing.work_item import WorkItem

SMALL_CENTRE_AGENTS = 256
"""Of more agents each can take too little of what stands in the window."""

Anchor: TypeAlias = tuple[str, ...]
"""The two rarest skills needed (or one, or none)."""
Place: TypeAlias = tuple[int, Instant, int]
Entry: TypeAlias = "tuple[int, Instant, int, ItemClass]"
"""An item's place and its class. Places differ in their last number, so classes are never compared."""
Shelf: TypeAlias = list[Entry]
"""Classes in which something waits, by the entries of their first items."""


class ItemClass:
    """All waiting items that the same agents may take."""

    __slots__ = ("able", "entry", "heap", "kind", "qualified", "shelves", "waiting", "watched")

    def __init__(self, kind: Kind, qualified: Bits, able: Bits, shelves: list[Shelf]) -> None:
        self.kind = kind
        self.qualified = qualified
        """By configuration."""
        self.able = able
        """And preferred, where only those are asked."""
        self.shelves = shelves
        self.heap: list[Entry] = []
        self.waiting = 0
        self.entry: Entry | None = None
        """Its first item's, by which it stands on the shelves; None: nothing waits in it."""
        self.watched: dict[ItemClass, None] | None = None
        """Where it is remembered while something waits in it that may be stranded."""


class Shelves:
    def __init__(self, rules: Rules, roster: Roster) -> None:
        self._roster = roster
        self.window: Shelf | None = [] if len(roster.names) <= SMALL_CENTRE_AGENTS else None
        self.within_reach: list[list[Shelf]] = [[] for _ in roster.names]
        """By agent, the shelves on which they may find something."""
        self._of_queue: dict[str, dict[Anchor, Shelf]] = {queue: {} for queue in rules.queues}
        self._aisles: dict[Anchor, Shelf] = {}
        self._personal: dict[int, Shelf] = {}
        for queue in rules.queues:
            self._shelf(queue, ())
        self._shelf(None, ())

    def for_item(self, item: WorkItem) -> list[Shelf]:
        """Where its class stands."""
        found = [self.window] if self.window is not None else []
        anchor = tuple(self._roster.rarest_first(item.needs)[:2])
        if item.queue in self._of_queue:
            found.append(self._shelf(item.queue, anchor))
        if self._roster.roamers:
            found.append(self._shelf(None, anchor))
        return found

    def for_preferred(self, numbers: Sequence[int]) -> list[Shelf]:
        """Where a class stands that these agents alone may take."""
        found = [self.window] if self.window is not None else []
        return found + [self._personal_shelf(number) for number in numbers]

    def replace(self, found: ItemClass, entry: Entry | None) -> None:
        """The class has another first item now, or none."""
        before = found.entry
        found.entry = entry
        for shelf in found.shelves:
            if before is not None:
                del shelf[bisect_left(shelf, before)]
            if entry is not None:
                insort(shelf, entry)

    def _shelf(self, queue: str | None, anchor: Anchor) -> Shelf:
        """Of that queue, or the aisle; whoever may find something on a new one is told."""
        shelves = self._aisles if queue is None else self._of_queue[queue]
        found = shelves.get(anchor)
        if found is None:
            found = shelves[anchor] = []
            for number in numbers_in(self._roster.having(queue, anchor)):
                self.within_reach[number].append(found)
        return found

    def _personal_shelf(self, number: int) -> Shelf:
        found = self._personal.get(number)
        if found is None:
            found = self._personal[number] = []
            self.within_reach[number].append(found)
        return found
