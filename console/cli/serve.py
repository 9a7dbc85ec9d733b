"""`console serve` and `console migrate`."""

from __future__ import annotations

import asyncio
import os
import socket

import click

from console import bootstrap
from console import settings as settings_of
from console.cli import logs, loop
from console.settings import Settings

HOST = "127.0.0.1"
PORT = 8000


@click.command(epilog="Example: console serve --host 0.0.0.0 --port 8080")
@click.option("--host", default=HOST, show_default=True, help="Address to listen on; 0.0.0.0 is every one.")
@click.option("--port", default=PORT, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
def serve(host: str, port: int) -> None:
    """Run one node: pages, sockets, API, and standby for the router.

    On the embedded database it starts by itself; an external one (CONSOLE_DATABASE_URL) must have been brought to
    this version with `console migrate`.
    """
    settings = settings_of.load(os.environ)
    logs.configure(settings.node.log)
    listener = bootstrap.bind(host, port)
    loop.run(_serve(settings, listener))


async def _serve(settings: Settings, listener: socket.socket) -> None:
    host, port = listener.getsockname()[:2]
    async with bootstrap.node(settings, say=lambda words: click.echo(words, err=True)) as node:
        address = settings.node.public_url or f"http://{host}:{port}"
        await node.run(listener=listener, ready=lambda: click.echo(f"Console is ready at {address}"))


@click.command(epilog="Example: CONSOLE_DATABASE_URL=postgresql://… console migrate")
def migrate() -> None:
    """Bring the database to this version of the console. Twice does no harm."""
    asyncio.run(_migrate(settings_of.load(os.environ)))


async def _migrate(settings: Settings) -> None:
    before, after = await bootstrap.migrated(settings, say=lambda words: click.echo(words, err=True))
    click.echo(f"The database is at version {after}." if before == after else f"From {before or 'empty'} to {after}.")
