"""Contracts as cases use them up: once each, by the days of the contract, and by the hours that were spent."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import pytest

from console.cases.case import Change, Status
from console.cases.contract import Terms
from console.cases.customer import Described, Particulars
from console.errors import BadInput, NotAllowed, StaleRecord
from console.people.who import OPERATOR
from console.services import accounts, cases, configuration, contracts, customers, reopening
from console.services.cases import Registration
from console.services.contracts import Covered
from tests.house import CENTRE, House

PHONE = "+441314960182"
TERMS = Terms(
    number="4471",
    name="Fibre",
    level="gold",
    starts_on=date(2026, 1, 1),
    ends_on=date(2026, 11, 20),
    included_cases=2,
    included_hours=1,
)


async def covered(house: House, terms: Terms = TERMS) -> Covered:
    """A contract of the account of whoever has PHONE."""
    account = await accounts.create(house.ctx, OPERATOR, name="Harbour Street Dental")
    known = Particulars(name="Marta", account=account.id, phones=(PHONE,))
    await customers.create(house.ctx, OPERATOR, particulars=known)
    return await contracts.create(house.ctx, OPERATOR, terms=terms, account=account.id, customer=None)


async def register(house: House) -> str:
    registration = Registration(subject="Red light", via="email", customer=Described(phone=PHONE))
    made = await cases.register(house.ctx, OPERATOR, registration=registration)
    await house.settle()
    return made.number


async def left(house: House, contract: Covered) -> tuple[int | None, float | None]:
    now = await contracts.show(house.ctx, OPERATOR, contract_id=contract.contract.id)
    return now.entitlement.cases_left, now.entitlement.hours_left


async def test_a_case_counts_once_against_the_contract_of_its_day_and_keeps_it(house: House) -> None:
    contract = await covered(house)
    number = await register(house)
    assert await left(house, contract) == (1, 1)

    await cases.change(house.ctx, OPERATOR, number=number, change=Change(status=Status.RESOLVED))
    await house.settle()
    house.clock.at += timedelta(days=1)
    await reopening.reopen(house.ctx, OPERATOR, number=number)
    await house.settle()
    later = await register(house)

    # Reopening counts nothing; its promises outlive the contract, which ended midway, and covers no new case.
    shown = await cases.show(house.ctx, OPERATOR, number=number)
    assert shown.contract is not None
    assert shown.contract.contract.number == "4471"
    assert await left(house, contract) == (1, 1)
    assert (await cases.show(house.ctx, OPERATOR, number=later)).contract is None


async def test_a_call_counts_its_case_and_the_hours_of_talk_and_wrap_up(house: House) -> None:
    contract = await covered(house)
    async with house.listening("ana"):
        await house.become("ana")
        await house.tell(house.arrived("c1"), house.answered("c1", "PJSIP/ana"))
        await house.pass_time(870)
        await house.tell(house.ended("c1"))
        await house.pass_time(30)

    assert await left(house, contract) == (1, 0.75)
    [number] = await house.rows('select number from "case"')
    await contracts.write_time(house.ctx, OPERATOR, number=number["number"], seconds=1800, note="letter")
    assert await left(house, contract) == (1, 0.25)


async def test_two_cases_at_once_are_two_and_a_third_is_over_what_was_agreed(house: House) -> None:
    contract = await covered(house)

    await asyncio.gather(*(register(house) for _ in range(3)))

    assert await left(house, contract) == (-1, 1)


async def test_conditions_of_routing_know_the_contract(house: House) -> None:
    rule = """  - {when: 'contract != null && contract.level == "gold"', queue: desk, set: {priority: 9}}\nrouting:"""
    text = CENTRE.replace("routing:", "routing:\n" + rule.removesuffix("\nrouting:"), 1)
    await configuration.apply(house.ctx, OPERATOR, text=text)
    await covered(house)

    await register(house)

    assert [row["priority"] for row in await house.rows("select priority from routing_item")] == [9]
    with pytest.raises(BadInput) as refused:
        await configuration.apply(house.ctx, OPERATOR, text=text.replace("contract.level", "contract.colour"))
    assert "unknown member contract.colour" in refused.value.errors[0].detail


async def test_contracts_are_kept_by_supervisors_and_a_stale_change_is_refused(house: House) -> None:
    contract = await covered(house)
    changes = {"included_cases": 5}
    with pytest.raises(NotAllowed):
        await contracts.change(house.ctx, house.principal("ana"), contract_id=contract.contract.id, changes=changes)
    sue = house.principal("sue", "supervisor")

    after = await contracts.change(house.ctx, sue, contract_id=contract.contract.id, changes=changes, if_match=1)

    assert after.contract.version == 2
    with pytest.raises(StaleRecord):
        await contracts.change(house.ctx, sue, contract_id=contract.contract.id, changes=changes, if_match=1)
    for field, wrong in (("sla", {"sla": "platinum"}), ("ends_on", {"ends_on": date(2020, 1, 1)})):
        with pytest.raises(BadInput) as refused:
            await contracts.change(house.ctx, sue, contract_id=contract.contract.id, changes=wrong)
        assert [error.field for error in refused.value.errors] == [field]
    [kept] = await house.rows("select by, data from audit where what = 'contract_set' and by = 'sue'")
    assert kept["data"]["changes"] == {"included_cases": [2, 5]}
