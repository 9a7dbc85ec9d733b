"""What agents do with their work in hand, and how they say what they are."""

from __future__ import annotations

import pytest

from console.cases.draft import Typed
from console.errors import Conflict, NotAllowed, NotFound, OfferGone, WorkOver
from console.live.messages import CaseChanged, OfferMade, WorkEnded, WorkStarted, WorkUpdated
from console.people.who import OPERATOR
from console.routing.agent import Presence
from console.services import calls, cases, explain, notes, offers, overview, people, presence, work
from console.telephony import CallArrived
from tests.house import House, Stream


async def _on_a_call(house: House, ana: Stream) -> WorkStarted:
    await house.become("ana")
    await house.tell(house.arrived("c1"))
    await house.tell(house.answered("c1", "PJSIP/ana"))
    started: WorkStarted = await ana.hear_a(WorkStarted)
    return started


async def test_completing_a_call_of_a_source_that_only_tells_goes_on_as_if_it_had_ended(house: House) -> None:
    async with house.listening("ana") as ana:
        item = (await _on_a_call(house, ana)).work_item

        await house.both(
            work.complete(house.ctx, house.principal("ana"), item=item, disposition="solved", note="All well.")
        )

        assert (await ana.hear_a(WorkUpdated)).state == "wrap_up"
        await house.both(work.finish_wrap_up(house.ctx, house.principal("ana"), item=item))
        assert (await ana.hear_a(WorkEnded)).outcome == "completed"
    kinds = [row["kind"] for row in await house.rows("select kind from activity order by at")]
    assert kinds == ["registered", "note", "call"]
    [call] = await house.rows("select data from activity where kind = 'call'")
    assert call["data"]["disposition"] == "solved"
    assert await house.rows("select * from outbox where lane like 'phone:%'") == []


async def test_wrap_up_can_be_prolonged_and_then_ends_by_itself(house: House) -> None:
    async with house.listening("ana") as ana:
        item = (await _on_a_call(house, ana)).work_item
        await house.tell(house.ended("c1"))
        first = (await ana.hear_a(WorkUpdated)).wrap_up_until

        await house.both(work.extend_wrap_up(house.ctx, house.principal("ana"), item=item, seconds=30))

        assert ((await ana.hear_a(WorkUpdated)).wrap_up_until - first).total_seconds() == 30
        await house.pass_time(45)
        assert (await work.show(house.ctx, house.principal("ana"), item=item)).state == "wrap_up"
        await house.pass_time(16)
        assert (await work.show(house.ctx, house.principal("ana"), item=item)).state == "completed"


async def test_work_that_is_over_or_somebody_elses_is_refused(house: House) -> None:
    async with house.listening("ana") as ana:
        item = (await _on_a_call(house, ana)).work_item

        with pytest.raises(NotAllowed):
            await house.both(work.complete(house.ctx, house.principal("ben"), item=item))
        await house.both(work.complete(house.ctx, house.principal("ana"), item=item))
        await house.both(work.finish_wrap_up(house.ctx, house.principal("ana"), item=item))
        with pytest.raises(WorkOver):
            await house.both(work.finish_wrap_up(house.ctx, house.principal("ana"), item=item))
        with pytest.raises(NotFound):
            await work.complete(house.ctx, house.principal("ana"), item="01939b4e-7c1a-7d2e-9f00-3a5b6c7d8e9f")


async def test_a_call_of_a_system_that_takes_orders_is_connected_and_hung_up_at_our_word(house: House) -> None:
    async with house.listening("ana") as ana:
        await house.become("ana")
        arrived = house.arrived("s1")
        await house.tell(CallArrived(**{**_fields(arrived), "source": "pbx"}))
        offer = await ana.hear_a(OfferMade)
        await house.both(offers.accept(house.ctx, house.principal("ana"), offer_id=offer.offer))
        await house.both(work.complete(house.ctx, house.principal("ana"), item=offer.work_item))
        await calls.hang_up(house.ctx, house.principal("ana"), source="pbx", external_id="s1")

    orders = [row["body"] for row in await house.rows("select body from outbox where lane = 'phone:pbx' order by id")]
    assert [order["order"] for order in orders] == ["Connect", "HangUp", "HangUp"]
    assert orders[0]["endpoint"] == "PJSIP/ana"


async def test_an_offer_that_is_gone_is_refused_and_accepting_again_is_not(house: House) -> None:
    async with house.listening("ana") as ana:
        await house.become("ana")
        await house.tell(house.arrived("c1"))
        offer = await ana.hear_a(OfferMade)
        mine = house.principal("ana")
        assert await house.both(offers.accept(house.ctx, mine, offer_id=offer.offer)) == "done"
        assert await house.both(offers.accept(house.ctx, mine, offer_id=offer.offer)) == "done"
        with pytest.raises(OfferGone):
            await house.both(offers.decline(house.ctx, mine, offer_id=offer.offer))
        with pytest.raises(NotAllowed):
            await house.both(offers.accept(house.ctx, house.principal("ben"), offer_id=offer.offer))


async def test_no_router_within_the_time_is_pending_and_the_fact_is_kept(house: House) -> None:
    async with house.listening("ana") as ana:
        await house.become("ana")
        await house.tell(house.arrived("c1"))
        offer = await ana.hear_a(OfferMade)

        assert await offers.accept(house.ctx, house.principal("ana"), offer_id=offer.offer) == "pending"

        await house.settle()
        assert (await ana.hear_a(WorkStarted)).work_item == offer.work_item


async def test_a_draft_is_kept_until_its_note_is_added(house: House) -> None:
    async with house.listening("ana") as ana:
        item = (await _on_a_call(house, ana)).work_item
        mine = house.principal("ana")

        await notes.save_draft(house.ctx, mine, about=item, typed=Typed(text="The light is", tab="a"))
        await notes.save_draft(house.ctx, mine, about=item, typed=Typed(text="The light is red", tab="a"))
        assert [row["text"] for row in await house.rows("select text from note_draft")] == ["The light is red"]

        await notes.add(house.ctx, mine, about=item, text="The light is red.")
        assert await house.rows("select * from note_draft") == []


async def test_an_agent_whose_last_stream_closed_is_offline_after_ten_seconds_and_not_before(house: House) -> None:
    mine = house.principal("ana")
    async with house.listening("ana"):
        await house.become("ana")
    await house.pass_time(9)
    assert (await presence.me(house.ctx, mine)).presence == "available"
    await house.pass_time(2)
    me = await presence.me(house.ctx, mine)
    assert (me.presence, me.reason, me.connected) == ("offline", "connection", False)


async def test_a_second_tab_is_the_same_agent(house: House) -> None:
    async with house.listening("ana") as first, house.listening("ana") as second:
        await house.become("ana")
        await house.tell(house.arrived("c1"))
        assert (await first.hear_a(OfferMade)).offer == (await second.hear_a(OfferMade)).offer


async def test_the_explanation_names_what_kept_each_other_agent(house: House) -> None:
    async with house.listening("ana") as ana, house.listening("cat"):
        await house.become("ana")
        await house.become("cat")
        await house.tell(house.arrived("c1"))
        item = (await ana.hear_a(OfferMade)).work_item

        told = await explain.explain(house.ctx, house.principal("sue", "supervisor"), item=item)

    codes = {reason.agent: reason.code for reason in told.explanation.reasons}
    assert codes == {"ana": "chosen", "ben": "offline", "cat": "other_queue"}
    assert told.explanation.config_version == 1
    assert any("ana was the only one eligible" in line for line in told.words)


def _fields(event: CallArrived) -> dict[str, object]:
    return {name: getattr(event, name) for name in event.__struct_fields__}


async def test_signing_out_takes_an_agent_out_of_routing_at_once(house: House) -> None:
    await people.set_password(house.ctx, OPERATOR, username="ana", password="a-long-password")
    signed_in = await people.sign_in(house.ctx, username="ana", password="a-long-password", address="127.0.0.1")
    async with house.listening("ana"):
        await house.become("ana")

        await people.sign_out(house.ctx, signed_in.cookie)
        await house.settle()

        me = await presence.me(house.ctx, house.principal("ana"))
        assert (me.presence, me.reason) == ("offline", "signed_out")


async def test_a_supervisor_has_presence_and_is_never_asked(house: House) -> None:
    sue = house.principal("sue", "supervisor")
    async with house.listening("sue", roles=("supervisor",)):
        me = await house.both(presence.set_own(house.ctx, sue, presence=Presence.AVAILABLE))
        assert me.presence == "available"
        await house.tell(house.arrived("c1"))

    assert [row["state"] for row in await house.rows("select state from routing_item")] == ["waiting"]
    assert "sue" not in {agent.username for agent in await overview.agents(house.ctx, sue)}


async def test_somebody_the_configuration_does_not_know_is_told_so(house: House) -> None:
    with pytest.raises(Conflict, match="no agent nobody"):
        await house.become("nobody")


async def test_words_typed_and_never_added_become_a_note_when_the_work_ends(house: House) -> None:
    async with house.listening("ana") as ana:
        item = (await _on_a_call(house, ana)).work_item
        await notes.save_draft(
            house.ctx, house.principal("ana"), about=item, typed=Typed(text="Lent a router.", tab="a")
        )
        await house.tell(house.ended("c1"))

        await house.pass_time(31)

        assert (await ana.hear_a(WorkEnded)).outcome == "completed"
    [note] = await house.rows("select data, by from activity where kind = 'note'")
    assert (note["data"]["text"], note["by"]) == ("Lent a router.", "ana")
    assert await house.rows("select * from note_draft") == []


async def test_a_note_is_told_to_whoever_else_sees_the_case(house: House) -> None:
    async with house.listening("ana") as ana:
        started = await _on_a_call(house, ana)

        await cases.add_note(
            house.ctx, house.principal("sue", "supervisor"), number=started.case.number, text="Refund agreed."
        )
        await house.settle()

        assert (await ana.hear_a(CaseChanged)).case.number == started.case.number


async def test_last_words_that_come_after_the_end_are_a_note_at_once(house: House) -> None:
    async with house.listening("ana") as ana:
        item = (await _on_a_call(house, ana)).work_item
        await house.tell(house.ended("c1"))
        await house.pass_time(31)

        await notes.save_draft(house.ctx, house.principal("ana"), about=item, typed=Typed(text="Last words", tab="a"))

    assert await house.rows("select * from note_draft") == []
    [note] = await house.rows("select data from activity where kind = 'note'")
    assert note["data"]["text"] == "Last words"
