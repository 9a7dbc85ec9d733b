"""One promise from the call to its end: broken while everything was down, handed on by itself, and kept by who took it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from console.bootstrap import context
from console.cases.contract import Terms
from console.cases.customer import Described, Particulars
from console.db.engine import Database
from console.live.nudge import Nudges
from console.people.who import OPERATOR
from console.services import accounts, cases, configuration, contracts, customers, people, promises, proving, reopening
from console.services.cases import Registration
from console.settings import load
from tests.browser.conftest import PASSWORD, Centre, bar, person_at, settled, sign_in

PHONE = "+441314960182"
TARGET = timedelta(hours=4)
CENTRE = """
version: 1
skills: [engineering]
telephony:
  - {name: pbx, kind: cloudevents, secret: "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"}
sla:
  gold:
    clocks:
      resolution: {target: 4h, warn: 3h, pause_when: [pending], on_breach: [{escalate: {ladder: engineers}}, {notify: supervisors}]}
escalations:
  - {name: engineers, levels: [{queue: tier2, take_within: 30m}]}
queues:
  - {name: faults, channel: voice, wrap_up: 0s}
  - {name: letters, channel: case}
  - {name: tier2, channel: case, requires: {engineering: 3}}
agents:
  - {username: nadia, name: Nadia Rahimi, capacity: {voice: 1, case: 2}, queues: [faults, letters], endpoint: PJSIP/nadia}
  - {username: diego, name: Diego Santos, capacity: {case: 2}, queues: [tier2], skills: {engineering: 4}}
routing:
  - {when: 'channel == "case"', queue: letters}
  - {queue: faults}
"""


@dataclass
class Shifted:
    """The time of this machine, and as much later as the story is further on."""

    by: timedelta = field(default_factory=timedelta)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.by


@pytest.fixture
async def clock() -> Shifted:
    return Shifted()


@pytest.fixture
async def centre(database: Database, database_url: str, tmp_path: Path, clock: Shifted) -> AsyncIterator[Centre]:
    environment = {"CONSOLE_SECRET_KEY": "k" * 32, "CONSOLE_DATA_DIR": str(tmp_path)}
    settings = load(environment | {"CONSOLE_DATABASE_URL": database_url})
    async with Nudges(None).running() as nudges:
        centre = Centre(database, context(settings, database, nudges, clock), settings, 0, nudges, clock=clock)
        await configuration.apply(centre.ctx, OPERATOR, text=CENTRE)
        for username in ("nadia", "diego"):
            await people.create_user(centre.ctx, OPERATOR, username=username, role="agent", password=PASSWORD)
        await centre.start()
        yield centre
        await centre.stop()


async def entitled(centre: Centre) -> str:
    """A customer whose organisation has a contract with ten cases in it; the contract's id."""
    account = await accounts.create(centre.ctx, OPERATOR, name="Harbour Street Dental")
    terms = Terms(number="4471-0926", name="Business Fibre", starts_on=date(2020, 1, 1), sla="gold", included_cases=10)
    covered = await contracts.create(centre.ctx, OPERATOR, terms=terms, account=account.id, customer=None)
    particulars = Particulars(name="Marta Kowalczyk", account=account.id, phones=(PHONE,))
    await customers.create(centre.ctx, OPERATOR, particulars=particulars)
    return covered.contract.id


async def ready(page: Page) -> None:
    """By the key; something waits already, and is offered at once."""
    await settled(page)
    await page.keyboard.press("Alt+a")


async def status(page: Page, to: str) -> None:
    """The case on the desk gets that status."""
    await page.click("#case-edit-open")
    await page.select_option("#case-status", to)
    await page.click("#case-save")
    await expect(page.locator("#case-edit")).to_be_hidden()


async def test_a_broken_promise_is_handed_on_once_with_everything_and_is_kept_by_who_takes_it(
    centre: Centre, clock: Shifted, browser: Browser
) -> None:
    contract = await entitled(centre)
    registration = Registration(subject="No internet", via="web", customer=Described(phone=PHONE))
    case = await cases.register(centre.ctx, OPERATOR, registration=registration)
    clock.by += timedelta(minutes=30)

    async with person_at(browser, centre.url) as nadia:
        page = await sign_in(nadia, "nadia")
        await ready(page)
        # She is offered the letter, for nothing else waits, and then their call, which is about it.
        await bar(page, "offer")
        await page.keyboard.press("Alt+a")
        await expect(page.locator("#case h1")).to_have_text("No internet")
        await centre.ring("c1", caller=PHONE)
        await bar(page, "offer")
        await expect(page.locator("#offer")).to_contain_text(case.number)
        await page.keyboard.press("Alt+a")
        await centre.answer("c1")
        await bar(page, "call")
        await page.locator("#note textarea").fill("Optical light is red")
        await page.click("#note-add")
        await expect(page.locator("#timeline")).to_contain_text("Optical light is red")
        await expect(page.locator("#customer")).to_contain_text("Business Fibre")
        await centre.hang_up("c1")
        await page.goto(f"/desk/cases/{case.number}")
        await status(page, "pending")
        await expect(page.locator("#clocks")).to_contain_text("Paused")

    clock.by += timedelta(hours=2)
    await reopening.hear(centre.ctx, OPERATOR, number=case.number, text="It is red again", via="email")
    clock.by += timedelta(hours=1)
    await centre.stop()
    clock.by += timedelta(hours=5)
    await centre.renew()

    async with person_at(browser, centre.url) as diego:
        page = await sign_in(diego, "diego")
        await ready(page)
        await bar(page, "handover")
        await page.click("#offer-packet-all")
        await bar(page, "handover")
        await expect(page.locator("#packet")).to_contain_text("Optical light is red")
        await page.keyboard.press("Alt+a")
        await bar(page, "idle")
        await page.goto(f"/desk/cases/{case.number}")
        await status(page, "resolved")
        await expect(page.locator("#clocks")).to_contain_text("Met, 2h 30m over")

    [resolution] = await promises.of_case(centre.ctx, OPERATOR, number=case.number)
    counted = [one for one in resolution.segments if one.kind == "counted"]
    assert sum((one.until - one.since for one in counted), timedelta()) == resolution.elapsed
    assert TARGET < resolution.elapsed < timedelta(hours=6, minutes=40)
    assert [one.kind for one in resolution.segments] == ["counted", "paused", "counted"]
    found = await cases.show(centre.ctx, OPERATOR, number=case.number)
    told = [entry.kind for entry in found.timeline]
    assert told.count("escalated") == 1
    assert told.count("acknowledged") == 1
    assert found.case.owner == "diego"
    used = await contracts.show(centre.ctx, OPERATOR, contract_id=contract)
    assert used.entitlement.used_cases == 1
    proven = await proving.check(centre.ctx, OPERATOR)
    assert proven.clean
    assert proven.clocks == 1
