"""A case that is handed over, in a real browser: taken, returned, passed on by key; a case sent up from its header."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, expect

from tests.browser.bars import Drawn, desk
from tests.web.screens import CASE, HANDED, MATTER, SCREENS, working

OFFER = "/desk/offers/019aa0c0-0000-7000-8000-0000000000f1"


@pytest.fixture(scope="module")
async def page(browser: Browser) -> AsyncIterator[Drawn]:
    async with desk(browser, SCREENS["handover"]) as found:
        yield found


@pytest.fixture
async def drawn(page: Drawn) -> Drawn:
    """The same page for every test, as if it were new."""
    await page.anew(SCREENS["handover"])
    return page


async def test_it_is_taken_by_key_and_says_in_the_offer_why_it_came(drawn: Drawn) -> None:
    await expect(drawn.page.locator("#bar")).to_contain_text("Handed to you")
    await expect(drawn.page.locator("#offer-packet")).to_contain_text("Resolution has run out")
    await expect(drawn.page.locator("#offer-packet")).to_contain_text("Мережний інженер")
    await drawn.page.keyboard.press("Alt+a")
    assert (await drawn.last()).path == f"{OFFER}/accept"


async def test_it_is_returned_with_a_reason(drawn: Drawn) -> None:
    await drawn.page.keyboard.press("Alt+x")
    await drawn.page.keyboard.press("3")
    asked = await drawn.last()
    assert (asked.path, asked.form) == (f"{OFFER}/decline", {"reason": "wrong_skill"})


async def test_it_is_passed_on_to_a_queue_or_a_person_but_not_up(drawn: Drawn) -> None:
    await drawn.page.keyboard.press("Alt+r")
    choice = drawn.page.locator("#escalate-to")
    await expect(choice).to_be_visible()
    await expect(drawn.page.locator("#escalate optgroup").first).to_be_hidden()
    await choice.select_option("agent:0034")
    await drawn.page.fill("#escalate-reason", "Він знає ядро")
    await drawn.page.keyboard.press("Control+Enter")
    asked = await drawn.last()
    assert asked.path == f"/desk/cases/{HANDED.number}/send"
    assert asked.form == {"how": "on", "to": "agent:0034", "reason": "Він знає ядро"}
    await expect(drawn.page.locator("#escalate")).to_be_hidden()


async def test_all_that_came_with_it_is_read_before_it_is_taken(drawn: Drawn) -> None:
    await drawn.shows(SCREENS["handover-read"])
    packet = drawn.page.locator("#packet")
    for words in ("Why it came to you", "Yours to do", "18:00 over", "Ruled out", "Who had it", "Тарас Вовк"):
        await expect(packet).to_contain_text(words)
    await expect(drawn.page.locator("#offer")).to_be_hidden()
    await expect(drawn.page.locator("#todo-3-call")).to_have_attribute("href", "tel:+447700900417")
    await expect(drawn.page.locator("#packet-script")).to_have_attribute("href", f"/desk/cases/{HANDED.number}#script")
    await drawn.page.click("#todo-5-done")
    done = await drawn.last()
    assert (done.path, done.form) == (f"/desk/cases/{HANDED.number}/tasks/2", {"result": "done"})
    await drawn.page.keyboard.press("Alt+a")
    assert (await drawn.last(2)).path == f"{OFFER}/accept"


async def test_a_case_is_sent_up_from_its_header_and_the_dialog_keeps_what_was_typed(drawn: Drawn) -> None:
    await drawn.shows(working(CASE))
    await drawn.page.keyboard.press("e")
    await drawn.page.locator("#escalate-to").select_option("ladder:outage")
    await drawn.page.fill("#escalate-reason", "Ядро")
    await drawn.push(working(CASE))
    await expect(drawn.page.locator("#escalate-to")).to_have_value("ladder:outage")
    await drawn.page.click("#escalate-act")
    asked = await drawn.last()
    assert asked.path == f"/desk/cases/{MATTER.number}/send"
    assert asked.form == {"how": "up", "to": "ladder:outage", "reason": "Ядро"}


async def test_who_was_given_a_case_by_hand_says_that_they_have_read_it(drawn: Drawn) -> None:
    await drawn.shows(SCREENS["handover-by-hand"])
    await drawn.page.click("#acknowledge-act")
    assert (await drawn.last()).path == f"/desk/cases/{HANDED.number}/acknowledge"
