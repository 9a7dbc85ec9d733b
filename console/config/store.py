"""Versions of the configuration, in PostgreSQL: each whole, none ever changed."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import cast, func, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import Text

from console.config.document import Centre
from console.db.engine import driver
from console.db.schema import configuration

LOCK = 0x636F6E66
"""Advisory; "conf"."""


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """Version 0 is the empty one of a console that was never given any."""

    version: int
    centre: Centre
    applied_at: datetime | None = None
    applied_by: str | None = None


async def lock(db: AsyncConnection) -> None:
    """Until the transaction ends nobody else applies a configuration: each is compared with the one before it."""
    await db.execute(select(func.pg_advisory_xact_lock(LOCK)))


async def current_version(db: AsyncConnection) -> int:
    return int(await (await driver(db)).fetchval("select coalesce(max(version), 0) from configuration"))


async def current(db: AsyncConnection) -> Version:
    """The one in force."""
    latest = select(func.max(configuration.c.version)).scalar_subquery()
    return await _one(db, latest) or Version(version=0, centre=Centre())


async def find(db: AsyncConnection, version: int) -> Version | None:
    return Version(version=0, centre=Centre()) if version == 0 else await _one(db, literal(version))


async def put(db: AsyncConnection, centre: Centre, *, at: datetime, by: str) -> int:
    """Keep it as the next version, which it returns; hold the lock."""
    version = await current_version(db) + 1
    document = msgspec.to_builtins(centre)
    await db.execute(
        insert(configuration).values(version=version, applied_at=at, applied_by=by, document=document),
    )
    return version


async def _one(db: AsyncConnection, version: object) -> Version | None:
    row = (
        await db.execute(
            select(
                configuration.c.version,
                configuration.c.applied_at,
                configuration.c.applied_by,
                cast(configuration.c.document, Text).label("document"),
            ).where(configuration.c.version == version)
        )
    ).one_or_none()
    if row is None:
        return None
    return Version(
        version=row.version,
        applied_at=row.applied_at,
        applied_by=row.applied_by,
        centre=msgspec.json.decode(row.document, type=Centre),
    )
