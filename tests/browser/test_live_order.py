"""The floor under a supervisor's hand: rows change where they stand, and none comes, goes or moves."""

from __future__ import annotations

from playwright.async_api import BrowserContext, Page, expect

from console.people.who import OPERATOR
from console.services import configuration
from tests.browser.conftest import CENTRE, Centre, sign_in
from tests.browser.test_floor import order

BRIEF = "  - {name: brief, channel: voice, offer: {timeout: 1s}}\n"
TO_BRIEF = """  - {when: 'channel == "voice" && to == "+441314960999"', queue: brief}\n"""


async def top(page: Page) -> object:
    """Where the row under the pointer begins."""
    return await page.evaluate("document.querySelector('#queue-brief').getBoundingClientRect().top")


async def test_the_line_that_counts_what_waits_moves_nothing_and_a_queue_that_is_gone_stays_in_grey(
    centre: Centre, person: BrowserContext
) -> None:
    page = await sign_in(person, "sue")
    await page.hover("#queue-brief")
    rows, stands = await order(page), await top(page)
    await centre.mail("Broken bill")
    await expect(page.locator("#queues-held")).to_contain_text("1 change waiting")
    assert await top(page) == stands

    await configuration.apply(centre.ctx, OPERATOR, text=CENTRE.replace(BRIEF, "").replace(TO_BRIEF, ""))
    await expect(page.locator("#queue-brief.gone")).to_contain_text("no longer configured")
    await expect(page.locator("#queues-held")).to_contain_text("2 changes waiting")
    assert await order(page) == rows
    assert await top(page) == stands

    await page.mouse.move(700, 10)
    await expect(page.locator("#queue-brief")).to_have_count(0)
    await expect(page.locator("#queues tr").first).to_have_id("queue-letters")
