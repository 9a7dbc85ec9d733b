"""A day of a centre in virtual time, by the engine that routes the real one.

Customers and agents are played here: agents accept at once, serve for as long as the customer needs, and take an open
wrap-up for done; customers hang up when their patience ends. Who gets whom the engine alone decides.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from typing import TypeAlias

import msgspec

from console.routing.agent import Presence
from console.routing.engine import Engine
from console.routing.facts import (
    CallEnded,
    ConfigChanged,
    Fact,
    OfferAccepted,
    PresenceSet,
    StreamOpened,
    TimePassed,
    WorkCompleted,
    WorkItemQueued,
    WorkWithdrawn,
    WrapUpFinished,
)
from console.routing.figures import Outcome, Tally
from console.routing.orders import Assign, CloseItem, EndWork, MakeOffer, OpenSuccessor, Order, UpdateWork
from console.routing.queue import Instant, Rules, Span
from console.routing.traffic import Customer, Draws, Stream, customers
from console.routing.work_item import ItemState

START: Instant = 1_767_571_200_000_000
"""When a simulated day begins. Any instant would do, if it is always the same: traffic has no date, and no queue closes."""

NODE = "simulation"
UNTALLIED = -1
"""The stream of an item that stands in for one that was counted already."""
KEPT_MAX = 512
"""Facts after which the engine's changed rows are dropped, which a router would have journalled."""

Event: TypeAlias = tuple[Instant, int, Fact, Customer | None]
"""When, in which order, and what; with a customer only while they still wait."""


class Hands(msgspec.Struct, gc=False):
    """What an agent holds, and for how long they have held anything."""

    held: int = 0
    since: Instant = 0
    busy: Span = 0


class Day:
    """One day. `within` are the targets of the streams, in their order."""

    def __init__(self, rules: Rules, within: Sequence[Span], *, start: Instant, until: Instant) -> None:
        self.engine = Engine()
        self.now = self.start = start
        self.until = until
        """The end of the day: later work counts for customers, and no longer for the agents' occupancy."""
        self.tallies = [Tally() for _ in within]
        self.hands = {name: Hands() for name in rules.agents}
        self._within = within
        self._events: list[Event] = []
        self._numbers = 0
        self._there: dict[str, Customer] = {}
        self._promised: dict[str, Customer] = {}
        """Who left and is to be called back; in the same decision the callback waits in their place."""
        self._step(ConfigChanged(at=start, version=rules.version, rules=rules))

    def everybody_comes(self) -> None:
        """All agents are available from the beginning, idle in the order of the configuration."""
        for name in self.hands:
            self._step(StreamOpened(at=self.start, agent=name, node=NODE))
            self._step(PresenceSet(at=self.start, agent=name, presence=Presence.AVAILABLE))

    def will_happen(self, fact: Fact) -> None:
        """At its own instant."""
        self._push(fact.at, fact)

    def run(self, coming: Iterator[Customer], *, drain: bool) -> None:
        """Until everybody who came has been served; without `drain` to the end of the day."""
        engine, events = self.engine, self._events
        arriving = next(coming, None)
        facts = 0
        while arriving is not None or events or self._there:
            at = events[0][0] if events else None
            arrives = arriving is not None and (at is None or arriving.at < at)
            if arriving is not None and arrives:
                at = arriving.at
            due = engine.next_deadline
            lapses = due is not None and (at is None or due <= at)
            at = due if lapses else at
            if at is None or (at >= self.until and not drain):
                break
            self.now = at
            if lapses:
                self._step(TimePassed(at=at))
            elif arriving is not None and arrives:
                self._arrive(arriving)
                arriving = next(coming, None)
            else:
                _, _, fact, waiting = heapq.heappop(events)
                if waiting is None or (not waiting.assigned and waiting.item in self._there):
                    self._step(fact)
            facts += 1
            if not facts % KEPT_MAX:
                engine.take_changes()
        self._end()

    # --- what happens ------------------------------------------------------------------------------------------------

    def _arrive(self, customer: Customer) -> None:
        self._there[customer.item] = customer
        self._step(
            WorkItemQueued(
                at=customer.at,
                item=customer.item,
                kind=customer.kind,
                queue=customer.queue,
                requires=customer.requires,
                priority=customer.priority,
            )
        )
        if customer.patience is not None and not customer.assigned and customer.item in self._there:
            leaves = WorkWithdrawn if customer.kind == "case" else CallEnded
            at = customer.at + customer.patience
            self._push(at, leaves(at=at, item=customer.item), customer)

    def _push(self, at: Instant, fact: Fact, waiting: Customer | None = None) -> None:
        self._numbers += 1
        heapq.heappush(self._events, (at, self._numbers, fact, waiting))

    def _step(self, fact: Fact) -> None:
        for order in self.engine.step(fact):
            self._hear(order)

    def _hear(self, order: Order) -> None:
        match order:
            case MakeOffer():
                self._step(OfferAccepted(at=self.now, offer=order.offer, agent=order.agent))
            case Assign():
                self._assigned(order)
            case EndWork():
                self._put_down(order.agent)
            case UpdateWork(wrap_up_until=None):
                self._step(WrapUpFinished(at=self.now, item=order.item, agent=order.agent))
            case CloseItem():
                self._closed(order)
            case OpenSuccessor():
                self._there[order.item] = msgspec.structs.replace(
                    self._promised.pop(order.parent), item=order.item, kind=order.kind, stream=UNTALLIED, assigned=False
                )
            case _:
                pass

    def _assigned(self, order: Assign) -> None:
        customer = self._there[order.item]
        customer.assigned = True
        if customer.stream != UNTALLIED:
            self._count(customer, self.now - customer.at, answered=True)
        hands = self.hands[order.agent]
        if not hands.held:
            hands.since = self.now
        hands.held += 1
        ends_at = self.now + customer.handle
        if customer.kind == "case":
            self._push(ends_at, WorkCompleted(at=ends_at, item=order.item, agent=order.agent))
        else:
            self._push(ends_at, CallEnded(at=ends_at, item=order.item))

    def _put_down(self, agent: str) -> None:
        hands = self.hands[agent]
        hands.held -= 1
        if not hands.held:
            hands.busy += max(min(self.now, self.until) - hands.since, 0)

    def _closed(self, order: CloseItem) -> None:
        customer = self._there.pop(order.item)
        if order.overflow == "callback":
            self._promised[order.item] = customer
        if customer.assigned or customer.stream == UNTALLIED:
            return
        tally = self.tallies[customer.stream]
        if order.blocked:
            tally.blocked += 1
            return
        self._count(customer, order.waited, answered=False)
        if order.state is not ItemState.OVERFLOWED:
            tally.abandoned += 1

    def _count(self, customer: Customer, waited: Span, *, answered: bool) -> None:
        tally = self.tallies[customer.stream]
        tally.offered += 1
        tally.waited += waited
        tally.waited_most = max(tally.waited_most, waited)
        tally.had_to_wait += waited > 0 or not answered
        if answered:
            tally.answered += 1
            tally.waited_answered += waited
            tally.in_target += waited <= self._within[customer.stream]

    def _end(self) -> None:
        """Whoever is there still entered, and waited as long as the day lasted."""
        for customer in self._there.values():
            if not customer.assigned and customer.stream != UNTALLIED:
                self._count(customer, self.until - customer.at, answered=False)
        for hands in self.hands.values():
            if hands.held:
                hands.busy += max(self.until - hands.since, 0)


def simulated_day(rules: Rules, streams: Sequence[Stream], draws: Draws, *, lasts: Span, drain: bool = True) -> Outcome:
    """Begins empty, with every agent available."""
    day = Day(rules, [stream.within for stream in streams], start=START, until=START + lasts)
    day.everybody_comes()
    day.run(customers(streams, draws, lasts, START), drain=drain)
    return Outcome(streams=tuple(day.tallies), busy=occupancy(day.hands, lasts))


def occupancy(hands: dict[str, Hands], lasts: Span) -> dict[str, float]:
    """Of each name the share of the day in which its agents had work in hand."""
    names: dict[str, list[Span]] = {}
    for username, one in hands.items():
        names.setdefault(shared_name(username), []).append(one.busy)
    return {name: sum(busy) / (len(busy) * lasts) for name, busy in names.items()}


def shared_name(username: str) -> str:
    """Agents given by number have one name together; see `numbered`."""
    return username.rpartition("#")[0] or username


def numbered(name: str, number: int) -> str:
    """The username of one of the agents given by number: no person's can hold that sign."""
    return f"{name}#{number}"
