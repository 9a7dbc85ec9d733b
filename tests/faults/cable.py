"""A network cable to PostgreSQL that can be cut, mended, and held still."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

from tests.served import free_port

READ_BYTES = 65536


class Cable:
    """Listens on a TCP port while it is whole, and carries everything to the server's Unix socket and back."""

    def __init__(self, database_url: str) -> None:
        parts = urlsplit(database_url)
        where = parse_qs(parts.query)
        self._socket = f"{where['host'][0]}/.s.PGSQL.{where['port'][0]}"
        self._port = free_port()
        self.url = f"postgresql://{parts.username}@127.0.0.1:{self._port}{parts.path}"
        self._server: asyncio.Server | None = None
        self._ends: set[asyncio.StreamWriter] = set()
        self._flows = asyncio.Event()
        self._flows.set()

    async def mend(self) -> None:
        """Whoever connects from now on is let through."""
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self._port)

    def cut(self) -> None:
        """Every connection breaks, and nobody can make another."""
        self._flows.set()
        if self._server is not None:
            self._server.close()
            self._server = None
        for end in self._ends:
            end.transport.abort()

    def hold(self) -> None:
        """Nothing more comes through, and nobody is told why."""
        self._flows.clear()

    def let_go(self) -> None:
        """What was held back arrives now, and nothing of it is lost."""
        self._flows.set()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            from_server, to_server = await asyncio.open_unix_connection(self._socket)
        except OSError:
            writer.transport.abort()
            return
        ends = {writer, to_server}
        self._ends |= ends
        await asyncio.gather(self._pump(reader, to_server), self._pump(from_server, writer))
        self._ends -= ends

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(READ_BYTES):
                await self._flows.wait()
                writer.write(data)
                await writer.drain()
        writer.close()
