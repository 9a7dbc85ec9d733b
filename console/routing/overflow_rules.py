"""Which rules of a queue's overflow apply to an item, and when they will act by themselves. `overflow` carries them out.

A queue can never swallow work. An item does not go back by itself to a queue that sent it on: where a rule would send
it there it goes to the fallback queue, and where there is none, or it came from there, the rule does not apply. Only
callers can be sent out of routing; a case or a promised callback cannot.
"""

from __future__ import annotations

from collections.abc import Iterator

from console.routing.queue import Instant, Overflow, Queue, Rules
from console.routing.work_item import WorkItem


def applicable(item: WorkItem, queue: Queue, rules: Rules) -> Iterator[Overflow]:
    """Those that could act on this item, in the order of the queue's list."""
    for rule in queue.overflow:
        if rule.to == "queue":
            if target(rule, item, rules) is not None:
                yield rule
        elif item.kind == "voice":
            yield rule


def target(rule: Overflow, item: WorkItem, rules: Rules) -> str | None:
    """The queue that this rule sends the item to; None: there is none to which it could go."""
    for name in (rule.queue, rules.fallback_queue):
        if name is not None and name in rules.queues and name != item.queue and name not in item.left:
            return name
    return None


def due(item: WorkItem, queue: Queue, rules: Rules, now: Instant) -> Instant | None:
    """When the next of them acts because time has passed: the queue closes, or the item has waited too long in it."""
    times = (_acts_after(rule, item, queue, now) for rule in applicable(item, queue, rules))
    return min((at for at in times if at is not None), default=None)


def acts_at(item: WorkItem, queue: Queue, rules: Rules, at: Instant) -> bool:
    """Whether one of them acts at that instant because time has passed."""
    return any(_acts_after(rule, item, queue, at - 1) == at for rule in applicable(item, queue, rules))


def _acts_after(rule: Overflow, item: WorkItem, queue: Queue, now: Instant) -> Instant | None:
    if rule.waited is not None:
        at = item.queued_at + rule.waited
        return at if at > now else None
    return queue.hours.closes_after(now) if rule.closed and queue.hours is not None else None
