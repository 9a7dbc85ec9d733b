"""A real Chromium before a real node: pages, sockets, router and database, all of the test's own."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from console.bootstrap import Node, context, dial
from console.cases.customer import Described
from console.clock import Clock, SystemClock
from console.db.engine import Database
from console.live.nudge import Nudges
from console.people.who import OPERATOR, Principal
from console.routing.agent import Presence
from console.runtime.phones import Dial
from console.services import cases, configuration, intake, people, presence
from console.services.context import Context
from console.settings import Settings, load
from console.telephony import CallAnswered, CallArrived, CallEnded, CallEvent

AXE = (Path(__file__).parent / "vendor/axe-4.14.1.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PASSWORD = "correct horse battery staple"
CENTRE = """
version: 1
skills: [fibre]
telephony:
  - {name: pbx, kind: cloudevents, secret: "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"}
sla:
  gold: {clocks: {resolution: {target: 30m, warn: 20m}}}
queues:
  - {name: faults, channel: voice, requires: {fibre: 3}, offer: {timeout: 20s}, wrap_up: 60s}
  - {name: brief, channel: voice, offer: {timeout: 1s}}
  - {name: letters, channel: case}
  - {name: upstairs, channel: case, requires: {fibre: 9}}
agents:
  - {username: nadia, name: Nadia Rahimi, skills: {fibre: 5}, capacity: {voice: 1, case: 2}, endpoint: PJSIP/nadia}
  - {username: sue, name: Sue Park, roles: [supervisor]}
routing:
  - {when: 'channel == "voice" && to == "+441314960999"', queue: brief}
  - {when: 'channel == "case"', queue: letters}
  - {queue: faults}
"""


def chromium() -> str:
    """Where Chromium is. A browser test never leaves itself out silently."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = os.environ.get("CONSOLE_TEST_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    assert found, "No Chromium: install it (apt-get install -y chromium), or name one in CONSOLE_TEST_CHROMIUM."
    return found


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium for the whole run; whoever uses it has contexts of their own."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield browser
        await browser.close()


@dataclass
class Centre:
    """A running node, and the telephone network around it."""

    database: Database
    ctx: Context
    settings: Settings
    port: int
    nudges: Nudges
    dial: Dial = dial
    clock: Clock = field(default_factory=SystemClock)
    _running: asyncio.Task[None] | None = None
    _events: int = 0
    errors: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Serve at the port, and be ready for calls."""
        ready = asyncio.Event()
        listener = socket.create_server(("127.0.0.1", self.port))
        listener.setblocking(False)
        self.port = listener.getsockname()[1]
        node = Node(self.ctx, self.settings, self.dial)
        self._running = asyncio.create_task(node.run(listener=listener, ready=ready.set))
        arriving = asyncio.create_task(ready.wait())
        await asyncio.wait([arriving, self._running], timeout=20, return_when=asyncio.FIRST_COMPLETED)
        arriving.cancel()
        if not ready.is_set():
            raise AssertionError("the node did not start") from (self._running.done() and self._running.exception())

    async def stop(self) -> None:
        """As a restart does it: the sockets close, the lease is freed."""
        if self._running is not None:
            self._running.cancel()
            with suppress(asyncio.CancelledError):
                await self._running
            self._running = None

    async def renew(self) -> None:
        """Another process's life at the same address."""
        await self.stop()
        self.ctx = context(self.settings, self.database, self.nudges, self.clock)
        await self.start()

    async def ring(self, call: str, caller: str = "+441314960182", dialled: str = "+441314960100") -> None:
        await self._tell(CallArrived(**self._head(call), caller=caller, dialled=dialled))

    async def answer(self, call: str, endpoint: str = "PJSIP/nadia") -> None:
        await self._tell(CallAnswered(**self._head(call), endpoint=endpoint))

    async def hang_up(self, call: str) -> None:
        await self._tell(CallEnded(**self._head(call), cause="caller", answered=True))

    async def mail(self, subject: str) -> None:
        """A case that somebody has to take."""
        registration = cases.Registration(subject=subject, via="email", customer=Described(email="a@b.example"))
        await cases.register(self.ctx, OPERATOR, registration=registration)

    async def say(self, username: str, state: str, reason: str | None = None) -> None:
        """An agent's presence, from elsewhere."""
        who = Principal(username=username, name=username, roles=frozenset({"agent"}))
        await presence.set_own(self.ctx, who, presence=Presence(state), reason=reason)

    async def _tell(self, event: CallEvent) -> None:
        await intake.on_call(self.ctx, event)

    def _head(self, call: str) -> dict[str, Any]:
        self._events += 1
        return {"source": "pbx", "event_id": f"e{self._events}", "call": call, "at": self.ctx.clock.now()}


@pytest.fixture
async def centre(database: Database, tmp_path: Path, database_url: str) -> AsyncIterator[Centre]:
    environment = {"CONSOLE_SECRET_KEY": "k" * 32, "CONSOLE_DATA_DIR": str(tmp_path)}
    settings = load(environment | {"CONSOLE_DATABASE_URL": database_url})
    async with Nudges(None).running() as nudges:
        centre = Centre(database, context(settings, database, nudges), settings, 0, nudges)
        await configuration.apply(centre.ctx, OPERATOR, text=CENTRE)
        for username, role in (("nadia", "agent"), ("sue", "supervisor")):
            await people.create_user(centre.ctx, OPERATOR, username=username, role=role, password=PASSWORD)
        await centre.start()
        yield centre
        await centre.stop()


@pytest.fixture
async def person(browser: Browser, centre: Centre) -> AsyncIterator[BrowserContext]:
    """One browser of one person."""
    async with person_at(browser, centre.url) as person:
        yield person


@asynccontextmanager
async def person_at(browser: Browser, url: str) -> AsyncIterator[BrowserContext]:
    """A browser of a person who finds the console there. What its pages complain of is a failure of the test."""
    found = await browser.new_context(
        base_url=url, viewport={"width": 1440, "height": 900}, permissions=["notifications"], locale="en-GB"
    )
    found.set_default_timeout(15_000)
    complaints: list[str] = []
    found.on("weberror", lambda error: complaints.append(str(error.error)))
    found.on("console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None)
    yield found
    await found.close()
    assert not complaints, complaints


async def sign_in(person: BrowserContext, username: str, page: Page | None = None) -> Page:
    """By what the sign-in page's form posts; the page they land on."""
    page = page or await person.new_page()
    form = {"username": username, "password": PASSWORD}
    await person.request.post("/login", form=form, max_redirects=0)
    await page.goto("/")
    await live(page)
    return page


async def live(page: Page) -> None:
    """The page's line is open and its first redraw has come."""
    await page.wait_for_selector('html[data-ui-line="live"]')
    await expect(page.locator("#line-said")).to_have_text("Live")


async def available(page: Page) -> None:
    """Say so, by the key, and be ready for calls."""
    await settled(page)
    await page.keyboard.press("Alt+a")
    await page.wait_for_selector("#bar.idle:not(.away)")


async def bar(page: Page, kind: str) -> None:
    """The Bar has come to that state, and its buttons are armed."""
    await page.wait_for_selector(f"#bar.{kind}")
    await settled(page)


async def settled(page: Page) -> None:
    """The Bar's buttons are armed."""
    await page.evaluate("async () => { while (arming()) await new Promise(requestAnimationFrame) }")


async def complaints_of_axe(page: Page, rules: Sequence[str] | None = None, without: Sequence[str] = ()) -> list[Any]:
    """What axe-core finds on the page. It is evaluated by the debugger: the page's own policy forbids it."""
    debugger = await page.context.new_cdp_session(page)
    await debugger.send("Runtime.evaluate", {"expression": AXE})
    only = {"type": "rule", "values": [*rules]} if rules else {"type": "tag", "values": RULES}
    options = json.dumps({"runOnly": only, "rules": {rule: {"enabled": False} for rule in without}})
    told = await debugger.send(
        "Runtime.evaluate",
        {
            "expression": f"axe.run({options}).then(r => r.violations.map(v => [v.id, v.nodes.map(n => n.html)]))",
            "awaitPromise": True,
            "returnByValue": True,
        },
    )
    await debugger.detach()
    assert "value" in told["result"], told
    return list(told["result"]["value"])
