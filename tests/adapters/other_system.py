"""Another system on this machine: it answers as it is told to, and remembers what it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec


class Asked(msgspec.Struct):
    path: str
    headers: dict[str, str]
    body: Any


class OtherSystem:
    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.answers: Callable[[Asked], bytes | None] = lambda _: ok(b"{}")
        """The whole of an HTTP answer; None: it says nothing."""
        self.was_asked = asyncio.Event()
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers["content-length"]))
        asked = Asked(head[0].split(" ")[1], headers, msgspec.json.decode(body))
        self.asked.append(asked)
        answer = self.answers(asked)
        self.was_asked.set()
        if answer is None:
            await reader.read()  # until whoever asked has had enough
        else:
            writer.write(answer)
        writer.close()


def ok(body: bytes, status: str = "200 OK", *more: str) -> bytes:
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *more])
    return f"{head}\r\n\r\n".encode() + body


@asynccontextmanager
async def other_system() -> AsyncIterator[OtherSystem]:
    system = OtherSystem()
    server = await asyncio.start_server(system.serve, "127.0.0.1", 0)
    system.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/test"
    try:
        yield system
    finally:
        server.close()
