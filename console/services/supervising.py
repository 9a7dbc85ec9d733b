"""What a supervisor's hand does to agents, and what supervisors look into: waiting work, figures' items, the audit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

import msgspec

from console.clock import to_instant
from console.config.document import Centre as Document
from console.db.engine import Transaction
from console.errors import NotFound
from console.people import store as people
from console.people.permissions import Permission, require
from console.people.who import Principal
from console.queries import audit, supervisor
from console.queries import figures as ask
from console.queries import routing as rows
from console.queries.audit import Filter
from console.queries.figures import Figure, Item
from console.queries.supervisor import Agent
from console.routing.agent import Presence
from console.routing.facts import SIGNED_OUT, PresenceSet
from console.services import figures, notices
from console.services.auditing import What, decided_and_recorded
from console.services.context import Context
from console.services.deciding import Outcome
from console.services.notices import Code
from console.services.teams import directed_by, require_directs
from console.sla.kpi import Counted

WAITING_MAX = 100
"""More than anybody moves by hand."""
PAUSES = ("break", "training", "meeting")
"""Reasons to be away that screens have words for."""


async def mine(ctx: Context, who: Principal) -> frozenset[str] | None:
    """Whom the asker directs; None: everybody."""
    require(who, Permission.SEE_CENTRE)
    async with ctx.db.statement() as db:
        return directed_by((await ctx.centres.in_force(db)).document, who)


# --- to an agent ------------------------------------------------------------------------------------------------------


async def set_state(
    ctx: Context, who: Principal, *, username: str, presence: Presence, reason: str, state: str | None = None
) -> Outcome:
    """Say what an agent is, for them. They are told by whom and why; `state` is the pause's code, where it has one.

    Raises NotAllowed, NotFound.
    """
    by = await _known(ctx, who, username)
    fact = PresenceSet(at=to_instant(ctx.clock.now()), agent=username, presence=presence, reason=state or reason, by=by)
    data: dict[str, object] = {"presence": presence.value, "state": state, "reason": reason}

    async def tell(db: Transaction) -> None:
        text = f"Your state was set to {state or presence.value}: {reason}"
        await notices.put(ctx, db, to=[username], by=by, code=Code.STATE_SET, text=text, data=data)

    return await _done(ctx, fact, by=by, what=What.STATE_SET, username=username, reason=reason, data=data, tell=tell)


async def sign_out(ctx: Context, who: Principal, *, username: str, reason: str) -> Outcome:
    """End every browser's session of an agent, and their presence. Their bearer tokens stay.

    Raises NotAllowed, NotFound.
    """
    by = await _known(ctx, who, username)
    at = ctx.clock.now()
    fact = PresenceSet(at=to_instant(at), agent=username, presence=Presence.OFFLINE, reason=SIGNED_OUT, by=by)

    async def end(db: Transaction) -> None:
        await people.end_sessions(db, [username], at=at)
        text = f"You were signed out: {reason}"
        await notices.put(ctx, db, to=[username], by=by, code=Code.SIGNED_OUT, text=text, data={"reason": reason})

    outcome = await _done(ctx, fact, by=by, what=What.SIGNED_OUT, username=username, reason=reason, data={}, tell=end)
    ctx.nudges.ring(f"session:{username}")
    return outcome


async def _known(ctx: Context, who: Principal, username: str) -> str:
    """The name under which the asker acts on that agent."""
    require(who, Permission.SUPERVISE)
    async with ctx.db.transaction() as db:
        centre = (await ctx.centres.in_force(db)).document
        if await rows.agent(db, username) is None:
            raise NotFound("There is no such agent.")
        return require_directs(centre, who, [username])


async def _done(
    ctx: Context,
    fact: PresenceSet,
    *,
    by: str,
    what: What,
    username: str,
    reason: str,
    data: dict[str, object],
    tell: Callable[[Transaction], Awaitable[None]],
) -> Outcome:
    outcome = await decided_and_recorded(
        ctx, fact, by=by, what=what, about=username, reason=reason, data=data, beside=tell
    )
    ctx.nudges.ring("frames")
    return outcome


# --- waiting work -----------------------------------------------------------------------------------------------------


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """An agent to whom work could be assigned."""

    username: str
    name: str
    qualified: bool
    free: bool


class WaitingWork(msgspec.Struct, frozen=True, kw_only=True):
    """Who waits in a queue, and where that could go."""

    items: tuple[Item, ...]
    more: bool
    choices: dict[str, tuple[Choice, ...]]
    """By item: the qualified before the others, the free first."""
    queues: dict[str, tuple[str, ...]]
    """By kind of work: other queues of its channel."""
    names: dict[str, str]


async def waiting_work(ctx: Context, who: Principal, *, queue: str) -> WaitingWork:
    """Raises NotFound."""
    require(who, Permission.SUPERVISE)
    async with ctx.db.snapshot() as db:
        centre = (await ctx.centres.in_force(db)).document
        found = await ask.waiting_items(db, [queue], WAITING_MAX + 1)
        if centre.queue(queue) is None and not found:
            raise NotFound("There is no such queue.")
        agents = await supervisor.agents(db)
    mine = directed_by(centre, who)
    items = tuple(found[:WAITING_MAX])
    kinds = {item.kind for item in items}
    return WaitingWork(
        items=items,
        more=len(found) > WAITING_MAX,
        choices={item.id: _choices(centre, item, agents, mine) for item in items},
        queues={kind: tuple(q.name for q in centre.queues if q.channel == kind and q.name != queue) for kind in kinds},
        names={agent.username: agent.name for agent in centre.agents},
    )


def _choices(centre: Document, item: Item, agents: list[Agent], mine: frozenset[str] | None) -> tuple[Choice, ...]:
    found = []
    for agent in agents:
        profile = centre.agent(agent.username)
        if profile is None or "agent" not in profile.roles or agent.presence == "offline":
            continue
        if mine is not None and agent.username not in mine:
            continue
        found.append(
            Choice(
                username=agent.username,
                name=profile.name,
                qualified=all(profile.skills.get(skill, 0) >= least for skill, least in item.needs.items()),
                free=(agent.presence, agent.routing_state) == ("available", "idle"),
            )
        )
    return tuple(sorted(found, key=lambda one: (not one.qualified, not one.free, one.name)))


# --- behind the figures -----------------------------------------------------------------------------------------------


class Behind(msgspec.Struct, frozen=True, kw_only=True):
    """The items that a figure counts, and its intervals of a quarter of an hour."""

    since: datetime
    until: datetime
    items: tuple[Item, ...]
    next: tuple[datetime, str] | None
    intervals: dict[datetime, Counted]
    names: dict[str, str]


async def behind(
    ctx: Context,
    who: Principal,
    *,
    figure: Figure,
    queue: str | None,
    today: bool,
    before: tuple[datetime, str] | None,
    limit: int,
) -> Behind:
    """Of one queue; without one, of all queues of calls, as the figures over the floor are.

    Raises NotFound.
    """
    require(who, Permission.SEE_CENTRE)
    now = ctx.clock.now()
    async with ctx.db.snapshot() as db:
        centre = await ctx.centres.in_force(db)
        limits = figures.limits_of(centre.document)
        if queue is not None and queue not in limits:
            raise NotFound("There is no such queue.")
        asked = [queue] if queue is not None else figures.queues_of_calls(centre.document)
        mine = {name: limits[name] for name in asked}
        since = figures.midnight(centre.document, now) if today else figures.recent_since(now)
        if figure == "waiting":
            found = await ask.waiting_items(db, asked, limit)
        else:
            found = await ask.items(db, mine, figure, since=since, before=before, limit=limit + 1)
        spans = await ask.counted(db, mine, since=since, every=figures.INTERVAL)
    shown = found[:limit]
    last = shown[-1] if len(found) > limit else None
    return Behind(
        since=since,
        until=now,
        items=tuple(shown),
        next=(last.at, last.id) if last is not None and last.at is not None else None,
        intervals=_intervals(spans),
        names={agent.username: agent.name for agent in centre.document.agents},
    )


def _intervals(spans: Mapping[str, Mapping[int, Counted]]) -> dict[datetime, Counted]:
    """Of all the queues together, latest first."""
    found: dict[datetime, Counted] = {}
    for counted in spans.values():
        for number, one in counted.items():
            at = figures.begins(number, figures.INTERVAL)
            found[at] = found.get(at, Counted()) + one
    return dict(sorted(found.items(), reverse=True))


# --- the audit --------------------------------------------------------------------------------------------------------


class Audit(msgspec.Struct, frozen=True, kw_only=True):
    entries: tuple[audit.Entry, ...]
    next: tuple[datetime, str] | None
    actors: dict[str, str]
    names: dict[str, str]


async def read_audit(
    ctx: Context, who: Principal, *, asked: Filter, before: tuple[datetime, str] | None, limit: int
) -> Audit:
    """What was done by hand: to an admin all of it, to a supervisor their own acts and those on their teams."""
    require(who, Permission.SUPERVISE)
    async with ctx.db.snapshot() as db:
        centre = (await ctx.centres.in_force(db)).document
        mine = directed_by(centre, who)
        found = await audit.entries(
            db,
            asked,
            seen_by=who.called,
            mine=None if mine is None else sorted(mine),
            before=before,
            limit=limit + 1,
        )
        actors = await audit.actors(db)
    shown = found[:limit]
    return Audit(
        entries=tuple(shown),
        next=(shown[-1].at, shown[-1].id) if len(found) > limit else None,
        actors=actors,
        names={agent.username: agent.name for agent in centre.agents},
    )
