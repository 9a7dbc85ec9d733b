"""Work handed on: by agents, by supervisors with who and why on record, and by a queue's overflow."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from console.cases.customer import Described
from console.errors import AgentNotQualified, BadInput, Conflict, NotAllowed, NotFound
from console.live.messages import Notice, OfferMade, WorkEnded, WorkStarted
from console.people.who import Role
from console.services import cases, handing_on, offers, work
from console.services.cases import Registration
from tests.house import CENTRE, House

OVERFLOWING = CENTRE.replace(
    "{name: faults, channel: voice, requires: {fibre: 3}, priority: 5, wrap_up: 30s}",
    """{name: faults, channel: voice, requires: {fibre: 3}, priority: 5, wrap_up: 30s, preferred: [owner, last_agent],
      calendar: office, overflow: [{when: {closed: true}, to: voicemail}, {when: {waited: 60s}, to: callback}]}""",
).replace(
    "queues:\n",
    "calendars: {office: {time_zone: UTC, open: {mon-fri: ['09:00-18:00']}}}\nqueues:\n",
    1,
)
TEAMS = (
    CENTRE
    + "teams: [{name: one, supervisors: [sue], members: [ana]}, {name: two, supervisors: [], members: [ben, cat]}]\n"
)


def sue(house: House) -> Any:
    return house.principal("sue", Role.SUPERVISOR)


async def in_hand(house: House, ana: Any) -> str:
    """Ana is on a call of the phone system that takes orders; the work item."""
    await house.become("ana")
    arrived = msgspec.structs.replace(house.arrived("c1"), source="pbx")
    await house.tell(arrived)
    offer = await ana.hear_a(OfferMade)
    await house.both(offers.accept(house.ctx, house.principal("ana"), offer_id=offer.offer))
    return str((await ana.hear_a(WorkStarted)).work_item)


async def phone_orders(house: House) -> list[tuple[str, Any]]:
    rows = await house.rows("select body from outbox where lane = 'phone:pbx' order by id")
    return [(row["body"]["order"], row["body"].get("endpoint") or row["body"].get("to")) for row in rows]


async def waiting_call(house: House, name: str = "c2") -> str:
    await house.tell(house.arrived(name))
    found = await work.find_by_call(house.ctx, sue(house), source="webhook", external_id=name)
    return found.id


async def test_a_supervisor_gives_waiting_work_to_an_agent_and_it_is_recorded_and_both_are_told(house: House) -> None:
    async with house.listening("ben") as ben:
        item = await waiting_call(house)
        with pytest.raises(Conflict):
            await house.both(handing_on.assign(house.ctx, sue(house), item=item, agent="ben", reason="a VIP"))
        await house.become("ben", "away")
        await house.both(handing_on.assign(house.ctx, sue(house), item=item, agent="ben", reason="a VIP"))

        assert (await ben.hear_a(Notice)).code == "work_assigned"
        assert (await ben.hear_a(WorkStarted)).work_item == item
    entries = await house.rows("select by, what, about, reason, data, refused from audit order by at")
    assert [(e["by"], e["what"], e["about"], e["reason"], e["refused"]) for e in entries] == [
        ("sue", "work_assigned", item, "a VIP", "agent-not-free"),
        ("sue", "work_assigned", item, "a VIP", None),
    ]
    [assignment] = await house.rows("select nth, agent, offer from assignment")
    assert (assignment["nth"], assignment["agent"], assignment["offer"]) == (1, "ben", None)


async def test_a_call_given_on_leaves_the_first_phone_and_rings_the_second(house: House) -> None:
    async with house.listening("ana") as ana, house.listening("ben") as ben:
        item = await in_hand(house, ana)
        await house.become("ben", "away")
        await house.both(handing_on.assign(house.ctx, sue(house), item=item, agent="ben", reason="language"))

        assert (await ana.hear_a(WorkEnded)).outcome == "transferred"
        assert (await ben.hear_a(WorkStarted)).work_item != item
    assert await phone_orders(house) == [
        ("Connect", "PJSIP/ana"),
        ("Disconnect", "PJSIP/ana"),
        ("Connect", "PJSIP/ben"),
    ]


async def test_moved_work_waits_in_the_other_queue_with_its_place(house: House) -> None:
    item = await waiting_call(house)
    before = await work.show(house.ctx, sue(house), item=item)
    await house.both(handing_on.move(house.ctx, sue(house), item=item, queue="general", reason="faults is full"))
    after = await work.show(house.ctx, sue(house), item=item)

    assert (before.queue, after.queue, after.waiting_since) == ("faults", "general", before.waiting_since)
    with pytest.raises(BadInput):
        await handing_on.move(house.ctx, sue(house), item=item, queue="nowhere", reason="-")


async def test_a_move_by_hand_stands_in_the_timeline_with_who_and_why(house: House) -> None:
    waiting = await waiting_call(house)
    await house.both(handing_on.move(house.ctx, sue(house), item=waiting, queue="general", reason="faults is full"))
    async with house.listening("ana") as ana:
        await house.become("ana")
        offer = await ana.hear_a(OfferMade)
        await house.both(offers.accept(house.ctx, house.principal("ana"), offer_id=offer.offer))
        await house.both(handing_on.move(house.ctx, sue(house), item=waiting, queue="faults", reason="a mistake"))

    rows = await house.rows("select work, by, data from activity where kind = 'moved' order by at")
    assert [(row["by"], *row["data"].values()) for row in rows] == [
        ("sue", "by_hand", "general", "faults", "faults is full"),
        ("sue", "by_hand", "faults", "general", "a mistake"),
    ]
    assert rows[0]["work"] == waiting
    assert rows[1]["work"] != waiting


async def test_agents_move_nothing_by_hand_and_supervisors_only_what_is_their_teams(house: House) -> None:
    await house.apply(TEAMS)
    item = await waiting_call(house)
    with pytest.raises(NotAllowed):
        await handing_on.assign(house.ctx, house.principal("ana"), item=item, agent="ana", reason="mine")
    with pytest.raises(NotAllowed):
        await handing_on.assign(house.ctx, sue(house), item=item, agent="ben", reason="-")
    with pytest.raises(NotFound):
        await handing_on.assign(house.ctx, sue(house), item=item, agent="zoe", reason="-")

    async with house.listening("ana"):
        await house.become("ana", "away")
        await house.both(handing_on.assign(house.ctx, sue(house), item=item, agent="ana", reason="-"))
    assert (await work.show(house.ctx, sue(house), item=item)).agent == "ana"


async def test_an_agent_hands_a_case_to_a_colleague_with_a_note(house: House) -> None:
    async with house.listening("ana") as ana, house.listening("ben") as ben:
        await house.become("ana")
        registered = await cases.register(
            house.ctx,
            house.principal("ana"),
            registration=Registration(subject="Slow line", via="web", customer=Described(name="Ida")),
        )
        await house.settle()
        offer = await ana.hear_a(OfferMade)
        await house.both(offers.accept(house.ctx, house.principal("ana"), offer_id=offer.offer))
        await house.become("ben")
        with pytest.raises(BadInput):
            await handing_on.transfer(
                house.ctx, house.principal("ana"), item=registered.work_item, queue=None, agent=None
            )
        with pytest.raises(AgentNotQualified):
            await house.both(
                handing_on.transfer(
                    house.ctx, house.principal("ana"), item=registered.work_item, queue=None, agent="cat"
                )
            )
        await house.both(
            handing_on.transfer(
                house.ctx,
                house.principal("ana"),
                item=registered.work_item,
                queue=None,
                agent="ben",
                note="He knows the street.",
            )
        )

        assert (await ben.hear_a(OfferMade)).case.number == registered.number
    kinds = [row["kind"] for row in await house.rows("select kind from activity order by at")]
    assert kinds[-2:] == ["note", "transferred"]


# --- what a queue's configuration does --------------------------------------------------------------------------------


async def test_a_caller_who_comes_when_the_queue_is_closed_is_left_to_the_phone_systems_voicemail(house: House) -> None:
    await house.apply(OVERFLOWING)
    await house.pass_time(7 * 3600)
    await house.tell(msgspec.structs.replace(house.arrived("c1"), source="pbx"))

    assert await phone_orders(house) == [("Divert", "voicemail")]
    [activity] = await house.rows("select kind, data from activity")
    assert (activity["kind"], activity["data"]["overflow"]) == ("call", "voicemail")


async def test_who_waits_too_long_is_called_back_in_their_place_though_their_call_ends(house: House) -> None:
    await house.apply(OVERFLOWING)
    async with house.listening("ana") as ana:
        await house.tell(house.arrived("c1"))
        await house.pass_time(61)
        await house.tell(house.ended("c1"))
        await house.become("ana")
        offer = await ana.hear_a(OfferMade)

    assert (offer.kind, offer.call.id) == ("callback", "c1")
    states = await house.rows("select kind, state, waiting_since from routing_item order by seq")
    assert [(row["kind"], row["state"]) for row in states] == [("voice", "overflowed"), ("callback", "offered")]
    assert states[0]["waiting_since"] == states[1]["waiting_since"]


async def test_a_caller_who_calls_again_is_offered_to_the_owner_of_their_case_first(house: House) -> None:
    await house.apply(OVERFLOWING)
    async with house.listening("ben") as ben, house.listening("ana") as ana:
        await house.become("ben")
        await house.tell(house.arrived("c1"))
        await house.tell(house.answered("c1", "PJSIP/ben"))
        await ben.hear_a(WorkStarted)
        await house.become("ana")
        await house.tell(house.ended("c1"))
        await house.pass_time(31)
        await house.tell(house.arrived("c2"))

        assert (await ben.hear_a(OfferMade)).call.id == "c2"
        assert ana.subscription is not None
