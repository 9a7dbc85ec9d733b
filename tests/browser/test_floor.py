"""The live floor in a real browser: it moves by itself, and not under the hand."""

from __future__ import annotations

from playwright.async_api import BrowserContext, Page, expect

from tests.browser.conftest import Centre, complaints_of_axe, live, sign_in


async def order(page: Page) -> list[str]:
    return list(await page.evaluate("[...document.querySelectorAll('#queues tr')].map(row => row.id)"))


async def test_a_call_that_waits_shows_on_the_floor_within_a_moment(centre: Centre, person: BrowserContext) -> None:
    page = await sign_in(person, "sue")
    await expect(page.locator("#queue-faults td").first).to_have_text("0")
    await centre.ring("c1")
    await expect(page.locator("#queue-faults td").first).to_have_text("1")
    await expect(page.locator("#figures")).to_contain_text("faults")
    assert (await order(page))[0] == "queue-faults"
    assert await complaints_of_axe(page) == []


async def test_an_agents_state_follows_on_every_supervisors_page(centre: Centre, person: BrowserContext) -> None:
    page = await sign_in(person, "sue")
    other = await person.new_page()
    await other.goto("/supervisor")
    await live(other)
    await expect(page.locator("#agent-nadia")).to_contain_text("Offline")
    await centre.say("nadia", "away", "training")
    for one in (page, other):
        await expect(one.locator("#agent-nadia")).to_contain_text("Training")


async def test_order_waits_while_the_pointer_is_in_the_list_and_values_do_not(
    centre: Centre, person: BrowserContext
) -> None:
    page = await sign_in(person, "sue")
    await page.wait_for_selector("#queue-letters")
    before = await order(page)
    assert before[-1] == "queue-letters"
    await page.hover("#queue-faults")
    await centre.mail("Broken bill")
    await expect(page.locator("#queue-letters td").first).to_have_text("1")
    await expect(page.locator("#queues-held")).to_contain_text("waiting")
    assert await order(page) == before

    await page.mouse.move(700, 10)
    await expect(page.locator("#queues-held")).to_be_empty()
    await expect(page.locator("#queues tr").first).to_have_id("queue-letters")


async def test_escape_lets_the_held_order_through(centre: Centre, person: BrowserContext) -> None:
    page = await sign_in(person, "sue")
    await page.hover("#queue-faults")
    await centre.mail("Broken bill")
    await expect(page.locator("#queues-held")).to_contain_text("waiting")
    await page.keyboard.press("Escape")
    await expect(page.locator("#queues tr").first).to_have_id("queue-letters")


async def test_the_floor_comes_back_after_a_restart(centre: Centre, person: BrowserContext) -> None:
    page = await sign_in(person, "sue")
    await centre.renew()
    await expect(page.locator("#line-said")).to_have_text("Live")
    await centre.ring("c1")
    await expect(page.locator("#queue-faults td").first).to_have_text("1")
