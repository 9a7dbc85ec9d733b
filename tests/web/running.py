"""A running console of the tests: who is in it, what it is configured with, and how to ask it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import httpx

from console.ids import new_id
from console.people import store, tokens
from console.people.who import OPERATOR
from console.services import configuration, people
from console.services.context import Context
from console.web.auth import SESSION_COOKIE

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
  - {{username: sue, name: Sue, roles: [supervisor], queues: []}}
  - {{username: kim, name: Kim, roles: [author], queues: []}}
  - {{username: ada, name: Ada, roles: [admin], queues: []}}
routing:
  - {{when: 'channel == "case"', queue: mail}}
  - {{queue: general}}
routing_defaults: {{fallback_queue: general}}
"""

USERS = ("ana", "ben", "sue", "kim", "ada")


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


async def settle(site: Site) -> None:
    """Configure it, and give everybody a token."""
    await configuration.apply(site.ctx, OPERATOR, text=CENTRE)
    site.tokens |= dict(
        zip(USERS, await people.create_tokens(site.ctx, OPERATOR, usernames=USERS), strict=True),
    )
    site.tokens["pbx"] = await people.create_token(site.ctx, OPERATOR, integration="pbx", scopes=["telephony"])
    site.tokens["reader"] = await people.create_token(site.ctx, OPERATOR, integration="reader")


# --- a person before a browser ------------------------------------------------------------------------------------------


@dataclass
class Browser:
    """A signed-in browser, as its pages ask."""

    client: httpx.AsyncClient
    csrf: str

    async def post(self, path: str, **form: str) -> httpx.Response:
        return await self.client.post(path, data=form, headers={"X-CSRF-Token": self.csrf})


async def session_of(site: Site, who: str) -> tuple[str, str]:
    """Cookie and CSRF token of a session that has begun; no password is hashed for it."""
    cookie, csrf = new_id(), new_id()
    now = site.ctx.clock.now()
    async with site.ctx.db.transaction() as db:
        await store.put_session(
            db, tokens.kept(cookie), username=who, csrf=csrf, at=now, expires_at=now + timedelta(hours=1)
        )
    return cookie, csrf


@asynccontextmanager
async def browsing(site: Site, who: str, **headers: str) -> AsyncIterator[Browser]:
    cookie, csrf = await session_of(site, who)
    cookies = {SESSION_COOKIE: cookie, "zone": "Europe%2FKyiv"}
    async with httpx.AsyncClient(base_url=site.url, cookies=cookies, headers=headers, timeout=10) as client:
        yield Browser(client, csrf)
