"""The stream and the commands beside it, with a router that decides."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from console.ids import new_id
from console.live.hub import MAILBOX_MAX
from console.live.messages import Notice
from console.people.who import OPERATOR
from console.services import people
from console.web.auth import SESSION_COOKIE
from tests.web.running import PASSWORD, Site
from tests.web.test_web_telephony import arrived, send


def address(site: Site, query: str = "") -> str:
    return site.url.replace("http", "ws", 1) + "/api/v1/stream" + query


@asynccontextmanager
async def listening(site: Site, who: str, query: str = "") -> AsyncIterator[ClientConnection]:
    headers = {"Authorization": f"Bearer {site.tokens[who]}"}
    async with connect(address(site, query), additional_headers=headers) as stream:
        yield stream


async def frame(stream: ClientConnection, kind: str | None = None) -> dict[str, Any]:
    """The next one, or the next of that type."""
    async with asyncio.timeout(10):
        while True:
            found: dict[str, Any] = json.loads(await stream.recv())
            if kind is None or found["type"] == kind:
                return found


async def close_code(site: Site, query: str = "", **headers: str) -> int | None:
    """With which code it ends at once; None where it speaks."""
    async with connect(address(site, query), additional_headers=headers) as stream:
        first = asyncio.ensure_future(stream.recv())
        await asyncio.wait([first], timeout=10)
        return None if first.exception() is None else await end(stream)


async def end(stream: ClientConnection) -> int | None:
    """With which code the stream ends, whatever it says before."""
    async with asyncio.timeout(10):
        try:
            while True:
                await stream.recv()
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None


async def available(site: Site, who: str) -> None:
    async with site.client(who) as client:
        answer = await client.put("/api/v1/me/presence", json={"presence": "available"})
        assert answer.json()["presence"] == "available", answer.text


@asynccontextmanager
async def ringing(site: Site) -> AsyncIterator[tuple[ClientConnection, httpx.AsyncClient, dict[str, Any]]]:
    """Ana's stream and client, and the offer that rings."""
    async with listening(site, "ana") as stream, site.client("ana") as client:
        await frame(stream, "ready")
        await available(site, "ana")
        await send(site, arrived(queue="faults"))
        offer = await frame(stream, "offer.made")
        yield stream, client, offer["data"]


async def test_a_call_is_offered_accepted_wrapped_up_and_over(at_work: Site) -> None:
    async with ringing(at_work) as (stream, client, offer):
        first = await client.post(f"/api/v1/offers/{offer['offer']}/accept")
        again = await client.post(f"/api/v1/offers/{offer['offer']}/accept")
        started = await frame(stream, "work.started")
        extended = await client.post(f"/api/v1/work-items/{offer['work_item']}/wrap-up/extend", json={"seconds": 30})
        explained = await client.get(f"/api/v1/work-items/{offer['work_item']}/explain")
        completed = await client.post(
            f"/api/v1/work-items/{offer['work_item']}/complete", json={"disposition": "solved"}
        )
        updated = await frame(stream, "work.updated")
        finished = await client.post(f"/api/v1/work-items/{offer['work_item']}/wrap-up/finish", json={})
        ended = await frame(stream, "work.ended")
        over = await client.post(f"/api/v1/work-items/{offer['work_item']}/complete")

    assert [first.status_code, again.status_code] == [204, 204]
    assert started["data"]["call"] == {"source": "hook", "id": "1", "from": "+447700900123", "to": "+441314960100"}
    assert offer["why"]["matched"] == {"fibre": {"need": 3, "have": 5}}
    told = explained.json()
    assert (told["agent"], told["queue"], told["why"]) == ("ana", "faults", offer["why"])
    assert told["waiting_since"] == offer["why"]["waiting_since"]
    assert ("ben", "other_queue") in {(reason["agent"], reason["code"]) for reason in told["reasons"]}
    assert told["words"]
    assert extended.status_code in (204, 409)
    assert completed.status_code == 204
    assert updated["data"]["state"] == "wrap_up"
    assert finished.status_code == 204
    assert ended["data"]["outcome"] == "completed"
    assert (over.status_code, over.json()["type"]) == (409, "work-over")


async def test_an_offer_of_somebody_else_is_not_ones_own(at_work: Site) -> None:
    async with ringing(at_work) as (_, _, offer), at_work.client("ben") as ben:
        stolen = await ben.post(f"/api/v1/offers/{offer['offer']}/accept")
        declined = await ben.post(f"/api/v1/offers/{offer['offer']}/decline")

    assert [stolen.status_code, declined.status_code] == [403, 403]
    assert stolen.json()["type"] == "not-your-offer"


async def test_a_declined_offer_is_gone(at_work: Site) -> None:
    async with ringing(at_work) as (stream, client, offer):
        declined = await client.post(f"/api/v1/offers/{offer['offer']}/decline", json={"reason": "break"})
        closed = await frame(stream, "offer.closed")
        gone = await client.post(f"/api/v1/offers/{offer['offer']}/accept")

    assert declined.status_code == 204
    assert closed["data"] == {
        "offer": offer["offer"],
        "work_item": offer["work_item"],
        "outcome": "declined",
        "reason": "break",
    }
    assert (gone.status_code, gone.json()["type"]) == (409, "offer-gone")


async def test_an_offer_that_never_was_is_not_found(site: Site) -> None:
    async with site.client("ana") as client:
        assert (await client.post(f"/api/v1/offers/{new_id()}/accept")).status_code == 404


async def test_without_a_router_a_word_is_kept_and_answered_202(site: Site) -> None:
    async with site.client("sue") as client:
        body = {"presence": "away", "reason": "lunch"}
        unknown = await client.put("/api/v1/agents/nobody/presence", json=body)

    assert unknown.status_code == 404


async def test_ready_comes_first_and_holds_the_whole_state(at_work: Site) -> None:
    async with ringing(at_work) as (_, _, offer), listening(at_work, "ana") as second:
        ready = await frame(second)

    assert ready["type"] == "ready"
    assert set(ready["data"]) == {"presence", "reason", "routing_state", "resumed", "offers", "work"}
    assert ready["data"]["resumed"] is False
    assert ready["data"]["presence"] == "available"
    assert ready["data"]["routing_state"] == "offered"
    assert ready["data"]["offers"] == [offer]


async def test_every_stream_of_an_agent_gets_every_frame_with_the_same_number(at_work: Site) -> None:
    async with listening(at_work, "ana") as one, listening(at_work, "ana") as two:
        for stream in (one, two):
            await frame(stream, "ready")
        await available(at_work, "ana")
        first, second = await frame(one, "presence.changed"), await frame(two, "presence.changed")

    assert first == second


async def test_a_stream_resumes_after_the_last_frame_that_was_handled(at_work: Site) -> None:
    async with listening(at_work, "ana") as stream:
        ready = await frame(stream, "ready")
        await available(at_work, "ana")
        missed = await frame(stream, "presence.changed")
    async with listening(at_work, "ana", f"?since={ready['seq']}") as stream:
        resumed, again = await frame(stream), await frame(stream)

    assert (resumed["type"], resumed["seq"]) == ("ready", ready["seq"])
    assert resumed["data"]["resumed"] is True
    assert (resumed["data"]["offers"], resumed["data"]["work"]) == ([], [])
    assert again == missed


@pytest.mark.parametrize("since", ["", "x", "-1", "0", "9" * 30, "1e9", "%00"])
async def test_a_number_that_the_node_never_gave_begins_anew(at_work: Site, since: str) -> None:
    async with listening(at_work, "ana", f"?since={since}") as stream:
        ready = await frame(stream)

    assert (ready["type"], ready["data"]["resumed"]) == ("ready", False)


async def test_supervisors_are_shown_the_whole_centre(at_work: Site) -> None:
    async with listening(at_work, "sue", "?topics=queues,agents,others") as stream:
        await frame(stream, "ready")
        seen: dict[str, set[str]] = {"queue.changed": set(), "agent.changed": set()}
        while seen["queue.changed"] < {"faults", "general", "mail"} or "ana" not in seen["agent.changed"]:
            told = await frame(stream)
            if told["type"] in seen:
                seen[told["type"]].add(told["data"].get("name" if "queue" in told["type"] else "username"))
    async with at_work.client("sue") as client:
        listed = (await client.get("/api/v1/queues")).json()["items"]

    assert {item["name"] for item in listed} == {"faults", "general", "mail"}


async def test_nobody_is_told_so_after_the_socket_is_open(site: Site) -> None:
    assert await close_code(site) == 4401
    assert await close_code(site, Authorization="Bearer nonsense") == 4401
    assert await close_code(site, Cookie=f"{SESSION_COOKIE}=nonsense") == 4401


@pytest.mark.parametrize(
    ("who", "query"), [("pbx", ""), ("reader", ""), ("kim", ""), ("ana", "?topics=queues"), ("ana", "?topics=agents")]
)
async def test_who_may_not_listen_is_told_so(site: Site, who: str, query: str) -> None:
    assert await close_code(site, query, Authorization=f"Bearer {site.tokens[who]}") == 4403


@pytest.mark.parametrize(("origin", "code"), [("{site}", None), ("https://evil.example", 4403), ("null", 4403)])
async def test_a_browser_listens_from_our_own_pages_alone(site: Site, origin: str, code: int | None) -> None:
    await people.create_user(site.ctx, OPERATOR, username="ana", role="agent", password=PASSWORD)
    session = await people.sign_in(site.ctx, username="ana", password=PASSWORD, address="127.0.0.1")
    headers = {"Cookie": f"{SESSION_COOKIE}={session.cookie}", "Origin": origin.replace("{site}", site.url)}

    assert await close_code(site, **headers) == code


async def test_a_token_listens_from_anywhere(site: Site) -> None:
    headers = {"Authorization": f"Bearer {site.tokens['ana']}", "Origin": "https://desktop.example"}

    assert await close_code(site, **headers) is None


async def test_what_a_client_says_is_thrown_away(at_work: Site) -> None:
    async with listening(at_work, "ana") as stream:
        await frame(stream, "ready")
        await stream.send('{"type": "accept"}')
        await stream.send(b"\x00" * 100)
        await available(at_work, "ana")

        assert (await frame(stream))["type"] == "presence.changed"


async def test_a_client_that_falls_too_far_behind_is_closed_to_start_anew(at_work: Site) -> None:
    async with listening(at_work, "ana") as stream:
        await frame(stream, "ready")
        for number in range(MAILBOX_MAX + 2):
            at_work.ctx.hub.tell("ana", Notice(code="n", text=str(number)))

        assert await end(stream) == 1013


async def test_a_revoked_token_ends_its_stream(at_work: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.web.socket.ASK_AGAIN_S", 0.2)
    async with listening(at_work, "ana") as stream:
        await frame(stream, "ready")
        await people.revoke_tokens(at_work.ctx, OPERATOR, username="ana")

        assert await end(stream) == 4401
