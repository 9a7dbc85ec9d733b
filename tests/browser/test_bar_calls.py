"""Calls that are really moved from the Bar: a browser, a node, and an exchange that does as it is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from console.bootstrap import context
from console.db.engine import Database
from console.live.nudge import Nudges
from console.people.who import OPERATOR
from console.services import configuration, people
from console.settings import load
from tests.browser.conftest import PASSWORD, Centre, available, bar, person_at, settled, sign_in
from tests.browser.exchange import Exchange

CENTRE = """
version: 1
skills: [fibre]
telephony:
  - {name: pbx, kind: asterisk-ari, url: "http://127.0.0.1:9", user: console, secret: x}
queues:
  - {name: faults, channel: voice, requires: {fibre: 3}, offer: {timeout: 20s}, wrap_up: 60s}
  - {name: general, channel: voice, wrap_up: 60s}
agents:
  - {username: nadia, name: Nadia Rahimi, skills: {fibre: 5}, endpoint: PJSIP/nadia, queues: [faults]}
  - {username: diego, name: Diego Santos, skills: {fibre: 4}, endpoint: PJSIP/diego, queues: [general]}
routing:
  - {queue: faults}
"""


@dataclass
class Desk:
    """Nadia's page, and the exchange behind it."""

    page: Page
    exchange: Exchange
    centre: Centre

    async def in_a_call(self) -> None:
        await available(self.page)
        self.exchange.ring("c1")
        await bar(self.page, "offer")
        await self.page.keyboard.press("Alt+a")
        await self.page.wait_for_selector("#bar-hold")
        await settled(self.page)

    async def key(self, key: str, then: str) -> None:
        """Press it, and wait for what the Bar then is."""
        await settled(self.page)
        await self.page.keyboard.press(key)
        await self.page.wait_for_selector(then)


@pytest.fixture
async def desk(browser: Browser, database: Database, tmp_path: Path, database_url: str) -> AsyncIterator[Desk]:
    environment = {"CONSOLE_SECRET_KEY": "k" * 32, "CONSOLE_DATA_DIR": str(tmp_path)}
    settings = load(environment | {"CONSOLE_DATABASE_URL": database_url})
    async with AsyncExitStack() as stack:
        nudges = await stack.enter_async_context(Nudges(None).running())
        exchange = Exchange()
        ctx = context(settings, database, nudges)
        centre = Centre(database, ctx, settings, 0, nudges, dial=lambda _: exchange)
        await configuration.apply(centre.ctx, OPERATOR, text=CENTRE)
        for username in ("nadia", "diego"):
            await people.create_user(centre.ctx, OPERATOR, username=username, role="agent", password=PASSWORD)
        await centre.start()
        stack.push_async_callback(centre.stop)
        person = await stack.enter_async_context(person_at(browser, centre.url))
        yield Desk(await sign_in(person, "nadia"), exchange, centre)


async def test_a_call_is_held_taken_back_muted_and_hung_up_by_keys(desk: Desk) -> None:
    await desk.in_a_call()
    await desk.key("Alt+l", "#bar.hold")
    await expect(desk.page.locator("#polite")).to_contain_text("The caller hears music")
    await expect(desk.page.locator("#state-open")).to_contain_text("On hold")
    await desk.key("Alt+l", "#bar.call")
    await desk.key("Alt+m", '#bar-mute[aria-pressed="true"]')
    await desk.key("Alt+m", '#bar-mute[aria-pressed="false"]')
    await desk.key("Alt+q", "#bar.wrapup")


async def test_a_silent_phone_system_is_said_and_nothing_has_changed(desk: Desk) -> None:
    await desk.in_a_call()
    desk.exchange.mood = "silent"
    await desk.page.keyboard.press("Alt+l")
    await desk.page.wait_for_selector("#bar-hold[data-ui-pending]")
    await expect(desk.page.locator("#refusal")).to_contain_text("Hold did not work")
    await expect(desk.page.locator("#refusal")).to_contain_text("did not answer in 2 s. The caller still hears you.")
    await expect(desk.page.locator("#bar.call")).to_be_visible()
    desk.exchange.mood = "does"
    await desk.page.click("#refusal-again")
    await bar(desk.page, "hold")
    await expect(desk.page.locator("#refusal")).to_be_empty()


async def test_digits_reach_the_exchange_in_order(desk: Desk) -> None:
    await desk.in_a_call()
    await desk.page.click("#bar-digits")
    await desk.page.keyboard.type("120#")
    await expect(desk.page.locator("#digits-sent")).to_have_text("120#")
    assert desk.exchange.digits == "120#"


async def test_a_button_of_work_that_is_over_does_nothing_and_says_so(desk: Desk) -> None:
    await desk.in_a_call()
    path = await desk.page.get_attribute("#bar-hold", "hx-post")
    desk.exchange.leave("c1")
    await bar(desk.page, "wrapup")
    await desk.page.evaluate("(path) => htmx.ajax('POST', path, {source: document.body, swap: 'none'})", path)
    await expect(desk.page.locator("#refusal")).to_contain_text("This call has ended or was handed on")


async def test_a_colleague_is_asked_joins_and_takes_the_call_over(desk: Desk, browser: Browser) -> None:
    async with person_at(browser, desk.centre.url) as other:
        diego = await sign_in(other, "diego")
        await available(diego)
        await desk.in_a_call()
        await desk.page.keyboard.press("Alt+r")
        await desk.page.keyboard.type("diego")
        await expect(desk.page.locator("#transfer-words")).to_have_text("Ask Diego Santos")
        await desk.page.keyboard.press("Enter")
        await desk.page.wait_for_selector("#bar-complete")
        await expect(desk.page.locator("#bar")).to_contain_text("Asking Diego Santos")
        await expect(diego.locator("#bar")).to_contain_text("Nadia Rahimi asks you about")
        await settled(desk.page)
        await desk.page.click("#bar-conference")
        await expect(desk.page.locator("#bar")).to_contain_text("All three talk")
        await desk.key("Alt+r", "#bar.idle")
        await bar(diego, "call")


async def test_a_call_goes_straight_over_to_a_queue_with_its_note(desk: Desk) -> None:
    await desk.in_a_call()
    await desk.page.locator("#note textarea").press_sequentially("Red light.")
    await desk.page.keyboard.press("Alt+r")
    await desk.page.keyboard.type("general")
    await expect(desk.page.locator("#transfer-words")).to_have_text("Send to general")
    async with desk.page.expect_response("**/transfer") as answered:
        await desk.page.keyboard.press("Enter")
    assert (await answered.value).status == 204
    await desk.page.wait_for_selector("#bar:not(.call)")
