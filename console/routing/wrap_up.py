"""Wrap-up: the agent's time after a call, across all their queues. None, timed, or open until they end it."""

from __future__ import annotations

from console.routing import consulting, ending
from console.routing.deadlines import Deadline, Lapse
from console.routing.floor import Floor
from console.routing.orders import UpdateWork
from console.routing.queue import MINUTE, Span
from console.routing.work_item import Happening, ItemState, WorkItem

WRAP_UP_MAX: Span = 15 * MINUTE
"""As far as an agent can prolong a timed wrap-up, in all: longer, and their supervisor should know."""


def begin(floor: Floor, item: WorkItem) -> None:
    """The talk is over: the agent writes down what came of it, or the work is done where there is nothing to write."""
    span = floor.queue(item).wrap_up
    if span == 0:
        ending.finish(floor, item)
        return
    consulting.end(floor, item)
    floor.advance(item, Happening.TALK_ENDED)
    item.wrap_up_since = floor.now
    item.wrap_up_until = None if span is None else floor.now + span
    _tell(floor, item)


def extend(floor: Floor, item_id: str, agent: str, by: Span) -> None:
    """More time, up to `WRAP_UP_MAX` in all; an open wrap-up has all the time there is."""
    item = ending.own(floor, item_id, agent)
    if item is None:
        return
    if item.state is not ItemState.WRAP_UP:
        floor.refuse("conflict")
    elif item.wrap_up_until is not None and item.wrap_up_since is not None:
        latest = max(item.wrap_up_until, item.wrap_up_since + WRAP_UP_MAX)
        until = min(item.wrap_up_until + max(by, 0), latest)
        if until != item.wrap_up_until:
            item.wrap_up_until = until
            _tell(floor, item)


def finish(floor: Floor, item_id: str, agent: str) -> None:
    """The agent ends it early, or ends an open one."""
    item = ending.own(floor, item_id, agent)
    if item is None:
        return
    if item.state is ItemState.WRAP_UP:
        ending.finish(floor, item)
    else:
        floor.refuse("conflict")


def _tell(floor: Floor, item: WorkItem) -> None:
    assert item.agent is not None
    floor.keep(item)
    floor.touch(floor.agents[item.agent])
    if item.wrap_up_until is not None:
        floor.deadlines.add(Deadline(item.wrap_up_until, Lapse.WRAP_UP, item.id))
    floor.order(UpdateWork(item=item.id, agent=item.agent, state=item.state, wrap_up_until=item.wrap_up_until))
