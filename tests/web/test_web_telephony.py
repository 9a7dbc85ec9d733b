"""Events of phone systems: who may send them, in which form, and what is answered."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from standardwebhooks import Webhook

from console.db.schema import inbox
from console.telephony.cloudevents import BATCH, SINGLE
from tests.web.running import OTHER_SECRET, SECRET, Site

PATH = "/api/v1/telephony/events"


def arrived(call: str = "1", *, source: str = "hook", **data: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"arrived-{call}",
        "source": source,
        "type": "call.arrived",
        "subject": call,
        "time": "2026-11-21T09:00:00Z",
        "data": {"from": "+447700900123", "to": "+441314960100", "direction": "inbound", **data},
    }


def signed(body: bytes, *, secret: str = SECRET, ago: timedelta = timedelta(0)) -> dict[str, str]:
    at = datetime.now(UTC) - ago
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_1", at, body.decode()),
    }


async def send(
    site: Site, events: Any, *, who: str | None = None, kind: str | None = None, **how: Any
) -> httpx.Response:
    body = json.dumps(events).encode()
    headers = {"content-type": kind or (BATCH if isinstance(events, list) else SINGLE)}
    if who is None:
        headers |= signed(body, **how)
    async with site.client(who) as client:
        return await client.post(PATH, content=body, headers=headers)


async def waiting_facts(site: Site) -> list[str]:
    async with site.ctx.db.transaction() as db:
        return list(await db.scalars(select(inbox.c.fact["fact"].astext).order_by(inbox.c.id)))


async def test_a_signed_event_is_durable_when_it_is_answered(site: Site) -> None:
    before = await waiting_facts(site)

    answer = await send(site, arrived())

    assert answer.status_code == 202
    assert answer.json() == {"accepted": 1, "duplicates": 0}
    assert (await waiting_facts(site))[len(before) :] == ["WorkItemQueued"]


async def test_a_repeated_delivery_is_a_duplicate_and_no_error(site: Site) -> None:
    await send(site, arrived())
    again = await send(site, arrived())

    assert again.status_code == 202
    assert again.json() == {"accepted": 0, "duplicates": 1}


async def test_a_batch_is_kept_in_its_order(site: Site) -> None:
    answer = await send(site, [arrived(str(n)) for n in range(300)])

    assert answer.json() == {"accepted": 300, "duplicates": 0}
    async with site.ctx.db.transaction() as db:
        facts = await db.scalars(
            select(inbox.c.fact["item"].astext)
            .where(inbox.c.fact["fact"].astext == "WorkItemQueued")
            .order_by(inbox.c.id)
        )
        items = list(facts)
    async with site.client("sue") as client:
        first = (await client.get("/api/v1/work-items?call=hook:0")).json()
        last = (await client.get("/api/v1/work-items?call=hook:299")).json()
    assert [items[0], items[-1]] == [first["id"], last["id"]]


async def test_of_a_batch_with_malformed_events_the_good_ones_are_kept(site: Site) -> None:
    events = [
        arrived("1"),
        {**arrived("2"), "type": "call.vanished"},
        {**arrived("3"), "time": "yesterday"},
        arrived("4"),
        {**arrived("5"), "specversion": "0.3"},
        arrived("6", queue="nowhere"),
        arrived("7", requires={"cooking": 3}),
        arrived("8", source="other"),
        "nonsense",
        arrived("9"),
    ]

    answer = await send(site, events)

    assert answer.status_code == 400
    told = answer.json()
    assert (told["accepted"], told["duplicates"], told["type"]) == (3, 0, "bad-input")
    assert [(error["index"], error["id"], error["field"]) for error in told["errors"]] == [
        (1, "arrived-2", "type"),
        (2, "arrived-3", "time"),
        (4, "arrived-5", "specversion"),
        (5, "arrived-6", "data.queue"),
        (6, "arrived-7", "data.requires"),
        (7, "arrived-8", "source"),
        (8, None, "event"),
    ]
    async with site.client("sue") as client:
        for call, status in (("1", 200), ("4", 200), ("9", 200), ("2", 404), ("6", 404)):
            assert (await client.get(f"/api/v1/work-items?call=hook:{call}")).status_code == status


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"webhook-id": "", "webhook-timestamp": "1", "webhook-signature": "v1,AAAA"},
        {"webhook-id": "msg_1", "webhook-timestamp": "soon", "webhook-signature": "v1,AAAA"},
        {"webhook-id": "msg_1", "webhook-timestamp": "9" * 400, "webhook-signature": "v1,AAAA"},
        {"webhook-id": "msg_1", "webhook-timestamp": "1733058000", "webhook-signature": "nonsense"},
        {"webhook-id": "msg_1", "webhook-timestamp": "1733058000", "webhook-signature": "v1,%%%"},
        {"authorization": "Bearer nonsense"},
        {"authorization": "Basic cGJ4OnBieA=="},
    ],
)
async def test_nobody_is_believed_without_a_signature_or_token(site: Site, headers: dict[str, str]) -> None:
    async with site.client() as client:
        answer = await client.post(PATH, json=arrived(), headers={"content-type": SINGLE, **headers})

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_wrong_signature_is_refused(site: Site) -> None:
    answer = await send(site, arrived(), secret="whsec_" + "A" * 32)

    assert (answer.status_code, answer.json()["type"]) == (401, "bad-signature")


async def test_one_webhook_cannot_speak_for_another(site: Site) -> None:
    answer = await send(site, arrived(), secret=OTHER_SECRET)

    assert (answer.status_code, answer.json()["type"]) == (401, "bad-signature")


@pytest.mark.parametrize("ago", [timedelta(minutes=5, seconds=2), timedelta(minutes=-6), timedelta(days=400)])
async def test_a_signature_is_good_for_five_minutes(site: Site, ago: timedelta) -> None:
    answer = await send(site, arrived(), ago=ago)

    assert (answer.status_code, answer.json()["type"]) == (401, "bad-signature")


async def test_a_signature_four_minutes_old_is_good(site: Site) -> None:
    assert (await send(site, arrived(), ago=timedelta(minutes=4))).status_code == 202


@pytest.mark.parametrize(
    ("source", "status"),
    [("pbx", 202), ("/pbx/main", 202), ("hook", 202), ("somebody-else", 400)],
)
async def test_a_token_speaks_for_its_own_name_and_for_paths(site: Site, source: str, status: int) -> None:
    answer = await send(site, arrived(source=source), who="pbx")

    assert answer.status_code == status, answer.text


async def test_a_call_of_a_path_is_found_and_hung_up_by_its_name(site: Site) -> None:
    await send(site, arrived(source="/pbx/main"), who="pbx")
    async with site.client("sue") as client:
        found = await client.get("/api/v1/work-items", params={"call": "/pbx/main:1"})
        plain = await client.post("/api/v1/calls//pbx/main:1/hangup")
        encoded = await client.post("/api/v1/calls/%2Fpbx%2Fmain%3A1/hangup")

    assert found.json()["call"] == {"source": "/pbx/main", "id": "1", "from": "+447700900123", "to": "+441314960100"}
    assert plain.status_code == encoded.status_code == 204


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/x-www-form-urlencoded", ""])
async def test_another_content_type_is_refused(site: Site, kind: str) -> None:
    body = json.dumps(arrived()).encode()
    headers = signed(body) | ({"content-type": kind} if kind else {})
    async with site.client() as client:
        answer = await client.post(PATH, content=body, headers=headers)

    assert (answer.status_code, answer.json()["type"]) == (415, "unsupported-media-type")


@pytest.mark.parametrize("body", [b"{", b"", b"null", b"[" * 200_000, b"\xff", b'"text"'])
async def test_what_is_no_event_at_all_is_bad_input(site: Site, body: bytes) -> None:
    async with site.client("pbx") as client:
        answer = await client.post(PATH, content=body, headers={"content-type": SINGLE})

    assert answer.status_code == 400
    assert answer.json()["errors"]


async def test_a_batch_over_one_mebibyte_is_too_large(site: Site) -> None:
    answer = await send(site, [arrived(attributes={"a": "x" * (2 << 20)})], who="pbx")

    assert (answer.status_code, answer.json()["type"]) == (413, "too-large")


async def test_a_hostile_caller_is_kept_as_text(site: Site) -> None:
    hostile = "<script>alert(1)</script>'; drop table call; --\x00\x07"
    answer = await send(site, arrived(**{"from": hostile}))
    async with site.client("sue") as client:
        found = (await client.get("/api/v1/work-items?call=hook:1")).json()

    assert answer.status_code == 202
    assert found["call"]["from"] == "<script>alert(1)</script>'; drop table call; --"
    assert found["customer"] is None
