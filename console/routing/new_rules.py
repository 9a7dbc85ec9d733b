"""A new configuration takes hold: nobody loses their place, and nothing in hand is dropped."""

from __future__ import annotations

from console.routing import offers, presence
from console.routing.agent import Agent
from console.routing.eligibility import qualifies, rooms
from console.routing.floor import Floor
from console.routing.queue import Rules
from console.routing.work_item import ItemState, WorkItem


def take_up(floor: Floor, rules: Rules) -> None:
    """Waiting items follow the new rules in their old places; open offers stand where they still may."""
    floor.rules = rules
    floor.changed = True
    _agents(floor)
    _items(floor)
    floor.matching.configure(rules)
    for item in floor.items.values():
        if item.state is ItemState.WAITING and item.id not in floor.arrived:
            floor.matching.wait(item)


def _agents(floor: Floor) -> None:
    for name in sorted(floor.rules.agents):
        agent = floor.agents.get(name)
        if agent is None:
            agent = floor.agents[name] = Agent(username=name, presence_since=floor.now, state_since=floor.now)
            floor.touch(agent)
        elif not agent.active:
            floor.touch(agent)
            agent.active = True
    for name, agent in sorted(floor.agents.items()):
        if agent.active and name not in floor.rules.agents:
            presence.deactivate(floor, agent)


def _items(floor: Floor) -> None:
    for item in sorted(floor.items.values(), key=lambda item: item.seq):
        if item.state is ItemState.WAITING:
            before = (item.queue, item.needs, item.priority)
            item.queue = floor.queue_for(item.queue)
            floor.apply_rules(item)
            if (item.queue, item.needs, item.priority) != before:
                floor.keep(item)
        elif item.state is ItemState.OFFERED:
            _offered(floor, item)


def _offered(floor: Floor, item: WorkItem) -> None:
    """It rings on only where it stays in its queue and the agent would still be asked for it."""
    assert item.offer is not None
    assert item.agent is not None
    if floor.queue_for(item.queue) != item.queue:
        offers.revoke(floor, item.offer, "moved")
        return
    before = (item.needs, item.priority)
    floor.apply_rules(item)
    if (item.needs, item.priority) != before:
        floor.keep(item)
    profile = floor.rules.agents[item.agent]
    room = rooms(profile, floor.hands(floor.agents[item.agent]))
    if not qualifies(profile, item, floor.rules) or item.kind not in room:
        offers.revoke(floor, item.offer, "refused_config")
