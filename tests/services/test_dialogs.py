"""Guided dialogs end to end, without the web: written, published by a second person, followed on a call."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from console.errors import BadInput, NotFound, StaleRecord
from console.people.who import Principal
from console.scripts.run import NothingBefore, RunOver, StepOver
from console.services import dialogs, scripting
from console.services.dialogs import AlreadyRunning, Running
from console.services.scripting import NotInReview, NotReadyToPublish, OwnWork
from tests.house import CENTRE, House

FIBRE = (Path(__file__).parents[1] / "scripts" / "fibre.yaml").read_text()
HERE = (
    FIBRE.replace("      - start_clock: next_update\n", "")
    .replace(", start_clock next_update", "")
    .replace("    article: KB-1187\n", "")
)
"""Without a clock and an article, which this centre does not have."""


def author(house: House, name: str = "ivy") -> Principal:
    return house.principal(name, "author")


async def publish(house: House, source: str = HERE, name: str = "fibre-no-service") -> int:
    await scripting.create(house.ctx, author(house), name=name, title="Fibre")
    return await publish_again(house, source, name)


async def publish_again(house: House, source: str, name: str = "fibre-no-service") -> int:
    bench = await scripting.workbench(house.ctx, author(house), name=name)
    version = bench.draft.version if bench.draft else 0
    draft = await scripting.save(house.ctx, author(house), name=name, source=source, if_match=version)
    draft = await scripting.submit(house.ctx, author(house), name=name, note=None, if_match=draft.version)
    done = await scripting.publish(house.ctx, author(house, "ola"), name=name, if_match=draft.version)
    return done.version


async def call_answered(house: House, call: str = "call-1") -> str:
    """Ana has the call; the number of its case."""
    async with house.listening("ana"):
        await house.become("ana")
        await house.tell(house.arrived(call))
        await house.tell(house.answered(call, "PJSIP/ana"))
    [row] = await house.rows('select number from "case"')
    return str(row["number"])


async def running(house: House) -> Running:
    [row] = await house.rows("select id from script_run where state = 'running'")
    return await dialogs.show(house.ctx, house.principal("ana"), run_id=str(row["id"]))


async def say(house: House, step: str, answer: object, who: str = "ana") -> Running:
    now = await running(house)
    return await dialogs.answer(house.ctx, house.principal(who), run_id=now.row.id, step=step, answer=answer)


def trail(now: Running) -> list[tuple[str, Any]]:
    return [(given.step, given.answer) for given in now.run]


async def test_a_script_starts_by_itself_on_answer_and_leads_to_its_end(house: House) -> None:
    await publish(house)
    number = await call_answered(house)

    assert (await running(house)).row.stopped_at == "verify"
    await say(house, "verify", "pin")
    await say(house, "stopped", "internet")
    now = await say(house, "light", "red")

    assert now.row.state == "ended"
    assert now.row.outcome == "solved"
    assert trail(now)[2:] == [("care", "light"), ("light", "red"), ("visit", None)]
    [case] = await house.rows('select topic from "case" where number = $1', number)
    assert case["topic"] == "internet"
    [task] = await house.rows("select text, due_at from task")
    assert task["text"] == "Book a visit for the customer, light Red, or flashing red"
    [work] = await house.rows("select disposition from work")
    assert work["disposition"] == "solved"
    [entry] = await house.rows("select data from activity where kind = 'script'")
    assert [one["answer"] for one in entry["data"]["answers"]] == [
        "PIN and postcode",
        "Internet, all devices",
        "Red, or flashing red",
    ]


async def test_a_double_click_changes_nothing(house: House) -> None:
    await publish(house)
    await call_answered(house)
    await say(house, "verify", "pin")

    with pytest.raises(StepOver):
        await say(house, "verify", "pin")

    assert trail(await running(house)) == [("verify", "pin")]


async def test_another_answer_keeps_what_still_holds_and_does_nothing_twice(house: House) -> None:
    await publish(house)
    await call_answered(house)
    await say(house, "verify", "pin")
    await say(house, "stopped", "internet")
    await say(house, "light", "green")
    now = await running(house)
    ana = house.principal("ana")

    changed = await dialogs.change(house.ctx, ana, run_id=now.row.id, nth=1, step="stopped", answer="wifi")
    assert trail(changed) == [("verify", "pin"), ("stopped", "wifi"), ("care", "light"), ("light", "green")]
    assert changed.row.stopped_at == "devices"

    shorter = await dialogs.back(house.ctx, ana, run_id=now.row.id)
    assert shorter.row.stopped_at == "light"
    with pytest.raises(StepOver):
        await dialogs.back(house.ctx, ana, run_id=now.row.id, nth=4)
    forgotten = await house.rows("select step from script_answer where forgotten_at is not null order by nth")
    assert "stopped" in {row["step"] for row in forgotten}


async def test_a_run_stays_on_its_version_and_stands_where_it_stood_for_whoever_has_the_case(house: House) -> None:
    await publish(house)
    number = await call_answered(house)
    await say(house, "verify", "pin")
    await publish_again(house, HERE.replace("What stopped?", "What does not work?"))

    now = await dialogs.show(house.ctx, house.principal("ben"), run_id=(await running(house)).row.id)
    assert (now.row.version, now.script.steps["stopped"].title[""]) == (1, "What stopped?")
    await say(house, "stopped", "wifi", who="ben")
    with pytest.raises(AlreadyRunning):
        await dialogs.start(house.ctx, house.principal("ben"), number=number, script="fibre-no-service")
    async with house.ctx.db.snapshot() as db:
        [told] = await dialogs.runs_of_case(db, now.case.id)
    assert (told.stopped_title, [one.by for one in told.answers]) == ("PON light colour?", ["ana", "ben", None])


async def test_steps_are_skipped_with_a_reason_and_scripts_are_left_with_one(house: House) -> None:
    await publish(house)
    await call_answered(house)
    await say(house, "verify", "pin")
    run_id, ana = (await running(house)).row.id, house.principal("ana")

    with pytest.raises(BadInput):
        await dialogs.skip(house.ctx, ana, run_id=run_id, step="stopped", why=" ")
    now = await dialogs.skip(house.ctx, ana, run_id=run_id, step="stopped", why="they are in a hurry")
    assert now.run[1].why == "they are in a hurry"
    left = await dialogs.leave(house.ctx, ana, run_id=run_id, why="wrong script")
    assert (left.row.state, left.row.stopped_at) == ("left", "light")
    with pytest.raises(RunOver):
        await dialogs.back(house.ctx, ana, run_id=run_id)
    report = await scripting.report(house.ctx, author(house), name="fibre-no-service", days=7)
    assert (report.runs, report.ended, report.left) == (1, 0, 1)
    assert [(at.step, at.answered, at.skipped, at.left) for at in report.steps] == [
        ("light", 0, 0, 1),
        ("stopped", 0, 1, 0),
        ("verify", 1, 0, 0),
    ]
    assert [(one.step, one.answer, one.count) for one in report.answers] == [("verify", "pin", 1)]


async def test_a_run_of_a_case_that_one_may_not_see_is_not_there(house: House) -> None:
    await publish(house)
    await call_answered(house)
    now = await running(house)

    with pytest.raises(NotFound):
        await dialogs.show(house.ctx, house.principal("cat"), run_id=now.row.id)
    with pytest.raises(NothingBefore):
        await dialogs.back(house.ctx, house.principal("ana"), run_id=now.row.id)


# --- authors ----------------------------------------------------------------------------------------------------------


async def test_of_two_who_publish_at_once_the_second_is_told_and_nobody_publishes_their_own(house: House) -> None:
    await scripting.create(house.ctx, author(house), name="fibre-no-service", title="Fibre")
    draft = await scripting.save(house.ctx, author(house), name="fibre-no-service", source=HERE, if_match=1)
    with pytest.raises(StaleRecord):
        await scripting.save(house.ctx, author(house, "ola"), name="fibre-no-service", source=FIBRE, if_match=1)
    with pytest.raises(NotInReview):
        await scripting.publish(house.ctx, author(house, "ola"), name="fibre-no-service", if_match=draft.version)
    draft = await scripting.submit(
        house.ctx, author(house), name="fibre-no-service", note="please read", if_match=draft.version
    )
    with pytest.raises(OwnWork):
        await scripting.publish(house.ctx, author(house), name="fibre-no-service", if_match=draft.version)
    await scripting.publish(house.ctx, author(house, "ola"), name="fibre-no-service", if_match=draft.version)
    with pytest.raises(NotInReview):
        await scripting.publish(house.ctx, author(house, "pia"), name="fibre-no-service", if_match=draft.version)


async def test_an_earlier_version_comes_back_in_force(house: House) -> None:
    await publish(house)
    await publish_again(house, HERE.replace("What stopped?", "What does not work?"))

    await scripting.roll_back(house.ctx, author(house), name="fibre-no-service", version=1, why="worse")

    bench = await scripting.workbench(house.ctx, author(house), name="fibre-no-service")
    assert (bench.in_force, [one.version for one in bench.versions]) == (1, [2, 1])
    assert bench.events[0].what == "rolled_back"


async def test_scripts_cannot_go_through_each_other_in_a_circle(house: House) -> None:
    end = "  - {step: done, end: solved}\n"
    first = "script: first\ntitle: First\nsteps:\n"
    second = "script: second\ntitle: Second\nsteps:\n"
    await publish(house, first + end, "first")
    await publish(house, second + "  - {step: before, script: first}\n" + end, "second")

    with pytest.raises(NotReadyToPublish) as refused:
        await publish_again(house, first + "  - {step: after, script: second}\n" + end, "first")

    assert "goes in a circle: first → second → first" in refused.value.errors[0].detail


MOMENT = """
script: call-back
title: Call back
steps:
  - {step: when, ask: moment, skip: true}
  - {step: book, do: [{callback: {text: Call back, at: when}}]}
  - {step: done, end: follow_up}
"""
KYIV = 'calendars: {office: {time_zone: Europe/Kyiv, open: {mon-fri: ["09:00-18:00"]}}}\n'


async def test_a_callback_is_booked_for_the_moment_that_was_answered_in_the_centres_time(house: House) -> None:
    await house.apply(CENTRE + KYIV)
    await publish(house, MOMENT, "call-back")
    number, ana = await call_answered(house), house.principal("ana")
    await dialogs.start(house.ctx, ana, number=number, script="call-back")
    with pytest.raises(BadInput):
        await say(house, "when", "2026-11-20T13:59")  # it is noon in UTC, and 14:00 in Kyiv

    await say(house, "when", "2026-11-24T15:30")

    [task] = await house.rows("select kind, due_at from task")
    assert (task["kind"], task["due_at"]) == ("callback", datetime(2026, 11, 24, 13, 30, tzinfo=UTC))

    unsaid = await dialogs.start(house.ctx, ana, number=number, script="call-back")
    await dialogs.skip(house.ctx, ana, run_id=unsaid.row.id, step="when", why="they do not know")
    [problem] = await house.rows("select problem from script_effect where problem is not null")
    assert problem["problem"] == "Nobody has said when."
