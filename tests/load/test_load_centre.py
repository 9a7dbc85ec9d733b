"""Fifty agents and up to two thousand calls, over HTTP and websockets, against a real `console serve`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from tests.conftest import url_of
from tests.load.floor import AGENTS, CALLS, CALLS_UNDISTURBED, Caller, agents, callers, centre_yaml
from tests.load.order import out_of_order
from tests.load.people import Phone, Seat, Seen
from tests.served import Console, Serve, eventually, on_server

DAY_WITHIN_S = 150
"""Of one run: many times what it takes, for a machine that does other things as well."""

pytestmark = pytest.mark.timeout(240)

Disturbance = Callable[["Day", Serve], Coroutine[Any, Any, None]]


@dataclass
class Day:
    """A centre's whole day, driven from outside."""

    console: Console
    tokens: dict[str, str]
    phone_token: str
    seen: Seen
    calls: list[Caller]

    async def run(self, node: Serve, disturbance: Disturbance | None = None) -> None:
        """Until every call is over and every agent free."""
        await node.ready()
        phone = Phone(node.line(self.phone_token), self.calls, self.seen)
        seats = [Seat(name, token, phone, self.seen) for name, token in self.tokens.items()]
        async with asyncio.timeout(DAY_WITHIN_S), asyncio.TaskGroup() as group:
            listening = [group.create_task(seat.run(node)) for seat in seats]
            disturbing = group.create_task(disturbance(self, node)) if disturbance else None
            await group.create_task(phone.run())
            if disturbing:
                await disturbing
            await eventually(self._all_over)
            for task in listening:
                task.cancel()

    async def _all_over(self) -> bool:
        [left] = await self.rows(
            "select (select count(*) from inbox) + (select count(*) from routing_item where ended_at is null) as open"
        )
        return left["open"] == 0

    async def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        connection = await asyncpg.connect(self.console.database_url)
        try:
            return [dict(row) for row in await connection.fetch(query, *values)]
        finally:
            await connection.close()

    # --- what must hold afterwards -----------------------------------------------------------------------------------

    async def proves(self) -> None:
        self._nobody_shared_an_item()
        await self._no_call_was_lost()
        await self._whatever_was_promised_was_kept()
        await self._nobody_was_charged_a_miss_but_for_their_own()
        await self._the_order_was_exact()
        assert self.console.check()["decisions"] > len(self.calls)

    def _nobody_shared_an_item(self) -> None:
        assert not {item: who for item, who in self.seen.started.items() if len(who) > 1}
        owners: dict[str, set[str]] = {}
        for item, agent in self.seen.accepted.values():
            owners.setdefault(item, set()).add(agent)
        assert not {item: who for item, who in owners.items() if len(who) > 1}

    async def _no_call_was_lost(self) -> None:
        ends = await self.rows(
            "select c.external_id as call, r.state, c.state as call_state,"
            " (select count(*) from assignment a where a.item = r.id) as owners,"
            " (select count(*) from activity a where a.data->>'call' = c.external_id) as noted"
            " from call c left join work w on w.call = c.id left join routing_item r on r.id = w.item"
        )
        assert len(ends) == len(self.calls)
        assert {end["call"] for end in ends} == {caller.call for caller in self.calls}
        late = {caller.call for caller in self.calls if caller.late}
        for end in ends:
            assert end["call_state"] == "ended", end
            assert end["noted"] >= 1, end
            if end["call"] in late:
                assert end["state"] is None, end
            else:
                assert end["state"] == ("completed" if end["owners"] else "abandoned"), end
                assert end["owners"] <= 1, end
        assert sum(end["owners"] for end in ends) > len(self.calls) * 0.7

    async def _whatever_was_promised_was_kept(self) -> None:
        kept = await self.rows("select id::text, item::text, agent from routing_offer where state = 'accepted'")
        accepted = {row["id"]: (row["item"], row["agent"]) for row in kept}
        assert {offer: accepted.get(offer) for offer in self.seen.accepted} == self.seen.accepted
        events = await self.rows("select count(*) from call_event")
        assert events[0]["count"] <= self.seen.told
        assert {status for (_, status), count in self.seen.answers.items() if count} <= {200, 202, 204, 409}

    async def _nobody_was_charged_a_miss_but_for_their_own(self) -> None:
        missed = await self.rows("select id::text from routing_offer where state = 'timed_out'")
        assert {row["id"] for row in missed} <= self.seen.ignored
        assert missed

    async def _the_order_was_exact(self) -> None:
        connection = await asyncpg.connect(self.console.database_url)
        order, wrong = await out_of_order(connection)
        await connection.close()
        assert not wrong, wrong[:20]
        assert order.offers > len(self.calls) * 0.7
        assert order.contended > len(self.calls) / 4, "the day was too calm to prove the order of items"
        assert order.rivalled > 10, "the day was too busy to prove the order of agents"


@dataclass
class Centre:
    """Configured once: its commands take longer than a database takes to copy."""

    database: str
    tokens: dict[str, str]
    phone_token: str


@pytest.fixture(scope="module")
def centre(server_address: str, tmp_path_factory: pytest.TempPathFactory) -> Centre:
    database = f"load_{os.getpid()}"
    asyncio.run(on_server(server_address, f"create database {database} strategy file_copy"))
    with Console(tmp_path_factory.mktemp("load"), url_of(server_address, database)) as console:
        console.run("migrate")
        console.apply(centre_yaml())
        names = sorted(agents())
        assert len(names) == AGENTS
        return Centre(database, console.tokens(names), console.phone_token())


@pytest.fixture
async def day(
    centre: Centre, server_address: str, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Day]:
    database = f"{centre.database}_{tmp_path.name}"
    await on_server(server_address, f"create database {database} template {centre.database} strategy file_copy")
    with Console(tmp_path, url_of(server_address, database)) as console:
        yield Day(console, centre.tokens, centre.phone_token, Seen(), callers(request.param))
    await on_server(server_address, f"drop database {database} with (force)")


@pytest.mark.parametrize("day", [CALLS_UNDISTURBED], indirect=True)
async def test_every_call_of_a_busy_day_goes_to_its_one_agent_in_its_order(day: Day) -> None:
    await day.run(day.console.serve())

    await day.proves()


@pytest.mark.parametrize("day", [CALLS], indirect=True)
async def test_a_console_that_is_killed_in_the_middle_and_started_again_loses_nothing(day: Day) -> None:
    async def kill(day: Day, node: Serve) -> None:
        await day.seen.until_started(CALLS // 3)
        node.kill()
        again = day.console.serve(node.port)
        await again.ready()

    await day.run(day.console.serve(), kill)

    await day.proves()
