"""What users of the API run into, against a real server: the contract's answer to each, and nothing lost by it."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time
from typing import Any

import pytest

from tests.contract.conftest import SECRET, Contract, Seat, problem
from tests.served import BATCH, SINGLE, Answer, Line, arrived, available, ended, event, eventually, tell

EVENTS = "/api/v1/telephony/events"
HOSTILE = "<script>alert('x')</script>"
SQL = "'; drop table routing_item; --"


# --- offers -----------------------------------------------------------------------------------------------------------


async def test_an_offer_is_accepted_and_accepted_again_by_its_owner(seat: Seat) -> None:
    async with seat.ringing() as (_, offer):
        first, again = await seat.accept(offer), await seat.accept(offer)
        item = await seat.item()

    assert (first.status, first.body, again.status) == (204, b"", 204)
    assert (item["state"], item["agent"]) == ("assigned", seat.ana)


async def test_a_double_click_from_two_tabs_is_one_acceptance(seat: Seat) -> None:
    async with seat.ringing() as (stream, offer):
        lines = [seat.contract.line(seat.ana) for _ in range(4)]
        answers = await asyncio.gather(*(seat.accept(offer, line) for line in lines))
        await stream.hear("work.started")
        me = await seat.me()

    assert [answer.status for answer in answers] == [204] * 4
    assert me["routing_state"] == "busy"


async def test_the_offer_of_somebody_else_is_refused_and_goes_on_ringing(seat: Seat) -> None:
    async with seat.ringing() as (_, offer):
        stolen, declined = await seat.accept(offer, seat.other), await seat.decline(offer, seat.other)
        mine = await seat.accept(offer)

    assert problem(stolen) == problem(declined) == (403, "not-your-offer")
    assert mine.status == 204


async def test_an_offer_that_timed_out_can_be_neither_accepted_nor_declined(seat: Seat) -> None:
    async with seat.ringing(seat.hasty) as (stream, offer):
        closed = await stream.hear("offer.closed")
        accepted, declined = await seat.accept(offer), await seat.decline(offer)
        item, me = await seat.item(), await seat.me()
        back = await available(seat.desk)

    assert closed["data"] == {
        "offer": offer["offer"],
        "work_item": offer["work_item"],
        "outcome": "timed_out",
        "reason": None,
    }
    assert problem(accepted) == problem(declined) == (409, "offer-gone")
    assert (item["state"], item["agent"]) == ("waiting", None)
    assert (me["presence"], me["routing_state"]) == ("available", "not_responding")
    assert back["routing_state"] in ("idle", "offered")


async def test_an_offer_that_was_declined_is_gone_and_its_item_goes_to_the_next(seat: Seat) -> None:
    async with seat.ringing() as (_, offer), seat.free(seat.ben) as other:
        declined, accepted, again = await seat.decline(offer), await seat.accept(offer), await seat.decline(offer)
        theirs = (await other.hear("offer.made"))["data"]

    assert declined.status == 204
    assert problem(accepted) == problem(again) == (409, "offer-gone")
    assert theirs["work_item"] == offer["work_item"]
    assert theirs["why"]["waiting_since"] == offer["why"]["waiting_since"]


async def test_an_accepted_offer_can_not_be_declined_any_more(seat: Seat) -> None:
    async with seat.ringing() as (_, offer):
        await seat.accept(offer)
        assert problem(await seat.decline(offer)) == (409, "offer-gone")


async def test_when_the_caller_has_hung_up_the_offer_is_gone(seat: Seat) -> None:
    async with seat.ringing() as (stream, offer):
        await tell(seat.phone, ended(seat.call))
        closed = await stream.hear("offer.closed")
        accepted = await seat.accept(offer)
        me = await seat.me()

    assert (closed["data"]["outcome"], closed["data"]["reason"]) == ("revoked", "customer_left")
    assert problem(accepted) == (409, "offer-gone")
    assert me["routing_state"] == "idle"


@pytest.mark.parametrize("verb", ["accept", "decline"])
@pytest.mark.parametrize("offer", ["0568679d-4ab6-43f6-972a-168304799afa", "nonsense", "%27%3B--"])
async def test_an_offer_that_never_was_is_not_found(contract: Contract, offer: str, verb: str) -> None:
    answer = await contract.line("ana0").ask("POST", f"/api/v1/offers/{offer}/{verb}")

    assert problem(answer) == (404, "not-found")


# --- presence ---------------------------------------------------------------------------------------------------------


async def test_presence_is_answered_with_what_the_console_believes(seat: Seat) -> None:
    async with seat.stream() as stream:
        await stream.hear("ready")
        free = await available(seat.desk)
        away = await seat.desk.ask("PUT", "/api/v1/me/presence", {"presence": "away", "reason": "lunch"})

    me = {"username": seat.ana, "reason": None, "routing_state": "idle", "connected": True}
    assert free == me | {"presence": "available"}
    assert away.json() == me | {"presence": "away", "reason": "lunch"}


async def test_nobody_but_a_supervisor_sets_the_presence_of_somebody_else(contract: Contract, seat: Seat) -> None:
    path, body = f"/api/v1/agents/{seat.ben}/presence", {"presence": "away", "reason": "meeting"}
    async with seat.free(seat.ben) as stream:
        refused = await seat.desk.ask("PUT", path, body)
        unexplained = await contract.line("sue").ask("PUT", path, {"presence": "away"})
        allowed = await contract.line("sue").ask("PUT", path, body)
        told = await stream.hear("presence.changed")
    nobody = await contract.line("sue").ask("PUT", "/api/v1/agents/nobody/presence", body)

    assert problem(refused) == (403, "not-allowed")
    assert problem(unexplained) == (400, "bad-input")
    assert (allowed.status, told["data"]["presence"], told["data"]["reason"]) == (204, "away", "meeting")
    assert problem(nobody) == (404, "not-found")


async def test_who_says_available_without_a_stream_is_given_nothing(seat: Seat) -> None:
    said = await available(seat.desk)
    await seat.rings()
    item = await eventually(seat.item)

    assert (said["presence"], said["connected"]) == ("available", False)
    assert (item["state"], item["agent"]) == ("waiting", None)


async def test_who_goes_away_while_it_rings_gives_the_offer_back_unblamed(seat: Seat) -> None:
    async with seat.ringing() as (stream, _):
        await seat.desk.ask("PUT", "/api/v1/me/presence", {"presence": "away", "reason": "lunch"})
        closed = await stream.hear("offer.closed")
        me = await seat.me()

    assert closed["data"]["outcome"] == "revoked"
    assert (me["presence"], me["routing_state"]) == ("away", "idle")


# --- work -------------------------------------------------------------------------------------------------------------


async def test_work_that_has_ended_is_over_for_every_action(seat: Seat) -> None:
    async with seat.talking(seat.hasty) as (stream, work):
        assert (await seat.work(work["work_item"], "complete", {"disposition": "solved"})).status == 204
        assert (await stream.hear("work.ended"))["data"]["outcome"] == "completed"
        answers = [
            await seat.work(work["work_item"], "complete"),
            await seat.work(work["work_item"], "wrap-up/extend", {"seconds": 30}),
            await seat.work(work["work_item"], "wrap-up/finish"),
        ]
        await tell(seat.phone, ended(seat.call, "agent", answered=True))
        answers.append(await seat.desk.ask("POST", f"/api/v1/calls//pbx/main:{seat.call}/hangup"))

    assert {problem(answer) for answer in answers} == {(409, "work-over")}


async def test_the_work_of_somebody_else_is_not_ones_own(contract: Contract, seat: Seat) -> None:
    async with seat.talking() as (_, work):
        answers = [
            await seat.work(work["work_item"], "complete", line=seat.other),
            await seat.other.ask("POST", f"/api/v1/calls//pbx/main:{seat.call}/hangup"),
        ]
        item = await seat.item()
        supervised = await seat.work(work["work_item"], "complete", line=contract.line("sue"))

    assert {problem(answer)[0] for answer in answers} == {403}
    assert item["state"] == "assigned"
    assert supervised.status == 204


async def test_wrap_up_is_prolonged_and_ended(seat: Seat) -> None:
    async with seat.talking() as (stream, work):
        early = await seat.work(work["work_item"], "wrap-up/finish")
        await tell(seat.phone, ended(seat.call, "agent", answered=True))
        until = (await stream.hear("work.updated"))["data"]["wrap_up_until"]
        more = await seat.work(work["work_item"], "wrap-up/extend", {"seconds": 30})
        later = (await stream.hear("work.updated"))["data"]["wrap_up_until"]
        wrong = [await seat.work(work["work_item"], "wrap-up/extend", {"seconds": s}) for s in (0, -5, 10**9, "30")]
        over = await seat.work(work["work_item"], "wrap-up/finish")
        item = await seat.item()

    assert early.status == 409
    assert more.status == over.status == 204
    assert later > until
    assert {problem(answer) for answer in wrong} == {(400, "bad-input")}
    assert item["state"] == "completed"


async def test_a_source_that_takes_no_commands_is_hung_up_on_record_alone(seat: Seat) -> None:
    async with seat.talking(seat.hasty) as (stream, work):
        answer = await seat.desk.ask("POST", f"/api/v1/calls//pbx/main:{seat.call}/hangup")
        still = await seat.item()
        await tell(seat.phone, ended(seat.call, "agent", answered=True))
        over = await stream.hear("work.ended")

    assert (answer.status, still["state"]) == (204, "assigned")
    assert over["data"] == {"work_item": work["work_item"], "outcome": "completed"}


# --- tokens -----------------------------------------------------------------------------------------------------------


async def test_an_expired_token_is_nobodys(contract: Contract, seat: Seat) -> None:
    console = contract.serve.console
    token = console.run("token", "create", "--user", seat.ben, "--expires", "3s").split()[-1]
    line = contract.serve.line(token)

    async def refused() -> Answer | None:
        answer = await line.ask("GET", "/api/v1/me")
        return answer if answer.status != 200 else None

    assert problem(await eventually(refused)) == (401, "not-signed-in")


async def test_a_token_revoked_beside_a_running_server_is_nobodys_within_a_second(
    contract: Contract, seat: Seat
) -> None:
    token = contract.serve.console.phone_token("short-lived")
    line = contract.serve.line(token)
    before = await tell(line, event("held", seat.call, source="short-lived"))
    contract.serve.console.run("token", "revoke", "--integration", "short-lived")
    began = time.monotonic()

    async def refused() -> Answer | None:
        answer = await tell(line, event("resumed", seat.call, source="short-lived"))
        return answer if answer.status != 202 else None

    after = await eventually(refused)

    assert before.status == 202
    assert problem(after) == (401, "not-signed-in")
    assert time.monotonic() - began < 1.5


@pytest.mark.parametrize(("who", "status"), [("ana0", 403), ("sue", 403), ("ada", 403), (None, 401)])
async def test_calls_are_told_by_whoever_has_the_scope(contract: Contract, who: str | None, status: int) -> None:
    assert problem(await tell(contract.line(who), arrived("no")))[0] == status


# --- events -----------------------------------------------------------------------------------------------------------


def signed(body: bytes, *, age_s: int = 0, secret: str = SECRET, name: str = "msg_1") -> dict[str, str]:
    """Standard Webhooks, worked out here from its specification."""
    at = str(int(time.time()) - age_s)
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.digest(key, f"{name}.{at}.".encode() + body, hashlib.sha256)
    signature = "v1," + base64.b64encode(digest).decode()
    return {"webhook_id": name, "webhook_timestamp": at, "webhook_signature": signature}


def body_of(*events: dict[str, Any]) -> bytes:
    return json.dumps(events[0] if len(events) == 1 else list(events)).encode()


async def post_signed(line: Line, body: bytes, kind: str = SINGLE, **how: Any) -> Answer:
    return await line.ask("POST", EVENTS, body, content_type=kind, **signed(body, **how))


async def test_a_webhook_that_signs_is_believed_for_five_minutes(contract: Contract, seat: Seat) -> None:
    line = contract.line()
    body = body_of(arrived(seat.call, queue=seat.calm) | {"source": "hook"})
    other = base64.b64encode(b"somebody else's secret 1").decode()
    answers = [
        await post_signed(line, body, secret="whsec_" + other),
        await post_signed(line, body, age_s=301),
        await post_signed(line, body, age_s=-400),
        await line.ask("POST", EVENTS, body + b" ", content_type=SINGLE, **signed(body)),
        await line.ask("POST", EVENTS, body, content_type=SINGLE),
    ]
    good = await post_signed(line, body, age_s=290)

    assert [problem(answer)[0] for answer in answers] == [401] * 5
    assert (good.status, good.json()) == (202, {"accepted": 1, "duplicates": 0})


async def test_two_mebibytes_are_refused_and_the_connection_goes_on(seat: Seat) -> None:
    large = await seat.phone.ask("POST", EVENTS, b" " * (2 << 20), content_type=BATCH)
    answer = await seat.rings()

    assert problem(large) == (413, "too-large")
    assert answer.status == 202


async def test_of_a_batch_the_good_events_are_kept_and_the_bad_ones_named(seat: Seat) -> None:
    calls = [f"{seat.call}-{n}" for n in range(6)]
    events = [
        arrived(calls[0], queue=seat.calm),
        arrived(calls[1], queue="no-such-queue"),
        arrived(calls[2], queue=seat.calm, requires={"no-such-skill": 3}),
        event("vanished", calls[3]),
        arrived(calls[4], queue=seat.calm) | {"time": "yesterday"},
        arrived(calls[5], queue=seat.calm) | {"specversion": "0.3"},
        arrived(calls[0], queue=seat.calm),
        {"id": "only-an-id"},
        17,
        ended(calls[0]),
    ]
    answer = await tell(seat.phone, *events)
    told = answer.json()

    assert problem(answer) == (400, "bad-input")
    assert (told["accepted"], told["duplicates"]) == (2, 1)
    assert [error["index"] for error in told["errors"]] == [1, 2, 3, 4, 5, 7, 8]
    assert all(set(error) == {"index", "id", "field", "detail"} for error in told["errors"])
    assert told["errors"][0]["id"] == f"arrived:{calls[1]}"
    assert (await eventually(lambda: _ended(seat, calls[0])))["state"] == "abandoned"
    for call in calls[1:]:
        found = await seat.desk.ask("GET", f"/api/v1/work-items?call=/pbx/main:{call}")
        assert problem(found) == (404, "not-found")


async def _ended(seat: Seat, call: str) -> dict[str, Any] | None:
    item = await seat.item(call)
    return item if item["state"] in ("abandoned", "completed") else None


async def test_a_batch_waits_in_its_order(seat: Seat) -> None:
    calls = [f"{seat.call}-{n:02d}" for n in range(20)]
    await tell(seat.phone, *(arrived(call, queue=seat.hasty) for call in calls))
    order = []
    async with seat.stream() as stream:
        await stream.hear("ready")
        await available(seat.desk)
        for _ in calls:
            offer = (await stream.hear("offer.made"))["data"]
            order.append(offer["call"]["id"])
            await seat.accept(offer)
            await tell(seat.phone, ended(offer["call"]["id"], "agent", answered=True))

    assert order == calls


async def test_the_same_event_is_one_fact_whatever_is_sent_with_it_again(seat: Seat) -> None:
    first = await seat.rings()
    again = await seat.rings()
    other = await tell(seat.phone, arrived(seat.call, queue=seat.hasty, **{"from": "+447700900999"}))
    many = await asyncio.gather(*(tell(seat.contract.line("pbx"), ended(seat.call)) for _ in range(5)))
    elsewhere = await tell(seat.contract.line("pbx"), arrived(seat.call, queue=seat.calm) | {"source": "/pbx/second"})
    item = await seat.item()

    assert [a.json() for a in (first, again, other)] == [
        {"accepted": 1, "duplicates": 0},
        {"accepted": 0, "duplicates": 1},
        {"accepted": 0, "duplicates": 1},
    ]
    assert sum(answer.json()["accepted"] for answer in many) == 1
    assert elsewhere.json() == {"accepted": 1, "duplicates": 0}
    assert (item["queue"], item["call"]["from"]) == (seat.calm, "+447700900123")


async def test_an_end_that_is_told_before_its_beginning_is_never_rung(seat: Seat) -> None:
    async with seat.free() as stream:
        await tell(seat.phone, ended(seat.call))
        late = await seat.rings()
        await seat.rings(call=f"{seat.call}-next")
        offer = (await stream.hear("offer.made"))["data"]

    assert late.status == 202
    assert offer["call"]["id"] == f"{seat.call}-next"


async def test_an_answer_on_the_offered_agents_phone_is_an_acceptance_and_on_anothers_is_none(seat: Seat) -> None:
    async with seat.ringing() as (stream, offer):
        await tell(seat.phone, event("answered", seat.call, agent=seat.ben))
        still = await seat.item()
        await tell(seat.phone, event("answered", seat.call, id_=f"{seat.call}-2", agent=seat.ana))
        work = (await stream.hear("work.started"))["data"]

    assert still["state"] == "offered"
    assert work["work_item"] == offer["work_item"]


# --- hostile words ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("caller", ["anonymous", "sip:alice@example.org", "", HOSTILE, "+", "+999999999999999999", SQL])
async def test_a_caller_without_a_number_is_kept_as_text_and_is_nobodys_customer(seat: Seat, caller: str) -> None:
    async with seat.talking(**{"from": caller}) as (_, work):
        case = (await seat.desk.ask("GET", f"/api/v1/cases/{work['case']['number']}")).json()

    assert work["call"]["from"] == (caller or "anonymous")
    assert (work["customer"], case["customer"]) == (None, None)


async def test_sql_in_every_field_is_only_words(seat: Seat) -> None:
    call = f"{SQL}{seat.call}"
    async with seat.free() as stream:
        answer = await tell(
            seat.phone,
            event("arrived", call, id_=SQL + call, source=f"/{SQL}", queue=seat.calm, attributes={SQL: SQL})
            | {"data": {"from": SQL, "to": SQL, "direction": "inbound", "queue": seat.calm, "attributes": {SQL: SQL}}},
        )
        offer = (await stream.hear("offer.made"))["data"]
        await seat.accept(offer)
        work = (await stream.hear("work.started"))["data"]
        done = await seat.work(work["work_item"], "complete", {"disposition": SQL[:60], "note": SQL + HOSTILE})
        away = await seat.desk.ask("PUT", "/api/v1/me/presence", {"presence": "away", "reason": SQL})
        case = (await seat.desk.ask("GET", f"/api/v1/cases/{work['case']['number']}")).json()

    assert answer.status == 202, answer.body
    assert offer["call"] == {"source": f"/{SQL}", "id": call, "from": SQL, "to": SQL}
    assert work["context"]["attributes"] == {SQL: SQL}
    assert done.status == 204
    assert away.json()["reason"] == SQL
    assert SQL + HOSTILE in {entry["data"].get("text") for entry in case["timeline"]}


async def test_a_hostile_caller_goes_through_the_stream_as_they_came(seat: Seat) -> None:
    name = f'{HOSTILE}"\\{{7*7}}${{7*7}}'
    async with seat.ringing(**{"from": name, "to": name}) as (_, offer):
        pass

    assert (offer["call"]["from"], offer["call"]["to"]) == (name, name)
