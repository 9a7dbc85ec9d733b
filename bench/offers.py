"""How long an offer takes from the phone system's POST to the agent's socket, and how many assignments a second last.

A real `console serve` in a process of its own, on the embedded PostgreSQL with production settings (fsync on), 50
agents connected. Each figure stands beside its floor, taken in the same run on the same server: for an offer two commits
of a single row and one websocket send (the event made durable, the decision made durable, the agent told); for
assignments the single rows that one connection can commit in a second.

    python bench/offers.py            some two minutes
    python bench/offers.py --quick    seconds, for a look
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import Any

import asyncpg
import websockets
import yaml

from console.db.server import server_url
from tests.served import Console, Line, Serve, arrived, ended, tell

AGENTS = 50
FRAME = "x" * 700
"""Bytes of the floor's frame: about an offer's."""
BACKLOG = 100
"""Calls that wait all the time while assignments are counted."""


def centre_yaml() -> str:
    agents = [{"username": f"agent{n:02d}", "name": f"Agent {n}", "capacity": {"voice": 1}} for n in range(AGENTS)]
    return yaml.safe_dump(
        {
            "version": 1,
            "queues": [{"name": "calls", "channel": "voice", "wrap_up": "0s", "offer": {"timeout": "60s"}}],
            "agents": agents,
            "routing": [{"queue": "calls"}],
            "routing_defaults": {"fallback_queue": "calls"},
        }
    )


def called(call: str, caller: int) -> dict[str, Any]:
    """By one of ten thousand people."""
    return arrived(call, **{"from": f"+44770090{caller % 10_000:04d}"})


@dataclass
class Agents:
    """Fifty sockets. What comes is put aside with the instant at which it came."""

    serve: Serve
    tokens: dict[str, str]
    offered: asyncio.Queue[tuple[float, str, dict[str, Any]]] = field(default_factory=asyncio.Queue)
    started: asyncio.Queue[tuple[float, str, dict[str, Any]]] = field(default_factory=asyncio.Queue)
    ended: asyncio.Queue[tuple[float, str, dict[str, Any]]] = field(default_factory=asyncio.Queue)
    lines: dict[str, Line] = field(default_factory=dict)

    async def listen(self, stack: AsyncExitStack) -> None:
        for name, token in self.tokens.items():
            stream = await stack.enter_async_context(self.serve.stream(token))
            self.lines[name] = self.serve.line(token)
            await stream.recv()
            reading = asyncio.create_task(self._read(name, stream))
            stack.callback(reading.cancel)
            await self.lines[name].ask("PUT", "/api/v1/me/presence", {"presence": "available"})

    async def _read(self, name: str, stream: websockets.ClientConnection) -> None:
        kinds = {"offer.made": self.offered, "work.started": self.started, "work.ended": self.ended}
        with suppress(websockets.ConnectionClosed):
            async for text in stream:
                at = time.perf_counter()
                frame = json.loads(text)
                if frame["type"] in kinds:
                    kinds[frame["type"]].put_nowait((at, name, frame["data"]))

    async def accept(self, name: str, offer: dict[str, Any]) -> None:
        answer = await self.lines[name].ask("POST", f"/api/v1/offers/{offer['offer']}/accept")
        assert answer.status in (202, 204), answer.body


class Floor:
    """What an offer cannot do without: two commits and one send."""

    async def open(self, stack: AsyncExitStack, url: str) -> None:
        self.connection = await asyncpg.connect(url)
        stack.push_async_callback(self.connection.close)
        await self.connection.execute("create table floor (id bigserial primary key, body jsonb)")
        self._clients: asyncio.Queue[websockets.ServerConnection] = asyncio.Queue()
        server = await stack.enter_async_context(websockets.serve(self._kept_open, "127.0.0.1", 0, compression=None))
        port = server.sockets[0].getsockname()[1]
        self._hearing = await stack.enter_async_context(websockets.connect(f"ws://127.0.0.1:{port}", compression=None))
        self._speaking = await self._clients.get()

    async def _kept_open(self, client: websockets.ServerConnection) -> None:
        self._clients.put_nowait(client)
        await client.wait_closed()

    async def commit(self) -> None:
        await self.connection.execute("insert into floor (body) values ($1)", '{"a": 1}')

    async def send(self) -> None:
        await self._speaking.send(FRAME)
        await self._hearing.recv()


async def timed(what: Callable[[], Awaitable[None]]) -> float:
    began = time.perf_counter()
    await what()
    return time.perf_counter() - began


async def latencies(agents: Agents, phone: Line, floor: Floor, count: int) -> tuple[list[float], list[float]]:
    """Of offers and of their floor, in seconds; taken in turns, so that both meet the same noise."""
    offers, floors = [], []
    for number in range(count):
        call = f"one-of-{count}-{number}"
        began = time.perf_counter()
        answering = asyncio.create_task(tell(phone, called(call, number)))
        at, name, offer = await agents.offered.get()
        offers.append(at - began)
        assert (await answering).status == 202
        await agents.accept(name, offer)
        await agents.started.get()
        await tell(phone, ended(call, "agent", answered=True))
        await agents.ended.get()  # the floor is taken of a server that has nothing else to do
        floors.append(await timed(floor.commit) + await timed(floor.commit) + await timed(floor.send))
    return offers, floors


class Load:
    """Some calls always wait, everybody accepts at once, and no call lasts."""

    def __init__(self, agents: Agents, phone: Line) -> None:
        self._agents = agents
        self._phone = phone
        self._say = deque(called(f"load-{number}", number) for number in range(BACKLOG + AGENTS))
        self._coming = len(self._say)
        self._wake = asyncio.Event()
        self.done = 0

    async def run(self, seconds: float) -> float:
        """Assignments a second, after a second to get going."""
        parts = (self._tell(), self._accept(), self._end())
        tasks = [asyncio.create_task(part) for part in parts]
        await asyncio.wait(tasks, timeout=1, return_when=asyncio.FIRST_EXCEPTION)
        before, began = self.done, time.perf_counter()
        await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
        rate = (self.done - before) / (time.perf_counter() - began)
        for task in tasks:
            if task.done():
                task.result()
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return rate

    async def _tell(self) -> None:
        while True:
            while self._say:
                await tell(self._phone, *[self._say.popleft() for _ in range(min(40, len(self._say)))])
            self._wake.clear()
            await self._wake.wait()

    async def _accept(self) -> None:
        async with asyncio.TaskGroup() as group:
            while True:
                _, name, offer = await self._agents.offered.get()
                group.create_task(self._agents.accept(name, offer))

    async def _end(self) -> None:
        while True:
            _, _, work = await self._agents.started.get()
            self.done += 1
            self._say += [
                ended(work["call"]["id"], "agent", answered=True),
                called(f"load-{self._coming}", self._coming),
            ]
            self._coming += 1
            self._wake.set()


async def commits(floor: Floor, seconds: float) -> float:
    count, began = 0, time.perf_counter()
    while (passed := time.perf_counter() - began) < seconds:
        await floor.commit()
        count += 1
    return count / passed


def shown(name: str, offers: list[float], floors: list[float]) -> str:
    cuts = {"p50": 49, "p99": 98}
    mine, theirs = quantiles(offers, n=100), quantiles(floors, n=100)
    rows = [
        f"{name} {cut:<4} {mine[at] * 1e3:9.2f} ms   floor {theirs[at] * 1e3:8.3f} ms   ratio {mine[at] / theirs[at]:6.1f}"
        for cut, at in cuts.items()
    ]
    return "\n".join(rows)


async def measured(console: Console, serve: Serve, *, quick: bool) -> None:
    await serve.ready()
    tokens = console.tokens([f"agent{n:02d}" for n in range(AGENTS)])
    phone = serve.line(console.phone_token())
    async with AsyncExitStack() as stack:
        agents, floor = Agents(serve, tokens), Floor()
        await floor.open(stack, server_url(console.directory / "data"))
        await agents.listen(stack)
        await latencies(agents, phone, floor, 20)
        offers, floors = await latencies(agents, phone, floor, 100 if quick else 1000)
        print(f"{AGENTS} agents connected, one call after the other, {len(offers)} calls")
        print(shown("offer", offers, floors))
        seconds = 5 if quick else 30
        single = await commits(floor, seconds / 5)
        rate = await Load(agents, phone).run(seconds)
        print(f"assignments   {rate:9.0f} /s   floor {single:8.0f} single-row commits/s   ratio {rate / single:6.3f}")
        phone.close()
        for line in agents.lines.values():
            line.close()
    told = console.check()["latency"]
    print(f"from fact to decision, under load too: p50 {told['p50_s'] * 1e3:.1f} ms, p99 {told['p99_s'] * 1e3:.1f} ms")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--quick", action="store_true", help="few calls, few seconds")
    quick = options.parse_args().quick
    with tempfile.TemporaryDirectory(prefix="console-bench-") as directory, Console(Path(directory)) as console:
        Path(directory).chmod(0o711)  # the server's account must pass through
        serve = console.serve()
        console.apply(centre_yaml())
        asyncio.run(measured(console, serve, quick=quick))
        serve.stop()


if __name__ == "__main__":
    main()
