"""The whole centre at a glance, for supervisors: queues and agents as the stream and the API show them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

import msgspec

from console.config.document import Centre as Document
from console.db.engine import Database, Transaction
from console.live.messages import AgentChanged, AgentsByState, AgentWork, QueueChanged
from console.people.permissions import Permission, require
from console.people.who import Principal
from console.queries import supervisor
from console.queries.supervisor import Agent, Day, Limits, Waiting
from console.services.context import Context

FIGURES_AGE = timedelta(seconds=1)


class _Told(msgspec.Struct, frozen=True):
    """Today's figures as they were last read, and by which configuration."""

    at: datetime
    version: int
    days: dict[str, Day]


_told: WeakKeyDictionary[Database, _Told] = WeakKeyDictionary()

STATES = frozenset(msgspec.structs.asdict(AgentsByState()))


async def state(ctx: Context) -> tuple[list[QueueChanged], list[AgentChanged]]:
    """Queues and agents of one instant; for screens, which ask several times a second.

    Today's figures are at most a second old: they alone cost more the longer the day gets.
    """
    now = ctx.clock.now()
    async with ctx.db.snapshot() as db:
        centre = await ctx.centres.in_force(db)
        told = _told.get(ctx.db)
        if told is None or told.version != centre.version or not now - FIGURES_AGE <= told.at <= now:
            told = _Told(now, centre.version, await _days(db, centre.document, now))
            _told[ctx.db] = told
        agents = await supervisor.agents(db)
        queues = queues_of(centre.document, await supervisor.waiting(db), told.days, agents, now)
    return queues, _agents(centre.document, agents)


async def queues(ctx: Context, who: Principal) -> list[QueueChanged]:
    """Every queue: who waits, who serves it, and what today came to."""
    require(who, Permission.SEE_CENTRE)
    now = ctx.clock.now()
    async with ctx.db.snapshot() as db:
        centre = (await ctx.centres.in_force(db)).document
        days = await _days(db, centre, now)
        return queues_of(centre, await supervisor.waiting(db), days, await supervisor.agents(db), now)


async def agents(ctx: Context, who: Principal) -> list[AgentChanged]:
    """Every agent, and what they have in hand."""
    require(who, Permission.SEE_CENTRE)
    async with ctx.db.snapshot() as db:
        centre = (await ctx.centres.in_force(db)).document
        return _agents(centre, await supervisor.agents(db))


async def _days(db: Transaction, centre: Document, now: datetime) -> dict[str, Day]:
    return await supervisor.day(db, midnight(centre, now), _limits(centre))


def midnight(centre: Document, now: datetime) -> datetime:
    """When today began: in the time zone of the first calendar, which is the centre's own; without one in UTC."""
    calendar = next(iter(centre.calendars.values()), None)
    zone = ZoneInfo(calendar.time_zone) if calendar else UTC
    return now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


def _limits(centre: Document) -> dict[str, Limits]:
    return {queue.name: Limits(queue.service_level.within, queue.short_abandon) for queue in centre.queues}


def queues_of(
    centre: Document,
    waiting: dict[str, Waiting],
    days: dict[str, Day],
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
            service_level=(today := days.get(queue.name, Day())).service_level,
            service_level_target=queue.service_level.target.percent / 100,
            service_level_within_s=queue.service_level.within.total_seconds(),
            answered=today.answered,
            abandoned=today.abandoned,
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


def _agents(centre: Document, agents: Iterable[Agent]) -> list[AgentChanged]:
    """Those who take work; one of no configuration any more is shown until theirs has ended."""
    names = {agent.username: agent.name for agent in centre.agents}
    others = {user.username for user in centre.agents if "agent" not in user.roles}
    return [
        AgentChanged(
            username=agent.username,
            name=names.get(agent.username, agent.username),
            presence=agent.presence,
            reason=agent.reason,
            routing_state=agent.routing_state,
            since=agent.since,
            work=tuple(
                AgentWork(work_item=one.item, kind=one.kind, queue=one.queue, state=one.state, case=one.case)
                for one in agent.work
            ),
        )
        for agent in agents
        if agent.username not in others
    ]
