"""Whether an agent is there, and says so: presence, and the streams that prove it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import msgspec

from console.clock import to_instant
from console.db import inbox
from console.errors import Conflict, NotFound, NotReady
from console.live.hub import Desk, Subscription, Topic
from console.people.permissions import Permission, require
from console.people.who import Principal
from console.queries import routing as ask
from console.queries import stream
from console.routing.agent import Presence
from console.routing.facts import PresenceSet, StreamClosed, StreamOpened
from console.services import messages
from console.services.context import Context
from console.services.deciding import decided

REASON_MAX = 100


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """As `GET /me` shows it."""

    username: str
    presence: str
    reason: str | None
    routing_state: str
    connected: bool


async def me(ctx: Context, who: Principal) -> Me:
    username = require(who, Permission.HAVE_PRESENCE)
    async with ctx.db.statement() as db:
        row = await ask.agent(db, username)
    if row is None:
        return Me(username=username, presence="offline", reason=None, routing_state="idle", connected=False)
    return Me(
        username=username,
        presence=row.pending or row.presence,
        reason=row.pending_reason if row.pending else row.reason,
        routing_state=row.routing_state,
        connected=bool(row.nodes),
    )


async def set_own(ctx: Context, who: Principal, *, presence: Presence, reason: str | None = None) -> Me:
    """Say what one is; available again also ends *not responding*.

    Raises Conflict for somebody of whom the configuration knows nothing.
    """
    username = require(who, Permission.HAVE_PRESENCE)
    at = to_instant(ctx.clock.now())
    try:
        await decided(ctx, PresenceSet(at=at, agent=username, presence=presence, reason=reason))
    except NotFound:
        raise Conflict(f"The configuration has no agent {username}: an admin adds them to it.") from None
    return await me(ctx, who)


async def read_desk(ctx: Context, username: str) -> Desk:
    """What the agent's desk shows now."""
    async with ctx.db.snapshot() as db:
        state = await stream.desk_state(db, username)
    return Desk(ready=messages.ready(state), decision=state.decision)


async def sync(ctx: Context, agent: str) -> None:
    """Put the fact that makes the router's belief about the agent's streams here true, if it is not."""
    told = ctx.attendance.told
    async with ctx.attendance.locks[agent]:
        here = agent in ctx.hub.listening()
        if here == (agent in told):
            return
        kind = StreamOpened if here else StreamClosed
        async with ctx.db.transaction() as db:
            await inbox.put(db, kind(at=to_instant(ctx.clock.now()), agent=agent, node=ctx.node))
        (told.add if here else told.discard)(agent)
    ctx.nudges.ring("router")


async def sync_all(ctx: Context) -> None:
    """Tell what could not be told when it happened."""
    for agent in ctx.attendance.told ^ ctx.hub.listening():
        await sync(ctx, agent)


@asynccontextmanager
async def listening(
    ctx: Context,
    who: Principal,
    *,
    since: int | None = None,
    topics: frozenset[Topic] = frozenset(),
) -> AsyncIterator[Subscription]:
    """A stream of the agent's frames; while it is open, and for 10 s after, they can be given work.

    Raises NotAllowed, or NotReady when the database is away.
    """
    username = require(who, Permission.LISTEN)
    if topics:
        require(who, Permission.SUPERVISE)
    subscription = await ctx.hub.open(username, since, topics)
    try:
        await sync(ctx, username)
        yield subscription
    finally:
        ctx.hub.close(subscription)
        await asyncio.shield(_leave(ctx, username))


async def _leave(ctx: Context, username: str) -> None:
    with suppress(NotReady):  # the presence loop tells it when the database is back
        await sync(ctx, username)
