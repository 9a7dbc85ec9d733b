"""The floor: everybody who serves, everything that waits or is in hand, and what a step has done to them.

The rules (`offers`, `presence`, `ending`, `wrap_up`, `work`, `new_rules`) change it through its few methods, so that whatever
changed is kept, shown and looked at again.
"""

from __future__ import annotations

import copy
from collections import deque
from typing import NamedTuple

import msgspec

from console.routing import eligibility
from console.routing.agent import Agent, Presence, RoutingState
from console.routing.deadlines import Deadline, Deadlines, Lapse
from console.routing.matching import Matching
from console.routing.orders import Order, Problem, Refuse, ShowAgent
from console.routing.queue import MINUTE, NO_RULES, SECOND, AgentProfile, Instant, Queue, Rules, Span, merged
from console.routing.work_item import LIFE, TERMINAL, Assignment, Happening, ItemState, Offer, OfferState, WorkItem

RECALL: Span = 10 * MINUTE
"""How long what has ended is remembered, so that a late word on it gets the right refusal. Older: *unknown*."""

CONNECTION_GRACE: Span = 10 * SECOND
"""How long a lost connection is still a connection: a page reloads, a network hiccups, a node restarts."""

NO_QUEUE = Queue(name="", channel="voice", offer_timeout=0)
"""Stands in for the rules of a queue that is no longer configured, for work already in hand."""


class Meta(msgspec.Struct, frozen=True, kw_only=True):
    """The engine's counters and clock; one row, `routing_meta`."""

    decision: int = 0
    item_seq: int = 0
    idle_seq: int = 0
    offer_seq: int = 0
    now: Instant = 0
    config_version: int = 0


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """Rows as they are after a step (copies), and the counters."""

    meta: Meta
    items: tuple[WorkItem, ...] = ()
    agents: tuple[Agent, ...] = ()
    offers: tuple[Offer, ...] = ()
    assignments: tuple[Assignment, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.items or self.agents or self.offers or self.assignments)


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """All that an engine needs to go on: what is open, what ended within `RECALL`, every agent."""

    meta: Meta
    items: tuple[WorkItem, ...] = ()
    agents: tuple[Agent, ...] = ()
    offers: tuple[Offer, ...] = ()


class Shown(NamedTuple):
    """What others see of an agent."""

    presence: Presence
    reason: str | None
    routing_state: RoutingState


class Floor:
    def __init__(self, matching: Matching) -> None:
        self.matching = matching
        self.rules: Rules = NO_RULES
        self.now: Instant = 0
        self.decision = 0
        self.item_seq = 0
        self.idle_seq = 0
        self.offer_seq = 0
        self.agents: dict[str, Agent] = {}
        self.items: dict[str, WorkItem] = {}
        self.offers: dict[str, Offer] = {}
        self.deadlines = Deadlines()
        self.barred: dict[str, WorkItem] = {}
        """Items that somebody declined too often: they depend on who else is there."""
        self._ended: deque[WorkItem] = deque()
        self._closed: deque[Offer] = deque()
        # Of the step that runs:
        self.orders: list[Order] = []
        self.arrived: dict[str, WorkItem] = {}
        """Became waiting."""
        self.loosened: dict[str, WorkItem] = {}
        """Were waiting, and may have become somebody's."""
        self.touched: dict[str, Shown] = {}
        """Agents that changed, and what was shown of them before."""
        # Since they were last taken:
        self._items: dict[str, WorkItem] = {}
        self._agents: dict[str, Agent] = {}
        self._offers: dict[str, Offer] = {}
        self._assignments: dict[str, Assignment] = {}
        self.changed = False

    # --- a step ------------------------------------------------------------------------------------------------------

    def begin(self, at: Instant) -> None:
        """Time never runs backwards here, whatever the clock did."""
        self.now = max(self.now, at)
        self.orders = []
        self.changed = False
        self.arrived.clear()
        self.loosened.clear()
        self.touched.clear()
        self._forget()

    def order(self, order: Order) -> None:
        self.orders.append(order)

    def refuse(self, problem: Problem) -> None:
        self.orders.append(Refuse(problem=problem))

    def show(self) -> None:
        """Tell what is now seen of each agent who changed, where it differs from what was seen before."""
        for name, before in sorted(self.touched.items()):
            agent = self.agents[name]
            shown = Shown(agent.presence, agent.reason, agent.routing_state)
            if shown == before:
                continue
            if (shown.presence, shown.routing_state) != (before.presence, before.routing_state):
                agent.state_since = self.now
            self.order(
                ShowAgent(agent=name, presence=shown.presence, reason=shown.reason, routing_state=shown.routing_state)
            )

    def take_changes(self) -> Changes:
        """Copies of every row changed since the last time."""
        taken = Changes(
            meta=self.meta(),
            items=tuple(map(copy.copy, self._items.values())),
            agents=tuple(map(copy.copy, self._agents.values())),
            offers=tuple(map(copy.copy, self._offers.values())),
            assignments=tuple(self._assignments.values()),
        )
        self._items.clear()
        self._agents.clear()
        self._offers.clear()
        self._assignments.clear()
        return taken

    def meta(self) -> Meta:
        return Meta(
            decision=self.decision,
            item_seq=self.item_seq,
            idle_seq=self.idle_seq,
            offer_seq=self.offer_seq,
            now=self.now,
            config_version=self.rules.version,
        )

    # --- agents ------------------------------------------------------------------------------------------------------

    def profile(self, agent: Agent) -> AgentProfile | None:
        return self.rules.agents.get(agent.username)

    def touch(self, agent: Agent) -> None:
        """This agent is about to change, or has."""
        name = agent.username
        if name not in self.touched:
            self.touched[name] = Shown(agent.presence, agent.reason, agent.routing_state)
            self._agents[name] = agent
            self.changed = True

    def renew_idle(self, agent: Agent) -> None:
        """Their idleness begins now: they go behind everybody."""
        self.idle_seq += 1
        agent.idle_since = self.now
        agent.idle_seq = self.idle_seq

    def hands(self, agent: Agent) -> eligibility.Hands:
        return eligibility.hands(agent, self.items)

    def seat(self, agent: Agent) -> eligibility.Rooms:
        """Work out what this agent's state allows, and tell the index; answers the kinds they can be offered now."""
        profile = self.rules.agents.get(agent.username)
        holding = eligibility.hands(agent, self.items)
        state = eligibility.routing_state(agent, profile, holding)
        if state is not agent.routing_state:
            self.touch(agent)
            agent.routing_state = state
        willing = profile is not None and eligibility.willing(agent)
        rooms = eligibility.NO_ROOM
        if willing and agent.offer is None and profile is not None:
            rooms = eligibility.rooms(profile, holding)
        if self.matching.seat(agent.username, rooms, agent.idle_seq, willing=willing) and self.barred:
            self.loosened.update(self.barred)
        return rooms

    # --- items and offers --------------------------------------------------------------------------------------------

    def queue(self, item: WorkItem) -> Queue:
        return self.rules.queues.get(item.queue, NO_QUEUE)

    def heir(self, item_id: str) -> WorkItem | None:
        """The item; where it was handed on, the one that waits in its place: news of a call may be older than that."""
        item = self.items.get(item_id)
        while item is not None and item.state is ItemState.TRANSFERRED:
            parent = item.id
            item = next((heir for heir in self.items.values() if heir.parent == parent), None)
        return item

    def keep(self, item: WorkItem) -> None:
        """This item has changed."""
        self._items[item.id] = item
        self.changed = True

    def keep_offer(self, offer: Offer) -> None:
        self._offers[offer.id] = offer
        self.changed = True

    def keep_assignment(self, assignment: Assignment) -> None:
        self._assignments[assignment.offer] = assignment

    def advance(self, item: WorkItem, happening: Happening) -> None:
        """One step of its life; a step that the table does not have is a bug."""
        if item.state is ItemState.WAITING:
            self.arrived.pop(item.id, None)
            self.loosened.pop(item.id, None)
            self.barred.pop(item.id, None)
            self.matching.leave(item)
        item.state = LIFE[item.state][happening]
        self.keep(item)
        if item.state is ItemState.WAITING:
            self.wait(item)
        elif item.state in TERMINAL:
            item.ended_at = self.now
            self._ended.append(item)

    def wait(self, item: WorkItem) -> None:
        """It waits, in the place that it has, by the rules now in force; this step looks for an agent."""
        item.agent = None
        item.offer = None
        item.queue = self.queue_for(item.queue)
        self.apply_rules(item)
        self.arrived[item.id] = item
        if any(map(eligibility.barred, item.holds.values())):
            self.barred[item.id] = item

    def queue_for(self, name: str) -> str:
        """That queue; where it is not configured the fallback; where there is none, still that one: it is listed."""
        fallback = self.rules.fallback_queue
        return fallback if name not in self.rules.queues and fallback in self.rules.queues else name

    def apply_rules(self, item: WorkItem) -> None:
        """Requirement and priority by the rules in force; a queue that is gone leaves them as they are."""
        queue = self.rules.queues.get(item.queue)
        if queue is not None:
            item.needs = merged(queue.requires, item.requires)
            item.priority = queue.priority if item.own_priority is None else item.own_priority

    def close_offer(self, offer: Offer, state: OfferState, reason: str | None) -> None:
        offer.state = state
        offer.closed_at = self.now
        offer.reason = reason
        self.keep_offer(offer)
        self._closed.append(offer)

    # --- memory ------------------------------------------------------------------------------------------------------

    def restore(self, snapshot: Snapshot, rules: Rules) -> None:
        """Become what the rows say."""
        meta = snapshot.meta
        assert rules.version == meta.config_version, "load with the rules that were in force"
        self.rules, self.now, self.decision = rules, meta.now, meta.decision
        self.item_seq, self.idle_seq, self.offer_seq = meta.item_seq, meta.idle_seq, meta.offer_seq
        self.agents = {agent.username: agent for agent in snapshot.agents}
        self.items = {item.id: item for item in snapshot.items}
        self.offers = {offer.id: offer for offer in snapshot.offers}
        self._ended.extend(sorted((i for i in snapshot.items if i.ended_at is not None), key=lambda i: i.ended_at or 0))
        self._closed.extend(
            sorted((o for o in snapshot.offers if o.closed_at is not None), key=lambda o: o.closed_at or 0)
        )
        self._restore_deadlines()
        self.matching.configure(rules)
        for agent in snapshot.agents:
            self.seat(agent)
        for item in snapshot.items:
            if item.state is ItemState.WAITING:
                self.matching.wait(item)
                if any(map(eligibility.barred, item.holds.values())):
                    self.barred[item.id] = item
        self.loosened.clear()

    def _restore_deadlines(self) -> None:
        for agent in self.agents.values():
            if agent.absent_since is not None:
                self.deadlines.add(Deadline(agent.absent_since + CONNECTION_GRACE, Lapse.GRACE, agent.username))
        for item in self.items.values():
            if item.state is ItemState.WRAP_UP and item.wrap_up_until is not None:
                self.deadlines.add(Deadline(item.wrap_up_until, Lapse.WRAP_UP, item.id))
            if item.state not in TERMINAL:
                for name, hold in item.holds.items():
                    if eligibility.paused(hold, self.now):
                        self.deadlines.add(Deadline(hold.until, Lapse.HOLD, item.id, name))
        for offer in self.offers.values():
            if offer.state is OfferState.OPEN:
                self.deadlines.add(Deadline(offer.expires_at, Lapse.OFFER, offer.id))

    def _forget(self) -> None:
        """Let go of what ended too long ago to be spoken of again."""
        oldest = self.now - RECALL
        while self._ended and (self._ended[0].ended_at or 0) < oldest:
            del self.items[self._ended.popleft().id]
        while self._closed and (self._closed[0].closed_at or 0) < oldest:
            del self.offers[self._closed.popleft().id]
