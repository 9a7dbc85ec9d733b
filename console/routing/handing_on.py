"""Work that goes from one to another: transferred, given or moved by a supervisor, handed over after a consultation.

What nobody has taken yet stays the same item and keeps its place. Out of an agent's hand the item ends *transferred*,
and a successor about the same matter is in its place from now on.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from console.routing import consulting, eligibility, ending, line, offers
from console.routing.agent import Agent, Presence
from console.routing.facts import CaseEscalated, ConsultOver, WorkAssigned, WorkMoved, WorkTransferred
from console.routing.floor import Floor
from console.routing.orders import Assign, Disconnect, MoveCause, OpenSuccessor, Problem
from console.routing.queue import SECOND, Instant, Span, in_force, meets
from console.routing.work_item import TERMINAL, Happening, ItemState, WorkItem

NAMED_FOR: Span = 30 * SECOND
"""So long an item waits for the agent it was handed to by name; then it is everyone's."""

Reason = Literal["transferred", "assigned", "moved", "handed_over", "escalated"]

MOVED: dict[Reason, MoveCause] = {"moved": "by_hand", "transferred": "transferred", "escalated": "escalated"}
"""Why work that nobody had taken is in another queue."""


class Way(NamedTuple):
    """Where an item goes."""

    queue: str
    successor: str
    """The id of the item in its place, where it is in hand."""
    reason: Reason
    agent: str | None = None
    """Who is named for it."""
    prefer_for: Span = NAMED_FOR
    priority: int | None = None
    due: Instant | None = None
    """Of an escalated case, which does not go with what was asked before."""


def transfer(floor: Floor, fact: WorkTransferred) -> None:
    """To a queue; to an agent, who is then asked first; or out of the centre, where it is nobody's of ours."""
    item = _movable(floor, fact.item)
    if item is None:
        return
    queue = fact.queue or item.queue
    if fact.queue is None and fact.agent is None:
        _go_out(floor, item)
    elif fact.agent is not None and (problem := _cannot_be_asked(floor, item, fact.agent, queue)):
        floor.refuse(problem)
    else:
        _part(floor, item)
        _go(floor, item, Way(queue, fact.successor, "transferred", fact.agent))


def escalate(floor: Floor, fact: CaseEscalated) -> None:
    """Wherever its work is now, it waits there afterwards: at once where nobody has taken it, else in a successor."""
    way = Way(
        fact.queue, fact.successor, "escalated", fact.agent, fact.prefer_for or NAMED_FOR, fact.priority, fact.due
    )
    open_ = [floor.items[name] for name in fact.items if name in floor.items]
    item = next((item for item in open_ if item.kind == "case" and item.state not in TERMINAL), None)
    if item is not None:
        _go(floor, item, way)
        return
    heir = _fresh(floor, fact)
    _name(floor, heir, way)
    line.enter(floor, heir)


def move(floor: Floor, fact: WorkMoved) -> None:
    """By a supervisor's hand, to another queue."""
    item = _movable(floor, fact.item)
    if item is not None:
        _part(floor, item)
        _go(floor, item, Way(fact.queue, fact.successor, "moved"))


def assign(floor: Floor, fact: WorkAssigned) -> None:
    """By a supervisor's hand, to an agent at once: room or not, qualified or not."""
    item = _movable(floor, fact.item)
    if item is None:
        return
    agent = floor.agents.get(fact.agent)
    problem = _cannot_be_given(floor, item, agent)
    if problem is not None or agent is None:
        floor.refuse(problem or "unknown")
    elif item.state is not ItemState.ASSIGNED:
        if item.state is ItemState.OFFERED:
            assert item.offer is not None
            offers.revoke(floor, item.offer, "assigned")
        floor.advance(item, Happening.GIVEN)
        _give(floor, item, agent, fact.by)
    elif item.agent != fact.agent:
        _part(floor, item)
        _give(floor, _succeed_in_hand(floor, item, fact.successor, "assigned"), agent, fact.by)


def consult_over(floor: Floor, fact: ConsultOver) -> None:
    """The agent asked is free again, or takes the call over."""
    item = _movable(floor, fact.item)
    if item is None:
        return
    if item.consult != fact.agent or (fact.outcome == "handed_over" and fact.successor is None):
        floor.refuse("conflict")
    elif fact.outcome != "handed_over" or fact.successor is None:
        consulting.end(floor, item)
    else:
        agent = consulting.release(floor, item)
        successor = _succeed_in_hand(floor, item, fact.successor, "handed_over")
        offers.take(floor, successor, agent, connected=True)
        floor.order(Assign(item=successor.id, agent=agent.username, connected=True))


def _movable(floor: Floor, item_id: str) -> WorkItem | None:
    """The item, where it is somewhere from which it can go; else the fact is refused."""
    item = floor.items.get(item_id)
    if item is None:
        floor.refuse("unknown")
    elif item.state in TERMINAL:
        floor.refuse("work-over")
    elif item.state is ItemState.WRAP_UP:
        floor.refuse("conflict")
    else:
        return item
    return None


def _go(floor: Floor, item: WorkItem, way: Way) -> None:
    if item.state is ItemState.ASSIGNED:
        ending.hand_on(floor, item)
        heir = _heir(floor, item, way)
        _name(floor, heir, way)
        line.enter(floor, heir)
        return
    if item.state is ItemState.OFFERED:
        assert item.offer is not None
        offers.revoke(floor, item.offer, "moved")
    item.left = []
    up = way.reason == "escalated"
    if up:
        item.own_priority, item.due = way.priority, way.due
        item.requires = item.requires if way.queue == item.queue else {}
    _name(floor, item, way)
    line.move(floor, item, way.queue, MOVED[way.reason], successor=way.successor if up else None)


def _go_out(floor: Floor, item: WorkItem) -> None:
    if item.state is ItemState.ASSIGNED:
        ending.hand_on(floor, item)
    else:
        floor.refuse("conflict")


def _name(floor: Floor, item: WorkItem, way: Way) -> None:
    """Whom it waits for first: nobody any more, but the one who was named."""
    line.await_nobody(floor, item)
    item.preferred = [way.agent] if way.agent else []
    item.prefer_until = floor.now + way.prefer_for if way.agent else None


def _fresh(floor: Floor, fact: CaseEscalated) -> WorkItem:
    """A case that is nobody's work now waits anew."""
    floor.item_seq += 1
    before = floor.items.get(fact.parent)
    item = WorkItem(
        id=fact.successor,
        seq=floor.item_seq,
        kind="case",
        queue=fact.queue,
        requires={},
        own_priority=fact.priority,
        state=ItemState.WAITING,
        waiting_since=floor.now,
        needs={},
        priority=fact.priority or 0,
        due=fact.due,
        # What is told of a call is told of its own work, never of this.
        parent=before.id if before is not None and before.kind == "case" else None,
    )
    floor.order(OpenSuccessor(item=item.id, parent=fact.parent, kind="case", reason="escalated"))
    return item


def _heir(floor: Floor, item: WorkItem, way: Way) -> WorkItem:
    """The item in its place. What it asked for by itself goes with it only where the queue stays the same."""
    floor.item_seq += 1
    stays = way.queue == item.queue
    up = way.reason == "escalated"
    heir = WorkItem(
        id=way.successor,
        seq=floor.item_seq,
        kind=item.kind,
        queue=way.queue,
        requires=item.requires if stays else {},
        own_priority=way.priority if up else item.own_priority if stays else None,
        state=ItemState.WAITING,
        waiting_since=floor.now,
        needs=item.needs if stays else {},
        priority=item.priority,
        due=way.due if up else item.due,
        takes_orders=item.takes_orders,
        parent=item.id,
    )
    floor.order(OpenSuccessor(item=heir.id, parent=item.id, kind=heir.kind, reason=way.reason))
    return heir


def _succeed_in_hand(floor: Floor, item: WorkItem, successor: str, reason: Reason) -> WorkItem:
    """It waits for nobody: it goes from hand to hand."""
    ending.hand_on(floor, item)
    heir = _heir(floor, item, Way(item.queue, successor, reason))
    heir.state, heir.queued_at = ItemState.ASSIGNED, floor.now
    floor.know(heir)
    line.apply_rules(floor, heir)
    return heir


def _give(floor: Floor, item: WorkItem, agent: Agent, by: str) -> None:
    item.offer = None
    offers.take(floor, item, agent, connected=False)
    profile = floor.rules.agents[agent.username]
    holding = floor.hands(agent)
    over = eligibility.over_capacity(profile, holding, item.kind)
    floor.order(Assign(item=item.id, agent=agent.username, by=by, over_capacity=over))
    if agent.offer is not None:
        rung = floor.items[floor.offers[agent.offer].item]
        if rung.kind not in eligibility.rooms(profile, holding):
            offers.revoke(floor, agent.offer, "assigned")


def _part(floor: Floor, item: WorkItem) -> None:
    """A live call is taken off the phone of whoever has it; the caller stays."""
    if item.state is ItemState.ASSIGNED and item.takes_orders:
        assert item.agent is not None
        floor.order(Disconnect(item=item.id, agent=item.agent))


def _cannot_be_given(floor: Floor, item: WorkItem, agent: Agent | None) -> Problem | None:
    profile = floor.profile(agent) if agent is not None else None
    if agent is None or profile is None or not agent.active:
        return "unknown"
    if not eligibility.takes(profile, item.kind):
        return "agent-not-qualified"
    # A case waits on a desk; a caller would hear a phone ring that nobody can be at.
    return "agent-not-free" if item.kind != "case" and agent.presence is Presence.OFFLINE else None


def _cannot_be_asked(floor: Floor, item: WorkItem, name: str, queue: str) -> Problem | None:
    """Whoever could not be offered it in that queue cannot be named for it."""
    profile, rules = floor.rules.agents.get(name), floor.rules.queues.get(queue)
    if profile is None or rules is None:
        return "agent-not-qualified"
    needs = in_force(rules, item.requires if queue == item.queue else {}, 0)
    qualified = eligibility.serves(profile, queue, floor.rules) and meets(profile.skills, needs)
    return None if qualified and eligibility.takes(profile, item.kind) else "agent-not-qualified"
