"""Every route × everybody who may ask: the table of the contract's section 3."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from litestar.routes import HTTPRoute, WebSocketRoute

from console.ids import new_id
from console.web.app import create_app
from tests.web.running import Site

A, S, K, M, T, R = "a", "s", "k", "m", "t", "r"
"""Agent, supervisor, author, admin, a token of scope telephony, an integration that may read."""
WHO = {A: "ana", S: "sue", K: "kim", M: "ada", T: "pbx", R: "reader"}
ALL = "all"


@dataclass(frozen=True)
class Line:
    """One line of the table: the contract's letters, and `r` where an integration without a scope may read."""

    method: str
    path: str
    who: frozenset[str] | str
    body: Any = None


def line(method: str, path: str, who: str, body: Any = None) -> Line:
    return Line(method, path, ALL if who == ALL else frozenset(who.split()), body)


TABLE = [
    line("POST", "/api/v1/telephony/events", "t", {}),
    line("POST", "/api/v1/cases", "a s m", {"subject": "x", "via": "api", "customer": {}}),
    line("GET", "/api/v1/cases", "a s m r"),
    line("GET", "/api/v1/cases/{number:str}", "a s m r"),
    line("PATCH", "/api/v1/cases/{number:str}", "a s m", {"subject": "y"}),
    line("POST", "/api/v1/cases/{number:str}/notes", "a s m", {"text": "x"}),
    line("GET", "/api/v1/me", "a s"),
    line("PUT", "/api/v1/me/presence", "a s", {"presence": "offline"}),
    line("POST", "/api/v1/offers/{offer:uuid}/accept", "a"),
    line("POST", "/api/v1/offers/{offer:uuid}/decline", "a", {}),
    line("GET", "/api/v1/work-items/{item:uuid}", "a s m r"),
    line("GET", "/api/v1/work-items/{item:uuid}/explain", "a s m r"),
    line("GET", "/api/v1/work-items", "a s m r"),
    line("POST", "/api/v1/work-items/{item:uuid}/complete", "a s", {}),
    line("POST", "/api/v1/work-items/{item:uuid}/wrap-up/extend", "a s", {"seconds": 30}),
    line("POST", "/api/v1/work-items/{item:uuid}/wrap-up/finish", "a s", {}),
    line("POST", "/api/v1/work-items/{item:uuid}/transfer", "a s", {"to": {"queue": "general"}, "note": "x"}),
    line("POST", "/api/v1/work-items/{item:uuid}/assign", "s m", {"agent": "ana", "reason": "x"}),
    line("POST", "/api/v1/work-items/{item:uuid}/move", "s m", {"queue": "general", "reason": "x"}),
    line("POST", "/api/v1/calls/{call:str}/hangup", "a s"),
    line("POST", "/api/v1/calls/{call:str}/hold", "a s"),
    line("POST", "/api/v1/calls/{call:str}/resume", "a s"),
    line("POST", "/api/v1/calls/{call:str}/mute", "a s"),
    line("POST", "/api/v1/calls/{call:str}/unmute", "a s"),
    line("POST", "/api/v1/calls/{call:str}/digits", "a s", {"digits": "1"}),
    line("POST", "/api/v1/calls/{call:str}/transfer", "a s", {"to": {"queue": "general"}, "kind": "blind"}),
    line("POST", "/api/v1/calls/{call:str}/consult/complete", "a s"),
    line("POST", "/api/v1/calls/{call:str}/consult/conference", "a s"),
    line("POST", "/api/v1/calls/{call:str}/consult/return", "a s"),
    line("GET", "/api/v1/queues", "s m r"),
    line("GET", "/api/v1/agents", "s m r"),
    line("PUT", "/api/v1/agents/{username:str}/presence", "s m", {"presence": "away", "reason": "lunch"}),
    line("POST", "/api/v1/config", "m"),
    line("GET", "/api/v1/config", "m"),
    line("GET", "/health/live", ALL),
    line("GET", "/health/ready", ALL),
    line("GET", "/metrics", ALL),
    line("GET", "/schema", ALL),
    line("GET", "/schema/openapi.json", ALL),
    line("GET", "/schema/openapi.yaml", ALL),
    line("GET", "/schema/{path:str}", ALL),
]
SOCKETS = {"/api/v1/stream"}
PAGES = ("/desk", "/profile", "/supervisor", "/static", "/login", "/logout")
"""Pages have a matrix of their own, beside them."""


def filled(path: str) -> str:
    """The address with something in each place that nothing has."""
    call = "hook:no-such-call"
    for place, value in {
        "{number:str}": "C-1",
        "{offer:uuid}": new_id(),
        "{item:uuid}": new_id(),
        "{call:str}": call,
        "{username:str}": "ben",
    }.items():
        path = path.replace(place, value)
    return f"{path}?call={call}" if path.endswith("/work-items") else path


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.method} {row.path}")
async def test_a_route_lets_in_whom_the_contract_names_and_nobody_else(site: Site, row: Line) -> None:
    answers = {}
    for letter, who in WHO.items():
        async with site.client(who) as client:
            answer = await client.request(row.method, filled(row.path), json=row.body)
        answers[letter] = answer.status_code
    async with site.client() as client:
        nobody = await client.request(row.method, filled(row.path), json=row.body)
    let_in = {letter for letter, status in answers.items() if status not in (401, 403)}

    if row.who == ALL:
        assert let_in == set(WHO)
        assert nobody.status_code not in (401, 403)
    else:
        assert let_in == row.who
        assert {answers[letter] for letter in set(WHO) - let_in} == {403}
        assert nobody.status_code == 401
        assert nobody.headers["content-type"] == "application/problem+json"
        assert nobody.json()["type"] == "not-signed-in"
        assert nobody.headers["www-authenticate"].startswith("Bearer")


async def test_every_route_of_the_application_stands_in_the_table(site: Site) -> None:
    app = create_app(site.ctx)
    found, sockets = set(), set()
    for route in app.routes:
        if route.path.startswith(PAGES) or route.path == "/":
            continue
        if isinstance(route, HTTPRoute):
            found |= {(method, route.path) for method in route.methods if method != "OPTIONS"}
        elif isinstance(route, WebSocketRoute):
            sockets.add(route.path)

    assert found == {(row.method, row.path) for row in TABLE}
    assert sockets == SOCKETS
