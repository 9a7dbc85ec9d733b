"""A tab that is really hidden: Playwright keeps every page in front, so Chromium is spoken to directly here."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from tests.browser.conftest import ARGUMENTS, PASSWORD, Centre, chromium

WITHIN_S = 15


class NotYet(Exception):
    """The page is between two documents."""


class Tab:
    """One page, by the DevTools protocol."""

    def __init__(self, line: ClientConnection, session: str, target: str) -> None:
        self._line, self._session, self._target = line, session, target
        self._numbers = itertools.count(1)

    async def ask(self, method: str, **params: Any) -> Any:
        return await asked(self._line, self._numbers, method, params, self._session)

    async def run(self, code: str) -> Any:
        told = await self.ask("Runtime.evaluate", expression=code, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    async def until(self, code: str) -> None:
        """Until it is true; asked again and again, for a hidden page has no timers to speak of."""
        async with asyncio.timeout(WITHIN_S):
            while not await self._holds(code):
                await asyncio.sleep(0.05)

    async def _holds(self, code: str) -> bool:
        try:
            return bool(await self.run(f"Boolean({code})"))
        except NotYet:
            return False

    async def press_alt(self, key: str) -> None:
        pressed = {"key": key, "code": f"Key{key.upper()}", "windowsVirtualKeyCode": ord(key.upper()), "modifiers": 1}
        await self.ask("Input.dispatchKeyEvent", type="rawKeyDown", **pressed)
        await self.ask("Input.dispatchKeyEvent", type="keyUp", **pressed)

    async def to_front(self) -> None:
        await self.ask("Page.bringToFront")


async def asked(
    line: ClientConnection, numbers: Any, method: str, params: dict[str, Any], session: str | None = None
) -> Any:
    number = next(numbers) * 1000 + (hash(session) % 1000)
    question = {"id": number, "method": method, "params": params}
    await line.send(json.dumps(question | ({"sessionId": session} if session else {})))
    while (answer := json.loads(await line.recv())).get("id") != number:
        pass
    if "context" in answer.get("error", {}).get("message", ""):
        raise NotYet
    assert "error" not in answer, answer
    return answer["result"]


@asynccontextmanager
async def tabs(profile: Path) -> AsyncIterator[Any]:
    """Opens tabs of one window, of which one is in front."""
    process = await asyncio.create_subprocess_exec(
        chromium(),
        *ARGUMENTS,
        "--headless=new",
        "--remote-debugging-port=0",
        f"--user-data-dir={profile}",
        "about:blank",
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    try:
        while b"DevTools listening on" not in (said := await process.stderr.readline()):
            assert said, "Chromium ended"
        async with connect(said.split()[-1].decode(), max_size=None) as line:
            numbers = itertools.count(1)

            async def open_tab(url: str) -> Tab:
                target = (await asked(line, numbers, "Target.createTarget", {"url": url}))["targetId"]
                attached = await asked(line, numbers, "Target.attachToTarget", {"targetId": target, "flatten": True})
                return Tab(line, attached["sessionId"], target)

            yield open_tab
    finally:
        process.terminate()
        await process.communicate()


async def test_a_hidden_tab_rings_at_once_and_shows_the_call(centre: Centre, tmp_path: Path) -> None:
    async with tabs(tmp_path / "profile") as open_tab:
        desk = await open_tab(f"{centre.url}/login")
        await desk.until("document.getElementById('username')")
        await desk.run(
            f"username.value = 'nadia', password.value = '{PASSWORD}', document.forms[0].requestSubmit(), true"
        )
        await desk.until("document.documentElement?.dataset.uiLine === 'live' && !arming()")
        await desk.press_alt("a")
        await desk.until("document.querySelector('#bar.idle:not(.away)')")

        other = await open_tab("about:blank")
        await other.to_front()
        await desk.until("document.visibilityState === 'hidden'")
        await centre.ring("c1")
        await desk.until("!id('ring').paused")
        await desk.until(r"/^\(\d+\) Ringing: /.test(document.title)")
        assert await desk.run("document.querySelector('#offer h2').textContent.trim()") == "+44 131 496 0182"
        assert await desk.run("document.visibilityState") == "hidden"
        assert "icon-ringing" in await desk.run("id('favicon').href")

        await desk.to_front()
        await desk.until("document.visibilityState === 'visible' && !arming()")
        await desk.press_alt("a")
        await desk.until("document.querySelector('#bar.call')")
        assert await desk.run("id('ring').paused")
