"""Presence: one's own, and, for supervisors, everybody's; queues and agents as they stand."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from console.people.permissions import Permission
from console.people.who import Principal
from console.routing.agent import Presence
from console.services import overview, presence, supervising
from console.services.context import Context
from console.web.api.deciding import answer
from console.web.api.lists import Cursor, Limit, Page, page_by_name
from console.web.auth import may
from console.web.limits import Line


class SetPresence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    presence: Presence
    reason: Line | None = None


class SetPresenceOf(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A supervisor says why; it is kept."""

    presence: Presence
    reason: Line


@get("/me", guards=[may(Permission.HAVE_PRESENCE)])
async def me(ctx: NamedDependency[Context], who: NamedDependency[Principal]) -> presence.Me:
    """What the console believes of you."""
    return await presence.me(ctx, who)


@put("/me/presence", guards=[may(Permission.HAVE_PRESENCE)])
async def set_own_presence(
    ctx: NamedDependency[Context], who: NamedDependency[Principal], data: JSONBody[SetPresence]
) -> presence.Me:
    """Say what you are. A pause asked for during work takes hold when it ends."""
    return await presence.set_own(ctx, who, presence=data.presence, reason=data.reason)


@get("/queues", guards=[may(Permission.SEE_CENTRE)])
async def queues(
    ctx: NamedDependency[Context], who: NamedDependency[Principal], limit: Limit = None, cursor: Cursor = None
) -> Page[dict[str, Any]]:
    """Every queue: who waits, how long, who serves it, and today's figures."""
    return page_by_name(await overview.queues(ctx, who), "name", limit, cursor)


@get("/agents", guards=[may(Permission.SEE_CENTRE)])
async def agents(
    ctx: NamedDependency[Context], who: NamedDependency[Principal], limit: Limit = None, cursor: Cursor = None
) -> Page[dict[str, Any]]:
    """Every agent: what they say, what the console knows, and the work they have in hand."""
    return page_by_name(await overview.agents(ctx, who), "username", limit, cursor)


@put("/agents/{username:str}/presence", status_code=204, guards=[may(Permission.SUPERVISE)])
async def set_presence_of(
    ctx: NamedDependency[Context],
    who: NamedDependency[Principal],
    username: FromPath[str],
    data: JSONBody[SetPresenceOf],
) -> Response[None]:
    """A supervisor says it for an agent."""
    return answer(await supervising.set_state(ctx, who, username=username, presence=data.presence, reason=data.reason))


routes = [me, set_own_presence, queues, agents, set_presence_of]
