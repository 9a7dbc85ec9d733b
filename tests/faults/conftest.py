"""A furnished centre for each test that breaks something: its database is a copy, so nobody inherits the damage."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import yaml

from tests.conftest import url_of
from tests.faults.cable import Cable
from tests.faults.desks import Desk
from tests.served import Answer, Console, Line, Serve, arrived, ended, tell

OFFER_S = 2
"""Of the queue `hasty`; faults are made to last longer."""
PROMISE_S = 2
"""Of a case in the queue `letters`, to the first answer; faults are made to last longer."""
AGENTS = ("ana", "ben", *(f"agent{number}" for number in range(8)))


def centre_yaml() -> str:
    """`calm` rings long, `hasty` does not; nobody takes `letters`."""
    calm = {"name": "calm", "channel": "voice", "wrap_up": "0s", "decline_pause": "1s"}
    return yaml.safe_dump(
        {
            "version": 1,
            "sla": {"quick": {"clocks": {"first_response": {"target": f"{PROMISE_S}s", "warn": "50%"}}}},
            "queues": [
                calm,
                calm | {"name": "hasty", "offer": {"timeout": f"{OFFER_S}s"}},
                {"name": "letters", "channel": "case", "sla": "quick"},
            ],
            "agents": [{"username": name, "name": name.title(), "capacity": {"voice": 1}} for name in AGENTS],
            "routing": [{"queue": "calm"}],
            "routing_defaults": {"fallback_queue": "calm"},
        }
    )


@dataclass(frozen=True)
class Furnished:
    """A database that is copied, and whose tokens hold in every copy."""

    template: str
    tokens: dict[str, str]
    phone_token: str


@pytest.fixture(scope="package")
def furnished(server_address: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Furnished]:
    name = f"furnished_{os.getpid()}"
    asyncio.run(_admin(server_address, f"create database {name} template {template} strategy file_copy"))
    with Console(tmp_path_factory.mktemp("furnished"), url_of(server_address, name)) as console:
        console.apply(centre_yaml())
        yield Furnished(name, console.tokens(AGENTS), console.phone_token())
    asyncio.run(_admin(server_address, f"drop database {name} with (force)"))


@dataclass
class Centre:
    """One test's centre: its database, its nodes, and who may ask them what."""

    console: Console
    tokens: dict[str, str]
    phone_token: str
    database_url: str

    def phone(self, node: Serve) -> Line:
        return node.line(self.phone_token)

    def desk(self, agent: str, node: Serve) -> Desk:
        return Desk(agent, self.tokens[agent], node)

    async def rings(self, node: Serve, call: str, queue: str = "calm") -> Answer:
        return await self._told(node, arrived(call, queue=queue))

    async def hangs_up(self, node: Serve, call: str) -> Answer:
        return await self._told(node, ended(call, answered=True))

    async def _told(self, node: Serve, happened: dict[str, Any]) -> Answer:
        line = self.phone(node)
        try:
            return await tell(line, happened)
        finally:
            line.close()

    async def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        connection = await asyncpg.connect(self.database_url)
        try:
            return [dict(row) for row in await connection.fetch(query, *values)]
        finally:
            await connection.close()

    async def offers_of(self, call: str) -> list[tuple[str, str, str | None]]:
        """Agent, state and reason of every offer that was made of the call, in order."""
        rows = await self.rows(
            "select o.agent, o.state, o.reason from routing_offer o join work w on w.item = o.item"
            " join call c on c.id = w.call where c.external_id = $1 order by o.id",
            call,
        )
        return [(row["agent"], row["state"], row["reason"]) for row in rows]

    async def leader(self) -> tuple[str, int]:
        """The node that was last given the router's lease, and its epoch."""
        [row] = await self.rows("select node, epoch from lease where name = 'router'")
        return row["node"], row["epoch"]

    async def proves(self) -> None:
        """All guarantees hold, and no node met anything it did not expect."""
        for node in self.console.nodes:
            assert "Traceback" not in node.told(), node.told()
        await asyncio.to_thread(self.console.check)


@pytest.fixture
async def centre(server_address: str, furnished: Furnished, tmp_path: Path) -> AsyncIterator[Centre]:
    name = f"f_{uuid.uuid4().hex[:12]}"
    await _admin(server_address, f"create database {name} template {furnished.template} strategy file_copy")
    url = url_of(server_address, name)
    with Console(tmp_path, url) as console:
        yield Centre(console, furnished.tokens, furnished.phone_token, url)
    await _admin(server_address, f"drop database {name} with (force)")


@pytest.fixture
async def cable(centre: Centre) -> AsyncIterator[Cable]:
    """The way of the centre's console to its database: in one piece, but nobody may pass yet."""
    cable = Cable(centre.database_url)
    centre.console.database_url = cable.url
    yield cable
    cable.cut()


async def _admin(server_address: str, statement: str) -> None:
    connection = await asyncpg.connect(server_address)
    await connection.execute(statement)
    await connection.close()
