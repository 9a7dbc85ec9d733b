"""The real application on a real server, with a router at work, over a database of the test's own."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx
import pytest
import uvicorn

from console.clock import SystemClock
from console.db.engine import Database
from console.ids import NodeId, new_id
from console.live.attendance import Attendance
from console.live.hub import Hub
from console.live.hub import Desk as HubDesk
from console.live.nudge import Nudges
from console.live.verdicts import Verdicts
from console.people.who import OPERATOR
from console.services import configuration, people, presence
from console.services.centre import Centres
from console.services.context import Context
from console.web.app import create_app

PASSWORD = "correct horse battery staple"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"

CENTRE = f"""
version: 1
skills: [fibre, english]
telephony:
  - {{name: hook, kind: cloudevents, secret: "{SECRET}"}}
  - {{name: other, kind: cloudevents, secret: "{OTHER_SECRET}"}}
queues:
  - {{name: faults, channel: voice, requires: {{fibre: 3}}, offer: {{timeout: 20s}}, wrap_up: 30s}}
  - {{name: general, channel: voice}}
  - {{name: mail, channel: case}}
agents:
  - {{username: ana, name: Ana, roles: [agent], skills: {{fibre: 5, english: 5}}, capacity: {{voice: 1, case: 3}}}}
  - {{username: ben, name: Ben, roles: [agent], skills: {{english: 5}}, queues: [general]}}
  - {{username: sue, name: Sue, roles: [supervisor], skills: {{}}, queues: []}}
routing:
  - {{when: 'channel == "case"', queue: mail}}
  - {{queue: general}}
routing_defaults: {{fallback_queue: general}}
"""

USERS = {"ana": "agent", "ben": "agent", "sue": "supervisor", "kim": "author", "ada": "admin"}


@dataclass
class Site:
    """A running console, and a token of everybody in it."""

    ctx: Context
    url: str
    tokens: dict[str, str] = field(default_factory=dict)

    def client(self, who: str | None = None, **headers: str) -> httpx.AsyncClient:
        """Asks as that user or integration; None: as nobody."""
        if who is not None:
            headers = {"Authorization": f"Bearer {self.tokens[who]}", **headers}
        return httpx.AsyncClient(base_url=self.url, headers=headers, timeout=10)


@pytest.fixture
def public_url() -> str | None:
    return None


@pytest.fixture
async def ctx(database: Database, public_url: str | None) -> AsyncIterator[Context]:
    clock = SystemClock()

    async def read_desk(agent: str) -> HubDesk:
        return await presence.read_desk(ctx, agent)

    async with Nudges(None).running() as nudges:
        ctx = Context(
            db=database,
            clock=clock,
            nudges=nudges,
            verdicts=Verdicts(),
            hub=Hub(clock, read_desk),
            node=NodeId(new_id()),
            attendance=Attendance(),
            centres=Centres(),
            secret=b"k" * 32,
            public_url=public_url,
        )
        yield ctx


@pytest.fixture
async def site(ctx: Context) -> AsyncIterator[Site]:
    """Pages, sockets and API over HTTP, without a router."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(ctx), log_config=None, lifespan="on", ws_ping_interval=15))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    site = Site(ctx, f"http://127.0.0.1:{listener.getsockname()[1]}")
    await _people(site)
    yield site
    server.should_exit = True
    server.force_exit = True
    await serving


async def _people(site: Site) -> None:
    await configuration.apply(site.ctx, OPERATOR, text=CENTRE)
    for username, role in USERS.items():
        await people.create_user(site.ctx, OPERATOR, username=username, role=role, password=PASSWORD)
    for username, token in zip(
        USERS, await people.create_tokens(site.ctx, OPERATOR, usernames=list(USERS)), strict=True
    ):
        site.tokens[username] = token
    site.tokens["pbx"] = await people.create_token(site.ctx, OPERATOR, integration="pbx", scopes=["telephony"])
    site.tokens["reader"] = await people.create_token(site.ctx, OPERATOR, integration="reader")
