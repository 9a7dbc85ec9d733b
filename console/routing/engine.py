"""The engine: facts in, orders out. Deterministic, without a clock, without chance, without anything to wait for.

A step has three parts: what is due by itself happens, then the fact does, and then everyone whose state has changed
is matched with everything that waits, in the order of the items' places. So whatever a step brings together, each
item goes to the agent idle longest, and each agent gets the item with the best place; and after every step no waiting
item has an eligible agent.
"""

from __future__ import annotations

import gc
import heapq
from typing import assert_never

from console.routing import (
    consulting,
    ending,
    handing_on,
    line,
    new_rules,
    offers,
    overflow,
    overflow_rules,
    presence,
    work,
    wrap_up,
)
from console.routing.agent import Agent
from console.routing.deadlines import Deadline, Lapse
from console.routing.facts import (
    CallAnswered,
    CallEnded,
    CaseEscalated,
    ConfigChanged,
    ConnectFailed,
    ConsultAsked,
    ConsultOver,
    Fact,
    NodeGone,
    OfferAccepted,
    OfferDeclined,
    PresenceSet,
    RouterResumed,
    StreamClosed,
    StreamOpened,
    TimePassed,
    WorkAssigned,
    WorkCompleted,
    WorkItemQueued,
    WorkMoved,
    WorkTransferred,
    WorkWithdrawn,
    WrapUpExtended,
    WrapUpFinished,
)
from console.routing.floor import CONNECTION_GRACE, Floor
from console.routing.matching import Choice, Index, Matching
from console.routing.orders import Order
from console.routing.queue import Instant, Rules, next_step_at
from console.routing.rows import Changes, Meta, Snapshot
from console.routing.shelves import Place
from console.routing.work_item import ItemState, OfferState, WorkItem, place


class Engine:
    """One centre's routing. Not to be shared between threads."""

    def __init__(self, matching: Matching | None = None) -> None:
        self.floor = Floor(matching or Index())

    @classmethod
    def load(cls, snapshot: Snapshot, rules: Rules, matching: Matching | None = None) -> Engine:
        """The engine that the rows describe; `rules` are those of `snapshot.meta.config_version`.

        Step `RouterResumed` next. The snapshot's rows become the engine's own.
        """
        engine = cls(matching)
        engine.floor.restore(snapshot, rules)
        return engine

    @property
    def decision(self) -> int:
        """The number of the last decision: a step that changed something, or gave orders."""
        return self.floor.decision

    @property
    def meta(self) -> Meta:
        return self.floor.meta()

    @property
    def rules(self) -> Rules:
        return self.floor.rules

    @property
    def next_deadline(self) -> Instant | None:
        """When `TimePassed` should be stepped at the latest; None: nothing is due by itself."""
        first = self._first_due()
        return first.at if first else None

    def settle(self) -> None:
        """Put everything loaded out of the garbage collector's sight.

        A full collection of a large centre takes a quarter of a second, in the middle of a step. Rows hold no
        cycles, so nothing is lost. The router calls this after loading, with automatic collection switched off,
        and collects (`gc.collect(1)`) when it has nothing else to do.
        """
        gc.collect()
        gc.freeze()

    def take_changes(self) -> Changes:
        """Copies of all rows changed since this was last called. Take them after every step that is journalled."""
        return self.floor.take_changes()

    def step(self, fact: Fact) -> list[Order]:
        """Take one fact in, and return the orders that follow from it.

        A fact older than the last one happens now.
        """
        floor = self.floor
        floor.begin(fact.at)
        if isinstance(fact, RouterResumed):
            # Before anything is called overdue: what ran out while nobody listened is nobody's fault.
            offers.revoke_overdue(floor)
            presence.renew_graces(floor)
        self._lapse(offers_too=isinstance(fact, TimePassed))
        self._happen(fact)
        if floor.changed or floor.loosened or floor.doubtful:
            self._match(isinstance(fact, ConfigChanged))
            floor.show()
        if floor.changed or floor.orders:
            floor.decision += 1
        return floor.orders

    # --- what happens ------------------------------------------------------------------------------------------------

    def _happen(self, fact: Fact) -> None:
        floor = self.floor
        match fact:
            case WorkItemQueued():
                work.queue(floor, fact)
            case CallAnswered(item=item, agent=agent):
                offers.answered(floor, item, agent)
            case CallEnded(item=item):
                work.call_ended(floor, item)
            case ConnectFailed(item=item, agent=agent):
                work.connect_failed(floor, item, agent)
            case OfferAccepted(offer=offer, agent=agent):
                offers.accept(floor, offer, agent)
            case OfferDeclined(offer=offer, agent=agent, reason=reason):
                offers.decline(floor, offer, agent, reason)
            case WorkCompleted(item=item, agent=agent):
                work.complete(floor, item, agent)
            case WrapUpExtended(item=item, agent=agent, by=by):
                wrap_up.extend(floor, item, agent, by)
            case WrapUpFinished(item=item, agent=agent):
                wrap_up.finish(floor, item, agent)
            case WorkTransferred():
                handing_on.transfer(floor, fact)
            case WorkAssigned():
                handing_on.assign(floor, fact)
            case CaseEscalated():
                handing_on.escalate(floor, fact)
            case WorkMoved():
                handing_on.move(floor, fact)
            case ConsultAsked():
                consulting.ask(floor, fact)
            case ConsultOver():
                handing_on.consult_over(floor, fact)
            case WorkWithdrawn(item=item):
                work.withdraw(floor, item)
            case PresenceSet():
                presence.set_presence(floor, fact)
            case StreamOpened(agent=agent, node=node):
                presence.open_stream(floor, agent, node)
            case StreamClosed(agent=agent, node=node):
                presence.close_stream(floor, agent, node)
            case NodeGone(node=node):
                presence.lose_node(floor, node)
            case ConfigChanged(rules=rules):
                assert rules is not None, "the router fills them in from the version"
                new_rules.take_up(floor, rules)
            case RouterResumed() | TimePassed():
                pass
            case _:
                assert_never(fact)

    def _lapse(self, *, offers_too: bool) -> None:
        """Everything due happens. An offer due this instant waits for the time itself: an answer may still come."""
        floor = self.floor
        while (due := floor.deadlines.first()) is not None and due.at <= floor.now:
            if due.at == floor.now and due.lapse is Lapse.OFFER and not offers_too:
                return
            floor.deadlines.pop()
            if self._stands(due):
                self._due(due)

    def _due(self, due: Deadline) -> None:
        floor = self.floor
        match due.lapse:
            case Lapse.GRACE:
                presence.grace_over(floor, floor.agents[due.subject])
            case Lapse.WRAP_UP:
                ending.finish(floor, floor.items[due.subject])
            case Lapse.HOLD:
                floor.loosened[due.subject] = floor.items[due.subject]
            case Lapse.RELAX:
                self._relax(floor.items[due.subject])
            case Lapse.PREFERENCE:
                line.prefer(floor, floor.items[due.subject], [])
            case Lapse.OVERFLOW:
                floor.doubtful[due.subject] = floor.items[due.subject]
                line.watch_overflow(floor, floor.items[due.subject])
            case Lapse.OFFER:
                offers.time_out(floor, floor.offers[due.subject])

    def _relax(self, item: WorkItem) -> None:
        """Less is needed from now on: somebody may be able to take it who was not before."""
        floor = self.floor
        line.apply_rules(floor, item)
        floor.keep(item)
        floor.loosened[item.id] = item
        line.watch(floor, item)

    def _stands(self, due: Deadline) -> bool:
        """Whether what was to run out then is still there, and still runs out then."""
        floor = self.floor
        match due.lapse:
            case Lapse.GRACE:
                absent_since = floor.agents[due.subject].absent_since
                return absent_since is not None and absent_since + CONNECTION_GRACE == due.at
            case Lapse.OFFER:
                offer = floor.offers.get(due.subject)
                return offer is not None and offer.state is OfferState.OPEN
            case Lapse.WRAP_UP:
                item = floor.items.get(due.subject)
                return item is not None and item.state is ItemState.WRAP_UP and item.wrap_up_until == due.at
        item = floor.items.get(due.subject)
        return item is not None and item.state is ItemState.WAITING and self._still(due, item)

    def _still(self, due: Deadline, item: WorkItem) -> bool:
        queue = self.floor.queue(item)
        if due.lapse is Lapse.HOLD:
            hold = item.holds.get(due.agent)
            return hold is not None and hold.until == due.at
        if due.lapse is Lapse.RELAX:
            return next_step_at(queue, item.waiting_since, item.relaxed) == due.at
        if due.lapse is Lapse.PREFERENCE:
            return item.prefer_until == due.at
        return overflow_rules.acts_at(item, queue, self.floor.rules, due.at)

    def _first_due(self) -> Deadline | None:
        deadlines = self.floor.deadlines
        while (first := deadlines.first()) is not None and not self._stands(first):
            deadlines.pop()
        return first

    # --- who gets what -----------------------------------------------------------------------------------------------

    def _match(self, everybody: bool) -> None:
        """Match what has changed in this step with all the rest.

        Before the step no waiting item had an eligible agent, so a pair can only come of an item or an agent that
        changed. Items are taken in the order of their places, each by the eligible agent idle longest.
        """
        floor = self.floor
        seekers = self._seat(everybody)
        if floor.doubtful:
            overflow.settle(floor)
        if floor.loosened or len(seekers) + len(floor.arrived) > 1:
            self._place(seekers)
        elif seekers:
            self._feed(seekers[0])
        else:
            for item in tuple(floor.arrived.values()):
                self._try_item(item)
        while floor.entered and overflow.turn_away(floor):
            self._place([])

    def _place(self, seekers: list[Agent]) -> None:
        """Everything that arrived or was loosened, and everyone with room, as their places come."""
        floor = self.floor
        hopes: list[tuple[Place, str, WorkItem]] = []
        for item in (floor.loosened | floor.arrived).values():
            floor.matching.leave(item)
            hopes.append((place(item), "", item))
        for agent in seekers:
            self._hope(hopes, agent.username)
        heapq.heapify(hopes)
        while hopes:
            _, name, item = heapq.heappop(hopes)
            if name:
                self._try_agent(hopes, name, item)
            else:
                self._try_item(item)

    def _seat(self, everybody: bool) -> list[Agent]:
        """Work out what each changed agent's state allows; answers those with room."""
        floor = self.floor
        names = floor.agents if everybody else floor.touched
        return [agent for agent in map(floor.agents.__getitem__, names) if floor.seat(agent) and agent.offer is None]

    def _feed(self, agent: Agent) -> None:
        """One agent got room, and nothing else happened: the best item they may take had no other agent."""
        item = self.floor.matching.item_for(agent.username, self.floor.now)
        if item is not None:
            offers.make(self.floor, item, Choice(agent.username, 1), "longest_waiting")

    def _hope(self, hopes: list[tuple[Place, str, WorkItem]], name: str) -> None:
        item = self.floor.matching.item_for(name, self.floor.now)
        if item is not None:
            hopes.append((place(item), name, item))

    def _try_item(self, item: WorkItem) -> None:
        floor = self.floor
        choice = floor.matching.agent_for(item, floor.now)
        if choice is None and item.prefer_until == floor.now:
            # None of its preferred is free this moment, and a moment is all it waits for them.
            line.prefer(floor, item, [])
            choice = floor.matching.agent_for(item, floor.now)
        if choice is None:
            floor.matching.wait(item)
        else:
            offers.make(floor, item, choice, "longest_idle" if item.id in floor.arrived else "longest_waiting")

    def _try_agent(self, hopes: list[tuple[Place, str, WorkItem]], name: str, item: WorkItem) -> None:
        """The item goes to the eligible agent idle longest, who may be another; then this one hopes on."""
        floor = self.floor
        if item.state is ItemState.WAITING:
            choice = floor.matching.agent_for(item, floor.now)
            if choice is not None:
                offers.make(floor, item, choice, "longest_waiting")
                if choice.agent == name:
                    return
        item_next = floor.matching.item_for(name, floor.now)
        if item_next is not None:
            heapq.heappush(hopes, (place(item_next), name, item_next))
