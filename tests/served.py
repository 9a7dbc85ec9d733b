"""A real `console serve`, and strangers who use it: commands, HTTP and streams from outside, nothing of its inside.

Every console here is a process of its own. What is waited for is a message or a state that comes; nothing sleeps
because it guesses how long something takes.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import asyncpg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

STARTS_WITHIN_S = 60
"""A busy machine imports slowly."""
COMES_WITHIN_S = 20
LOOK_AGAIN_S = 0.02
JSON = "application/json"
SINGLE = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"


async def eventually(look: Callable[[], Awaitable[Any]], within_s: float = COMES_WITHIN_S) -> Any:
    """What `look` sees as soon as it sees something; fails when that takes too long."""
    end = time.monotonic() + within_s
    while not (seen := await look()):
        assert time.monotonic() < end, f"nothing seen within {within_s} s; the last look gave {seen!r}"
        await asyncio.sleep(LOOK_AGAIN_S)
    return seen


async def on_server(server_address: str, statement: str) -> None:
    """Make or drop a database."""
    connection = await asyncpg.connect(server_address)
    await connection.execute(statement)
    await connection.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Gone(Exception):
    """The server cannot be reached, or went away before it had answered."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def type(self) -> str:
        """Of a problem."""
        return str(self.json()["type"])


class Line:
    """One HTTP connection that is kept open, and opened anew where it was lost; its requests follow each other.

    As little as it takes: a load of thousands of requests is to be the server's load and not the client's.
    """

    def __init__(self, port: int, token: str | None = None) -> None:
        self.port = port
        self._head = f"Host: 127.0.0.1:{port}\r\n" + (f"Authorization: Bearer {token}\r\n" if token else "")
        self._turn = asyncio.Lock()
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Headers are written with `_` for `-`. Raises Gone: nobody knows whether it was done."""
        sent = (
            body if isinstance(body, bytes) else b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        )
        named = {"content-type": JSON} | {name.replace("_", "-"): value for name, value in headers.items()}
        head = "".join(f"{name}: {value}\r\n" for name, value in named.items())
        request = f"{method} {path} HTTP/1.1\r\n{self._head}{head}Content-Length: {len(sent)}\r\n\r\n"
        async with self._turn:
            try:
                async with asyncio.timeout(COMES_WITHIN_S):
                    return await self._exchange(request.encode() + sent)
            except (OSError, EOFError, TimeoutError) as error:
                self.close()
                raise Gone(f"{method} {path}: {error!r}") from error

    async def insist(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """The same, asked again until a console that is ready answers."""
        end = time.monotonic() + STARTS_WITHIN_S
        while True:
            try:
                answer = await self.ask(method, path, body, **headers)
            except Gone:
                assert time.monotonic() < end
            else:
                if answer.status != 503:
                    return answer
            await asyncio.sleep(LOOK_AGAIN_S)

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _exchange(self, request: bytes) -> Answer:
        if self._streams is not None:
            with suppress(EOFError, ConnectionError):  # servers close what was idle for some seconds
                return await self._asked(*self._streams, request)
            self.close()
        self._streams = await asyncio.open_connection("127.0.0.1", self.port)
        return await self._asked(*self._streams, request)

    async def _asked(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> Answer:
        writer.write(request)
        lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        if headers.get("connection") == "close":
            self.close()
        return Answer(int(lines[0].split()[1]), headers, body)


class Stream:
    """A stream of the contract's section 4, as a client of it keeps one."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def hear(self, kind: str | None = None, within_s: float = COMES_WITHIN_S) -> dict[str, Any]:
        """The next frame, or the next of that type."""
        async with asyncio.timeout(within_s):
            while True:
                frame: dict[str, Any] = json.loads(await self.connection.recv())
                if kind in (None, frame["type"]):
                    return frame

    async def close_code(self, within_s: float = COMES_WITHIN_S) -> int | None:
        """What it is closed with, whatever is told until then."""
        try:
            async with asyncio.timeout(within_s):
                while True:
                    await self.connection.recv()
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None


TEXT, CLOSE, PING = 0x1, 0x8, 0x9
"""Kinds of frames (RFC 6455, section 5.2)."""


class BareStream:
    """A stream without a library that reads ahead, answers pings and hides frames: it reads when it is told to."""

    def __init__(self, port: int, token: str, *, receive_bytes: int | None = None) -> None:
        self._socket = socket.socket()
        if receive_bytes is not None:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        self._socket.settimeout(COMES_WITHIN_S)
        self._socket.connect(("127.0.0.1", port))
        self._socket.sendall(
            "GET /api/v1/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            f"Authorization: Bearer {token}\r\n\r\n".encode()
        )
        self._read = b""
        while b"\r\n\r\n" not in self._read:
            self._more(65536)
        head, _, self._read = self._read.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101"), head

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def read_until(self, kind: int) -> list[tuple[int, bytes]]:
        """Frames as (kind, payload), up to the first of that kind."""
        heard = []
        while not heard or heard[-1][0] != kind:
            while (frame := self._whole()) is None:
                self._more(65536)
            heard.append(frame)
        return heard

    def _more(self, most: int) -> None:
        read = self._socket.recv(most)
        assert read, "cut off without a close"
        self._read += read

    def _whole(self) -> tuple[int, bytes] | None:
        """The first frame, once it is there; servers do not mask."""
        data = self._read
        if len(data) < 4:
            return None
        length, start = {126: (int.from_bytes(data[2:4]), 4), 127: (int.from_bytes(data[2:10]), 10)}.get(
            data[1], (data[1], 2)
        )
        if len(data) < start + length:
            return None
        self._read = data[start + length :]
        return data[0] & 0x0F, data[start : start + length]


@dataclass
class Serve:
    """One `console serve`, from its start to its end."""

    console: Console
    port: int
    process: subprocess.Popen[bytes]
    log: Path
    _began: int
    """Where in the log this process begins."""

    def line(self, token: str | None = None) -> Line:
        return Line(self.port, token)

    def stream(self, token: str | None = None, query: str = "", **options: Any) -> Any:
        """`async with serve.stream(token) as connection`; wrap the connection in a Stream."""
        headers = dict(options.pop("headers", {})) | ({"Authorization": f"Bearer {token}"} if token else {})
        address = f"ws://127.0.0.1:{self.port}/api/v1/stream{query}"
        options = {"max_queue": None, "max_size": None, "ping_interval": None} | options
        return connect(address, additional_headers=headers, **options)

    async def ready(self) -> dict[str, Any]:
        """Wait until it is, and a router leads; what it says of its health."""
        line = self.line()

        async def look() -> Any:
            self.alive()
            try:
                answer = await line.ask("GET", "/health/ready")
            except Gone:
                return None
            return answer.json() if answer.status == 200 else None

        health: dict[str, Any] = await eventually(look, STARTS_WITHIN_S)
        line.close()
        return health

    async def says(self, words: str) -> None:
        """Wait for these words in its log."""

        async def look() -> bool:
            self.alive()
            return words in self.told()

        await eventually(look, STARTS_WITHIN_S)

    def told(self) -> str:
        """Its log, from its start on."""
        with self.log.open("rb") as log:
            log.seek(self._began)
            return log.read().decode(errors="replace")

    def alive(self) -> None:
        assert self.process.poll() is None, self.told()[-4000:]

    def kill(self) -> None:
        """As a power cut ends it: nothing is said to anybody."""
        self.process.kill()
        self.process.wait(COMES_WITHIN_S)

    def stop(self) -> None:
        """As an operator ends it."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
        self.process.wait(COMES_WITHIN_S)

    def pause(self) -> None:
        """Stopped in the middle of whatever it does, with all its connections open."""
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self.process.send_signal(signal.SIGCONT)


@dataclass
class Console:
    """An installation: where its database is, and the commands that are run on it."""

    directory: Path
    database_url: str | None = None
    redis_url: str | None = None
    environment: dict[str, str] = field(default_factory=dict)
    nodes: list[Serve] = field(default_factory=list)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        for node in self.nodes:
            if node.process.poll() is None:
                node.kill()

    def run(self, *words: str, said: str = "", code: int = 0) -> str:
        """A command from its start to its end; what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "console", *words],
            input=said,
            capture_output=True,
            text=True,
            env=self._environment(),
            timeout=STARTS_WITHIN_S,
            check=False,
        )
        assert done.returncode == code, f"console {' '.join(words)}: {done.stdout}{done.stderr}"
        return done.stdout

    def apply(self, text: str) -> None:
        self.run("apply", "-", said=text)

    def tokens(self, users: Sequence[str]) -> dict[str, str]:
        """A token for each."""
        words = [word for user in users for word in ("--user", user)]
        lines = self.run("token", "create", *words).splitlines()[-len(users) :]
        return {user: line.split()[-1] for user, line in zip(users, lines, strict=True)}

    def phone_token(self, integration: str = "pbx") -> str:
        """Of an integration that tells calls."""
        return self.run("token", "create", "--integration", integration, "--scope", "telephony").split()[-1]

    def check(self) -> dict[str, Any]:
        """What `console check --json` found, which must be nothing."""
        found: dict[str, Any] = json.loads(self.run("check", "--json"))
        assert (found["violations"], found["unaccounted"]) == ([], []), found
        return found

    def serve(self, port: int | None = None) -> Serve:
        """Start a node; it is not ready yet when this returns."""
        port = port or free_port()
        path = self.directory / f"serve-{port}.log"
        with path.open("ab") as log:
            began = log.seek(0, os.SEEK_END)
            words = [sys.executable, "-m", "console", "serve", "--port", str(port)]
            process = subprocess.Popen(words, stdout=log, stderr=log, env=self._environment(), start_new_session=True)
        node = Serve(self, port, process, path, began)
        self.nodes.append(node)
        return node

    def _environment(self) -> dict[str, str]:
        settings = {
            "CONSOLE_DATA_DIR": str(self.directory / "data"),
            "CONSOLE_SECRET_KEY": "k" * 32,
            "CONSOLE_DATABASE_URL": self.database_url,
            "CONSOLE_REDIS_URL": self.redis_url,
        }
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("CONSOLE_")}
        return inherited | {name: value for name, value in settings.items() if value} | self.environment


_EVENT_TIME = "2026-11-21T09:00:00Z"


def event(kind: str, call: str, *, id_: str | None = None, source: str = "/pbx/main", **data: Any) -> dict[str, Any]:
    """A CloudEvent of the contract's section 5; the same kind and call has the same id."""
    return {
        "specversion": "1.0",
        "id": id_ or f"{kind}:{call}",
        "source": source,
        "type": f"call.{kind}",
        "subject": call,
        "time": _EVENT_TIME,
        "data": data,
    }


def arrived(call: str, **data: Any) -> dict[str, Any]:
    about = {"from": "+447700900123", "to": "+441314960100", "direction": "inbound"}
    return event("arrived", call, **about | data)


def ended(call: str, cause: str = "caller", *, answered: bool = False) -> dict[str, Any]:
    return event("ended", call, cause=cause, answered=answered)


async def tell(line: Line, *events: Mapping[str, Any]) -> Answer:
    """Post the events as a phone system does: one alone, several as a batch."""
    path = "/api/v1/telephony/events"
    if len(events) == 1:
        return await line.ask("POST", path, events[0], content_type=SINGLE)
    return await line.ask("POST", path, list(events), content_type=BATCH)


async def available(line: Line) -> dict[str, Any]:
    answer = await line.ask("PUT", "/api/v1/me/presence", {"presence": "available"})
    assert answer.status == 200, answer.body
    found: dict[str, Any] = answer.json()
    return found


def named(prefix: str, count: int) -> Iterable[str]:
    return (f"{prefix}{number:02d}" for number in range(count))
