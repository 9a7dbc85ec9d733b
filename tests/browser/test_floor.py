"""The live floor in a real browser: it moves by itself, not under the hand, and the hand's work is seen and recorded."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import Centre, complaints_of_axe, live, person_at, sign_in

SIZES = ((1440, 900), (1280, 720), (1000, 900), (390, 844))


@pytest.fixture
async def agent(browser: Browser, centre: Centre) -> AsyncIterator[Page]:
    """Nadia at her desk, in a browser of her own, on a break."""
    async with person_at(browser, centre.url) as nadia:
        page = await sign_in(nadia, "nadia")
        await centre.say("nadia", "away", "break")
        yield page


async def order(page: Page) -> list[str]:
    return list(await page.evaluate("[...document.querySelectorAll('#queues tr')].map(row => row.id)"))


async def menu(page: Page) -> None:
    """Nadia's menu, by the keyboard."""
    await page.locator("#agent-nadia-open").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#hand-to-message")).to_be_focused()


async def waiting_work(page: Page) -> None:
    """The panel of who waits in faults."""
    await page.click("#queue-faults-open")
    await page.click("#hand-to-work")
    await page.wait_for_selector("#work-panel:popover-open")


# --- it moves by itself -----------------------------------------------------------------------------------------------


async def test_a_call_that_waits_shows_on_the_floor_within_a_moment(centre: Centre, person: BrowserContext) -> None:
    page = await sign_in(person, "sue")
    await expect(page.locator("#queue-faults td").first).to_have_text("0")
    await centre.ring("c1")
    await expect(page.locator("#queue-faults td").first).to_have_text("1")
    await expect(page.locator("#figures")).to_contain_text("faults")
    assert (await order(page))[0] == "queue-faults"


async def test_an_agents_state_follows_on_every_supervisors_page(centre: Centre, person: BrowserContext) -> None:
    page = await sign_in(person, "sue")
    other = await person.new_page()
    await other.goto("/supervisor?order=name&period=today")
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
    assert before[0] != "queue-letters"
    await page.hover("#queue-faults")
    await centre.mail("Broken bill")
    await expect(page.locator("#queue-letters td").first).to_have_text("1")
    await expect(page.locator(".holding", has=page.locator("#queues-held"))).to_contain_text("Order held")
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


async def test_the_wall_moves_by_itself_and_offers_nothing_to_press(centre: Centre, person: BrowserContext) -> None:
    page = await sign_in(person, "sue")
    async with person.expect_page() as opened:
        await page.click("#to-wall")
    wall = await opened.value
    await live(wall)
    await centre.ring("c1")
    await expect(wall.locator("#queue-faults b").first).to_have_text("1")
    assert await wall.locator("a, button, input, select").count() == 0
    await wall.set_viewport_size({"width": 1920, "height": 1080})
    assert await wall.evaluate("document.documentElement.scrollHeight <= innerHeight")
    assert await complaints_of_axe(wall) == []


# --- the hand on an agent ---------------------------------------------------------------------------------------------


async def test_a_state_is_set_by_the_keyboard_and_the_agent_sees_who_and_why(
    centre: Centre, person: BrowserContext, agent: Page
) -> None:
    page = await sign_in(person, "sue")
    await expect(page.locator("#agent-nadia")).to_contain_text("Break")
    await menu(page)
    await page.keyboard.press("ArrowDown")
    await expect(page.locator("#hand-to-state")).to_be_focused()
    await page.keyboard.press("s")
    await page.check("#hand-state-training-nadia")
    await page.fill("#hand-state-reason-nadia", "coaching")
    await page.keyboard.press("Enter")
    await expect(page.locator("#agent-nadia")).to_contain_text("Training")
    await expect(page.locator("#done")).to_contain_text("they see that you did it, and why")
    await expect(page.locator("#agent-nadia-open")).to_be_focused()
    await expect(agent.locator("#polite")).to_contain_text("coaching")

    await page.goto("/supervisor/audit")
    row = page.locator("tbody tr").first
    for word in ("Sue Park", "State set", "Nadia Rahimi", "Training", "coaching"):
        await expect(row).to_contain_text(word)


async def test_a_half_written_message_is_kept_and_what_is_sent_is_read_at_the_agents_desk(
    centre: Centre, person: BrowserContext, agent: Page
) -> None:
    page = await sign_in(person, "sue")
    await menu(page)
    await page.keyboard.press("m")
    await page.keyboard.type("Faults first")
    await page.keyboard.press("Escape")
    await expect(page.locator("#hand-message")).to_be_hidden()
    await menu(page)
    await page.keyboard.press("m")
    await expect(page.locator("#hand-message-text-nadia")).to_have_value("Faults first")
    await page.keyboard.press("End")
    await page.keyboard.type(", please.")
    await page.keyboard.press("Control+Enter")
    await expect(agent.locator("#polite")).to_contain_text("Faults first, please.")


async def test_who_is_signed_out_is_at_the_sign_in_at_once(centre: Centre, person: BrowserContext, agent: Page) -> None:
    page = await sign_in(person, "sue")
    await menu(page)
    await page.click("#hand-to-sign-out")
    await page.fill("#hand-sign-out-reason-nadia", "left the desk open")
    await page.click("#hand-sign-out-send")
    await agent.wait_for_url("**/login")
    await expect(page.locator("#agent-nadia")).to_contain_text("Offline")


# --- the hand on work -------------------------------------------------------------------------------------------------


async def test_who_waits_is_assigned_by_hand_with_a_reason(centre: Centre, person: BrowserContext, agent: Page) -> None:
    page = await sign_in(person, "sue")
    await centre.ring("c1")
    await expect(page.locator("#queue-faults td").first).to_have_text("1")
    await waiting_work(page)
    await page.click(".wait summary >> nth=0")
    await page.fill(".wait details[open] input[name=reason]", "she knows the caller")
    await page.click(".wait details[open] button")
    await expect(page.locator("#work-items")).to_contain_text("Nobody waits")
    await expect(page.locator("#queue-faults td").first).to_have_text("0")
    await agent.wait_for_selector("#bar.call")


async def test_who_waits_is_moved_and_the_panel_follows_the_queue(centre: Centre, person: BrowserContext) -> None:
    page = await sign_in(person, "sue")
    await waiting_work(page)
    await expect(page.locator("#work-items")).to_contain_text("Nobody waits")
    await centre.ring("c1")
    await page.click(".wait summary >> nth=1")
    assert await complaints_of_axe(page) == []
    await page.fill(".wait details[open] input[name=reason]", "not a fault")
    await page.click(".wait details[open] button")
    await expect(page.locator("#queue-brief td").first).to_have_text("1")
    await expect(page.locator("#queue-faults td").first).to_have_text("0")
    async with person.expect_page() as opened:
        await page.click("#work-close")
        await page.click("#queue-brief-open")
        await page.click("#hand-to-work")
        await page.click("text=Why still waiting")
    why = await opened.value
    await expect(why.locator("main")).to_contain_text("Nadia Rahimi")
    assert await complaints_of_axe(why) == []


# --- what a figure counts ---------------------------------------------------------------------------------------------


async def test_a_figure_opens_into_its_calls(centre: Centre, person: BrowserContext, agent: Page) -> None:
    page = await sign_in(person, "sue")
    await centre.ring("c1")
    await centre.say("nadia", "available")
    await agent.wait_for_selector("#bar.offer")
    await centre.answer("c1")
    figure = page.locator("#queue-faults a.level")
    await expect(figure).to_have_text("100%")
    await figure.click()
    await expect(page.locator("tbody").first).to_contain_text("Nadia Rahimi")
    await expect(page.locator("tbody").last).to_contain_text("Together")
    assert await complaints_of_axe(page) == []


# --- for everybody's eyes ---------------------------------------------------------------------------------------------


async def test_axe_finds_nothing_on_any_page_of_any_size_light_or_dark(centre: Centre, person: BrowserContext) -> None:
    page = await sign_in(person, "sue")
    await centre.ring("c1")
    await expect(page.locator("#queue-faults td").first).to_have_text("1")
    for width, height in SIZES:
        await page.set_viewport_size({"width": width, "height": height})
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
        assert await complaints_in_both(page) == [], width
    await menu(page)
    assert await complaints_in_both(page) == []
    await page.keyboard.press("s")
    assert await complaints_in_both(page) == []
    await page.goto("/supervisor/audit")
    assert await complaints_in_both(page) == []


async def complaints_in_both(page: Page) -> list[Any]:
    """What axe finds by day and by night."""
    found = []
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)
        await page.evaluate("Promise.all(document.getAnimations().map(one => one.finished))")
        found += await complaints_of_axe(page)
    return found
