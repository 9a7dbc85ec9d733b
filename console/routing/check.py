"""The guarantees 1 to 7, proven over the journal: every decision is looked at with the rows as they were then.

For each decision the state before matching is put together again (the rows after it, with its offers taken back),
and each offer is held against what the index would choose; afterwards nothing may be left to match. The index is
the engine's own, which tests hold against a plain scan; everything else here is worked out from the rows alone.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, TypeAlias

import msgspec

from console.routing import eligibility
from console.routing.agent import Agent
from console.routing.eligibility import NO_ROOM, Hands, Rooms
from console.routing.journal import Journalled
from console.routing.matching import Index
from console.routing.queue import (
    NO_RULES,
    Instant,
    Queue,
    Rules,
    age_base,
    in_force,
    next_step_at,
    standing,
    steps_taken,
)
from console.routing.rows import Snapshot
from console.routing.work_item import TERMINAL, ItemState, Offer, OfferState, WorkItem, place

Code: TypeAlias = Literal[
    "two_owners",
    "owner_unclear",
    "two_offers_of_item",
    "two_offers_to_agent",
    "over_capacity",
    "no_room",
    "not_qualified",
    "requirement_wrong",
    "not_routable",
    "held_back",
    "left_waiting",
    "better_item",
    "idle_longer",
    "waits_for_nobody",
    "not_relaxed",
    "ended_twice",
    "lost_place",
]


class Violation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One guarantee that a decision broke, and with whom."""

    guarantee: int
    decision: int
    code: Code
    item: str | None = None
    agent: str | None = None
    other: str | None = None
    """The item or agent that should have been, or the second of two."""


def check(
    journal: Iterable[Journalled], rules: Mapping[int, Rules], baseline: Snapshot | None = None
) -> Iterator[Violation]:
    """All violations, in the order of decisions; `rules` by configuration version, `baseline` the rows before."""
    checker = Checker(rules, baseline)
    for decision in journal:
        yield from checker.feed(decision)


class Checker:
    """Fed one decision after the other, it says what each broke."""

    def __init__(self, rules: Mapping[int, Rules], baseline: Snapshot | None = None) -> None:
        self._versions = rules
        self._rules = NO_RULES
        self._base = 0
        self._index = Index()
        self._at: Instant = 0
        self._decision = 0
        self._found: list[Violation] = []
        self._items: dict[str, WorkItem] = {}
        self._agents: dict[str, Agent] = {}
        self._ended: set[str] = set()
        self._held: dict[str, WorkItem] = {}
        """Waiting items with holds: time or other people's coming and going may free them."""
        self._due: list[tuple[Instant, str]] = []
        """When time opens a waiting item to more agents."""
        self._owners: dict[str, set[str]] = {}
        self._open_of_item: dict[str, set[str]] = {}
        self._open_of_agent: dict[str, set[str]] = {}
        if baseline is not None:
            self._begin(baseline)

    def feed(self, decision: Journalled) -> list[Violation]:
        """What this decision broke; nothing, where all is well."""
        self._found = []
        self._decision, self._at = decision.number, decision.at
        before = {agent.username: self._agents.get(agent.username) for agent in decision.agents}
        new_rules = decision.config_version != self._rules.version
        if new_rules:
            self._obey(self._versions[decision.config_version])
        self._lives(decision.items)
        self._take(decision)
        self._one_owner(decision, before)
        self._capacity(decision, before)
        made = [offer for offer in decision.offers if offer.why.decision == decision.number]
        made.sort(key=lambda offer: offer.id)
        self._before_matching(decision, made, new_rules=new_rules)
        for offer in made:
            self._offer(offer)
        self._nothing_left(decision, new_rules=new_rules)
        self._forget(decision.items)
        return self._found

    def _broke(
        self, guarantee: int, code: Code, *, item: str | None = None, agent: str | None = None, other: str | None = None
    ) -> None:
        self._found.append(
            Violation(guarantee=guarantee, decision=self._decision, code=code, item=item, agent=agent, other=other)
        )

    # --- 7: lives and places -----------------------------------------------------------------------------------------

    def _lives(self, items: Iterable[WorkItem]) -> None:
        for item in items:
            if item.id in self._ended:
                self._broke(7, "ended_twice", item=item.id)
            before = self._items.get(item.id)
            moved = before is not None and (before.waiting_since, before.seq) != (item.waiting_since, item.seq)
            if moved or not self._in_place(item):
                self._broke(7, "lost_place", item=item.id)

    def _in_place(self, item: WorkItem) -> bool:
        """Whether it stands where its priority and waiting time put it."""
        queue = self._rules.queues.get(item.queue)
        if queue is None or item.state not in (ItemState.WAITING, ItemState.OFFERED):
            return True
        return (item.rank, item.turn) == standing(queue, self._base, item.priority, item.waiting_since, item.due)

    # --- 1 and 2: owners and capacity --------------------------------------------------------------------------------

    def _one_owner(self, decision: Journalled, before: Mapping[str, Agent | None]) -> None:
        for agent in decision.agents:
            was = before[agent.username]
            for held in was.work if was else ():
                self._owners.get(held, set()).discard(agent.username)
            for held in agent.work:
                self._owners.setdefault(held, set()).add(agent.username)
        for agent in decision.agents:
            for held in agent.work:
                others = self._owners[held] - {agent.username}
                if others:
                    self._broke(1, "two_owners", item=held, agent=agent.username, other=min(others))
        for item in decision.items:
            in_hand = item.state in (ItemState.ASSIGNED, ItemState.WRAP_UP)
            owners = self._owners.get(item.id, set())
            if in_hand != bool(owners) or (in_hand and item.agent not in owners):
                self._broke(1, "owner_unclear", item=item.id, agent=item.agent)
        self._one_offer(decision)

    def _one_offer(self, decision: Journalled) -> None:
        for offer in decision.offers:
            for open_offers in (self._open_of_item.get(offer.item), self._open_of_agent.get(offer.agent)):
                if open_offers is not None and offer.state is not OfferState.OPEN:
                    open_offers.discard(offer.id)
        for offer in decision.offers:
            if offer.state is OfferState.OPEN:
                self._rings(offer)

    def _rings(self, offer: Offer) -> None:
        of_item = self._open_of_item.setdefault(offer.item, set())
        of_agent = self._open_of_agent.setdefault(offer.agent, set())
        of_item.add(offer.id)
        of_agent.add(offer.id)
        if len(of_item) > 1:
            other = min(of_item - {offer.id})
            self._broke(1, "two_offers_of_item", item=offer.item, agent=offer.agent, other=other)
        if len(of_agent) > 1:
            other = min(of_agent - {offer.id})
            self._broke(1, "two_offers_to_agent", item=offer.item, agent=offer.agent, other=other)

    def _capacity(self, decision: Journalled, before: Mapping[str, Agent | None]) -> None:
        for agent in decision.agents:
            was = before[agent.username]
            profile = self._rules.agents.get(agent.username)
            if profile is None or not agent.work:
                continue
            # A configuration may leave somebody with more than they may have now; they are given no more of it.
            for name in sorted(set(agent.work) - set(was.work if was else ())):
                item = self._items.get(name)
                by_hand = item is not None and item.offer is None
                kind = item.kind if item is not None else "voice"
                if not by_hand and eligibility.over_capacity(profile, self._hands(agent), kind):
                    self._broke(2, "over_capacity", agent=agent.username, item=name)

    # --- 3, 5 and 6: each offer --------------------------------------------------------------------------------------

    def _before_matching(self, decision: Journalled, made: list[Offer], *, new_rules: bool) -> None:
        """The index as it was when matching began."""
        asked = {offer.agent for offer in made}
        offered = {offer.item for offer in made}
        if new_rules:
            self._index.configure(self._rules)
        for agent in self._agents.values() if new_rules else decision.agents:
            self._seat(agent, free=agent.username in asked)
        for item in list(self._items.values()) if new_rules else decision.items:
            self._index.leave(item)
            self._held.pop(item.id, None)
            if item.state is ItemState.WAITING or item.id in offered:
                self._index.wait(item)

    def _offer(self, offer: Offer) -> None:
        item, agent = self._items.get(offer.item), self._agents.get(offer.agent)
        if item is None or agent is None:
            self._broke(3, "not_qualified", item=offer.item, agent=offer.agent)
            return
        if self._may(item, agent):
            best = self._index.item_for(agent.username, self._at)
            if best is not None and place(best) < place(item) and not self._came_later(best):
                self._broke(5, "better_item", item=item.id, agent=agent.username, other=best.id)
            choice = self._index.agent_for(item, self._at)
            if choice is not None and self._agents[choice.agent].idle_seq < agent.idle_seq:
                self._broke(6, "idle_longer", item=item.id, agent=agent.username, other=choice.agent)
        self._index.leave(item)
        self._seat(agent, free=False)

    def _came_later(self, item: WorkItem) -> bool:
        """Whether its queue before this one sent it on in this very decision, when others had been matched already."""
        return bool(item.left) and item.queued_at == self._at

    def _may(self, item: WorkItem, agent: Agent) -> bool:
        """Guarantee 3 in full: the agent was eligible when asked."""
        queue = self._rules.queues.get(item.queue)
        profile = self._rules.agents.get(agent.username)
        if queue is None or item.needs != in_force(queue, item.requires, self._steps(queue, item)):
            self._broke(3, "requirement_wrong", item=item.id, agent=agent.username)
        elif profile is None or not eligibility.qualifies(profile, item, self._rules):
            self._broke(3, "not_qualified", item=item.id, agent=agent.username)
        elif not eligibility.willing(agent):
            self._broke(3, "not_routable", item=item.id, agent=agent.username)
        elif item.kind not in eligibility.rooms(profile, self._hands(agent)):
            self._broke(2, "no_room", item=item.id, agent=agent.username)
        elif self._held_back(item, agent.username):
            self._broke(3, "held_back", item=item.id, agent=agent.username)
        else:
            return True
        return False

    def _held_back(self, item: WorkItem, agent: str) -> bool:
        hold = item.holds.get(agent)
        paused = hold is not None and eligibility.paused(hold, self._at)
        return paused or (bool(item.preferred) and agent not in item.preferred)

    def _steps(self, queue: Queue, item: WorkItem) -> int:
        """Of the ladder, that an item must have taken by now."""
        return steps_taken(queue, self._at - item.waiting_since) if queue.relax else 0

    # --- 4: nothing left ---------------------------------------------------------------------------------------------

    def _nothing_left(self, decision: Journalled, *, new_rules: bool) -> None:
        for agent in self._agents.values() if new_rules else decision.agents:
            item = self._index.item_for(agent.username, self._at)
            if item is not None:
                self._broke(4, "left_waiting", item=item.id, agent=agent.username)
        changed = {item.id: item for item in decision.items}
        for item in (self._held | changed).values():
            if item.state is not ItemState.WAITING:
                continue
            self._watch(item)
            choice = self._index.agent_for(item, self._at)
            if choice is not None and not any(v.item == item.id and v.guarantee == 4 for v in self._found):
                self._broke(4, "left_waiting", item=item.id, agent=choice.agent)
        self._loosened_in_time()

    def _watch(self, item: WorkItem) -> None:
        """Time may make it somebody's: look again."""
        if item.holds:
            self._held[item.id] = item
        queue = self._rules.queues.get(item.queue)
        if queue is not None and queue.relax and (at := next_step_at(queue, item.waiting_since, item.relaxed)):
            heapq.heappush(self._due, (at, item.id))
        if item.prefer_until is not None:
            heapq.heappush(self._due, (item.prefer_until, item.id))

    def _loosened_in_time(self) -> None:
        """What time alone opens to more agents was open to them: a preference that ended, a step of the ladder."""
        while self._due and self._due[0][0] <= self._at:
            _, name = heapq.heappop(self._due)
            item = self._items.get(name)
            if item is None or item.state is not ItemState.WAITING:
                continue
            queue = self._rules.queues.get(item.queue)
            if queue is not None and item.relaxed < self._steps(queue, item):
                self._broke(4, "not_relaxed", item=name)
            if item.prefer_until is not None and item.prefer_until <= self._at:
                self._broke(4, "waits_for_nobody", item=name)

    # --- rows --------------------------------------------------------------------------------------------------------

    def _begin(self, baseline: Snapshot) -> None:
        self._obey(self._versions.get(baseline.meta.config_version, NO_RULES))
        self._at = baseline.meta.now
        self._items = {item.id: item for item in baseline.items if item.state not in TERMINAL}
        self._ended = {item.id for item in baseline.items if item.state in TERMINAL}
        self._agents = {agent.username: agent for agent in baseline.agents}
        for offer in baseline.offers:
            if offer.state is OfferState.OPEN:
                self._rings(offer)
        self._index.configure(self._rules)
        for agent in self._agents.values():
            self._seat(agent, free=False)
            for held in agent.work:
                self._owners.setdefault(held, set()).add(agent.username)
        for item in self._items.values():
            if item.state is ItemState.WAITING:
                self._index.wait(item)
                self._watch(item)

    def _obey(self, rules: Rules) -> None:
        self._rules = rules
        self._base = age_base(rules)

    def _take(self, decision: Journalled) -> None:
        for item in decision.items:
            self._items[item.id] = item
        for agent in decision.agents:
            self._agents[agent.username] = agent

    def _forget(self, items: Iterable[WorkItem]) -> None:
        for item in items:
            if item.state in TERMINAL:
                self._ended.add(item.id)
                self._items.pop(item.id, None)
                self._owners.pop(item.id, None)
                self._open_of_item.pop(item.id, None)

    def _seat(self, agent: Agent, *, free: bool) -> None:
        """`free`: as before the offer that this decision made to them."""
        profile = self._rules.agents.get(agent.username)
        willing = profile is not None and eligibility.willing(agent)
        rooms: Rooms = NO_ROOM
        if profile is not None and willing and (free or agent.offer is None):
            rooms = eligibility.rooms(profile, self._hands(agent))
        self._index.seat(agent.username, rooms, agent.idle_seq, willing=willing)

    def _hands(self, agent: Agent) -> Hands:
        if not all(item in self._items for item in agent.work):
            known = [item for item in agent.work if item in self._items]
            agent = msgspec.structs.replace(agent, work=known)
        return eligibility.hands(agent, self._items)
