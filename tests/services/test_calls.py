"""What an agent asks of a live call, from the use case to the phone system and back by its events."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from adapters.telephony.simulated import Phone
from adapters.telephony.simulator import Simulator
from console.db.engine import Database
from console.errors import AgentNotFree, BadInput, NotAllowed, NotFound, PhoneRefused, WorkOver
from console.live.messages import CallChanged, WorkStarted
from console.services import calls
from console.services.calls import Target
from console.telephony import OrderRefused
from tests.house import CENTRE, house_of
from tests.services.exchange_line import FAULTS, Floor, floor_of

DIALS = CENTRE.replace("kind: simulator}", 'kind: simulator, dial: "SIM/{number}"}')
RINGS = CENTRE.replace("kind: simulator}", "kind: simulator, ring: on_offer}")


@pytest.fixture
async def floor(database: Database) -> AsyncIterator[Floor]:
    async with house_of(database) as house, floor_of(house) as floor:
        yield floor


async def test_hold_and_resume_show_on_the_card_and_are_told(floor: Floor) -> None:
    async with floor.house.listening("ana") as ana:
        call = await floor.talking()
        await floor.order(calls.hold, call)
        held = await floor.until(lambda card: card.call_state == "held", call)
        await floor.order(calls.resume, call)
        resumed = await floor.until(lambda card: card.call_state == "talking", call)
        told = []
        while told[-2:] != ["held", "talking"]:
            told.append((await ana.hear_a(CallChanged)).state)

    assert held.held_at is not None
    assert held.talk_since is not None
    assert resumed.held_at is None
    assert resumed.talk_since == held.talk_since


async def test_mute_shows_on_the_card_and_is_told_though_the_state_is_the_same(floor: Floor) -> None:
    async with floor.house.listening("ana") as ana:
        call = await floor.talking()
        await floor.order(calls.mute, call)
        muted = await floor.until(lambda card: card.muted, call)
        await floor.order(calls.unmute, call)
        await floor.until(lambda card: not card.muted, call)
        told = []
        while told[-3:] != ["talking"] * 3:
            told.append((await ana.hear_a(CallChanged)).state)

    assert muted.call_state == "talking"


async def test_keys_are_sent_and_anything_else_is_bad_input(floor: Floor) -> None:
    async with floor.house.listening("ana"):
        call = await floor.talking()
        await floor.order(calls.send_digits, call, digits="12#*")
        for digits in ("", "1" * 33, "1 2", "x", "１"):
            with pytest.raises(BadInput):
                await floor.order(calls.send_digits, call, digits=digits)

        assert floor.phones.digits(call) == "12#*"


async def test_a_call_is_only_for_whoever_has_it(floor: Floor) -> None:
    async with floor.house.listening("ana"):
        call = await floor.talking()
        with pytest.raises(NotFound):
            await floor.order(calls.hold, "no-such-call")
        with pytest.raises(NotAllowed):
            await floor.order(calls.hold, call, by="ben")
        floor.phones.hang_up_caller(call)
        await floor.until(lambda card: card.call_state == "ended", call)
        with pytest.raises(WorkOver):
            await floor.order(calls.hold, call)


async def test_what_the_phone_system_refuses_is_said(floor: Floor) -> None:
    async with floor.house.listening("ana"):
        call = await floor.talking()
        with pytest.raises(PhoneRefused):
            await floor.order(calls.consult_complete, call)


async def test_a_caller_who_is_not_connected_yet_cannot_be_held(floor: Floor) -> None:
    floor.phones.phones["PJSIP/ana"] = Phone(after_s=3600)
    async with floor.house.listening("ana"):
        await floor.house.become("ana")
        call = floor.phones.ring_in("+441314960182", FAULTS)
        await floor.until(lambda card: card.state == "offered", call)
        with pytest.raises(NotAllowed):
            await floor.order(calls.hold, call)


# --- transfer ---------------------------------------------------------------------------------------------------------


async def test_transferred_to_a_queue_the_caller_waits_for_its_agents(floor: Floor) -> None:
    async with floor.house.listening("ana"), floor.house.listening("cat"):
        call = await floor.talking()
        first = await floor.card(call)
        await floor.house.become("ana", "away", "lunch")
        assert await floor.order(calls.transfer, call, to=Target(queue="general")) == "done"
        waits = await floor.until(lambda card: card.call_state == "waiting", call)
        assert waits.queue == "general"
        assert first is not None
        assert waits.item != first.item
        assert call in floor.phones.calls
        await floor.taken(call, "cat")


async def test_transferred_to_an_agent_they_are_asked_first(floor: Floor) -> None:
    async with floor.house.listening("ana"), floor.house.listening("ben"):
        call = await floor.talking()
        await floor.house.become("ben")
        await floor.order(calls.transfer, call, to=Target(agent="ben"))
        await floor.until(lambda card: card.agent == "ben" or card.state == "offered", call)
        offered = await floor.house.rows("select agent from routing_offer where state = 'open'")

    assert [row["agent"] for row in offered] == ["ben"]


async def test_an_agents_phone_names_the_agent(floor: Floor) -> None:
    async with floor.house.listening("ana"), floor.house.listening("ben"):
        call = await floor.talking()
        await floor.house.become("ben")
        await floor.order(calls.transfer, call, to=Target(endpoint="PJSIP/ben"))
        await floor.until(lambda card: card.state == "offered", call)
        offered = await floor.house.rows("select agent from routing_offer where state = 'open'")

    assert [row["agent"] for row in offered] == ["ben"]


NO_TARGETS = [
    (Target(), "blind"),
    (Target(queue="general", agent="ben"), "blind"),
    (Target(queue="general"), "attended"),
    (Target(queue="nowhere"), "blind"),
    (Target(agent="nobody"), "attended"),
    (Target(endpoint="PJSIP/elsewhere"), "blind"),
    (Target(endpoint="Local/1@anything"), "attended"),
    (Target(endpoint="+442079460000"), "blind"),
]


async def test_a_target_that_is_none_is_bad_input(floor: Floor) -> None:
    async with floor.house.listening("ana"):
        call = await floor.talking()
        for to, kind in NO_TARGETS:
            with pytest.raises(BadInput):
                await floor.order(calls.transfer, call, to=to, kind=kind)

        assert (await floor.until(lambda card: card.call_state == "talking", call)).state == "assigned"


async def test_transferred_to_a_number_the_agent_is_free_and_the_work_over(floor: Floor) -> None:
    await floor.house.apply(DIALS)
    floor.phones.phones["SIM/+442079460000"] = Phone(after_s=0)
    async with floor.house.listening("ana"):
        call = await floor.talking()
        await floor.order(calls.transfer, call, to=Target(endpoint="+442079460000"))
        over = await floor.until(lambda card: card.state == "transferred", call)
        assert await floor.routing("ana") == "idle"

        floor.phones.hang_up_caller(call)
        await floor.until(lambda card: card.call_state == "ended", call)
        assert (await floor.card(call)).item == over.item  # type: ignore[union-attr]  # it was there a moment ago


async def test_where_the_number_does_not_answer_the_caller_is_queued_again(floor: Floor) -> None:
    await floor.house.apply(DIALS)
    floor.phones.phones["SIM/2000"] = Phone(does="busy", after_s=0)
    async with floor.house.listening("ana"):
        call = await floor.talking()
        before = await floor.card(call)
        await floor.order(calls.transfer, call, to=Target(endpoint="2000"))
        again = await floor.until(
            lambda card: before is not None and card.item != before.item and card.queue is not None, call
        )

    assert again.call_state == "waiting"
    assert again.queue == "faults"


# --- consultation -----------------------------------------------------------------------------------------------------


async def test_a_consultation_reserves_the_agent_and_shows_on_the_card(floor: Floor) -> None:
    async with floor.house.listening("ana"), floor.house.listening("ben"):
        call = await floor.talking()
        await floor.house.become("ben")
        await floor.order(calls.transfer, call, to=Target(agent="ben"), kind="attended")
        asked = await floor.until(lambda card: card.consult is not None and card.consult.state == "talking", call)
        assert await floor.routing("ben") == "busy"

        await floor.order(calls.consult_return, call)
        back = await floor.until(lambda card: card.consult is None and card.call_state == "talking", call)
        assert await floor.routing("ben") == "idle"

    assert asked.consult is not None
    assert (asked.consult.agent, asked.consult.name, asked.consult.endpoint) == ("ben", "Ben Okoro", "PJSIP/ben")
    assert asked.call_state == "held"
    assert (back.call_state, back.agent) == ("talking", "ana")


async def test_handed_over_the_work_is_the_other_agents_at_once(floor: Floor) -> None:
    async with floor.house.listening("ana"), floor.house.listening("ben") as ben:
        call = await floor.talking()
        await floor.house.become("ben")
        await floor.order(calls.transfer, call, to=Target(agent="ben"), kind="attended")
        await floor.until(lambda card: card.consult is not None and card.consult.state == "talking", call)
        await floor.order(calls.consult_complete, call)
        theirs = await floor.until(lambda card: card.agent == "ben", call)
        await ben.hear_a(WorkStarted)
        assert await floor.routing("ana") == "idle"
        await floor.order(calls.hold, call, by="ben")
        await floor.until(lambda card: card.call_state == "held", call)

    assert (theirs.state, theirs.consult) == ("assigned", None)
    assert call in floor.phones.calls


async def test_in_a_conference_the_work_stays_whose_it_is(floor: Floor) -> None:
    async with floor.house.listening("ana"), floor.house.listening("ben"):
        call = await floor.talking()
        await floor.house.become("ben")
        await floor.order(calls.transfer, call, to=Target(agent="ben"), kind="attended")
        await floor.until(lambda card: card.consult is not None and card.consult.state == "talking", call)
        await floor.order(calls.consult_conference, call)
        all_three = await floor.until(
            lambda card: card.consult is not None and card.consult.state == "conference", call
        )
        assert await floor.routing("ben") == "busy"

    assert (all_three.agent, all_three.call_state) == ("ana", "talking")


@pytest.mark.parametrize("does", ["busy", "reject"])
async def test_an_agent_whose_phone_cannot_be_had_is_free_again(floor: Floor, does: Any) -> None:
    floor.phones.phones["PJSIP/ben"] = Phone(does=does, after_s=0)
    async with floor.house.listening("ana"), floor.house.listening("ben"):
        call = await floor.talking()
        await floor.house.become("ben")
        await floor.order(calls.transfer, call, to=Target(agent="ben"), kind="attended")
        ended = await floor.told("consult.changed", state="ended")
        left = await floor.until(lambda card: card.consult is None, call)
        assert await floor.routing("ben") == "idle"

    assert ended["result"] == ("busy" if does == "busy" else "rejected")
    assert (left.agent, left.call_state) == ("ana", "held")


async def test_a_caller_who_hangs_up_meanwhile_frees_both(floor: Floor) -> None:
    async with floor.house.listening("ana"), floor.house.listening("ben"):
        call = await floor.talking()
        await floor.house.become("ben")
        await floor.order(calls.transfer, call, to=Target(agent="ben"), kind="attended")
        await floor.until(lambda card: card.consult is not None and card.consult.state == "talking", call)
        floor.phones.hang_up_caller(call)
        await floor.until(lambda card: card.call_state == "ended", call)

        assert await floor.routing("ben") == "idle"
        assert await floor.routing("ana") == "wrap_up"


async def test_nobody_is_rung_who_is_not_free(floor: Floor) -> None:
    async with floor.house.listening("ana"), floor.house.listening("ben"):
        call = await floor.talking()
        await floor.house.become("ben", "away", "lunch")
        with pytest.raises(AgentNotFree):
            await floor.order(calls.transfer, call, to=Target(agent="ben"), kind="attended")

        assert (await floor.until(lambda card: card.item != "", call)).call_state == "talking"


class Engaged(Simulator):
    """Its second line is always in use."""

    async def consult(self, call: str, endpoint: str, order_id: str) -> None:
        raise OrderRefused("engaged")


async def test_a_refused_consultation_frees_the_agent(database: Database) -> None:
    async with (
        house_of(database) as house,
        floor_of(house, Engaged) as floor,
        house.listening("ana"),
        house.listening("ben"),
    ):
        call = await floor.talking()
        await house.become("ben")
        with pytest.raises(PhoneRefused):
            await floor.order(calls.transfer, call, to=Target(agent="ben"), kind="attended")

        assert await floor.routing("ben") == "idle"


async def test_a_number_may_be_asked_and_be_given_the_caller(floor: Floor) -> None:
    await floor.house.apply(DIALS)
    floor.phones.phones["SIM/2000"] = Phone(after_s=0)
    async with floor.house.listening("ana"):
        call = await floor.talking()
        await floor.order(calls.transfer, call, to=Target(endpoint="2000"), kind="attended")
        asked = await floor.until(lambda card: card.consult is not None and card.consult.state == "talking", call)
        await floor.order(calls.consult_complete, call)
        await floor.until(lambda card: card.state == "transferred", call)
        assert await floor.routing("ana") == "idle"

    assert asked.consult is not None
    assert (asked.consult.agent, asked.consult.name) == (None, "SIM/2000")


# --- phones that ring with the offer ----------------------------------------------------------------------------------


async def test_answering_a_phone_that_rings_with_the_offer_is_the_acceptance(floor: Floor) -> None:
    await floor.house.apply(RINGS)
    async with floor.house.listening("ana"):
        await floor.house.become("ana")
        call = floor.phones.ring_in("+441314960182", FAULTS, talk_s=3600)
        taken = await floor.until(lambda card: card.state == "assigned" and card.call_state == "talking", call)

    assert taken.agent == "ana"


async def test_the_ring_ends_with_the_offer(floor: Floor) -> None:
    await floor.house.apply(RINGS)
    floor.phones.phones["PJSIP/ana"] = Phone(after_s=3600)
    async with floor.house.listening("ana"):
        await floor.house.become("ana")
        call = floor.phones.ring_in("+441314960182", FAULTS, talk_s=3600)
        await floor.until(lambda card: card.state == "offered" and card.call_state == "ringing", call)
        await floor.house.become("ana", "away", "lunch")
        back = await floor.until(lambda card: card.call_state == "waiting", call)

    assert back.state == "waiting"


async def test_accepted_on_the_desk_the_phone_that_rings_already_is_not_rung_again(floor: Floor) -> None:
    await floor.house.apply(RINGS)
    floor.phones.phones["PJSIP/ana"] = Phone(after_s=0.3)
    async with floor.house.listening("ana"):
        call = await floor.talking()
        kept = await floor.house.rows("select event from call_event")

    assert [row["event"]["type"] for row in kept].count("call.ringing") == 1
    assert call in floor.phones.calls


async def test_a_phone_that_is_busy_with_the_offer_gives_it_back_unblamed(floor: Floor) -> None:
    await floor.house.apply(RINGS)
    floor.phones.phones["PJSIP/ana"] = Phone(does="busy", after_s=0)
    async with floor.house.listening("ana"):
        await floor.house.become("ana")
        call = floor.phones.ring_in("+441314960182", FAULTS, talk_s=3600)
        async with floor.house.listening("ben"):
            await floor.until(lambda card: card.state == "waiting" and card.call_state == "waiting", call)
            [closed] = await floor.house.rows("select state, reason from routing_offer where agent = 'ana'")
            assert await floor.routing("ana") == "idle"

    assert (closed["state"], closed["reason"]) == ("revoked", "connect_failed")
