"""A plain scan behind the engine's own interface: the floor that the index is measured against.

It is a fair one: waiting items are kept sorted, and the search among them stops at the first that fits.
"""

from bisect import bisect_left, insort

from console.routing.eligibility import NO_ROOM, Rooms, barred, paused, qualifies
from console.routing.matching import Choice
from console.routing.queue import NO_RULES, AgentProfile, Instant, Rules
from console.routing.shelves import Place
from console.routing.work_item import WorkItem, place


class Seat:
    __slots__ = ("idle_seq", "name", "present", "profile", "rooms", "willing")

    def __init__(self, name: str, profile: AgentProfile) -> None:
        self.name = name
        self.profile = profile
        self.rooms: Rooms = NO_ROOM
        self.idle_seq = 0
        self.willing = False
        self.present = False


class Scan:
    """Implements `console.routing.matching.Matching`."""

    def __init__(self) -> None:
        self.configure(NO_RULES)

    def configure(self, rules: Rules) -> None:
        self.rules = rules
        self.seats = {name: Seat(name, profile) for name, profile in sorted(rules.agents.items())}
        self.places: list[Place] = []
        self.waiting: dict[int, WorkItem] = {}

    def seat(self, name: str, rooms: Rooms, idle_seq: int, *, willing: bool) -> bool:
        seat = self.seats.get(name)
        if seat is None:
            return False
        news = seat.willing != willing
        seat.rooms, seat.idle_seq, seat.willing = rooms, idle_seq, willing
        return news

    def sign(self, name: str, *, present: bool) -> None:
        if name in self.seats:
            self.seats[name].present = present

    def nobody(self, item: WorkItem) -> bool:
        return not any(seat.present and qualifies(seat.profile, item, self.rules) for seat in self.seats.values())

    def stranded(self, name: str) -> list[WorkItem]:
        sends_on = {queue.name for queue in self.rules.queues.values() if any(o.unqualified for o in queue.overflow)}
        return [item for item in self.waiting.values() if item.queue in sends_on and self.nobody(item)]

    def wait(self, item: WorkItem) -> None:
        insort(self.places, place(item))
        self.waiting[item.seq] = item

    def leave(self, item: WorkItem) -> None:
        if self.waiting.pop(item.seq, None) is not None:
            del self.places[bisect_left(self.places, place(item))]

    def agent_for(self, item: WorkItem, now: Instant) -> Choice | None:
        best = None
        candidates = 0
        for seat in self.seats.values():
            if item.kind in seat.rooms and self._fits(seat, item, now):
                candidates += 1
                if best is None or seat.idle_seq < best.idle_seq:
                    best = seat
        return Choice(best.name, candidates) if best else None

    def item_for(self, name: str, now: Instant) -> WorkItem | None:
        seat = self.seats.get(name)
        if seat is None or not seat.rooms:
            return None
        for at in self.places:
            item = self.waiting[at[2]]
            if item.kind in seat.rooms and self._fits(seat, item, now):
                return item
        return None

    def _fits(self, seat: Seat, item: WorkItem, now: Instant) -> bool:
        if item.preferred and seat.name not in item.preferred:
            return False
        return qualifies(seat.profile, item, self.rules) and not (item.holds and self._held(seat, item, now))

    def _held(self, seat: Seat, item: WorkItem, now: Instant) -> bool:
        hold = item.holds.get(seat.name)
        if hold is None:
            return False
        return paused(hold, now) or (
            barred(hold) and any(self._would_take(other, item) for other in self.seats.values())
        )

    def _would_take(self, seat: Seat, item: WorkItem) -> bool:
        hold = item.holds.get(seat.name)
        return seat.willing and not (hold and barred(hold)) and qualifies(seat.profile, item, self.rules)
