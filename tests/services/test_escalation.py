"""Cases that go up: with everything known of them, level after level, once, whoever is there and whoever is not."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from console.cases.case import Change, Status
from console.cases.customer import Described
from console.cases.handover import Packet, Trigger
from console.errors import AgentNotQualified, BadInput, Conflict, NotAllowed, NotFound
from console.live.messages import CaseEscalated, OfferMade, WorkEnded, WorkStarted
from console.people.who import Role
from console.services import breaching, cases, escalation, handing_on, handover, offers
from console.services.cases import Registration
from console.services.escalation import AlreadyEscalated, Target
from console.services.rungs import Cause
from tests.house import CENTRE, House

LADDERS = (
    (
        CENTRE.replace("skills: [fibre, english]", "skills: [fibre, english, core]")
        .replace(
            "agents:\n",
            "  - {name: tier2, channel: case, requires: {fibre: 5}}\n"
            "  - {name: core, channel: case, requires: {core: 1}}\nagents:\n",
        )
        .replace("{username: sue", "{username: ann, name: Ann Roy, roles: [supervisor]}\n  - {username: sue")
    )
    + """
teams: [{name: one, supervisors: [sue], members: [ana, ben]}]
escalations:
  - name: outage
    when: 'priority != null && priority >= 50'
    levels:
      - {queue: tier2, take_within: 15m}
      - {agent: ben, take_within: 10m, notify: [supervisors]}
"""
)


def sue(house: House) -> Any:
    return house.principal("sue", Role.SUPERVISOR)


async def registered(house: House, **more: Any) -> str:
    """The number of a case that waits in the queue `desk`."""
    registration = Registration(subject="Line drops", via="web", customer=Described(name="Ida"), **more)
    found = await cases.register(house.ctx, sue(house), registration=registration)
    await house.settle()
    return found.number


async def in_hand(house: House, name: str, stream: Any) -> str:
    """A case that this agent has in hand; its number."""
    await house.become(name)
    number = await registered(house)
    await accept(house, name, stream)
    return number


async def accept(house: House, name: str, stream: Any) -> Any:
    offer = await stream.hear_a(OfferMade)
    await house.both(offers.accept(house.ctx, house.principal(name), offer_id=offer.offer))
    return offer


async def climb(house: House, seconds: float) -> None:
    """So much time passes, and the timekeeper does what is due."""
    house.clock.at = house.clock.now()
    await house.pass_time(seconds)
    async with house.ctx.db.transaction() as db:
        await escalation.run_due(house.ctx, db, house.clock.now(), limit=10)
    await house.settle()


async def rows(house: House, columns: str) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in await house.rows(f"select {columns} from handover order by made_at")]


async def open_items(house: House) -> list[tuple[Any, ...]]:
    query = "select kind, queue, state, agent from routing_item where ended_at is null order by seq"
    return [tuple(row.values()) for row in await house.rows(query)]


async def test_a_case_goes_up_from_its_owners_hand_and_is_taken_with_its_packet(house: House) -> None:
    await house.apply(LADDERS)
    async with house.listening("ben") as ben, house.listening("ana") as ana:
        number = await in_hand(house, "ben", ben)
        await cases.add_note(house.ctx, house.principal("ben"), number=number, text="Restarted it twice.")
        await house.become("ana")
        given = await escalation.send_up(
            house.ctx, house.principal("ben"), number=number, to=Target(queue="tier2"), reason="Needs the core team"
        )
        await house.settle()

        assert (await ben.hear_a(CaseEscalated)).handover.queue == "tier2"
        assert (await ben.hear_a(WorkEnded)).outcome == "transferred"
        assert given.packet.last_note is not None
        assert given.packet.last_note.data["text"] == "Restarted it twice."
        assert [owner.agent for owner in given.packet.owners] == [None, "ben"]
        offer = await accept(house, "ana", ana)
        assert offer.case.number == number
    [(level, taken, acknowledged, ended)] = await rows(house, "level, taken_by, acknowledged_by, ended_at is not null")
    assert (level, taken, acknowledged, ended) == (1, "ana", "ana", True)
    [work] = await house.rows("select parent is not null as heir from work order by registered_at desc limit 1")
    assert work["heir"]
    told = await house.rows("select to_agent, code from notice order by at, to_agent")
    assert [tuple(row.values()) for row in told] == [("sue", "case_escalated"), ("ben", "handover_taken")]
    assert await open_items(house) == [("case", "tier2", "assigned", "ana")]


async def test_what_nobody_has_taken_yet_keeps_its_place(house: House) -> None:
    await house.apply(LADDERS)
    number = await registered(house)
    before = await house.rows("select id, waiting_since from routing_item")
    await house.pass_time(60)
    await escalation.send_up(house.ctx, sue(house), number=number, to=Target(queue="tier2"), reason="A VIP")
    await house.settle()
    assert await house.rows("select id, waiting_since from routing_item") == before
    assert await open_items(house) == [("case", "tier2", "waiting", None)]
    assert await rows(house, "item::text") == [(before[0]["id"],)]


async def test_nobody_takes_it_so_it_climbs_and_at_the_top_the_supervisors_are_told(house: House) -> None:
    await house.apply(LADDERS)
    number = await registered(house, priority=60)
    assert await rows(house, "trigger, level, to_queue, to_agent") == [("rule", 1, "tier2", None)]
    await climb(house, 14 * 60)
    assert len(await rows(house, "level")) == 1
    await climb(house, 61)
    await climb(house, 0)
    assert await rows(house, "trigger, level, to_agent, ended_at is null") == [
        ("rule", 1, None, False),
        ("not_taken", 2, "ben", True),
    ]
    await climb(house, 10 * 60 + 1)
    await climb(house, 10 * 60 + 1)
    kinds = [row["kind"] for row in await house.rows("select kind from activity order by at, id")]
    assert kinds == ["registered", "escalated", "escalated", "not_taken"]
    codes = [row["code"] for row in await house.rows("select code from notice where to_agent = 'sue' order by at")]
    assert codes == ["case_escalated", "case_escalated", "case_not_taken"]
    assert [item[2] for item in await open_items(house)] == ["waiting"]
    given = await handover.show(house.ctx, sue(house), number=number)
    assert given.packet.why.before is not None
    assert given.packet.why.before["queue"] == "tier2"


async def test_given_by_hand_it_climbs_unless_it_is_acknowledged(house: House) -> None:
    await house.apply(LADDERS)
    number = await registered(house, priority=60)
    [item] = await house.rows("select id from routing_item")
    async with house.listening("ana"):
        await house.become("ana", "away")
        with pytest.raises(NotAllowed):
            await handover.acknowledge(house.ctx, house.principal("ana"), number=number)
        await house.both(handing_on.assign(house.ctx, sue(house), item=item["id"], agent="ana", reason="-"))
        assert await rows(house, "taken_by, acknowledged_by") == [("ana", None)]
        await climb(house, 16 * 60)
        assert await rows(house, "level, taken_by, ended_at is null") == [(1, "ana", False), (2, None, True)]
        [heir] = await house.rows("select id from routing_item where ended_at is null")
        await house.both(handing_on.assign(house.ctx, sue(house), item=heir["id"], agent="ana", reason="-"))
        await handover.acknowledge(house.ctx, house.principal("ana"), number=number)
        await handover.acknowledge(house.ctx, house.principal("ana"), number=number)
        await climb(house, 16 * 60)
    assert (await rows(house, "level, acknowledged_by"))[-1] == (2, "ana")
    assert len(await rows(house, "level")) == 2


async def test_two_escalations_at_once_make_one_packet_and_one_item(house: House) -> None:
    await house.apply(LADDERS)
    async with house.listening("ana") as ana:
        number = await in_hand(house, "ana", ana)
        both = [
            escalation.send_up(house.ctx, sue(house), number=number, to=Target(queue=queue), reason="-")
            for queue in ("tier2", "core")
        ]
        results = await asyncio.gather(*both, return_exceptions=True)
        assert sum(isinstance(result, AlreadyEscalated) for result in results) == 1
        await house.settle()
        assert len(await open_items(house)) == 1
        assert len(await rows(house, "id")) == 1


async def test_machines_that_escalate_at_once_are_one_and_a_later_one_elsewhere_replaces_it(house: House) -> None:
    await house.apply(LADDERS)
    await registered(house)
    [case] = await house.rows('select id from "case"')
    cause, at = Cause(trigger=Trigger.BREACH), house.clock.now()
    async with house.ctx.db.transaction() as db:
        for queue in ("tier2", "core", "tier2"):
            await escalation.escalate(house.ctx, db, case["id"], to=Target(queue=queue), cause=cause, at=at)
    await house.settle()
    assert await rows(house, "to_queue, ended_at is null") == [("tier2", True)]
    async with house.ctx.db.transaction() as db:
        to = Target(queue="core")
        await escalation.escalate(house.ctx, db, case["id"], to=to, cause=cause, at=house.clock.now())
    await house.settle()
    assert await rows(house, "to_queue, unqualified, ended_at is null") == [
        ("tier2", False, False),
        ("core", True, True),
    ]
    assert await open_items(house) == [("case", "core", "waiting", None)]
    joined = await house.rows("select 1 from activity where kind = 'escalated' and data ? 'joined'")
    assert len(joined) == 2


async def test_a_case_that_is_nobodys_work_waits_anew_and_a_call_about_it_goes_on(house: House) -> None:
    await house.apply(LADDERS)
    async with house.listening("ben") as ben:
        await house.become("ben")
        await house.tell(house.arrived("c1"))
        offer = await ben.hear_a(OfferMade)
        await house.both(offers.accept(house.ctx, house.principal("ben"), offer_id=offer.offer))
        started = await ben.hear_a(WorkStarted)
        await escalation.send_up(
            house.ctx, house.principal("ben"), number=started.case.number, to=Target(queue="tier2"), reason="-"
        )
        await house.settle()
        assert await open_items(house) == [("voice", "faults", "assigned", "ben"), ("case", "tier2", "waiting", None)]
    [work] = await house.rows("select call, parent from work where kind = 'case'")
    assert work["call"] is None
    assert work["parent"] == started.work_item


async def test_handed_on_it_keeps_its_level_and_its_time(house: House) -> None:
    await house.apply(LADDERS)
    number = await registered(house, priority=60)
    before = await rows(house, "level, take_by")
    await escalation.hand_on(house.ctx, sue(house), number=number, to=Target(agent="ben"), note="He knows the street.")
    await house.settle()
    assert (await rows(house, "level, take_by"))[-1] == before[0]
    assert (await rows(house, "trigger, to_agent, reason"))[-1] == ("transfer", "ben", "He knows the street.")
    with pytest.raises(AgentNotQualified):
        await escalation.hand_on(house.ctx, sue(house), number=number, to=Target(agent="cat"), note="-")
    with pytest.raises(BadInput) as wrong:
        await escalation.hand_on(house.ctx, sue(house), number=number, to=Target(queue="nowhere"), note="-")
    assert wrong.value.errors[0].field == "to.queue"
    with pytest.raises(NotFound):
        await handover.show(house.ctx, sue(house), number=await registered(house))


async def test_a_finished_case_goes_nowhere_and_finishing_one_ends_what_is_under_way(house: House) -> None:
    await house.apply(LADDERS)
    number = await registered(house, priority=60)
    await cases.change(house.ctx, sue(house), number=number, change=Change(status=Status.RESOLVED))
    await house.settle()
    await climb(house, 60 * 60)
    assert await rows(house, "level, ended_at is null") == [(1, False)]
    assert await open_items(house) == []
    with pytest.raises(Conflict):
        await escalation.send_up(house.ctx, sue(house), number=number, to=Target(queue="tier2"), reason="-")


async def test_a_packet_never_changes(house: House) -> None:
    await house.apply(LADDERS)
    number = await registered(house)
    given = await escalation.send_up(house.ctx, sue(house), number=number, to=Target(queue="tier2"), reason="-")
    await cases.add_note(house.ctx, sue(house), number=number, text="Afterwards")
    after = await handover.show(house.ctx, sue(house), number=number)
    assert isinstance(after.packet, Packet)
    assert after.packet.timeline == given.packet.timeline


async def test_a_breach_sends_the_case_up_once_and_the_packet_says_by_how_much(house: House) -> None:
    sla = (
        "sla: {gold: {clocks: {resolution: {target: 1h, warn: 50%, on_warn: [{notify: owner}],"
        " on_breach: [{escalate: {ladder: outage}}, {notify: supervisors}]}}}}\nqueues:\n"
    )
    await house.apply(
        LADDERS.replace("queues:\n", sla, 1).replace("channel: case, priority: 0", "channel: case, sla: gold")
    )
    number = await registered(house)
    await house.pass_time(2 * 3600)
    for _ in range(2):
        async with house.ctx.db.transaction() as db:
            await breaching.run_due(house.ctx, db, house.clock.now(), limit=10)
    await house.settle()
    assert await rows(house, "trigger, level, ladder, to_queue") == [("breach", 1, "outage", "tier2")]
    given = await handover.show(house.ctx, sue(house), number=number)
    clock = given.packet.why.clock
    assert clock is not None
    assert (clock.name, clock.policy, clock.target_s) == ("resolution", "gold", 3600)
    assert clock.late_s == pytest.approx(3600, abs=1)
    [kept] = given.packet.clocks
    assert sorted(kept["acts"]) == ["breached", "warned"]
    codes = {row["code"] for row in await house.rows("select code from notice where to_agent = 'sue'")}
    # Nobody owns it yet, so those above hear what its owner would have heard.
    assert codes == {"case_escalated", "clock_breached", "clock_warned"}


async def test_who_has_left_is_stood_in_for_and_a_level_that_is_gone_is_passed_over(house: House) -> None:
    await house.apply(LADDERS)
    async with house.listening("ben") as ben:
        number = await in_hand(house, "ben", ben)
        await escalation.send_up(
            house.ctx, house.principal("ben"), number=number, to=Target(ladder="outage"), reason="Going home"
        )
        await house.settle()
    await house.apply(
        CENTRE.replace("  - {username: ben, name", "  - {username: bea, name").replace("PJSIP/ben", "PJSIP/bea")
    )
    await climb(house, 16 * 60)
    assert await rows(house, "level, to_queue, climbed_at is not null and ended_at is null") == [(1, "tier2", True)]
    [told] = await house.rows("select to_agent from notice where code = 'case_not_taken'")
    assert told["to_agent"] == "sue"
    assert [item[1:] for item in await open_items(house)] == [("general", "waiting", None)]
