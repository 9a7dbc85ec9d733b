"""Cases over HTTP: created once, changed by those who have read them, seen by those they concern."""

from __future__ import annotations

import asyncio
import hashlib
import re
from typing import Any

import httpx
import pytest

from console.db import idempotency
from console.db.idempotency import Once
from console.ids import new_id
from tests.web.running import Site, browsing

CASE = {"subject": "No dial tone", "via": "api", "customer": {"phone": "+441314960100", "name": "Marta"}}


async def new_case(client: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    answer = await client.post("/api/v1/cases", json={**CASE, **more})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_case_is_registered_and_shown_with_its_whole_context(site: Site) -> None:
    async with site.client("ana") as client:
        made = await new_case(client, description="Since the storm.", topic="fibre", priority=5)
        await client.post(f"/api/v1/cases/{made['number']}/notes", json={"text": "Called back."})
        answer = await client.get(f"/api/v1/cases/{made['number']}")

    assert set(made) == {"number", "id", "work_item"}
    shown = answer.json()
    assert answer.headers["etag"] == '"1"'
    assert {name: shown[name] for name in ("number", "id", "subject", "status", "topic", "priority", "queue")} == {
        "number": made["number"],
        "id": made["id"],
        "subject": "No dial tone",
        "status": "new",
        "topic": "fibre",
        "priority": 5,
        "queue": "mail",
    }
    assert shown["customer"]["phones"] == ["+441314960100"]
    assert [entry["kind"] for entry in shown["timeline"]] == ["note", "registered"]
    assert [turn["work_item"] for turn in shown["work"]] == [made["work_item"]]


async def test_a_write_with_a_stale_tag_changes_nothing(site: Site) -> None:
    async with site.client("ana") as client:
        path = f"/api/v1/cases/{(await new_case(client))['number']}"
        tag = (await client.get(path)).headers["etag"]
        first = await client.patch(path, json={"subject": "One"}, headers={"If-Match": tag})
        stale = await client.patch(path, json={"subject": "Two"}, headers={"If-Match": tag})
        shown = await client.get(path)

    assert first.status_code == 200
    assert first.headers["etag"] != tag
    assert (stale.status_code, stale.json()["type"]) == (412, "stale-record")
    assert shown.json()["subject"] == "One"
    assert shown.headers["etag"] == first.headers["etag"]


@pytest.mark.parametrize("tag", ['W/"1"', '"x"', "1", '""', '"99999999999"', '"1", "2"'])
async def test_a_tag_that_no_version_had_is_stale(site: Site, tag: str) -> None:
    async with site.client("ana") as client:
        path = f"/api/v1/cases/{(await new_case(client))['number']}"
        answer = await client.patch(path, json={"subject": "One"}, headers={"If-Match": tag})

    assert answer.status_code == 412


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"status": "lost"}, "status"),
        ({"status": None}, "status"),
        ({"status": "new"}, "status"),
        ({"owner": "ben"}, "owner"),
        ({"priority": 1.5}, "priority"),
    ],
)
async def test_a_change_that_cannot_be_is_refused_by_field(site: Site, change: dict[str, Any], field: str) -> None:
    async with site.client("ana") as client:
        path = f"/api/v1/cases/{(await new_case(client))['number']}"
        await client.patch(path, json={"status": "open"})
        answer = await client.patch(path, json=change)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == field


async def test_an_agent_sees_the_cases_of_their_queues_alone(site: Site) -> None:
    async with site.client("ana") as ana, site.client("ben") as ben:
        number = (await new_case(ana))["number"]
        seen = await ana.get(f"/api/v1/cases/{number}")
        hidden = [
            await ben.get(f"/api/v1/cases/{number}"),
            await ben.patch(f"/api/v1/cases/{number}", json={"subject": "Mine"}),
            await ben.post(f"/api/v1/cases/{number}/notes", json={"text": "Mine"}),
        ]
        listed = (await ben.get("/api/v1/cases")).json()

    assert seen.status_code == 200
    assert [answer.status_code for answer in hidden] == [404, 404, 404]
    assert listed == {"items": [], "next": None}


@pytest.mark.parametrize("question", ["status=new", "queue=mail", "q=dial+TONE", "q=marta", "customer={customer}"])
async def test_cases_are_found_by_what_is_known_of_them(site: Site, question: str) -> None:
    async with site.client("sue") as client:
        case = await new_case(client)
        await new_case(client, subject="Other", customer={"name": "Ivan"}, queue="general")
        await client.patch(
            f"/api/v1/cases/{(await new_case(client, subject='x', customer={}))['number']}", json={"status": "open"}
        )
        customer = (await client.get(f"/api/v1/cases/{case['number']}")).json()["customer"]["id"]
        found = (await client.get(f"/api/v1/cases?{question.replace('{customer}', customer)}")).json()["items"]

    assert case["number"] in [item["number"] for item in found]
    assert len(found) < 3


# --- Idempotency-Key --------------------------------------------------------------------------------------------------


async def test_the_same_key_and_body_make_one_case_and_get_one_answer(site: Site) -> None:
    async with site.client("ana", **{"Idempotency-Key": new_id()}) as client:
        answers = [await client.post("/api/v1/cases", json=CASE) for _ in range(3)]
    async with site.client("ana") as client:
        listed = (await client.get("/api/v1/cases")).json()["items"]

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert len(listed) == 1


async def test_many_at_once_under_one_key_make_one_case(site: Site) -> None:
    async with site.client("ana", **{"Idempotency-Key": new_id()}) as client:
        answers = await asyncio.gather(*(client.post("/api/v1/cases", json=CASE) for _ in range(8)))
    async with site.client("ana") as client:
        listed = (await client.get("/api/v1/cases")).json()["items"]

    made = [answer for answer in answers if answer.status_code == 201]
    assert made
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.content for answer in made}) == 1
    assert len(listed) == 1


async def test_the_same_key_with_another_body_is_a_conflict(site: Site) -> None:
    async with site.client("ana", **{"Idempotency-Key": new_id()}) as client:
        await client.post("/api/v1/cases", json=CASE)
        other = await client.post("/api/v1/cases", json={**CASE, "subject": "Other"})

    assert (other.status_code, other.json()["type"]) == (409, "idempotency-conflict")


async def test_a_key_whose_first_request_still_runs_is_a_conflict(site: Site) -> None:
    async with site.client("ana") as client:
        request = client.build_request("POST", "/api/v1/cases", json=CASE, headers={"Idempotency-Key": "abc"})
        body_hash = hashlib.sha256(request.content).digest()
        once = Once(principal="user:ana", route="POST /api/v1/cases", key="abc", body_hash=body_hash)
        async with site.ctx.db.transaction() as db:
            assert await idempotency.earlier_answer(db, once, site.ctx.clock.now()) is None
            running = await client.send(request)
        afterwards = await client.send(request)

    assert (running.status_code, running.json()["type"]) == (409, "idempotency-conflict")
    assert afterwards.status_code == 201


async def test_a_key_is_its_principals_and_its_routes_own(site: Site) -> None:
    key = {"Idempotency-Key": "one"}
    async with site.client("ana", **key) as ana, site.client("sue", **key) as sue:
        first = (await ana.post("/api/v1/cases", json=CASE)).json()["number"]
        second = (await sue.post("/api/v1/cases", json=CASE)).json()["number"]
        notes = [await ana.post(f"/api/v1/cases/{number}/notes", json={"text": "x"}) for number in (first, second)]

    assert first != second
    assert [note.status_code for note in notes] == [201, 201]
    assert notes[0].json()["id"] != notes[1].json()["id"]


async def test_a_refused_request_leaves_its_key_unused(site: Site) -> None:
    async with site.client("ana", **{"Idempotency-Key": "one"}) as client:
        refused = await client.post("/api/v1/cases", json={**CASE, "queue": "nowhere"})
        mended = await client.post("/api/v1/cases", json=CASE)

    assert [refused.status_code, mended.status_code] == [400, 201]


@pytest.mark.parametrize("key", ["", "two words", "x" * 256, "ключ"])
async def test_a_key_that_is_none_is_refused(site: Site, key: str) -> None:
    async with site.client("ana") as client:
        answer = await client.post("/api/v1/cases", json=CASE, headers=[("Idempotency-Key", key.encode())])  # type: ignore[list-item]  # httpx takes bytes

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "Idempotency-Key"


async def test_what_was_changed_on_the_desk_is_taken_back_by_one_key_but_the_end_of_work_is_not(site: Site) -> None:
    async with site.client("ana") as client:
        number = (await new_case(client, subject="No tone"))["number"]
    path = f"/desk/cases/{number}/change"
    async with browsing(site, "ana") as browser:
        changed = (await browser.post(path, version="1", subject="<b>Noise</b>", status="new", topic="line")).text
        fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', changed[changed.index('hx-partial id="done"') :]))
        back = await browser.post(path, **fields)
        again = await browser.post(path, **fields)
        ended = (await browser.post(path, version="3", subject="No tone", status="resolved")).text

    assert "Changed on" in changed
    assert "Subject" in changed
    assert 'data-single="z"' in changed
    assert fields == {"version": "2", "status": "new", "subject": "No tone", "priority": "", "topic": ""}
    assert (back.status_code, again.status_code) == (200, 412)
    assert 'data-single="z"' not in ended
    async with site.client("ana") as client:
        case = (await client.get(f"/api/v1/cases/{number}")).json()
    assert (case["subject"], case["topic"], case["status"]) == ("No tone", None, "resolved")
