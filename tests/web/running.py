"""A running console of the tests: who is in it, what it is configured with, and how to ask it."""

from __future__ import annotations

from dataclasses import dataclass, field

import httpx

from console.people.who import OPERATOR
from console.services import configuration, people
from console.services.context import Context

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
