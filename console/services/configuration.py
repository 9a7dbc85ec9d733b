"""The configuration: made equal to a file, written out again, and read by whoever needs it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec

from console.clock import to_instant
from console.config import public_holidays, store
from console.config.diff import difference
from console.config.document import Centre
from console.config.export import export as written
from console.config.parse import parse
from console.config.store import Version
from console.db import inbox
from console.db.engine import Transaction
from console.people import store as people
from console.people.permissions import Permission, require
from console.people.who import Principal, Role
from console.routing.facts import ConfigChanged
from console.services.context import Context


class Applied(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a file."""

    version: int
    """In force afterwards; of a dry run, that it would be."""
    difference: tuple[str, ...]
    """To the version before, one line a change."""
    changed: bool


async def apply(ctx: Context, who: Principal, *, text: str, dry_run: bool = False) -> Applied:
    """Make the configuration equal to the file, as one new version; where it is equal already, nothing happens.

    The users of its agents are made or updated with it. An agent who is missing from it loses their sign-in when their
    work in hand has ended, which the engine sees to; a user who never takes work loses it at once.

    Raises Misconfigured with every mistake in the file.
    """
    name = require(who, Permission.CONFIGURE)
    centre = await asyncio.to_thread(parse, text)
    async with ctx.db.transaction() as db:
        await store.lock(db)
        before = await store.current(db)
        centre = public_holidays.copied(centre, before.centre, ctx.clock.now())
        changes = tuple(difference(before.centre, centre))
        if dry_run or centre == before.centre:
            version = before.version + (centre != before.centre)
            return Applied(version=version, difference=changes, changed=centre != before.centre)
        version = await _put(ctx, db, centre, by=name)
    ctx.nudges.ring("router")
    return Applied(version=version, difference=changes, changed=True)


async def export(ctx: Context, who: Principal) -> str:
    """The configuration in force as a file; applying it changes nothing."""
    require(who, Permission.CONFIGURE)
    return written((await current(ctx)).centre)


async def current(ctx: Context) -> Version:
    """The version in force; no permission, for it is the console that reads it."""
    async with ctx.db.snapshot() as db:
        return await store.current(db)


async def _put(ctx: Context, db: Transaction, centre: Centre, *, by: str) -> int:
    at = ctx.clock.now()
    version = await store.put(db, centre, at=at, by=by)
    persons = [people.Person(username=a.username, name=a.name, roles=a.roles) for a in centre.agents]
    await people.put_configured(db, persons, at=at)
    await _end_sign_ins(db, await people.missing(db, [person.username for person in persons]), ctx)
    await inbox.put(db, ConfigChanged(at=to_instant(at), version=version))
    return version


async def _end_sign_ins(db: Transaction, gone: Sequence[people.User], ctx: Context) -> None:
    """Of those who never have work in hand; the engine lets go of the others."""
    idle = [user.username for user in gone if Role.AGENT not in user.roles]
    if idle:
        await people.deactivate(db, idle, at=ctx.clock.now())
