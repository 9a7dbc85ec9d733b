"""The one place that builds connected things: database, loops, phone systems, pages."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import socket
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass

import structlog
import uvicorn

from console import settings as settings_of
from console.clock import Clock, SystemClock
from console.config.document import PhoneSystem
from console.db import embedded, migrate, nodes
from console.db.engine import Database
from console.errors import Fault, NotReady
from console.ids import NodeId, new_id
from console.live.attendance import Attendance
from console.live.hub import Desk, Hub
from console.live.nudge import Nudges
from console.live.verdicts import Verdicts
from console.runtime.frames import Frames
from console.runtime.housekeeping import Housekeeping
from console.runtime.knowledge import Knowledge
from console.runtime.overview import Overview
from console.runtime.phones import Dial, Phones
from console.runtime.presence import Presence
from console.runtime.router import Router
from console.runtime.systems import Asks, Systems
from console.runtime.timekeeper import Timekeeper
from console.services import presence as presence_service
from console.services.centre import Centres
from console.services.context import Context
from console.settings import Settings
from console.telephony import Telephony

log = structlog.get_logger()

SECRET_BYTES = 32
CONNECT_AGAIN_S = 1.0
STOP_WITHIN_S = 5
PING_S = 15.0
"""Of a websocket: the contract's."""


def dial(system: PhoneSystem) -> Telephony | None:
    """The adapter of a telephony entry; None for one that only tells."""
    if system.kind == "asterisk-ari":
        from adapters.telephony.asterisk.client import Asterisk  # noqa: PLC0415 - commands need no phone system

        return Asterisk(
            name=system.name,
            url=system.url or "",
            app=system.app,
            user=system.user,
            secret=settings_of.secret_of(system.secret, os.environ),
            waiting=system.waiting,
        )
    return None


def systems() -> Asks:
    """The line to the other systems that scripts ask."""
    from adapters.systems.http import Http  # noqa: PLC0415 - as above

    return Http()


@asynccontextmanager
async def opened(
    settings: Settings | None = None, *, say: Callable[[str], None] = lambda _: None
) -> AsyncIterator[Context]:
    """What a command needs: the database, at this version, and whatever stands on it.

    Raises Fault, or NotReady when the database cannot be reached.
    """
    settings = settings or settings_of.load(os.environ)
    with ExitStack() as stack:
        url = stack.enter_context(embedded.running(settings.database, say))
        database = await Database.open(url)
        try:
            await at_this_version(database, own=settings.database.database_url is None)
            async with Nudges(settings.node.redis_url).running() as nudges:
                yield context(settings, database, nudges)
        finally:
            await database.close()


async def at_this_version(database: Database, *, own: bool) -> None:
    """An embedded database is brought to this version; another's must be there already, or Fault is raised."""
    if own:
        await migrate.upgrade(database)
    else:
        await migrate.check(database)


def context(settings: Settings, database: Database, nudges: Nudges, clock: Clock | None = None) -> Context:
    clock = clock or SystemClock()

    async def read_desk(agent: str) -> Desk:
        return await presence_service.read_desk(ctx, agent)

    ctx = Context(
        db=database,
        clock=clock,
        nudges=nudges,
        verdicts=Verdicts(),
        hub=Hub(clock, read_desk),
        node=NodeId(new_id()),
        secret=secret_key(settings),
        centres=Centres(),
        attendance=Attendance(),
        public_url=settings.node.public_url,
    )
    return ctx


def secret_key(settings: Settings) -> bytes:
    """The configured key, or one made once and kept in the data directory."""
    if settings.node.secret_key is not None:
        return settings.node.secret_key.encode()
    path = settings.database.data_dir / "secret-key"
    with suppress(FileNotFoundError):
        return path.read_bytes()
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_name(f".secret-key-{new_id()}")
    made.touch(mode=0o600)
    made.write_bytes(secrets.token_hex(SECRET_BYTES).encode())
    with suppress(FileExistsError):
        os.link(made, path)
    made.unlink()
    return path.read_bytes()


@dataclass
class Node:
    """One node: the loops, and the server of pages, sockets and API."""

    ctx: Context
    settings: Settings
    dial: Dial = dial

    def __post_init__(self) -> None:
        self.router = Router(self.ctx)
        self.presence = Presence(self.ctx)
        self.timekeeper = Timekeeper(self.ctx)
        self._loops: list[Callable[[], Coroutine[None, None, None]]] = [
            self.router.run,
            Frames(self.ctx).run,
            self.presence.run,
            self.timekeeper.run,
            Overview(self.ctx).run,
            Knowledge(self.ctx, self.settings.database.data_dir / "knowledge.npz").run,
            Phones(self.ctx, self.dial).run,
            Systems(self.ctx, systems(), os.environ).run,
            Housekeeping(self.ctx, self.settings.database.journal_months).run,
        ]

    async def run(self, *, listener: socket.socket, ready: Callable[[], None] = lambda: None) -> None:
        """Serve until told to stop (SIGTERM, SIGINT) or cancelled; answers 503 while the database is away."""
        server = _server(self.ctx)
        with _told_to_stop(server):
            await self._serve(server, listener, ready)

    async def _serve(self, server: uvicorn.Server, listener: socket.socket, ready: Callable[[], None]) -> None:
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        working = asyncio.create_task(self._work(ready))
        try:
            done, _ = await asyncio.wait([serving, working], return_when=asyncio.FIRST_COMPLETED)
            if working in done:
                server.should_exit = True
                await serving
            for task in done:
                task.result()
        finally:
            server.should_exit = True
            working.cancel()
            await asyncio.gather(working, serving, return_exceptions=True)
            await self._leave()

    async def _work(self, ready: Callable[[], None]) -> None:
        await self._arrive()
        ready()
        async with asyncio.TaskGroup() as group:
            for loop in self._loops:
                group.create_task(loop())

    async def _arrive(self) -> None:
        """Wait for a database of this version, and join the others there."""
        while True:
            try:
                await at_this_version(self.ctx.db, own=self.settings.database.database_url is None)
                async with self.ctx.db.transaction() as db:
                    await nodes.arrive(db, self.ctx.node)
            except NotReady:
                log.warning("database.away", retry_s=CONNECT_AGAIN_S)
                await asyncio.sleep(CONNECT_AGAIN_S)
            else:
                return

    async def _leave(self) -> None:
        with suppress(NotReady):
            await self.router.stop()
            await self.timekeeper.stop()
            await self.presence.stop()


class _Server(uvicorn.Server):
    """Leaves signals to the node.

    uvicorn raises them again once it has served; SIGTERM would end the process before the node has left.
    """

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextmanager
def _told_to_stop(server: uvicorn.Server) -> Iterator[None]:
    """SIGTERM and SIGINT end the serving; SIGINT again ends it without waiting for requests that still run."""
    if threading.current_thread() is not threading.main_thread():
        yield  # whoever runs a node in another thread stops it themselves
        return

    def stop(sig: int, _: object) -> None:
        server.force_exit = server.should_exit and sig == signal.SIGINT
        server.should_exit = True

    before = {sig: signal.signal(sig, stop) for sig in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for sig, handler in before.items():
            signal.signal(sig, handler)


def _server(ctx: Context) -> uvicorn.Server:
    from console.web.app import create_app  # noqa: PLC0415 - litestar takes a second to import; commands do not need it
    from console.web.limits import WEBSOCKET_MESSAGE_BYTES_MAX  # noqa: PLC0415 - the same

    config = uvicorn.Config(
        create_app(ctx),
        log_config=None,
        access_log=False,
        ws_ping_interval=PING_S,
        ws_ping_timeout=PING_S,
        ws_max_size=WEBSOCKET_MESSAGE_BYTES_MAX,
        timeout_graceful_shutdown=STOP_WITHIN_S,
        server_header=False,
        date_header=True,
    )
    return _Server(config)


def bind(host: str, port: int) -> socket.socket:
    """A listening socket. Raises Fault where the port is taken, or the address is not this machine's."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named, for asyncio sends at once (TCP_NODELAY) only on sockets that say they are TCP.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise Fault(f"Cannot listen on {host}:{port}: {error.strerror}. Choose another with --port.") from None
    listener.listen(1024)
    listener.setblocking(False)
    return listener


@asynccontextmanager
async def node(
    settings: Settings, *, dial_with: Dial = dial, say: Callable[[str], None] = lambda _: None
) -> AsyncIterator[Node]:
    """A node that is ready to run; unlike a command it also starts while its database is away."""
    with ExitStack() as stack:
        url = stack.enter_context(embedded.running(settings.database, say))
        database = Database(url)
        try:
            async with Nudges(settings.node.redis_url).running() as nudges:
                yield Node(context(settings, database, nudges), settings, dial_with)
        finally:
            await database.close()


async def migrated(settings: Settings, *, say: Callable[[str], None] = lambda _: None) -> tuple[str | None, str]:
    """Bring the database to this version; the versions before and after."""
    with ExitStack() as stack:
        database = await Database.open(stack.enter_context(embedded.running(settings.database, say)))
        try:
            before = await migrate.current(database)
            await migrate.upgrade(database)
        finally:
            await database.close()
    return before, migrate.head()
