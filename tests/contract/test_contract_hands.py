"""A supervisor's hand and an agent's transfer, over HTTP: who may, what it answers, and what becomes of the work."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.conftest import Contract, Seat, problem
from tests.served import Line


@pytest.fixture
def sue(contract: Contract) -> Iterator[Line]:
    line = contract.line("sue")
    yield line
    line.close()


async def test_a_supervisors_hand_ends_the_ringing_and_makes_the_work_an_agents_at_once(seat: Seat, sue: Line) -> None:
    async with seat.ringing() as (ana, _), seat.free(seat.ben) as ben:
        item = (await seat.item())["id"]
        given = await seat.work(item, "assign", {"agent": seat.ben, "reason": "asked for by name"}, sue)
        closed = (await ana.hear("offer.closed"))["data"]
        started = (await ben.hear("work.started"))["data"]

    assert given.status == 204
    assert (closed["outcome"], closed["reason"]) == ("revoked", "assigned")
    assert started["work_item"] == item


async def test_agents_have_no_such_hand_and_bad_requests_say_what_is_wrong(seat: Seat, sue: Line) -> None:
    async with seat.ringing():
        item = (await seat.item())["id"]
        forbidden = await seat.work(item, "assign", {"agent": seat.ana, "reason": "mine"})
        reasonless = await seat.work(item, "move", {"queue": seat.hasty}, sue)
        nowhere = await seat.work(item, "move", {"queue": "nowhere", "reason": "-"}, sue)
        nobody = await seat.work(item, "assign", {"agent": "zoe", "reason": "-"}, sue)
        moved = await seat.work(item, "move", {"queue": seat.hasty, "reason": "shorter line"}, sue)
        after = await seat.item()

    assert problem(forbidden) == (403, "not-allowed")
    assert problem(reasonless)[0] == problem(nowhere)[0] == 400
    assert nowhere.json()["errors"][0]["field"] == "queue"
    assert problem(nobody)[0] == 404
    assert (moved.status, after["id"], after["queue"]) == (204, item, seat.hasty)


async def test_an_agent_transfers_their_work_and_has_it_no_longer(seat: Seat) -> None:
    async with seat.talking() as (stream, work):
        item = work["work_item"]
        unclear = await seat.work(item, "transfer", {"to": {}})
        done = await seat.work(item, "transfer", {"to": {"queue": "nobody"}, "note": "Wants the manager."})
        ended = (await stream.hear("work.ended"))["data"]
        again = await seat.work(item, "transfer", {"to": {"queue": "nobody"}})

    assert problem(unclear)[0] == 400
    assert (done.status, ended["outcome"]) == (204, "transferred")
    assert problem(again) == (409, "work-over")
