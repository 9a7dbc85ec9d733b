"""The index: who of ten thousand takes this item, and which of a hundred thousand items this agent takes.

Both questions have exact answers (the idle longest; the best place), and both are asked at every step, so neither
may look at everybody. Three structures answer them:

- **bitsets over agents** (Python integers, a bit an agent): who is able to take a class of items, by configuration
  alone, and who has room for a kind of work now. Their intersection is *everyone eligible*, in a microsecond.
- **the idle line**: all agents with room, longest idle first. Where many are eligible one of them is met soon; where
  few are, the line is not walked but they are compared.
- **classes of items** (queue, kind, needs, preferred), each a heap by place; the classes with something waiting stand
  on **shelves**, best head first, so that an agent looks only at shelves they may reach.

Deletion is lazy everywhere: what is stale is met later, seen to be stale, and dropped.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from typing import NamedTuple, Protocol

from console.routing.eligibility import NO_ROOM, Rooms, barred, paused
from console.routing.idle_line import IdleLine
from console.routing.queue import NO_RULES, Instant, Kind, Rules
from console.routing.roster import Bits, Roster
from console.routing.shelves import Entry, ItemClass, Place, Shelves
from console.routing.work_item import WorkItem, place

FEW = 32
"""So many eligible agents are compared one by one; of more, one is met soon when the idle line is walked."""

LOOK_MAX = 48
"""Classes in the window of a small centre that an agent looks at before they go to the shelves."""
CLASSES_MAX = 50_000
"""Classes remembered; requirements come from outside, and their combinations must not fill the memory."""


class Choice(NamedTuple):
    agent: str
    candidates: int
    """How many were eligible."""


class Matching(Protocol):
    """What the engine asks; `Index` answers fast. Items told with `wait` are those that wait and are not being placed."""

    def configure(self, rules: Rules) -> None:
        """Forget everything, and know these agents and queues."""
        ...

    def seat(self, name: str, rooms: Rooms, idle_seq: int, *, willing: bool) -> bool:
        """This agent can be offered these kinds now; True when `willing` is news."""
        ...

    def sign(self, name: str, *, present: bool) -> None:
        """This agent signed in, or is there no more."""
        ...

    def nobody(self, item: WorkItem) -> bool:
        """Whether nobody is signed in who qualifies for it."""
        ...

    def stranded(self, name: str) -> list[WorkItem]:
        """What waits in queues that send on what nobody qualifies for, now that this agent has gone."""
        ...

    def wait(self, item: WorkItem) -> None: ...

    def leave(self, item: WorkItem) -> None:
        """It waits no more; nothing happens where it did not."""
        ...

    def agent_for(self, item: WorkItem, now: Instant) -> Choice | None:
        """Of all eligible agents the one idle longest; of its preferred ones, while it waits for them."""
        ...

    def item_for(self, name: str, now: Instant) -> WorkItem | None:
        """Of all waiting items this agent is eligible for the one with the best place."""
        ...


class Index:
    """The one implementation for work; the tests and the bench have a plain scan to hold against it."""

    def __init__(self, look: int = LOOK_MAX) -> None:
        self._look = look
        self.configure(NO_RULES)

    def configure(self, rules: Rules) -> None:
        self._roster = Roster(rules)
        self._shelves = Shelves(rules, self._roster)
        count = len(self._roster.names)
        self._open: dict[Kind, Bits] = {"voice": 0, "case": 0, "callback": 0}
        self._willing: Bits = 0
        self._present: Bits = 0
        self._rooms: list[Rooms] = [NO_ROOM] * count
        self._idle: list[int] = [0] * count
        self._line = IdleLine(self._rooms)
        self._classes: dict[tuple[object, ...], ItemClass] = {}
        self._entries: dict[int, Entry] = {}
        """Of each waiting item its entry in the heap of its class; every other entry of it is stale."""
        self._waiting: dict[int, WorkItem] = {}
        self._watched: dict[str, dict[ItemClass, None]] = {
            name: {} for name, queue in rules.queues.items() if any(rule.unqualified for rule in queue.overflow)
        }
        """Of queues that send on what nobody qualifies for: the classes in which something waits."""

    # --- agents ------------------------------------------------------------------------------------------------------

    def seat(self, name: str, rooms: Rooms, idle_seq: int, *, willing: bool) -> bool:
        number = self._roster.number.get(name)
        if number is None:
            return False
        bit = self._roster.bit[number]
        before = self._rooms[number]
        if rooms != before:
            self._rooms[number] = rooms
            for kind in rooms ^ before:
                self._open[kind] ^= bit
        renewed = idle_seq != self._idle[number]
        if renewed:
            self._line.drop(self._idle[number])
            self._idle[number] = idle_seq
        if rooms and (renewed or not before):
            self._line.add(idle_seq, number)
        news = bool(self._willing & bit) != willing
        if news:
            self._willing ^= bit
        return news

    def sign(self, name: str, *, present: bool) -> None:
        number = self._roster.number.get(name)
        if number is not None and bool(self._present >> number & 1) != present:
            self._present ^= self._roster.bit[number]

    def nobody(self, item: WorkItem) -> bool:
        return not self._class_for(item).qualified & self._present

    def stranded(self, name: str) -> list[WorkItem]:
        number = self._roster.number.get(name)
        if number is None:
            return []
        return [
            self._waiting[at[2]]
            for classes in self._watched.values()
            for found in classes
            if found.qualified >> number & 1 and not found.qualified & self._present
            for at in found.heap
            if self._entries.get(at[2]) is at
        ]

    def agent_for(self, item: WorkItem, now: Instant) -> Choice | None:
        able = self._class_for(item).able
        found = able & self._open[item.kind]
        if found and item.holds:
            found = self._without_held(found, able, item, now)
        if not found:
            return None
        candidates = found.bit_count()
        number = None
        if candidates == 1:
            number = found.bit_length() - 1
        elif candidates > FEW:
            number = self._line.first_of(found)
        if number is None:
            number = self._longest_idle(found)
        return Choice(self._roster.names[number], candidates)

    def _longest_idle(self, found: Bits) -> int:
        idle, bits = self._idle, self._roster.bit
        best = number = found.bit_length() - 1
        found ^= bits[number]
        while found:
            number = found.bit_length() - 1
            found ^= bits[number]
            if idle[number] < idle[best]:
                best = number
        return best

    def _without_held(self, found: Bits, able: Bits, item: WorkItem, now: Instant) -> Bits:
        lifted: bool | None = None
        for name, hold in item.holds.items():
            number = self._roster.number.get(name)
            if number is None:
                continue
            held = paused(hold, now)
            if not held and barred(hold):
                lifted = self._nobody_else(able, item) if lifted is None else lifted
                held = not lifted
            if held:
                found &= ~self._roster.bit[number]
        return found

    def _nobody_else(self, able: Bits, item: WorkItem) -> bool:
        """Whether everyone who would qualify, and takes part in routing, has declined it too often."""
        others = able & self._willing
        for name, hold in item.holds.items():
            number = self._roster.number.get(name)
            if number is not None and barred(hold):
                others &= ~self._roster.bit[number]
        return not others

    # --- items -------------------------------------------------------------------------------------------------------

    def wait(self, item: WorkItem) -> None:
        seq = item.seq
        assert seq not in self._waiting, "it waits already"
        found = self._class_for(item)
        self._waiting[seq] = item
        at = self._entries[seq] = (*place(item), found)
        heapq.heappush(found.heap, at)
        found.waiting += 1
        if found.watched is not None:
            found.watched[found] = None
        if found.entry is None or at < found.entry:
            self._head(found)

    def leave(self, item: WorkItem) -> None:
        at = self._entries.pop(item.seq, None)
        if at is None:
            return
        found = at[3]
        del self._waiting[item.seq]
        found.waiting -= 1
        if not found.waiting and found.watched is not None:
            found.watched.pop(found, None)
        if found.entry is at:
            self._head(found)
        if len(found.heap) > 4 * found.waiting + 16:
            found.heap = [at for at in found.heap if self._entries.get(at[2]) is at]
            heapq.heapify(found.heap)

    def item_for(self, name: str, now: Instant) -> WorkItem | None:
        number = self._roster.number.get(name)
        if number is None or not self._waiting or not self._rooms[number]:
            return None
        window = self._shelves.window
        if window is not None:
            look = self._look
            best = self._best_on(window[:look], number, None, now)
            if len(window) <= look or (best is not None and best < window[look]):
                return self._waiting[best[2]] if best else None
        best = None
        for shelf in self._shelves.within_reach[number]:
            if shelf and (best is None or shelf[0] < best):
                best = self._best_on(shelf, number, best, now)
        return self._waiting[best[2]] if best else None

    def _best_on(self, entries: list[Entry], number: int, best: Place | None, now: Instant) -> Place | None:
        """The best place this agent may take here, or `best` where that is better.

        `entries` are sorted, so the first that fits is the best, but where its head is held back from this agent.
        """
        rooms = self._rooms[number]
        for entry in entries:
            if best is not None and entry >= best:
                break
            found = entry[3]
            if not found.able >> number & 1 or found.kind not in rooms:
                continue
            if not self._waiting[entry[2]].holds:
                return entry[:3]
            free = self._first_free(found, number, now)
            if free is not None and (best is None or free < best):
                best = free
        return best

    def _first_free(self, found: ItemClass, number: int, now: Instant) -> Place | None:
        """The class's best item that is not held back from this agent."""
        bit = self._roster.bit[number]
        for at in _in_order(found.heap):
            if self._entries.get(at[2]) is at:
                item = self._waiting[at[2]]
                if not item.holds or self._without_held(bit, found.able, item, now):
                    return at[:3]
        return None

    def _class_for(self, item: WorkItem) -> ItemClass:
        needs = item.needs
        skills = tuple(sorted(needs.items()) if len(needs) > 1 else needs.items())
        key = (item.queue, item.kind, skills, *item.preferred)
        found = self._classes.get(key)
        if found is None:
            if len(self._classes) >= CLASSES_MAX:
                self._classes = {k: c for k, c in self._classes.items() if c.waiting}
            found = self._classes[key] = self._new_class(item)
            found.watched = self._watched.get(item.queue)
        return found

    def _new_class(self, item: WorkItem) -> ItemClass:
        qualified = self._roster.able(item.queue, item.needs)
        if not item.preferred:
            return ItemClass(item.kind, qualified, qualified, self._shelves.for_item(item))
        numbers = [number for name in item.preferred if (number := self._roster.number.get(name)) is not None]
        able = qualified & self._roster.bits(numbers)
        return ItemClass(item.kind, qualified, able, self._shelves.for_preferred(numbers))

    def _head(self, found: ItemClass) -> None:
        """Put the class where its first item now belongs on its shelves, or take it off."""
        heap = found.heap
        while heap and self._entries.get(heap[0][2]) is not heap[0]:
            heapq.heappop(heap)
        self._shelves.replace(found, heap[0] if heap else None)


def _in_order(heap: list[Entry]) -> Iterator[Entry]:
    """The heap's entries, least first, without taking them out."""
    if not heap:
        return
    border = [(heap[0], 0)]
    while border:
        at, index = heapq.heappop(border)
        yield at
        for child in (2 * index + 1, 2 * index + 2):
            if child < len(heap):
                heapq.heappush(border, (heap[child], child))
