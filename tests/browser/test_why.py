"""Why this agent: asked from the ring and from the case, without leaving either."""

from __future__ import annotations

from playwright.async_api import BrowserContext, expect

from tests.browser.conftest import Centre, available, bar, complaints_of_axe, sign_in


async def test_the_reasons_open_beside_the_ring_and_again_from_the_case(centre: Centre, person: BrowserContext) -> None:
    page = await sign_in(person, "nadia")
    await available(page)
    await centre.ring("c1")
    await bar(page, "offer")

    await page.click("#why-offer")
    told = page.locator("#why-told")
    await expect(told.get_by_role("row").filter(has_text="Nadia Rahimi")).to_contain_text("is the one who is asked")
    assert await complaints_of_axe(page) == []
    await page.click("#why-close")
    await expect(page.locator("#why")).to_be_hidden()

    await page.keyboard.press("Alt+a")
    await bar(page, "call")
    await centre.answer("c1")
    await page.click("#why-case")
    await expect(told).to_contain_text("under configuration")
