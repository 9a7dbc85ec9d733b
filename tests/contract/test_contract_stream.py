"""The stream, to the letter of the contract's section 4, over a real server."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from console import bootstrap
from tests.contract.conftest import PASSWORD, Contract, Seat
from tests.served import CLOSE, PING, TEXT, BareStream, Stream, available, ended, event, tell

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
WHY = {"rule", "idle_since", "waiting_since", "candidates", "matched", "decision"}


async def some(stream: Stream, count: int) -> list[dict[str, Any]]:
    return [await stream.hear() for _ in range(count)]


async def test_a_frame_is_numbered_dated_and_of_one_type(seat: Seat) -> None:
    async with seat.stream() as stream:
        ready = await stream.hear()

    assert list(ready) == ["seq", "at", "type", "data"]
    assert isinstance(ready["seq"], int)
    assert INSTANT.fullmatch(ready["at"])
    assert ready["data"] == {
        "presence": "offline",
        "reason": None,
        "routing_state": "idle",
        "resumed": False,
        "offers": [],
        "work": [],
    }


async def test_a_number_belongs_to_a_node_and_starts_from_its_start_in_microseconds(seat: Seat) -> None:
    async with seat.stream() as stream:
        ready = await stream.hear()

    assert time.time() - 3600 < ready["seq"] / 1e6 < time.time() + 60


async def test_an_offer_says_all_that_a_desktop_shows(seat: Seat) -> None:
    async with seat.ringing(**{"from": "+447700900321"}) as (_, offer):
        pass

    assert set(offer) == {
        *("offer", "work_item", "kind", "queue", "expires_at", "call", "case", "customer", "why"),
    }
    assert (offer["kind"], offer["queue"]) == ("voice", seat.calm)
    assert offer["call"] == {"source": "/pbx/main", "id": seat.call, "from": "+447700900321", "to": "+441314960100"}
    assert (offer["case"], offer["customer"]) == (None, None)
    assert set(offer["why"]) == WHY
    assert (offer["why"]["rule"], offer["why"]["candidates"]) == ("longest_idle", 1)
    assert INSTANT.fullmatch(offer["expires_at"])


async def test_a_call_is_told_from_its_offer_to_its_end_in_one_order_with_rising_numbers(seat: Seat) -> None:
    async with seat.stream() as stream:
        first = await stream.hear()
        await available(seat.desk)
        await seat.rings()
        told = [await stream.hear()]
        while told[-1]["type"] != "offer.made":
            told.append(await stream.hear())
        await seat.accept(told[-1]["data"])
        await tell(seat.phone, ended(seat.call, answered=True))
        item = told[-1]["data"]["work_item"]
        while told[-1]["type"] != "work.updated":
            told.append(await stream.hear())
        await seat.work(item, "wrap-up/finish")
        while told[-1]["type"] != "work.ended":
            told.append(await stream.hear())

    numbers = [frame["seq"] for frame in [first, *told]]
    assert numbers == sorted(set(numbers))
    kinds = [frame["type"] for frame in told if frame["type"] not in ("presence.changed", "call.changed")]
    assert kinds == ["offer.made", "offer.closed", "work.started", "work.updated", "work.ended"]
    data = {frame["type"]: frame["data"] for frame in told}
    assert data["offer.closed"]["outcome"] == "accepted"
    assert set(data["work.started"]) == {"work_item", "kind", "queue", "call", "case", "customer", "context"}
    assert data["work.started"]["case"]["number"].startswith("C-")
    assert data["work.updated"]["state"] == "wrap_up"
    assert data["work.ended"] == {"work_item": item, "outcome": "completed"}
    states = [frame["data"]["routing_state"] for frame in told if frame["type"] == "presence.changed"]
    assert states[0] == "idle"
    assert "offered" in states
    assert "busy" in states
    assert "wrap_up" in states


async def test_a_stream_that_comes_back_misses_nothing_and_hears_nothing_twice(seat: Seat) -> None:
    async with seat.free() as whole, seat.stream() as breaking:
        await breaking.hear("ready")
        await seat.rings()
        handled = [await breaking.hear("offer.made")]
        await breaking.connection.close()
        await seat.decline(handled[0]["data"])
        declined = await whole.hear("offer.closed")
        async with seat.stream(query=f"?since={handled[0]['seq']}") as back:
            ready = await back.hear()
            missed = [await back.hear()]
            while missed[-1]["seq"] < declined["seq"]:
                missed.append(await back.hear())
            await seat.desk.ask("PUT", "/api/v1/me/presence", {"presence": "away", "reason": "lunch"})
            later = await back.hear("presence.changed")
            while later["data"]["presence"] != "away":
                later = await back.hear("presence.changed")

    assert (ready["type"], ready["seq"], ready["data"]["resumed"]) == ("ready", handled[0]["seq"], True)
    assert (ready["data"]["offers"], ready["data"]["work"]) == ([], [])
    assert missed[-1] == declined
    numbers = [frame["seq"] for frame in [*handled, *missed, later]]
    assert numbers == sorted(set(numbers))


async def test_what_a_resumed_stream_is_told_is_what_the_other_stream_was_told(seat: Seat) -> None:
    async with seat.ringing() as (whole, offer):
        async with seat.stream() as breaking:
            head = (await breaking.hear("ready"))["seq"]
        await seat.accept(offer)
        seen = [await whole.hear("offer.closed")]
        while seen[-1]["type"] != "work.started":
            seen.append(await whole.hear())
        async with seat.stream(query=f"?since={head}") as back:
            assert (await back.hear())["data"]["resumed"] is True
            again = [frame for frame in await some(back, len(seen)) if frame["seq"] >= seen[0]["seq"]]

    assert again == seen[: len(again)]
    assert again


async def test_resumed_at_the_head_nothing_follows_but_what_is_new(seat: Seat) -> None:
    async with seat.free() as stream:
        await seat.rings()
        offer = await stream.hear("offer.made")
        closing = await stream.hear("presence.changed")
        head = max(offer["seq"], closing["seq"])
        async with seat.stream(query=f"?since={head}") as back:
            assert (await back.hear())["seq"] == head
            await seat.decline(offer["data"])
            assert (await back.hear())["seq"] > head


async def test_a_fresh_stream_holds_the_whole_state_and_resumes_from_its_number(seat: Seat) -> None:
    async with seat.talking() as (_, work):
        async with seat.stream() as second:
            ready = await second.hear()
        async with seat.stream(query=f"?since={ready['seq']}") as third:
            again = await third.hear()

    assert ready["data"]["resumed"] is False
    assert ready["data"]["work"] == [work]
    assert ready["data"]["routing_state"] == "busy"
    assert (again["seq"], again["data"]["resumed"]) == (ready["seq"], True)


async def test_a_number_of_another_node_or_of_the_future_begins_anew(seat: Seat) -> None:
    async with seat.ringing() as (_, offer):
        for since in (int(time.time() * 1e6) + 10**9, 1, int(time.time() * 1e6) - 10**12):
            async with seat.stream(query=f"?since={since}") as stream:
                ready = await stream.hear()
            assert ready["data"]["resumed"] is False
            assert ready["data"]["offers"] == [offer]
            assert ready["seq"] != since


async def test_every_stream_of_an_agent_gets_every_frame_with_the_same_number(seat: Seat) -> None:
    async with seat.stream() as one, seat.stream() as two:
        for stream in (one, two):
            await stream.hear("ready")
        await available(seat.desk)
        await seat.rings()
        heard: list[list[dict[str, Any]]] = [[], []]
        for frames, stream in zip(heard, (one, two), strict=True):
            while not frames or frames[-1]["type"] != "offer.made":
                frames.append(await stream.hear())

    assert heard[0] == heard[1]


async def test_two_streams_are_one_agent_until_the_last_is_closed(seat: Seat) -> None:
    async with seat.ringing() as (_, offer):
        async with seat.stream() as second:
            await second.hear("ready")
        accepted = await seat.accept(offer)
        me = await seat.me()

    assert accepted.status == 204
    assert (me["connected"], me["presence"], me["routing_state"]) == (True, "available", "busy")


async def test_a_lost_stream_is_forgiven_for_a_moment(seat: Seat) -> None:
    async with seat.ringing() as (stream, offer):
        await stream.connection.close()
        async with seat.stream() as back:
            ready = await back.hear()
            accepted = await seat.accept(offer)

    assert ready["data"]["offers"] == [offer]
    assert ready["data"]["presence"] == "available"
    assert accepted.status == 204


async def test_topics_begin_with_a_snapshot_of_the_whole_centre(contract: Contract, seat: Seat) -> None:
    queues = (await contract.line("sue").ask("GET", "/api/v1/queues?limit=200")).json()["items"]
    async with seat.stream("sue", "?topics=queues,agents") as stream:
        ready = await stream.hear()
        seen: dict[str, dict[str, Any]] = {}
        while len(seen) < len(queues):
            frame = await stream.hear("queue.changed")
            seen[frame["data"]["name"]] = frame["data"]
        agent = await stream.hear("agent.changed")

    assert ready["type"] == "ready"
    assert {item["name"] for item in queues} == set(seen)
    assert all(set(item) == set(seen[item["name"]]) for item in queues)
    assert {"username", "name", "presence", "reason", "routing_state", "since", "work"} == set(agent["data"])


async def test_topics_are_coalesced_to_four_a_second(seat: Seat) -> None:
    async with seat.free(), seat.stream("sue", "?topics=queues") as stream:
        await stream.hear("queue.changed")
        changes = 120
        began = time.monotonic()
        for number in range(changes):
            await seat.rings(seat.calm, f"{seat.call}-{number}")
        told = []
        while not told or told[-1]["data"]["waiting"] < changes - 1:
            frame = await stream.hear("queue.changed")
            if frame["data"]["name"] == seat.calm:
                told.append(frame)
        took = time.monotonic() - began
        await tell(seat.phone, *(ended(f"{seat.call}-{number}") for number in range(changes)))

    assert len(told) <= 4 * took + 2, "a frame for each change, and not one for all of a quarter second"


async def test_who_is_no_supervisor_hears_no_topics(seat: Seat) -> None:
    async with seat.stream(query="?topics=queues,agents") as stream:
        assert await stream.close_code() == 4403


@pytest.mark.parametrize("token", [None, "nonsense", ""])
async def test_who_is_not_signed_in_is_told_so_after_the_socket_is_open(contract: Contract, token: str | None) -> None:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    async with contract.serve.stream(headers=headers) as connection:
        assert await Stream(connection).close_code() == 4401


async def test_a_telephony_token_may_not_listen(contract: Contract, seat: Seat) -> None:
    async with seat.stream("pbx") as stream:
        assert await stream.close_code() == 4403


@pytest.mark.parametrize(("origin", "code"), [("own", None), ("https://evil.example", 4403), ("null", 4403)])
async def test_the_origin_of_a_session_is_checked(contract: Contract, origin: str, code: int | None) -> None:
    own = f"http://127.0.0.1:{contract.serve.port}"
    async with httpx.AsyncClient(base_url=own) as browser:
        page = await browser.get("/login")
        form = {"username": "ana0", "password": PASSWORD} | _hidden(page.text)
        signed_in = await browser.post("/login", data=form, headers={"Origin": own})
        assert signed_in.status_code in (200, 204, 302, 303), signed_in.text
        cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    headers = {"Cookie": cookies, "Origin": own if origin == "own" else origin}
    async with contract.serve.stream(headers=headers) as connection:
        stream = Stream(connection)
        if code is None:
            assert (await stream.hear())["type"] == "ready"
        else:
            assert await stream.close_code() == code


def _hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page))


FRAMES, BATCH = 2800, 400
"""Of 4 kB: what the kernel keeps between the two is full after a thousand of them, the mailbox after another."""


async def test_a_client_that_is_too_slow_is_closed_with_1013_and_resumes(seat: Seat) -> None:
    wide = "\U0001d54f" * 240
    call = f"{wide}{seat.call}"
    async with seat.talking(call=call, **{"from": wide, "to": wide}) as (stream, _):
        with BareStream(seat.contract.serve.port, seat.contract.tokens[seat.ana], receive_bytes=4096) as slow:
            for batch in range(FRAMES // BATCH):
                told = await tell(seat.phone, *(_held_or_resumed(call, batch, number) for number in range(BATCH)))
                assert told.status == 202, told.body
            last = [await stream.hear("call.changed") for _ in range(FRAMES)][-1]
            heard = await asyncio.to_thread(slow.read_until, CLOSE)
        seqs = [json.loads(payload)["seq"] for kind, payload in heard if kind == TEXT]
        async with seat.stream(query=f"?since={seqs[-1]}") as back:
            again = await back.hear()

    assert int.from_bytes(heard[-1][1][:2]) == 1013
    assert seqs == sorted(set(seqs))
    assert seqs[-1] < last["seq"]
    assert again["type"] == "ready"


def _held_or_resumed(call: str, batch: int, number: int) -> dict[str, Any]:
    return event("resumed" if number % 2 else "held", call, id_=f"{call[-9:]}:{batch}:{number}")


@pytest.fixture(scope="module", autouse=True)
def bare_stream(contract: Contract) -> Iterator[BareStream]:
    """Opened before the module's first test, so that its first ping is on its way while they run."""
    with BareStream(contract.serve.port, contract.tokens["sue"]) as bare:
        yield bare


def test_pings_are_websocket_pings_every_fifteen_seconds(bare_stream: BareStream) -> None:
    heard = bare_stream.read_until(PING)

    assert bootstrap.PING_S == 15
    assert {kind for kind, _ in heard[:-1]} == {TEXT}
    assert json.loads(heard[0][1])["type"] == "ready"
