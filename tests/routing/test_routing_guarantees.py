"""Guarantees 1 to 7 of the contract hold after every step, looked at by brute force."""

from collections import Counter

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from console.routing.agent import Agent, Presence
from console.routing.engine import Engine
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
)
from console.routing.orders import Assign, MakeOffer, MoveItem, OpenSuccessor
from console.routing.queue import SECOND, merged
from console.routing.work_item import TERMINAL, ItemState, OfferState, WorkItem, place
from tests.routing.sentences import NOON, item_id
from tests.routing.streams import NODES, QUEUES, SKILLS, random_rules

NAMES = [f"agent{n}" for n in range(5)]
agents = st.sampled_from(NAMES)
chosen = st.integers(0, 10**6)


class Centre(RuleBasedStateMachine):
    """A small centre in which anything may happen in any order."""

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        self.engine = Engine()
        self.at = NOON
        self.items = 0
        self.version = 0
        self.places: dict[str, tuple[int, int]] = {}
        self.ended: dict[str, ItemState] = {}
        self.configure(data)
        for name in NAMES:
            self.step(StreamOpened(at=self.at, agent=name, node="n1"))
            self.step(PresenceSet(at=self.at, agent=name, presence=Presence.AVAILABLE))

    # --- what may happen ---------------------------------------------------------------------------------------------

    @rule(data=st.data())
    def configure(self, data: st.DataObject) -> None:
        self.version += 1
        rules = random_rules(lambda below: data.draw(st.integers(0, below - 1)), self.version, agents=len(NAMES))
        self.step(ConfigChanged(at=self.at, version=self.version, rules=rules))

    @rule(seconds=st.integers(0, 40))
    def wait(self, seconds: int) -> None:
        self.at += seconds * SECOND
        self.step(TimePassed(at=self.at))

    @rule(
        queue=st.sampled_from(QUEUES),
        kind=st.sampled_from(("voice", "voice", "case", "callback")),
        needs=st.dictionaries(st.sampled_from(SKILLS), st.integers(1, 5), max_size=1),
        priority=st.none() | st.integers(0, 3),
        preferred=st.just(()) | st.lists(agents, max_size=2).map(tuple),
    )
    def queue(
        self, queue: str, kind: str, needs: dict[str, int], priority: int | None, preferred: tuple[str, ...]
    ) -> None:
        self.step(
            WorkItemQueued(
                at=self.at,
                item=self.new(),
                kind=kind,
                queue=queue,
                requires=needs,
                priority=priority,
                preferred=preferred,
            )
        )

    def new(self) -> str:
        self.items += 1
        return item_id(self.items)

    @precondition(lambda self: self.items)
    @rule(
        which=chosen,
        agent=agents,
        queue=st.sampled_from(QUEUES),
        how=st.sampled_from(("hand", "move", "transfer", "up")),
        priority=st.integers(0, 5),
    )
    def hand_on(self, which: int, agent: str, queue: str, how: str, priority: int) -> None:
        item = item_id(1 + which % self.items)
        facts: dict[str, Fact] = {
            "hand": WorkAssigned(at=self.at, item=item, agent=agent, by="sue", reason="-", successor=self.new()),
            "move": WorkMoved(at=self.at, item=item, queue=queue, by="sue", reason="-", successor=self.new()),
            "transfer": WorkTransferred(at=self.at, item=item, agent=agent, successor=self.new()),
            "up": CaseEscalated(
                at=self.at,
                items=(item,),
                parent=item,
                successor=self.new(),
                queue=queue,
                agent=agent,
                priority=priority,
            ),
        }
        self.step(facts[how])

    @precondition(lambda self: self.held())
    @rule(which=chosen, agent=agents, outcome=st.sampled_from(("returned", "handed_over", "failed")))
    def consult(self, which: int, agent: str, outcome: str) -> None:
        item = self.held()[which % len(self.held())]
        if item.consult is None:
            self.step(ConsultAsked(at=self.at, item=item.id, by=item.agent or "", agent=agent))
        else:
            successor = self.new()
            self.step(ConsultOver(at=self.at, item=item.id, agent=item.consult, outcome=outcome, successor=successor))

    @precondition(lambda self: self.ringing())
    @rule(which=chosen, yes=st.booleans())
    def answer(self, which: int, yes: bool) -> None:
        offer = self.ringing()[which % len(self.ringing())]
        fact = OfferAccepted if yes else OfferDeclined
        self.step(fact(at=self.at, offer=offer.id, agent=offer.agent))

    @precondition(lambda self: self.ringing())
    @rule(which=chosen)
    def pick_up(self, which: int) -> None:
        offer = self.ringing()[which % len(self.ringing())]
        self.step(CallAnswered(at=self.at, item=offer.item, agent=offer.agent))

    @precondition(lambda self: self.items)
    @rule(which=chosen, fact=st.sampled_from((CallEnded, CallEnded, WorkWithdrawn)))
    def leave(self, which: int, fact: type[Fact]) -> None:
        self.step(fact(at=self.at, item=item_id(1 + which % self.items)))

    @precondition(lambda self: self.held())
    @rule(which=chosen, what=st.sampled_from(("complete", "fail", "extend")))
    def work(self, which: int, what: str) -> None:
        item = self.held()[which % len(self.held())]
        facts: dict[str, Fact] = {
            "complete": WorkCompleted(at=self.at, item=item.id, agent=item.agent or ""),
            "fail": ConnectFailed(at=self.at, item=item.id, agent=item.agent or "", reason="busy"),
            "extend": WrapUpExtended(at=self.at, item=item.id, agent=item.agent or "", by=30 * SECOND),
        }
        self.step(facts[what])

    @rule(agent=agents, presence=st.sampled_from(("available", "available", "away", "offline")))
    def say(self, agent: str, presence: str) -> None:
        self.step(PresenceSet(at=self.at, agent=agent, presence=Presence(presence)))

    @rule(agent=agents, node=st.sampled_from(NODES), opened=st.booleans())
    def connect(self, agent: str, node: str, opened: bool) -> None:
        self.step((StreamOpened if opened else StreamClosed)(at=self.at, agent=agent, node=node))

    @rule(node=st.sampled_from(NODES))
    def lose_node(self, node: str) -> None:
        self.step(NodeGone(at=self.at, node=node))

    @rule()
    def resume(self) -> None:
        self.at += 15 * SECOND
        self.step(RouterResumed(at=self.at, alive_at=self.at - 15 * SECOND))

    # --- what must hold ----------------------------------------------------------------------------------------------

    def step(self, fact: Fact) -> None:
        """Guarantees 3, 5, 6: every offer, put back, is the right one."""
        floor = self.engine.floor
        orders = self.engine.step(fact)
        made = [order for order in orders if isinstance(order, MakeOffer)]
        came = {o.item: n for n, o in enumerate(orders) if isinstance(o, MoveItem | OpenSuccessor)}
        free = {order.agent for order in made}
        waiting = {order.item for order in made} | {i.id for i in floor.items.values() if i.state == "waiting"}
        for offer in made:
            item, agent = floor.items[offer.item], floor.agents[offer.agent]
            assert self.eligible(agent, item, free), "3: the offer satisfied the requirement in force"
            for other in waiting - {item.id}:
                there = came.get(other, -1) < orders.index(offer)  # and not sent here after that offer was made
                if there and place(floor.items[other]) < place(item):
                    assert not self.eligible(agent, floor.items[other], free), "5: a better item was there"
            for one in floor.agents.values():
                if one.idle_seq < agent.idle_seq:
                    assert not self.eligible(one, item, free), "6: somebody was idle longer"
            free.discard(offer.agent)
            waiting.discard(offer.item)
        for order in orders:
            if isinstance(order, Assign) and order.offer is not None:
                self.within_capacity(floor.agents[order.agent], floor.items[order.item])

    def within_capacity(self, agent: Agent, item: WorkItem) -> None:
        profile = self.engine.rules.agents[agent.username]
        kinds = ("case",) if item.kind == "case" else ("voice", "callback")
        units = profile.capacity.get("case" if item.kind == "case" else "voice", 0)
        held = [i for i in map(self.engine.floor.items.__getitem__, agent.work) if i.kind in kinds]
        assert len(held) <= units, "2: within capacity"

    @invariant()
    def one_owner_and_one_offer(self) -> None:
        floor = self.engine.floor
        held = [item for agent in floor.agents.values() for item in agent.work]
        assert len(held) == len(set(held)), "1: one owner"
        assert {i.id for i in self.held()} == set(held)
        assert all(item.id in floor.agents[item.agent or ""].work for item in self.held())
        ringing = self.ringing()
        assert len({o.item for o in ringing}) == len({o.agent for o in ringing}) == len(ringing), "1: one offer"
        assert {a.username: a.offer for a in floor.agents.values() if a.offer} == {o.agent: o.id for o in ringing}
        assert {i.id: i.offer for i in floor.items.values() if i.state == "offered"} == {o.item: o.id for o in ringing}

    @invariant()
    def a_consultation_is_known_to_both(self) -> None:
        floor = self.engine.floor
        asked = {item.consult: item.id for item in floor.items.values() if item.consult is not None}
        assert asked == {a.username: a.consult for a in floor.agents.values() if a.consult is not None}

    @invariant()
    def the_lengths_of_queues_are_those_of_what_waits(self) -> None:
        floor = self.engine.floor
        assert +floor.lengths == Counter(i.queue for i in floor.items.values() if i.state is ItemState.WAITING)

    @invariant()
    def nobody_eligible_is_left_waiting(self) -> None:
        floor = self.engine.floor
        for item in floor.items.values():
            if item.state is ItemState.WAITING:
                assert not [a.username for a in floor.agents.values() if self.eligible(a, item, set())], "4"

    @invariant()
    def every_item_ends_once_and_keeps_its_place(self) -> None:
        for item in self.engine.floor.items.values():
            assert self.places.setdefault(item.id, (item.waiting_since, item.seq)) == (item.waiting_since, item.seq)
            if item.id in self.ended:
                assert item.state is self.ended[item.id], "7: at most one terminal state"
            elif item.state in TERMINAL:
                self.ended[item.id] = item.state

    @invariant()
    def every_deadline_is_to_come(self) -> None:
        due = self.engine.next_deadline
        assert due is None or due >= self.engine.meta.now

    # --- the contract's *eligible*, from the words -------------------------------------------------------------------

    def eligible(self, agent: Agent, item: WorkItem, free: set[str]) -> bool:
        if agent.offer is not None and agent.username not in free:
            return False
        if not self.takes_part(agent) or not self.qualifies(agent, item) or not self.has_room(agent, item):
            return False
        if item.preferred and agent.username not in item.preferred:
            return False
        hold = item.holds.get(agent.username)
        if hold is None:
            return True
        others = [a for a in self.engine.floor.agents.values() if self.takes_part(a) and self.qualifies(a, item)]
        declined = {name for name, known in item.holds.items() if known.declines >= 3}
        lifted = all(a.username in declined for a in others)
        return self.engine.meta.now >= hold.until and (agent.username not in declined or lifted)

    def takes_part(self, agent: Agent) -> bool:
        routable = agent.presence == "available" and (agent.nodes or agent.absent_since is not None)
        return bool(routable) and agent.active and not agent.not_responding and agent.pending is None

    def qualifies(self, agent: Agent, item: WorkItem) -> bool:
        rules = self.engine.rules
        profile, queue = rules.agents.get(agent.username), rules.queues.get(item.queue)
        if profile is None or queue is None or (profile.queues is not None and queue.name not in profile.queues):
            return False
        needs = merged(queue.requires, item.requires)
        for step in queue.relax:
            if self.engine.meta.now - item.waiting_since >= step.after:
                loose = {skill for skill in needs if skill not in queue.never_relax}
                lower = {skill: min(needs[skill], step.require.get(skill, 10)) for skill in loose - {*step.drop}}
                needs = {skill: needs[skill] for skill in needs if skill not in loose} | lower
        return all(profile.skills.get(skill, 0) >= level for skill, level in needs.items())

    def has_room(self, agent: Agent, item: WorkItem) -> bool:
        capacity = self.engine.rules.agents[agent.username].capacity
        held = [self.engine.floor.items[i] for i in agent.work]
        if agent.consult is not None or any(i.state is ItemState.WRAP_UP for i in held):
            return False
        calls = sum(i.kind != "case" for i in held)
        if item.kind == "voice":
            return calls < capacity["voice"]
        if calls:
            return False
        return capacity["voice"] > 0 if item.kind == "callback" else len(held) < capacity["case"]

    def ringing(self) -> list:
        return [o for o in self.engine.floor.offers.values() if o.state is OfferState.OPEN]

    def held(self) -> list[WorkItem]:
        return [i for i in self.engine.floor.items.values() if i.state in (ItemState.ASSIGNED, ItemState.WRAP_UP)]


TestGuarantees = Centre.TestCase
TestGuarantees.settings = settings(
    max_examples=40, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck)
)
