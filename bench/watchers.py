"""What a server gives for a page over HTTP, and for everybody who looks: the half of bench/web.py with a real console."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles

import websockets
import yaml

from tests.served import Console, Gone, Line, Serve, free_port

Work = Callable[[float], Awaitable[None]]
Sockets = list[tuple[str | None, str]]
"""A token, and a path."""


def shown(name: str, mine: list[float], floors: list[float]) -> str:
    """One line: the times, their floor, and what they are to each other."""
    (p50, p99), (floor50, floor99) = cuts(mine), cuts(floors)
    return (
        f"{name:<28} p50 {p50 * 1e3:8.3f} ms  p99 {p99 * 1e3:8.3f} ms   floor {floor50 * 1e3:7.3f} {floor99 * 1e3:7.3f}"
        f"   ratio {p50 / floor50:7.1f} {p99 / floor99:6.1f}"
    )


def cuts(times: list[float]) -> tuple[float, float]:
    found = quantiles(times, n=100)
    return found[49], found[98]


AGENTS = 40
SUPERVISORS = 20
CHANGES_PER_S = 20
"""Of agents' presence: every desk has news every two seconds, and every picture of the floor is another."""


def centre_yaml() -> str:
    agents = [{"username": f"agent{n:02d}", "name": f"Agent {n}", "capacity": {"voice": 1}} for n in range(AGENTS)]
    return yaml.safe_dump(
        {
            "version": 1,
            "queues": [{"name": f"queue{n}", "channel": "voice"} for n in range(10)],
            "agents": [*agents, {"username": "sue", "name": "Sue", "roles": ["supervisor"]}],
            "routing": [{"queue": "queue0"}],
            "routing_defaults": {"fallback_queue": "queue0"},
        }
    )


async def serving(console: Console, serve: Serve, *, quick: bool) -> None:
    await serve.ready()
    agents = [f"agent{n:02d}" for n in range(AGENTS)]
    tokens = console.tokens([*agents, "sue"])
    bare = Process(free_port())
    try:
        await bare.ready()
        await answering(serve, bare, tokens, 50 if quick else 500)
        await watching(serve, bare, tokens, agents, seconds=3 if quick else 12)
    finally:
        bare.process.kill()
        bare.process.wait()


class Process:
    """The bare server in a process of its own, as the console has one."""

    def __init__(self, port: int) -> None:
        self.port = port
        words = [sys.executable, str(Path(__file__).with_name("bare.py")), str(port)]
        self.process = subprocess.Popen(words)

    async def ready(self) -> None:
        line = Line(self.port)
        while True:
            with suppress(Gone):
                await line.ask("GET", "/")
                break
            await asyncio.sleep(0.05)
        line.close()


async def answering(serve: Serve, bare: Process, tokens: dict[str, str], count: int) -> None:
    """A whole page over HTTP: who asks, the snapshot, the rendering, the way."""
    print(f"\nPages over HTTP, one after the other, {count} of each; floor: as many bytes from a bare ASGI server")
    for path, who in (("/desk", "agent00"), ("/supervisor", "sue")):
        line, floor = serve.line(tokens[who]), Line(bare.port)
        length = len((await line.ask("GET", path)).body)
        mine, theirs = [], []
        for _ in range(count):
            mine.append(await asked(line, path))
            theirs.append(await asked(floor, f"/bytes?n={length}"))
        print(shown(f"GET {path} {length} bytes", mine, theirs))
        line.close()
        floor.close()


async def asked(line: Line, path: str) -> float:
    began = time.perf_counter()
    answer = await line.ask("GET", path)
    assert answer.status == 200, answer.body
    return time.perf_counter() - began


@dataclass
class Heard:
    frames: int = 0
    bytes: int = 0


async def watching(serve: Serve, bare: Process, tokens: dict[str, str], agents: list[str], *, seconds: float) -> None:
    """The server's time for each that looks, over what the same work costs without them."""
    print(
        "\nProcessor time of the server for each watcher, in thousandths of a core; floor: a bare socket, as many bytes"
    )
    lines = [serve.line(tokens[name]) for name in agents]
    desks: Sockets = [(tokens[name], "/desk/stream") for name in agents]
    streams: Sockets = [(tokens[name], "/api/v1/stream") for name in agents]
    floors: Sockets = [(tokens["sue"], "/supervisor/stream")] * SUPERVISORS
    still, at_work = nothing, changing(lines)
    for name, watchers, others, work in (
        ("agent's desk, nothing happens", desks, [], still),
        ("agent's desk, news every 2 s", desks, [], at_work),
        ("JSON stream, news every 2 s", streams, [], at_work),
        ("supervisor's page, 40 at work", floors, streams, at_work),
    ):
        alone, _ = await spent(serve.process.pid, serve.port, others, work, seconds)
        mine, heard = await spent(serve.process.pid, serve.port, [*watchers, *others], work, seconds, len(watchers))
        each = heard.frames / len(watchers) / seconds
        said: Sockets = [(None, f"/say?bytes={heard.bytes / max(1, heard.frames)}&every={1 / each if each else 5}")]
        theirs, _ = await spent(bare.process.pid, bare.port, said * len(watchers), still, seconds)
        cost, floor = (mine - alone) / len(watchers), theirs / len(watchers)
        print(
            f"{name:<30} {cost * 1e3:7.3f}   floor {floor * 1e3:6.3f}   ratio {cost / floor if floor else 0:6.1f}"
            f"   {each:5.2f} frames/s of {heard.bytes / max(1, heard.frames):6.0f} bytes"
        )
    for line in lines:
        line.close()


async def nothing(seconds: float) -> None:
    await asyncio.sleep(seconds)


def changing(lines: list[Line]) -> Work:
    """Agents go from one break to another, in turn."""

    async def work(seconds: float) -> None:
        end, number = time.monotonic() + seconds, 0
        while time.monotonic() < end:
            reason = ("break", "training")[number // len(lines) % 2]
            await lines[number % len(lines)].ask("PUT", "/api/v1/me/presence", {"presence": "away", "reason": reason})
            number += 1
            await asyncio.sleep(max(0.0, end - seconds + number / CHANGES_PER_S - time.monotonic()))

    return work


async def spent(
    pid: int,
    port: int,
    sockets: Sockets,
    work: Work,
    seconds: float,
    counted: int | None = None,
) -> tuple[float, Heard]:
    """Share of a core that the process took while these sockets were open and the work was done; what was heard."""
    heard, rest = Heard(), Heard()
    async with AsyncExitStack() as stack:
        for number, (token, path) in enumerate(sockets):
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            url = f"ws://127.0.0.1:{port}{path}"
            socket = await stack.enter_async_context(
                websockets.connect(url, additional_headers=headers, ping_interval=None, max_size=None)
            )
            reading = asyncio.create_task(read(socket, heard if counted is None or number < counted else rest))
            stack.callback(reading.cancel)
        await work(1)  # the first redraw is not what looking on costs
        heard.frames = heard.bytes = 0
        before, began = processor_s(pid), time.perf_counter()
        await work(seconds)
        share = (processor_s(pid) - before) / (time.perf_counter() - began)
    return share, heard


async def read(socket: websockets.ClientConnection, heard: Heard) -> None:
    with suppress(websockets.ConnectionClosed):
        async for text in socket:
            heard.frames += 1
            heard.bytes += len(text)


def processor_s(pid: int) -> float:
    """User and system time of the process so far (proc(5), fields 14 and 15)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
