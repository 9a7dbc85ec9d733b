"""How work in hand ends: the agent is free of it, and whatever waited for that takes hold."""

from __future__ import annotations

from typing import Literal

from console.routing import consulting, presence
from console.routing.floor import Floor
from console.routing.orders import Cause, CloseItem, EndWork
from console.routing.work_item import TERMINAL, Assignment, Happening, ItemState, WorkItem, in_hand

Outcome = Literal["completed", "connect_failed", "transferred"]


def own(floor: Floor, item_id: str, agent: str) -> WorkItem | None:
    """The item, if this agent has it in hand; else None, and the fact is refused."""
    item = floor.items.get(item_id)
    if item is None:
        floor.refuse("unknown")
    elif item.state in TERMINAL:
        floor.refuse("work-over")
    elif not in_hand(item) or item.agent != agent:
        floor.refuse("not-yours")
    else:
        return item
    return None


def finish(floor: Floor, item: WorkItem) -> None:
    """The work is done, and the agent free of it."""
    _end(floor, item, "completed", Happening.WORK_ENDED)


def hand_on(floor: Floor, item: WorkItem) -> None:
    """Somebody else will go on with it, and the agent is free of it."""
    _end(floor, item, "transferred", Happening.HANDED_ON)


def _end(floor: Floor, item: WorkItem, outcome: Outcome, happening: Happening) -> None:
    """After a call or callback the agent goes to the back of the idle."""
    assert item.agent is not None
    agent = floor.agents[item.agent]
    release(floor, item, outcome)
    if item.kind != "case":
        floor.renew_idle(agent)
    floor.advance(item, happening)
    close(floor, item)


def release(floor: Floor, item: WorkItem, outcome: Outcome) -> None:
    """The agent holds it no longer; what waited for the end of their work takes hold."""
    assert item.agent is not None
    assert item.assigned_at is not None
    consulting.end(floor, item)
    agent = floor.agents[item.agent]
    floor.touch(agent)
    agent.work = [held for held in agent.work if held != item.id]
    floor.keep_assignment(
        Assignment(
            item=item.id,
            nth=item.taken,
            agent=item.agent,
            offer=item.offer,
            assigned_at=item.assigned_at,
            ended_at=floor.now,
            outcome=outcome,
        )
    )
    floor.order(EndWork(item=item.id, agent=item.agent, outcome=outcome))
    presence.work_ended(floor, agent)


def close(
    floor: Floor,
    item: WorkItem,
    *,
    overflow: Literal["callback", "voicemail", "end"] | None = None,
    cause: Cause | None = None,
) -> None:
    """Tell that the item is over, how long it had waited, and where its queue sent it, if it did."""
    waited = (floor.now if item.assigned_at is None else item.assigned_at) - item.waiting_since
    short = item.state is ItemState.ABANDONED and waited < floor.queue(item).short_abandon
    blocked = overflow is not None and item.id in floor.came
    floor.order(
        CloseItem(
            item=item.id,
            state=item.state,
            waited=waited,
            short=short,
            overflow=overflow,
            cause=cause,
            blocked=blocked,
        )
    )
