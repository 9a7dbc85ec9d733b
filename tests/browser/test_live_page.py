"""What a push leaves alone: everything that the hand is at. Measured on every kind of field, menu and list."""

from __future__ import annotations

import asyncio
from typing import Any

from playwright.async_api import BrowserContext, Page, Route, expect

from console.web.fragment import wrap
from tests.browser.conftest import Centre
from tests.browser.lab import Lab, lab_of


def form(says: str, *, way: str = "a", above: str = "") -> str:
    """A part with every kind of field, as a server draws it that says this of all of them."""
    chosen = {one: " checked" if one == way else "" for one in ("a", "b", "c")}
    option = {one: " selected" if one == way else "" for one in ("a", "b", "c")}
    return f"""<form id="lab-form" hx-post="/lab">{above}
      <input id="lab-line" name="line" value="{says}">
      <textarea id="lab-words" name="words">{says}</textarea>
      <select id="lab-choice" name="choice"><option{option["a"]}>a<option{option["b"]}>b<option{option["c"]}>c</select>
      <label><input type="radio" id="lab-way-a" name="way" value="a"{chosen["a"]}>A</label>
      <label><input type="radio" id="lab-way-b" name="way" value="b"{chosen["b"]}>B</label>
      <label><input type="radio" id="lab-way-c" name="way" value="c"{chosen["c"]}>C</label>
      <label><input type="checkbox" id="lab-tick" name="tick"{chosen["b"]}>Tick</label>
      <div id="lab-free" contenteditable="true">{says}</div>
      <details id="lab-more"><summary id="lab-summary">{says}</summary><p>More</p></details>
      <button id="lab-send">{says}</button>
    </form>"""


FOCUSES = ("lab-line", "lab-words", "lab-choice", "lab-way-b", "lab-tick", "lab-free", "lab-summary")
FOUND = """{
  line: id('lab-line').value, words: id('lab-words').value, choice: id('lab-choice').value,
  way: document.querySelector('[name=way]:checked')?.value, tick: id('lab-tick').checked,
  free: id('lab-free').textContent, more: id('lab-more').open,
}"""
TYPED = {
    "line": "mine",
    "words": "mine",
    "choice": "b",
    "way": "b",
    "tick": True,
    "free": "mine",
    "more": True,
}


async def fill_in(page: Page) -> None:
    """Everything, as hands do it."""
    for field in ("line", "words", "free"):
        await page.click(f"#lab-{field}")
        await page.keyboard.press("Control+a")
        await page.keyboard.type("mine")
    await page.select_option("#lab-choice", "b")
    await page.click("#lab-way-b")
    await page.click("#lab-tick")
    await page.click("#lab-summary")


async def found(lab: Lab) -> dict[str, Any]:
    values: dict[str, Any] = await lab.find(f"({FOUND})")
    return values


async def test_nothing_typed_is_lost_wherever_the_focus_is_and_whatever_the_server_says(
    centre: Centre, person: BrowserContext
) -> None:
    lab = await lab_of(person)
    await lab.begin(form("theirs"))
    await fill_in(lab.page)
    assert await found(lab) == TYPED
    for number, focus in enumerate(FOCUSES):
        await lab.page.focus(f"#{focus}")
        inserted = f'<input id="lab-above-{number}" name="above" value="new">'
        for says in (form("theirs"), form(f"other {number}", way="c"), form("third", way="c", above=inserted)):
            await lab.push(lab_form=says)
            assert (await found(lab), await lab.focused()) == (TYPED, focus)


async def test_what_nobody_touched_follows_the_server(centre: Centre, person: BrowserContext) -> None:
    lab = await lab_of(person)
    await lab.begin(form("first"))
    # Chosen by script, as a browser that restores a form does it: no draft. Then the server goes to and fro.
    await lab.find("id('lab-way-b').checked = true, id('lab-choice').value = 'b'")
    for says, way in (("second", "c"), ("third", "b"), ("fourth", "a")):
        await lab.push(lab_form=form(says, way=way))
        assert await found(lab) == {
            "line": says,
            "words": says,
            "choice": way,
            "way": way,
            "tick": way == "b",
            "free": says,
            "more": False,
        }


async def test_a_form_that_was_taken_is_the_servers_again_and_one_that_was_refused_is_not(
    centre: Centre, person: BrowserContext
) -> None:
    lab = await lab_of(person)
    await lab.begin(form("theirs"))
    answers = [(422, wrap("refusal", '<div id="refusal">No.</div>')), (200, wrap("lab-form", form("taken", way="c")))]
    asked: list[str] = []

    async def answer(route: Route) -> None:
        asked.append(route.request.post_data or "")
        status, body = answers[len(asked) - 1]
        await route.fulfill(status=status, content_type="text/html", body=body)

    await lab.page.route("**/lab", answer)
    await fill_in(lab.page)
    await lab.page.click("#lab-send")
    await expect(lab.page.locator("#refusal")).to_have_text("No.")
    await lab.push(lab_form=form("other"))
    assert await found(lab) == TYPED, "refused: what was typed stays"

    await lab.page.click("#lab-send")
    await expect(lab.page.locator("#lab-line")).to_have_value("taken")
    await expect(lab.page.locator("#lab-words")).to_have_value("taken")
    assert (await found(lab))["way"] == "c"
    await lab.push(lab_form=form("later", way="b"))
    assert (await found(lab))["words"] == "later"
    assert (await found(lab))["way"] == "b"
    assert asked == ["line=mine&words=mine&choice=b&way=b&tick=on"] * 2


async def test_words_typed_while_a_form_is_on_its_way_stay(centre: Centre, person: BrowserContext) -> None:
    lab = await lab_of(person)
    await lab.begin(form("theirs"))
    typed = asyncio.Event()

    async def answer(route: Route) -> None:
        await typed.wait()
        await route.fulfill(status=200, content_type="text/html", body=wrap("lab-form", form("taken")))

    await lab.page.route("**/lab", answer)
    await lab.page.fill("#lab-words", "sent")
    async with lab.page.expect_request("**/lab"):
        await lab.page.click("#lab-send")
    await lab.page.locator("#lab-words").press_sequentially(" and more")
    typed.set()
    await expect(lab.page.locator("#lab-line")).to_have_value("taken")
    await expect(lab.page.locator("#lab-words")).to_have_value("sent and more")


def openings(says: str) -> str:
    """A part with everything that can be open."""
    return f"""<section id="lab-open">
      <details id="lab-more"><summary>{says}</summary><button type="button" id="lab-in-more">{says}</button></details>
      <button type="button" id="lab-menu-open" popovertarget="lab-menu">{says}</button>
      <div id="lab-menu" popover="manual"><button type="button" id="lab-in-menu">{says}</button></div>
      <dialog id="lab-dialog" aria-label="{says}"><p>{says}</p><button type="button" id="lab-in-dialog">{says}</button></dialog>
    </section>"""


async def test_what_is_open_stays_open_and_usable(centre: Centre, person: BrowserContext) -> None:
    lab = await lab_of(person)
    await lab.begin(openings("first"))
    await lab.page.evaluate("root.dataset.uiUsed = '', on('click', e => { root.dataset.uiUsed += ' ' + e.target.id })")
    await lab.page.click("#lab-more summary")
    await lab.page.click("#lab-menu-open")
    for says in ("first", "second"):
        await lab.push(lab_open=openings(says))
        assert await lab.find("[id('lab-more').open, id('lab-menu').matches(':popover-open')]") == [True, True]
        for inside in ("#lab-in-more", "#lab-in-menu"):
            await expect(lab.page.locator(inside)).to_have_text(says)
            await lab.page.press(inside, "Enter")
    await lab.find("id('lab-dialog').showModal()")
    await lab.page.focus("#lab-in-dialog")
    for says in ("second", "third"):
        await lab.push(lab_open=openings(says))
        assert await lab.find("id('lab-dialog').matches(':modal')"), "visible, and the page behind it inert"
        assert await lab.focused() == "lab-in-dialog"
        await expect(lab.page.locator("#lab-dialog p")).to_have_text(says)
        await lab.page.click("#lab-in-dialog")
    used = str(await lab.find("root.dataset.uiUsed")).split()
    assert [used.count(name) for name in ("lab-in-more", "lab-in-menu", "lab-in-dialog")] == [2, 2, 2]


def rows(*names: int, says: str = "", hold: str = "") -> str:
    lines = (
        f'<li id="lab-row-{n}"><button type="button" id="lab-take-{n}">row {n} {says}</button></li>' for n in names
    )
    return f'<ul id="lab-rows"{hold}>{"".join(lines)}</ul>'


async def test_focus_stays_on_a_button_whose_row_moves_also_where_the_browser_cannot_move_elements(
    centre: Centre, person: BrowserContext
) -> None:
    lab = await lab_of(person)
    for able in (True, False):
        if not able:
            await lab.find("delete Element.prototype.moveBefore")
        await lab.begin(rows(1, 2, 3))
        await lab.page.focus("#lab-take-3")
        await lab.push(lab_rows=rows(3, 1, 2, says="moved"))
        assert (await lab.focused(), await lab.find("id('lab-rows').firstChild.id")) == ("lab-take-3", "lab-row-3")
        await lab.push(lab_rows=rows(4, 5, 1, 2, 3))
        assert await lab.focused() == "lab-take-3"


async def test_selected_text_and_the_place_of_the_caret_stay(centre: Centre, person: BrowserContext) -> None:
    def part(says: str) -> str:
        return (
            f'<div id="lab-text"><p id="lab-said">words that stay</p><p>{says}</p>'
            f'<textarea id="lab-words">as the server says it</textarea><span>{says}</span></div>'
        )

    lab = await lab_of(person)
    await lab.begin(part("first"))
    await lab.find("getSelection().selectAllChildren(id('lab-said'))")
    await lab.push(lab_text=part("second"))
    assert await lab.find("getSelection().toString()") == "words that stay"

    await lab.page.focus("#lab-words")
    await lab.find("id('lab-words').setSelectionRange(3, 6)")
    await lab.push(lab_text=part("third"))
    await lab.page.keyboard.type("X")
    assert await lab.find("id('lab-words').value") == "as X server says it"
    await lab.page.keyboard.press("ArrowLeft")
    await lab.push(lab_text=part("fourth"))
    await lab.page.keyboard.type("Y")
    assert await lab.find("id('lab-words').value") == "as YX server says it"


async def test_rows_that_come_in_above_do_not_move_the_line_being_read(centre: Centre, person: BrowserContext) -> None:
    lab = await lab_of(person)
    await lab.begin(rows(*range(100)))
    await lab.find("id('lab').scrollTop = id('lab-row-40').offsetTop")
    before = await lab.find("id('lab-row-40').getBoundingClientRect().top")
    await lab.push(lab_rows=rows(200, 201, 202, *range(100)))
    assert abs(await lab.find("id('lab-row-40').getBoundingClientRect().top") - before) <= 1


HOLD = ' data-hold hx-post="/lab/again" hx-trigger="release"'
"""What a list has whose order waits."""


async def test_a_held_list_greys_what_is_no_longer_in_it_and_is_asked_for_again_when_the_pointer_leaves(
    centre: Centre, person: BrowserContext
) -> None:
    lab = await lab_of(person)
    asked: list[str] = []

    async def again(route: Route) -> None:
        asked.append(route.request.url)
        await route.fulfill(
            status=200, content_type="text/html", body=wrap("lab-rows", rows(3, 1, says="new", hold=HOLD))
        )

    await lab.page.route("**/lab/again", again)
    await lab.begin(f'<p id="lab-rows-held" class="held" role="status"></p>{rows(1, 2, 3, hold=HOLD)}<p>below</p>')
    await lab.page.hover("#lab-take-2")
    await lab.push(lab_rows=rows(3, 1, says="new", hold=HOLD))
    await lab.push(lab_rows=rows(3, 1, says="new", hold=HOLD))
    assert await lab.find("[...id('lab-rows').children].map(row => row.id)") == ["lab-row-1", "lab-row-2", "lab-row-3"]
    await expect(lab.page.locator("#lab-rows-held")).to_have_text("2 changes waiting")
    assert await lab.find("getComputedStyle(id('lab-row-2'), '::after').content") == '"no longer here"'
    assert await lab.page.locator("[data-ui-gone]").count() == 1
    assert asked == []

    await lab.page.mouse.move(900, 700)
    await expect(lab.page.locator("#lab-rows li")).to_have_count(2)
    await expect(lab.page.locator("#lab-rows-held")).to_be_empty()
    assert len(asked) == 1


async def test_a_list_is_held_by_the_focus_in_it_too_and_a_row_that_is_back_is_not_grey(
    centre: Centre, person: BrowserContext
) -> None:
    lab = await lab_of(person)
    await lab.page.route("**/lab/again", lambda route: route.fulfill(status=204))
    await lab.begin(
        f'<p id="lab-rows-held" class="held" role="status"></p>{rows(1, 2, hold=HOLD)}<input id="lab-else">'
    )
    await lab.page.focus("#lab-take-2")
    await lab.push(lab_rows=rows(1, hold=HOLD))
    await expect(lab.page.locator("#lab-rows-held")).to_have_text("1 change waiting")
    assert await lab.page.locator("[data-ui-gone]").count() == 1
    await lab.push(lab_rows=rows(2, 1, hold=HOLD))
    assert await lab.page.locator("[data-ui-gone]").count() == 0
    async with lab.page.expect_request("**/lab/again"):
        await lab.page.focus("#lab-else")
    await lab.push(lab_rows=rows(2, 1, hold=HOLD))
    assert await lab.find("id('lab-rows').firstChild.id") == "lab-row-2"
