"""A desk drawn from values before a real browser: its templates, scripts and styles, without a console behind it.

What its buttons post is recorded and answered as the test says; what the console would push, the test pushes. So one
state of the Bar, or one key, takes a fraction of a second.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import msgspec
from playwright.async_api import Browser, Page, Request, Route, WebSocketRoute

from console.people.preferences import Preferences
from console.queries.desktop import DeskScreen
from console.services.escalation import Ways
from console.services.targets import Targets
from console.web import words as w
from console.web.desk import calling, parts
from console.web.desk.calling import Failed
from console.web.desk.parts import SILENT, Said
from console.web.fragment import STATIC, View, milliseconds, render, wrap
from console.web.limits import PAGE_POLICY
from tests.browser.conftest import settled

HOST = "https://console.test"
KYIV = ZoneInfo("Europe/Kyiv")
VIEW = View(words=w.load("en"), zone=KYIV)
SHELL = {"csrf": "t", "stream": "/desk/stream", "rooms": ("desk",), "room": "desk", "refusal": None, "name": "Н Р"}


TYPED = "Boolean(document.querySelector('[data-draft]:not([type=hidden])'))"
CLOSED = """() => {
  for (const open of all(':popover-open')) open.hidePopover();
  id('refusal').replaceChildren();
  document.activeElement.blur();
}"""


WAYS = Ways(ladders=("outage",), queues=("tier2",), people=(("0034", "Іван Лис"),))


@dataclass
class Asked:
    """A command that the page sent."""

    path: str
    form: dict[str, str]


@dataclass
class Drawn:
    """The page, and the console that the test plays for it."""

    page: Page
    screen: DeskScreen
    view: View = VIEW
    targets: Targets = field(default_factory=Targets)
    ways: Ways = field(default=WAYS)
    cases: list[dict[str, str]] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    searched: list[str] = field(default_factory=list)
    answer: tuple[int, str] = (204, "")
    silent: asyncio.Event = field(default_factory=asyncio.Event)
    """Set: commands are answered. Cleared: they wait."""
    _line: WebSocketRoute | None = None
    _gone: bool = False
    _pushes: int = 0

    async def push(self, screen: DeskScreen, said: Said = SILENT) -> None:
        """The console says the whole shell of that screen, and the page has drawn it."""
        self._pushes += 1
        self.screen = msgspec.structs.replace(screen, now=screen.now + timedelta(milliseconds=self._pushes))
        assert self._line is not None
        self._line.send(parts.frame(parts.SHELL, self.screen, self.view, said))
        await self.page.wait_for_selector(f'#time[data-now="{milliseconds(self.screen.now)}"]', state="attached")

    async def shows(self, screen: DeskScreen) -> None:
        """That screen has come, and its buttons are armed."""
        await self.push(screen)
        await settled(self.page)

    async def anew(self, screen: DeskScreen) -> None:
        """For the next test: nothing open, nothing typed, nothing asked."""
        self.answer, self.targets, self.cases = (204, ""), Targets(), []
        self.silent.set()
        if self._gone or self.page.url != f"{HOST}/desk" or await self.page.evaluate(TYPED):
            self._gone, self.screen = False, screen
            await self.page.evaluate("localStorage.clear()")
            await self.begin()
        await self.page.evaluate(CLOSED)
        await self.shows(screen)
        self.asked.clear()
        self.searched.clear()

    async def begin(self) -> None:
        """Load the page."""
        await self.page.goto(f"{HOST}/desk")
        await self.page.wait_for_selector('html[data-ui-line="live"]')
        await settled(self.page)

    def fail(self, action: str, problem: str = "phone-silent", status: int = 504) -> None:
        """The next commands are refused by the phone system."""
        again = problem in calling.AGAIN and action not in calling.WITH_FORM
        failed = Failed(action=action, problem=problem, path=f"/desk/work/1/{action}", again=again)
        drawn = render("desk/failed.html", self.view.words, {"failed": failed, "now": None, "zone": KYIV})
        self.answer = (status, wrap("refusal", drawn))

    async def lose(self) -> None:
        """The line is lost, and there is no new one."""
        assert self._line is not None
        line, self._line, self._gone = self._line, None, True
        await line.close(code=1011)

    async def last(self, count: int = 1) -> Asked:
        """The command sent last, once that many have come."""
        async with asyncio.timeout(10):
            while len(self.asked) < count:
                await self.page.evaluate("new Promise(requestAnimationFrame)")
        return self.asked[-1]

    async def until(self, which: Callable[[Asked], bool]) -> None:
        """Such a command has come."""
        async with asyncio.timeout(10):
            while not any(map(which, self.asked)):
                await self.page.evaluate("new Promise(requestAnimationFrame)")

    # --- the console's side ---------------------------------------------------------------------------------------

    async def _serve(self, route: Route) -> None:
        request = route.request
        path = request.url.removeprefix(HOST).partition("?")[0]
        if path.startswith("/static/"):
            await route.fulfill(path=STATIC / path.removeprefix("/static/"))
        elif request.method == "POST":
            await self._take(route, request, path)
        elif path.endswith("/targets"):
            self.searched.append(request.url.partition("?q=")[2].partition("&")[0])
            context = {"targets": self.targets, "state_of": parts.state_of, "now": self.screen.now, "zone": KYIV}
            await self._html(route, wrap("targets", render("desk/targets.html", self.view.words, context)))
        elif path.endswith("/ways"):
            await self._html(
                route, wrap("escalate-ways", render("desk/ways.html", self.view.words, {"ways": self.ways}))
            )
        elif path == "/desk/bar":
            await self._html(route, parts.frame({parts.Part.BAR}, self.screen, self.view, SILENT))
        elif path == "/api/v1/cases":
            await route.fulfill(json={"items": self.cases, "next": None})
        elif path.startswith("/desk") and not path.endswith(".js"):
            await self._html(route, self._whole())
        else:
            await route.fulfill(status=404, body="")

    async def _take(self, route: Route, request: Request, path: str) -> None:
        if path.endswith("/knowledge/shown"):  # the page says so by itself, when it has been looked at for a while
            await route.fulfill(status=204)
            return
        self.asked.append(Asked(path, dict(parse_qsl(request.post_data or ""))))
        await self.silent.wait()
        status, body = self.answer
        await route.fulfill(status=status, body=body, headers={"Content-Type": "text/html; charset=utf-8"})

    async def _html(self, route: Route, body: str) -> None:
        headers = {"Content-Security-Policy": PAGE_POLICY, "Content-Type": "text/html; charset=utf-8"}
        await route.fulfill(body=body, headers=headers)

    def _whole(self) -> str:
        return render(
            "desk/page.html",
            self.view.words,
            {**parts.context(self.screen, self.view, SILENT), **SHELL, "prefs": self.view.prefs},
        )

    def _hear(self, line: WebSocketRoute) -> None:
        if self._gone:
            line.connect_to_server()  # there is none at that name
            return
        self._line = line
        line.send(parts.frame(parts.SHELL, self.screen, self.view, SILENT))


@asynccontextmanager
async def desk(
    browser: Browser,
    screen: DeskScreen,
    *,
    prefs: Preferences | None = None,
    theme: str = "light",
    width: int = 1440,
    before: str = "",
) -> AsyncIterator[Drawn]:
    """A page that shows that screen, live; `before` is a script that runs before those of the page. What it complains of is a failure of the test."""
    context = await browser.new_context(
        base_url=HOST, viewport={"width": width, "height": 900}, color_scheme=theme, permissions=["notifications"]
    )
    context.set_default_timeout(10_000)
    complaints: list[str] = []
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    context.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
    if before:
        await context.add_init_script(before)
    page = await context.new_page()
    drawn = Drawn(page, screen, view=View(words=VIEW.words, zone=KYIV, prefs=prefs or Preferences()))
    drawn.silent.set()
    await page.route(f"{HOST}/**", drawn._serve)
    await page.route_web_socket("**/desk/stream*", drawn._hear)
    await drawn.begin()
    yield drawn
    await context.close()
    assert not complaints, complaints
