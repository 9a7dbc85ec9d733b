"""The guided script under the hand: figures answer only within it, and what is open stays open."""

from __future__ import annotations

from playwright.async_api import Browser, expect

from tests.browser.bars import desk
from tests.web.dialogs import LINE_ASKED, ROW, line_at, on_desk
from tests.web.screens import CALL, working

NOTE = "#note textarea"


async def test_figures_choose_within_the_script_and_nowhere_else(browser: Browser) -> None:
    async with desk(browser, working(CALL)) as drawn:
        page = drawn.page
        await page.locator(NOTE).focus()
        await page.keyboard.type("2")
        await page.locator(NOTE).evaluate("field => field.blur()")
        await page.keyboard.press("2")
        await expect(page.locator("#script-form-" + ROW.id + "-2 :checked")).to_have_count(0)

        await page.keyboard.press("Alt+g")
        await page.keyboard.press("3")
        await page.keyboard.press("2")
        await expect(page.locator("#answer-2-2")).to_be_checked()
        await expect(page.locator("#answer-2-2")).to_be_focused()
        await page.keyboard.press("Enter")
        await drawn.until(lambda asked: asked.path.endswith("/answer"))

        [asked] = [one for one in drawn.asked if one.path.endswith("/answer")]
        assert asked.path == f"/desk/runs/{ROW.id}/answer"
        assert asked.form == {"nth": "2", "step": "power", "answer": "red"}
        await drawn.push(working(CALL, script=on_desk(("verify", "pin"), ("power", "red"))))
        await expect(page.locator("#answer-3")).to_be_visible()
        await expect(page.locator(".trail li")).to_have_count(3)


async def test_an_earlier_answer_is_changed_while_the_screen_is_drawn_anew(browser: Browser) -> None:
    async with desk(browser, working(CALL)) as drawn:
        page = drawn.page
        await page.locator("#trail-change-0 summary").click()
        await page.locator("#change-0-2-row").click()
        await drawn.push(working(CALL, script=on_desk(("verify", "pin"))))
        await expect(page.locator("#change-0-2")).to_be_checked()
        await page.locator("#change-save-0").click()
        await drawn.until(lambda asked: asked.path.endswith("/change"))

        assert drawn.asked[-1].form == {"nth": "0", "step": "verify", "answer": "no"}


async def test_whoever_waits_for_another_system_goes_on_without_it_and_says_why(browser: Browser) -> None:
    async with desk(browser, working(CALL, script=LINE_ASKED)) as drawn:
        page = drawn.page
        await page.locator("#script-skip-open").click()
        await page.locator("#skip-why").fill("too slow")
        await page.locator("#skip-go").click()
        await drawn.until(lambda asked: asked.path.endswith("/skip"))
        assert drawn.asked[-1].form == {"nth": "0", "step": "line", "why": "too slow"}

        await drawn.push(working(CALL, script=line_at(None, "timed_out")))
        await page.locator("#answer-1").fill("2026-11-24T15:30")
        await page.locator("#script-next").click()
        await drawn.until(lambda asked: asked.path.endswith("/answer"))

        assert drawn.asked[-1].form == {"nth": "1", "step": "when", "answer": "2026-11-24T15:30"}
