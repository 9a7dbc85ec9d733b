"""An agent's desk as it is now."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import msgspec

from console.db.engine import Transaction
from console.errors import NotFound
from console.people.permissions import Permission, require
from console.people.who import Principal
from console.queries import desktop, desktop_idle
from console.queries.desktop import NOWHERE, Address, DeskScreen
from console.queries.desktop_idle import QueueGlance
from console.services import glance, handover, knowledge, matters
from console.services.context import Context

_NUMBER = re.compile(r"[A-Za-z0-9-]{1,40}")
"""What could be a case's number; whatever else an address holds is none."""


async def screen(ctx: Context, who: Principal, *, midnight: datetime, address: Address = NOWHERE) -> DeskScreen:
    """Everything that it shows, in one snapshot. `midnight` is when the agent's day began.

    A case that they may not see (any more) is not shown.
    """
    username = require(who, Permission.LISTEN)
    now = ctx.clock.now()
    async with ctx.db.snapshot() as db:
        if address.case is not None and not await _sees(ctx, db, who, address.case):
            address = msgspec.structs.replace(address, case=None)
        queues = await glance.served(ctx, db, username)
        drawn = await desktop.screen(db, username, now, midnight=midnight, queues=queues, address=address)
        return await knowledge.beside(ctx, db, who, drawn)


async def queues(ctx: Context, who: Principal) -> tuple[QueueGlance, ...]:
    """The queues on their desk, for little: whether a desk on which nothing happens has to be drawn anew."""
    username = require(who, Permission.LISTEN)
    async with ctx.db.snapshot() as db:
        return await desktop_idle.glances(db, await glance.served(ctx, db, username))


async def screen_of(ctx: Context, who: Principal, about: str, *, midnight: datetime) -> DeskScreen:
    """The desk with this work item or case on it, where it can be."""
    async with ctx.db.snapshot() as db:
        matter = await matters.find(ctx, db, who, about)
    at = datetime.max.replace(tzinfo=UTC)
    case = None if matter.item else matter.number
    return await screen(ctx, who, midnight=midnight, address=Address(work=matter.item, case=case, at=at))


async def require_case(ctx: Context, who: Principal, number: str) -> None:
    """Raises NotFound for a case that there is not, or that they may not see."""
    async with ctx.db.snapshot() as db:
        if not await _sees(ctx, db, who, number):
            raise NotFound("There is no such case, or it is not in your queues.")


async def _sees(ctx: Context, db: Transaction, who: Principal, number: str) -> bool:
    if not _NUMBER.fullmatch(number):
        return False
    try:
        await handover.reached_case(ctx, db, who, number)
    except NotFound:
        return False
    return True
