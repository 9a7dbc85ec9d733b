"""From a phone system's event to the agent's stream, through real tables."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from console.db import inbox
from console.ids import new_id
from console.live.messages import OfferClosed, OfferMade, PresenceChanged, Ready, WorkEnded, WorkStarted, WorkUpdated
from console.routing.facts import WorkItemQueued
from console.runtime.router import Router
from console.services import offers
from tests.house import CENTRE, House


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


async def test_a_caller_who_hangs_up_while_a_desk_rings_is_a_missed_call_and_the_agent_keeps_their_place(
    house: House,
) -> None:
    async with house.listening("ana") as ana:
        await house.become("ana")
        await house.tell(house.arrived("c1"))
        await ana.hear_a(OfferMade)
        idle_since = await _idle_since(house, "ana")

        await house.pass_time(7)
        await house.tell(house.ended("c1"))

        closed = await ana.hear_a(OfferClosed)
        assert (closed.outcome, closed.reason) == ("revoked", "customer_left")
        assert await _idle_since(house, "ana") == idle_since
    [missed] = await house.rows("select * from activity")
    assert (missed["kind"], missed["data"]["short"]) == ("missed_call", False)
    assert 7 <= missed["data"]["waited_s"] < 8


async def test_an_offer_that_nobody_answers_takes_the_agent_out_of_routing_and_rings_the_next(house: House) -> None:
    async with house.listening("ana") as ana, house.listening("ben") as ben:
        await house.become("ana")
        await house.become("ben")
        await house.tell(house.arrived("c1"))
        await ana.hear_a(OfferMade)

        await house.pass_time(20)

        assert (await ana.hear_a(OfferClosed)).outcome == "timed_out"
        assert (await ana.hear_a(PresenceChanged)).routing_state == "not_responding"
        assert (await ben.hear_a(OfferMade)).call.id == "c1"


async def test_a_router_that_is_thrown_away_goes_on_where_it_was(house: House) -> None:
    async with house.listening("ana") as ana:
        await house.become("ana")
        await house.tell(house.arrived("c1"))
        offer = await ana.hear_a(OfferMade)

        house.router = Router(house.ctx)  # the old one died without a word
        house.clock.at += timedelta(seconds=3)
        await _wait_for_the_lease(house)
        await house.both(offers.accept(house.ctx, house.principal("ana"), offer_id=offer.offer))

        assert (await ana.hear_a(WorkStarted)).work_item == offer.work_item


async def test_an_offer_that_ran_out_while_no_router_lived_is_an_outage_and_nobodys_miss(house: House) -> None:
    async with house.listening("ana") as ana:
        await house.become("ana")
        await house.tell(house.arrived("c1"))
        first = await ana.hear_a(OfferMade)

        house.router = Router(house.ctx)
        house.clock.at += timedelta(seconds=60)
        await _wait_for_the_lease(house)
        await house.settle()

        closed = await ana.hear_a(OfferClosed)
        assert (closed.outcome, closed.reason) == ("revoked", "outage")
        second = await ana.hear_a(OfferMade)
        assert second.work_item == first.work_item


async def test_a_fact_that_raises_is_set_aside_with_its_traceback_and_the_centre_goes_on(house: House) -> None:
    async with house.listening("ana") as ana:
        await house.become("ana")
        async with house.ctx.db.transaction() as db:
            await inbox.put(db, WorkItemQueued(at=0, item="no-uuid", kind="voice", queue="faults"))
        await house.tell(house.arrived("c1"))

        assert (await ana.hear_a(OfferMade)).call.id == "c1"
    [refused] = await house.rows("select * from inbox_refused")
    assert refused["fact"]["item"] == "no-uuid"
    assert "Traceback" in refused["traceback"]


async def test_a_deposed_router_commits_nothing(house: House) -> None:
    other = Router(house.ctx)
    await house.rows(
        "update lease set renewed_at = now() - interval '3 s', node = 'x' where name = 'router' returning 1"
    )
    assert await other.run_once() is not None
    before = await house.rows("select decision from routing_meta")

    async with house.ctx.db.transaction() as db:
        await inbox.put(db, WorkItemQueued(at=0, item=new_id(), kind="voice", queue="general"))
    await house.router.run_once()

    assert await house.rows("select decision from routing_meta") == before
    assert len(await house.rows("select * from inbox")) == 1


async def _idle_since(house: House, agent: str) -> Any:
    return (await house.rows("select idle_since from routing_agent where username = $1", agent))[0]["idle_since"]


async def _wait_for_the_lease(house: House) -> None:
    await house.rows("update lease set renewed_at = now() - interval '3 s' where name = 'router' returning 1")
    await house.router.run_once()


async def test_an_agent_missing_from_a_new_configuration_loses_their_sign_in_when_their_work_has_ended(
    house: House,
) -> None:
    without_ana = "\n".join(line for line in CENTRE.splitlines() if "username: ana" not in line)
    async with house.listening("ana"):
        await house.become("ana")
        await house.tell(house.arrived("c1"))
        await house.tell(house.answered("c1", "PJSIP/ana"))

        await house.apply(without_ana)
        assert await _signs_in(house, "ana")

        await house.tell(house.ended("c1"))
        await house.pass_time(31)
        assert not await _signs_in(house, "ana")
    assert await _signs_in(house, "ben")


async def _signs_in(house: House, username: str) -> bool:
    [user] = await house.rows("select active from user_account where username = $1", username)
    return bool(user["active"])
