"""Every state of the Bar in a real browser: what it says, which buttons it has, and what they ask for."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, expect

from tests.browser.bars import Drawn, desk
from tests.browser.conftest import complaints_of_axe
from tests.web.screens import CALL, SCREENS

WORK = f"/desk/work/{CALL.item}"


@pytest.fixture(scope="module")
async def page(browser: Browser) -> AsyncIterator[Drawn]:
    async with desk(browser, SCREENS["idle"]) as found:
        yield found


@pytest.fixture
async def drawn(page: Drawn) -> Drawn:
    """The same page for every test, as if it were new."""
    await page.anew(SCREENS["idle"])
    return page


@pytest.mark.parametrize(
    ("name", "looks", "words", "buttons"),
    [
        ("idle", "idle", "First in line for бізнес", ["bar-device", "bar-test-ring", "bar-break"]),
        ("away", "away", "On a break", ["bar-device", "bar-test-ring", "bar-available"]),
        ("offline", "away", "the connection was lost", ["bar-device", "bar-test-ring", "bar-available"]),
        ("offer", "offer", "Марта Ковальчик", ["bar-decline", "bar-answer"]),
        ("offer-case", "offer", "Take case", ["bar-decline", "bar-answer"]),
        ("call-connecting", "call", "pick up your phone", ["bar-hang-up"]),
        ("call", "call", "On call", ["bar-mute", "bar-hold", "bar-digits", "bar-transfer", "bar-hang-up"]),
        (
            "muted",
            "call",
            "The caller cannot hear you",
            ["bar-mute", "bar-hold", "bar-digits", "bar-transfer", "bar-hang-up"],
        ),
        ("hold", "hold", "The caller hears music", ["bar-hold", "bar-transfer", "bar-hang-up"]),
        ("consult-ringing", "hold", "Asking Дієго Сантос, it rings", ["bar-return"]),
        ("consult", "hold", "Марта Ковальчик is on hold", ["bar-complete", "bar-conference", "bar-return"]),
        ("conference", "call", "All three talk", ["bar-complete", "bar-return"]),
        ("asked", "hold", "Прія Наїр asks you about Марта Ковальчик", []),
        ("callback", "call", "Call back", ["bar-dial", "bar-called"]),
        ("wrap-up", "wrapup", "No outcome chosen yet", ["bar-extend", "bar-done"]),
        ("wrap-up-open", "wrapup", "Outcome: Solved", ["bar-done"]),
        ("missed", "lost", "it went to Каллум Рід", ["bar-test-ring", "bar-available"]),
    ],
)
async def test_each_state_says_what_it_is_and_has_its_buttons(
    drawn: Drawn, name: str, looks: str, words: str, buttons: list[str]
) -> None:
    await drawn.push(SCREENS[name])
    bar = drawn.page.locator(f"#bar.{looks}")
    await expect(bar).to_contain_text(words)
    shown = await bar.locator("button:visible, a:visible").evaluate_all("(all) => all.map((one) => one.id)")
    assert shown == buttons
    box = await bar.bounding_box()
    assert box is not None
    assert box["height"] == 60


@pytest.mark.parametrize(
    ("name", "button", "path"),
    [
        ("call", "bar-mute", "/mute"),
        ("muted", "bar-mute", "/unmute"),
        ("call", "bar-hold", "/hold"),
        ("hold", "bar-hold", "/resume"),
        ("call", "bar-hang-up", "/hangup"),
        ("consult", "bar-complete", "/consult/complete"),
        ("consult", "bar-conference", "/consult/conference"),
        ("conference", "bar-return", "/consult/return"),
        ("wrap-up", "bar-extend", "/extend"),
    ],
)
async def test_a_button_asks_for_its_own_work_and_changes_nothing_itself(
    drawn: Drawn, name: str, button: str, path: str
) -> None:
    await drawn.shows(SCREENS[name])
    before = await drawn.page.locator("#bar").inner_text()
    await drawn.page.click(f"#{button}")
    assert (await drawn.last()).path == WORK + path
    assert (await drawn.page.locator("#bar").inner_text()).split("\n")[:1] == before.split("\n")[:1]


async def test_a_double_click_asks_once(drawn: Drawn) -> None:
    await drawn.shows(SCREENS["call"])
    drawn.silent.clear()
    await drawn.page.dblclick("#bar-hold")
    await drawn.last()
    drawn.silent.set()
    await expect(drawn.page.locator("#bar-hold")).not_to_have_class("htmx-request")
    assert len(drawn.asked) == 1


async def test_what_is_asked_and_not_answered_is_shown_as_pending_through_a_push(drawn: Drawn) -> None:
    await drawn.shows(SCREENS["call"])
    drawn.silent.clear()
    await drawn.page.click("#bar-hold")
    await drawn.page.wait_for_selector("#bar-hold[data-ui-pending]")
    await drawn.push(SCREENS["call"])
    await expect(drawn.page.locator("#bar-hold")).to_have_attribute("data-ui-pending", "")
    await drawn.push(SCREENS["hold"])
    await expect(drawn.page.locator("#bar-hold")).to_have_attribute("data-ui-pending", "")
    drawn.silent.set()
    await drawn.page.wait_for_selector("#bar-hold:not([data-ui-pending])")


async def test_a_control_that_failed_says_what_is_still_true_and_can_be_tried_again(drawn: Drawn) -> None:
    await drawn.shows(SCREENS["call"])
    drawn.fail("hold")
    await drawn.page.click("#bar-hold")
    said = drawn.page.locator("#refusal")
    await expect(said).to_contain_text("Hold did not work")
    await expect(said).to_contain_text("The phone system did not answer in 2 s. The caller still hears you.")
    await expect(drawn.page.locator("#bar.call")).to_be_visible()
    assert await complaints_of_axe(drawn.page) == []
    drawn.answer = (204, "")
    await drawn.page.click("#refusal-again")
    assert (await drawn.last(2)).path.endswith("/hold")
    await expect(said).to_be_empty()


async def test_a_stale_command_is_refused_in_words_without_trying_again(drawn: Drawn) -> None:
    await drawn.shows(SCREENS["call"])
    drawn.fail("mute", "work-over", 409)
    await drawn.page.click("#bar-mute")
    await expect(drawn.page.locator("#refusal")).to_contain_text("Mute did not work")
    await expect(drawn.page.locator("#refusal")).to_contain_text("Nothing was done")
    assert await drawn.page.locator("#refusal-again").count() == 0


async def test_while_the_line_is_lost_the_bar_says_so_works_on_and_follows_by_http(drawn: Drawn) -> None:
    await drawn.shows(SCREENS["call"])
    await drawn.lose()
    await drawn.page.wait_for_selector('html[data-ui-line="lost"]')
    bar = drawn.page.locator("#bar")
    await expect(bar.locator(".when-lost b")).to_have_text("Live updates lost, your call is not affected")
    await expect(bar.locator("kbd:visible")).to_have_count(0)
    await drawn.page.click("#bar-hold")
    await drawn.last()
    drawn.screen = SCREENS["hold"]
    await expect(drawn.page.locator("#bar.hold")).to_be_visible()


async def test_the_title_begins_with_what_matters(drawn: Drawn) -> None:
    await drawn.push(SCREENS["hold"])
    await expect(drawn.page).to_have_title("204817 · On hold · Console")
    await drawn.push(SCREENS["muted"])
    await expect(drawn.page).to_have_title("204817 · Muted · Console")


async def test_digits_go_at_once_and_in_order_by_pointer_and_by_key(drawn: Drawn) -> None:
    await drawn.shows(SCREENS["call"])
    await drawn.page.click("#bar-digits")
    await expect(drawn.page.locator("#digits")).to_be_visible()
    await drawn.page.keyboard.press("1")
    await drawn.page.keyboard.press("1")
    await drawn.page.keyboard.press("#")
    await drawn.page.click('#digits [data-dtmf="*"]')
    await drawn.last(4)
    assert [one.form["digits"] for one in drawn.asked] == ["1", "1", "#", "*"]
    await expect(drawn.page.locator("#digits-sent")).to_have_text("11#*")
    assert await complaints_of_axe(drawn.page) == []
    await drawn.page.keyboard.press("Escape")
    await expect(drawn.page.locator("#digits")).to_be_hidden()
    await expect(drawn.page.locator("#bar.call")).to_be_visible()


async def test_the_call_controls_are_one_tab_stop_that_arrows_move_in(drawn: Drawn) -> None:
    await drawn.shows(SCREENS["call"])
    await drawn.page.focus("#bar-mute")
    await drawn.page.keyboard.press("ArrowRight")
    await expect(drawn.page.locator("#bar-hold")).to_be_focused()
    await drawn.push(SCREENS["muted"])
    await expect(drawn.page.locator("#bar-hold")).to_be_focused()
    assert await drawn.page.locator('#bar [role="toolbar"] [tabindex="0"]').evaluate_all("(a) => a.map(e => e.id)") == [
        "bar-hold"
    ]
