"""Work from its arrival to its end, but for the offers in between."""

from __future__ import annotations

from typing import Literal

from console.routing import ending, line, offers, wrap_up
from console.routing.facts import WorkItemQueued
from console.routing.floor import Floor
from console.routing.orders import HangUp
from console.routing.work_item import TERMINAL, Happening, ItemState, WorkItem, in_hand


def queue(floor: Floor, fact: WorkItemQueued) -> None:
    """Work arrived. The same item twice is one item."""
    if fact.item in floor.items:
        return
    floor.item_seq += 1
    item = WorkItem(
        id=fact.item,
        seq=floor.item_seq,
        kind=fact.kind,
        queue=fact.queue,
        requires=fact.requires,
        own_priority=fact.priority,
        state=ItemState.WAITING,
        waiting_since=floor.now,
        needs=fact.requires,
        priority=fact.priority or 0,
        takes_orders=fact.takes_orders,
        parent=fact.parent,
        due=fact.due,
    )
    if fact.preferred:
        item.preferred = list(dict.fromkeys(fact.preferred))
        item.prefer_until = floor.now + floor.queue(item).prefer_for
    line.enter(floor, item)


def complete(floor: Floor, item_id: str, agent: str) -> None:
    """The agent says it is done: on a live call hangs up, then as its end; in wrap-up ends that; ends work on a case."""
    item = ending.own(floor, item_id, agent)
    if item is None:
        return
    if item.state is ItemState.WRAP_UP or item.kind == "case":
        ending.finish(floor, item)
        return
    if item.takes_orders:
        floor.order(HangUp(item=item.id, agent=agent))
    wrap_up.begin(floor, item)


def call_ended(floor: Floor, item_id: str) -> None:
    """The call is over. In wrap-up and after the end that is known already."""
    item = floor.heir(item_id)
    if item is None:
        floor.refuse("unknown")
    elif item.kind == "case":
        floor.refuse("conflict")
    elif item.state is ItemState.ASSIGNED:
        wrap_up.begin(floor, item)
    elif item.state in (ItemState.WAITING, ItemState.OFFERED):
        _leave(floor, item, Happening.CUSTOMER_LEFT, "customer_left")


def withdraw(floor: Floor, item_id: str) -> None:
    """The matter is no longer to be worked on."""
    item = floor.items.get(item_id)
    if item is None:
        floor.refuse("unknown")
    elif in_hand(item):
        ending.finish(floor, item)
    elif item.state not in TERMINAL:
        _leave(floor, item, Happening.WITHDRAWN, "withdrawn")


def connect_failed(floor: Floor, item_id: str, agent: str) -> None:
    """The agent's phone could not be had: the item waits again, with its place, and nobody is blamed.

    The agent is not asked for it again during the queue's `decline_pause`, so that a dead phone makes no ring loop.
    Once caller and agent have spoken it is no failed connection any more.
    """
    rung = floor.items.get(item_id)
    if rung is not None and rung.state is ItemState.OFFERED and rung.agent == agent:
        assert rung.offer is not None
        offers.hold_back(floor, rung, agent, floor.queue(rung).decline_pause, declines=0)
        offers.revoke(floor, rung.offer, "connect_failed")
        return
    item = ending.own(floor, item_id, agent)
    if item is None:
        return
    if item.state is not ItemState.ASSIGNED or item.connected:
        floor.refuse("conflict")
        return
    ending.release(floor, item, "connect_failed")
    item.assigned_at = None
    offers.hold_back(floor, item, agent, floor.queue(item).decline_pause, declines=0)
    floor.advance(item, Happening.CONNECT_FAILED)


def _leave(
    floor: Floor,
    item: WorkItem,
    happening: Literal[Happening.CUSTOMER_LEFT, Happening.WITHDRAWN],
    reason: Literal["customer_left", "withdrawn"],
) -> None:
    """It ends before anybody took it."""
    offers.close_with_item(floor, item, reason)
    floor.advance(item, happening)
    item.agent = item.offer = None
    ending.close(floor, item)
