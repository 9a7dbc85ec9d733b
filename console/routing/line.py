"""Who waits: in which queue and which place, by which needs, and for whom. What will happen to them by itself, too.

Waiting items follow the rules in force: a step of the queue's ladder loosens what they need (`Lapse.RELAX`), and while
they wait for preferred agents nobody else is asked (`Lapse.PREFERENCE`), until none of those takes part in routing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.routing import eligibility, overflow_rules
from console.routing.deadlines import Deadline, Lapse
from console.routing.orders import MoveCause, MoveItem
from console.routing.queue import NO_QUEUE, Queue, in_force, next_step_at, standing, steps_taken
from console.routing.work_item import WorkItem

if TYPE_CHECKING:
    from console.routing.floor import Floor


def enter(floor: Floor, item: WorkItem) -> None:
    """A new item waits in its queue."""
    floor.know(item)
    floor.came.add(item.id)
    item.queued_at = floor.now
    if wait(floor, item).overflow:
        floor.entered[item.id] = item


def move(floor: Floor, item: WorkItem, queue: str, cause: MoveCause, *, successor: str | None = None) -> None:
    """What waits waits in another queue from now on, with its place; `successor` as `MoveItem` has it."""
    leave(floor, item)
    _put_into(floor, item, queue, cause, successor)
    floor.keep(item)
    if wait(floor, item).overflow:
        floor.entered[item.id] = item


def wait(floor: Floor, item: WorkItem) -> Queue:
    """It waits, in the place that it has, by the rules now in force, which it answers; this step looks for an agent."""
    item.agent = None
    item.offer = None
    if item.queue not in floor.rules.queues and (queue := queue_for(floor, item.queue)) != item.queue:
        _put_into(floor, item, queue, "queue_gone")
    apply_rules(floor, item)
    if item.preferred:
        _narrow(floor, item)
    floor.arrived[item.id] = item
    stand(floor, item)
    rules = floor.queue(item)
    if rules.overflow:
        floor.doubtful[item.id] = item
    return rules


def leave(floor: Floor, item: WorkItem) -> None:
    floor.lengths[item.queue] -= 1
    if item.preferred:
        await_nobody(floor, item)
    for waiting in (floor.barred, floor.arrived, floor.loosened, floor.doubtful, floor.entered):
        waiting.pop(item.id, None)
    floor.matching.leave(item)


def prefer(floor: Floor, item: WorkItem, names: list[str]) -> None:
    """Of those that a waiting item waits for, only these are left; none: it is everyone's, with its place."""
    await_nobody(floor, item)
    item.preferred = names
    if not names:
        item.prefer_until = None
    for name in names:
        floor.awaiting.setdefault(name, {})[item.id] = item
    floor.keep(item)
    floor.loosened[item.id] = item


def await_nobody(floor: Floor, item: WorkItem) -> None:
    """It waits for its preferred agents no longer."""
    for name in item.preferred:
        awaiting = floor.awaiting.get(name)
        if awaiting is not None and awaiting.pop(item.id, None) is not None and not awaiting:
            del floor.awaiting[name]


def reconsider(floor: Floor, item: WorkItem) -> None:
    """A waiting item under new rules."""
    preferred = [name for name in item.preferred if _may_be_asked(floor, name, item)]
    if preferred != item.preferred:
        prefer(floor, item, preferred)
    if floor.queue(item).overflow:
        floor.doubtful[item.id] = item
    watch(floor, item)


def queue_for(floor: Floor, name: str) -> str:
    """That queue; where it is not configured the fallback; where there is none, still that one: it is listed."""
    fallback = floor.rules.fallback_queue
    return fallback if name not in floor.rules.queues and fallback in floor.rules.queues else name


def apply_rules(floor: Floor, item: WorkItem) -> None:
    """Requirement, priority and place by the rules in force; a queue that is gone leaves them as they are."""
    queue = floor.rules.queues.get(item.queue)
    if queue is not None:
        item.relaxed = steps_taken(queue, floor.now - item.waiting_since) if queue.relax else 0
        item.needs = in_force(queue, item.requires, item.relaxed)
        item.priority = queue.priority if item.own_priority is None else item.own_priority
    item.rank, item.turn = standing(queue or NO_QUEUE, floor.age_base, item.priority, item.waiting_since, item.due)


def watch(floor: Floor, item: WorkItem) -> None:
    """What will happen to this waiting item by itself. While it rings or is in hand none of this is looked for."""
    queue = floor.queue(item)
    if queue.relax and (at := next_step_at(queue, item.waiting_since, item.relaxed)) is not None:
        floor.deadlines.add(Deadline(at, Lapse.RELAX, item.id))
    if queue.overflow:
        watch_overflow(floor, item)
    if item.prefer_until is not None:
        floor.deadlines.add(Deadline(item.prefer_until, Lapse.PREFERENCE, item.id))
    for name, hold in item.holds.items():
        if eligibility.paused(hold, floor.now):
            floor.deadlines.add(Deadline(hold.until, Lapse.HOLD, item.id, name))


def watch_overflow(floor: Floor, item: WorkItem) -> None:
    at = overflow_rules.due(item, floor.queue(item), floor.rules, floor.now)
    if at is not None:
        floor.deadlines.add(Deadline(at, Lapse.OVERFLOW, item.id))


def stand(floor: Floor, item: WorkItem) -> None:
    floor.lengths[item.queue] += 1
    for name in item.preferred:
        floor.awaiting.setdefault(name, {})[item.id] = item
    if item.holds and any(map(eligibility.barred, item.holds.values())):
        floor.barred[item.id] = item
    watch(floor, item)


def _put_into(floor: Floor, item: WorkItem, queue: str, cause: MoveCause, successor: str | None = None) -> None:
    floor.order(MoveItem(item=item.id, queue=queue, before=item.queue, cause=cause, successor=successor))
    item.queue = queue
    item.queued_at = floor.now


def _narrow(floor: Floor, item: WorkItem) -> None:
    """Whoever cannot be asked now is not waited for."""
    over = item.prefer_until is None or item.prefer_until < floor.now
    item.preferred = [] if over else [name for name in item.preferred if _may_be_asked(floor, name, item)]
    if not item.preferred:
        item.prefer_until = None


def _may_be_asked(floor: Floor, name: str, item: WorkItem) -> bool:
    agent, profile = floor.agents.get(name), floor.rules.agents.get(name)
    return (
        agent is not None
        and profile is not None
        and eligibility.willing(agent)
        and eligibility.qualifies(profile, item, floor.rules)
        and eligibility.takes(profile, item.kind)
        and name not in item.holds
    )
