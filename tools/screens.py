"""Takes a picture of every page and state, and lays it beside the design's: docs/images/screens/ and docs/screens.md.

    python -m tools.screens DESIGN           DESIGN is the folder that holds the mockups' shots/
    python -m tools.screens DESIGN --only agent-call

It starts an example centre of its own (tools/screens_centre.py), at a clock that stands still, and signs in to it with
Chromium. A state that cannot be reached is named at the end, and its old picture stays.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import os
import struct
import sys
import tempfile
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from playwright.async_api import Browser, BrowserContext, Error, Page, async_playwright

from console.routing.agent import Presence
from console.telephony import CallAnswered, CallEnded, CallHeld, CallMuted, CallResumed, CallUnmuted, ConsultChanged
from console.web.pages import LANGUAGE_COOKIE
from tests.browser.conftest import ARGUMENTS, bar, chromium, live, settled
from tests.faults.cable import Way
from tools import screens_matters as matters
from tools.screens_centre import HANDED, MARTA, PASSWORD, Centre, northlink

ROOT = Path(__file__).parent.parent
IMAGES = ROOT / "docs/images/screens"
PAGE = ROOT / "docs/screens.md"
WIDE_PX = 960
"""As wide as two stand beside each other on a wide screen, and words can still be read."""
SIZES = {"": (1440, 900), "-1024": (1024, 768), "-390": (390, 844)}

SHOTS: dict[str, tuple[str, str]] = {
    "agent-idle": (
        "Between calls",
        "No forecast of the shift's end. No device name: a browser does not tell it. What is handed over rings at its time.",
    ),
    "agent-idle-390": ("Between calls, on a small screen", "As above; one region at a time."),
    "agent-offer": (
        "A call rings",
        "No contract, and no clocks of the case: they are read once it is answered. “Why you” says what the router decided by.",
    ),
    "agent-offer-390": ("A call rings, on a small screen", "As above."),
    "agent-call": (
        "On a call",
        "No line tests and no “recording”: nothing tells of them. The script's answers do not say where they lead.",
    ),
    "agent-call-1024": ("On a call, at 1024", "As above; the customer is a drawer."),
    "agent-call-390": ("On a call, on a small screen", "As above."),
    "agent-call-dark": ("On a call, dark", "As above."),
    "agent-call.fa": ("On a call, in Persian", "As above. What people wrote stays in their language."),
    "agent-call.fa-dark": ("On a call, in Persian, dark", "As above."),
    "agent-handover": (
        "A case handed over",
        "Its text is what people and clocks recorded; nothing is summed up. It came up by hand, not by a rule.",
    ),
    "agent-handover-1024": ("A case handed over, at 1024", "As above."),
    "agent-handover-390": ("A case handed over, on a small screen", "As above."),
    "agent-handover-dark": ("A case handed over, dark", "As above."),
    "kb-search": (
        "Knowledge, during a call",
        "No hint from a line test. Figures are those of this example's few calls.",
    ),
    "kb-search-1024": ("Knowledge, at 1024", "As above."),
    "kb-search-dark": ("Knowledge, dark", "As above."),
    "kb-edit": (
        "An article being written",
        "No actions inside articles, and no comments on a single step: a reviewer's words are about the whole.",
    ),
    "kb-edit-dark": ("An article being written, dark", "As above."),
    "script-edit": (
        "A script being written",
        "No “ask this only when” and no “special case” within a question: a check before it does that. No time estimates.",
    ),
    "script-edit-dark": ("A script being written, dark", "As above."),
    "supervisor": (
        "The floor",
        "No simulated effect of a decision. Figures are today's.",
    ),
    "supervisor-390": ("The floor, on a small screen", "As above."),
    "supervisor-dark": ("The floor, dark", "As above."),
    "wallboard-dark-1920": ("The wall", "Fewer figures: those that exist."),
    "login": ("Signing in", "No single sign-on button: the console keeps its own passwords."),
    "login-dark": ("Signing in, dark", "As above."),
    "states": (
        "Every state of the Bar",
        "Ours are taken one by one from the live page. No contract beside the name, no “recording”, no forecast.",
    ),
}
"""Name of a picture (and of the design's) to its title, and to what differs and why."""

NOTE = (
    "Optical light red since power back at 08:30, router fine. Fibre lead looks bent where the cupboard door shuts on it."
    " Told her 31 of 32 neighbours are up, so likely her drop."
)
LOOKED_AT = "PON light colour?"
"""The step of the script that is being written."""
CROPPED = {"states": 735}
"""Of the design's picture only so much of its height is of this."""


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("design", type=Path, help="folder of the mockups, which holds shots/")
    options.add_argument("--only", default="", help="pictures whose name begins so")
    asked = options.parse_args()
    studio = Studio(asked.design / "shots", asked.only)
    asyncio.run(studio.work())
    PAGE.write_text(written())
    for name in studio.missed:
        print(f"not taken: {name}", file=sys.stderr)
    return 1 if studio.missed else 0


@dataclass
class Studio:
    shots: Path
    only: str
    missed: list[str] = field(default_factory=list)
    bars: list[bytes] = field(default_factory=list)

    def wanted(self, name: str) -> bool:
        return name.startswith(self.only) or name == "states"

    async def work(self) -> None:
        IMAGES.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="console-screens-") as directory:
            os.chmod(directory, 0o711)  # noqa: PTH101 - the server's account must pass through
            async with northlink(Path(directory)) as centre, browser() as chrome:
                way = Way(centre.port)
                await way.mend()
                await Story(self, centre, way, chrome).tell()
                way.cut()
        async with browser() as chrome:
            await self._design(chrome)

    async def keep(self, name: str, png: bytes, chrome: Browser, crop: int | None = None) -> None:
        (IMAGES / f"{name}.png").write_bytes(await small(chrome, png, crop))

    async def _design(self, chrome: Browser) -> None:
        for name in SHOTS:
            found = next(
                (
                    self.shots / f"{name}{end}.png"
                    for end in ("", "-1440")
                    if (self.shots / f"{name}{end}.png").exists()
                ),
                None,
            )
            if found is None:
                self.missed.append(f"the design's {name}")
                continue
            await self.keep(f"{name}.design", found.read_bytes(), chrome, CROPPED.get(name))


class Story:
    """One afternoon, with a camera."""

    def __init__(self, studio: Studio, centre: Centre, way: Way, chrome: Browser) -> None:
        self.studio, self.centre, self.way, self.chrome = studio, centre, way, chrome

    async def tell(self) -> None:
        async with self.person() as nobody:
            await self._pages(await opened(nobody, "/login"), "login", dark=True)
        async with self.person() as nadia:
            await self._agent(nadia)
        await self._states()

    async def _agent(self, nadia: BrowserContext) -> None:
        page, centre = await self.signed_in(nadia, "nadia"), self.centre
        centre.is_it("14:25")
        await settled(page)
        await page.keyboard.press("Alt+a")
        await page.wait_for_selector("#bar.idle:not(.away)")
        await centre.settle()
        centre.is_it("14:27:14")
        await redrawn(page)
        await self._bar(page)
        await self._pages(page, "agent-idle", sizes=("", "-390"))

        await centre.waiting("14:27:56", "Residential faults", 6)
        centre.is_it("14:28:30")
        await centre.become("nadia", Presence("away"), "break")
        centre.is_it("14:28:38")
        await centre.ring("marta", MARTA, "Business faults", menu="2 Business", fault="1 Something is broken")
        centre.is_it("14:28:48")
        await centre.become("nadia", Presence.AVAILABLE)
        await bar(page, "offer")
        centre.is_it("14:28:52")
        await redrawn(page)
        await self._bar(page)
        await self._pages(page, "agent-offer", sizes=("", "-390"))

        await self._answers(page)
        await self._pages(page, "agent-call", sizes=tuple(SIZES), dark=True)
        await self._persian(nadia)
        await self._supervisor()
        await self._try("kb-search", lambda: self._knowledge(nadia))
        await self._try("kb-edit", self._authors)
        await self._on_the_line(page)
        await self._after(page)
        await self._try("agent-handover", lambda: self._handover(page))

    async def _answers(self, page: Page) -> None:
        self.centre.is_it("14:28:56")
        await page.keyboard.press("Alt+a")
        await bar(page, "call")
        await self.centre.tell(CallAnswered, "marta", endpoint="SIM/nadia")
        await self.centre.waiting("14:30:03", "Billing", 4)
        await self.centre.waiting("14:31:27", "Residential moves", 2)
        self.centre.is_it("14:32:08")
        await self.centre.led()
        await page.locator("#note textarea").first.fill(NOTE)
        await page.wait_for_selector("#draft:has-text('Draft saved')")
        await redrawn(page)
        await self._bar(page)

    async def _supervisor(self) -> None:
        async with self.person() as gareth:
            page = await self.signed_in(gareth, "gareth")
            await self._pages(page, "supervisor", sizes=("", "-390"), dark=True)
            await self._try("wallboard-dark-1920", lambda: self._wall(gareth))

    async def _on_the_line(self, page: Page) -> None:
        """Muted, held, with a colleague; a control that is not answered; the line lost, and the server."""
        for says, begin, end in (
            ("You are muted", (CallMuted, {}), (CallUnmuted, {})),
            ("On hold", (CallHeld, {}), (CallResumed, {})),
            (
                "Asking Diego",
                (ConsultChanged, {"endpoint": "SIM/diego", "state": "talking"}),
                (ConsultChanged, {"endpoint": "SIM/diego", "state": "ended", "result": "returned"}),
            ),
        ):
            await self.centre.tell(begin[0], "marta", **cast("dict[str, Any]", begin[1]))
            await self._try(f"Bar: {says}", lambda says=says: page.wait_for_selector(f"#bar:has-text('{says}')"))
            await self._bar(page)
            await self.centre.tell(end[0], "marta", **cast("dict[str, Any]", end[1]))
            await page.wait_for_selector("#bar.call")
        await self._try("Bar: a control that failed", lambda: self._failed(page))
        self.way.cut()
        await page.wait_for_selector('html[data-ui-line="lost"]')
        await self._bar(page)
        await page.clock.fast_forward(21_000)
        await page.wait_for_selector("#bar-offline:visible")
        await self._bar(page)
        await self.way.mend()
        await live(page)

    async def _failed(self, page: Page) -> None:
        """No phone system is there to mute anything."""
        await settled(page)
        await page.keyboard.press("Alt+m")
        said = await page.wait_for_selector("#refusal:not(:empty)")
        assert said is not None
        box = await page.evaluate(
            "(({x, y, width, height}) => ({x, y, width, height}))(id('refusal').getBoundingClientRect())"
        )
        self.studio.bars.append(await page.screenshot(clip=box, animations="disabled"))
        await page.keyboard.press("Escape")

    async def _after(self, page: Page) -> None:
        centre = self.centre
        await centre.tell(CallEnded, "marta", cause="caller", answered=True)
        await bar(page, "wrapup")
        centre.is_it("14:32:44")
        await redrawn(page)
        await self._bar(page)
        await centre.done("marta", "nadia")
        await page.wait_for_selector("#bar.idle")
        await centre.ring("second", "+441314960233", "Business faults")
        await bar(page, "offer")
        centre.is_it("14:33:05")
        await centre.settle()
        await self._try("Bar: missed", lambda: page.wait_for_selector("#bar.lost"))
        centre.is_it("14:33:47")
        await redrawn(page)
        await self._bar(page)

    async def _persian(self, nadia: BrowserContext) -> None:
        state = await nadia.storage_state()
        async with self.person(locale="fa-IR", storage_state=state) as other:
            await other.add_cookies([{"name": LANGUAGE_COOKIE, "value": "fa", "url": self.way.url}])
            page = await other.new_page()
            await page.goto("/desk")
            await page.wait_for_selector('html[data-ui-line="live"]')
            if await page.locator("html[lang=fa]").count():
                await self._pages(page, "agent-call.fa", dark=True)
            else:
                self.studio.missed += ["agent-call.fa", "agent-call.fa-dark"]

    async def _knowledge(self, nadia: BrowserContext) -> None:
        number = await matters.article(self.centre.ctx)
        page = await opened(nadia, f"/kb/{number}?q=ont+red+light+power+cut")
        await live(page)
        await self._pages(page, "kb-search", sizes=("", "-1024"), dark=True)
        await page.close()

    async def _authors(self) -> None:
        number = await matters.rewritten(self.centre.ctx)
        async with self.person() as ilse:
            page = await self.signed_in(ilse, "ilse", "/kb/articles")
            for name, path in (("kb-edit", f"/kb/{number}/edit"), ("script-edit", f"/scripts/{matters.SCRIPT}")):
                await page.goto(path)
                await page.wait_for_load_state("networkidle")
                if name == "script-edit":
                    await page.click(f"#script-steps button:has-text('{LOOKED_AT}')")
                    await page.wait_for_selector(f"#script-form h2:has-text('{LOOKED_AT}')")
                await self._pages(page, name, dark=True)

    async def _handover(self, page: Page) -> None:
        self.centre.is_it("14:36")
        await self.centre.tell(CallEnded, "second", cause="caller", answered=False)
        await self.centre.become("nadia", Presence.AVAILABLE)
        number = await self.centre.number_of(HANDED[0])
        await matters.handed_up(self.centre.ctx, number=number)
        await self.centre.settle()
        await page.wait_for_selector("#bar.handover", timeout=8_000)
        await page.get_by_text("Read all that came with it").click()
        await page.wait_for_selector("#packet:visible", timeout=8_000)
        await self._pages(page, "agent-handover", sizes=tuple(SIZES), dark=True)

    async def _wall(self, gareth: BrowserContext) -> None:
        page = await opened(gareth, "/supervisor/wall")
        await page.wait_for_selector('html[data-ui-line="live"]', timeout=5_000)
        await page.set_viewport_size({"width": 1920, "height": 1080})
        await page.emulate_media(color_scheme="dark")
        await self._shoot(page, "wallboard-dark-1920")

    async def _pages(self, page: Page, name: str, *, sizes: tuple[str, ...] = ("",), dark: bool = False) -> None:
        for size in sizes:
            await page.set_viewport_size({"width": SIZES[size][0], "height": SIZES[size][1]})
            await self._shoot(page, name + size)
        await page.set_viewport_size({"width": 1440, "height": 900})
        if dark:
            await page.emulate_media(color_scheme="dark")
            await self._shoot(page, f"{name}-dark")
            await page.emulate_media(color_scheme="light")

    async def _shoot(self, page: Page, name: str) -> None:
        if name in SHOTS and self.studio.wanted(name):
            await self.studio.keep(name, await page.screenshot(animations="disabled"), self.chrome)

    async def _bar(self, page: Page) -> None:
        taken = await page.screenshot(clip={"x": 0, "y": 44, "width": 1440, "height": 60}, animations="disabled")
        self.studio.bars.append(taken)

    async def _states(self) -> None:
        """All that were taken of the Bar, one under the other."""
        page = await self.chrome.new_page(viewport={"width": 1440, "height": 68 * len(self.studio.bars)})
        images = "".join(
            f'<img style="display:block;margin-bottom:8px" src="{url_of(png)}">' for png in self.studio.bars
        )
        await page.set_content(f'<body style="margin:0;background:#f4f6f8">{images}')
        await self.studio.keep("states", await page.screenshot(), self.chrome)
        await page.close()

    async def _try(self, name: str, what: Callable[[], Awaitable[object]]) -> None:
        try:
            await what()
        except (Error, AssertionError) as error:
            print(f"{name}: {str(error).splitlines()[0]}", file=sys.stderr)
            self.studio.missed.append(name)

    @asynccontextmanager
    async def person(self, **options: Any) -> AsyncIterator[BrowserContext]:
        given = {"locale": "en-GB", "timezone_id": "Europe/London", "permissions": ["notifications"]} | options
        context = await self.chrome.new_context(base_url=self.way.url, viewport={"width": 1440, "height": 900}, **given)
        await context.clock.install(time=self.centre.clock.at)
        yield context
        await context.close()

    async def signed_in(self, person: BrowserContext, username: str, home: str | None = None) -> Page:
        """`home`: where somebody comes whose first page has no stream."""
        page = await opened(person, "/login")
        await page.fill("#username", username)
        await page.fill("#password", PASSWORD)
        await page.press("#password", "Enter")
        if home is None:
            await live(page)
        else:
            await page.wait_for_url(lambda url: not url.endswith("/login"))
        return page


async def opened(person: BrowserContext, path: str) -> Page:
    page = await person.new_page()
    await page.goto(path)
    return page


async def redrawn(page: Page) -> None:
    """The whole screen again, as of the centre's clock."""
    await page.evaluate("""() => new Promise(tell => {
      addEventListener('htmx:after:swap', () => setTimeout(tell, 300), {once: true, capture: true});
      htmx.process(document.getElementById('live'), true);
    })""")
    await live(page)


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        found = await playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield found
        await found.close()


# --- small pictures -----------------------------------------------------------------------------------------------------

COUNT = """async ([source, wide, crop]) => {
  const image = new Image();
  image.src = source;
  await image.decode();
  const tall = Math.min(image.height, crop ?? Infinity), scale = Math.min(1, wide / image.width);
  const canvas = new OffscreenCanvas(Math.round(image.width * scale), Math.round(tall * scale)), brush = canvas.getContext('2d');
  brush.imageSmoothingQuality = 'high';
  brush.drawImage(image, 0, 0, image.width, tall, 0, 0, canvas.width, canvas.height);
  const {data} = brush.getImageData(0, 0, canvas.width, canvas.height), bits = v => v >> 3;
  const key = i => bits(data[i]) << 10 | bits(data[i + 1]) << 5 | bits(data[i + 2]);
  const sums = new Map();
  for (let i = 0; i < data.length; i += 4) {
    const sum = sums.get(key(i)) ?? [0, 0, 0, 0];
    for (const n of [0, 1, 2]) sum[n] += data[i + n];
    sum[3]++;
    sums.set(key(i), sum);
  }
  const palette = [...sums.values()].sort((a, b) => b[3] - a[3]).slice(0, 256).map(s => [0, 1, 2].map(n => Math.round(s[n] / s[3])));
  const nearest = new Map(), indexes = new Uint8Array(data.length / 4);
  for (let i = 0; i < data.length; i += 4) {
    let found = nearest.get(key(i));
    if (found === undefined) {
      let best = Infinity;
      palette.forEach((colour, n) => {
        const far = colour.reduce((sum, value, part) => sum + (value - data[i + part]) ** 2, 0);
        if (far < best) { best = far; found = n; }
      });
      nearest.set(key(i), found);
    }
    indexes[i / 4] = found;
  }
  let text = '';
  for (let i = 0; i < indexes.length; i += 8192) text += String.fromCharCode(...indexes.subarray(i, i + 8192));
  return {width: canvas.width, height: canvas.height, palette: palette.flat(), indexes: btoa(text)};
}"""
"""The picture scaled, in 256 colours: the most frequent, and for the others the nearest of them."""


async def small(chrome: Browser, png: bytes, crop: int | None) -> bytes:
    """The picture as an indexed PNG (W3C PNG, third edition, section 11) of at most WIDE_PX."""
    page = await chrome.new_page()
    found = await page.evaluate(COUNT, [url_of(png), WIDE_PX, crop])
    await page.close()
    width, height, rows = found["width"], found["height"], base64.b64decode(found["indexes"])
    lines = b"".join(b"\0" + rows[at : at + width] for at in range(0, width * height, width))
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"PLTE", bytes(found["palette"])), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )


def url_of(png: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(png).decode()


# --- the page -----------------------------------------------------------------------------------------------------------


def written() -> str:
    """docs/screens.md, of the pictures that there are."""
    lines = [
        "# Screens, beside their design",
        "",
        "Left the mockup the pages were built from, right the console, at the same size and as near to the same moment as",
        "an example centre can come. Made by `python -m tools.screens DESIGN`. Everybody and everything in them is invented.",
    ]
    for name, (title, differs) in SHOTS.items():
        sides = [IMAGES / f"{name}{end}.png" for end in (".design", "")]
        shown = [f"![{title}]({side.relative_to(PAGE.parent)})" if side.exists() else "–" for side in sides]
        lines += [
            "",
            f"## {title}",
            "",
            "| The design | The console |",
            "|---|---|",
            f"| {shown[0]} | {shown[1]} |",
            "",
            differs,
        ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
