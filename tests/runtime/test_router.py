"""From a phone system's event to the agent's stream, through real tables."""

from __future__ import annotations

from console.live.messages import OfferClosed, OfferMade, PresenceChanged, Ready, WorkEnded, WorkStarted, WorkUpdated
from console.services import offers
from tests.house import House


async def test_a_call_is_offered_to_the_free_qualified_agent_accepted_and_wrapped_up(house: House) -> None:
    async with house.listening("ana") as ana:
        assert isinstance(await ana.hear(), Ready)
        await house.become("ana")
        await house.tell(house.arrived("c1"))

        offer = await ana.hear_a(OfferMade)
        assert (offer.queue, offer.kind, offer.call.id) == ("faults", "voice", "c1")
        assert offer.why.matched["fibre"].need == 3
        assert offer.why.matched["fibre"].have == 5

        await house.both(offers.accept(house.ctx, house.principal("ana"), offer_id=offer.offer))
        assert (await ana.hear_a(OfferClosed)).outcome == "accepted"
        work = await ana.hear_a(WorkStarted)
        assert work.case.status == "open"

        await house.tell(house.ended("c1"))
        assert (await ana.hear_a(WorkUpdated)).state == "wrap_up"
        await house.pass_time(31)
        assert (await ana.hear_a(WorkEnded)).outcome == "completed"
        assert (await ana.hear_a(PresenceChanged)).routing_state == "idle"

    [activity] = await house.rows("select * from activity where kind = 'call'")
    assert activity["by"] == "ana"
    assert activity["data"]["outcome"] == "completed"
