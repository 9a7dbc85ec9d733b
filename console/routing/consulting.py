"""A call's owner speaks with another agent before they go on: that agent is reserved, and may take the call over.

A consultation is no call: it leaves the idle place of whoever was asked as it is. It ends with the call, at the latest.
"""

from __future__ import annotations

from console.routing import eligibility, presence
from console.routing.agent import Agent
from console.routing.facts import ConsultAsked
from console.routing.floor import Floor
from console.routing.work_item import TERMINAL, ItemState, WorkItem, in_hand


def ask(floor: Floor, fact: ConsultAsked) -> None:
    """Reserve the agent, if they are free to talk."""
    item = floor.items.get(fact.item)
    agent = floor.agents.get(fact.agent)
    if item is None:
        floor.refuse("unknown")
    elif item.state in TERMINAL:
        floor.refuse("work-over")
    elif not in_hand(item) or item.agent != fact.by:
        floor.refuse("not-yours")
    elif item.state is not ItemState.ASSIGNED or item.kind == "case" or item.consult is not None:
        floor.refuse("conflict")
    elif agent is None or fact.agent == fact.by or not _can_talk(floor, agent):
        floor.refuse("agent-not-free")
    else:
        floor.touch(agent)
        floor.keep(item)
        agent.consult, item.consult = item.id, agent.username


def end(floor: Floor, item: WorkItem) -> None:
    """Whoever was asked is free again, and a pause they asked for meanwhile takes hold."""
    if item.consult is not None:
        presence.work_ended(floor, release(floor, item))


def release(floor: Floor, item: WorkItem) -> Agent:
    assert item.consult is not None
    agent = floor.agents[item.consult]
    floor.touch(agent)
    floor.keep(item)
    agent.consult = item.consult = None
    return agent


def _can_talk(floor: Floor, agent: Agent) -> bool:
    profile = floor.profile(agent)
    return (
        profile is not None
        and agent.offer is None
        and eligibility.willing(agent)
        and "voice" in eligibility.rooms(profile, floor.hands(agent))
    )
