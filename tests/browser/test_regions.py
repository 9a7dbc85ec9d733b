"""The regions of the desk in a real browser: drafts, the timeline, the customer, my lists, and the small screens."""

from __future__ import annotations

from playwright.async_api import Browser, BrowserContext, Page, expect

from console.cases import store
from console.cases.case import Case, Change, Status
from console.cases.customer import Described
from console.ids import new_id
from console.people.who import Principal
from console.services import cases, customers, notices
from tests.browser.conftest import Centre, available, bar, complaints_of_axe, live, sign_in
from tests.browser.test_drawn import HOST, pages, served

NOTE = "#note textarea"
NADIA = Principal(username="nadia", name="Nadia Rahimi", roles=frozenset({"agent"}))
SUE = Principal(username="sue", name="Sue Park", roles=frozenset({"supervisor"}))


async def on_a_call(centre: Centre, person: BrowserContext, page: Page | None = None) -> Page:
    page = page or await sign_in(person, "nadia")
    await available(page)
    await centre.ring("c1")
    await bar(page, "offer")
    await page.keyboard.press("Alt+a")
    await bar(page, "call")
    await centre.answer("c1")
    await expect(page.locator("#timeline")).to_contain_text("Case opened by a call")
    return page


async def beside(page: Page) -> Page:
    """A second tab of the same person at the same address."""
    other = await page.context.new_page()
    await other.goto(page.url)
    await live(other)
    return other


async def number(page: Page) -> str:
    return str(await page.locator("#case-link").inner_text())


async def follow(page: Page, link: str) -> None:
    """To the page behind the link, until that is live."""
    async with page.expect_navigation():
        await page.click(link)
    await live(page)


async def saved(page: Page) -> None:
    await expect(page.locator("#draft .d-saved")).to_be_visible()
    await expect(page.locator("#draft")).to_contain_text("Draft saved")


# --- the note ---------------------------------------------------------------------------------------------------------


async def test_a_draft_is_saved_after_a_pause_and_is_there_after_a_reload_and_in_a_second_tab(
    centre: Centre, person: BrowserContext
) -> None:
    page = await on_a_call(centre, person)
    await page.locator(NOTE).press_sequentially("The light is red")
    await expect(page.locator("#draft .d-saving")).to_be_visible()
    await saved(page)
    await page.reload()
    await live(page)
    await expect(page.locator(NOTE)).to_have_value("The light is red")
    other = await beside(page)
    await expect(other.locator(NOTE)).to_have_value("The light is red")

    # The second tab goes on, and the first follows, though its field has the focus.
    await page.locator(NOTE).focus()
    await other.locator(NOTE).focus()
    await other.keyboard.press("End")
    await other.keyboard.type(", the router is fine")
    await saved(other)
    await expect(page.locator(NOTE)).to_have_value("The light is red, the router is fine")
    await page.keyboard.press("End")
    await page.keyboard.type(".")
    await saved(page)
    await expect(page.locator("#rivals")).to_have_count(0)
    await expect(other.locator(NOTE)).to_have_value("The light is red, the router is fine.")


async def test_two_tabs_that_wrote_at_once_show_both_texts_and_one_is_chosen(
    centre: Centre, person: BrowserContext
) -> None:
    page = await on_a_call(centre, person)
    other = await beside(page)
    # The second tab hears nothing of the first.
    await other.route("**/desk/about/*/draft", lambda route: route.abort())
    await other.locator(NOTE).press_sequentially("No dial tone")
    await expect(other.locator("#draft .d-here")).to_be_visible()
    await page.locator(NOTE).press_sequentially("The light is red")
    await saved(page)
    await other.unroute("**/desk/about/*/draft")
    await other.locator(NOTE).press_sequentially(" at all")

    for tab in (page, other):
        await expect(tab.locator("#rivals")).to_contain_text("The light is red")
        await expect(tab.locator("#rivals")).to_contain_text("No dial tone at all")
    await expect(page.locator(NOTE)).to_have_value("The light is red")
    await expect(other.locator(NOTE)).to_have_value("No dial tone at all")
    await page.click("#keep-rival-go")
    await expect(page.locator(NOTE)).to_have_value("No dial tone at all")
    await expect(page.locator("#rivals")).to_have_count(0)
    await expect(other.locator("#rivals")).to_have_count(0)


async def test_a_draft_is_kept_while_the_server_is_away_and_sent_when_it_is_back(
    centre: Centre, person: BrowserContext
) -> None:
    page = await on_a_call(centre, person)
    await centre.stop()
    await page.locator(NOTE).press_sequentially("Typed into the void")
    await expect(page.locator("#draft .d-here")).to_be_visible()
    await page.evaluate("dispatchEvent(new Event('pagehide'))")
    await centre.start()
    await live(page)
    await saved(page)
    fresh = await beside(page)
    await expect(fresh.locator(NOTE)).to_have_value("Typed into the void")


async def test_what_a_closed_tab_kept_is_taken_over_by_the_next(centre: Centre, person: BrowserContext) -> None:
    page = await on_a_call(centre, person)
    other = await beside(page)
    await other.route("**/desk/about/*/draft", lambda route: route.abort())
    await other.locator(NOTE).press_sequentially("Nearly lost")
    await expect(other.locator("#draft .d-here")).to_be_visible()
    await other.close()
    again = await beside(page)
    await expect(again.locator(NOTE)).to_have_value("Nearly lost")
    await expect(page.locator(NOTE)).to_have_value("Nearly lost")


async def test_a_note_for_the_customer_says_so_and_the_choice_is_part_of_the_draft(
    centre: Centre, person: BrowserContext
) -> None:
    page = await on_a_call(centre, person)
    await page.locator(NOTE).press_sequentially("Engineer at noon")
    await page.locator("label:has(#outward-yes)").click()
    await expect(page.locator("#note .told")).to_be_visible()
    await saved(page)
    await page.reload()
    await live(page)
    await expect(page.locator("#outward-yes")).to_be_checked()
    await page.locator(NOTE).focus()
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#timeline .msg.outward")).to_have_text("Engineer at noon")
    await expect(page.locator(NOTE)).to_have_value("")
    await expect(page.locator("#outward-no")).to_be_checked()


async def test_an_outcome_that_was_chosen_in_the_call_is_there_after_a_reload(
    centre: Centre, person: BrowserContext
) -> None:
    page = await on_a_call(centre, person)
    async with page.expect_response("**/outcome"):
        await page.select_option("#outcome select", "follow_up")
    await page.reload()
    await live(page)
    await expect(page.locator("#outcome select")).to_have_value("follow_up")


# --- the timeline and the case ----------------------------------------------------------------------------------------


async def test_the_timeline_is_filtered_and_stays_so_when_something_happens(
    centre: Centre, person: BrowserContext
) -> None:
    page = await on_a_call(centre, person)
    case = await number(page)
    await cases.add_note(centre.ctx, SUE, number=case, text="Ask for the serial number")
    await expect(page.locator("#timeline")).to_contain_text("Ask for the serial number")
    await page.locator("label:has(#of-notes)").click()
    await expect(page.locator("#timeline .te:visible")).to_have_count(1)
    await cases.add_note(centre.ctx, SUE, number=case, text="And for the colour")
    await expect(page.locator("#timeline .te:visible")).to_have_count(2)
    await page.locator("label:has(#of-system)").click()
    await expect(page.locator("#timeline")).not_to_contain_text("serial number", use_inner_text=True)
    await expect(page.locator("#timeline")).to_contain_text("Case opened by a call", use_inner_text=True)


async def test_what_comes_in_above_the_reader_is_counted_and_does_not_move_them(
    centre: Centre, person: BrowserContext
) -> None:
    page = await on_a_call(centre, person)
    case = await number(page)
    for line in range(12):
        await cases.add_note(centre.ctx, SUE, number=case, text=f"Line {line}\n" * 4)
    await expect(page.locator("#timeline .msg")).to_have_count(12)
    await page.evaluate("id('timeline').scrollTo({top: 600})")
    where = "[...document.querySelectorAll('.te .msg')].at(-1).getBoundingClientRect().top"
    before = await page.evaluate(where)
    for line in (12, 13):
        await cases.add_note(centre.ctx, SUE, number=case, text=f"Line {line}")
    await expect(page.locator("#timeline-new")).to_have_text("2 new")
    assert abs(await page.evaluate(where) - before) < 2
    await page.click("#timeline-new")
    await expect(page.locator("#timeline-new")).to_be_hidden()
    await expect(page.locator(".te").nth(1)).to_be_in_viewport()


async def test_a_case_is_changed_in_place_and_a_change_meanwhile_is_said_and_overwrites_nothing(
    centre: Centre, person: BrowserContext
) -> None:
    page = await on_a_call(centre, person)
    case = await number(page)
    await page.click("#case-edit-open")
    await page.fill("#case-subject", "No light since the power cut")
    await cases.change(centre.ctx, SUE, number=case, change=Change(subject="Red light", priority=20))
    await expect(page.locator("#case-stale")).to_contain_text("Sue Park changed this case meanwhile")
    await expect(page.locator("#case-subject")).to_have_value("No light since the power cut")
    await expect(page.locator("#case-priority")).to_have_value("20")
    assert await complaints_of_axe(page) == []
    await page.click("#case-save")
    await expect(page.locator("#refusal")).to_contain_text("somebody changed this")
    await expect(page.locator("#case h1")).to_have_text("Red light")
    await page.click("#case-save")
    await expect(page.locator("#case-edit")).to_be_hidden()
    await expect(page.locator("#case h1")).to_have_text("No light since the power cut")
    await expect(page.locator("#case")).to_contain_text("Priority 20")


# --- the customer -----------------------------------------------------------------------------------------------------


async def test_the_caller_is_named_verified_and_a_note_is_pinned(centre: Centre, person: BrowserContext) -> None:
    page = await on_a_call(centre, person)
    await page.click("#identity-verified")
    await expect(page.locator("#identity")).to_contain_text("Verified by you")
    await page.click("#customer-edit-open")
    await page.fill("#customer-name", "Marta Kowalczyk")
    await page.fill("#customer-company", "Harbour Street Dental")
    await page.fill("#customer-languages", "Polish, english")
    await page.click("#customer-save")
    await expect(page.locator("#customer h2.who")).to_have_text("Marta Kowalczyk")
    await expect(page.locator("#customer")).to_contain_text("Polish and English")
    await expect(page.locator("#customer-edit")).to_be_hidden()
    await expect(page.locator("#bar")).to_contain_text("Marta Kowalczyk")
    await page.click("#pin-open")
    await page.locator("#pin-text").press_sequentially("Bring a torch.")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#pinned")).to_contain_text("Pinned by Nadia Rahimi")
    await expect(page.locator("#pinned")).to_contain_text("Bring a torch.")
    await expect(page.locator("#pin")).to_be_hidden()
    await page.click("#pin-open")
    await page.click("#pin-off")
    await expect(page.locator("#pinned")).not_to_contain_text("Bring a torch.")


async def test_a_pinned_note_that_changed_under_the_pen_is_said(centre: Centre, person: BrowserContext) -> None:
    page = await on_a_call(centre, person)
    await page.click("#pin-open")
    await page.locator("#pin-text").press_sequentially("Bring a torch.")
    item = (await page.locator("#note textarea").get_attribute("data-keep")) or ""
    await customers.pin_note(centre.ctx, SUE, about=item, text="Beware of the cat.", if_match=1)
    await expect(page.locator("#pin-stale")).to_be_visible()
    await expect(page.locator("#pinned")).to_contain_text("Beware of the cat.")
    await expect(page.locator("#pin-text")).to_have_value("Bring a torch.")


# --- my lists ---------------------------------------------------------------------------------------------------------


async def own(centre: Centre, subject: str, name: str) -> str:
    """A case that is Nadia's, and nobody's work now."""
    now = centre.ctx.clock.now()
    async with centre.database.transaction() as db:
        customer = await store.find_or_make_customer(db, Described(name=name, external_id=name), new_id(), now)
        case = Case(
            id=new_id(),
            number=await store.next_number(db),
            subject=subject,
            description=None,
            via="web",
            status=Status.OPEN,
            priority=None,
            topic=None,
            queue="letters",
            owner="nadia",
            customer=customer,
            created_at=now,
            changed_at=now,
            version=1,
        )
        await store.put_case(db, case)
    return case.number


async def subjects(page: Page) -> list[str]:
    return await page.locator("#cases-list a.subject:visible").all_inner_texts()


async def test_my_open_cases_have_three_orders_a_filter_and_open_by_keys(
    centre: Centre, person: BrowserContext
) -> None:
    first = await own(centre, "Router", "Zoe")
    await own(centre, "Bill", "Adam")
    await own(centre, "Move", "Mia")
    await cases.change(centre.ctx, NADIA, number=first, change=Change(status=Status.PENDING))
    page = await sign_in(person, "nadia")
    assert await subjects(page) == ["Bill", "Move", "Router"]
    await follow(page, "#cases-by-customer")
    assert await subjects(page) == ["Bill", "Move", "Router"]
    await follow(page, "#cases-by-newest")
    assert await subjects(page) == ["Move", "Bill", "Router"]
    await page.keyboard.press("f")
    await page.keyboard.type("zoe")
    await expect(page.locator("#cases-list a.subject:visible")).to_have_text(["Router"])
    await page.keyboard.type("xx")
    await expect(page.locator("#cases-none")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator("#cases-list a.subject:visible")).to_have_count(3)
    await page.locator("body").click(position={"x": 700, "y": 700})
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    await live(page)
    await expect(page.locator("#case h1")).to_have_text("Bill")
    # Nothing is in hand: a note is all that is asked for, and the rail leads back.
    await expect(page.locator("#outcome")).to_have_count(0)
    await page.locator(NOTE).press_sequentially("Sent the invoice again")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#timeline")).to_contain_text("Sent the invoice again")
    async with page.expect_navigation():
        await page.keyboard.press("Alt+o")
    await live(page)
    await expect(page.locator("#cases-title")).to_be_visible()


async def test_a_case_that_is_open_gives_way_to_the_call_that_is_taken(centre: Centre, person: BrowserContext) -> None:
    number = await own(centre, "Router", "Zoe")
    page = await sign_in(person, "nadia")
    await follow(page, f"#open-{number}")
    await on_a_call(centre, person, page)
    await expect(page.locator("#rail a[aria-current]")).to_have_count(1)
    await follow(page, f"#rail-{number}")
    await expect(page.locator("#case h1")).to_have_text("Router")
    await expect(page.locator("#bar")).to_contain_text("On call")
    await page.reload()
    await live(page)
    await expect(page.locator("#case h1")).to_have_text("Router")


async def test_a_new_case_is_registered_from_anywhere_and_says_what_is_wrong(
    centre: Centre, person: BrowserContext
) -> None:
    page = await sign_in(person, "nadia")
    await page.keyboard.press("c")
    await page.fill("#new-phone", "0131 496 0182")
    await page.click("#new-case-save")
    await expect(page.locator("#new-subject-wrong")).to_be_visible()
    await page.fill("#new-subject", "Wants a second line")
    await page.click("#new-case-save")
    await expect(page.locator("#new-phone-wrong")).to_be_visible()
    await expect(page.locator("#new-subject")).to_have_value("Wants a second line")
    assert await complaints_of_axe(page) == []
    await page.fill("#new-phone", "+44 131 496 0182")
    await page.click("#new-case-save")
    await expect(page.locator("#new-case-done")).to_contain_text("is registered and waits")
    await expect(page.locator("#new-subject")).to_have_value("")
    await follow(page, "#new-case-link")
    await expect(page.locator("#case h1")).to_have_text("Wants a second line")


async def test_a_notice_comes_to_the_bell_and_the_list_and_is_read(centre: Centre, person: BrowserContext) -> None:
    page = await sign_in(person, "nadia")
    await expect(page.locator("#bell-open .dot")).to_have_count(0)
    await notices.send(centre.ctx, SUE, to=["nadia"], text="Outage in Musselburgh")
    await expect(page.locator("#bell-open .dot")).to_have_text("1")
    await expect(page.locator("#notices")).to_contain_text("Outage in Musselburgh")
    await page.click("#bell-open")
    await expect(page.locator("#bell-menu")).to_contain_text("Outage in Musselburgh")
    assert await complaints_of_axe(page) == []
    await page.click("#bell-read")
    await expect(page.locator("#bell-open .dot")).to_have_count(0)
    await expect(page.locator("#notices .unread")).to_have_count(0)


# --- small screens ----------------------------------------------------------------------------------------------------


async def test_a_small_screen_shows_one_region_at_a_time_below_the_bar(centre: Centre, person: BrowserContext) -> None:
    page = await on_a_call(centre, person)
    await page.set_viewport_size({"width": 390, "height": 844})
    regions = {"case": "#timeline", "customer": "#customer h2.who", "note": NOTE, "rail": "#rail"}
    for chosen in regions:
        await page.locator(f"label:has(#show-{chosen})").click()
        for name, region in regions.items():
            await expect(page.locator(region)).to_be_visible(visible=name == chosen)
        await expect(page.locator("#bar")).to_be_in_viewport()
        assert await page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    await page.locator("label:has(#show-note)").click()
    await page.locator(NOTE).fill("On the train")
    await saved(page)
    await expect(page.locator("#show-note")).to_be_checked()


async def test_the_customer_is_a_drawer_where_there_is_less_room(centre: Centre, person: BrowserContext) -> None:
    page = await on_a_call(centre, person)
    await page.set_viewport_size({"width": 1024, "height": 768})
    await expect(page.locator("#customer")).to_be_hidden()
    await expect(page.locator("#case .summary")).to_contain_text("Customer")
    await page.keyboard.press("Alt+u")
    await expect(page.locator("#customer h2.who")).to_be_visible()
    await page.click("#identity-verified")
    await expect(page.locator("#identity")).to_contain_text("Verified by you")
    await page.keyboard.press("Escape")
    await expect(page.locator("#customer")).to_be_hidden()
    await expect(page.locator("#case .summary")).to_contain_text("Verified")


async def test_no_region_scrolls_sideways_at_any_width(browser: Browser) -> None:
    page = await browser.new_page()
    shown = ("call", "call-rivals", "opened", "lists", "idle-customers")
    drawn = {name: html for name, html in pages("en") if name in shown}
    await served(page, drawn)
    for name in drawn:
        await page.goto(f"{HOST}/{name}")
        for width in (1440, 1366, 1280, 1024, 720, 390):
            await page.set_viewport_size({"width": width, "height": 800})
            tabs = page.locator("#tabs label:visible")
            for tab in range(await tabs.count() or 1):
                if await tabs.count():
                    await tabs.nth(tab).click()
                assert await page.evaluate(WIDE) == [], (name, width, tab)
        if name == "call":
            hang_up = await page.locator("#bar-hang-up").bounding_box()
            assert hang_up is not None
            assert hang_up["height"] >= 48
    await page.close()


WIDE = """() => [document.documentElement, ...document.querySelectorAll('.topbar, .bar, #main .scroll, .casecol, .dock > *')]
  .filter((region) => region.scrollWidth > region.clientWidth + 1).map((region) => region.id || region.className)"""
