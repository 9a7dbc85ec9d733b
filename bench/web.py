"""What the pages cost: rendering, bytes on the line, drawing in Chromium, and the server's time for everybody who looks.

Each figure stands beside a floor taken in the same run: a template with one word in it, the raw answer of a bare ASGI
server, a page that sets `textContent`, a bare socket that says as many bytes as often.

    python -m bench.web            a minute and a half
    python -m bench.web --quick    seconds, for a look
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median

import msgspec
import uvicorn
from playwright.async_api import Browser, async_playwright

from bench.bare import PAGE, SCRIPT, Bare
from bench.watchers import centre_yaml, serving, shown
from console.clock import SystemClock
from console.live import messages as m
from console.live.hub import Frame
from console.web.desk import parts
from console.web.desk.parts import REDRAWN, SILENT
from console.web.fragment import STATIC, environment, render, wrap
from console.web.supervisor import board
from console.web.supervisor.picture import Picture
from tests.browser.conftest import ARGUMENTS, chromium
from tests.served import Console, free_port
from tests.web.floors import FLOOR, queue, seen, waiting
from tests.web.screens import SCREENS, SHELL, VIEW

EMPTY = environment("en").from_string('<p id="x">{{ said }}</p>')

SHOWS: dict[type[m.Message], str] = {
    m.Ready: "idle",
    m.PresenceChanged: "idle",
    m.OfferMade: "offer",
    m.OfferClosed: "idle",
    m.WorkStarted: "call",
    m.WorkUpdated: "wrap-up",
    m.WorkEnded: "idle",
    m.CallChanged: "call",
    m.CaseChanged: "call",
    m.CaseEscalated: "call",
    m.SlaWarned: "call",
    m.SlaBreached: "call",
    m.Notice: "call",
}
"""The screen that is usually there after the message."""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--quick", action="store_true", help="few renders, few seconds")
    quick = options.parse_args().quick
    rendering(50 if quick else 300)
    pushing()
    asyncio.run(drawing(200 if quick else 1_000))
    with tempfile.TemporaryDirectory(prefix="console-bench-") as directory, Console(Path(directory)) as console:
        Path(directory).chmod(0o711)  # the server's account must pass through
        serve = console.serve()
        console.apply(centre_yaml())
        asyncio.run(serving(console, serve, quick=quick))
        serve.stop()


# --- rendering --------------------------------------------------------------------------------------------------------


def rendering(count: int) -> None:
    """Processor time from the values to HTML, without the reading of the values."""
    desk = {name: {**parts.context(SCREENS[name], VIEW, SILENT), **SHELL, "name": "N R"} for name in ("idle", "call")}
    floor = {**board.context(FLOOR, VIEW.words), **SHELL, "name": "N R"}
    what: dict[str, Callable[[], object]] = {
        "page desk, idle": lambda: render("desk/page.html", VIEW.words, desk["idle"]),
        "page desk, on a call": lambda: render("desk/page.html", VIEW.words, desk["call"]),
        "page floor, 5 queues": lambda: render("supervisor/page.html", VIEW.words, floor),
    }
    for name in ("idle", "offer", "call"):
        for part in (*parts.present(set(parts.Part) - {parts.Part.MAIN}, SCREENS[name]), parts.Part.MAIN):
            what.setdefault(f"part {part}", drawing_of(part, name))
    for draw in what.values():
        draw()  # templates are compiled once in a server's life
    print(f"Rendering, {count} times each in turns, processor time; floor: a template with one word")
    times: dict[str, list[float]] = {name: [] for name in what}
    floors = []
    for _ in range(count):
        floors.append(timed(lambda: EMPTY.render(said="word")))
        for name, draw in what.items():
            times[name].append(timed(draw))
    for name, taken in times.items():
        print(shown(name, taken, floors))


def drawing_of(part: parts.Part, name: str) -> Callable[[], str]:
    return lambda: parts.draw(part, SCREENS[name], VIEW, SILENT)


def timed(what: Callable[[], object]) -> float:
    began = time.process_time()
    what()
    return time.process_time() - began


# --- bytes ------------------------------------------------------------------------------------------------------------


def pushing() -> None:
    """What a message weighs as parts; floor: the frame of the JSON stream that tells the same."""
    print("\nBytes of a push, as sent and compressed as sockets do; floor: the smallest frame of the JSON stream")
    for message, screen in SHOWS.items():
        frame = parts.frame(REDRAWN[message], SCREENS[screen], VIEW, SILENT)
        weighed(str(message.__struct_config__.tag), frame)
    queue = waiting(FLOOR.queues[0], FLOOR.queues[0].told.waiting + 1)
    told = msgspec.structs.replace(FLOOR.agents[0].told, presence="away", reason="break")
    agent = msgspec.structs.replace(FLOOR.agents[0], told=told)
    for name, after in (
        ("queue.changed", seen([queue, *FLOOR.queues[1:]], FLOOR.agents)),
        ("agent.changed", seen(FLOOR.queues, [agent, *FLOOR.agents[1:]])),
    ):
        changed = board.changes(FLOOR, after, VIEW.words)
        weighed(name, "".join(wrap(part, html) for part, html in changed.items()))


def weighed(name: str, frame: str) -> None:
    least = len(Frame(1, SystemClock().now(), m.Notice(code=name, text="")).text())
    body = frame.encode()
    packed = zlib.compressobj(wbits=-12)
    small = len(packed.compress(body) + packed.flush())
    print(f"{name:<28} {len(body):7} bytes  {small:6} compressed   floor {least:4}   ratio {len(body) / least:6.1f}")


# --- drawing ----------------------------------------------------------------------------------------------------------


async def drawing(count: int) -> None:
    """One row after the other on the supervisors' page, as fast as they come, until the last is painted."""
    rows = [queue(f"queue{n:03}", 0, 0, 0.61) for n in range(100)]
    floor = seen(rows, FLOOR.agents)
    page = render(
        "supervisor/page.html",
        VIEW.words,
        {**board.context(floor, VIEW.words), **SHELL, "stream": "/supervisor/stream", "name": "N R"},
    )
    bare_rows = "".join(f'<tr><td id="row{n}">0</td></tr>' for n in range(100))
    bare = Bare(
        {
            "/supervisor": ("text/html; charset=utf-8", page.encode()),
            "/floor": ("text/html; charset=utf-8", PAGE.format(rows=bare_rows).encode()),
            "/floor.js": ("text/javascript", SCRIPT.encode()),
        },
        STATIC,
    )
    frames = [row(floor, n) for n in range(1, count + 1)]
    bare_frames = [json.dumps({"id": f"row{n % 100}", "text": str(n)}) for n in range(1, count + 1)]
    last = board.row_id("queue", rows[count % 100].told.name)
    async with chrome() as browser, listening(bare) as url:
        context = await browser.new_context(viewport={"width": 1440, "height": 900})
        taken: dict[str, list[float]] = {"/supervisor": [], "/floor": []}
        for _ in range(5):
            for path, selector, says, poured in (
                ("/supervisor", f'[id="{last}"] td', VIEW.words.number(count), frames),
                ("/floor", f"#row{count % 100}", str(count), bare_frames),
            ):
                view = await context.new_page()
                async with view.expect_websocket():
                    await view.goto(url + path)
                drawn = asyncio.create_task(view.evaluate(UNTIL_PAINTED, [selector, says]))
                await asyncio.sleep(0.5)  # the page has come to rest, and its script waits
                bare.pour(poured)
                taken[path].append(await asyncio.wait_for(drawn, PAINTED_WITHIN_S))
                await view.close()
    mine, theirs = median(taken["/supervisor"]), median(taken["/floor"])
    print(f"\n{count} pushes of one row each to a page of 100, in Chromium, until the last is painted, median of 5")
    print(f"the supervisors' page  {mine:8.1f} ms   floor, textContent {theirs:8.1f} ms   ratio {mine / theirs:6.1f}")
    print(f"a push                 {mine / count:8.3f} ms   floor              {theirs / count:8.3f} ms")


PAINTED_WITHIN_S = 120
UNTIL_PAINTED = """([selector, text]) => new Promise(tell => {
  let began;
  const table = document.querySelector('table');
  new MutationObserver(() => {
    began ??= performance.now();
    if (document.querySelector(selector).textContent === text) requestAnimationFrame(() => setTimeout(() => tell(performance.now() - began)));
  }).observe(table, {subtree: true, childList: true, characterData: true, attributes: true});
})"""


def row(floor: Picture, number: int) -> str:
    shown = waiting(floor.queues[number % 100], number)
    seen_as = board.context(floor, VIEW.words)
    html = render("supervisor/_queue.html", VIEW.words, {**seen_as, "queue": shown, "gone": False})
    return wrap(board.row_id("queue", shown.told.name), html)


@asynccontextmanager
async def chrome() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield browser
        await browser.close()


@asynccontextmanager
async def listening(app: Bare) -> AsyncIterator[str]:
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, access_log=False))
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await task


if __name__ == "__main__":
    main()
