"""Whatever dies, stands still or is cut off while a promise falls due: its warning and its breach act, and act once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import pytest

from console.bootstrap import context
from console.cases.customer import Described
from console.db.engine import Database
from console.errors import NotReady
from console.live.nudge import Nudges
from console.people.who import OPERATOR
from console.runtime.timekeeper import LEASE, Timekeeper
from console.services import cases
from console.services.cases import Registration
from console.settings import load
from tests.faults.cable import Cable
from tests.faults.conftest import Centre
from tests.served import Serve, eventually


async def test_what_falls_due_while_the_server_is_down_acts_once_when_it_is_back(centre: Centre) -> None:
    node = centre.console.serve()
    await node.ready()
    await eventually(lambda: watched(centre))
    number = await registered(centre, node)
    node.kill()
    before = await acts(centre)
    await eventually(lambda: over(centre))
    await eventually(lambda: unwatched(centre))
    assert await acts(centre) == before

    node = centre.console.serve()
    await node.ready()
    await eventually(lambda: all_acted(centre))

    answer = await node.line(centre.tokens["ana"]).ask("GET", f"/api/v1/cases/{number}/clocks")
    [clock] = answer.json()["items"]
    assert (clock["clock"], clock["shape"], clock["state"]) == ("first_response", "breached", "running")
    assert sum(seconds(segment) for segment in clock["segments"]) == pytest.approx(clock["elapsed_s"], abs=1e-5)
    assert await acts(centre) == ["breached", "warned"]
    assert await told(centre) == ["breached", "warned"]
    assert len(await centre.rows("select from sla_watch")) >= 2, "the outage is on record"


async def test_two_timekeepers_and_one_that_was_deposed_act_once_between_them(centre: Centre, cable: Cable) -> None:
    await cable.mend()
    async with keeper(cable.url) as first, keeper(cable.url) as second:
        await first.run_once()
        await renewed(centre, "now() + interval '1 h'")
        await second.run_once()
        assert (first.leads, second.leads) == (True, False)
        await promised(centre)
        await renewed(centre, "now() - interval '3 s'")
        await second.run_once()

        assert await eventually(lambda: gave_up(first))
        assert second.leads
        await eventually(lambda: acted_by(centre, second))
        await first.run_once()
    assert await acts(centre) == await told(centre) == ["breached", "warned"]


async def test_a_database_that_goes_while_a_promise_falls_due_lets_it_act_once_when_it_is_back(
    centre: Centre, cable: Cable
) -> None:
    await cable.mend()
    async with keeper(cable.url) as timekeeper:
        await timekeeper.run_once()
        cable.cut()
        await promised(centre)
        await eventually(lambda: over(centre))
        with pytest.raises(NotReady):
            await timekeeper.run_once()
        assert await acts(centre) == []

        await cable.mend()
        await eventually(lambda: acted_by(centre, timekeeper))
    assert await acts(centre) == await told(centre) == ["breached", "warned"]


@asynccontextmanager
async def keeper(url: str) -> AsyncIterator[Timekeeper]:
    """A timekeeper on a node of its own, which its test runs by hand."""
    database = Database(url)
    try:
        yield Timekeeper(context(load({"CONSOLE_SECRET_KEY": "k" * 32}), database, Nudges()))
    finally:
        await database.close()


async def registered(centre: Centre, node: Serve) -> str:
    case = {"subject": "No dial tone", "via": "email", "customer": {"email": "marta@example.org"}, "queue": "letters"}
    answer = await node.line(centre.tokens["ana"]).ask("POST", "/api/v1/cases", case)
    assert answer.status == 201, answer.body
    return str(answer.json()["number"])


async def promised(centre: Centre) -> None:
    """A case whose promise falls due in PROMISE_S."""
    database = Database(centre.database_url)
    try:
        ctx = context(load({"CONSOLE_SECRET_KEY": "k" * 32}), database, Nudges())
        case = Registration(subject="x", via="email", customer=Described(email="marta@example.org"), queue="letters")
        await cases.register(ctx, OPERATOR, registration=case)
    finally:
        await database.close()


async def renewed(centre: Centre, at: str) -> None:
    """As if the lease's holder had renewed it then."""
    await centre.rows(f"update lease set renewed_at = {at} where name = $1", LEASE)


async def watched(centre: Centre) -> bool:
    return bool(await centre.rows("select from sla_watch"))


async def unwatched(centre: Centre) -> bool:
    """Whether nobody has looked for as long as makes it an outage."""
    return bool(await centre.rows("select from sla_watch where until < now() - interval '3 s'"))


async def over(centre: Centre) -> bool:
    """Whether the promise is due by now."""
    [row] = await centre.rows("select count(*) from sla_clock where due_at < now()")
    return bool(row["count"])


async def all_acted(centre: Centre) -> bool:
    return not await centre.rows("select from sla_clock where act_at is not null") and bool(await acts(centre))


async def acted_by(centre: Centre, timekeeper: Timekeeper) -> bool:
    """Whether it has done all there was, once it has looked."""
    try:
        await timekeeper.run_once()
    except NotReady:
        return False
    return await all_acted(centre)


async def gave_up(timekeeper: Timekeeper) -> bool:
    """Whether it has noticed, when it was to renew, that another keeps the time."""
    await timekeeper.run_once()
    return not timekeeper.leads


async def acts(centre: Centre) -> list[str]:
    return [row["kind"] for row in await centre.rows("select kind from sla_event order by kind")]


async def told(centre: Centre) -> list[Any]:
    """What the timeline tells of acts."""
    query = "select data->>'what' as what from activity where kind = 'clock' order by what"
    return [row["what"] for row in await centre.rows(query)]


def seconds(segment: dict[str, Any]) -> float:
    return (datetime.fromisoformat(segment["to"]) - datetime.fromisoformat(segment["from"])).total_seconds()
