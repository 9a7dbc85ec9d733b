"""`check` and `replay` over the journal that a real router wrote."""

from __future__ import annotations

from datetime import timedelta

import pytest

from console.db.engine import driver
from console.errors import NotAllowed
from console.people.who import OPERATOR
from console.services import offers, proving
from tests.house import CENTRE, House


async def a_morning(house: House) -> None:
    """Calls that are answered, that wait, that are lost; a new configuration; one that ends."""
    async with house.listening("ana"), house.listening("ben"):
        for name in ("ana", "ben"):
            await house.become(name)
        for call in ("c1", "c2", "c3"):
            await house.tell(house.arrived(call))
        for offer in await house.rows("select id, agent from routing_offer where state = 'open'"):
            await house.both(offers.accept(house.ctx, house.principal(offer["agent"]), offer_id=offer["id"]))
        await house.apply(CENTRE.replace("priority: 5", "priority: 6"))
        await house.tell(house.ended("c3"))
        await house.tell(house.ended("c1"))
        await house.pass_time(40)


async def change(house: House, statement: str, *values: object) -> None:
    async with house.ctx.db.transaction() as db:
        assert await (await driver(db)).execute(statement, *values) == "UPDATE 1"


async def test_all_is_well_and_the_same_again(house: House) -> None:
    await a_morning(house)

    checked = await proving.check(house.ctx, OPERATOR)
    replayed = await proving.replay(house.ctx, OPERATOR)

    assert checked.clean
    assert checked.decisions == replayed.decisions > 10
    assert checked.latency is not None
    assert checked.latency.decisions > 5
    assert replayed.same


async def test_both_can_begin_later(house: House) -> None:
    await a_morning(house)
    noon = house.clock.at
    await house.pass_time(3600)
    async with house.listening("ana"):
        await house.become("ana")
        await house.tell(house.arrived("c9"))

        checked = await proving.check(house.ctx, OPERATOR, since=noon + timedelta(minutes=30))
        replayed = await proving.replay(house.ctx, OPERATOR, since=noon + timedelta(minutes=30))

        assert checked.clean
        assert replayed.same
        assert 0 < checked.decisions == replayed.decisions < 10


async def test_a_row_that_was_tampered_with_is_found_by_both(house: House) -> None:
    await a_morning(house)
    [first] = await house.rows("select min(decision) as n from decision_row where row->>'state' = 'offered'")
    await change(
        house,
        """update decision_row set row = jsonb_set(row, '{needs}', '{"fibre": 1}')
           where kind = 'item' and row->>'state' = 'offered' and decision = $1""",
        first["n"],
    )

    checked = await proving.check(house.ctx, OPERATOR)
    replayed = await proving.replay(house.ctx, OPERATOR)

    assert (checked.violations[0].guarantee, checked.violations[0].code) == (3, "requirement_wrong")
    assert checked.violations[0].decision == first["n"]
    assert replayed.difference is not None
    assert replayed.difference.decision == first["n"]
    assert replayed.difference.what.startswith("item ")


async def test_an_order_that_was_tampered_with_names_its_fact(house: House) -> None:
    await a_morning(house)
    [late] = await house.rows("select max(number) as n from decision where orders::text like '%MakeOffer%'")
    await change(house, "update decision set orders = '[]' where number = $1", late["n"])

    replayed = await proving.replay(house.ctx, OPERATOR)

    assert replayed.difference is not None
    assert (replayed.difference.decision, replayed.difference.what) == (late["n"], "orders")
    [fact] = await house.rows("select fact_id from decision where number = $1", late["n"])
    assert replayed.difference.fact_id == fact["fact_id"]


async def test_only_who_configures_may_ask(house: House) -> None:
    for asking in (proving.check, proving.replay):
        with pytest.raises(NotAllowed):
            await asking(house.ctx, house.principal("ana"))
