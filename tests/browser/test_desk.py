"""An agent's day in a real browser."""

from __future__ import annotations

from playwright.async_api import BrowserContext, expect

from tests.browser.conftest import Centre, available, bar, live, sign_in

CALLER = "+44 131 496 0182"


async def test_a_call_rings_is_answered_by_key_noted_and_wrapped_up(centre: Centre, person: BrowserContext) -> None:
    page = await sign_in(person, "nadia")
    await expect(page.locator("#bar")).to_contain_text("Nothing rings")
    await available(page)

    await centre.ring("c1")
    await bar(page, "offer")
    await expect(page.locator("#offer")).to_contain_text("fibre: you 5, needs 3")
    await expect(page).to_have_title(f"(20) Ringing: {CALLER} · faults")
    await page.keyboard.press("Alt+a")

    await bar(page, "call")
    await centre.answer("c1")
    await expect(page.locator("#bar")).to_contain_text("On call")
    await page.keyboard.press("Alt+n")
    await page.keyboard.type("The fibre lead is bent.")
    await expect(page.locator("#draft")).to_contain_text("Draft saved")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#timeline")).to_contain_text("The fibre lead is bent.")
    await expect(page.locator("#note textarea")).to_have_value("")

    await centre.hang_up("c1")
    await bar(page, "wrapup")
    await page.select_option("#outcome select", "solved")
    await page.keyboard.press("Alt+w")
    await bar(page, "idle")
    await expect(page.locator("#cases")).to_contain_text("Call from +441314960182")
    await page.reload()
    await live(page)
    await expect(page.locator("#bar")).to_contain_text("Available")
