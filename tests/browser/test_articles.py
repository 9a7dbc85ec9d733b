"""Articles beside the work in hand, in a real browser: found by keys, followed from one to the other, judged at wrap-up."""

from __future__ import annotations

import msgspec
from playwright.async_api import Browser, expect

from console.web.fragment import render, wrap
from tests.browser.bars import KYIV, VIEW, desk
from tests.web.elsewhere import ARTICLE, OPENED
from tests.web.instants import NOW
from tests.web.screens import CALL, SCREENS

PLACE = f"/desk/about/{CALL.item}/knowledge"


def read(number: str, *trail: str) -> tuple[int, str]:
    """What the console answers when that article is opened."""
    article = msgspec.structs.replace(ARTICLE, number=number)
    opened = msgspec.structs.replace(OPENED, read=msgspec.structs.replace(OPENED.read, article=article))
    seen = {"about": CALL.item, "asked": "", "hits": [], "opened": opened, "trail": trail, "told": False}
    drawn = render("desk/found.html", VIEW.words, {**seen, "wanted": False, "zone": KYIV, "now": NOW})
    return 200, wrap(f"found-{CALL.item}", drawn)


async def test_a_link_in_an_article_opens_beside_the_call_and_back_leads_where_it_was_followed(
    browser: Browser,
) -> None:
    async with desk(browser, SCREENS["call"]) as drawn:
        page = drawn.page
        drawn.answer = read("KB-1187")
        await page.focus("#suggested-1187")
        await page.keyboard.press("Enter")
        await expect(page.locator("#kb-title")).to_be_focused()
        outside = page.locator(".prose a[target=_blank]")
        await expect(outside).to_have_attribute("rel", "noopener noreferrer nofollow")

        drawn.answer = read("KB-610", "KB-1187")
        await page.click(".prose a[href='/kb/KB-610'] >> nth=0")
        await expect(page.locator("#kb-back")).to_contain_text("Back to KB-1187")
        followed = await drawn.last(2)
        drawn.answer = read("KB-1187")
        await page.click("#kb-back")
        await expect(page.locator("#kb-back")).to_contain_text("Back to the list")
        back = await drawn.last(3)

    assert (followed.path, followed.form) == (f"{PLACE}/KB-610/opened", {"trail": "KB-1187"})
    assert (back.path, back.form) == (f"{PLACE}/KB-1187/opened", {})


async def test_at_wrap_up_one_key_says_that_an_article_helped_and_another_why_it_did_not(browser: Browser) -> None:
    async with desk(browser, SCREENS["wrap-up"]) as drawn:
        page = drawn.page
        await page.keyboard.press("y")
        helped = await drawn.last(1)
        await page.keyboard.press("n")
        await expect(page.locator("#unjudged-1187-text")).to_be_focused()
        await page.keyboard.type("Світло зелене")
        await page.keyboard.press("Control+Enter")
        because = await drawn.last(2)
        await page.keyboard.press("Alt+w")
        done = await drawn.last(3)

    assert (helped.path, helped.form) == (f"{PLACE}/1187/helped", {"asked": "true"})
    assert (because.path, because.form) == (f"{PLACE}/1187/not_helped", {"asked": "true", "why": "Світло зелене"})
    assert done.path == f"/desk/work/{CALL.item}/complete"
