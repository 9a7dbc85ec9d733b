"""Sets the demo up, and runs it: a database of its own, the centre and its past written once, then everybody at work."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import socket
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

import click
import msgspec

from console import bootstrap
from console import settings as settings_of
from console.cli import logs, loop
from console.cli.demo import handed, history, known, line_test, material, scripted
from console.cli.demo.play import Play
from console.cli.demo.progress import Progress
from console.config.document import Centre
from console.db.server import prepare_directory
from console.errors import Fault
from console.people import store as people_store
from console.people.who import OPERATOR
from console.services import configuration, people
from console.services.context import Context
from console.settings import Settings

PASSWORD = "northlink"  # noqa: S105 - of an example centre, printed at every start
SIGN_INS = {
    material.SEAT: "agent: a seat kept free; go Available, and a call comes within seconds",
    material.SUPERVISOR: "supervisor: queues and agents, live",
    material.ADMIN: "admin: configuration and people",
}
LOCK = "demo.lock"


def run(*, host: str, port: int, agents: int, calls_per_hour: int) -> None:
    """Until somebody stops it. Raises Fault where it cannot be."""
    settings = own_settings(settings_of.load(os.environ))
    logs.configure(settings.node.log, logging.WARNING)
    listener = bootstrap.bind(host, port)
    with only_one(settings.database.data_dir):
        try:
            loop.run(_demo(settings, listener, agents=agents, calls_per_hour=calls_per_hour))
        except KeyboardInterrupt:
            click.echo("Stopped. The next start goes on from here.")


def own_settings(settings: Settings) -> Settings:
    """The settings with a database of the demo's own; never the one that somebody works with."""
    data_dir = Path(f"{settings.database.data_dir}-demo")
    return Settings(
        database=msgspec.structs.replace(settings.database, database_url=None, data_dir=data_dir),
        node=msgspec.structs.replace(settings.node, redis_url=None),
    )


@contextmanager
def only_one(data_dir: Path) -> Iterator[None]:
    """Two casts on one stage would play every agent twice. Raises Fault where a demo of this directory runs."""
    prepare_directory(data_dir)
    with (data_dir / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            detail = f"A demo runs on {data_dir} already. Stop it first, or set CONSOLE_DATA_DIR to another directory."
            raise Fault(detail) from None
        yield


async def _demo(settings: Settings, listener: socket.socket, *, agents: int, calls_per_hour: int) -> None:
    progress = Progress()
    centre = material.centre(agents)
    play = Play(material.played(centre), calls_per_hour)
    async with AsyncExitStack() as stack:
        with progress.step("Starting a database of its own"):
            opened = bootstrap.node(settings, dial_with=play.dial, say=progress.say)
            node = await stack.enter_async_context(opened)
        with progress.step("Bringing it to this version"):
            await bootstrap.at_this_version(node.ctx.db, own=True)
        centre = await stack.enter_async_context(line_test.answering(centre))
        with progress.step("Setting up Northlink: queues, agents, sign-ins"):
            await _set_up(node.ctx, centre)
        with progress.step("Writing its past: customers and cases"):
            if await history.seed(node.ctx, [agent.username for agent in play.cast]):
                await handed.seed(node.ctx)
        await _serve(node, listener, play, settings)


async def _set_up(ctx: Context, centre: Centre) -> None:
    await configuration.apply(ctx, OPERATOR, text=material.written(centre))
    for username in SIGN_INS:
        async with ctx.db.transaction() as db:
            user = await people_store.find(db, username)
        if user is None or user.password_hash is None:
            await people.set_password(ctx, OPERATOR, username=username, password=PASSWORD)
    await known.publish(ctx)
    await scripted.publish(ctx)


async def _serve(node: bootstrap.Node, listener: socket.socket, play: Play, settings: Settings) -> None:
    """Until the node is told to stop."""
    ready = asyncio.Event()
    serving = asyncio.create_task(node.run(listener=listener, ready=ready.set))
    playing = asyncio.create_task(_play(node.ctx, listener, play, settings, ready))
    try:
        done, _ = await asyncio.wait([serving, playing], return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        # The cast leaves first, while there is a database to say it to.
        for task in (playing, serving):
            task.cancel()
            await asyncio.wait([task])


async def _play(ctx: Context, listener: socket.socket, play: Play, settings: Settings, ready: asyncio.Event) -> None:
    await ready.wait()
    host, port = listener.getsockname()[:2]
    named = f"[{host}]" if ":" in host else host
    click.echo(_welcome(settings.node.public_url or f"http://{named}:{port}", play, settings))
    await play.run(ctx)


def _welcome(address: str, play: Play, settings: Settings) -> str:
    lines = [f"Northlink, an example centre, is at {address}", "", "  user name  password   who"]
    lines += [f"  {username:<10} {PASSWORD:<10} {who}" for username, who in SIGN_INS.items()]
    lines += [
        "",
        f"{len(play.cast)} more agents and {play.calls_per_hour} callers an hour are played. Ctrl-C stops.",
        f"All of it is kept in {settings.database.data_dir}.",
    ]
    return "\n".join(lines)
