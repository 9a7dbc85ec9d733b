"""The line of a live page: it may break, freeze, be refused or come late; nothing is missed, and nothing is done twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, BrowserContext, Page, Request, Route, WebSocket, WebSocketRoute, expect

from tests.browser.conftest import Centre, available, bar, live, person_at, sign_in
from tests.faults.cable import Way
from tests.served import eventually

BEATS_MISSED_MS = 13_000
"""Of silence: more than the page bears."""


@pytest.fixture
async def way(centre: Centre) -> AsyncIterator[Way]:
    """Between the browser and the console."""
    way = Way(centre.port)
    await way.mend()
    yield way
    way.cut()


@pytest.fixture
async def person(browser: Browser, way: Way) -> AsyncIterator[BrowserContext]:
    """Somebody at the other end of the way."""
    async with person_at(browser, way.url) as person:
        yield person


@asynccontextmanager
async def refusing(port: int) -> AsyncIterator[list[str]]:
    """A gateway whose console is away: it answers everything with 503. What it was asked."""
    asked: list[str] = []

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readuntil(b"\r\n\r\n")).decode().split()[1])
        writer.write(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", port)
    try:
        yield asked
    finally:
        server.close()
        await server.wait_closed()


def posts(page: Page) -> list[str]:
    """Where the page sends commands to, from now on."""
    sent: list[str] = []

    def note(request: Request) -> None:
        if request.method == "POST":
            sent.append(request.url)

    page.on("request", note)
    return sent


async def is_offered(page: Page) -> None:
    """That something is, by the server's own word."""
    await expect(page.locator("#offer h2")).to_be_visible()
    await bar(page, "offer")


async def test_what_happens_between_the_page_and_its_line_is_drawn(centre: Centre, person: BrowserContext) -> None:
    first = await sign_in(person, "nadia")
    await available(first)
    rung = asyncio.Event()

    async def late(socket: WebSocketRoute) -> None:
        await rung.wait()
        socket.connect_to_server()

    second = await person.new_page()
    await second.route_web_socket("**/desk/stream", late)
    await second.goto("/desk")
    await centre.ring("c1")
    await is_offered(first)
    assert await second.locator("#bar.idle").count() == 1
    rung.set()
    await is_offered(second)


async def test_a_frozen_server_is_noticed_after_twelve_seconds_and_what_it_missed_to_say_is_drawn(
    centre: Centre, way: Way, person: BrowserContext
) -> None:
    await person.clock.install()
    page = await sign_in(person, "nadia")
    await available(page)
    lines: list[str] = []

    def note(line: WebSocket) -> None:
        lines.append(line.url)

    page.on("websocket", note)

    way.hold()
    await centre.ring("c1")
    await page.clock.fast_forward(BEATS_MISSED_MS)
    await expect(page.locator("#line-said")).to_contain_text("Reconnecting")
    assert len(lines) == 1, "a new line is opened at once, whatever becomes of the old one"
    await page.clock.fast_forward(2_500)
    await page.wait_for_selector('html[data-ui-line="lost"]')
    await expect(page.locator("#bar .when-lost b")).to_be_visible()

    way.let_go()
    await live(page)
    await is_offered(page)


async def test_a_line_that_is_refused_is_asked_for_until_it_is_given(
    centre: Centre, way: Way, person: BrowserContext
) -> None:
    page = await sign_in(person, "nadia")
    await available(page)
    way.cut()
    async with refusing(way.port) as asked:
        await centre.ring("c1")

        async def again() -> bool:
            return asked.count("/desk/stream") > 1

        await eventually(again)
        await expect(page.locator("#line-said")).to_contain_text("Reconnecting")
    await way.mend()
    await is_offered(page)
    await live(page)


async def test_who_is_no_longer_signed_in_is_led_to_the_sign_in_when_the_line_is_opened_anew(
    centre: Centre, way: Way, person: BrowserContext
) -> None:
    page = await sign_in(person, "nadia")
    await person.clear_cookies()
    way.cut()
    await way.mend()
    await expect(page.locator("#sign-in")).to_be_visible()


async def test_a_double_click_sends_one_command(centre: Centre, person: BrowserContext) -> None:
    page = await sign_in(person, "nadia")
    await available(page)
    await centre.ring("c1")
    await bar(page, "offer")
    sent, clicked = posts(page), asyncio.Event()

    async def answer(route: Route) -> None:
        await clicked.wait()
        await route.continue_()

    await page.route("**/accept", answer)
    await page.dblclick("#bar-answer")
    await page.keyboard.press("Alt+a")
    clicked.set()
    await bar(page, "call")
    assert len(sent) == 1


async def test_a_command_without_an_answer_is_said_and_is_not_sent_again_by_itself(
    centre: Centre, way: Way, person: BrowserContext
) -> None:
    page = await sign_in(person, "nadia")
    await available(page)
    await centre.ring("c1")
    await bar(page, "offer")
    sent = posts(page)
    way.cut()
    await page.click("#bar-answer")
    await expect(page.locator("#refusal")).to_contain_text("Not done")
    await way.mend()
    await live(page)
    await is_offered(page)
    assert len(sent) == 1
    await page.keyboard.press("Alt+a")
    await bar(page, "call")


async def test_a_refusal_is_read_although_its_button_has_gone(centre: Centre, person: BrowserContext) -> None:
    page = await sign_in(person, "nadia")
    await available(page)
    await centre.ring("c1")
    await bar(page, "offer")
    over = asyncio.Event()

    async def answer(route: Route) -> None:
        await over.wait()
        await route.continue_()

    await page.route("**/accept", answer)
    await page.click("#bar-answer")
    await centre.hang_up("c1")
    await bar(page, "idle")
    over.set()
    await expect(page.locator("#refusal")).to_contain_text("This ring is over")


async def test_a_page_that_the_back_button_brings_back_is_alive(centre: Centre, person: BrowserContext) -> None:
    page = await sign_in(person, "nadia")
    await available(page)
    await page.goto("/health/live")
    await page.go_back()
    await live(page)
    # A browser that had kept the page would show it again as it was, its line closed by the leaving (1000); this one
    # keeps no page that has a line, so the leaving and the coming back are played to it.
    closed = await page.evaluate("""() => new Promise(tell => {
      on('htmx:ws:close', ({detail}) => tell(detail.code));
      for (const name of ['pagehide', 'pageshow']) dispatchEvent(new PageTransitionEvent(name, {persisted: true}));
    })""")
    assert closed == 1000
    await centre.ring("c1")
    await is_offered(page)
    await live(page)
