"""A node without pages, for what is played upon it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from console import bootstrap
from console.db import nodes
from console.db.engine import Database
from console.live.nudge import Nudges
from console.runtime.frames import Frames
from console.runtime.presence import Presence
from console.runtime.router import Router
from console.services.context import Context
from console.settings import load


@pytest.fixture
async def ctx(database: Database, tmp_path: Path) -> AsyncIterator[Context]:
    """A context as commands have it."""
    async with Nudges(None).running() as nudges:
        yield bootstrap.context(load({"CONSOLE_DATA_DIR": str(tmp_path)}), database, nudges)


@pytest.fixture
async def node(ctx: Context) -> AsyncIterator[Context]:
    """The same, with a router that decides and frames that are told."""
    async with ctx.db.transaction() as db:
        await nodes.arrive(db, ctx.node)
    tasks = [asyncio.create_task(loop.run()) for loop in (Router(ctx), Frames(ctx), Presence(ctx))]
    yield ctx
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
