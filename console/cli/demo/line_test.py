"""Northlink's line test, as scripts ask it: on this machine, as slow as such a thing is, and making its answers up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from console.cli.demo.material import chance
from console.config.document import Centre

TAKES_S = 1.5
LENGTH_MAX = 64 << 10
GOOD_DBM = (-24.0, -16.0)
LOST_DBM = (-40.0, -31.0)


@asynccontextmanager
async def answering(centre: Centre) -> AsyncIterator[Centre]:
    """The centre with the address at which its line test answers meanwhile."""
    server = await asyncio.start_server(_serve, "127.0.0.1", 0, limit=LENGTH_MAX)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/test"
    tested = {name: msgspec.structs.replace(system, url=url) for name, system in centre.systems.items()}
    try:
        yield msgspec.structs.replace(centre, systems=tested)
    finally:
        server.close()


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Whatever is asked is answered, once on each connection."""
    try:
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(TAKES_S)
        body = msgspec.json.encode(_measured())
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        writer.write(head.encode() + b"Connection: close\r\n\r\n" + body)
        await writer.drain()
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
        pass  # whoever asked has gone
    finally:
        writer.close()


def _measured() -> dict[str, object]:
    dice = chance()
    light = dice.choice(["good", "loss", "loss"])
    return {"light": light, "optical": round(dice.uniform(*(GOOD_DBM if light == "good" else LOST_DBM)), 1)}
