"""An agent's day in a real browser, before a real node."""

from __future__ import annotations

import re

from playwright.async_api import BrowserContext, Page, expect

from tests.browser.conftest import PASSWORD, Centre, available, bar, live, settled, sign_in
from tests.browser.elements import same_as_fresh

CALLER = "+44 131 496 0182"
BRIEF = "+441314960999"
"""A queue whose ring lasts one second."""

NOTE = "#note textarea"


async def on_a_call(centre: Centre, person: BrowserContext) -> Page:
    """Nadia, who has answered."""
    page = await sign_in(person, "nadia")
    await available(page)
    await centre.ring("c1")
    await bar(page, "offer")
    await page.keyboard.press("Alt+a")
    await bar(page, "call")
    return page


async def ringing(page: Page) -> bool:
    return bool(await page.evaluate("!id('ring').paused"))


async def test_a_call_rings_is_answered_by_key_noted_and_wrapped_up(centre: Centre, person: BrowserContext) -> None:
    page = await sign_in(person, "nadia")
    await expect(page.locator("#bar")).to_contain_text("Nothing rings")
    await available(page)

    await centre.ring("c1")
    await bar(page, "offer")
    await expect(page.locator("#offer")).to_contain_text("fibre: you 5, needs 3")
    await expect(page.locator("#assertive")).to_contain_text("Incoming call from faults")
    await expect(page).to_have_title(re.compile(rf"^\(\d+\) Ringing: {re.escape(CALLER)} · faults$"))
    assert await ringing(page)
    await same_as_fresh(page)
    await page.keyboard.press("Alt+a")

    await bar(page, "call")
    assert not await ringing(page)
    await centre.answer("c1")
    await expect(page.locator("#bar")).to_contain_text("On call")
    await page.keyboard.press("Alt+n")
    await page.keyboard.type("The fibre lead is bent.")
    await expect(page.locator("#draft")).to_contain_text("Draft saved")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#timeline")).to_contain_text("The fibre lead is bent.")
    await expect(page.locator(NOTE)).to_have_value("")
    await same_as_fresh(page)

    await centre.hang_up("c1")
    await bar(page, "wrapup")
    await page.select_option("#outcome select", "solved")
    await page.keyboard.press("Alt+w")
    await bar(page, "idle")
    await expect(page.locator("#cases")).to_contain_text("Call from +441314960182")
    await same_as_fresh(page)


async def test_a_ring_is_declined_with_a_reason_by_two_keys(centre: Centre, person: BrowserContext) -> None:
    page = await sign_in(person, "nadia")
    await available(page)
    await centre.ring("c1")
    await bar(page, "offer")
    await page.keyboard.press("Alt+x")
    await expect(page.locator("#decline")).to_be_visible()
    await page.keyboard.press("2")
    await bar(page, "idle")
    await expect(page.locator("#decline")).to_be_hidden()
    await expect(page.locator("#polite")).to_contain_text("Declined")
    assert not await ringing(page)


async def test_escape_leads_from_the_reasons_back_to_the_ring(centre: Centre, person: BrowserContext) -> None:
    page = await sign_in(person, "nadia")
    await available(page)
    await centre.ring("c1")
    await bar(page, "offer")
    await page.keyboard.press("Alt+x")
    await page.keyboard.press("Escape")
    await expect(page.locator("#decline")).to_be_hidden()
    await expect(page.locator("#bar.offer")).to_be_visible()


async def test_a_missed_ring_takes_out_of_routing_and_one_key_brings_back(
    centre: Centre, person: BrowserContext
) -> None:
    page = await sign_in(person, "nadia")
    await available(page)
    await centre.ring("c1", dialled=BRIEF)
    await bar(page, "lost")
    await expect(page.locator("#bar")).to_contain_text("You missed a call from brief")
    await expect(page.locator("#state-open")).to_contain_text("No answer")
    await page.keyboard.press("Alt+a")
    await page.wait_for_selector("#bar:is(.idle, .offer)")


async def test_a_key_meant_for_the_old_state_cannot_hit_the_new_one(centre: Centre, person: BrowserContext) -> None:
    page = await sign_in(person, "nadia")
    await available(page)
    # Alt A pressed and Answer clicked in the very moment in which the ring appears.
    await page.evaluate("""() => addEventListener('htmx:after:swap', function early() {
      if (!id('bar').dataset.ring) return;
      removeEventListener('htmx:after:swap', early);
      dispatchEvent(new KeyboardEvent('keydown', {key: 'a', code: 'KeyA', altKey: true, bubbles: true, cancelable: true}));
      id('bar-answer').click();
      root.dataset.uiTried = '';
    })""")
    posts: list[str] = []
    page.on("request", lambda asked: posts.append(asked.url) if asked.method == "POST" else None)
    await centre.ring("c1")
    await page.wait_for_selector("html[data-ui-tried]")
    await settled(page)
    assert not posts
    await page.keyboard.press("Alt+a")
    await bar(page, "call")


async def test_what_is_typed_stays_through_pushes_and_a_restart_of_the_server(
    centre: Centre, person: BrowserContext
) -> None:
    page = await on_a_call(centre, person)
    await page.select_option("#outcome select", "follow_up")
    await page.locator(NOTE).press_sequentially("Red light since ")
    await centre.answer("c1")
    await expect(page.locator("#bar")).to_contain_text("On call")
    await expect(page.locator(NOTE)).to_have_value("Red light since ")
    await expect(page.locator(NOTE)).to_be_focused()

    await centre.stop()
    await expect(page.locator("#line-said")).to_contain_text("Reconnecting")
    await page.keyboard.type("half past eight")
    await expect(page.locator("#draft")).to_contain_text("Kept in this browser")
    await centre.renew()
    await live(page)
    await expect(page.locator("#draft")).to_contain_text("Draft saved")
    await expect(page.locator(NOTE)).to_have_value("Red light since half past eight")
    await expect(page.locator("#outcome select")).to_have_value("follow_up")

    await page.reload()
    await expect(page.locator(NOTE)).to_have_value("Red light since half past eight")


async def test_the_end_of_work_does_not_lose_the_words_being_typed(centre: Centre, person: BrowserContext) -> None:
    page = await on_a_call(centre, person)
    other = await person.new_page()
    await other.goto("/desk")
    await live(other)
    await bar(other, "call")
    await centre.hang_up("c1")
    await bar(page, "wrapup")
    await bar(other, "wrapup")
    await page.locator(NOTE).press_sequentially("Last words")
    async with page.expect_request("**/desk/about/*/draft") as saving:
        await other.keyboard.press("Alt+w")
    assert (await saving.value).post_data.startswith("note=Last+words&")


async def test_a_restart_under_the_page_is_healed_and_calls_ring_again(centre: Centre, person: BrowserContext) -> None:
    page = await sign_in(person, "nadia")
    await available(page)
    await centre.renew()
    await expect(page.locator("#line-said")).to_have_text("Live")
    await centre.ring("c1")
    await bar(page, "offer")


async def test_a_lost_server_is_said_in_the_bar_and_its_return_too(centre: Centre, person: BrowserContext) -> None:
    page = await on_a_call(centre, person)
    await centre.stop()
    await expect(page.locator("#bar .stack.when-lost")).to_contain_text("your call is not affected")
    await expect(page.locator("#bar .stack.when-lost")).to_be_visible()
    await expect(page.locator("#bar.call")).to_be_visible()
    await page.evaluate("() => { lostSince -= GONE_MS }")  # as if it had been silent for so long
    await expect(page.locator("#bar-offline")).to_be_visible(timeout=30_000)
    await expect(page.locator("#bar")).to_be_hidden()
    await centre.renew()
    await live(page)
    await expect(page.locator("#bar-offline")).to_be_hidden()
    await expect(page.locator("#bar")).to_be_visible()


async def test_of_two_tabs_one_rings_and_both_show_it(centre: Centre, person: BrowserContext) -> None:
    first = await sign_in(person, "nadia")
    await available(first)
    second = await person.new_page()
    await second.goto("/desk")
    await live(second)
    await second.mouse.click(700, 600)

    await centre.ring("c1")
    await bar(first, "offer")
    await bar(second, "offer")
    while not (sounding := await both(first, second)):
        continue
    assert sounding == 1

    loud, quiet = (first, second) if await ringing(first) else (second, first)
    await loud.close()
    await quiet.wait_for_selector("#bar.offer")
    await rings(quiet)
    await settled(quiet)
    await quiet.keyboard.press("Alt+a")
    await bar(quiet, "call")
    assert not await ringing(quiet)


async def rings(page: Page) -> None:
    """It has begun to."""
    await page.evaluate("async () => { while (id('ring').paused) await new Promise((next) => setTimeout(next, 20)) }")


async def both(first: Page, second: Page) -> int:
    return await ringing(first) + await ringing(second)


async def test_without_sound_the_agent_stays_not_ready_and_is_told(centre: Centre, person: BrowserContext) -> None:
    page = await sign_in(person, "nadia")
    await page.evaluate(
        "() => { id('ring').play = () => Promise.reject(new DOMException('blocked', 'NotAllowedError')) }"
    )
    await page.keyboard.press("Alt+a")
    await expect(page.locator("#refusal")).to_contain_text("You are still not ready")
    await expect(page.locator("#bar")).to_contain_text("Nothing rings")


async def test_a_command_on_what_is_over_is_refused_in_words(centre: Centre, person: BrowserContext) -> None:
    page = await sign_in(person, "nadia")
    await available(page)
    await centre.ring("c1")
    await bar(page, "offer")
    button = await page.locator("#bar-answer").get_attribute("hx-post")
    await centre.hang_up("c1")
    await bar(page, "idle")
    await page.evaluate("(path) => htmx.ajax('POST', path, {source: document.body, swap: 'none'})", button)
    await expect(page.locator("#refusal")).to_contain_text("This ring is over")
    await page.click("#refusal-close")
    await expect(page.locator("#refusal")).to_be_empty()


async def test_a_caller_cannot_write_on_the_page(centre: Centre, person: BrowserContext) -> None:
    page = await sign_in(person, "nadia")
    await available(page)
    await centre.ring("c1", caller='<script>document.title="x"</script><img src=x onerror=alert(1)>')
    await bar(page, "offer")
    await expect(page.locator("#bar .when-live b")).to_contain_text("<script>")
    assert await page.locator("#bar img, #offer img, #bar script, #offer script").count() == 0


async def test_signing_out_leads_to_the_sign_in_and_that_to_the_desk(centre: Centre, person: BrowserContext) -> None:
    page = await sign_in(person, "nadia")
    await page.click("#account-open")
    await page.click("#sign-out")
    await expect(page.locator("#sign-in")).to_be_visible()
    await page.fill("#username", "nadia")
    await page.fill("#password", PASSWORD)
    await page.press("#password", "Enter")
    await live(page)
    await expect(page.locator("#bar.idle")).to_be_visible()
