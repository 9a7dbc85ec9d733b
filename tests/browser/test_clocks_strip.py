"""Promises on the page: they count on by themselves, move nothing, and ask for a redraw when one turns."""

from __future__ import annotations

from playwright.async_api import Browser

from console.web.fragment import milliseconds
from tests.browser.bars import desk
from tests.web.screens import NOW, SCREENS

READ = """(at) => {
  const boxes = () => all('#clocks *, #timeline, .casehead').map(one => JSON.stringify(one.getBoundingClientRect()));
  const before = boxes();
  tickPromises(at);
  const told = all('#clocks .clock').map(clock => clock.textContent);
  return {told, moved: boxes().filter((box, n) => box !== before[n]).length};
}"""


async def test_clocks_count_on_in_the_page_and_move_nothing(browser: Browser) -> None:
    async with desk(browser, SCREENS["call"]) as page:
        now = milliseconds(NOW)
        assert await page.page.evaluate(READ, now + 61_000) == {"told": ["10:59", "2h 19m", "6h 0m"], "moved": 0}
        late = await page.page.evaluate(READ, now + 15 * 60_000)
        assert late["told"][0] == "0:00", "never below a deadline: what follows is the server's to say"
        left = "leftOf({left: '9000', spans: '1000-3000 5000-7000 9000-'}, 6000)"
        assert await page.page.evaluate(left) == 6000, "only while it is open"


async def test_a_clock_that_turns_is_asked_for_once(browser: Browser) -> None:
    async with desk(browser, SCREENS["call"]) as page:
        await page.page.evaluate("(at) => { tickPromises(at); tickPromises(at + 1000); }", milliseconds(NOW) + 780_000)

        await page.until(lambda asked: asked.path == "/desk/redraw/clocks")
        await page.page.evaluate("(at) => tickPromises(at)", milliseconds(NOW) + 785_000)
        await page.page.evaluate("fetch('/desk/work/1/note', {method: 'POST'})")
        await page.until(lambda asked: asked.path == "/desk/work/1/note")
        assert [asked.path for asked in page.asked].count("/desk/redraw/clocks") == 1
