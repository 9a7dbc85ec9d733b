"""Section 3's calls: what may be asked of a live call, and what each refusal is."""

from __future__ import annotations

from typing import Any

from tests.contract.conftest import Seat, problem

CONTROLS = ("hold", "resume", "mute", "unmute", "consult/complete", "consult/conference", "consult/return")


def path(seat: Seat, verb: str, call: str | None = None) -> str:
    return f"/api/v1/calls/%2Fpbx%2Fmain%3A{call or seat.call}/{verb}"


async def test_a_source_that_takes_no_commands_refuses_every_control(seat: Seat) -> None:
    async with seat.talking():
        answers = [await seat.desk.ask("POST", path(seat, verb)) for verb in CONTROLS]
        answers.append(await seat.desk.ask("POST", path(seat, "digits"), {"digits": "12#"}))
        to_ben = {"to": {"agent": seat.ben}, "kind": "attended"}
        answers.append(await seat.desk.ask("POST", path(seat, "transfer"), to_ben))
        theirs = [await seat.other.ask("POST", path(seat, verb)) for verb in CONTROLS]
        unknown = [await seat.desk.ask("POST", path(seat, verb, "no-such-call")) for verb in CONTROLS]

    assert {problem(answer) for answer in answers} == {(409, "phone-refused")}
    assert {problem(answer) for answer in theirs} == {(403, "not-allowed")}
    assert {problem(answer) for answer in unknown} == {(404, "not-found")}


async def test_what_is_no_key_and_no_target_is_bad_input(seat: Seat) -> None:
    digits: list[Any] = ["", "x", "1" * 33, 12, None]
    targets: list[Any] = [
        {},
        {"to": {"queue": seat.calm}},
        {"to": {}, "kind": "blind"},
        {"to": {"queue": seat.calm, "agent": seat.ben}, "kind": "blind"},
        {"to": {"queue": "nowhere"}, "kind": "blind"},
        {"to": {"queue": seat.hasty}, "kind": "attended"},
        {"to": {"queue": seat.hasty}, "kind": "warm"},
    ]
    async with seat.talking():
        answers = [await seat.desk.ask("POST", path(seat, "digits"), {"digits": keys}) for keys in digits]
        answers += [await seat.desk.ask("POST", path(seat, "transfer"), body) for body in targets]
        still = await seat.item()

    assert {problem(answer) for answer in answers} == {(400, "bad-input")}
    assert still["state"] == "assigned"


async def test_a_blind_transfer_to_a_queue_lets_the_call_wait_there(seat: Seat) -> None:
    async with seat.talking() as (stream, work):
        body = {"to": {"queue": seat.hasty}, "kind": "blind"}
        answer = await seat.desk.ask("POST", path(seat, "transfer"), body)
        ended = await stream.hear("work.ended")
        offer = await stream.hear("offer.made")

    assert answer.status == 204
    assert ended["data"] == {"work_item": work["work_item"], "outcome": "transferred"}
    assert offer["data"]["queue"] == seat.hasty
    assert offer["data"]["call"] == work["call"]
    assert offer["data"]["work_item"] != work["work_item"]
