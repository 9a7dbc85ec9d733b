"""What is sent is read strictly, and what is wrong with it is told by field."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.web.running import Site

CASE = {"subject": "No dial tone", "via": "api", "customer": {}}


async def registered(client: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    answer = await client.post("/api/v1/cases", json={**CASE, **more})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize(
    ("body", "field", "says"),
    [
        ({**CASE, "subject": 5}, "subject", "Expected str, got int"),
        ({**CASE, "subject": ""}, "subject", "length >= 1"),
        ({**CASE, "subject": "x" * 201}, "subject", "length <= 200"),
        ({**CASE, "subject": "two\nlines"}, "subject", "control characters"),
        ({**CASE, "subject": "a\x00b"}, "subject", "control characters"),
        ({**CASE, "description": "a\x00b"}, "description", "control characters"),
        ({**CASE, "via": "fax"}, "via", "Allowed: api, email, phone, web"),
        ({**CASE, "priority": "5"}, "priority", "Expected int"),
        ({**CASE, "priority": 10**12}, "priority", "<= 1000"),
        ({**CASE, "requires": {"fibre": 11}}, "requires", "<= 10"),
        ({**CASE, "requires": {"cooking": 1}}, "requires.cooking", "cooking"),
        ({**CASE, "queue": "nowhere"}, "queue", "nowhere"),
        ({**CASE, "customer": {"phone": "12"}}, "customer.phone", "country code"),
        ({**CASE, "customer": {"email": "nobody"}}, "customer.email", "form"),
        ({**CASE, "customer": {"fone": "+441314960100"}}, "customer.fone", "no such field"),
        ({**CASE, "colour": "red"}, "colour", "no such field"),
        ({"via": "api", "customer": {}}, "subject", "missing"),
        ([CASE], "body", "Expected object"),
    ],
)
async def test_a_wrong_field_is_named_and_what_would_be_right(shared: Site, body: Any, field: str, says: str) -> None:
    async with shared.client("ana") as client:
        answer = await client.post("/api/v1/cases", json=body)

    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"] == "bad-input"
    assert problem["status"] == 400
    [error] = problem["errors"]
    assert error["field"] == field
    assert says in error["detail"]


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b'{"subject": "\\ud800"}', b"[" * 100_000, b"nul"])
async def test_what_is_no_json_is_refused_as_such(shared: Site, body: bytes) -> None:
    async with shared.client("ana") as client:
        answer = await client.post("/api/v1/cases", content=body, headers={"content-type": "application/json"})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "body"


async def test_another_kind_of_body_is_refused(shared: Site) -> None:
    async with shared.client("ana") as client:
        answer = await client.post("/api/v1/cases", data={"subject": "x"})

    assert answer.status_code == 415
    assert answer.json()["type"] == "unsupported-media-type"


async def in_pieces(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 65536):
        yield b" " * 65536


async def test_two_mebibytes_are_too_large_announced_or_in_pieces(site: Site) -> None:
    async with site.client("ana") as client:
        announced = await client.post("/api/v1/cases", content=b" " * (2 << 20))
        pieces = await client.post("/api/v1/cases", content=in_pieces(2 << 20))

    for answer in (announced, pieces):
        assert answer.status_code == 413
        assert answer.json()["type"] == "too-large"


@pytest.mark.parametrize(
    "hostile",
    ['\'; drop table "case"; --', "<script>alert(1)</script>", "%' or 1=1 --", "\u202egnp.exe", "ю" * 200, "{{7*7}}"],
)
async def test_hostile_words_are_kept_as_words(site: Site, hostile: str) -> None:
    async with site.client("ana") as client:
        case = await registered(client, subject=hostile, description=hostile, topic=hostile[:100])
        shown = (await client.get(f"/api/v1/cases/{case['number']}")).json()
        found = (await client.get("/api/v1/cases", params={"q": hostile})).json()

    assert shown["subject"] == hostile
    assert [item["number"] for item in found["items"]] == [case["number"]]


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "limit=-1",
        "limit=ten",
        "limit=1e3",
        "limit=%D9%A1",
        "limit=99999999999999999999",
        "cursor=x",
        "cursor=eyJhIjoxfQ",
        "cursor=%00",
        "status=lost",
        "customer=C-1",
        "q=%00",
        "q=" + "x" * 201,
    ],
)
async def test_a_list_refuses_a_question_it_does_not_understand(shared: Site, query: str) -> None:
    async with shared.client("sue") as client:
        answer = await client.get(f"/api/v1/cases?{query}")

    assert answer.status_code == 400, answer.text
    assert answer.json()["errors"][0]["field"] == query.split("=", maxsplit=1)[0]


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/cases/%00",
        "/api/v1/cases/'%20or%201=1",
        "/api/v1/cases/" + "9" * 3000,
        "/api/v1/work-items/not-an-id",
        "/api/v1/work-items/%00",
        "/api/v1/nothing",
        "/%00",
        "/%ff%fe",
        "/../../etc/passwd",
        "/api/v1/work-items?call=hook:nothing",
    ],
)
async def test_what_is_not_there_is_not_found(shared: Site, path: str) -> None:
    async with shared.client("sue") as client:
        answer = await client.get(path)

    assert answer.status_code == 404
    assert answer.json()["type"] == "not-found"


@pytest.mark.parametrize("call", ["", "hook", "hook:", ":1", "a:%00", "x" * 600 + ":1"])
async def test_a_call_is_asked_for_by_source_and_id(shared: Site, call: str) -> None:
    async with shared.client("sue") as client:
        answer = await client.get(f"/api/v1/work-items?call={call}")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "call"


async def test_pages_of_cases_hold_each_case_once(site: Site) -> None:
    async with site.client("sue") as client:
        numbers = [(await registered(client, subject=f"Case {n}"))["number"] for n in range(5)]
        seen, cursor = [], None
        for _ in range(3):
            asked = {"limit": 2} | ({"cursor": cursor} if cursor else {})
            page = (await client.get("/api/v1/cases", params=asked)).json()
            seen.append([item["number"] for item in page["items"]])
            cursor = page["next"]

    assert seen == [numbers[:2:-1], numbers[2:0:-1], numbers[:1]]
    assert cursor is None
