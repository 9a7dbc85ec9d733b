"""A page of the product with a corner of the test's own in it, and a say on its line between what the server says.

The corner has every kind of field, of thing that opens, and of list, also those that no page has yet: the rules of
live pages are rules for all of them. The scripts, the policy and the socket are the product's.
"""

from __future__ import annotations

from typing import Any

from playwright.async_api import BrowserContext, Page, WebSocketRoute

from console.web.fragment import wrap
from tests.browser.conftest import sign_in

CORNER = """(html) => {
  const corner = document.createElement('div');
  corner.id = 'lab';
  // Over the page, so that the pointer reaches it.
  Object.assign(corner.style, {position: 'fixed', inset: '0', zIndex: 9999, overflow: 'auto', background: 'white'});
  corner.innerHTML = html + '<output id="lab-drawn"></output>';
  document.body.append(corner);
  htmx.process(corner);
}"""


class Lab:
    """A live page with the corner."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._line: WebSocketRoute | None = None
        self._pushes = 0

    def hear(self, line: WebSocketRoute) -> None:
        """Where what the test says goes from now on."""
        self._line = line

    async def begin(self, html: str) -> None:
        """With this in the corner."""
        await self.page.evaluate("id('lab')?.remove()")
        await self.page.evaluate(CORNER, html)

    async def push(self, **parts: str) -> None:
        """Say these parts by the line, `_` for `-` in their ids, and wait until they are drawn."""
        await self.send("".join(wrap(part.replace("_", "-"), html) for part, html in parts.items()))

    async def send(self, frame: str) -> None:
        """The same of a whole frame."""
        self._pushes += 1
        drawn = wrap("lab-drawn", f'<output id="lab-drawn" data-push="{self._pushes}"></output>')
        assert self._line is not None
        self._line.send(frame + drawn)
        await self.page.wait_for_selector(f'#lab-drawn[data-push="{self._pushes}"]', state="attached")

    async def focused(self) -> str:
        """The id of what has the focus."""
        return str(await self.page.evaluate("document.activeElement.id"))

    async def find(self, code: str) -> Any:
        return await self.page.evaluate(code)


async def lab_of(person: BrowserContext, username: str = "nadia") -> Lab:
    """That person's page, signed in and live."""
    page = await person.new_page()
    lab = Lab(page)

    def carried(line: WebSocketRoute) -> None:
        line.connect_to_server()
        lab.hear(line)

    await page.route_web_socket("**/stream*", carried)
    await sign_in(person, username, page)
    return lab
