"""The floor: everybody who serves, everything that waits or is in hand, and what a step has done to them.

The rules (a file each: see the sign of this room) change it through its few methods, so that whatever
changed is kept, shown and looked at again.
"""

from __future__ import annotations

import copy
from collections import Counter, deque
from typing import TypeAlias

from console.routing import eligibility, line
from console.routing.agent import Agent, Presence, RoutingState
from console.routing.deadlines import Deadline, Deadlines, Lapse
from console.routing.matching import Matching
from console.routing.orders import Order, Problem, Refuse, ShowAgent
from console.routing.queue import (
    MINUTE,
    NO_QUEUE,
    NO_RULES,
    SECOND,
    AgentProfile,
    Instant,
    Queue,
    Rules,
    Span,
    age_base,
)
from console.routing.rows import Changes, Meta, Snapshot
from console.routing.work_item import LIFE, TERMINAL, Assignment, Happening, ItemState, Offer, OfferState, WorkItem

RECALL: Span = 10 * MINUTE
"""How long what has ended is remembered, so that a late word on it gets the right refusal. Older: *unknown*."""

CONNECTION_GRACE: Span = 10 * SECOND
"""How long a lost connection is still a connection: a page reloads, a network hiccups, a node restarts."""


Shown: TypeAlias = tuple[Presence, str | None, RoutingState]
"""What others see of an agent: presence, its reason, routing state."""


class Floor:
    def __init__(self, matching: Matching) -> None:
        self.matching = matching
        self.rules: Rules = NO_RULES
        self.age_base = 0
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
        self.awaiting: dict[str, dict[str, WorkItem]] = {}
        """By agent the waiting items that nobody but the preferred is asked for."""
        self.lengths: Counter[str] = Counter()
        """How many items wait in each queue."""
        self.signed_in: set[str] = set()
        self.heirs: dict[str, str] = {}
        """Of an item that was handed on, the one in its place."""
        self._ended: deque[WorkItem] = deque()
        self._closed: deque[Offer] = deque()
        # Of the step that runs:
        self.orders: list[Order] = []
        self.arrived: dict[str, WorkItem] = {}
        """Became waiting."""
        self.loosened: dict[str, WorkItem] = {}
        """Were waiting, and may have become somebody's."""
        self.doubtful: dict[str, WorkItem] = {}
        """Wait, and their queue may have to send them on."""
        self.entered: dict[str, WorkItem] = {}
        """Wait, and came into a queue that has an overflow."""
        self.came: set[str] = set()
        """Came into routing."""
        self.touched: dict[str, Shown] = {}
        """Agents that changed, and what was shown of them before."""
        # Since they were last taken:
        self._items: dict[str, WorkItem] = {}
        self._agents: dict[str, Agent] = {}
        self._offers: dict[str, Offer] = {}
        self._assignments: dict[tuple[str, int], Assignment] = {}
        self.changed = False

    # --- a step ------------------------------------------------------------------------------------------------------

    def begin(self, at: Instant) -> None:
        """Time never runs backwards here, whatever the clock did."""
        self.now = max(self.now, at)
        self.orders = []
        self.changed = False
        self.arrived.clear()
        self.loosened.clear()
        self.doubtful.clear()
        self.entered.clear()
        self.came.clear()
        self.touched.clear()
        self._forget()

    def obey(self, rules: Rules) -> None:
        """These rules are in force."""
        self.rules = rules
        self.age_base = age_base(rules)

    def order(self, order: Order) -> None:
        self.orders.append(order)

    def refuse(self, problem: Problem) -> None:
        self.orders.append(Refuse(problem=problem))

    def show(self) -> None:
        """Tell what is now seen of each agent who changed, where it differs from what was seen before."""
        for name, before in sorted(self.touched.items()):
            agent = self.agents[name]
            presence, reason, state = before
            if agent.presence is not presence or agent.routing_state is not state:
                agent.state_since = self.now
            elif agent.reason == reason:
                continue
            self.order(
                ShowAgent(agent=name, presence=agent.presence, reason=agent.reason, routing_state=agent.routing_state)
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
            self.touched[name] = (agent.presence, agent.reason, agent.routing_state)
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
        if not willing and agent.username in self.awaiting:
            for item in list(self.awaiting[agent.username].values()):
                line.prefer(self, item, [name for name in item.preferred if name != agent.username])
        signed_in = willing or eligibility.signed_in(agent)
        if signed_in != (agent.username in self.signed_in):
            self._sign(agent.username, present=signed_in)
        return rooms

    def _sign(self, name: str, *, present: bool) -> None:
        self.matching.sign(name, present=present)
        if present:
            self.signed_in.add(name)
        else:
            self.signed_in.discard(name)
            self.doubtful.update((item.id, item) for item in self.matching.stranded(name))

    # --- items and offers --------------------------------------------------------------------------------------------

    def queue(self, item: WorkItem) -> Queue:
        return self.rules.queues.get(item.queue, NO_QUEUE)

    def heir(self, item_id: str) -> WorkItem | None:
        """The item; where it was handed on, the one that waits in its place: news of a call may be older than that."""
        item = self.items.get(item_id)
        while item is not None and (heir := self.heirs.get(item.id)) and item.state is ItemState.TRANSFERRED:
            item = self.items[heir]
        return item

    def keep(self, item: WorkItem) -> None:
        """This item has changed."""
        self._items[item.id] = item
        self.changed = True

    def keep_offer(self, offer: Offer) -> None:
        self._offers[offer.id] = offer
        self.changed = True

    def keep_assignment(self, assignment: Assignment) -> None:
        self._assignments[assignment.item, assignment.nth] = assignment

    def advance(self, item: WorkItem, happening: Happening) -> None:
        """One step of its life; a step that the table does not have is a bug."""
        if item.state is ItemState.WAITING:
            line.leave(self, item)
        item.state = LIFE[item.state][happening]
        self.keep(item)
        if item.state is ItemState.WAITING:
            line.wait(self, item)
        elif item.state in TERMINAL:
            item.ended_at = self.now
            self._ended.append(item)

    def know(self, item: WorkItem) -> None:
        """An item that is new."""
        self.items[item.id] = item
        if item.parent is not None:
            self.heirs[item.parent] = item.id
        self.keep(item)

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
        self.obey(rules)
        self.now, self.decision = meta.now, meta.decision
        self.item_seq, self.idle_seq, self.offer_seq = meta.item_seq, meta.idle_seq, meta.offer_seq
        self.agents = {agent.username: agent for agent in snapshot.agents}
        self.items = {item.id: item for item in snapshot.items}
        self.heirs = {item.parent: item.id for item in snapshot.items if item.parent is not None}
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
                line.stand(self, item)
                self.matching.wait(item)
        self.loosened.clear()

    def _restore_deadlines(self) -> None:
        for agent in self.agents.values():
            if agent.absent_since is not None:
                self.deadlines.add(Deadline(agent.absent_since + CONNECTION_GRACE, Lapse.GRACE, agent.username))
        for item in self.items.values():
            if item.state is ItemState.WRAP_UP and item.wrap_up_until is not None:
                self.deadlines.add(Deadline(item.wrap_up_until, Lapse.WRAP_UP, item.id))
        for offer in self.offers.values():
            if offer.state is OfferState.OPEN:
                self.deadlines.add(Deadline(offer.expires_at, Lapse.OFFER, offer.id))

    def _forget(self) -> None:
        """Let go of what ended too long ago to be spoken of again."""
        oldest = self.now - RECALL
        while self._ended and (self._ended[0].ended_at or 0) < oldest:
            ended = self._ended.popleft()
            del self.items[ended.id]
            self.heirs.pop(ended.id, None)
        while self._closed and (self._closed[0].closed_at or 0) < oldest:
            del self.offers[self._closed.popleft().id]
