"""One `console serve` for all tests of the contract. Each test has queues and agents of its own in it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import url_of
from tests.served import Answer, Console, Line, Serve, Stream, arrived, available, on_server, tell

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SEATS = 64
PASSWORD = "correct horse battery staple"


def centre_yaml() -> str:
    """For each seat a queue that rings long, and one whose offers and wrap-ups are soon over, and two agents for both."""
    queues: list[dict[str, Any]] = []
    agents: list[dict[str, Any]] = []
    for number in range(SEATS):
        queues += [
            {"name": f"calm{number}", "channel": "voice", "wrap_up": "30s"},
            {"name": f"hasty{number}", "channel": "voice", "wrap_up": "0s", "offer": {"timeout": "1s"}},
            {"name": f"cases{number}", "channel": "case"},
        ]
        agents += [
            {
                "username": f"{name}{number}",
                "name": name.title(),
                "capacity": {"voice": 1, "case": 2},
                "queues": [f"{kind}{number}" for kind in ("calm", "hasty", "cases")],
            }
            for name in ("ana", "ben")
        ]
    agents += [
        {"username": "sue", "name": "Sue", "roles": ["supervisor"], "queues": []},
        {"username": "ada", "name": "Ada", "roles": ["admin"], "queues": []},
    ]
    hook = {"name": "hook", "kind": "cloudevents", "secret": SECRET}
    return yaml.safe_dump(
        {
            "version": 1,
            "skills": ["fibre"],
            "telephony": [hook],
            "queues": [*queues, {"name": "nobody", "channel": "voice"}],
            "agents": agents,
            "routing": [{"queue": "nobody"}],
            "routing_defaults": {"fallback_queue": "nobody"},
        }
    )


def problem(answer: Answer) -> tuple[int, str]:
    """Status and type of a refusal, which is application/problem+json whatever it refuses."""
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert {"type", "title", "status", "detail"} <= set(told)
    assert told["status"] == answer.status
    return answer.status, told["type"]


@dataclass
class Contract:
    """The served console, and who may ask it what."""

    serve: Serve
    tokens: dict[str, str]
    taken: int = 0

    def line(self, who: str | None = None) -> Line:
        return self.serve.line(self.tokens[who] if who else None)

    def seat(self) -> Seat:
        """One that no other test sits at."""
        self.taken += 1
        assert self.taken <= SEATS, "more seats, please"
        return Seat(self, self.taken - 1)


class Seat:
    """Two agents, their queues, and a phone system that rings there."""

    def __init__(self, contract: Contract, number: int) -> None:
        self.contract = contract
        self.ana, self.ben = f"ana{number}", f"ben{number}"
        self.calm, self.hasty, self.cases = f"calm{number}", f"hasty{number}", f"cases{number}"
        self.call = f"call-{number}"
        self.phone = contract.line("pbx")
        self.desk = contract.line(self.ana)
        self.other = contract.line(self.ben)

    @asynccontextmanager
    async def stream(self, who: str | None = None, query: str = "", **options: Any) -> AsyncIterator[Stream]:
        token = self.contract.tokens[who or self.ana]
        async with self.contract.serve.stream(token, query, **options) as connection:
            yield Stream(connection)

    @asynccontextmanager
    async def free(self, who: str | None = None) -> AsyncIterator[Stream]:
        """The agent listens and is available."""
        async with self.stream(who) as stream:
            assert (await stream.hear())["type"] == "ready"
            await available(self.contract.line(who or self.ana))
            assert (await stream.hear("presence.changed"))["data"]["presence"] == "available"
            yield stream

    @asynccontextmanager
    async def ringing(self, queue: str | None = None, **data: Any) -> AsyncIterator[tuple[Stream, dict[str, Any]]]:
        """Ana is being asked; the offer."""
        async with self.free() as stream:
            answer = await self.rings(queue, **data)
            assert answer.status == 202, answer.body
            yield stream, (await stream.hear("offer.made"))["data"]

    @asynccontextmanager
    async def talking(self, queue: str | None = None, **data: Any) -> AsyncIterator[tuple[Stream, dict[str, Any]]]:
        """Ana has the call; the work."""
        async with self.ringing(queue, **data) as (stream, offer):
            assert (await self.accept(offer)).status == 204
            yield stream, (await stream.hear("work.started"))["data"]

    async def rings(self, queue: str | None = None, call: str | None = None, **data: Any) -> Answer:
        return await tell(self.phone, arrived(call or self.call, queue=queue or self.calm, **data))

    async def accept(self, offer: dict[str, Any], line: Line | None = None) -> Answer:
        return await (line or self.desk).ask("POST", f"/api/v1/offers/{offer['offer']}/accept")

    async def decline(self, offer: dict[str, Any], line: Line | None = None) -> Answer:
        return await (line or self.desk).ask("POST", f"/api/v1/offers/{offer['offer']}/decline", {"reason": "busy"})

    async def work(self, item: str, verb: str, body: Any = None, line: Line | None = None) -> Answer:
        return await (line or self.desk).ask("POST", f"/api/v1/work-items/{item}/{verb}", body)

    async def item(self, call: str | None = None) -> dict[str, Any]:
        """The call's work item, as it stands."""
        answer = await self.desk.ask("GET", f"/api/v1/work-items?call=/pbx/main:{call or self.call}")
        assert answer.status == 200, answer.body
        found: dict[str, Any] = answer.json()
        return found

    async def me(self) -> dict[str, Any]:
        found: dict[str, Any] = (await self.desk.ask("GET", "/api/v1/me")).json()
        return found


@pytest.fixture(scope="package")
def contract(server_address: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Contract]:
    name = f"contract_{os.getpid()}"
    asyncio.run(on_server(server_address, f"create database {name} template {template} strategy file_copy"))
    directory: Path = tmp_path_factory.mktemp("contract")
    with Console(directory, url_of(server_address, name)) as console:
        console.apply(centre_yaml())
        agents = [f"{who}{number}" for number in range(SEATS) for who in ("ana", "ben")]
        tokens = console.tokens([*agents, "sue", "ada"])
        tokens["pbx"] = console.phone_token()
        console.run("user", "create", "ana0", "--role", "agent", said=PASSWORD + "\n")
        serve = console.serve()
        asyncio.run(serve.ready())
        yield Contract(serve, tokens)
        assert "Traceback" not in serve.told(), serve.told()
        serve.stop()
        assert serve.process.returncode == 0
        console.check()
    asyncio.run(on_server(server_address, f"drop database {name} with (force)"))


@pytest.fixture
async def seat(contract: Contract) -> AsyncIterator[Seat]:
    seat = contract.seat()
    yield seat
    for line in (seat.phone, seat.desk, seat.other):
        line.close()
