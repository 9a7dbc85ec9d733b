"""Bringing a database to this version of the console, and telling whether it is of this version."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from console.clock import Clock, SystemClock
from console.db.engine import Database, check_server, driver
from console.db.partitions import ensure_partitions
from console.errors import Fault

if TYPE_CHECKING:
    from alembic.config import Config

_MIGRATIONS = Path(__file__).parent / "migrations"
_ONE_AT_A_TIME = 0x636F6E73
"""Key of the advisory lock that two migrating processes would both take."""


async def upgrade(database: Database, clock: Clock | None = None) -> None:
    """Apply what is missing, in one transaction: either all of it, or nothing.

    Nodes that start together may all call this; they go one after another, and the later find nothing to do.
    Raises Fault where the server lacks something, or the database belongs to a newer console.
    """
    patient = Database(database.url, pool_size=1, command_s=None)
    try:
        await _upgrade(patient, (clock or SystemClock()).now())
    finally:
        await patient.close()


async def _upgrade(database: Database, now: datetime) -> None:
    async with database.transaction() as db:
        await db.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _ONE_AT_A_TIME})
        revision = await _revision(db)
        _refuse_unknown(revision)
        if revision != head():
            await db.run_sync(_to_head)
        await ensure_partitions(db, now)
        await check_server(await driver(db))


async def current(database: Database) -> str | None:
    """The revision the database is at; None: an empty one."""
    async with database.snapshot() as db:
        return await _revision(db)


def head() -> str:
    """The revision this version of the console works with."""
    return _revisions()[-1]


def _revisions() -> list[str]:
    """All of them, in their order. Their files begin with their numbers, and they follow one after another."""
    return sorted(path.name.partition("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*_*.py"))


async def check(database: Database) -> None:
    """Raise Fault when the database is of another version than this console."""
    revision = await current(database)
    _refuse_unknown(revision)
    if revision != head():
        raise Fault(
            f"The database is at version {revision or 'none'}, this console needs {head()}. "
            "Make a backup, then run: console migrate"
        )


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration; there is no alembic.ini."""
    from alembic.config import Config  # noqa: PLC0415 - takes half a second to import; a database seldom needs it

    made = Config()
    made.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = connection
    return made


def _to_head(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - as above

    command.upgrade(config(connection), "head")


async def _revision(db: AsyncConnection) -> str | None:
    if not await db.scalar(text("select to_regclass('alembic_version') is not null")):
        return None
    found: str | None = await db.scalar(text("select version_num from alembic_version"))
    return found


def _refuse_unknown(revision: str | None) -> None:
    if revision is not None and revision not in _revisions():
        raise Fault(
            f"The database is at version {revision}, which this console does not know: a newer console has been here. "
            "Run that version, or restore a backup made before it."
        )
