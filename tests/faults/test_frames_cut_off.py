"""Frames are deleted as they are taken: when the answer to a take does not come, nobody knows what was in it."""

from __future__ import annotations

import asyncio

import pytest

from console.db.engine import Database
from console.errors import NotReady
from console.live.hub import START_ANEW
from console.live.messages import Notice, Ready
from console.services import presence
from console.services.telling import Told, tell
from tests.faults.cable import Cable
from tests.house import HEARD_WITHIN_S, House, house_of


async def test_a_take_whose_answer_was_lost_makes_every_desk_begin_anew(database_url: str) -> None:
    cable = Cable(database_url)
    await cable.mend()
    database = await Database.open(cable.url)
    async with house_of(database) as house, house.listening("ana") as ana, house.listening("ben") as ben:
        async with asyncio.timeout(HEARD_WITHIN_S):
            shown = await anext(aiter(ana.subscription))
        await ben.hear_a(Ready)
        await house.settle()
        async with house.ctx.db.transaction() as db:
            await tell(db, [Told("ana", Notice(code="lost", text="It went with the answer."))])

        await take_and_lose_the_answer(house, cable)

        assert [ana.subscription.close_code, ben.subscription.close_code] == [START_ANEW, START_ANEW]
        await cable.mend()
        assert await house.rows("select from outbox where lane like 'node:%'") == [], "it is nowhere any more"
        again = presence.listening(house.ctx, house.principal("ana"), since=shown.seq)
        async with again as subscription, asyncio.timeout(HEARD_WITHIN_S):
            first = (await anext(aiter(subscription))).message
        assert isinstance(first, Ready)
        assert not first.resumed, "who asks for what followed is shown the whole desk instead"
    await database.close()
    cable.cut()


async def take_and_lose_the_answer(house: House, cable: Cable) -> None:
    """The server does what it is asked, and then the line breaks."""
    cable.hold_answers()
    taking = asyncio.create_task(house.frames.run_once())
    async with asyncio.timeout(HEARD_WITHIN_S):
        await cable.held_back.wait()
    cable.cut()
    with pytest.raises(NotReady):
        await taking
