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
    line("POST", "/api/v1/cases/{number:str}/escalate", "a s m", {"to": {"queue": "mail"}, "reason": "x"}),
    line("POST", "/api/v1/cases/{number:str}/transfer", "a s m", {"to": {"queue": "mail"}, "note": "x"}),
    line("GET", "/api/v1/cases/{number:str}/handover", "a s m r"),
    line("POST", "/api/v1/cases/{number:str}/handover/acknowledge", "a s m"),
    line("GET", "/api/v1/cases/{number:str}/clocks", "a s m r"),
    line("POST", "/api/v1/cases/{number:str}/clocks/{clock:str}/rebase", "m", {"reason": "x"}),
    line("GET", "/api/v1/clocks", "s m r"),
    line("POST", "/api/v1/cases/{number:str}/script-runs", "a s", {"script": "x"}),
    line("GET", "/api/v1/script-runs/{run_id:uuid}", "a s"),
    line("POST", "/api/v1/script-runs/{run_id:uuid}/answers", "a s", {"step": "x"}),
    line("POST", "/api/v1/script-runs/{run_id:uuid}/back", "a s", {}),
    line("GET", "/api/v1/scripts", "k m"),
    line("POST", "/api/v1/scripts", "k m", {"name": "x", "title": "x"}),
    line("GET", "/api/v1/scripts/{name:str}", "k m"),
    line("PUT", "/api/v1/scripts/{name:str}/draft", "k m", {"source": "x"}),
    line("POST", "/api/v1/scripts/{name:str}/submit", "k m", {}),
    line("POST", "/api/v1/scripts/{name:str}/return", "k m", {"why": "x"}),
    line("POST", "/api/v1/scripts/{name:str}/publish", "k m"),
    line("GET", "/api/v1/cases.csv", "a s m r"),
    line("POST", "/api/v1/cases/{number:str}/reopen", "a s m", {}),
    line("POST", "/api/v1/cases/{number:str}/words", "a s m", {"text": "x"}),
    line("POST", "/api/v1/cases/{number:str}/tasks", "a s m", {"text": "x"}),
    line("PATCH", "/api/v1/cases/{number:str}/tasks/{task:uuid}", "a s m", {"result": "done"}),
    line("POST", "/api/v1/cases/{number:str}/attachments", "a s m", {}),
    line("GET", "/api/v1/cases/{number:str}/attachments/{attachment:uuid}", "a s m r"),
    line("DELETE", "/api/v1/cases/{number:str}/attachments/{attachment:uuid}", "a s m"),
    line("PUT", "/api/v1/cases/{number:str}/links/{other:str}", "a s m", {}),
    line("DELETE", "/api/v1/cases/{number:str}/links/{other:str}", "a s m"),
    line("PUT", "/api/v1/cases/{number:str}/parent", "a s m", {"parent": None}),
    line("POST", "/api/v1/cases/{number:str}/time", "a s m", {"minutes": 1}),
    line("GET", "/api/v1/customers", "a s m r"),
    line("POST", "/api/v1/customers", "a s m", {}),
    line("GET", "/api/v1/customers/{customer:uuid}", "a s m r"),
    line("PATCH", "/api/v1/customers/{customer:uuid}", "a s m", {}),
    line("GET", "/api/v1/accounts", "a s m r"),
    line("POST", "/api/v1/accounts", "s m", {"name": ""}),
    line("GET", "/api/v1/accounts/{account:uuid}", "a s m r"),
    line("PATCH", "/api/v1/accounts/{account:uuid}", "s m", {}),
    line("GET", "/api/v1/contracts", "a s m r"),
    line("POST", "/api/v1/contracts", "s m", {}),
    line("GET", "/api/v1/contracts/{contract:uuid}", "a s m r"),
    line("PATCH", "/api/v1/contracts/{contract:uuid}", "s m", {}),
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
    line("GET", "/api/v1/kb/search", "a s k m r"),
    line("GET", "/api/v1/kb/articles", "k m"),
    line("POST", "/api/v1/kb/articles", "k m", {"lang": "en", "title": "x"}),
    line("GET", "/api/v1/kb/articles/{number:str}", "a s k m r"),
    line("PATCH", "/api/v1/kb/articles/{number:str}", "k m", {"title": "y"}),
    *(
        line("POST", f"/api/v1/kb/articles/{{number:str}}/{move}", "k m", {})
        for move in ("submit", "withdraw", "approve", "reject", "publish", "expire", "archive")
    ),
    line("POST", "/api/v1/kb/articles/{number:str}/feedback", "a s k m", {"use": "helped"}),
    line("GET", "/api/v1/kb/articles/{number:str}/versions", "k m"),
    line("GET", "/api/v1/kb/articles/{number:str}/versions/{version:int}", "k m"),
    line("POST", "/api/v1/kb/articles/{number:str}/versions/{version:int}/restore", "k m"),
    line("GET", "/api/v1/kb/articles/{number:str}/diff", "k m"),
    line("POST", "/api/v1/kb/feedback/{feedback:uuid}/settle", "k m", {}),
    line("GET", "/api/v1/kb/topics", "k m"),
    line("POST", "/api/v1/kb/topics", "k m", {"name": "x"}),
    line("PATCH", "/api/v1/kb/topics/{topic:uuid}", "k m", {"name": "x"}),
    line("POST", "/api/v1/kb/topics/{topic:uuid}/merge", "k m", {"into": new_id()}),
    line("DELETE", "/api/v1/kb/topics/{topic:uuid}", "k m"),
    line("POST", "/api/v1/kb/articles/{number:str}/translate", "k m", {"lang": "uk"}),
    line("POST", "/api/v1/kb/articles/{number:str}/follow", "k m"),
    line("POST", "/api/v1/kb/articles/{number:str}/remind", "k m"),
    line("POST", "/api/v1/kb/images", "k m"),
    line("GET", "/api/v1/kb/reviews", "k m"),
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
PAGES = (
    "/cases",
    "/customers",
    "/accounts",
    "/contracts",
    "/desk",
    "/profile",
    "/supervisor",
    "/scripts",
    "/static",
    "/login",
    "/logout",
    "/kb",
)
"""Pages have a matrix of their own, beside them."""


def filled(path: str) -> str:
    """The address with something in each place that nothing has."""
    call = "hook:no-such-call"
    for place, value in {
        "{number:str}": "C-1",
        "{offer:uuid}": new_id(),
        "{run_id:uuid}": new_id(),
        "{item:uuid}": new_id(),
        "{contract:uuid}": new_id(),
        "{account:uuid}": new_id(),
        "{customer:uuid}": new_id(),
        "{attachment:uuid}": new_id(),
        "{task:uuid}": new_id(),
        "{call:str}": call,
        "{username:str}": "ben",
        "{version:int}": "1",
        "{feedback:uuid}": new_id(),
        "{topic:uuid}": new_id(),
        "{other:str}": "C-2",
    }.items():
        path = path.replace(place, value)
    if path.endswith("/attachments"):
        return f"{path}?name=x.txt"
    return f"{path}?call={call}" if path.endswith("/work-items") else path


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.method} {row.path}")
async def test_a_route_lets_in_whom_the_contract_names_and_nobody_else(shared: Site, row: Line) -> None:
    answers = {}
    for letter, who in WHO.items():
        async with shared.client(who) as client:
            answer = await client.request(row.method, filled(row.path), json=row.body)
        answers[letter] = answer.status_code
    async with shared.client() as client:
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
