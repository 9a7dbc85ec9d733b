"""Promises over HTTP: how a case's clocks add up, which are at risk, one made anew, and the pages that show them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from console.people.who import OPERATOR
from console.services import configuration
from tests.web.running import CENTRE, Site, browsing

SLA = """sla:
  gold: {clocks: {first_response: {target: 15m}, resolution: {target: 4h, pause_when: [pending]}}}
"""


@pytest.fixture
async def number(site: Site) -> str:
    """Of a case that was promised something."""
    promising = CENTRE.replace("queues:", SLA + "queues:", 1).replace("channel: case}", "channel: case, sla: gold}")
    await configuration.apply(site.ctx, OPERATOR, text=promising)
    case = {"subject": "No dial tone", "via": "email", "customer": {"email": "marta@example.org"}, "topic": "line"}
    async with site.client("ana") as client:
        return str((await client.post("/api/v1/cases", json=case)).json()["number"])


def seconds(segment: dict[str, Any]) -> float:
    return (datetime.fromisoformat(segment["to"]) - datetime.fromisoformat(segment["from"])).total_seconds()


async def test_the_segments_of_each_clock_add_up_to_what_it_shows(site: Site, number: str) -> None:
    async with site.client("ana") as client:
        for status in ("pending", "open"):
            await client.patch(f"/api/v1/cases/{number}", json={"status": status})
        answer = await client.get(f"/api/v1/cases/{number}/clocks")
        missing = await client.get("/api/v1/cases/C-1/clocks")

    first, resolution = sorted(answer.json()["items"], key=lambda clock: clock["clock"])
    assert (first["shape"], first["target_s"], first["segments"][0]["why"]) == ("ok", 900, "registered")
    assert [(segment["kind"], segment["why"], segment["by"]) for segment in resolution["segments"]] == [
        ("counted", "registered", "ana"),
        ("paused", "pending", "ana"),
        ("counted", "open", "ana"),
    ]
    for clock in (first, resolution):
        counted = sum(seconds(segment) for segment in clock["segments"] if segment["kind"] == "counted")
        assert counted == pytest.approx(clock["elapsed_s"], abs=1e-5)
        assert clock["elapsed_s"] + clock["left_s"] == pytest.approx(clock["target_s"])
    assert missing.status_code == 404


async def test_an_admin_makes_a_promise_anew_and_gives_a_reason(site: Site, number: str) -> None:
    path = f"/api/v1/cases/{number}/clocks"
    async with site.client("ada") as client:
        assert (await client.post(f"{path}/resolution/rebase", json={"reason": ""})).status_code == 400
        assert (await client.post(f"{path}/next_update/rebase", json={"reason": "x"})).status_code == 404
        assert (await client.post(f"{path}/resolution/rebase", json={"reason": "New contract"})).status_code == 204
        clocks = {clock["clock"]: clock for clock in (await client.get(path)).json()["items"]}
    assert clocks["resolution"]["segments"][-1]["why"] == "New contract"


async def test_supervisors_see_which_promises_are_at_risk(site: Site, number: str) -> None:
    async with site.client("sue") as client:
        soon = (await client.get("/api/v1/clocks?at_risk=3600")).json()["items"]
        assert [(one["case"], one["clock"]) for one in soon] == [(number, "first_response")]
        assert (await client.get("/api/v1/clocks?paused_for=60")).json()["items"] == []
        wrong = await client.get("/api/v1/clocks?at_risk=soon")
        assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "at_risk")
        page = (await client.get("/supervisor/clocks?within=8&longer=x")).text
    assert "First response" in page
    assert number in page


async def test_who_only_reads_a_case_sees_its_clocks_and_how_they_were_counted(site: Site, number: str) -> None:
    async with browsing(site, "sue") as browser:
        page = (await browser.client.get(f"/cases/{number}")).text
        told = await browser.client.get(f"/desk/cases/{number}/clocks")

    assert 'id="clock-first_response"' in page
    assert 'id="clocks-told"' in page
    assert "data-turns" not in page, "there is nobody to ask for another drawing"
    assert told.status_code == 200


async def test_a_click_on_a_clock_tells_how_it_was_counted(site: Site, number: str) -> None:
    async with browsing(site, "ana") as browser:
        told = (await browser.client.get(f"/desk/cases/{number}/clocks")).text

    assert told.startswith('<hx-partial id="clocks-told"')
    assert "the case was registered" in told


async def test_an_admin_promises_anew_where_it_is_told_how_it_was_counted(site: Site, number: str) -> None:
    path = f"/desk/cases/{number}/clocks"
    async with browsing(site, "sue") as browser:
        assert "Promise anew" not in (await browser.client.get(path)).text
    async with browsing(site, "ada") as browser:
        assert f'hx-post="{path}/resolution/anew"' in (await browser.client.get(path)).text
        nothing = await browser.post(f"{path}/resolution/anew", reason="")
        told = (await browser.post(f"{path}/resolution/anew", reason="A new <b>contract</b>")).text

    assert nothing.status_code == 400
    assert "A new &lt;b&gt;contract&lt;/b&gt;" in told
