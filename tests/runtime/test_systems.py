"""Other systems are asked once, outside of every transaction, and one answer counts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from adapters.systems.http import Http
from console.db import outbox
from console.db.engine import Database
from console.runtime.systems import BODY_BYTES_MAX, Silent, Systems, read
from console.scripts import run as runs
from console.scripts.run import StepOver
from console.services import dialogs
from console.services.dialogs import Running
from console.services.systems import LANE, Question
from tests.adapters.other_system import OtherSystem, ok, other_system
from tests.house import CENTRE, House, house_of
from tests.services.test_dialogs import call_answered, publish, running, say

SCRIPT = """
script: line
title: Line
steps:
  - {step: floor, ask: number}
  - step: line
    call: line-test
    send: {phone: "{customer.phone}", floor: "{answers.floor}"}
    gives: {loss: yes_no, optical: number}
    else: by_hand
  - {step: judge, check: [{when: answers.line.loss, go: visit}], else: by_hand}
  - {step: visit, do: [{note: "Light {answers.line.optical}"}], go: by_hand}
  - {step: by_hand, ask: yes_no}
  - {step: done, end: solved}
tests:
  - {name: A loss is noted, answers: {floor: 2, line: {loss: true, optical: -30}, by_hand: true}, effects: [note]}
  - {name: Without an answer, answers: {floor: 2, line: , by_hand: true}, effects: []}
"""


@pytest.fixture
async def system() -> AsyncIterator[OtherSystem]:
    async with other_system() as system:
        yield system


@pytest.fixture
async def house(database: Database, system: OtherSystem) -> AsyncIterator[House]:
    async with house_of(database) as house:
        await apply(house, system.url)
        await publish(house, SCRIPT, "line")
        yield house


@pytest.fixture
async def systems(house: House) -> AsyncIterator[Systems]:
    systems = Systems(house.ctx, Http(), {"LINE_TOKEN": "secret"})
    yield systems
    await systems.stop()


async def apply(house: House, url: str, timeout: str = "10s", token: str = "LINE_TOKEN") -> None:
    await house.apply(f"{CENTRE}systems:\n  line-test: {{url: '{url}', timeout: {timeout}, token: 'env:{token}'}}\n")


async def asking(house: House, number: str) -> Running:
    """A run that waits for the system."""
    ana = house.principal("ana")
    await dialogs.start(house.ctx, ana, number=number, script="line")
    return await say(house, "floor", 2)


async def all_asked(systems: Systems) -> None:
    await systems.run_once()
    await systems.settle()


async def test_the_answer_of_a_system_leads_the_run_on(house: House, systems: Systems, system: OtherSystem) -> None:
    system.answers = lambda _: ok(b'{"loss": true, "optical": -28.5, "more": {"a": [1]}}')
    now = await asking(house, await call_answered(house))
    assert now.row.asking is not None
    assert now.row.asking.asked.sent == {"phone": "+441314960182", "floor": "2"}
    assert not system.asked

    await all_asked(systems)
    await all_asked(systems)

    now = await running(house)
    assert now.row.stopped_at == "by_hand"
    assert now.run[1].answer == {"loss": True, "optical": -28.5}
    [asked] = system.asked
    assert (asked.body["floor"], asked.headers["authorization"]) == ("2", "Bearer secret")
    [note] = await house.rows("select data from activity where kind = 'note'")
    assert note["data"]["text"] == "Light -28.5"
    await say(house, "by_hand", True)
    [entry] = await house.rows("select data from activity where kind = 'script'")
    assert entry["data"]["answers"][1]["answer"] == "loss: yes, optical: -28.5"


async def test_a_system_that_gives_no_answer_takes_the_other_way(
    house: House, systems: Systems, system: OtherSystem
) -> None:
    number, ana = await call_answered(house), house.principal("ana")

    async def why() -> str | None:
        await asking(house, number)
        await all_asked(systems)
        now = await running(house)
        assert now.row.stopped_at == "by_hand"
        await dialogs.leave(house.ctx, ana, run_id=now.row.id, why="next")
        return runs.silent(now.run[1])

    system.answers = lambda _: ok(b'{"loss": 3}')
    assert await why() == "unfit loss"
    system.answers = lambda _: ok(b"{}", "503 Service Unavailable")
    assert await why() == "refused 503"
    await apply(house, system.url, timeout="0.1s")
    system.answers = lambda _: None
    assert await why() == "timed_out"
    before = len(system.asked)
    await apply(house, system.url, token="OTHER_TOKEN")
    assert await why() == "keyless"
    await house.apply()
    assert await why() == "unknown"
    assert len(system.asked) == before


async def test_an_answer_that_nobody_waits_for_changes_nothing(
    house: House, systems: Systems, system: OtherSystem
) -> None:
    system.answers = lambda _: None
    now = await asking(house, await call_answered(house))
    await systems.run_once()
    await system.was_asked.wait()
    [row] = await house.rows("select body from outbox where lane = 'systems'")

    now = await dialogs.skip(house.ctx, house.principal("ana"), run_id=now.row.id, step="line", why="too slow")

    async with house.ctx.db.transaction() as db:
        assert not await dialogs.told(house.ctx, db, question(row["body"]), answer={"loss": True})
    assert (await running(house)).run == now.run
    with pytest.raises(StepOver):
        await dialogs.skip(house.ctx, house.principal("ana"), run_id=now.row.id, step="line", why="again")


async def test_what_a_node_that_went_away_was_asking_is_not_asked_again(
    house: House, systems: Systems, system: OtherSystem
) -> None:
    await asking(house, await call_answered(house))
    async with house.ctx.db.transaction() as db:
        [_] = await outbox.claim(db, LANE, 10)
        await outbox.release(db, LANE)

    await all_asked(systems)

    now = await running(house)
    assert (now.row.stopped_at, runs.silent(now.run[1])) == ("by_hand", "interrupted")
    assert not system.asked


def question(body: Any) -> Question:
    return msgspec.convert(body, Question)


@pytest.mark.parametrize(
    ("status", "answer", "why"),
    [
        (302, b"", "refused 302"),
        (200, b"{" + b" " * BODY_BYTES_MAX, "too_long"),
        (200, b"[]", "unreadable"),
        (200, b"<html>", "unreadable"),
        (200, b"\xff", "unreadable"),
        (200, b'{"a":' + b"[" * 16_000, "unreadable"),
        (200, b'{"a": "\\ud800"}', "unreadable"),
    ],
)
def test_what_is_no_object_of_json_is_no_answer(status: int, answer: bytes, why: str) -> None:
    with pytest.raises(Silent, match=why):
        read(status, answer)
