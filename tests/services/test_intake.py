"""Phone systems' events: kept once, whatever their order, and never lost."""

from __future__ import annotations

import msgspec

from console.live.messages import CallChanged, OfferClosed, OfferMade, WorkEnded, WorkStarted
from console.services import intake
from console.telephony import CallHeld, CallTransferred
from tests.house import House


async def test_the_same_event_twice_is_one_fact(house: House) -> None:
    event = house.arrived("c1")

    assert await intake.on_call(house.ctx, event) is True
    assert await intake.on_call(house.ctx, event) is False

    await house.settle()
    assert len(await house.rows("select * from routing_item")) == 1


async def test_another_arrival_of_the_same_call_changes_nothing(house: House) -> None:
    await house.tell(house.arrived("c1"), house.arrived("c1", dialled="+441314960199"))

    assert [row["queue"] for row in await house.rows("select queue from routing_item")] == ["faults"]


async def test_a_call_whose_end_came_before_its_arrival_is_never_offered_but_kept(house: House) -> None:
    async with house.listening("ana") as ana:
        await house.become("ana")
        await house.tell(house.ended("c1"), house.arrived("c1"), house.arrived("c2"))

        assert (await ana.hear_a(OfferMade)).call.id == "c2"
    assert await house.rows("select * from work where call = (select id from call where external_id = 'c1')") == []
    [activity] = await house.rows("select * from activity")
    assert (activity["kind"], activity["data"]["call"]) == ("missed_call", "c1")


async def test_an_answer_on_the_offered_agents_phone_is_an_acceptance(house: House) -> None:
    async with house.listening("ana") as ana:
        await house.become("ana")
        await house.tell(house.arrived("c1"), house.answered("c1", "PJSIP/ana"))

        assert (await ana.hear_a(OfferClosed)).outcome == "accepted"
        assert (await ana.hear_a(WorkStarted)).call.id == "c1"


async def test_a_known_caller_brings_their_open_case_into_the_offer(house: House) -> None:
    async with house.listening("ana") as ana, house.listening("ben") as ben:
        await house.become("ana")
        await house.tell(house.arrived("c1"), house.answered("c1", "PJSIP/ana"), house.ended("c1"))
        first = await ana.hear_a(WorkStarted)
        await house.become("ben")
        await house.tell(house.arrived("c2"))

        offer = await ben.hear_a(OfferMade)
        assert offer.case.number == first.case.number
        assert offer.customer.phone == "+441314960182"


async def test_a_caller_without_a_number_finds_no_customer_and_is_still_served(house: House) -> None:
    async with house.listening("ana") as ana:
        await house.become("ana")
        await house.tell(
            house.arrived("c1", caller="<script>alert(1)</script>' or 1=1 --"), house.answered("c1", "PJSIP/ana")
        )

        work = await ana.hear_a(WorkStarted)
        assert work.customer is None
        assert work.call.from_ == "<script>alert(1)</script>' or 1=1 --"
    assert await house.rows("select * from customer") == []


async def test_one_number_is_one_customer_however_many_of_its_calls_are_accepted(house: House) -> None:
    async with house.listening("ana"), house.listening("ben"):
        await house.become("ana")
        await house.become("ben")
        await house.tell(house.arrived("c1"), house.arrived("c2"))
        await house.tell(house.answered("c1", "PJSIP/ana"), house.answered("c2", "PJSIP/ben"))

    assert len(await house.rows("select * from customer")) == 1
    assert len(await house.rows('select * from "case"')) == 2


async def test_hold_is_told_to_the_agent_who_has_the_call(house: House) -> None:
    async with house.listening("ana") as ana:
        await house.become("ana")
        await house.tell(house.arrived("c1"))
        await house.tell(house.answered("c1", "PJSIP/ana"))
        await house.tell(CallHeld(**house._head("c1")))

        changed = [await ana.hear_a(CallChanged), await ana.hear_a(CallChanged)]
        assert [message.state for message in changed] == ["talking", "held"]


async def test_what_is_learnt_after_the_end_is_kept_and_changes_nothing(house: House) -> None:
    await house.tell(
        house.arrived("c1"), house.ended("c1"), CallHeld(**house._head("c1")), house.answered("c1", "PJSIP/ana")
    )

    [call] = await house.rows("select * from call")
    assert call["state"] == "ended"
    assert len(await house.rows("select * from call_event")) == 4
    [item] = await house.rows("select state from routing_item")
    assert item["state"] == "abandoned"


async def test_the_rule_that_routed_a_call_is_kept_with_its_work(house: House) -> None:
    await house.tell(house.arrived("c1", dialled="+441314960199"))

    [work] = await house.rows("select routed from work")
    assert work["routed"] == {"version": 1, "rule": 3}


async def test_an_event_keeps_every_word_it_came_with(house: House) -> None:
    event = house.arrived("c1", attributes={"menu": "2", "pin": "ok"})
    await house.tell(event)

    [kept] = await house.rows("select event from call_event")
    assert msgspec.convert(kept["event"], type(event), strict=False) == event


async def test_a_call_handed_to_a_queue_waits_there_as_a_new_item_about_the_same_case(house: House) -> None:
    async with house.listening("ana") as ana, house.listening("cat") as cat:
        await house.become("ana")
        await house.become("cat")
        await house.tell(house.arrived("c1"))
        await house.tell(house.answered("c1", "PJSIP/ana"))
        first = await ana.hear_a(WorkStarted)

        await house.tell(CallTransferred(**house._head("c1"), kind="blind", to_queue="general"))

        assert (await ana.hear_a(WorkEnded)).outcome == "transferred"
        offer = await cat.hear_a(OfferMade)
        assert (offer.queue, offer.call.id, offer.case.number) == ("general", "c1", first.case.number)
        assert offer.work_item != first.work_item

        await house.tell(house.ended("c1"))
        assert (await cat.hear_a(OfferClosed)).reason == "customer_left"


async def test_a_call_handed_to_a_queue_before_anybody_took_it_keeps_its_place(house: House) -> None:
    await house.tell(house.arrived("c1"))
    [before] = await house.rows("select id, waiting_since from routing_item")

    await house.pass_time(5)
    await house.tell(CallTransferred(**house._head("c1"), kind="blind", to_queue="general"))

    [after] = await house.rows("select id, waiting_since, queue from routing_item")
    assert after == {**before, "queue": "general"}
