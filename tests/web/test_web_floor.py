"""Supervisors' pages and forms over HTTP: whose they are, and what comes in by them is bounded."""

from __future__ import annotations

import re

import httpx
import pytest

from console.routing.explain import Code
from console.web import words as w
from console.web.reasons import reason_words
from console.web.supervisor import acts, forms, reports
from tests.web.running import Site

PAGES = ("/supervisor", "/supervisor/wall", "/supervisor/figures", "/supervisor/audit", "/supervisor/clocks")
ITEM = "019aa0c0-0000-7000-8000-000000000001"
SAID = {"state": "break", "reason": "coaching"}


async def post(site: Site, who: str, path: str, **form: str) -> httpx.Response:
    async with site.client(who) as client:
        return await client.post(f"/supervisor/{path}", data=form)


@pytest.mark.parametrize("path", PAGES)
async def test_the_pages_are_supervisors_and_admins_own(site: Site, path: str) -> None:
    for who, status in (("sue", 200), ("ada", 200), ("ana", 403), ("kim", 403)):
        async with site.client(who) as client:
            assert (await client.get(path)).status_code == status, who


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("agents/ana/state", SAID),
        ("agents/ana/pause", {"reason": "coaching"}),
        ("agents/ana/message", {"text": "Hello"}),
        ("agents/ana/sign-out", {"reason": "gone home"}),
        (f"work/{ITEM}/assign", {"agent": "ana", "reason": "why"}),
        (f"work/{ITEM}/move", {"queue": "general", "reason": "why"}),
    ],
)
async def test_no_form_is_for_agents_and_none_goes_without_a_reason(
    site: Site, path: str, form: dict[str, str]
) -> None:
    assert (await post(site, "ben", path, **form)).status_code == 403
    last = list(form)[-1]
    for wrong in ("", "x" * 501):
        answer = await post(site, "sue", path, **{**form, last: wrong})
        assert answer.status_code == 400
        assert 'hx-partial id="refusal"' in answer.text


async def test_a_form_says_what_was_done(at_work: Site) -> None:
    async with at_work.client("sue") as client:
        while not (await client.get("/api/v1/agents")).json()["items"]:
            pass  # the router has not taken up the configuration yet
    for path, form, said in (
        ("agents/ana/state", SAID, "The state was set"),
        ("agents/ana/pause", {"reason": "coaching"}, "The pause begins"),
        ("agents/ana/message", {"text": "Hello"}, "The message was sent"),
        ("agents/ana/sign-out", {"reason": "gone home"}, "signed out everywhere"),
    ):
        answer = await post(at_work, "sue", path, **form)
        assert answer.status_code == 200, answer.text
        assert said in answer.text
    async with at_work.client("ada") as client:
        rows = (await client.get("/supervisor/audit")).text
    assert re.findall(r"<td>(State set|Message sent|Signed out)", rows) == [
        "Signed out",
        "Message sent",
        "State set",
        "State set",
    ]


@pytest.mark.parametrize("path", ["agents/nobody/menu", "work?queue=nowhere", f"why/{ITEM}", "figures?queue=nowhere"])
async def test_what_there_is_not_is_not_found(site: Site, path: str) -> None:
    async with site.client("sue") as client:
        assert (await client.get(f"/supervisor/{path}")).status_code == 404


async def test_a_cursor_that_no_page_gave_is_refused_and_other_words_mean_the_usual(site: Site) -> None:
    async with site.client("sue") as client:
        assert (await client.get("/supervisor/figures?cursor=zzz")).status_code == 400
        page = await client.get("/supervisor/figures?figure=%27--&period=x&queue=faults")
        assert "faults</bdi> · Offered" in page.text
        assert (await client.get("/supervisor/audit?by=" + "x" * 5000)).status_code == 200


async def test_a_queue_that_is_named_as_it_likes_reaches_its_panel(site: Site) -> None:
    async with site.client("sue") as client:
        menu = await client.get("/supervisor/queue-menu", params={"queue": 'a&b "c"'})
        assert "queue=a%26b%20%22c%22" in menu.text


async def test_a_list_that_was_held_is_said_again_to_whom_no_line_is_open(site: Site) -> None:
    async with site.client("sue") as client:
        assert 'hx-partial id="queues"' in (await client.post("/supervisor/redraw/queues?order=name")).text
        assert (await client.post("/supervisor/redraw/other")).status_code == 404


def test_every_code_has_words() -> None:
    words = w.load("en")
    assert set(reason_words(words)) == set(Code.__args__)
    assert set(acts.states(words)) == set(forms.State.__args__)
    assert set(reports.act_words(words)) == set(reports.What)
