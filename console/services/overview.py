"""The whole centre at a glance, for supervisors: queues and agents as the stream, the API and the floor show them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Literal
from weakref import WeakKeyDictionary

import msgspec

from console.config.document import Agent as Profile
from console.config.document import Centre as Document
from console.config.document import Queue
from console.db.engine import Database, Transaction
from console.live.floor import HOUR_SPANS, AgentFloor, Floor, QueueFloor, RiskFloor
from console.live.messages import AgentChanged, AgentsByState, AgentWork, QueueChanged
from console.people.permissions import Permission, require
from console.people.who import Principal
from console.queries import clocks, supervisor
from console.queries import figures as ask
from console.queries.clocks import ClockOfCase, Listed
from console.queries.figures import Missed, Usual
from console.queries.supervisor import Agent, Waiting
from console.services import figures
from console.services.centre import Centre
from console.services.context import Context
from console.services.figures import Figures
from console.sla.kpi import NOTHING, Counted, service_level

FIGURES_AGE = timedelta(seconds=1)
MISSED_WITHIN = timedelta(minutes=30)
"""A missed ring is of late so long."""
RISK_WITHIN = timedelta(hours=1)
"""A promise that is due later is nobody's worry yet."""
RISKS_MAX = 9
"""As many as stand on the screen without scrolling; the rest are counted."""
LONG_TIMES = 3
"""As long as usual: a call that somebody should know of."""
LONG_AT_LEAST = timedelta(minutes=5)
USUAL_CALLS_MIN = 10
"""Fewer calls today say nothing of how long one usually is."""

STATES = frozenset(msgspec.structs.asdict(AgentsByState()))
NO_HOUR = (NOTHING,) * (HOUR_SPANS + 1)


class _Told(msgspec.Struct, frozen=True):
    """The figures as they were last read, and by which configuration."""

    at: datetime
    version: int
    figures: Figures
    missed: dict[str, Missed]
    risks: Listed


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """What a floor is made of."""

    figures: Figures
    missed: dict[str, Missed]
    risks: Listed
    waiting: dict[str, Waiting]
    agents: list[Agent]


_told: WeakKeyDictionary[Database, _Told] = WeakKeyDictionary()


async def floor(ctx: Context) -> Floor:
    """Queues and agents of one instant; for screens, which ask several times a second.

    The figures are at most a second old: they alone cost more the longer the hour is busy.
    """
    now = ctx.clock.now()
    async with ctx.db.snapshot() as db:
        centre = await ctx.centres.in_force(db)
        told = _told.get(ctx.db)
        if told is None or told.version != centre.version or not now - FIGURES_AGE <= told.at <= now:
            told = _told[ctx.db] = await _read(ctx, db, centre, now)
        read = Read(
            figures=told.figures,
            missed=told.missed,
            risks=told.risks,
            waiting=await supervisor.waiting(db),
            agents=await supervisor.agents(db),
        )
    return floor_of(centre.document, read, now)


async def seen_by(ctx: Context, who: Principal) -> Floor:
    """The floor, for somebody who may see it."""
    require(who, Permission.SEE_CENTRE)
    return await floor(ctx)


async def queues(ctx: Context, who: Principal) -> list[QueueChanged]:
    """Every queue: who waits, who serves it, and what today came to."""
    require(who, Permission.SEE_CENTRE)
    now = ctx.clock.now()
    async with ctx.db.snapshot() as db:
        centre = await ctx.centres.in_force(db)
        read = await figures.read(ctx.db, db, centre, now)
        return queues_of(centre.document, await supervisor.waiting(db), read.today, await supervisor.agents(db), now)


async def agents(ctx: Context, who: Principal) -> list[AgentChanged]:
    """Every agent, and what they have in hand."""
    require(who, Permission.SEE_CENTRE)
    async with ctx.db.snapshot() as db:
        centre = (await ctx.centres.in_force(db)).document
        return [_told_of(agent, name) for agent, name in _shown(centre, await supervisor.agents(db))]


async def _read(ctx: Context, db: Transaction, centre: Centre, now: datetime) -> _Told:
    read = await figures.read(ctx.db, db, centre, now)
    missed = await ask.missed(db, now - MISSED_WITHIN)
    risks = await clocks.at_risk(db, now, now + RISK_WITHIN, limit=RISKS_MAX)
    return _Told(now, centre.version, read, missed, risks)


def floor_of(centre: Document, read: Read, now: datetime) -> Floor:
    """What the configuration and the rows together make of it."""
    told = queues_of(centre, read.waiting, read.figures.today, read.agents, now)
    free = _free(centre, read.agents)
    return Floor(
        now=now,
        zone=figures.zone_of(centre),
        midnight=read.figures.midnight,
        recent_since=read.figures.recent_since,
        queues=tuple(
            QueueFloor(
                told=one,
                channel=queue.channel,
                today=read.figures.today.get(queue.name, NOTHING),
                hour=read.figures.hours.get(queue.name, NO_HOUR),
                free_elsewhere=_free_elsewhere(queue, free) if one.waiting else 0,
            )
            for queue, one in zip(centre.queues, told, strict=True)
        ),
        agents=tuple(_agent(centre, agent, name, read, now) for agent, name in _shown(centre, read.agents)),
        risks=tuple(_risk(one) for one in read.risks.items),
        risks_count=read.risks.count,
    )


def _risk(one: ClockOfCase) -> RiskFloor:
    return RiskFloor(
        case=one.case,
        subject=one.subject,
        customer_name=one.customer_name,
        queue=one.queue,
        owner_name=one.owner_name or one.owner,
        face=one.face,
    )


# --- queues -----------------------------------------------------------------------------------------------------------


def queues_of(
    centre: Document,
    waiting: Mapping[str, Waiting],
    today: Mapping[str, Counted],
    agents: Iterable[Agent],
    now: datetime,
) -> list[QueueChanged]:
    """Every queue of the configuration, in its order."""
    serving = _serving(centre, agents)
    return [
        QueueChanged(
            name=queue.name,
            waiting=waits.count if (waits := waiting.get(queue.name)) else 0,
            longest_wait_s=_whole_seconds(waits, now),
            agents=AgentsByState(**serving[queue.name]),
            service_level=service_level(counted := today.get(queue.name, NOTHING)),
            service_level_target=queue.service_level.target.percent / 100,
            service_level_within_s=queue.service_level.within.total_seconds(),
            answered=counted.answered,
            abandoned=counted.abandoned,
        )
        for queue in centre.queues
    ]


def _whole_seconds(waits: Waiting | None, now: datetime) -> float:
    """Whole ones, so that a queue in which nothing happens is told again once a second and not four times."""
    return max(0.0, float(int((now - waits.since).total_seconds()))) if waits else 0.0


def _serving(centre: Document, agents: Iterable[Agent]) -> dict[str, Counter[str]]:
    """For each queue, how many of those who serve it are in which state; who is offline is in none."""
    queues_of = {agent.username: agent.queues for agent in centre.agents}
    everywhere: Counter[str] = Counter()
    somewhere: dict[str, Counter[str]] = {queue.name: Counter() for queue in centre.queues}
    for agent in agents:
        shown = agent.routing_state if agent.presence == "available" else agent.presence
        if shown not in STATES or agent.username not in queues_of:
            continue
        named = queues_of[agent.username]
        for counted in [everywhere] if named is None else [somewhere[queue] for queue in named]:
            counted[shown] += 1
    return {queue: counted + everywhere for queue, counted in somewhere.items()}


def _free(centre: Document, agents: Iterable[Agent]) -> list[Profile]:
    """Who could take something now, and serves some queues alone."""
    profiles = {agent.username: agent for agent in centre.agents if agent.queues is not None}
    idle = (agent.username for agent in agents if (agent.presence, agent.routing_state) == ("available", "idle"))
    return [profiles[username] for username in idle if username in profiles]


def _free_elsewhere(queue: Queue, free: Iterable[Profile]) -> int:
    return sum(
        queue.name not in (agent.queues or ())
        and agent.capacity.get(queue.channel, 0) > 0
        and all(agent.skills.get(skill, 0) >= level for skill, level in queue.requires.items())
        for agent in free
    )


# --- agents -----------------------------------------------------------------------------------------------------------


def _shown(centre: Document, agents: Iterable[Agent]) -> list[tuple[Agent, str]]:
    """Those who take work, with their names; one of no configuration any more is shown until theirs has ended."""
    names = {agent.username: agent.name for agent in centre.agents}
    others = {user.username for user in centre.agents if "agent" not in user.roles}
    return [(agent, names.get(agent.username, agent.username)) for agent in agents if agent.username not in others]


def _told_of(agent: Agent, name: str) -> AgentChanged:
    return AgentChanged(
        username=agent.username,
        name=name,
        presence=agent.presence,
        reason=agent.reason,
        routing_state=agent.routing_state,
        since=agent.since,
        work=tuple(
            AgentWork(work_item=one.item, kind=one.kind, queue=one.queue, state=one.state, case=one.case)
            for one in agent.work
        ),
    )


def _agent(centre: Document, agent: Agent, name: str, read: Read, now: datetime) -> AgentFloor:
    profile = centre.agent(agent.username)
    long, usual_s = _long(centre, agent, read.figures.usual, now)
    missed = read.missed.get(agent.username)
    return AgentFloor(
        told=_told_of(agent, name),
        queues=profile.queues if profile else (),
        pending=agent.pending is not None,
        held_at=next((one.held_at for one in agent.work if one.held_at), None),
        missed=missed.count if missed else 0,
        missed_at=missed.last_at if missed else None,
        long=long,
        usual_s=usual_s,
    )


def _long(
    centre: Document, agent: Agent, usual: Mapping[str, Usual], now: datetime
) -> tuple[Literal["", "call", "wrap_up"], float | None]:
    """What takes them unusually long, and how long it usually takes."""
    work = next((one for one in agent.work if one.kind != "case"), None)
    if work is None:
        return "", None
    lasts = now - agent.since
    queue = centre.queue(work.queue)
    if agent.routing_state == "wrap_up" and queue and queue.wrap_up and lasts > queue.wrap_up:
        return "wrap_up", queue.wrap_up.total_seconds()
    known = usual.get(work.queue)
    if agent.routing_state == "busy" and known and known.calls >= USUAL_CALLS_MIN:
        lasts = now - (work.talk_since or agent.since)
        if lasts > max(LONG_AT_LEAST, LONG_TIMES * timedelta(seconds=known.mean_s)):
            return "call", known.mean_s
    return "", None
