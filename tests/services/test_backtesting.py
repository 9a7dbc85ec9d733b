"""A time of the centre's own record, run again through another configuration."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from console.cli import console
from console.cli.comparison import compared
from console.config import parse
from console.errors import BadInput, NotAllowed, NotFound
from console.people.who import OPERATOR
from console.services import backtesting, offers
from console.services.backtesting import Backtest
from tests.house import CENTRE, NOON, House

QUIET = CENTRE.replace("wrap_up: 30s", "wrap_up: 0s")


async def an_hour(house: House) -> None:
    """Ana alone serves faults, a call of two minutes each three; every fourth caller hangs up after ten seconds."""
    await house.apply(QUIET)
    async with house.listening("ana"):
        await house.become("ana")
        for number in range(4):
            await house.tell(house.arrived(f"c{number}"))
            for offer in await house.rows("select id from routing_offer where state = 'open'"):
                await house.pass_time(1)
                await house.both(offers.accept(house.ctx, house.principal("ana"), offer_id=offer["id"]))
            if number % 4 == 3:
                await house.tell(house.arrived(f"lost{number}"))
                await house.pass_time(10)
                await house.tell(house.ended(f"lost{number}"))
            await house.pass_time(120)
            await house.tell(house.ended(f"c{number}"))
            await house.pass_time(60)


async def ran_again(house: House, text: str, **more: Any) -> Backtest:
    given = {"since": NOON - timedelta(minutes=1), "until": house.clock.at, "seed": 1, **more}
    return await backtesting.backtest(house.ctx, OPERATOR, centre=parse.parse(text, by_number=True), **given)


async def test_the_same_configuration_changes_nothing(house: House) -> None:
    await an_hour(house)

    found = await ran_again(house, QUIET)

    assert found.old == found.new
    assert (found.recorded.total.offered, found.old.total.offered) == (5, 5)
    assert (found.recorded.total.answered, found.recorded.total.abandoned) == (4, 1)
    assert (found.old.total.answered, found.old.total.abandoned) == (4, 1)
    assert found.recorded.agents["ana"].served == found.old.agents["ana"].served == 4
    # Two minutes of work in each three; agents of a simulation answer at once, Ana took a second.
    assert found.old.occupancy == pytest.approx(0.66, abs=0.03)
    assert found.recorded.total.asa_s == pytest.approx(1.0, abs=0.1)
    assert found.old.total.asa_s == pytest.approx(0.0, abs=0.1)


async def test_two_more_agents_lose_nobody(house: House) -> None:
    await an_hour(house)
    more = QUIET.replace("agents:\n", "agents:\n  - {count: 2, name: new, skills: {fibre: 4}}\n")

    found = await ran_again(house, more)

    assert (found.new.total.answered, found.new.total.abandoned) == (5, 0)
    assert found.new.total.service_level == 1.0
    assert found.added == ("new#1", "new#2")
    assert found.new.agents["ana"].served < 4


async def test_a_queue_that_asks_more_starves_for_the_skill(house: House) -> None:
    await an_hour(house)
    harder = QUIET.replace("requires: {fibre: 3}", "requires: {fibre: 6}")

    found = await ran_again(house, harder)

    assert found.old.skills["fibre"].starved_s == 0
    assert found.new.total.answered == 0
    assert found.new.skills["fibre"].starved_s == pytest.approx(found.new.skills["fibre"].mean_wait_s * 5, rel=0.2)


async def test_routing_rules_are_asked_anew(house: House) -> None:
    await an_hour(house)
    elsewhere = QUIET.replace("queue: faults}", "queue: general}")

    found = await ran_again(house, elsewhere)

    assert set(found.old.queues) == {"faults"}
    assert set(found.new.queues) == {"general"}


async def test_it_is_printed_side_by_side(house: House) -> None:
    await an_hour(house)

    told = compared(await ran_again(house, QUIET))

    assert "as it was" in told
    assert "queue faults" in told
    assert any(line.split()[:2] == ["service", "level"] for line in told.splitlines())


async def test_nothing_recorded_and_times_that_are_none_are_refused(house: House) -> None:
    with pytest.raises(NotFound):
        await ran_again(house, QUIET)
    with pytest.raises(BadInput):
        await ran_again(house, QUIET, since=NOON, until=NOON)
    with pytest.raises(NotAllowed):
        await backtesting.backtest(
            house.ctx, house.principal("ana"), centre=parse.parse(QUIET), since=NOON, until=NOON, seed=1
        )


async def test_the_command_prints_json_alone(house: House, database_url: str, tmp_path: Any) -> None:
    await an_hour(house)
    (tmp_path / "changed.yaml").write_text(QUIET)
    env = {"CONSOLE_DATABASE_URL": database_url, "CONSOLE_DATA_DIR": str(tmp_path), "CONSOLE_REDIS_URL": ""}
    words = ["simulate", str(tmp_path / "changed.yaml"), "--recorded", "--json", "--seed", "1"]
    span = ["--from", (NOON - timedelta(minutes=1)).isoformat(), "--to", house.clock.at.isoformat()]

    told = await asyncio.to_thread(CliRunner().invoke, console, [*words, *span], env=env)
    wrong = await asyncio.to_thread(CliRunner().invoke, console, words, env=env)

    assert json.loads(told.stdout)["old"]["total"]["offered"] == 5
    assert msgspec.json.decode(told.stdout, type=Backtest).seed == 1
    assert wrong.exit_code == 2
