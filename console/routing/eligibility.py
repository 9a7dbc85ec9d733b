"""Who may be asked to take what: the contract's *eligible*, written once for the engine, the check and explanations.

The index answers the same questions about ten thousand agents at a time (`matching`); its inputs come from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from console.routing.agent import Agent, Presence, RoutingState
from console.routing.queue import AgentProfile, Instant, Kind, Rules, meets
from console.routing.work_item import Hold, ItemState, WorkItem

DECLINES_MAX = 3
"""So often an agent may decline an item before it is theirs no more, unless nobody else qualifies: they have made
up their mind, and the customer should not wait for them to say so again."""

Rooms = frozenset[Kind]
"""The kinds of work for which an agent has room."""

NO_ROOM: Rooms = frozenset()
_CALL: Rooms = frozenset({"voice"})
_CASE: Rooms = frozenset({"case"})
_CALLBACK: Rooms = frozenset({"callback"})


class Hands(NamedTuple):
    """What an agent has in hand."""

    calls: int = 0
    """Live calls and callbacks."""
    wrap_ups: int = 0
    cases: int = 0
    consulted: bool = False
    """Somebody who is on a call consults them."""

    @property
    def busy(self) -> bool:
        """With what a pause waits for: everything but cases."""
        return bool(self.calls or self.wrap_ups or self.consulted)


def hands(agent: Agent, items: Mapping[str, WorkItem]) -> Hands:
    if not agent.work:
        return _EMPTY if agent.consult is None else _CONSULTED
    if len(agent.work) == 1 and agent.consult is None:
        item = items[agent.work[0]]
        return _WRAPPING_UP if item.state is ItemState.WRAP_UP else _ONE[item.kind]
    calls = wrap_ups = cases = 0
    for item in map(items.__getitem__, agent.work):
        if item.state is ItemState.WRAP_UP:
            wrap_ups += 1
        elif item.kind == "case":
            cases += 1
        else:
            calls += 1
    return Hands(calls, wrap_ups, cases, agent.consult is not None)


def rooms(profile: AgentProfile, holding: Hands) -> Rooms:
    """The kinds of work they could take.

    A call or callback is exclusive: while it lasts no case and no callback comes. Cases in hand do not keep a call
    away. Wrap-up keeps everything away: it ends before anything new begins. So does a consultation.
    """
    if holding.wrap_ups or holding.consulted:
        return NO_ROOM
    voice = profile.capacity.get("voice", 0)
    found = _CALL if holding.calls < voice else NO_ROOM
    if holding.calls:
        return found
    if voice:
        found |= _CALLBACK
    if holding.cases < profile.capacity.get("case", 0):
        found |= _CASE
    return found


def over_capacity(profile: AgentProfile, holding: Hands, kind: Kind) -> bool:
    """Whether they hold more work of this kind than they have units; wrap-up still has the voice unit."""
    if kind == "case":
        return holding.cases > profile.capacity.get("case", 0)
    return holding.calls + holding.wrap_ups > profile.capacity.get("voice", 0)


def willing(agent: Agent) -> bool:
    """Whether they take part in routing at all, room or not.

    Routable (available, and a stream open or lost a moment ago), answering, in force, and no pause asked for.
    """
    return (
        agent.active
        and agent.presence is Presence.AVAILABLE
        and connected(agent)
        and not agent.not_responding
        and agent.pending is None
    )


def signed_in(agent: Agent) -> bool:
    """Whether they are there at all: at work, on a break, or having missed something."""
    return agent.active and agent.presence is not Presence.OFFLINE and connected(agent)


def connected(agent: Agent) -> bool:
    """A stream is open, or its grace runs: `absent_since` is cleared when absence takes hold."""
    return bool(agent.nodes) or agent.absent_since is not None


def serves(profile: AgentProfile, queue: str, rules: Rules) -> bool:
    return queue in rules.queues and (profile.queues is None or queue in profile.queues)


def takes(profile: AgentProfile, kind: Kind) -> bool:
    """Whether they have units for such work at all; a callback takes the voice unit."""
    return profile.capacity.get("case" if kind == "case" else "voice", 0) > 0


def qualifies(profile: AgentProfile, item: WorkItem, rules: Rules) -> bool:
    """By configuration alone: they serve its queue and meet its requirement."""
    return serves(profile, item.queue, rules) and meets(profile.skills, item.needs)


def paused(hold: Hold, now: Instant) -> bool:
    return now < hold.until


def barred(hold: Hold) -> bool:
    """Declined too often to be asked again, unless nobody else qualifies."""
    return hold.declines >= DECLINES_MAX


def routing_state(agent: Agent, profile: AgentProfile | None, holding: Hands) -> RoutingState:
    """The first that holds."""
    if agent.not_responding:
        return RoutingState.NOT_RESPONDING
    if agent.offer is not None:
        return RoutingState.OFFERED
    if holding.wrap_ups:
        return RoutingState.WRAP_UP
    return RoutingState.BUSY if _busy(profile, holding) else RoutingState.IDLE


def _busy(profile: AgentProfile | None, holding: Hands) -> bool:
    """No voice room; who takes no calls at all is busy when their cases fill their hands."""
    voice = profile.capacity.get("voice", 0) if profile else 0
    if holding.consulted:
        return True
    if holding.calls:
        return holding.calls >= voice
    return profile is not None and not voice and 0 < profile.capacity.get("case", 0) <= holding.cases


_EMPTY = Hands()
_WRAPPING_UP = Hands(wrap_ups=1)
_ONE: dict[Kind, Hands] = {"voice": Hands(calls=1), "callback": Hands(calls=1), "case": Hands(cases=1)}
_CONSULTED = Hands(consulted=True)
