"""What two authors wrote and published leads an agent through a call, and goes along with the case."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from console.bootstrap import context
from console.db.engine import Database
from console.live.nudge import Nudges
from console.people.who import OPERATOR
from console.services import configuration, people
from console.settings import load
from tests.browser.conftest import PASSWORD, Centre, available, bar, person_at, sign_in

CENTRE = """
version: 1
telephony:
  - {name: pbx, kind: cloudevents, secret: "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"}
queues:
  - {name: faults, channel: voice, wrap_up: open}
  - {name: tier2, channel: case}
agents:
  - {username: nadia, name: Nadia Rahimi, queues: [faults], endpoint: PJSIP/nadia}
  - {username: ilse, name: Ilse Vermeer, roles: [author], queues: []}
  - {username: jonas, name: Jonas Berg, roles: [author], queues: []}
routing:
  - {queue: faults}
"""
SCRIPT = """script: no-service
title: Fibre fault, no service
languages: [en]
when: queue == "faults"
steps:
  - step: light
    title: Which light is on?
    say: On the white box, what colour is the light marked Optical?
    ask: choice
    answers:
      green: {label: "Green, steady", go: done}
      red: {label: "Red optical light", go: done}
  - step: done
    say: Thank you for calling.
    end: solved
"""
ARTICLE = "# Red optical light\n\nAfter a power cut the optical light stays red for ninety seconds. Wait, then look at the fibre lead."


@pytest.fixture
async def centre(database: Database, database_url: str, tmp_path: Path) -> AsyncIterator[Centre]:
    environment = {"CONSOLE_SECRET_KEY": "k" * 32, "CONSOLE_DATA_DIR": str(tmp_path)}
    settings = load(environment | {"CONSOLE_DATABASE_URL": database_url})
    async with Nudges(None).running() as nudges:
        centre = Centre(database, context(settings, database, nudges), settings, 0, nudges)
        await configuration.apply(centre.ctx, OPERATOR, text=CENTRE)
        for username in ("nadia", "ilse", "jonas"):
            await people.set_password(centre.ctx, OPERATOR, username=username, password=PASSWORD)
        await centre.start()
        yield centre
        await centre.stop()


async def test_an_author_writes_another_publishes_and_an_agent_is_led_through_a_call(
    centre: Centre, browser: Browser
) -> None:
    async with person_at(browser, centre.url) as author, person_at(browser, centre.url) as other:
        ilse, jonas = await author.new_page(), await other.new_page()
        await entered(ilse, "ilse")
        await entered(jonas, "jonas")
        await script_published(ilse, jonas)
        number = await article_published(ilse, jonas)

    async with person_at(browser, centre.url) as nadia:
        page = await sign_in(nadia, "nadia")
        await available(page)
        await centre.ring("c1")
        await bar(page, "offer")
        await page.keyboard.press("Alt+a")
        await centre.answer("c1")
        await bar(page, "call")
        await expect(page.locator("#script")).to_contain_text("what colour is the light marked Optical?")
        await page.keyboard.press("Alt+g")
        await page.keyboard.press("2")
        await page.keyboard.press("Enter")
        await expect(page.locator("#script")).to_contain_text("Was there a power cut?")
        await page.reload()
        await expect(page.locator("#script")).to_contain_text("Was there a power cut?")

        await expect(page.locator("#kb-suggestions")).to_contain_text("Red optical light")
        await page.click(f"#suggested-{number}")
        await expect(page.locator("#knowledge")).to_contain_text("ninety seconds")
        await page.click("#kb-use")
        await expect(page.locator("#timeline")).to_contain_text("Red optical light")
        await page.keyboard.press("Alt+g")
        await page.keyboard.press("1")
        await page.keyboard.press("Enter")
        await expect(page.locator("#script")).to_contain_text("Thank you for calling.")
        await expect(page.locator("#timeline")).to_contain_text("Fibre fault, no service")

        await page.keyboard.press("e")
        await page.select_option("#escalate-to", "queue:tier2")
        await page.fill("#escalate-reason", "The lead looks bent")
        await page.click("#escalate-act")
        await expect(page.locator("#timeline")).to_contain_text("The lead looks bent")
        number_of_case = (await page.locator("#case-link").inner_text()).strip()
        await page.goto(f"/desk/cases/{number_of_case}/handover")
        await expect(page.locator("#main")).to_contain_text("Fibre fault, no service")
        await expect(page.locator("#main")).to_contain_text("Red optical light")


async def entered(page: Page, username: str) -> None:
    await page.request.post("/login", form={"username": username, "password": PASSWORD}, max_redirects=0)


async def script_published(ilse: Page, jonas: Page) -> None:
    await ilse.goto("/scripts")
    await ilse.fill("#new-title", "Fibre fault, no service")
    await ilse.fill("#new-name", "no-service")
    await ilse.click("#new-go")
    await ilse.check("#as-text", force=True)
    async with ilse.expect_response("**/scripts/no-service/draft"):
        await ilse.fill("#source", SCRIPT)
    await power_asked(ilse)
    await ilse.click("#submit-open")
    await ilse.click("#submit-go")
    await expect(ilse.locator("#script-head")).to_contain_text("Somebody else publishes it")
    await jonas.goto("/scripts/no-service")
    await jonas.click("#publish")
    await expect(jonas.locator("#script-head .life [aria-current=step]")).to_contain_text("Published")


async def power_asked(ilse: Page) -> None:
    """A step is written in the form, and the text follows; what is undone is gone from both."""
    await ilse.check("#as-flow", force=True)
    await ilse.click("#step-light")
    await ilse.keyboard.press("n")
    await expect(ilse.locator("#new-title")).to_be_focused()
    await ilse.keyboard.type("Was there a power cut?")
    await ilse.keyboard.press("Enter")
    await expect(ilse.locator("#script-form h2")).to_contain_text("2 · Was there a power cut?")
    await expect(ilse.locator("#f-say")).to_be_focused()
    await ilse.focus("#box-was_there_a_power_cut")
    await ilse.keyboard.press("ArrowUp")
    await ilse.keyboard.press("Enter")
    await expect(ilse.locator("#script-form h2")).to_contain_text("1 · Which light is on?")
    written = re.compile("go: was_there_a_power_cut")
    await ilse.select_option("#f-answer-1-go", "was_there_a_power_cut")
    await expect(ilse.locator("#source")).to_have_value(written)
    await ilse.click("#step-undo")
    await expect(ilse.locator("#f-answer-1-go")).to_have_value("done")
    await expect(ilse.locator("#source")).not_to_have_value(written)
    await ilse.select_option("#f-answer-1-go", "was_there_a_power_cut")
    await expect(ilse.locator("#source")).to_have_value(written)


async def article_published(ilse: Page, jonas: Page) -> str:
    await ilse.goto("/kb/articles")
    await ilse.click("#new-open")
    await ilse.fill("#new-name", "Red optical light")
    await ilse.click("#new-go")
    await ilse.wait_for_url("**/edit")
    number = ilse.url.split("/")[-2]
    async with ilse.expect_response(f"**/kb/{number}/save"):
        await ilse.fill("#ed-body", ARTICLE)
    await ilse.click("#ed-submit-open")
    await ilse.click("#ask-go")
    await expect(ilse.locator("#ed-locked")).to_be_visible()
    await jonas.goto(f"/kb/{number}/edit")
    await jonas.click("#ed-approve")
    await jonas.click("#ed-publish")
    await expect(jonas.locator("#ed-read")).to_be_visible()
    return number
