"""The line to a phone system: what becomes of orders, and what it finds out when it compares."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from random import Random
from typing import Any

import pytest

from adapters.telephony.simulated import Phone
from adapters.telephony.simulator import Simulator
from console.db.engine import Database
from console.errors import PhoneSilent
from console.services import calls, offers
from console.telephony import PhoneSystemUnreachable
from tests.house import House, house_of
from tests.services.exchange_line import AT_ONCE, FAULTS, Floor, line


class Deaf(Simulator):
    """It hears nothing of some orders, and forgets what it is told to forget."""

    deaf = False

    async def hold(self, call: str, order_id: str) -> None:
        if self.deaf:
            await asyncio.Event().wait()
        await super().hold(call, order_id)

    async def connect(self, call: str, endpoint: str, order_id: str, ring_s: int = 10) -> None:
        if self.deaf:
            return  # taken, and then nothing: as by a node that dies before it rings
        await super().connect(call, endpoint, order_id, ring_s)

    async def reconcile(self, open_calls: Collection[str]) -> None:
        if self.deaf:
            raise PhoneSystemUnreachable
        await super().reconcile(open_calls)

    def lose(self, call: str) -> None:
        """Gone, and nobody is told."""
        del self._calls[call]


@pytest.fixture
async def house(database: Database) -> AsyncIterator[House]:
    async with house_of(database) as house:
        yield house


@pytest.fixture
def phones(house: House) -> Deaf:
    return Deaf("pbx", chance=Random(1), phones=AT_ONCE, clock=house.ctx.clock)


async def lane(house: House) -> list[dict[str, Any]]:
    return [row["body"] for row in await house.rows("select body from outbox where lane = 'phone:pbx' order by id")]


async def test_an_order_that_nobody_carried_out_in_time_is_not_carried_out_later_and_a_hang_up_is(
    house: House, phones: Deaf
) -> None:
    floor = Floor(house, phones)
    async with house.listening("ana"), line(house, phones):
        call = await floor.talking()
        phones.deaf = True
        with pytest.raises(PhoneSilent):
            await floor.order(calls.hold, call)
        phones.deaf = False
        await floor.order(calls.mute, call)
        card = await floor.until(lambda card: card.muted, call)
        assert card.call_state == "talking"
        assert not await lane(house)

        await floor.order(calls.hang_up, call)
        await floor.until(lambda card: card.call_state == "ended", call)


async def test_a_call_that_is_gone_unheard_frees_its_agent_at_the_next_comparison(house: House, phones: Deaf) -> None:
    floor = Floor(house, phones)
    async with house.listening("ana"), line(house, phones) as held:
        call = await floor.talking()
        phones.lose(call)
        await held.reconcile()
        await floor.until(lambda card: card.call_state == "ended" and card.state == "wrap_up", call)

        assert await floor.routing("ana") == "wrap_up"


async def test_work_whose_phone_never_rang_goes_back_at_the_second_comparison(house: House, phones: Deaf) -> None:
    floor = Floor(house, phones)
    async with house.listening("ana"), line(house, phones) as held:
        await house.become("ana")
        call = phones.ring_in("+441314960182", FAULTS, talk_s=3600)
        card = await floor.until(lambda card: card.state == "offered", call)
        [offer] = await house.rows("select id from routing_offer where item = $1", card.item)
        phones.deaf = True
        await house.both(offers.accept(house.ctx, house.principal("ana"), offer_id=offer["id"]))
        async with asyncio.timeout(10):
            while await lane(house):
                await asyncio.sleep(0.01)
        phones.deaf = False

        await held.reconcile()
        await house.settle()
        before = await floor.card(call)
        await held.reconcile()
        back = await floor.until(lambda card: card.state == "waiting", call)

    assert before is not None
    assert before.state == "assigned", "for a moment it is as it should be"
    assert back.waiting_since == card.waiting_since


async def test_a_phone_system_that_is_away_is_not_compared_with(house: House, phones: Deaf) -> None:
    floor = Floor(house, phones)
    async with house.listening("ana"), line(house, phones) as held:
        call = await floor.talking()
        phones.lose(call)
        phones.deaf = True
        await held.reconcile()
        await house.settle()
        card = await floor.card(call)

    assert card is not None
    assert card.call_state == "talking"


async def test_an_agent_reserved_for_a_consultation_that_never_began_is_free_again(house: House, phones: Deaf) -> None:
    phones.phones["PJSIP/ben"] = Phone(after_s=3600)
    floor = Floor(house, phones)
    async with house.listening("ana"), house.listening("ben"), line(house, phones) as held:
        call = await floor.talking()
        await house.become("ben")
        await floor.reserve(call, "ana", "ben")
        assert await floor.routing("ben") == "busy"
        await held.reconcile()
        await held.reconcile()

        assert await floor.routing("ben") == "idle"
