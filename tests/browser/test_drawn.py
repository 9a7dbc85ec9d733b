"""Every state of every page in a real browser: axe-core, both themes, three widths; and nothing that moves sideways.

The states are drawn from values and handed to the browser at the address at which the console would serve them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterator
from functools import partial
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser, Page, Route

from console.web import words as w
from console.web.desk import parts
from console.web.desk.parts import SILENT
from console.web.fragment import STATIC, View, render
from console.web.limits import PAGE_POLICY
from console.web.pages import plain
from console.web.supervisor import board
from tests.browser.conftest import complaints_of_axe
from tests.web import benches, elsewhere, writings
from tests.web.floors import CLOCKS_PAGE, FLOOR, NOBODY
from tests.web.screens import SCREENS, SHELL

HOST = "http://console.test"
WIDTHS = {1440: 900, 1024: 768, 390: 844}
KYIV = ZoneInfo("Europe/Kyiv")


def pages(language: str) -> Iterator[tuple[str, str]]:
    """Every page in every state."""
    words = w.load(language)
    view = View(words=words, zone=KYIV)
    bare = {**plain(view), "languages": w.LANGUAGES}
    for name, screen in SCREENS.items():
        yield name, render("desk/page.html", words, {**parts.context(screen, view, SILENT), **SHELL, "name": "Н Р"})
    refused = {**parts.context(SCREENS["idle"], view, SILENT), **SHELL, "name": "Н Р", "refusal": "offer-gone"}
    yield "refused-command", render("desk/page.html", words, refused)
    yield "floor", render("supervisor/page.html", words, {**board.context(FLOOR, words), **SHELL, "name": "Г О"})
    yield "floor-empty", render("supervisor/page.html", words, {**board.context(NOBODY, words), **SHELL, "name": "Г О"})
    yield "clocks", render("supervisor/clocks.html", words, {**CLOCKS_PAGE, **SHELL, "stream": None, "name": "Г О"})
    yield from authors_pages(words)
    yield "script", render("scripts/bench.html", words, benches.context(view))
    yield "login", render("login.html", words, {**bare, "username": "", "refusal": None})
    yield "login-refused", render("login.html", words, {**bare, "username": "1", "refusal": "wrong-password"})
    me = {"name": "Надія Р", "username": "nadia", "saved": False, "csrf": "t", "refusal": None}
    yield "profile", render("profile.html", words, {**bare, **me})
    yield from elsewhere.pages(words)
    yield "no-page", render("refused.html", words, {**bare, "problem": "not-allowed", "home": "/"})


def authors_pages(words: w.Words) -> Iterator[tuple[str, str]]:
    for name, (template, shown) in writings.pages().items():
        yield name, render(template, words, {**writings.AROUND, "prefs": SHELL["prefs"], **shown})


def looks() -> set[str]:
    """Of all screens one of each look: the Bar's state, and what the work area shows."""
    first: dict[tuple[object, ...], str] = {}
    for name, screen in SCREENS.items():
        look = (parts.bar(screen, w.load("en")).kind, screen.idle is None, screen.handed is None)
        first.setdefault(look, name)
    return set(first.values())


async def served(page: Page, drawn: dict[str, str]) -> None:
    """The pages and what they load, at the host of the test."""

    async def answer(route: Route) -> None:
        path = route.request.url.removeprefix(HOST).partition("?")[0]
        if path.startswith("/static/"):
            await route.fulfill(path=STATIC / path.removeprefix("/static/"))
        elif path.removeprefix("/") in drawn:
            headers = {"Content-Security-Policy": PAGE_POLICY, "Content-Type": "text/html; charset=utf-8"}
            await route.fulfill(body=drawn[path.removeprefix("/")], headers=headers)
        else:
            await route.fulfill(status=404, body="")

    await page.route(f"{HOST}/**", answer)
    await page.route_web_socket("**", lambda _: None)


@pytest.mark.parametrize("width", WIDTHS)
async def test_axe_finds_nothing_and_no_page_scrolls_sideways(browser: Browser, width: int) -> None:
    """At the widest in every state; at the narrowest in each look, without the colours, which are the same. Between, nothing is new to axe."""
    of: dict[int, Collection[str]] = {1440: SCREENS, 1024: (), 390: looks()}
    asked = partial(complaints_of_axe, without=() if width == max(WIDTHS) else ["color-contrast"])
    assert await found_on_pages(browser, width, "light", asked, of=of[width]) == {}


async def test_in_the_dark_everything_can_be_read_as_well(browser: Browser) -> None:
    """Only colours differ."""
    only_colours = partial(complaints_of_axe, rules=["color-contrast", "link-in-text-block"])
    assert await found_on_pages(browser, 1440, "dark", only_colours, of=looks()) == {}


async def found_on_pages(
    browser: Browser,
    width: int,
    theme: Literal["light", "dark"],
    complaints_of: Callable[[Page], Awaitable[list[Any]]],
    *,
    of: Collection[str] = SCREENS,
) -> dict[str, list[Any]]:
    """What is wrong with those of the desk's screens, and with every other page."""
    context = await browser.new_context(viewport={"width": width, "height": WIDTHS[width]}, color_scheme=theme)
    page = await context.new_page()
    drawn = dict(pages("en"))
    await served(page, drawn)
    found = {}
    for name in drawn:
        await page.goto(f"{HOST}/{name}")
        wide = await page.evaluate("document.documentElement.scrollWidth > innerWidth")
        looked = await complaints_of(page) if name in of or (of and name not in SCREENS) else []
        if complaints := looked + (["scrolls sideways"] if wide else []):
            found[name] = complaints
    await context.close()
    return found


async def test_what_opens_over_a_page_is_as_clean(browser: Browser) -> None:
    context = await browser.new_context(viewport={"width": 1024, "height": 768})
    page = await context.new_page()
    await served(page, dict(pages("en")))
    for name, opens, shows in (
        ("offer", "#bar-decline", "#decline"),
        ("idle", "#state-open", "#state-menu"),
        ("idle", "#account-open", "#account-menu"),
        ("call", "#customer-open", "#customer"),
    ):
        await page.goto(f"{HOST}/{name}")
        await page.click(opens)
        await page.wait_for_selector(f"{shows}:popover-open")
        assert await complaints_of_axe(page) == [], shows
    await context.close()


async def test_arrows_go_through_the_tree_of_topics(browser: Browser) -> None:
    page = await browser.new_page()
    await served(page, dict(authors_pages(w.load("en"))))
    await page.goto(f"{HOST}/kb-topics")
    await page.focus("#topic-t1")
    for key, reached in (
        ("ArrowDown", "topic-t2"),
        ("ArrowDown", "topic-t2"),
        ("Home", "topic-t1"),
        ("End", "topic-t2"),
    ):
        await page.keyboard.press(key)
        assert await page.evaluate("document.activeElement.id") == reached
    await page.close()


async def test_the_browsers_clocks_write_durations_as_the_server_does(browser: Browser) -> None:
    page = await browser.new_page()
    seconds = [0, 7, 59, 60, 134, 599, 600, 3599, 3600, 8460, 86399, 86400, 93600, 1_000_000]
    for language in (*w.LANGUAGES, w.PSEUDO):
        await served(page, {"idle": next(drawn for name, drawn in pages(language) if name == "idle")})
        await page.goto(f"{HOST}/idle")
        durations = [w.load(language).duration(s) for s in seconds]
        assert await page.evaluate("(all) => all.map(duration)", seconds) == durations
