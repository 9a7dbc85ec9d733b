"""What the person says of themselves, and whether their screen is there to be told."""

from __future__ import annotations

from console.routing import offers
from console.routing.agent import Agent, Presence
from console.routing.deadlines import Deadline, Lapse
from console.routing.facts import SIGNED_OUT, PresenceSet
from console.routing.floor import CONNECTION_GRACE, Floor
from console.routing.queue import MINUTE, Span

OFFLINE_MAX: Span = 30 * MINUTE
"""Whoever was offline longer is idle anew when they come back; a shorter absence keeps the place."""

CONNECTION_LOST = "connection"
DEACTIVATED = "deactivated"


def set_presence(floor: Floor, fact: PresenceSet) -> None:
    agent = floor.agents.get(fact.agent)
    if agent is None or not agent.active:
        floor.refuse("unknown")
        return
    match fact.presence:
        case Presence.AVAILABLE:
            _come(floor, agent, fact.reason)
        case Presence.AWAY:
            _pause(floor, agent, fact.reason)
        case Presence.OFFLINE:
            _go(floor, agent, fact.reason)


def work_ended(floor: Floor, agent: Agent) -> None:
    """What waited for the end of their work takes hold: a pause they asked for, or leaving the configuration."""
    holding = floor.hands(agent)
    if agent.pending is not None and not holding.busy:
        reason = agent.pending_reason
        _become(floor, agent, agent.pending, reason)
    if not agent.active and _free(agent):
        _become(floor, agent, Presence.OFFLINE, DEACTIVATED)


def deactivate(floor: Floor, agent: Agent) -> None:
    """They are in the configuration no longer: asked nothing more, and offline when their work in hand has ended."""
    floor.touch(agent)
    agent.active = False
    _take_offer_back(floor, agent, "deactivated")
    if _free(agent):
        _become(floor, agent, Presence.OFFLINE, DEACTIVATED)


def open_stream(floor: Floor, name: str, node: str) -> None:
    """Two tabs of one agent are one agent: nodes are a set."""
    agent = floor.agents.get(name)
    if agent is None:
        floor.refuse("unknown")
    elif node not in agent.nodes:
        floor.touch(agent)
        agent.nodes |= {node}
        agent.absent_since = None


def close_stream(floor: Floor, name: str, node: str) -> None:
    agent = floor.agents.get(name)
    if agent is None:
        floor.refuse("unknown")
    elif node in agent.nodes:
        floor.touch(agent)
        agent.nodes -= {node}
        if not agent.nodes:
            _start_grace(floor, agent)


def lose_node(floor: Floor, node: str) -> None:
    for name in sorted(floor.agents):
        if node in floor.agents[name].nodes:
            close_stream(floor, name, node)


def renew_graces(floor: Floor) -> None:
    """Nobody could come back while there was no router: each lost connection has its whole grace again."""
    for _, agent in sorted(floor.agents.items()):
        if agent.absent_since is not None:
            floor.touch(agent)
            _start_grace(floor, agent)


def grace_over(floor: Floor, agent: Agent) -> None:
    """Absence takes hold."""
    floor.touch(agent)
    agent.absent_since = None
    if agent.presence is not Presence.OFFLINE:
        _take_offer_back(floor, agent, "absent")
        _become(floor, agent, Presence.OFFLINE, CONNECTION_LOST)


def _come(floor: Floor, agent: Agent, reason: str | None) -> None:
    """Available; it also ends *not responding*, and takes back a pause asked for."""
    as_before = agent.presence is Presence.AVAILABLE and agent.reason == reason
    if as_before and not agent.not_responding and agent.pending is None:
        return
    floor.touch(agent)
    agent.not_responding = False
    _become(floor, agent, Presence.AVAILABLE, reason)
    if not agent.idle_since:
        floor.renew_idle(agent)


def _pause(floor: Floor, agent: Agent, reason: str | None) -> None:
    """Away at once; during a call or its wrap-up, when that ends. Offered work goes back either way."""
    if agent.presence is Presence.AVAILABLE and floor.hands(agent).busy:
        if (agent.pending, agent.pending_reason) != (Presence.AWAY, reason):
            floor.touch(agent)
            agent.pending, agent.pending_reason = Presence.AWAY, reason
            _take_offer_back(floor, agent, "away")
    elif (agent.presence, agent.reason) != (Presence.AWAY, reason):
        floor.touch(agent)
        _take_offer_back(floor, agent, "away")
        _become(floor, agent, Presence.AWAY, reason)


def _go(floor: Floor, agent: Agent, reason: str | None) -> None:
    """Offline at once; work in hand stays theirs."""
    signs_out = reason == SIGNED_OUT and agent.offline_since is not None
    if (agent.presence, agent.reason) == (Presence.OFFLINE, reason) and not signs_out:
        return
    floor.touch(agent)
    _take_offer_back(floor, agent, "absent")
    _become(floor, agent, Presence.OFFLINE, reason)


def _free(agent: Agent) -> bool:
    return not agent.work and agent.consult is None


def _become(floor: Floor, agent: Agent, presence: Presence, reason: str | None) -> None:
    """Presence is this now; the idle place is kept or lost by how long they were away from it."""
    if agent.presence is Presence.OFFLINE and presence is not Presence.OFFLINE:
        if agent.offline_since is None or floor.now - agent.offline_since > OFFLINE_MAX:
            agent.idle_since = 0
        agent.offline_since = None
    if presence is Presence.OFFLINE:
        if agent.presence is not Presence.OFFLINE:
            agent.offline_since = floor.now
        if reason == SIGNED_OUT:
            agent.offline_since = None
    if presence is not agent.presence:
        agent.presence_since = floor.now
    agent.presence, agent.reason = presence, reason
    agent.pending = agent.pending_reason = None


def _take_offer_back(floor: Floor, agent: Agent, reason: offers.Revocation) -> None:
    if agent.offer is not None:
        offers.revoke(floor, agent.offer, reason)


def _start_grace(floor: Floor, agent: Agent) -> None:
    agent.absent_since = floor.now
    floor.deadlines.add(Deadline(floor.now + CONNECTION_GRACE, Lapse.GRACE, agent.username))
