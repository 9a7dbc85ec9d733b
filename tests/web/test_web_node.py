"""What the node tells of itself, and what stands on every answer."""

from __future__ import annotations

import re

import httpx
import pytest
from sqlalchemy import insert, text

from console.db.engine import Database
from console.db.schema import lease
from console.services.context import Context
from tests.web.running import Site

EVERY_ANSWER = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/health/live", 200),
        ("GET", "/nothing", 404),
        ("GET", "/api/v1/me", 401),
        ("POST", "/health/live", 405),
        ("GET", "/api/v1/cases?limit=0", 400),
        ("GET", "/schema", 200),
        ("GET", "/metrics", 200),
    ],
)
async def test_every_answer_bears_the_security_headers_and_a_request_id(
    site: Site, method: str, path: str, status: int
) -> None:
    async with site.client("sue" if "cases" in path else None) as client:
        first, second = [await client.request(method, path) for _ in range(2)]

    assert first.status_code == status
    assert {name: first.headers[name] for name in EVERY_ANSWER} == EVERY_ANSWER
    assert first.headers["x-request-id"] != second.headers["x-request-id"]
    assert "server" not in first.headers or "litestar" not in first.headers["server"].lower()
    assert "strict-transport-security" not in first.headers


async def test_a_wrong_method_is_told_the_right_ones(site: Site) -> None:
    async with site.client("ana") as client:
        answer = await client.delete("/api/v1/cases/C-1")

    assert (answer.status_code, answer.json()["type"]) == (405, "method-not-allowed")
    assert set(answer.headers["allow"].split(", ")) == {"GET", "PATCH", "OPTIONS"}


async def test_answers_of_the_api_are_kept_by_nobody(site: Site) -> None:
    async with site.client("ana") as client:
        answer = await client.get("/api/v1/me")

    assert answer.headers["cache-control"] == "no-store"


class TestBehindTls:
    @pytest.fixture
    def public_url(self) -> str:
        return "https://console.example"

    async def test_browsers_are_told_to_stay_there(self, site: Site) -> None:
        async with site.client() as client:
            answer = await client.get("/health/live")

        assert answer.headers["strict-transport-security"].startswith("max-age=")


async def test_a_node_without_a_router_is_alive_and_not_ready(site: Site) -> None:
    async with site.client() as client:
        live, ready = await client.get("/health/live"), await client.get("/health/ready")

    assert (live.status_code, ready.status_code) == (200, 503)


@pytest.mark.parametrize(("age_s", "status"), [(0, 200), (1, 200), (3, 503)])
async def test_a_node_is_ready_while_a_router_surely_holds_its_lease(site: Site, age_s: int, status: int) -> None:
    renewed = text(f"clock_timestamp() - interval '{age_s} seconds'")
    async with site.ctx.db.transaction() as db:
        await db.execute(insert(lease).values(name="router", epoch=1, node="n", renewed_at=renewed))

    async with site.client() as client:
        assert (await client.get("/health/ready")).status_code == status


async def test_without_a_database_the_node_lives_and_says_so(site: Site) -> None:
    await _stop_answering(site.ctx)
    async with site.client() as client:
        live, ready = await client.get("/health/live"), await client.get("/health/ready")
        figures = await client.get("/metrics")
    async with site.client("ana") as client:
        asked = await client.get("/api/v1/me")

    assert (live.status_code, ready.status_code) == (200, 503)
    assert "console_database_up 0" in figures.text
    assert (asked.status_code, asked.json()["type"]) == (503, "not-ready")
    assert asked.headers["retry-after"] == "1"


async def _stop_answering(ctx: Context) -> None:
    """A server that is not there any more, as far as this node can tell."""
    gone = Database("postgresql://nobody@127.0.0.1:1/none")
    await ctx.db.close()
    ctx.db.__dict__.update(gone.__dict__)


async def test_an_accident_tells_its_name_and_nothing_else(site: Site) -> None:
    async with site.ctx.db.transaction() as db:
        await db.execute(text("drop table routing_agent cascade"))
    async with site.client("ana") as client:
        answer = await client.get("/api/v1/me")

    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert set(problem) == {"type", "title", "status", "detail", "request_id"}
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert "routing_agent" not in answer.text


async def test_figures_are_in_the_format_of_prometheus(site: Site) -> None:
    async with site.client("ana") as client:
        for _ in range(3):
            await client.get("/api/v1/me")
            await client.get(f"/nothing/{_}")
        answer = await client.get("/metrics")

    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    row = re.compile(r'(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{([a-z_]+="[^"]*",?)*\})? [0-9.e+-]+)')
    assert all(row.fullmatch(line) for line in answer.text.splitlines())
    assert 'console_http_requests_total{route="/api/v1/me",method="GET",status="200"} 3' in answer.text
    assert 'console_http_requests_total{route="none",method="GET",status="404"} 3' in answer.text
    assert "console_database_up 1" in answer.text
    assert 'console_agents{state="offline"}' in answer.text


async def test_the_schema_is_open_and_names_every_call(site: Site) -> None:
    async with site.client() as client:
        whole, named = await client.get("/schema"), await client.get("/schema/openapi.json")
        yaml = await client.get("/schema/openapi.yaml")

    assert whole.json() == named.json()
    paths = whole.json()["paths"]
    assert "application/cloudevents+json" in paths["/api/v1/telephony/events"]["post"]["requestBody"]["content"]
    assert "application/yaml" in paths["/api/v1/config"]["post"]["requestBody"]["content"]
    assert paths["/api/v1/cases"]["post"]["responses"].keys() >= {"201"}
    assert yaml.status_code == 200


async def test_the_configuration_goes_out_and_in_again_unchanged(site: Site) -> None:
    async with site.client("ada") as client:
        exported = await client.get("/api/v1/config")
        again = await client.post(
            "/api/v1/config", content=exported.content, headers={"content-type": "application/yaml"}
        )

    assert exported.headers["content-type"].startswith("application/yaml")
    assert again.status_code == 200
    assert again.json()["changed"] is False


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"version: 1\nqueue: []\n", "application/yaml", 400),
        (b"version: 1\nqueues: [{name: a, channel: fax}]\n", "text/yaml", 400),
        (b"\xff", "application/yaml", 400),
        (b"a: [", "application/yaml", 400),
        (b"", "application/yaml", 400),
        (b"version: 1\n", "application/json", 415),
        (b"#" * (2 << 20), "application/yaml", 413),
    ],
)
async def test_a_wrong_configuration_is_refused_whole(site: Site, body: bytes, kind: str, status: int) -> None:
    async with site.client("ada") as client:
        before = (await client.get("/api/v1/config")).text
        answer = await client.post("/api/v1/config", content=body, headers={"content-type": kind})
        after = (await client.get("/api/v1/config")).text

    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    if status == 400:
        assert answer.json()["errors"]
    assert after == before


async def test_a_dry_run_tells_the_difference_and_keeps_nothing(site: Site) -> None:
    async with site.client("ada") as client:
        before = (await client.get("/api/v1/config")).text
        changed = before.replace("Ana", "Anna")
        sent = {"content": changed, "headers": {"content-type": "application/yaml"}}
        told: httpx.Response = await client.post("/api/v1/config?dry_run=true", **sent)
        after = (await client.get("/api/v1/config")).text

    assert told.json()["changed"] is True
    assert told.json()["difference"]
    assert after == before
