"""`console demo`, from outside: a process, a browser's session, and a kill."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from tests.conftest import scratch

STARTS_WITHIN_S = 60
MOVES_WITHIN_S = 60
"""The promise of the first start; it is a second or two on a machine that does nothing else."""
TERMINAL = {"completed", "abandoned", "overflowed", "transferred", "canceled"}


class Demo:
    """A demo in a process of its own, on a data directory of its own."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.address = ""
        self.passwords: dict[str, str] = {}
        self.port = free_port()
        self.start()

    def start(self) -> None:
        """Until it prints where it is, and who signs in."""
        words = ["demo", "--port", str(self.port), "--agents", "8", "--calls-per-hour", "1800"]
        self.log = (self._directory / "log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "console", *words],
            env={**environment(), "CONSOLE_DATA_DIR": str(self._directory / "data")},
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )
        printed = self._printed()
        self.address = re.findall(r"http://\S+", printed)[0]
        self.passwords = dict(re.findall(r"^ +([a-z]+) +(\S+) +(?:agent|supervisor|admin):", printed, re.MULTILINE))

    def _printed(self) -> str:
        assert self.process.stdout is not None
        end, lines = time.monotonic() + STARTS_WITHIN_S, []
        for line in self.process.stdout:
            lines.append(line)
            if "Ctrl-C stops" in line:
                return "".join(lines)
            assert time.monotonic() < end
        raise AssertionError((self._directory / "log").read_text())

    @contextmanager
    def signed_in(self, username: str) -> Iterator[httpx.Client]:
        with httpx.Client(base_url=self.address, timeout=10, headers={"Origin": self.address}) as client:
            said = client.post("/login", data={"username": username, "password": self.passwords[username]})
            assert said.status_code == 303, said.text
            page = client.get(said.headers["location"], follow_redirects=True).text
            client.headers.update(re.findall(r'"?(X-CSRF-Token)"?: ?"([^"]+)"', page))
            yield client

    def stream(self, client: httpx.Client, query: str = "") -> ClientConnection:
        cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        url = self.address.replace("http", "ws", 1) + "/api/v1/stream" + query
        return connect(url, origin=Origin(self.address), additional_headers={"Cookie": cookies})

    def stop(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        code = self.process.wait(20)
        self.log.close()
        return code


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("CONSOLE_") or "PG_" in name}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def frames(stream: ClientConnection, within_s: float = MOVES_WITHIN_S) -> Iterator[dict[str, Any]]:
    end = time.monotonic() + within_s
    while True:
        yield json.loads(stream.recv(timeout=end - time.monotonic()))


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    directory = Path(tempfile.mkdtemp(prefix="console-demo-", dir=scratch()))
    directory.chmod(0o711)  # the server's account must pass through
    running = Demo(directory)
    yield running
    stopped = running.stop(signal.SIGINT)
    shutil.rmtree(directory, ignore_errors=True)
    assert stopped == 0


def test_it_prints_where_it_is_and_who_signs_in(demo: Demo) -> None:
    assert demo.address == f"http://127.0.0.1:{demo.port}"
    assert list(demo.passwords) == ["nadia", "gareth", "ruth"]

    for username in demo.passwords:
        with demo.signed_in(username) as client:
            assert client.cookies


def test_calls_are_answered_by_the_agents_who_are_played(demo: Demo) -> None:
    with demo.signed_in("gareth") as gareth, demo.stream(gareth, "?topics=queues,agents") as stream:
        answered = next(
            frame["data"]
            for frame in frames(stream)
            if frame["type"] == "queue.changed" and frame["data"]["answered"] > 0
        )

    assert answered["service_level"] is not None


def test_whoever_takes_the_free_seat_gets_a_call_of_a_customer_they_know(demo: Demo) -> None:
    with demo.signed_in("nadia") as nadia, demo.stream(nadia) as stream:
        nadia.put("/api/v1/me/presence", json={"presence": "available"}).raise_for_status()
        offer = next(frame["data"] for frame in frames(stream) if frame["type"] == "offer.made")
        said = nadia.post(f"/api/v1/offers/{offer['offer']}/accept")
        assert said.status_code in (202, 204)
        work = next(frame["data"] for frame in frames(stream) if frame["type"] == "work.started")

    assert work["work_item"] == offer["work_item"]


def test_after_a_kill_it_goes_on_and_yesterdays_calls_are_over(demo: Demo) -> None:
    with demo.signed_in("gareth") as gareth:
        while not (in_hand := calls_in_hand(gareth)):
            assert demo.process.poll() is None
        closed = closed_cases(gareth)
    demo.stop(signal.SIGKILL)

    demo.start()

    with demo.signed_in("gareth") as gareth:
        end = time.monotonic() + MOVES_WITHIN_S
        while (states := {state(gareth, item) for item in in_hand}) - TERMINAL:
            assert time.monotonic() < end, states
        assert closed_cases(gareth) == closed, "the past is written once"
        while not calls_in_hand(gareth) - in_hand:
            assert time.monotonic() < end, "nobody calls any more"


def calls_in_hand(client: httpx.Client) -> set[str]:
    agents = client.get("/api/v1/agents").raise_for_status().json()["items"]
    return {one["work_item"] for agent in agents for one in agent["work"] if one["kind"] == "voice"}


def closed_cases(client: httpx.Client) -> int:
    count, query = 0, {"status": "closed", "limit": "100"}
    while True:
        page = client.get("/api/v1/cases", params=query).raise_for_status().json()
        count += len(page["items"])
        if page["next"] is None:
            return count
        query["cursor"] = page["next"]


def state(client: httpx.Client, item: str) -> str:
    return str(client.get(f"/api/v1/work-items/{item}").raise_for_status().json()["state"])
