"""Every key of the desk in a real browser: the Bar's everywhere, single keys outside fields, lists, palette, transfer."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, expect

from console.people.preferences import Preferences
from console.services.targets import AgentTarget, QueueTarget, Targets
from tests.browser.bars import Drawn, desk
from tests.browser.conftest import complaints_of_axe, settled
from tests.web.screens import CALL, OFFER, SCREENS, ago

WORK = f"/desk/work/{CALL.item}"
NOTE = "#note textarea"
TARGETS = Targets(
    queues=(QueueTarget(place=2, name="мережа", waiting=1, about_s=120.0, busy=2, serving=3),),
    agents=(
        AgentTarget(
            username="0033",
            name="Пьотр Зелінський",
            presence="available",
            reason=None,
            routing_state="idle",
            since=ago(seconds=10),
            free=True,
            qualified=True,
            skills=(("оптика", 4), ("англійська", 5)),
        ),
        AgentTarget(
            username="0034",
            name="Дієго Сантос",
            presence="available",
            reason=None,
            routing_state="busy",
            since=ago(seconds=288),
            free=False,
            qualified=False,
            skills=(),
        ),
    ),
)


@pytest.fixture(scope="module")
async def page(browser: Browser) -> AsyncIterator[Drawn]:
    async with desk(browser, SCREENS["call"]) as found:
        yield found


@pytest.fixture
async def drawn(page: Drawn) -> Drawn:
    """The same page for every test, as if it were new."""
    await page.anew(SCREENS["call"])
    page.targets = TARGETS
    return page


async def press(drawn: Drawn, key: str, code: str, **more: bool) -> None:
    """A key as another layout, or an input method, sends it."""
    pressed = {"key": key, "code": code, "bubbles": True, "cancelable": True, **more}
    await drawn.page.evaluate(
        "(pressed) => document.activeElement.dispatchEvent(new KeyboardEvent('keydown', pressed))", pressed
    )


# --- Alt and a letter -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "key", "path"),
    [
        ("offer", "a", f"/desk/offers/{OFFER.offer}/accept"),
        ("offer-case", "a", f"/desk/offers/{OFFER.offer}/accept"),
        ("call", "m", WORK + "/mute"),
        ("muted", "m", WORK + "/unmute"),
        ("call", "l", WORK + "/hold"),
        ("hold", "l", WORK + "/resume"),
        ("call", "q", WORK + "/hangup"),
        ("consult", "r", WORK + "/consult/complete"),
        ("consult", "l", WORK + "/consult/return"),
        ("wrap-up", "w", WORK + "/complete"),
        ("missed", "a", "/desk/presence"),
        ("away", "a", "/desk/presence"),
    ],
)
async def test_a_key_of_the_bar_asks_for_what_its_button_says(drawn: Drawn, name: str, key: str, path: str) -> None:
    await drawn.shows(SCREENS[name])
    await drawn.page.keyboard.press(f"Alt+{key}")
    assert (await drawn.last()).path == path


@pytest.mark.parametrize(
    ("name", "key", "opened"),
    [("call", "r", "#transfer"), ("hold", "r", "#transfer"), ("offer", "x", "#decline"), ("call", "p", "#state-menu")],
)
async def test_a_key_opens_what_its_button_opens_and_escape_closes_only_that(
    drawn: Drawn, name: str, key: str, opened: str
) -> None:
    await drawn.shows(SCREENS[name])
    await drawn.page.keyboard.press(f"Alt+{key}")
    await expect(drawn.page.locator(opened)).to_be_visible()
    assert await complaints_of_axe(drawn.page) == []
    await drawn.page.keyboard.press("Escape")
    await expect(drawn.page.locator(opened)).to_be_hidden()
    await expect(drawn.page.locator("#bar")).to_be_visible()
    assert not drawn.asked


@pytest.mark.parametrize(("key", "focused"), [("n", "#note textarea"), ("w", "#outcome select"), ("c", "#timeline")])
async def test_a_key_leads_to_its_region(drawn: Drawn, key: str, focused: str) -> None:
    await drawn.page.keyboard.press(f"Alt+{key}")
    await expect(drawn.page.locator(focused).first).to_be_focused()


async def test_keys_of_the_bar_work_while_typing_and_type_nothing(drawn: Drawn) -> None:
    await drawn.page.focus(NOTE)
    before = await drawn.page.input_value(NOTE)
    await drawn.page.keyboard.press("Alt+l")
    assert (await drawn.last()).path == WORK + "/hold"
    assert await drawn.page.input_value(NOTE) == before


@pytest.mark.parametrize(("key", "code"), [("д", "KeyL"), ("م", "KeyL"), ("¬", "KeyL"), ("l", "KeyP")])
async def test_another_layout_means_the_keys_place_and_a_latin_letter_itself(drawn: Drawn, key: str, code: str) -> None:
    await press(drawn, key, code, altKey=True)
    assert (await drawn.last()).path == WORK + "/hold"


@pytest.mark.parametrize("more", [{"repeat": True}, {"isComposing": True}, {"ctrlKey": True}, {"shiftKey": True}])
async def test_a_held_key_a_composition_and_altgr_do_nothing(drawn: Drawn, more: dict[str, bool]) -> None:
    await press(drawn, "l", "KeyL", altKey=True, **more)
    await press(drawn, "m", "KeyM", altKey=True)
    assert (await drawn.last()).path == WORK + "/mute"


async def test_a_key_meant_for_the_old_state_does_nothing_in_the_new_one(drawn: Drawn) -> None:
    """Alt Q at the very moment in which the caller was put on hold, then once more."""
    await drawn.page.evaluate(
        """() => addEventListener('htmx:after:swap', function early() {
          if (!id('bar').matches('.hold')) return;
          removeEventListener('htmx:after:swap', early);
          dispatchEvent(new KeyboardEvent('keydown', {key: 'q', code: 'KeyQ', altKey: true}));
          id('bar-hang-up').click();
          root.dataset.uiTried = '';
        })"""
    )
    await drawn.push(SCREENS["hold"])
    await drawn.page.wait_for_selector("html[data-ui-tried]")
    assert not drawn.asked
    await settled(drawn.page)
    await drawn.page.keyboard.press("Alt+l")
    assert (await drawn.last()).path == WORK + "/resume"


# --- an open choice ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "reason"), [("1", "finishing_note"), ("2", "knows_caller"), ("3", "wrong_skill"), ("4", "sound_problem")]
)
async def test_declining_takes_two_keys_and_the_ring_goes_on_meanwhile(drawn: Drawn, key: str, reason: str) -> None:
    await drawn.shows(SCREENS["offer"])
    await drawn.page.keyboard.press("Alt+x")
    await expect(drawn.page.locator("#bar.offer")).to_be_visible()
    await expect(drawn.page.locator("#decline [data-tick]")).not_to_have_text("0:16")
    await drawn.page.keyboard.press(key)
    asked = await drawn.last()
    assert (asked.path, asked.form) == (f"/desk/offers/{OFFER.offer}/decline", {"reason": reason})
    await expect(drawn.page.locator("#decline")).to_be_hidden()
    await expect(drawn.page.locator("#sound")).to_be_visible(visible=key == "4")


@pytest.mark.parametrize(
    ("key", "form"), [("2", {"presence": "away", "reason": "break"}), ("5", {"presence": "offline"})]
)
async def test_my_state_takes_two_keys(drawn: Drawn, key: str, form: dict[str, str]) -> None:
    await drawn.page.keyboard.press("Alt+p")
    await drawn.page.keyboard.press(key)
    assert (await drawn.last()).form == form
    await expect(drawn.page.locator("#state-menu")).to_be_hidden()


# --- single keys, outside fields --------------------------------------------------------------------------------------


async def test_a_question_mark_shows_all_keys_and_hides_them(drawn: Drawn) -> None:
    await drawn.page.keyboard.press("?")
    await expect(drawn.page.locator("#all-keys")).to_contain_text("hang up")
    assert await complaints_of_axe(drawn.page) == []
    await drawn.page.keyboard.press("?")
    await expect(drawn.page.locator("#all-keys")).to_be_hidden()


async def test_single_keys_are_letters_in_a_field(drawn: Drawn) -> None:
    await drawn.page.fill(NOTE, "")
    await drawn.page.type(NOTE, "g1? jk/")
    await expect(drawn.page.locator(NOTE)).to_have_value("g1? jk/")
    await expect(drawn.page.locator("#all-keys")).to_be_hidden()


async def test_single_keys_can_be_switched_off_and_alt_still_works(browser: Browser) -> None:
    async with desk(browser, SCREENS["call"], prefs=Preferences(single_keys=False)) as drawn:
        await drawn.page.keyboard.press("?")
        await drawn.page.keyboard.press("Alt+l")
        await drawn.last()
        await expect(drawn.page.locator("#all-keys")).to_be_hidden()


async def test_g_and_a_figure_open_that_place_of_the_rail(drawn: Drawn) -> None:
    second = await drawn.page.locator("#rail a").nth(1).get_attribute("href")
    await drawn.page.keyboard.press("g")
    async with drawn.page.expect_navigation() as going:
        await drawn.page.keyboard.press("2")
    assert second is not None
    assert (await going.value).url.endswith(second)


async def test_j_and_k_move_in_a_menu_as_the_arrows_do(drawn: Drawn) -> None:
    await drawn.page.keyboard.press("Alt+p")
    for key, focused in (("j", "go-available"), ("j", "go-break"), ("ArrowDown", "go-training"), ("k", "go-break")):
        await drawn.page.keyboard.press(key)
        await expect(drawn.page.locator(f"#{focused}")).to_be_focused()


async def test_ctrl_enter_sends_the_note(drawn: Drawn) -> None:
    await drawn.page.fill(NOTE, "Червоний індикатор.")
    await drawn.page.press(NOTE, "Control+Enter")
    await drawn.until(lambda asked: asked.path.endswith("/note") and asked.form["note"] == "Червоний індикатор.")


# --- the palette ------------------------------------------------------------------------------------------------------


async def test_the_palette_runs_an_action_by_a_part_of_its_name_and_shows_its_key(drawn: Drawn) -> None:
    await drawn.page.keyboard.press("Control+k")
    await expect(drawn.page.locator("#palette-search")).to_be_focused()
    row = drawn.page.locator("#palette-list li", has_text="Hold")
    await expect(row.locator("kbd")).to_have_text("Alt L")
    assert await complaints_of_axe(drawn.page) == []
    await drawn.page.keyboard.type("hol")
    await drawn.page.keyboard.press("Enter")
    await drawn.until(lambda asked: asked.path == WORK + "/hold")
    await expect(drawn.page.locator("#palette")).to_be_hidden()


async def test_the_palette_has_what_the_page_has_and_nothing_that_does_not_apply(drawn: Drawn) -> None:
    await drawn.shows(SCREENS["hold"])
    await drawn.page.keyboard.press("Control+k")
    names = await drawn.page.locator("#palette-list li").evaluate_all("(all) => all.map((one) => one.textContent)")
    assert {"Take backAlt L", "TransferAlt R", "Hang upAlt Q", "Break", "All keys?"} <= set(names)
    assert not any(name.startswith(("Mute", "Answer")) for name in names)


async def test_the_palette_is_moved_in_by_arrows_and_closed_by_escape(drawn: Drawn) -> None:
    await drawn.page.keyboard.press("Control+k")
    first = await drawn.page.get_attribute("#palette-search", "aria-activedescendant")
    await drawn.page.keyboard.press("ArrowDown")
    second = await drawn.page.get_attribute("#palette-search", "aria-activedescendant")
    assert (first, second) == ("palette-0", "palette-1")
    await drawn.page.keyboard.press("Escape")
    await expect(drawn.page.locator("#palette")).to_be_hidden()


async def test_the_palette_finds_cases_too(drawn: Drawn) -> None:
    drawn.cases = [{"number": "204655", "subject": "Термінали зникають", "customer_name": "Аптека"}]
    await drawn.page.keyboard.press("Control+k")
    await drawn.page.keyboard.type("термін")
    await expect(drawn.page.locator("#palette-list li:not([data-ui-off])")).to_contain_text("Термінали зникають")
    async with drawn.page.expect_navigation() as going:
        await drawn.page.keyboard.press("Enter")
    assert (await going.value).url.endswith("/desk/cases/204655")


async def test_the_palette_reads_the_queues_on_demand(drawn: Drawn) -> None:
    await drawn.shows(SCREENS["idle"])
    await drawn.page.keyboard.press("Control+k")
    await drawn.page.keyboard.type("queue summ")
    await drawn.page.keyboard.press("Enter")
    await expect(drawn.page.locator("#polite")).to_contain_text("бізнес")


# --- transfer ---------------------------------------------------------------------------------------------------------


async def test_a_transfer_by_keyboard_asks_first_and_goes_straight_over_when_told(drawn: Drawn) -> None:
    await drawn.page.keyboard.press("Alt+r")
    await expect(drawn.page.locator("#transfer-search")).to_be_focused()
    await expect(drawn.page.locator("#transfer-words")).to_have_text("Send to мережа")
    await drawn.page.keyboard.type("оптика")
    await expect(drawn.page.locator("#targets")).to_contain_text("Пьотр Зелінський")
    await drawn.page.keyboard.press("ArrowDown")
    await expect(drawn.page.locator("#transfer-words")).to_have_text("Ask Пьотр Зелінський")
    assert await complaints_of_axe(drawn.page) == []
    await drawn.page.keyboard.press("Enter")
    asked = await drawn.last()
    assert asked.path == WORK + "/transfer"
    assert (asked.form["to"], asked.form["kind"]) == ("agent:0033", "attended")
    await expect(drawn.page.locator("#transfer")).to_be_hidden()
    assert drawn.searched[-1]

    await drawn.page.keyboard.press("Alt+r")
    await expect(drawn.page.locator("#targets [role=option]")).to_have_count(3)
    await drawn.page.keyboard.press("ArrowDown")
    await drawn.page.check("#transfer-over", force=True)
    await expect(drawn.page.locator("#transfer-words")).to_have_text("Hand to Пьотр Зелінський")
    await drawn.page.keyboard.press("Enter")
    assert (await drawn.last(2)).form["kind"] == "blind"


async def test_who_is_not_free_or_cannot_take_it_is_said_and_not_asked(drawn: Drawn) -> None:
    await drawn.page.keyboard.press("Alt+r")
    await expect(drawn.page.locator("#targets [role=option]")).to_have_count(3)
    await drawn.page.keyboard.press("ArrowUp")
    await expect(drawn.page.locator("#transfer-words")).to_have_text("Дієго Сантос is not free")
    await drawn.page.keyboard.press("Enter")
    await drawn.page.check("#transfer-over", force=True)
    await expect(drawn.page.locator("#transfer-words")).to_have_text("Дієго Сантос cannot be given this call")
    await expect(drawn.page.locator("#transfer-act")).to_have_attribute("aria-disabled", "true")
    assert not drawn.asked


async def test_a_transfer_stays_open_and_chosen_through_pushes_and_a_failure(drawn: Drawn) -> None:
    await drawn.page.keyboard.press("Alt+r")
    await expect(drawn.page.locator("#targets [role=option]")).to_have_count(3)
    await drawn.page.keyboard.type("п")
    await drawn.page.keyboard.press("ArrowDown")
    await drawn.push(SCREENS["call"])
    await expect(drawn.page.locator("#transfer-search")).to_have_value("п")
    await expect(drawn.page.locator("#transfer-words")).to_have_text("Ask Пьотр Зелінський")
    drawn.fail("transfer", "agent-not-free", 409)
    await drawn.page.keyboard.press("Enter")
    await expect(drawn.page.locator("#refusal")).to_contain_text("The transfer did not work")
    await expect(drawn.page.locator("#refusal")).to_contain_text("not free any more. The call is still yours.")
    await expect(drawn.page.locator("#transfer")).to_be_visible()


async def test_the_end_of_the_call_closes_the_transfer(drawn: Drawn) -> None:
    await drawn.page.keyboard.press("Alt+r")
    await drawn.push(SCREENS["wrap-up"])
    await expect(drawn.page.locator("#transfer")).to_be_hidden()


# --- Esc closes one thing at a time -----------------------------------------------------------------------------------


async def test_escape_closes_what_is_on_top_and_leaves_the_message_below(drawn: Drawn) -> None:
    drawn.fail("hold")
    await drawn.page.keyboard.press("Alt+l")
    await expect(drawn.page.locator("#refusal")).to_contain_text("Hold did not work")
    await drawn.page.keyboard.press("Alt+r")
    await drawn.page.keyboard.press("Escape")
    await expect(drawn.page.locator("#transfer")).to_be_hidden()
    await expect(drawn.page.locator("#refusal")).to_contain_text("Hold did not work")
    await drawn.page.keyboard.press("Escape")
    await expect(drawn.page.locator("#refusal")).to_be_empty()
    await expect(drawn.page.locator("#bar.call")).to_be_visible()
