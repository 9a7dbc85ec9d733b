"""The real application on a real server, over a database of the test's own."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
import uvicorn

from console.clock import SystemClock
from console.db import nodes
from console.db.engine import Database
from console.ids import NodeId, new_id
from console.live.attendance import Attendance
from console.live.hub import Desk as HubDesk
from console.live.hub import Hub
from console.live.nudge import Nudges
from console.live.verdicts import Verdicts
from console.runtime.frames import Frames
from console.runtime.overview import Overview
from console.runtime.router import Router
from console.services import presence
from console.services.centre import Centres
from console.services.context import Context
from console.web.app import create_app
from tests.conftest import copied
from tests.web.running import Site, settle


@pytest.fixture
def public_url() -> str | None:
    return None


@asynccontextmanager
async def context_of(database: Database, public_url: str | None) -> AsyncIterator[Context]:
    clock = SystemClock()

    async def read_desk(agent: str) -> HubDesk:
        return await presence.read_desk(ctx, agent)

    async with Nudges(None).running() as nudges:
        ctx = Context(
            db=database,
            clock=clock,
            nudges=nudges,
            verdicts=Verdicts(),
            hub=Hub(clock, read_desk),
            node=NodeId(new_id()),
            attendance=Attendance(),
            centres=Centres(),
            secret=b"k" * 32,
            public_url=public_url,
        )
        yield ctx


@asynccontextmanager
async def site_of(ctx: Context) -> AsyncIterator[Site]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(ctx), log_config=None, lifespan="off", ws_ping_interval=15))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    site = Site(ctx, f"http://127.0.0.1:{listener.getsockname()[1]}")
    await settle(site)
    yield site
    server.should_exit = True
    server.force_exit = True
    await serving


@pytest.fixture
async def ctx(database: Database, public_url: str | None) -> AsyncIterator[Context]:
    async with context_of(database, public_url) as ctx:
        yield ctx


@pytest.fixture
async def site(ctx: Context) -> AsyncIterator[Site]:
    """Pages, sockets and API over HTTP, without a router."""
    async with site_of(ctx) as site:
        yield site


@pytest.fixture(scope="module")
async def shared(server_address: str, template: str) -> AsyncIterator[Site]:
    """One for all tests of a file that only ask, or are refused: they leave nothing that another would notice."""
    async with AsyncExitStack() as stack:
        database = await Database.open(await stack.enter_async_context(copied(server_address, template)))
        stack.push_async_callback(database.close)
        ctx = await stack.enter_async_context(context_of(database, None))
        yield await stack.enter_async_context(site_of(ctx))


@pytest.fixture
async def at_work(site: Site) -> AsyncIterator[Site]:
    """The same, with a router that decides and its frames on their way to the sockets."""
    async with site.ctx.db.transaction() as db:
        await nodes.arrive(db, site.ctx.node)
    loops = [Router(site.ctx), Frames(site.ctx), Overview(site.ctx)]
    tasks = [asyncio.create_task(loop.run()) for loop in loops]
    async with site.client() as client:
        while (await client.get("/health/ready")).status_code != 200:
            assert not any(task.done() for task in tasks)
    yield site
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
