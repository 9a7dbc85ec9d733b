"""A new configuration takes hold: nobody loses their place, and nothing in hand is dropped."""

from __future__ import annotations

from console.routing import line, offers, presence
from console.routing.agent import Agent
from console.routing.eligibility import qualifies, rooms
from console.routing.floor import Floor
from console.routing.queue import Rules
from console.routing.work_item import ItemState, WorkItem


def take_up(floor: Floor, rules: Rules) -> None:
    """Waiting items follow the new rules in their old places; open offers stand where they still may."""
    floor.obey(rules)
    floor.changed = True
    _agents(floor)
    _items(floor)
    floor.matching.configure(rules)
    for name in sorted(floor.signed_in):
        floor.matching.sign(name, present=True)
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
            _waiting(floor, item)
        elif item.state is ItemState.OFFERED:
            _offered(floor, item)


def _waiting(floor: Floor, item: WorkItem) -> None:
    """Its rules are the new ones, its place is the old one; whoever it waits for must still be one who could take it."""
    queue = line.queue_for(floor, item.queue)
    if queue != item.queue:
        line.move(floor, item, queue, "queue_gone")
        return
    before = (item.needs, item.relaxed, item.rank, item.turn)
    line.apply_rules(floor, item)
    if (item.needs, item.relaxed, item.rank, item.turn) != before:
        floor.keep(item)
    line.reconsider(floor, item)


def _offered(floor: Floor, item: WorkItem) -> None:
    """It rings on only where it stays in its queue and the agent would still be asked for it."""
    assert item.offer is not None
    assert item.agent is not None
    if line.queue_for(floor, item.queue) != item.queue:
        offers.revoke(floor, item.offer, "moved")
        return
    before = (item.needs, item.relaxed, item.rank, item.turn)
    line.apply_rules(floor, item)
    if (item.needs, item.relaxed, item.rank, item.turn) != before:
        floor.keep(item)
    profile = floor.rules.agents[item.agent]
    room = rooms(profile, floor.hands(floor.agents[item.agent]))
    if not qualifies(profile, item, floor.rules) or item.kind not in room:
        offers.revoke(floor, item.offer, "refused_config")
