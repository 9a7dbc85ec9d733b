"""The pages in each language: right to left, in its figures, with room for its words, nothing left in English."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from playwright.async_api import Browser, Page, expect

from console.ids import new_id
from console.people import store, tokens
from console.people.who import Principal
from console.services import notices
from console.web import words as w
from console.web.auth import SESSION_COOKIE
from console.web.pages import LANGUAGE_COOKIE
from tests.browser.conftest import Centre, complaints_of_axe
from tests.browser.test_drawn import HOST, pages, served

SUE = Principal(username="sue", name="Sue Park", roles=frozenset({"supervisor"}))
IDENTIFIER = re.compile(r"C-[0-9]+|[+][0-9 ]+")

TEXTS = """() => {
  const shown = (node) => node.checkVisibility({opacityProperty: true, visibilityProperty: true});
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  while (walker.nextNode()) {
    const node = walker.currentNode, element = node.parentElement, text = node.data.trim();
    // What people wrote, keys as they are printed, and languages under their own names are in no catalogue.
    if (!text || element.closest('bdi, kbd, textarea, script, style, .av, [lang]:not(html)') || !shown(element)) continue;
    found.push(text.replace(/\\u2068[^\\u2069]*\\u2069/g, ''));
  }
  for (const element of document.querySelectorAll('[aria-label], [title], [placeholder]'))
    if (shown(element)) for (const name of ['aria-label', 'title', 'placeholder'])
      if (element.hasAttribute(name)) found.push(element.getAttribute(name).replace(/\\u2068[^\\u2069]*\\u2069/g, '').trim());
  return found;
}"""
"""Every sentence that can be read or heard; without what it was filled with, where that is set apart."""

CLIPPED = """() => [...document.querySelectorAll('body *')].filter((element) => {
  if (element.scrollWidth <= element.clientWidth + 1) return false;
  if (!['hidden', 'clip'].includes(getComputedStyle(element).overflowX)) return false;
  if (!element.checkVisibility({visibilityProperty: true}) || element.closest('svg, .vh, bdi') || !element.innerText?.trim()) return false;
  return ![...element.childNodes].every((node) => node.nodeName === 'BDI' || !node.textContent.trim());   // a name may be cut
}).map((element) => `${element.tagName}.${element.className}: ${element.innerText.slice(0, 80)}`)"""
"""Elements that hide the end of what they say."""


@asynccontextmanager
async def reading(browser: Browser, centre: Centre, username: str | None, language: str) -> AsyncIterator[Page]:
    """A page of somebody who is signed in (or not) and reads that language."""
    context = await browser.new_context(
        base_url=centre.url, viewport={"width": 1440, "height": 900}, locale="en-GB", permissions=["notifications"]
    )
    context.set_default_timeout(15_000)
    cookies = {LANGUAGE_COOKIE: language}
    if username is not None:
        cookies[SESSION_COOKIE] = new_id()
        now = centre.ctx.clock.now()
        hash_, later = tokens.kept(cookies[SESSION_COOKIE]), now + timedelta(hours=1)
        async with centre.database.transaction() as db:
            await store.put_session(db, hash_, username=username, csrf=new_id(), at=now, expires_at=later)
    await context.add_cookies([{"name": name, "value": value, "url": centre.url} for name, value in cookies.items()])
    yield await context.new_page()
    await context.close()


async def opened(page: Page, path: str) -> None:
    await page.goto(path)
    if path in ("/desk", "/supervisor"):
        await page.wait_for_selector('html[data-ui-line="live"]')


async def on_a_call(page: Page, centre: Centre) -> None:
    """As a reader of whatever language gets there: by the keys."""
    await opened(page, "/desk")
    await page.keyboard.press("Alt+a")
    await page.wait_for_selector("#bar.idle:not(.away)")
    await centre.ring("c1")
    await page.wait_for_selector("#bar.offer")
    await page.evaluate("async () => { while (arming()) await new Promise(requestAnimationFrame) }")
    await page.keyboard.press("Alt+a")
    await page.wait_for_selector("#bar.call")
    await centre.answer("c1")
    await page.wait_for_selector("#customer")


async def test_the_desk_on_a_call_in_persian(browser: Browser, centre: Centre) -> None:
    """Beside the design's agent-call.fa: right to left, Persian figures, and numbers to dial as they are dialled."""
    async with reading(browser, centre, "nadia", "fa") as page:
        await on_a_call(page, centre)

        root = page.locator("html")
        assert (await root.get_attribute("lang"), await root.get_attribute("dir")) == ("fa", "rtl")
        assert await page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
        rail, customer = [await page.locator(part).bounding_box() for part in ("#rail", "#customer")]
        assert rail
        assert customer
        assert rail["x"] > customer["x"] > 700, "the page begins at its right edge"

        phone = page.locator("#customer bdi[dir=ltr]", has_text="+44 131 496 0182").first
        await expect(phone).to_be_visible()
        said = [text for text in await page.evaluate(TEXTS) if re.search("[0-9]", IDENTIFIER.sub("", text))]
        assert said == [], "figures that are not Persian"

        clock = page.locator("#bar .timer [data-tick], #bar .timer[data-tick]").first
        first = await clock.inner_text()
        await expect(clock).not_to_have_text(first)
        assert set(await clock.inner_text()) <= set("۰۱۲۳۴۵۶۷۸۹:"), "the script's figures are the server's"
        assert await complaints_of_axe(page) == []


@pytest.mark.parametrize("language", w.LANGUAGES)
def test_every_page_in_every_state_can_be_said_in_that_language(language: str) -> None:
    """That its sentences are the language's own: every catalogue is complete, and none escapes the pseudo language."""
    direction = w.load(language).direction
    for name, page in pages(language):
        assert f'<html lang="{language}" dir="{direction}"' in page, name
        assert "%(" not in page, name


@pytest.mark.parametrize("language", ["fa", "zh-Hans"])
async def test_other_scripts_and_the_other_direction_are_as_clean(browser: Browser, language: str) -> None:
    page = await browser.new_page(viewport={"width": 1440, "height": 900})
    drawn = {name: page for name, page in pages(language) if name in ("idle", "offer", "floor", "login", "profile")}
    await served(page, drawn)
    found = {}
    for name in drawn:
        await page.goto(f"{HOST}/{name}")
        wide = await page.evaluate("document.documentElement.scrollWidth > innerWidth")
        if faults := await complaints_of_axe(page) + ["scrolls sideways"] * wide:
            found[name] = faults
    await page.close()
    assert len(drawn) == 5
    assert found == {}


async def test_there_is_room_for_words_that_are_two_fifths_longer(browser: Browser) -> None:
    page = await browser.new_page(viewport={"width": 1440, "height": 900}, java_script_enabled=False)
    drawn = dict(pages(w.PSEUDO))
    await served(page, drawn)
    found = {}
    for name in drawn:
        await page.goto(f"{HOST}/{name}")
        wide = await page.evaluate("document.documentElement.scrollWidth > innerWidth")
        if faults := await page.evaluate(CLIPPED) + ["scrolls sideways"] * wide:
            found[name] = faults
    await page.close()
    assert found == {}


async def test_a_choice_in_the_profile_is_followed_at_once_by_the_desk_beside_it(
    browser: Browser, centre: Centre
) -> None:
    async with reading(browser, centre, "nadia", "en") as desk:
        await opened(desk, "/desk")
        await desk.click("#account-open")
        async with desk.context.expect_page() as beside:
            await desk.click("#to-profile")
        profile = await beside.value
        root = desk.locator("html")

        await profile.select_option("#density", "compact")
        await expect(root).to_have_attribute("data-density", "compact")
        await expect(profile.locator("#saved")).to_have_text("Saved")
        await profile.select_option("#theme", "dark")
        await expect(root).to_have_attribute("data-theme", "dark")
        assert await desk.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
        await profile.uncheck("#single_keys")
        await expect(root).to_have_attribute("data-single-keys", "off")
        await profile.select_option("#language", "uk")
        await expect(root).to_have_attribute("lang", "uk")
        await expect(profile.locator("html")).to_have_attribute("lang", "uk")
        await desk.wait_for_selector('html[data-ui-line="live"]')

        await desk.reload()
        await expect(root).to_have_attribute("data-density", "compact")
        assert await complaints_of_axe(profile) == []


async def test_a_message_is_heard_by_whoever_asked_for_it_but_not_in_a_call(browser: Browser, centre: Centre) -> None:
    async with reading(browser, centre, "nadia", "en") as desk:
        await opened(desk, "/desk")
        await desk.evaluate("addEventListener('console:chimed', () => { window.chimes = (window.chimes ?? 0) + 1 })")

        async def told(unread: int) -> int:
            await notices.send(centre.ctx, SUE, to=["nadia"], text="Well done")
            await expect(desk.locator("#bell")).to_have_attribute("data-unread", str(unread))
            return int(await desk.evaluate("window.chimes ?? 0"))

        assert await told(1) == 0, "off until they ask for it"
        await desk.evaluate("document.documentElement.dataset.sounds = 'message'")
        await desk.click("#bell-open")
        assert await told(2) == 1
        await desk.evaluate("document.getElementById('bar').className = 'bar call'")
        assert await told(3) == 1
