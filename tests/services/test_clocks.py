"""Promises about cases: their clocks start with them, follow them, and warn and breach once."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from asyncpg import UniqueViolationError

from console.cases import store as cases
from console.cases.case import Change, Status
from console.cases.customer import Described
from console.errors import NotAllowed
from console.live.messages import SlaBreached, SlaWarned
from console.people.who import OPERATOR
from console.runtime.timekeeper import Timekeeper
from console.services import cases as matters
from console.services import clocks, promises, proving
from console.services.cases import Registration
from console.sla.clock import Clock, State, elapsed, left
from tests.house import CENTRE, House

H = timedelta(hours=1)
M = timedelta(minutes=1)

SLA = """
sla:
  gold:
    clocks:
      classify: {target: 30m}
      first_response: {target: 15m, warn: 10m}
      next_update: {target: 2h}
      resolution: {target: 4h, warn: 80%, pause_when: [pending]}
    priorities:
      - {at_least: 20, clocks: {resolution: {target: 1h, pause_when: [pending]}}}
"""
PROMISING = CENTRE.replace("queues:", SLA + "queues:", 1).replace("{name: desk, ", "{name: desk, sla: gold, ")
CALLS_TOO = PROMISING.replace("fallback_queue: general", "fallback_queue: general, sla: gold")


@pytest.fixture
async def keeper(house: House) -> Timekeeper:
    """A timekeeper who has looked just now."""
    await house.apply(PROMISING)
    keeper = Timekeeper(house.ctx)
    await keeper.run_once()
    return keeper


async def registered(house: House, **more: object) -> str:
    case = Registration(subject="No dial tone", via="email", customer=Described(phone="+441314960182"), **more)
    return (await matters.register(house.ctx, OPERATOR, registration=case)).number


async def change(house: House, number: str, **more: object) -> None:
    await matters.change(house.ctx, house.principal("sue", "supervisor"), number=number, change=Change(**more))


async def clocks_of(house: House, number: str) -> dict[str, Clock]:
    async with house.ctx.db.transaction() as db:
        case = await cases.find_case(db, number=number)
        assert case is not None
        return {clock.name: clock for clock in await clocks.of_case(db, case.id)}


async def look(house: House, keeper: Timekeeper, at: datetime) -> None:
    house.clock.at = at
    while await keeper.run_once():
        pass
    await house.settle()


async def test_a_registered_case_has_the_clocks_of_its_queue(house: House, keeper: Timekeeper) -> None:
    number = await registered(house)
    await house.settle()

    found = await clocks_of(house, number)
    [item] = await house.rows("select due from routing_item")
    assert item["due"] == found["first_response"].started_at + 15 * M, "for a queue whose order is due"

    assert {name: clock.target for name, clock in found.items()} == {
        "classify": 30 * M,
        "first_response": 15 * M,
        "resolution": 4 * H,
    }


async def test_priority_selects_within_the_policy_and_a_higher_one_is_another_promise(
    house: House, keeper: Timekeeper
) -> None:
    urgent = await clocks_of(house, await registered(house, priority=20))
    number = await registered(house, topic="line")
    house.clock.at += 30 * M

    await change(house, number, priority=50)

    assert urgent["resolution"].target == 1 * H
    raised = (await clocks_of(house, number))["resolution"]
    assert raised.target == 1 * H
    assert left(raised, house.clock.at) < 30 * M, "what had counted counts"
    assert [entry["data"]["reason"] for entry in await told(house, "rebased")] == ["priority"]


async def test_pending_pauses_resolving_meets_and_reopening_goes_on(house: House, keeper: Timekeeper) -> None:
    number = await registered(house, topic="line")
    house.clock.at += 1 * H
    await change(house, number, status=Status.PENDING)
    house.clock.at += 9 * H
    paused = (await clocks_of(house, number))["resolution"]
    assert (paused.state, paused.stretches[-1].why, paused.stretches[-1].by) == (State.PAUSED, "pending", "sue")
    await change(house, number, status=Status.OPEN)
    house.clock.at += 1 * H
    await change(house, number, status=Status.RESOLVED)

    met = await clocks_of(house, number)

    assert (met["resolution"].state, met["first_response"].state) == (State.MET, State.CANCELED)
    assert elapsed(met["resolution"], house.clock.at) // M == 120


async def test_an_outward_note_is_the_first_response_and_a_note_for_us_is_not(house: House, keeper: Timekeeper) -> None:
    number, sue = await registered(house), house.principal("sue", "supervisor")

    await matters.add_note(house.ctx, sue, number=number, text="Looking into it")
    assert (await clocks_of(house, number))["first_response"].state is State.RUNNING

    await matters.add_note(house.ctx, sue, number=number, text="We look into it.", outward=True)
    assert (await clocks_of(house, number))["first_response"].state is State.MET


async def test_an_accepted_call_is_answered_by_a_person_and_the_customer_is_owed_the_next_update(house: House) -> None:
    await house.apply(CALLS_TOO)
    async with house.listening("ana"):
        await house.become("ana")
        await house.tell(house.arrived("c1"), house.answered("c1", "PJSIP/ana"))
    [case] = await house.rows('select number from "case"')

    found = await clocks_of(house, case["number"])

    assert {name: clock.state for name, clock in found.items()} == {
        "classify": State.RUNNING,
        "first_response": State.MET,
        "next_update": State.RUNNING,
        "resolution": State.RUNNING,
    }


async def test_it_warns_and_breaches_once_and_tells_whoever_has_the_case(house: House, keeper: Timekeeper) -> None:
    async with house.listening("ana") as ana:
        number = await registered(house, topic="line")
        await house.rows("update \"case\" set owner = 'ana'")
        started = house.clock.at
        await look(house, keeper, started + 10 * M)
        await look(house, keeper, started + 12 * M)
        await look(house, keeper, started + 15 * M)
        await look(house, Timekeeper(house.ctx), started + 16 * M)

        warned, breached = await ana.hear_a(SlaWarned), await ana.hear_a(SlaBreached)
    assert (warned.case.number, warned.clock) == (breached.case.number, breached.clock) == (number, "first_response")
    assert [e["kind"] for e in await house.rows("select kind from sla_event order by acted_at")] == [
        "warned",
        "breached",
    ]
    assert [entry["data"]["clock"] for entry in await told(house, "breached")] == ["first_response"]


async def test_what_fell_due_while_nobody_looked_acts_once_somebody_does_also_when_it_was_met_meanwhile(
    house: House, keeper: Timekeeper
) -> None:
    number = await registered(house, topic="line")
    due = (await clocks_of(house, number))["first_response"].started_at + 15 * M
    house.clock.at += 20 * M
    sue = house.principal("sue", "supervisor")
    await matters.add_note(house.ctx, sue, number=number, text="Sorry for the wait.", outward=True)

    await look(house, keeper, house.clock.at + 40 * M)

    events = await house.rows("select kind, due_at, acted_at from sla_event order by kind")
    assert [(event["kind"], event["due_at"]) for event in events] == [("breached", due), ("warned", due - 5 * M)]
    assert len(await house.rows("select * from sla_watch")) == 2, "the outage between two watches is on record"


async def test_the_check_proves_that_each_act_was_done_once_and_finds_what_was_not(
    house: House, keeper: Timekeeper
) -> None:
    await registered(house, topic="line")
    started = house.clock.at
    await look(house, keeper, started + 10 * M)
    await look(house, keeper, started + 15 * M)
    await look(house, keeper, started + 16 * M)
    checked = await proving.check(house.ctx, OPERATOR)
    assert (checked.promises, checked.clocks) == ([], 2)

    await house.rows("delete from sla_watch where until <> (select max(until) from sla_watch)")
    await house.rows("update sla_watch set since = since - interval '1 h'")
    await house.rows("delete from sla_event where kind = 'breached'")
    await house.rows("update sla_event set acted_at = acted_at + interval '2 s' where kind = 'warned'")

    found = (await proving.check(house.ctx, OPERATOR)).promises
    assert [(one.guarantee, one.code, one.kind) for one in found] == [
        (8, "acted_late", "warned"),
        (8, "told_otherwise", None),
        (8, "did_not_act", "breached"),
    ]
    with pytest.raises(UniqueViolationError):
        await house.rows("insert into sla_event select * from sla_event")


async def test_an_admin_promises_anew_and_it_is_recorded(house: House, keeper: Timekeeper) -> None:
    number = await registered(house)
    house.clock.at += 1 * H
    await house.apply(PROMISING.replace("4h", "9h"))

    await promises.rebase(house.ctx, OPERATOR, number=number, name="resolution", reason="New contract")

    [now] = [
        one for one in await promises.of_case(house.ctx, OPERATOR, number=number) if one.clock.name == "resolution"
    ]
    assert (now.clock.target, now.elapsed // M) == (9 * H, 60)
    assert [segment.why for segment in now.segments] == ["registered", "New contract"][: len(now.segments)]
    assert [row["reason"] for row in await house.rows("select reason from audit where what = 'clock_rebased'")] == [
        "New contract"
    ]
    with pytest.raises(NotAllowed):
        await promises.rebase(
            house.ctx, house.principal("sue", "supervisor"), number=number, name="resolution", reason="x"
        )


async def test_lists_tell_which_clocks_are_at_risk_and_which_pauses_nobody_ends(
    house: House, keeper: Timekeeper
) -> None:
    waits, runs = await registered(house, topic="line"), await registered(house, topic="line")
    await change(house, waits, status=Status.PENDING)
    house.clock.at += 9 * H

    risky = await promises.at_risk(house.ctx, OPERATOR, within=1 * H)
    paused = await promises.long_paused(house.ctx, OPERATOR, longer_than=8 * H)

    assert {(one.case, one.face.name) for one in risky.items} == {
        (waits, "first_response"),
        (runs, "first_response"),
        (runs, "resolution"),
    }
    assert [(one.case, one.face.why) for one in paused.items] == [(waits, "pending")]


async def test_an_act_that_fails_is_tried_again_and_keeps_no_other_from_its_hour(
    house: House, keeper: Timekeeper
) -> None:
    broken, whole = await registered(house, topic="line"), await registered(house, topic="line")
    lost = (
        "update sla_clock set terms = jsonb_set(terms, '{0,version}', '99') where \"case\" = (select id from \"case\""
    )
    await house.rows(f"{lost} where number = $1)", broken)

    await look(house, keeper, house.clock.at + 11 * M)

    acted = 'select c.number from sla_event e join sla_clock k on k.id = e.clock join "case" c on c.id = k."case"'
    assert [row["number"] for row in await house.rows(acted)] == [whole]
    await house.rows("update sla_clock set terms = jsonb_set(terms, '{0,version}', '2')")
    await look(house, keeper, house.clock.at + 1 * M)
    assert {row["number"] for row in await house.rows(acted)} == {broken, whole}


async def test_a_new_configuration_moves_no_promise(house: House, keeper: Timekeeper) -> None:
    number = await registered(house)
    before = await clocks_of(house, number)

    await house.apply(PROMISING.replace("4h", "9h").replace("15m", "1m").replace("10m", "30s"))

    assert await clocks_of(house, number) == before
    assert (await clocks_of(house, await registered(house)))["resolution"].target == 9 * H


async def told(house: House, what: str) -> list[dict[str, object]]:
    return await house.rows("select data from activity where kind = 'clock' and data->>'what' = $1 order by at", what)
