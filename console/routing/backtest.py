"""Recorded traffic, run again through rules of one's choice: the very people who came, and the agents who were there.

What nobody recorded is estimated: how long somebody would have waited who was answered sooner, and how long serving
somebody would have taken who hung up.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from console.routing.agent import Presence, RoutingState
from console.routing.facts import Fact, PresenceSet, StreamOpened
from console.routing.figures import Tally
from console.routing.orders import Assign, CloseItem, Order, ShowAgent
from console.routing.queue import SECOND, Instant, Kind, Requirement, Rules, Span, merged
from console.routing.simulate import NODE, Day
from console.routing.traffic import Chance, Customer
from console.routing.work_item import ItemState


class Came(msgspec.Struct, frozen=True, kw_only=True):
    """One work item of the record, and what became of it."""

    item: str
    kind: Kind
    queue: str
    """The first it waited in."""
    needs: Requirement
    at: Instant
    waited: Span
    state: ItemState
    agent: str | None = None
    """Who had it last."""
    handle: Span | None = None
    """From assignment to the end of the call or of the work; None: nobody took it."""
    wrap_up: Span = 0


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """Of a queue, or of all."""

    offered: int
    answered: int
    abandoned: int
    blocked: int
    service_level: float | None
    mean_wait_s: float | None
    asa_s: float | None
    max_wait_s: float


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """Of an agent."""

    served: int
    occupancy: float | None
    """Share of the time they were signed in; None: they never were."""


class Need(msgspec.Struct, frozen=True, kw_only=True):
    """Of a skill that somebody needed."""

    needed: int
    """By so many."""
    mean_wait_s: float
    starved_s: float | None
    """Waited by all of them together while some agent was idle: the skill was missing, not the people. None: not
    recorded."""


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """What a time came to, as it was or as it would have been."""

    total: Part
    queues: dict[str, Part]
    occupancy: float | None
    agents: dict[str, Load]
    skills: dict[str, Need]


class Patience:
    """How long people wait, from people of whom some were answered before they would have hung up.

    E. L. Kaplan, P. Meier, "Nonparametric estimation from incomplete observations", 1958.
    """

    def __init__(self, waits: Sequence[tuple[Span, bool]]) -> None:
        """Each wait, and whether it ended with hanging up."""
        left = len(waits)
        hung_up = Counter(waited for waited, gave_up in waits if gave_up)
        gone = Counter(waited for waited, _ in waits)
        self._at: list[Span] = []
        self._survive: list[float] = []
        share = 1.0
        for waited in sorted(gone):
            if hung_up[waited]:
                share *= 1 - hung_up[waited] / left
                self._at.append(waited)
                self._survive.append(share)
            left -= gone[waited]

    def beyond(self, waited: Span, chance: float) -> Span | None:
        """When somebody hangs up who has waited so long; None: never, as far as anybody has waited."""
        known = bisect_right(self._at, waited)
        now = self._survive[known - 1] if known else 1.0
        for at, share in zip(self._at[known:], self._survive[known:], strict=True):
            if share <= chance * now:
                return at
        return None


def people(
    came: Sequence[Came], routes: Sequence[tuple[int, str, Requirement, int | None]], chance: Chance
) -> list[Customer]:
    """Those who came, as customers of a day; `routes` say of each its stream, queue, own requirement and priority."""
    patience = Patience([(one.waited, one.state is ItemState.ABANDONED) for one in came if one.kind == "voice"])
    handles = [one.handle for one in came if one.handle is not None] or [0]
    found = []
    for one, (stream, queue, requires, priority) in zip(came, routes, strict=True):
        would_leave, would_take = chance.random(), handles[int(chance.random() * len(handles))]
        if one.state is ItemState.ABANDONED:
            leaves: Span | None = one.waited
        else:
            leaves = patience.beyond(one.waited, would_leave) if one.kind == "voice" else None
        found.append(
            Customer(
                at=one.at,
                stream=stream,
                item=one.item,
                kind=one.kind,
                queue=queue,
                requires=requires,
                priority=priority,
                handle=one.handle if one.handle is not None else would_take,
                patience=leaves,
            )
        )
    return sorted(found, key=lambda customer: customer.at)


class Again(Day):
    """The record's time once more. `present` are facts about who was there, in their order."""

    def __init__(
        self, rules: Rules, within: Sequence[Span], present: Sequence[Fact], *, start: Instant, until: Instant
    ) -> None:
        self.signed_in: Counter[str] = Counter()
        self.served: Counter[str] = Counter()
        self.starved: Counter[str] = Counter()
        self._since: dict[str, Instant] = {}
        self._idle: set[str] = set()
        self.waits: dict[str, Span] = {}
        self.needed: dict[str, tuple[str, ...]] = {}
        """By each item, when it came."""
        self._waiting: dict[str, tuple[str, ...]] = {}
        self._skills: Counter[str] = Counter()
        self._looked_at = start
        super().__init__(rules, within, start=start, until=until)
        for fact in present:
            self.will_happen(fact)

    def come(self, name: str) -> None:
        """Somebody of whom there is no record: there all the time."""
        self.will_happen(StreamOpened(at=self.start, agent=name, node=NODE))
        self.will_happen(PresenceSet(at=self.start, agent=name, presence=Presence.AVAILABLE))

    def over(self) -> None:
        """Its end has come, whatever happened last."""
        self.now = max(self.now, self.until)
        for name in list(self._since):
            self._leaves(name)

    def _arrive(self, customer: Customer) -> None:
        queue = self.engine.rules.queues.get(customer.queue)
        skills = tuple(merged(queue.requires if queue else {}, customer.requires))
        self.needed[customer.item] = self._waiting[customer.item] = skills
        self._look()
        self._skills.update(skills)
        super()._arrive(customer)

    def _step(self, fact: Fact) -> None:
        self._look()
        super()._step(fact)

    def _look(self) -> None:
        """Account for the time since last looked: who waited for a skill while somebody was idle."""
        passed, self._looked_at = self.now - self._looked_at, self.now
        if passed and self._idle:
            for skill, waiting in self._skills.items():
                self.starved[skill] += waiting * passed

    def _hear(self, order: Order) -> None:
        match order:
            case ShowAgent():
                self._seen(order)
            case Assign():
                self.served[order.agent] += 1
                self._no_longer(order.item)
            case CloseItem():
                self._no_longer(order.item)
            case _:
                pass
        super()._hear(order)

    def _count(self, customer: Customer, waited: Span, *, answered: bool) -> None:
        self.waits[customer.item] = waited
        super()._count(customer, waited, answered=answered)

    def _no_longer(self, item: str) -> None:
        self._skills.subtract(self._waiting.pop(item, ()))

    def _seen(self, order: ShowAgent) -> None:
        if order.presence is Presence.OFFLINE:
            self._leaves(order.agent)
        else:
            self._since.setdefault(order.agent, self.now)
        if order.presence is Presence.AVAILABLE and order.routing_state is RoutingState.IDLE:
            self._idle.add(order.agent)
        else:
            self._idle.discard(order.agent)

    def _leaves(self, name: str) -> None:
        since = self._since.pop(name, None)
        if since is not None:
            self.signed_in[name] += max(min(self.now, self.until) - since, 0)


def as_it_was(came: Sequence[Came], within: Mapping[str, Span], signed_in: Mapping[str, Span], until: Instant) -> Run:
    """The record itself, counted as a run is; `within` by queue."""
    tallies = {queue: Tally() for queue in within}
    served: Counter[str] = Counter()
    held: defaultdict[str, list[tuple[Instant, Instant]]] = defaultdict(list)
    for one in came:
        tally = tallies.setdefault(one.queue, Tally())
        tally.offered += 1
        tally.waited += one.waited
        tally.waited_most = max(tally.waited_most, one.waited)
        tally.abandoned += one.state is ItemState.ABANDONED
        if one.handle is not None and one.agent is not None:
            tally.answered += 1
            tally.waited_answered += one.waited
            tally.in_target += one.waited <= within.get(one.queue, 20 * SECOND)
            served[one.agent] += 1
            begins = one.at + one.waited
            held[one.agent].append((begins, min(begins + one.handle + one.wrap_up, until)))
    busy = {agent: covered(spans) for agent, spans in held.items()}
    return _run(tallies, served, busy, signed_in, _needs([(tuple(one.needs), one.waited) for one in came], None))


def covered(spans: Iterable[tuple[Instant, Instant]]) -> Span:
    """How long any of them lasted; where two overlap, the time counts once."""
    total, reached = 0, None
    for begins, ends in sorted(spans):
        since = begins if reached is None else max(begins, reached)
        if ends > since:
            total += ends - since
            reached = ends
    return total


def as_it_would_be(again: Again, queues: Sequence[str]) -> Run:
    """What a run came to that is over; `queues` are its streams'."""
    tallies = dict(zip(queues, again.tallies, strict=True))
    busy = {name: hands.busy for name, hands in again.hands.items()}
    waits = [(again.needed[item], waited) for item, waited in again.waits.items()]
    return _run(tallies, again.served, busy, again.signed_in, _needs(waits, again.starved))


def _run(
    tallies: Mapping[str, Tally],
    served: Mapping[str, int],
    busy: Mapping[str, Span],
    signed_in: Mapping[str, Span],
    skills: dict[str, Need],
) -> Run:
    there = sum(signed_in.values())
    names = sorted({name for name in (*served, *signed_in) if served.get(name) or signed_in.get(name)})
    return Run(
        total=_part(sum(tallies.values(), start=Tally())),
        queues={queue: _part(tally) for queue, tally in tallies.items() if tally.offered or tally.blocked},
        occupancy=sum(busy.get(name, 0) for name in names) / there if there else None,
        agents={
            name: Load(
                served=served.get(name, 0),
                occupancy=busy.get(name, 0) / signed_in[name] if signed_in.get(name) else None,
            )
            for name in names
        },
        skills=skills,
    )


def _needs(waits: Sequence[tuple[tuple[str, ...], Span]], starved: Mapping[str, Span] | None) -> dict[str, Need]:
    """By skill; `waits` are the skills that each item needed, and how long it waited."""
    by_skill: dict[str, list[Span]] = {}
    for skills, waited in waits:
        for skill in skills:
            by_skill.setdefault(skill, []).append(waited)
    return {
        skill: Need(
            needed=len(waited),
            mean_wait_s=sum(waited) / len(waited) / SECOND,
            starved_s=None if starved is None else starved.get(skill, 0) / SECOND,
        )
        for skill, waited in sorted(by_skill.items())
    }


def _part(tally: Tally) -> Part:
    return Part(
        offered=tally.offered,
        answered=tally.answered,
        abandoned=tally.abandoned,
        blocked=tally.blocked,
        service_level=tally.in_target / tally.offered if tally.offered else None,
        mean_wait_s=tally.waited / tally.offered / SECOND if tally.offered else None,
        asa_s=tally.waited_answered / tally.answered / SECOND if tally.answered else None,
        max_wait_s=tally.waited_most / SECOND,
    )
