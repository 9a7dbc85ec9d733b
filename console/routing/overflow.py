"""Overflow: work that its queue cannot serve is sent on, to another queue or out of routing.

Asked before anybody is looked for: is the queue closed, has the item waited too long in it, is nobody signed in who
qualifies. Asked afterwards, of what has just come and found nobody: is it one too many. The first rule that holds acts.
"""

from __future__ import annotations

from console.routing import ending, line, overflow_rules
from console.routing.floor import Floor
from console.routing.ids import item_id
from console.routing.orders import Cause, OpenSuccessor
from console.routing.queue import Overflow
from console.routing.work_item import Happening, ItemState, WorkItem, place


def settle(floor: Floor) -> None:
    """Send on whatever may not wait where it is, until all of it is where it may."""
    while floor.doubtful:
        items = sorted(floor.doubtful.values(), key=place)
        floor.doubtful.clear()
        for item in items:
            rule = _holding(floor, item)
            if rule is not None:
                _send_on(floor, item, *rule)


def turn_away(floor: Floor) -> bool:
    """Send on what came in, found nobody, and is one too many in its queue: the last by place. True: somebody moved."""
    came = sorted(floor.entered.values(), key=place, reverse=True)
    floor.entered.clear()
    floor.arrived.clear()
    for item in came:
        queue = floor.queue(item)
        for rule in overflow_rules.applicable(item, queue, floor.rules):
            most = rule.waiting_more_than
            if most is not None and floor.lengths[item.queue] > most:
                _send_on(floor, item, rule, "waiting_more_than")
                break
    settle(floor)
    return bool(floor.arrived)


def _holding(floor: Floor, item: WorkItem) -> tuple[Overflow, Cause] | None:
    queue = floor.queue(item)
    for rule in overflow_rules.applicable(item, queue, floor.rules):
        if rule.closed and queue.hours is not None and not queue.hours.is_open(floor.now):
            return rule, "closed"
        if rule.waited is not None and floor.now - item.queued_at >= rule.waited:
            return rule, "waited"
        if rule.unqualified and floor.matching.nobody(item):
            return rule, "unqualified"
    return None


def _send_on(floor: Floor, item: WorkItem, rule: Overflow, cause: Cause) -> None:
    if rule.to == "queue":
        target = overflow_rules.target(rule, item, floor.rules)
        assert target is not None, "the rule applies"
        item.left = [*item.left, item.queue]
        line.move(floor, item, target, cause)
        return
    floor.advance(item, Happening.SENT_ON)
    ending.close(floor, item, overflow=rule.to, cause=cause)
    if rule.to == "callback":
        _promise(floor, item)


def _promise(floor: Floor, item: WorkItem) -> None:
    """The caller is called back: that waits in the same queue, in the place that the caller had."""
    floor.item_seq += 1
    promise = WorkItem(
        id=item_id(floor.now, floor.item_seq),
        seq=floor.item_seq,
        kind="callback",
        queue=item.queue,
        requires=item.requires,
        own_priority=item.own_priority,
        state=ItemState.WAITING,
        waiting_since=item.waiting_since,
        needs=item.needs,
        priority=item.priority,
        due=item.due,
        parent=item.id,
    )
    floor.order(OpenSuccessor(item=promise.id, parent=item.id, kind="callback", reason="callback"))
    line.enter(floor, promise)
