"""What stands beside a case at the desk, in a real browser: two people at one case, tasks, files."""

from __future__ import annotations

import msgspec
from playwright.async_api import Browser, expect

from console.queries.desktop import DeskScreen
from tests.browser.bars import desk
from tests.web.screens import SCREENS, SHOWN


def changed_meanwhile() -> DeskScreen:
    """The same desk, after Amina has saved the case."""
    assert SHOWN.case is not None
    case = msgspec.structs.replace(SHOWN.case, subject="Світло є, зв’язку немає", priority=20, version=5)
    shown = SCREENS["opened"].shown
    assert shown is not None
    return msgspec.structs.replace(SCREENS["opened"], shown=msgspec.structs.replace(shown, case=case))


async def test_of_two_who_edit_one_case_the_second_sees_both_texts_before_saving(browser: Browser) -> None:
    async with desk(browser, SCREENS["opened"]) as drawn:
        page = drawn.page
        await page.click("#case-edit-open")
        await page.fill("#case-subject", "Мій текст")
        await expect(page.locator("#case-edit .theirs").first).to_be_hidden()
        await drawn.push(changed_meanwhile())

        await expect(page.locator("#case-stale")).to_be_visible()
        await expect(page.locator("#case-subject")).to_have_value("Мій текст")
        await expect(page.locator("#case-subject ~ .theirs")).to_have_text("Saved meanwhile: Світло є, зв’язку немає")
        await expect(page.locator("#case-priority ~ .theirs")).to_have_text("Saved meanwhile: 20")
        drawn.answer = (412, "")
        await page.click("#case-save")
        # Said with what was read when typing began: the server refuses it, and the next save means it.
        assert (await drawn.last(1)).form["version"] == "4"
        await expect(page.locator("#case-version")).to_have_value("5")
        await page.click("#case-save")
        assert (await drawn.last(2)).form["version"] == "5"


async def test_a_promised_call_is_written_down_and_ticked_off(browser: Browser) -> None:
    async with desk(browser, SCREENS["opened"]) as drawn:
        page = drawn.page
        await expect(page.locator("#tasks-list > li").first).to_contain_text("was due")
        await page.click("#tasks-list button[id$='-done'] >> nth=0")
        assert (await drawn.last(1)).form == {"result": "done"}
        await page.click("#task-open")
        await page.click("label:has(#task-kind-callback)")
        await page.fill("#task-text", "Зателефонувати")
        await page.fill("#task-due", "2030-06-01T10:00")
        await page.click("#task-save")
        asked = await drawn.last(2)

    assert asked.path.endswith("/desk/cases/204817/tasks")
    assert asked.form == {
        "kind": "callback",
        "text": "Зателефонувати",
        "due": "2030-06-01T10:00",
        "remind": "15",
    }
