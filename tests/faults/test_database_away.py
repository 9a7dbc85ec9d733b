"""The database cannot be reached: at the start, for some seconds of work, and without anybody being told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.faults.cable import Cable
from tests.faults.conftest import OFFER_S, Centre
from tests.faults.desks import Desk
from tests.load.floor import Caller
from tests.load.people import Phone, Seat, Seen
from tests.served import Answer, Gone, Line, Serve, eventually

CALLS = 80


async def test_a_console_starts_while_its_database_is_away_and_works_once_it_is_there(
    centre: Centre, cable: Cable
) -> None:
    node = centre.console.serve()
    line = node.line(centre.tokens["ana"])
    live = await eventually(lambda: answer(line, "/health/live"))
    ready = await line.ask("GET", "/health/ready")
    me = await line.ask("GET", "/api/v1/me")

    assert live.status == 200
    assert (ready.status, ready.json()["database"]) == (503, "not answering")
    assert (me.status, me.type) == (503, "not-ready")

    await cable.mend()
    await node.ready()
    async with centre.desk("ana", node).open() as ana:
        assert (await centre.rings(node, "call-1")).status == 202
        await ana.takes("call-1")
    await centre.proves()


async def test_who_is_offered_a_call_while_the_database_goes_for_longer_than_it_rings_has_not_missed_it(
    centre: Centre, cable: Cable
) -> None:
    async with working(centre, cable) as (node, ana):
        offer = await ringing(centre, node, ana, "call-1")
        cable.cut()
        assert (await node.line().ask("GET", "/health/live")).status == 200
        refused = await centre.rings(node, "call-2")
        assert (refused.status, refused.type) == (503, "not-ready")
        assert (await ana.accept("call-1")).status == 503
        await rung_out(offer)

        await cable.mend()
        await node.ready()
        again = await centre.rings(node, "call-2")
        assert (again.status, again.json()) == (202, {"accepted": 1, "duplicates": 0})
        await is_nobodys_miss(centre, ana, offer)
        assert ana.connections == 1, "the socket stays while the database is away"
    await centre.proves()


async def test_who_is_offered_a_call_while_everything_stands_still_has_not_missed_it(
    centre: Centre, cable: Cable
) -> None:
    async with working(centre, cable) as (node, ana):
        for call, stop, go_on in (("call-1", cable.hold, cable.let_go), ("call-2", node.pause, node.go_on)):
            offer = await ringing(centre, node, ana, call)
            stop()
            await rung_out(offer)

            go_on()
            await is_nobodys_miss(centre, ana, offer)
            assert (await centre.hangs_up(node, call)).status == 202
            await ana.sees(lambda: not ana.work)
    await centre.proves()


async def test_calls_are_neither_lost_nor_doubled_nor_missed_when_the_database_goes_again_and_again(
    centre: Centre, cable: Cable
) -> None:
    await cable.mend()
    node = centre.console.serve()
    await node.ready()
    seen = Seen()
    phone = Phone(centre.phone(node), callers(), seen)
    seats = [Seat(name, centre.tokens[name], phone, seen) for name in centre.tokens if name.startswith("agent")]

    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        sitting = [group.create_task(seat.run(node)) for seat in seats]
        telling = group.create_task(phone.run())
        for share, away_s in ((0.2, 1), (0.4, OFFER_S + 1), (0.6, 1)):
            await seen.until_started(int(CALLS * share))
            cable.cut()
            await passed(datetime.now(UTC) + timedelta(seconds=away_s))
            await cable.mend()
        await telling
        await eventually(lambda: nothing_open(centre))
        for task in sitting:
            task.cancel()

    ends = await centre.rows("select state, count(*) from routing_item group by state")
    assert {end["state"]: end["count"] for end in ends} == {"completed": CALLS}
    assert {item: who for item, who in seen.started.items() if len(who) > 1} == {}
    missed = await centre.rows("select id::text from routing_offer where state = 'timed_out'")
    assert {row["id"] for row in missed} <= seen.ignored
    await centre.proves()


@asynccontextmanager
async def working(centre: Centre, cable: Cable) -> AsyncIterator[tuple[Serve, Desk]]:
    """A node, and Ana who waits for calls at it."""
    await cable.mend()
    node = centre.console.serve()
    await node.ready()
    async with centre.desk("ana", node).open() as ana:
        yield node, ana


async def ringing(centre: Centre, node: Serve, ana: Desk, call: str) -> dict[str, Any]:
    """Ana is asked to take the call, and has two seconds for it."""
    assert (await centre.rings(node, call, "hasty")).status == 202
    return await ana.is_offered(call)


async def is_nobodys_miss(centre: Centre, ana: Desk, offer: dict[str, Any]) -> None:
    """It went back as our outage, and Ana is asked again, as often as there are offers."""
    call = offer["call"]["id"]
    outcome = await ana.sees(lambda: ana.closed.get(offer["offer"]))
    assert outcome == ("revoked", "outage")
    await ana.takes(call)
    assert len(set(ana.made)) == len(ana.made), "an offer was told twice"
    assert await centre.offers_of(call) == [("ana", "revoked", "outage"), ("ana", "accepted", None)]


async def rung_out(offer: dict[str, Any]) -> None:
    """Until the offer's time is over, and a second more."""
    await passed(datetime.fromisoformat(offer["expires_at"]) + timedelta(seconds=1))


async def passed(instant: datetime) -> None:
    async def look() -> bool:
        return datetime.now(UTC) > instant

    await eventually(look)


async def answer(line: Line, path: str) -> Answer | None:
    try:
        return await line.ask("GET", path)
    except Gone:
        return None


async def nothing_open(centre: Centre) -> bool:
    [left] = await centre.rows(
        "select (select count(*) from inbox) + (select count(*) from routing_item where ended_at is null) as open"
    )
    return bool(left["open"] == 0)


def callers() -> list[Caller]:
    return [
        Caller(f"call-{number}", {"queue": "hasty"}, patience=None, late=False, repeated=number % 10 == 0)
        for number in range(CALLS)
    ]
