"""Random but plausible lives of a small centre, for whoever wants to compare or watch engines."""

from collections.abc import Callable, Iterator
from random import Random
from typing import NamedTuple

from console.routing.agent import Presence
from console.routing.engine import Engine
from console.routing.facts import (
    CallAnswered,
    CallEnded,
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
from console.routing.queue import MINUTE, SECOND, AgentProfile, Hours, Overflow, Queue, RelaxStep, Rules
from console.routing.work_item import ItemState, WorkItem

NOON = 1_795_262_400 * SECOND
SKILLS = ("fibre", "billing", "english")
QUEUES = ("faults", "general", "tier2", "returns")
NODES = ("n1", "n2")

Pick = Callable[[int], int]
"""A number below this one."""


class Mood(NamedTuple):
    """What sort of day it is: shares, of 100, of what happens next; the rest is about agents."""

    pace: tuple[int, ...]
    queued: int
    offer: int
    work: int
    time: int = 6
    declines: int = 2
    agents: int = 6


MOODS = (
    Mood(pace=(0, 0, SECOND, 3 * SECOND, 11 * SECOND), queued=25, offer=20, work=25),
    Mood(pace=(0, 0, 0, SECOND), queued=18, offer=30, work=34),
    Mood(pace=(0, 0, 0, SECOND), queued=14, offer=30, work=42, agents=40),
    Mood(pace=(0, 0, 2 * SECOND), queued=12, offer=45, work=18, declines=7, agents=4),
)


def item_id(number: int) -> str:
    return f"00000000-0000-7000-8000-{number:012d}"


def random_rules(pick: Pick, version: int, agents: int = 6) -> Rules:
    queues = [name for name in QUEUES if pick(8)] or ["general"]
    return Rules(
        version=version,
        queues={name: _queue(name, pick) for name in queues},
        agents={f"agent{n}": _profile(f"agent{n}", pick) for n in range(agents) if pick(12)},
        fallback_queue=queues[0] if pick(4) else None,
    )


def _queue(name: str, pick: Pick) -> Queue:
    return Queue(
        name=name,
        channel="case" if name == "tier2" else "voice",
        requires={skill: 1 + pick(3) for skill in SKILLS if not pick(5)},
        relax=_ladder(pick),
        never_relax=frozenset({SKILLS[pick(3)]}) if not pick(4) else frozenset(),
        prefer_for=(0, 0, 8, 40)[pick(4)] * SECOND,
        priority=pick(3),
        age_weight=(None, None, 5 * SECOND, 20 * SECOND)[pick(4)],
        by_due=not pick(5),
        hours=_hours(pick),
        overflow=tuple(_overflow(name, pick) for _ in range(pick(4))) if not pick(3) else (),
        offer_timeout=(5 + pick(20)) * SECOND,
        decline_pause=(0, 2, 20, 60)[pick(4)] * SECOND,
        wrap_up=(0, 10 * SECOND, 30 * SECOND, None)[pick(4)],
    )


def _ladder(pick: Pick) -> tuple[RelaxStep, ...]:
    if pick(3):
        return ()
    return tuple(
        RelaxStep(
            after=(5 + 10 * number + pick(5)) * SECOND,
            drop=tuple(skill for skill in SKILLS if not pick(3)),
            require={skill: 1 + pick(2) for skill in SKILLS if not pick(2)},
        )
        for number in range(1 + pick(3))
    )


def _hours(pick: Pick) -> Hours | None:
    """Open for minutes at a time, around the hours in which lives are lived."""
    if pick(3):
        return None
    first, minutes = NOON + pick(10) * MINUTE, 1 + pick(9)
    starts = [first + number * 10 * MINUTE for number in range(60)]
    return Hours(
        opens=tuple(starts), closes=tuple(start + minutes * MINUTE for start in starts), until=NOON + 600 * MINUTE
    )


def _overflow(name: str, pick: Pick) -> Overflow:
    others = [other for other in QUEUES if other != name]
    to = ("queue", "queue", "callback", "voicemail", "end")[pick(5)]
    when = (
        {"closed": True},
        {"unqualified": True},
        {"waited": (4 + pick(30)) * SECOND},
        {"waiting_more_than": pick(4)},
    )
    return Overflow(to=to, queue=others[pick(3)] if to == "queue" else None, **when[pick(4)])


def _profile(name: str, pick: Pick) -> AgentProfile:
    return AgentProfile(
        username=name,
        skills={skill: 1 + pick(5) for skill in SKILLS if pick(3)},
        capacity={"voice": (1, 1, 1, 0, 2)[pick(5)], "case": pick(4)},
        queues=frozenset(q for q in QUEUES if pick(3)) if pick(3) else None,
    )


class Stream:
    """Facts that fit what the engine is doing, and some that do not."""

    def __init__(self, pick: Pick, engine: Engine) -> None:
        self.pick = pick
        self.engine = engine
        self.at = NOON
        self.items = 0
        self.version = engine.rules.version
        self.mood = MOODS[pick(len(MOODS))]

    def start(self) -> Iterator[Fact]:
        yield self._config()
        for name in sorted(self.engine.rules.agents):
            yield StreamOpened(at=self.at, agent=name, node=NODES[self.pick(2)])
            yield PresenceSet(at=self.at, agent=name, presence=Presence.AVAILABLE)

    def next(self) -> Fact:
        """Time goes on a little, and something happens."""
        pick = self.pick
        mood = self.mood
        self.at += mood.pace[pick(len(mood.pace))] + pick(3)
        if not pick(200):
            self.at += 31 * MINUTE
        at = self.at if pick(20) else self.at - 5 * SECOND
        kind = pick(100)
        if kind < mood.queued:
            return self._queued(at)
        if (kind := kind - mood.queued) < mood.offer:
            return self._about_offer(at)
        if (kind := kind - mood.offer) < mood.work:
            return self._about_work(at)
        if (kind := kind - mood.work) < mood.time:
            return TimePassed(at=max(at, self.engine.next_deadline or at) if pick(2) else at)
        if pick(25):
            return self._about_agent(at)
        if pick(2):
            return RouterResumed(at=at + 30 * SECOND, alive_at=at)
        return self._config()

    def _config(self) -> Fact:
        self.version += 1
        return ConfigChanged(
            at=self.at, version=self.version, rules=random_rules(self.pick, self.version, self.mood.agents)
        )

    def _queued(self, at: int) -> Fact:
        pick = self.pick
        known = list(self.engine.floor.items)
        self.items += 1
        item = known[pick(len(known))] if known and not pick(15) else item_id(self.items)
        queue = QUEUES[pick(4)]
        kind = "case" if queue == "tier2" else ("voice", "voice", "voice", "callback")[pick(4)]
        return WorkItemQueued(
            at=at,
            item=item,
            kind=kind,
            queue=queue,
            requires={SKILLS[pick(3)]: 1 + pick(5)} if not pick(3) else {},
            priority=pick(4) if not pick(4) else None,
            takes_orders=bool(pick(2)),
            preferred=tuple(self._agent() for _ in range(1 + pick(2))) if not pick(4) else (),
            due=at + pick(60) * SECOND if not pick(4) else None,
        )

    def _about_offer(self, at: int) -> Fact:
        pick = self.pick
        offers = list(self.engine.floor.offers.values())
        opened = [offer for offer in offers if offer.state == "open"]
        if not offers:
            return TimePassed(at=at)
        offer = opened[pick(len(opened))] if opened and pick(8) else offers[pick(len(offers))]
        agent = offer.agent if pick(10) else self._agent()
        kind = pick(10)
        if kind < self.mood.declines:
            return OfferDeclined(at=at, offer=offer.id, agent=agent, reason="busy")
        if kind == 9:
            return CallEnded(at=at, item=offer.item)
        if kind == 8:
            return CallAnswered(at=at, item=offer.item, agent=agent)
        return OfferAccepted(at=at, offer=offer.id, agent=agent)

    def _about_work(self, at: int) -> Fact:
        pick = self.pick
        items = list(self.engine.floor.items.values())
        held = [i for i in items if i.state in (ItemState.ASSIGNED, ItemState.WRAP_UP)]
        if not items:
            return TimePassed(at=at)
        item = held[pick(len(held))] if held and pick(8) else items[pick(len(items))]
        agent = item.agent if item.agent and pick(10) else self._agent()
        facts: tuple[Fact, ...] = (
            CallEnded(at=at, item=item.id),
            CallEnded(at=at, item=item.id),
            WorkCompleted(at=at, item=item.id, agent=agent),
            WorkCompleted(at=at, item=item.id, agent=agent),
            WrapUpExtended(at=at, item=item.id, agent=agent, by=(30 + pick(600)) * SECOND),
            WrapUpFinished(at=at, item=item.id, agent=agent),
            CallAnswered(at=at, item=item.id, agent=agent),
            ConnectFailed(at=at, item=item.id, agent=agent, reason="busy"),
            WorkWithdrawn(at=at, item=item.id),
            self._transferred(at, item.id),
            self._by_hand(at, item.id),
            self._consult(at, item),
            self._consult(at, item),
            CallEnded(at=at, item=item_id(999_999)),
        )
        return facts[pick(len(facts))]

    def _new(self) -> str:
        self.items += 1
        return item_id(self.items)

    def _transferred(self, at: int, item: str) -> Fact:
        pick = self.pick
        queue = QUEUES[pick(4)] if pick(3) else None
        agent = None if pick(3) else self._agent()
        return WorkTransferred(at=at, item=item, queue=queue, agent=agent, successor=self._new())

    def _by_hand(self, at: int, item: str) -> Fact:
        pick = self.pick
        items = [i.id for i in self.engine.floor.items.values() if i.state in (ItemState.WAITING, ItemState.OFFERED)]
        item = items[pick(len(items))] if items and pick(2) else item
        if pick(2):
            queue = QUEUES[pick(4)]
            return WorkMoved(at=at, item=item, queue=queue, by="sue", reason="busy", successor=self._new())
        agent = self._agent()
        return WorkAssigned(at=at, item=item, agent=agent, by="sue", reason="busy", successor=self._new())

    def _consult(self, at: int, item: WorkItem) -> Fact:
        pick = self.pick
        consulted = [i for i in self.engine.floor.items.values() if i.consult is not None]
        if consulted and pick(2):
            item = consulted[pick(len(consulted))]
        if item.consult is None:
            return ConsultAsked(at=at, item=item.id, by=item.agent or "agent0", agent=self._agent())
        outcome = ("returned", "handed_over", "failed")[pick(3)]
        agent = item.consult if pick(10) else self._agent()
        return ConsultOver(
            at=at, item=item.id, agent=agent, outcome=outcome, successor=self._new() if pick(10) else None
        )

    def _about_agent(self, at: int) -> Fact:
        pick, agent, node = self.pick, self._agent(), NODES[self.pick(2)]
        kind = pick(20)
        if kind < 9:
            missed = [a.username for a in self.engine.floor.agents.values() if a.not_responding or a.reason]
            agent = missed[pick(len(missed))] if missed else agent
            return PresenceSet(at=at, agent=agent, presence=Presence.AVAILABLE)
        if kind < 11:
            return PresenceSet(at=at, agent=agent, presence=Presence.AWAY, reason=("lunch", None)[pick(2)])
        if kind < 13:
            reason = ("signed_out", None)[pick(2)]
            return PresenceSet(at=at, agent=agent, presence=Presence.OFFLINE, reason=reason)
        if kind < 17:
            return StreamOpened(at=at, agent=agent, node=node)
        if kind < 19:
            return StreamClosed(at=at, agent=agent, node=node)
        return NodeGone(at=at, node=node) if not pick(3) else StreamClosed(at=at, agent="nobody", node=node)

    def _agent(self) -> str:
        names = sorted(self.engine.floor.agents)
        return names[self.pick(len(names))] if names else "agent0"


def live(seed: int, engine: Engine, count: int) -> Iterator[Fact]:
    """A life of so many facts; each must be stepped into `engine` before the next is asked for."""
    stream = Stream(Random(seed).randrange, engine)
    yield from stream.start()
    for _ in range(count):
        yield stream.next()
