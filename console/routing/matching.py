"""The index: who of ten thousand takes this item, and which of a hundred thousand items this agent takes.

Both questions have exact answers (the idle longest; the best place), and both are asked at every step, so neither
may look at everybody. Three structures answer them:

- **bitsets over agents** (Python integers, a bit an agent): who is able to take a class of items, by configuration
  alone, and who has room for a kind of work now. Their intersection is *everyone eligible*, in a microsecond.
- **the idle line**: all agents with room, longest idle first. Where many are eligible one of them is met soon; where
  few are, the line is not walked but they are compared.
- **classes of items** (queue, kind, needs), each a heap by place; the classes with something waiting stand on
  **shelves**, best head first, by queue and the (two) rarest skills needed, so that an agent looks only at shelves
  they may reach. Who serves very many queues looks along **aisles** instead: the same, of all queues together.

Deletion is lazy everywhere: what is stale is met later, seen to be stale, and dropped.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left, insort
from collections.abc import Iterator
from itertools import chain, combinations
from typing import NamedTuple, Protocol, TypeAlias

from console.routing.eligibility import NO_ROOM, Rooms, barred, paused
from console.routing.queue import AgentProfile, Instant, Kind, Requirement, Rules
from console.routing.work_item import WorkItem, place

FEW = 32
"""So many eligible agents are compared one by one; of more, one is met soon when the idle line is walked."""
WALK_MAX = 64
"""Agents with room met on the line without a hit, after which all eligible ones are compared after all."""
ROAMER_QUEUES = 16
"""Who serves more queues than this looks along aisles, not shelf by shelf."""
CLASSES_MAX = 50_000
"""Classes remembered; requirements come from outside, and their combinations must not fill the memory."""

Bits: TypeAlias = int
Anchor: TypeAlias = tuple[str, ...]
"""The two rarest skills needed (or one, or none): whoever has not both need not look here."""
Place: TypeAlias = tuple[int, Instant, int]
Entry: TypeAlias = "tuple[int, Instant, int, _Class]"
"""A class by the place of its first item. Places differ in their last number, so classes are never compared."""


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

    def wait(self, item: WorkItem) -> None: ...

    def leave(self, item: WorkItem) -> None:
        """It waits no more; nothing happens where it did not."""
        ...

    def agent_for(self, item: WorkItem, now: Instant) -> Choice | None:
        """Of all eligible agents the one idle longest."""
        ...

    def item_for(self, name: str, now: Instant) -> WorkItem | None:
        """Of all waiting items this agent is eligible for the one with the best place."""
        ...


class _Shelf:
    """The classes of one anchor, and of one queue or all, in which something waits, best first."""

    __slots__ = ("anchor", "entries")

    def __init__(self, anchor: Anchor) -> None:
        self.anchor = anchor
        self.entries: list[Entry] = []


class _Class:
    """All waiting items that the same agents may take."""

    __slots__ = ("able", "entry", "heap", "kind", "shelves", "waiting")

    def __init__(self, kind: Kind, able: Bits, shelves: list[_Shelf]) -> None:
        self.kind = kind
        self.able = able
        self.shelves = shelves
        self.heap: list[Place] = []
        self.waiting = 0
        self.entry: Entry | None = None


class _Roster:
    """What a configuration says of its agents, turned round: who has a skill, who serves a queue."""

    def __init__(self, rules: Rules) -> None:
        self.names = sorted(rules.agents)
        self.number = {name: number for number, name in enumerate(self.names)}
        self.bit: list[Bits] = [1 << number for number in range(len(self.names))]
        self.profiles: list[AgentProfile] = [rules.agents[name] for name in self.names]
        self.roams = [
            (len(p.queues) if p.queues is not None else len(rules.queues)) > ROAMER_QUEUES for p in self.profiles
        ]
        skilled: dict[str, list[tuple[int, int]]] = {}
        serving: dict[str, list[int]] = {queue: [] for queue in rules.queues}
        for number, profile in enumerate(self.profiles):
            for skill, level in profile.skills.items():
                skilled.setdefault(skill, []).append((level, number))
            for queue in rules.queues if profile.queues is None else sorted(profile.queues):
                if queue in serving:
                    serving[queue].append(number)
        self.serving = {queue: self._bits(numbers) for queue, numbers in serving.items()}
        self.skilled = {
            skill: [self._bits([number for has, number in held if has >= level]) for level in range(11)]
            for skill, held in skilled.items()
        }
        self.rarity = {skill: len(held) for skill, held in skilled.items()}

    def able(self, queue: str, needs: Requirement) -> Bits:
        """Everyone who serves the queue and has all that is needed."""
        found = self.serving.get(queue, 0)
        for skill, level in needs.items():
            levels = self.skilled.get(skill)
            found &= levels[level] if levels and level < len(levels) else 0
        return found

    def rarest_first(self, skills: Requirement) -> list[str]:
        return sorted(skills, key=lambda skill: (self.rarity.get(skill, 0), skill))

    def _bits(self, numbers: list[int]) -> Bits:
        """One integer at a time would copy it for every agent."""
        room = bytearray(len(self.names) // 8 + 1)
        for number in numbers:
            room[number >> 3] |= 1 << (number & 7)
        return int.from_bytes(room, "little")


class Index:
    """The one implementation for work; the tests and the bench have a plain scan to hold against it."""

    def __init__(self) -> None:
        self.configure(Rules(version=0, queues={}, agents={}))

    def configure(self, rules: Rules) -> None:
        self._roster = _Roster(rules)
        count = len(self._roster.names)
        self._open: dict[Kind, Bits] = {"voice": 0, "case": 0, "callback": 0}
        self._willing: Bits = 0
        self._rooms: list[Rooms] = [NO_ROOM] * count
        self._idle: list[int] = [0] * count
        self._line = _IdleLine(self._rooms)
        self._classes: dict[tuple[str, Kind, tuple[tuple[str, int], ...]], _Class] = {}
        self._class_of: dict[int, _Class] = {}
        self._waiting: dict[int, WorkItem] = {}
        self._shelves: dict[str, dict[Anchor, _Shelf]] = {queue: {} for queue in rules.queues}
        self._aisles: dict[Anchor, _Shelf] | None = {} if any(self._roster.roams) else None
        self._reaches: dict[int, tuple[int, list[_Shelf]]] = {}
        self._shelf_count = 0

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
        self._class_of[seq] = found
        at = place(item)
        heapq.heappush(found.heap, at)
        found.waiting += 1
        if found.entry is None or at < found.entry[:3]:
            self._head(found)

    def leave(self, item: WorkItem) -> None:
        found = self._class_of.pop(item.seq, None)
        if found is None:
            return
        del self._waiting[item.seq]
        found.waiting -= 1
        if found.entry is not None and found.entry[2] == item.seq:
            self._head(found)
        if len(found.heap) > 4 * found.waiting + 16:
            found.heap = [at for at in set(found.heap) if self._class_of.get(at[2]) is found]
            heapq.heapify(found.heap)

    def item_for(self, name: str, now: Instant) -> WorkItem | None:
        number = self._roster.number.get(name)
        if number is None or not self._waiting or not self._rooms[number]:
            return None
        best: Place | None = None
        for shelf in self._reach(number):
            if shelf.entries:
                best = self._best_on(shelf.entries, number, best, now)
        return self._waiting[best[2]] if best else None

    def _best_on(self, entries: list[Entry], number: int, best: Place | None, now: Instant) -> Place | None:
        """The best place this agent may take here, or `best` where that is better.

        `entries` are sorted, so the first that fits is the best, but where its head is held back from this agent.
        """
        rooms = self._rooms[number]
        for entry in entries:
            if best is not None and entry[:3] >= best:
                break
            found = entry[3]
            if found.kind not in rooms or not found.able >> number & 1:
                continue
            if not self._waiting[entry[2]].holds:
                return entry[:3]
            free = self._first_free(found, number, now)
            if free is not None and (best is None or free < best):
                best = free
        return best

    def _first_free(self, found: _Class, number: int, now: Instant) -> Place | None:
        """The class's best item that is not held back from this agent."""
        bit = self._roster.bit[number]
        for at in _in_order(found.heap):
            if self._class_of.get(at[2]) is found:
                item = self._waiting[at[2]]
                if not item.holds or self._without_held(bit, found.able, item, now):
                    return at
        return None

    def _class_for(self, item: WorkItem) -> _Class:
        key = (item.queue, item.kind, tuple(sorted(item.needs.items())))
        found = self._classes.get(key)
        if found is None:
            if len(self._classes) >= CLASSES_MAX:
                self._classes = {k: c for k, c in self._classes.items() if c.waiting}
            able = self._roster.able(item.queue, item.needs)
            found = self._classes[key] = _Class(item.kind, able, self._shelves_for(item))
        return found

    def _shelves_for(self, item: WorkItem) -> list[_Shelf]:
        anchor = tuple(self._roster.rarest_first(item.needs)[:2])
        return [
            self._shelf(shelves, anchor)
            for shelves in (self._shelves.get(item.queue), self._aisles)
            if shelves is not None
        ]

    def _shelf(self, shelves: dict[Anchor, _Shelf], anchor: Anchor) -> _Shelf:
        found = shelves.get(anchor)
        if found is None:
            found = shelves[anchor] = _Shelf(anchor)
            self._shelf_count += 1
        return found

    def _head(self, found: _Class) -> None:
        """Put the class where its first item now belongs on its shelves, or take it off."""
        if found.entry is not None:
            for shelf in found.shelves:
                del shelf.entries[bisect_left(shelf.entries, found.entry)]
        heap = found.heap
        while heap and self._class_of.get(heap[0][2]) is not found:
            heapq.heappop(heap)
        found.entry = (*heap[0], found) if heap else None
        if found.entry is not None:
            for shelf in found.shelves:
                insort(shelf.entries, found.entry)

    def _reach(self, number: int) -> list[_Shelf]:
        """The shelves this agent may find something on; worked out again when a shelf was added."""
        known = self._reaches.get(number)
        if known is not None and known[0] == self._shelf_count:
            return known[1]
        profile = self._roster.profiles[number]
        reach: list[_Shelf] = []
        if self._roster.roams[number] and self._aisles is not None:
            reach = _reachable(self._aisles, self._roster.rarest_first(profile.skills))
        else:
            skills = self._roster.rarest_first(profile.skills)
            for queue in sorted(self._shelves if profile.queues is None else profile.queues):
                reach += _reachable(self._shelves.get(queue, {}), skills)
        self._reaches[number] = (self._shelf_count, reach)
        return reach


def _reachable(shelves: dict[Anchor, _Shelf], skills: list[str]) -> list[_Shelf]:
    """Those whose anchor is among the skills (rarest first): by way of the fewer, the shelves or the pairs of skills."""
    if len(shelves) <= len(skills) * (len(skills) + 1) // 2:
        has = frozenset(skills)
        return [shelf for anchor, shelf in shelves.items() if has.issuperset(anchor)]
    anchors = chain([()], combinations(skills, 1), combinations(skills, 2))
    return [shelves[anchor] for anchor in anchors if anchor in shelves]


class _IdleLine:
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


def _in_order(heap: list[Place]) -> Iterator[Place]:
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
