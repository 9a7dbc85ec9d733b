"""Knowledge search as nodes serve it: over HTTP while people type, fresh after a publishing, quick after a restart.

    python -m bench.kb_serving FOLDER [--articles 20000]     two real nodes over a database of their own, without Redis

FOLDER holds collections as `bench/kb.py` reads them; articles are put together from their English sentences. Times over
HTTP stand beside a floor taken in the same run: `/health/live` of the same node, which looks nothing up.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random
from statistics import quantiles

import httpx

from bench.kb import Collection, halved, invented
from tests.served import Console, Serve

CLIENTS = 16
PACE = 150
"""Searches a second of them all."""
SECONDS = 10
PUBLISHED = 100
WITHIN_S = 300.0
KEPT_WITHIN_S = 90.0
"""A node writes its index to a file once a minute at most."""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path)
    options.add_argument("--articles", type=int, default=20_000)
    asked = options.parse_args()
    collections = [Collection(path.parent) for path in sorted(asked.folder.glob("*/qrels.tsv"))]
    english = [collection for collection in collections if collection.language == "en"]
    queries = Random(1).sample([text for collection in english for text in collection.queries.values()], 300)
    with tempfile.TemporaryDirectory(prefix="console-bench-") as directory, Console(Path(directory)) as console:
        Path(directory).chmod(0o711)  # the server's account must pass through
        brought_in(console, english, asked.articles)
        for user, role in (("kim", "author"), ("ada", "admin")):
            console.run("user", "create", user, "--role", role, said="a-long-password-1\n")
        tokens = console.tokens(["kim", "ada"])
        nodes = [console.serve(), console.serve()]
        asyncio.run(serving(nodes, tokens, queries))
        nodes[0].kill()
        began = time.perf_counter()
        again = console.serve(nodes[0].port)
        asyncio.run(found(again, tokens["kim"], queries[0], began, "restart"))


def brought_in(console: Console, english: list[Collection], count: int) -> None:
    file = console.directory / "articles.ndjson"
    with file.open("w", encoding="utf-8") as out:
        for article in invented(english, count):
            row = {"id": article.key, "lang": "en", "title": article.title, "body": article.body}
            out.write(json.dumps(row) + "\n")
    console.run("migrate")
    began = time.perf_counter()
    words = [sys.executable, "-m", "console", "kb", "import", str(file), "--publish"]
    subprocess.run(words, env=console._environment(), check=True, capture_output=True)  # noqa: SLF001 - longer than `run` waits
    taken = time.perf_counter() - began
    print(f"{count:,} articles imported in {taken:.0f} s, {count / taken:.0f} a second")


async def serving(nodes: list[Serve], tokens: dict[str, str], queries: list[str]) -> None:
    began = time.perf_counter()
    for node in nodes:
        await found(node, tokens["kim"], queries[0], began, "first start, indexed anew")
    async with client_of(nodes[0], tokens["kim"]) as client:
        used = [processor_s(nodes[0])]
        floor = await load(client, "/health/live", [])
        used.append(processor_s(nodes[0]))
        searched = await load(client, "/api/v1/kb/search", [halved(query) for query in queries])
        used.append(processor_s(nodes[0]))
        paced = await load(client, "/api/v1/kb/search", [halved(query) for query in queries], rate=PACE)
        used.append(processor_s(nodes[0]))
    print(f"{f'{CLIENTS} clients for {SECONDS} s':24} {'a second':>10} {'p50 ms':>8} {'p95 ms':>8} {'CPU ms each':>12}")
    for turn, (name, (rate, p50, p95)) in enumerate(
        (("floor: /health/live", floor), ("without a pause", searched), (f"{PACE} a second", paced))
    ):
        each = (used[turn + 1] - used[turn]) / (rate * SECONDS) * 1e3
        print(f"{name:24} {rate:10.0f} {p50:8.1f} {p95:8.1f} {each:12.2f}")
    print(f"as you type, without a pause: {searched[2] / floor[2]:.1f} times the floor's p95")
    times = await fresh(nodes, tokens)
    cuts = quantiles(times, n=20)
    print(
        f"publish to found on both nodes: p50 {cuts[9] * 1e3:.0f} ms, p95 {cuts[18] * 1e3:.0f} ms, max {max(times) * 1e3:.0f} ms"
    )
    status = Path(f"/proc/{nodes[0].process.pid}/status").read_text().splitlines()
    print(
        f"memory of a node: {next(int(line.split()[1]) for line in status if line.startswith('VmRSS')) / 1024:.0f} MB"
    )
    kept = nodes[0].console.directory / "data" / "knowledge.npz"
    end = time.perf_counter() + KEPT_WITHIN_S
    while not kept.exists() and time.perf_counter() < end:
        await asyncio.sleep(0.5)


def processor_s(node: Serve) -> float:
    """What the node's process has used so far."""
    fields = Path(f"/proc/{node.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def client_of(node: Serve, token: str) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{node.port}", headers=headers, timeout=30)


async def found(node: Serve, token: str, query: str, began: float, name: str) -> None:
    """How long until a search finds something, and then until the index is whole."""
    async with client_of(node, token) as client:
        end = time.perf_counter() + WITHIN_S
        while time.perf_counter() < end:
            try:
                answer = await client.get("/api/v1/kb/search", params={"q": query})
                if answer.status_code == 200 and answer.json()["items"]:
                    break
            except httpx.TransportError:
                node.alive()
            await asyncio.sleep(0.02)
    print(f"{name}: the first search finds something after {time.perf_counter() - began:.1f} s")


async def load(
    client: httpx.AsyncClient, path: str, queries: list[str], *, rate: int | None = None
) -> tuple[float, float, float]:
    """Requests a second, and the median and 95th percentile in ms; `rate` a second, or without a pause.

    Paced, each is timed from the instant at which it was due.
    """
    taken: list[float] = []
    start = time.perf_counter()
    end = start + SECONDS

    async def one(turn: int) -> None:
        due = start + turn / rate if rate else 0.0
        while (began := due if rate else time.perf_counter()) < end:
            if rate:
                await asyncio.sleep(max(due - time.perf_counter(), 0))
                due += CLIENTS / rate
            answer = await client.get(path, params={"q": queries[turn % len(queries)]} if queries else None)
            assert answer.status_code == 200, answer.text
            taken.append((time.perf_counter() - began) * 1000)
            turn += CLIENTS

    await asyncio.gather(*(one(turn) for turn in range(CLIENTS)))
    cuts = quantiles(taken, n=20)
    return len(taken) / SECONDS, cuts[9], cuts[18]


async def fresh(nodes: list[Serve], tokens: dict[str, str]) -> list[float]:
    """From asking to publish until a search on each node finds it."""
    times: list[float] = []
    async with (
        client_of(nodes[0], tokens["kim"]) as kim,
        client_of(nodes[0], tokens["ada"]) as ada,
        client_of(nodes[1], tokens["kim"]) as other,
    ):
        for number in range(PUBLISHED):
            word = f"quux{number}"
            made = await kim.post("/api/v1/kb/articles", json={"lang": "en", "title": word, "body": word})
            address = f"/api/v1/kb/articles/{made.json()['id']}"
            for client, move in ((kim, "submit"), (ada, "approve")):
                assert (await client.post(f"{address}/{move}", json={})).status_code == 200
            began = time.perf_counter()
            assert (await kim.post(f"{address}/publish", json={})).status_code == 200
            for client in (kim, other):
                while not (await client.get("/api/v1/kb/search", params={"q": word})).json()["items"]:
                    await asyncio.sleep(0.002)
            times.append(time.perf_counter() - began)
    return times


if __name__ == "__main__":
    main()
