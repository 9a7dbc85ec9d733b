"""A fact that the router cannot take harms nobody but who told it."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from console.db import inbox
from console.db.engine import Database, driver
from console.errors import FactRefused
from console.ids import new_id
from console.live.messages import OfferMade
from console.routing.agent import Presence
from console.routing.facts import PresenceSet, WorkItemQueued
from console.services import offers
from console.services.deciding import decided
from tests.faults.cable import Cable
from tests.house import House, house_of
from tests.served import eventually


async def test_who_waits_for_a_fact_that_fails_is_told_so(database: Database) -> None:
    async with house_of(database) as house:
        impossible = WorkItemQueued(at=0, item="no-uuid", kind="voice", queue="faults")
        with capture_logs() as told, pytest.raises(FactRefused):
            await house.both(decided(house.ctx, impossible))
    assert "router.fact_refused" in [line["event"] for line in told]


async def test_a_fact_of_a_version_that_is_not_known_here_is_set_aside_and_those_around_it_are_taken_in_their_order(
    database: Database,
) -> None:
    async with house_of(database) as house, house.listening("ana") as ana, house.listening("ben"):
        async with house.ctx.db.transaction() as db:
            await inbox.put(db, PresenceSet(at=0, agent="ana", presence=Presence.AVAILABLE))
            await (await driver(db)).execute(
                "insert into inbox (fact_id, fact) values ($1, $2)", new_id(), b'{"type": "MoonRose", "at": 0}'
            )
            await inbox.put(db, PresenceSet(at=0, agent="ben", presence=Presence.AVAILABLE))
        await house.tell(house.arrived("c1"))

        assert (await ana.hear_a(OfferMade)).call.id == "c1"
        assert [row["fact"]["type"] for row in await house.rows("select fact from inbox_refused")] == ["MoonRose"]
        assert await house.rows(
            "select username from routing_agent where presence = 'available' order by username"
        ) == [
            {"username": "ana"},
            {"username": "ben"},
        ]


async def test_what_was_kept_before_the_database_went_is_pending_and_is_decided_when_it_is_back(
    database_url: str,
) -> None:
    cable = Cable(database_url)
    await cable.mend()
    database = await Database.open(cable.url)
    async with house_of(database) as house, house.listening("ana") as ana:
        await house.become("ana")
        await house.tell(house.arrived("c1"))
        offer = await ana.hear_a(OfferMade)

        ana_accepts = offers.accept(house.ctx, house.principal("ana"), offer_id=offer.offer)
        asking = asyncio.create_task(ana_accepts)
        await eventually(lambda: waiting_facts(house))
        cable.cut()
        assert await asking == "pending"

        await cable.mend()
        await house.settle()
        assert await house.rows("select state from routing_offer") == [{"state": "accepted"}]
    await database.close()
    cable.cut()


async def waiting_facts(house: House) -> bool:
    return bool(await house.rows("select from inbox"))
