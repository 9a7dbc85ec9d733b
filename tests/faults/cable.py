"""Network cables that can be cut, mended, and held still: to PostgreSQL, and to a console."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

from tests.served import free_port

READ_BYTES = 65536

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Wire(ABC):
    """Listens on a TCP port while it is whole, and carries everything to a server and back."""

    def __init__(self) -> None:
        self.port = free_port()
        self.held_back = asyncio.Event()
        """Something has come that is not let through."""
        self._server: asyncio.Server | None = None
        self._ends: set[asyncio.StreamWriter] = set()
        self._questions, self._answers = asyncio.Event(), asyncio.Event()
        self.let_go()

    @abstractmethod
    async def reach(self) -> Streams:
        """Connect to the server. Raises OSError."""

    async def mend(self) -> None:
        """Whoever connects from now on is let through."""
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)

    def cut(self) -> None:
        """Every connection breaks, and nobody can make another."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for end in self._ends:
            end.transport.abort()
        self.let_go()

    def hold(self) -> None:
        """Nothing more comes through, and nobody is told why."""
        self._questions.clear()
        self.hold_answers()

    def hold_answers(self) -> None:
        """The server is asked, and does what it is asked; what it says does not come back."""
        self.held_back.clear()
        self._answers.clear()

    def let_go(self) -> None:
        """What was held back arrives now, and nothing of it is lost."""
        self._questions.set()
        self._answers.set()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            from_server, to_server = await self.reach()
        except OSError:
            writer.transport.abort()
            return
        ends = {writer, to_server}
        self._ends |= ends
        await asyncio.gather(
            self._pump(reader, to_server, self._questions), self._pump(from_server, writer, self._answers)
        )
        self._ends -= ends

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, flows: asyncio.Event) -> None:
        with suppress(OSError):
            while data := await reader.read(READ_BYTES):
                if not flows.is_set():
                    self.held_back.set()
                await flows.wait()
                writer.write(data)
                await writer.drain()
        writer.close()


class Cable(Wire):
    """To the PostgreSQL of a URL with a Unix socket."""

    def __init__(self, database_url: str) -> None:
        super().__init__()
        parts = urlsplit(database_url)
        where = parse_qs(parts.query)
        self._socket = f"{where['host'][0]}/.s.PGSQL.{where['port'][0]}"
        self.url = f"postgresql://{parts.username}@127.0.0.1:{self.port}{parts.path}"

    async def reach(self) -> Streams:
        return await asyncio.open_unix_connection(self._socket)


class Way(Wire):
    """From browsers to the console at a port of this machine."""

    def __init__(self, console_port: int) -> None:
        super().__init__()
        self._console_port = console_port
        self.url = f"http://127.0.0.1:{self.port}"

    async def reach(self) -> Streams:
        return await asyncio.open_connection("127.0.0.1", self._console_port)
