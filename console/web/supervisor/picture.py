"""What the floor comes to, seen through a lens: its order, its figures, its colours, and what needs a decision."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

import msgspec

from console.live.floor import HOUR_SPANS, SPAN_MINUTES, AgentFloor, Floor, QueueFloor
from console.sla.kpi import Counted, Formula, service_level, together
from console.web.supervisor.lens import Lens

SHORT_OF_TARGET = 0.10
"""So far below its target a service level is bad; nearer to it, it is a warning."""
LONG_WAIT = 3
"""Times the queue's threshold: a wait that is a warning. Twice as long is bad."""
ABANDON_LIMIT = 0.05
"""A share of callers who give up that is a warning; twice as many is bad."""
FALL = 0.02
"""A service level that lost less than this in its descent is only uneasy."""
MISSED_MAX = 2
"""Rings missed of late: the first can happen to anybody."""

STATES = (
    "noanswer",
    "ringing",
    "available",
    "hold",
    "oncall",
    "wrapup",
    "break",
    "training",
    "meeting",
    "away",
    "offline",
)
"""In the order in which the floor shows them: who may need a look first."""
PAUSES = ("break", "training", "meeting")


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Over all queues of calls; in a centre that has none, over all queues."""

    counted: Counted
    hour_ago: Counted | None
    """None: not asked for, the whole day is looked at."""
    level: float | None
    level_hour: tuple[float | None, ...]
    target: float | None
    waiting: int
    waiting_cases: int
    """Beside the calls."""
    longest_wait_s: float
    longest_in: str | None
    longest_tone: str
    states: dict[str, int]
    """How many agents are in which; who is offline is in none."""

    @property
    def signed_in(self) -> int:
        return sum(self.states.values())

    @property
    def away(self) -> int:
        return sum(self.states[state] for state in (*PAUSES, "away"))


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """Something that somebody should decide about, and what it comes of."""

    kind: Literal["level", "missed", "long"]
    name: str
    """The queue's, or the agent's username."""
    shown: str = ""
    level: float | None = None
    falling_min: int = 0
    waiting: int = 0
    free: int = 0
    elsewhere: int = 0
    missed: int = 0
    at: datetime | None = None
    out: bool = False
    """Taken out of routing, and not back."""
    usual_s: float | None = None


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """The floor at one moment, in the order in which it is shown."""

    floor: Floor
    lens: Lens
    queues: tuple[QueueFloor, ...]
    agents: tuple[AgentFloor, ...]
    counts: dict[str, int]
    """How many agents each choice of `show` would show."""
    figures: Figures
    decisions: tuple[Decision, ...]


def picture(floor: Floor, lens: Lens) -> Picture:
    """Queues worst first or by name; agents by state, then by how long they are in it."""
    groups = {
        "all": floor.agents,
        "look": [agent for agent in floor.agents if needs_look(agent)],
        "mine": [agent for agent in floor.agents if lens.mine is None or agent.told.username in lens.mine],
    }
    by_name = lens.order == "name"
    return Picture(
        floor=floor,
        lens=lens,
        queues=tuple(sorted(floor.queues, key=lambda q: (q.told.name.casefold(),) if by_name else _worst(q, lens))),
        agents=tuple(sorted(groups[lens.show], key=_place)),
        counts={group: len(agents) for group, agents in groups.items()},
        figures=figures(floor, lens),
        decisions=tuple(_decisions(floor, lens)),
    )


def counted(queue: QueueFloor, lens: Lens) -> Counted:
    """What the queue's figures are taken over."""
    return queue.recent if lens.period == "recent" else queue.today


def level(queue: QueueFloor, lens: Lens) -> float | None:
    return service_level(counted(queue, lens), lens.formula)


# --- order ------------------------------------------------------------------------------------------------------------


def _worst(queue: QueueFloor, lens: Lens) -> tuple[object, ...]:
    """A bad level before a long wait would hide who is losing calls; so what is worse of the two leads."""
    told = queue.told
    return (
        ("bad", "warn", "").index(queue_tone(queue, lens)),
        -told.longest_wait_s,
        -told.waiting,
        -_shortfall(level(queue, lens), told.service_level_target),
        told.name,
    )


def _place(agent: AgentFloor) -> tuple[int, datetime, str]:
    return (STATES.index(state_of(agent)), since(agent), agent.told.username)


def state_of(agent: AgentFloor) -> str:
    """The agent's state in the words of the design."""
    told = agent.told
    if told.presence == "offline" and not told.work:
        return "offline"
    held = {"not_responding": "noanswer", "offered": "ringing", "wrap_up": "wrapup"}
    if told.routing_state in held:
        return held[told.routing_state]
    if told.routing_state == "busy":
        return "hold" if agent.held_at else "oncall"
    if told.presence == "away":
        return told.reason if told.reason in PAUSES else "away"
    return "available" if told.presence == "available" else "offline"


def since(agent: AgentFloor) -> datetime:
    """When that state began."""
    return agent.held_at if state_of(agent) == "hold" and agent.held_at else agent.told.since


def needs_look(agent: AgentFloor) -> bool:
    return state_of(agent) == "noanswer" or agent.missed >= MISSED_MAX or bool(agent.long)


# --- figures and their colours ----------------------------------------------------------------------------------------


def figures(floor: Floor, lens: Lens) -> Figures:
    """What is added up is counted, never averaged: a queue weighs by its calls."""
    calls = [queue for queue in floor.queues if queue.channel != "case"] or list(floor.queues)
    hour = [together(queue.hour[at] for queue in calls) for at in range(HOUR_SPANS + 1)]
    now = hour[-1] if lens.period == "recent" else together(queue.today for queue in calls)
    worst = max(calls, key=lambda queue: queue.told.longest_wait_s, default=None)
    states = dict.fromkeys(STATES[:-1], 0)
    for agent in floor.agents:
        if (state := state_of(agent)) != "offline":
            states[state] += 1
    waiting = sum(queue.told.waiting for queue in calls)
    return Figures(
        counted=now,
        hour_ago=hour[0] if lens.period == "recent" else None,
        level=service_level(now, lens.formula),
        level_hour=tuple(service_level(at, lens.formula) for at in hour),
        target=_target(calls, lens),
        waiting=waiting,
        waiting_cases=sum(queue.told.waiting for queue in floor.queues) - waiting,
        longest_wait_s=worst.told.longest_wait_s if worst else 0.0,
        longest_in=worst.told.name if worst and worst.told.waiting else None,
        longest_tone=wait_tone(worst) if worst else "",
        states=states,
    )


def _target(queues: Iterable[QueueFloor], lens: Lens) -> float | None:
    """What the level of all is held against: each queue's target, as often as it was asked to meet it."""
    targets = [
        (queue.told.service_level_target, counted(queue, lens).offered)
        for queue in queues
        if queue.told.service_level_target is not None
    ]
    offered = sum(weight for _, weight in targets)
    return sum(target * weight for target, weight in targets) / offered if offered else None


def _shortfall(share: float | None, target: float | None) -> float:
    return max(0.0, target - share) if share is not None and target is not None else 0.0


def level_tone(share: float | None, target: float | None) -> str:
    """How a service level is coloured; one that is in its target is not."""
    short = _shortfall(share, target)
    return "bad" if short > SHORT_OF_TARGET else "warn" if short > 0 else ""


def level_tone_of(queue: QueueFloor, lens: Lens) -> str:
    return "" if queue.channel == "case" else level_tone(level(queue, lens), queue.told.service_level_target)


def wait_tone(queue: QueueFloor) -> str:
    """How a queue's longest wait is coloured. A case may wait: what was promised of it is its clock's to say."""
    told = queue.told
    if queue.channel == "case":
        return ""
    times = told.longest_wait_s / told.service_level_within_s if told.service_level_within_s else 0.0
    return "bad" if times > 2 * LONG_WAIT else "warn" if times > LONG_WAIT else ""


def abandon_tone(rate: float | None) -> str:
    if rate is None or rate <= ABANDON_LIMIT:
        return ""
    return "bad" if rate > 2 * ABANDON_LIMIT else "warn"


def queue_tone(queue: QueueFloor, lens: Lens) -> str:
    """The worse of its two."""
    tones = {level_tone_of(queue, lens), wait_tone(queue)}
    return "bad" if "bad" in tones else "warn" if "warn" in tones else ""


def falling_min(queue: QueueFloor, formula: Formula) -> int:
    """For how many minutes the level has only gone down, and by something; 0: it has not."""
    levels = [share for at in queue.hour if (share := service_level(at, formula)) is not None]
    spans = 0
    while spans + 1 < len(levels) and levels[-spans - 2] >= levels[-spans - 1]:
        spans += 1
    lost = levels[-spans - 1] - levels[-1] if levels else 0.0
    return spans * SPAN_MINUTES if lost >= FALL else 0


# --- what needs a decision --------------------------------------------------------------------------------------------


def _decisions(floor: Floor, lens: Lens) -> list[Decision]:
    """Levels by how far they are under their target; then people, missed rings before long calls."""
    levels = [(share, queue) for queue in floor.queues if (share := level(queue, lens)) is not None]
    levels.sort(key=lambda found: -_shortfall(found[0], found[1].told.service_level_target))
    found = [
        Decision(
            kind="level",
            name=queue.told.name,
            shown=queue.told.name,
            level=share,
            falling_min=minutes,
            waiting=queue.told.waiting,
            free=queue.told.agents.idle,
            elsewhere=queue.free_elsewhere,
        )
        for share, queue in levels
        if level_tone_of(queue, lens) and (minutes := falling_min(queue, lens.formula))
    ]
    found += [
        Decision(
            kind="missed",
            name=agent.told.username,
            shown=agent.told.name,
            missed=agent.missed,
            at=agent.missed_at,
            out=state_of(agent) == "noanswer",
        )
        for agent in floor.agents
        if agent.missed >= MISSED_MAX
    ]
    found += [
        Decision(
            kind="long", name=agent.told.username, shown=agent.told.name, at=agent.told.since, usual_s=agent.usual_s
        )
        for agent in floor.agents
        if agent.long == "call"
    ]
    return found
