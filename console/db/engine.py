"""The connection to PostgreSQL: a pool, transactions, and what a lost database looks like.

SQLAlchemy Core stands on asyncpg here. Json columns are read and written by msgspec, uuid columns are text, and
hot paths borrow the asyncpg connection of the transaction they are in (`driver`).
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, TypeAlias

import asyncpg
import msgspec
from sqlalchemy import event
from sqlalchemy.connectors.asyncio import AsyncAdapt_Error
from sqlalchemy.exc import DBAPIError, DisconnectionError, InvalidRequestError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from console.errors import Fault, NotReady

OLDEST_SERVER = 15
"""Oldest major version of PostgreSQL that the test suite is run on."""

POOL_SIZE = 20
"""Connections of one process at most, opened as they are needed: five nodes fit into PostgreSQL's usual hundred, less
three that it keeps for its administrators."""

POOL_WAIT_S = 5
"""How long a request waits for a free connection before it is told to come back."""

CONNECT_S = 5
"""How long to wait for a server that does not answer: an agent will not look at a spinner for longer."""

COMMAND_S = 60
"""No statement but a migration's takes this long; one that does has lost its server without being told."""

SESSION = {
    "application_name": "console",
    "timezone": "UTC",
    # A process that was stopped or cut off inside a transaction must not keep its locks.
    "idle_in_transaction_session_timeout": "10s",
}

_LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.DatabaseDroppedError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InternalClientError,
    ConnectionError,
    TimeoutError,
)
_FROM_THE_DRIVER = (*_LOST, asyncpg.PostgresError, asyncpg.InterfaceError, AsyncAdapt_Error, DBAPIError, OSError)


Transaction: TypeAlias = AsyncConnection
"""What a use case hands to stores and to the other modules of this room: a connection inside a transaction."""


class Database:
    """A pool of connections to one database. Share it; it belongs to one event loop."""

    def __init__(self, url: str, *, pool_size: int = POOL_SIZE, command_s: float | None = COMMAND_S) -> None:
        self.url = plain_url(url)
        self._engine = _engine(self.url, pool_size, command_s)
        self._snapshots = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._statements = self._engine.execution_options(isolation_level="AUTOCOMMIT")

    @classmethod
    async def open(cls, url: str, *, pool_size: int = POOL_SIZE) -> Database:
        """Connect, and see that the server is one that the console can work with.

        Raises NotReady when it cannot be reached, Fault when it can be and will not do.
        """
        database = cls(url, pool_size=pool_size)
        try:
            async with database.transaction() as db:
                await check_server(await driver(db))
        except BaseException:
            await database.close()
            raise
        return database

    def transaction(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """One transaction: committed at the end, rolled back when anything is raised.

        Raises NotReady when the database is lost, on the way in, inside, or at the commit. Lost at the commit, it may
        have been kept: what is done again must be repeatable by its id.
        """
        return self._begun(self._engine)

    def snapshot(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A read-only transaction in which every statement sees the same instant."""
        return self._begun(self._snapshots)

    def statement(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """For a single statement, which is committed when it returns: a third of a transaction's way to the server.

        Raises NotReady as `transaction`.
        """
        return self._begun(self._statements)

    async def close(self) -> None:
        await self._engine.dispose()

    @asynccontextmanager
    async def _begun(self, engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
        try:
            # An invalid request, says the pool, when a connection is closed again as soon as it was made.
            connection = await engine.connect()
        except (*_FROM_THE_DRIVER, PoolTimeoutError, InvalidRequestError) as error:
            raise _not_connected(error) from error
        try:
            await connection.begin()
            yield connection
            await connection.commit()
        except _FROM_THE_DRIVER as error:
            if await _is_lost(connection, error):
                await connection.invalidate()
                raise NotReady from error
            raise
        finally:
            # To its end, also when the request that asked was cancelled meanwhile.
            await asyncio.shield(asyncio.create_task(_give_back(connection)))


async def driver(db: AsyncConnection) -> asyncpg.Connection[Any]:
    """The asyncpg connection beneath, inside the same transaction, which has begun.

    Uuids are str; jsonb is read as values and written from values or from json in bytes. SQLAlchemy begins lazily, with
    its first statement; raw statements before that would each commit on their own.
    """
    adapted = (await db.get_raw_connection()).dbapi_connection
    assert adapted is not None
    if adapted._transaction is None:  # noqa: SLF001 - SQLAlchemy has no public way to begin without a statement
        await adapted._start_transaction()  # noqa: SLF001 - the same
    return adapted.driver_connection


async def check_server(connection: asyncpg.Connection[Any]) -> None:
    """Raise Fault where this server or database cannot carry the console, and say how to mend it."""
    major = connection.get_server_version().major
    if major < OLDEST_SERVER:
        raise Fault(f"The database server is PostgreSQL {major}; the console needs {OLDEST_SERVER} or newer.")
    encoding = await connection.fetchval("select current_setting('server_encoding')")
    if encoding != "UTF8":
        raise Fault(
            f"The database's encoding is {encoding}; the console needs UTF8: "
            "create database console encoding 'UTF8' locale 'C.UTF-8' template template0"
        )
    state = await connection.fetchrow(
        "select installed_version, (select n.nspname from pg_extension e join pg_namespace n on n.oid = e.extnamespace"
        " where e.extname = x.name) as home from pg_available_extensions x where name = 'pg_trgm'"
    )
    if state is None:
        raise Fault(
            "The database server has no extension pg_trgm; install PostgreSQL's contrib package "
            "(Debian and Ubuntu: postgresql-contrib) on the server."
        )
    if state["home"] is not None:
        await _check_letters(connection, state["home"])


async def _check_letters(connection: asyncpg.Connection[Any], home: str) -> None:
    """With a plain C character type pg_trgm makes no trigrams of other alphabets, and says nothing."""
    schema = '"' + home.replace('"', '""') + '"'
    if not await connection.fetchval(f"select {schema}.show_trgm('привет') <> '{{}}'"):
        raise Fault(
            "The database does not know letters beyond ASCII (its LC_CTYPE is C), so names in other alphabets would "
            "never be found. Make it anew: create database console encoding 'UTF8' locale 'C.UTF-8' template template0"
        )


def plain_url(url: str) -> str:
    """The URL as libpq and asyncpg spell it, whatever driver it names.

    Raises Fault for a URL that is not PostgreSQL's; it does not repeat it, for there may be a password inside.
    """
    scheme, found, rest = url.partition("://")
    if not found or scheme.partition("+")[0] not in ("postgresql", "postgres"):
        raise Fault("CONSOLE_DATABASE_URL must look like postgresql://user:password@host:5432/database")
    return f"postgresql://{rest}"


def _engine(url: str, pool_size: int, command_s: float | None) -> AsyncEngine:
    async def connect(*_args: Any, **_kwargs: Any) -> asyncpg.Connection[Any]:
        return await asyncpg.connect(url, timeout=CONNECT_S, command_timeout=command_s, server_settings=SESSION)

    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=connect,
        pool_size=pool_size,
        max_overflow=0,  # what overflows is opened and closed again each time, which costs more than to wait
        pool_timeout=POOL_WAIT_S,
        pool_use_lifo=True,
        json_serializer=msgspec.json.encode,
    )
    event.listen(engine.sync_engine, "connect", _set_codecs)
    event.listen(engine.sync_engine, "checkout", _refuse_closed)
    return engine


def _set_codecs(adapted: Any, _record: object) -> None:
    adapted.run_async(_codecs)


async def _codecs(connection: asyncpg.Connection[Any]) -> None:
    """Json through msgspec, uuid as text. They replace those that SQLAlchemy has just set."""
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", format="binary", encoder=_to_jsonb, decoder=_from_jsonb
    )
    await connection.set_type_codec("uuid", schema="pg_catalog", format="text", encoder=str, decoder=str)


def _to_jsonb(value: Any) -> bytes:
    """On the wire jsonb is a version, 1, and text. Bytes and str are json already."""
    if isinstance(value, str):
        return b"\x01" + value.encode()
    return b"\x01" + (value if isinstance(value, bytes) else msgspec.json.encode(value))


def _from_jsonb(value: bytes) -> Any:
    return msgspec.json.decode(memoryview(value)[1:])


def _refuse_closed(adapted: Any, _record: object, _proxy: object) -> None:
    """Have the pool replace connections whose server has gone; it costs nothing, unlike asking the server."""
    if adapted.driver_connection.is_closed():
        raise DisconnectionError


def _causes(error: BaseException | None) -> list[BaseException]:
    """The error and what it came of, out of SQLAlchemy's wrappings."""
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = getattr(error, "orig", None) or error.__cause__
    return found


async def _is_lost(connection: AsyncConnection, error: BaseException) -> bool:
    return any(isinstance(cause, _LOST) for cause in _causes(error)) or await _is_closed(connection)


async def _is_closed(connection: AsyncConnection) -> bool:
    if connection.invalidated or connection.closed:
        return True
    beneath = (await connection.get_raw_connection()).driver_connection
    return beneath is None or bool(beneath.is_closed())


async def _give_back(connection: AsyncConnection) -> None:
    """Return it to the pool, which rolls back what was not committed.

    One whose server has gone is thrown away, and so is one that was cancelled while it began.
    """
    if not connection.invalidated and (await _is_closed(connection) or await _is_half_begun(connection)):
        await connection.invalidate()
    await connection.close()


async def _is_half_begun(connection: AsyncConnection) -> bool:
    """Whether asyncpg counts a transaction that SQLAlchemy does not, because its BEGIN was cancelled under way.

    Nobody would roll it back, and each transaction after it would be a savepoint inside it, never committed.
    """
    adapted = (await connection.get_raw_connection()).dbapi_connection
    assert adapted is not None
    beneath = adapted.driver_connection
    return adapted._transaction is None and beneath is not None and beneath._top_xact is not None  # noqa: SLF001 - neither has a public way to ask


def _not_connected(error: BaseException) -> NotReady | Fault:
    """What to tell of a failed attempt to connect: only some of it mends itself by waiting."""
    for cause in _causes(error):
        if isinstance(cause, asyncpg.InvalidAuthorizationSpecificationError | asyncpg.InvalidCatalogNameError):
            return Fault(f"The database server refused CONSOLE_DATABASE_URL: {cause}")
        if isinstance(cause, ssl.SSLError | asyncpg.ClientConfigurationError):
            return Fault(f"CONSOLE_DATABASE_URL: {cause}")
    return NotReady()
