"""What rings, where, how loud, and the system's notification with its Answer."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, BrowserContext, Page, Worker, expect

from console.people.preferences import Preferences
from console.web.desk.parts import Said
from tests.browser.bars import Drawn, desk
from tests.browser.conftest import Centre, available, bar, complaints_of_axe, sign_in
from tests.web.screens import SCREENS

SPEAKERS = """
  const speaker = (deviceId, label) => ({deviceId, label, kind: 'audiooutput', groupId: ''});
  const speakers = async () => [speaker('default', 'As the system'), speaker('d1', 'Desk speaker')];
  if (navigator.mediaDevices) navigator.mediaDevices.enumerateDevices = speakers;
  HTMLMediaElement.prototype.setSinkId = function (device) {
    if (device === 'gone') return Promise.reject(new DOMException('', 'NotFoundError'));
    this.dataset.uiSink = device;
    return Promise.resolve();
  };
"""
HEADSET = """
  const hook = 0x0b0020, flash = 0x0b0021, mute = 0x0b002f, ring = 0x080018, offHook = 0x080017;
  const bits = (usages, more) => ({usages, isRange: false, isConstant: false, isArray: false, reportSize: 1, reportCount: usages.length, ...more});
  window.lights = [];
  const headset = Object.assign(new EventTarget(), {
    productName: 'Voyager', opened: false, open: async () => { headset.opened = true; },
    sendReport: async (report, bytes) => { window.lights.push([report, ...bytes]); },
    collections: [{usagePage: 0x0b,
      inputReports: [{reportId: 2, items: [bits([hook, mute]), bits([], {isConstant: true, reportCount: 6}), bits([flash])]}],
      outputReports: [{reportId: 3, items: [bits([offHook, ring])]}]}],
  });
  window.pressed = (...bytes) => headset.dispatchEvent(Object.assign(new Event('inputreport'), {reportId: 2, data: new DataView(Uint8Array.from(bytes).buffer)}));
  Object.defineProperty(navigator, 'hid', {value: Object.assign(new EventTarget(), {getDevices: async () => [headset]})});
"""
CLICK = """async (action) => {
  const [notification] = await self.registration.getNotifications();
  self.dispatchEvent(new NotificationEvent('notificationclick', {notification, action}));
}"""


@pytest.fixture
async def drawn(browser: Browser) -> AsyncIterator[Drawn]:
    async with desk(browser, SCREENS["away"], before=SPEAKERS) as found:
        yield found


async def until(page: Page, code: str) -> None:
    """Until it is true, asked by the debugger: the page's own policy forbids it."""
    await page.evaluate(f"async () => {{ while (!({code})) await new Promise((next) => setTimeout(next, 20)) }}")


async def sink(page: Page) -> str | None:
    return await page.get_attribute("#ring", "data-ui-sink")


async def test_the_ring_sounds_on_the_chosen_device_and_the_choice_is_kept(drawn: Drawn) -> None:
    await expect(drawn.page.locator("#bar-device")).to_contain_text("The usual loudspeaker")
    await drawn.page.click("#bar-device")
    await drawn.page.select_option("#sound-device", label="Desk speaker")
    await expect(drawn.page.locator("#bar-device")).to_contain_text("Desk speaker")
    assert await sink(drawn.page) == "d1"
    assert await complaints_of_axe(drawn.page) == []
    await drawn.page.reload()
    await expect(drawn.page.locator("#bar-device")).to_contain_text("Desk speaker")
    assert await sink(drawn.page) == "d1"


async def test_a_device_that_is_gone_does_not_silence_the_ring(drawn: Drawn) -> None:
    await drawn.page.evaluate('localStorage.setItem(\'ring-device\', \'{"device":"gone","label":"Old"}\')')
    await drawn.page.reload()
    await expect(drawn.page.locator("#bar-device")).to_contain_text("The usual loudspeaker")
    assert await sink(drawn.page) == ""


async def test_the_ring_is_as_loud_as_the_person_likes_and_stops_with_the_offer(browser: Browser) -> None:
    async with desk(browser, SCREENS["idle"], prefs=Preferences(ring_volume=30)) as drawn:
        await drawn.page.mouse.click(700, 600)
        await drawn.push(SCREENS["offer"])
        await until(drawn.page, "!id('ring').paused")
        assert await drawn.page.evaluate("id('ring').volume") == pytest.approx(0.3)
        await drawn.push(SCREENS["idle"])
        await until(drawn.page, "id('ring').paused")


async def test_the_buttons_of_a_headset_do_what_the_keys_do_and_its_lights_follow_the_bar(browser: Browser) -> None:
    async with desk(browser, SCREENS["idle"], before=HEADSET) as drawn:
        await expect(drawn.page.locator("#headset-name")).to_have_text("Voyager")
        await drawn.page.evaluate("pressed(1, 0)")
        await drawn.page.evaluate("pressed(0, 0)")
        assert not drawn.asked, "nothing rings, and nobody is on the line"
        await drawn.shows(SCREENS["offer"])
        assert (await drawn.page.evaluate("lights"))[-1] == [3, 0b10]
        await drawn.page.evaluate("pressed(1, 0)")
        assert (await drawn.last(1)).path.endswith("/accept")
        await drawn.shows(SCREENS["call"])
        assert (await drawn.page.evaluate("lights"))[-1] == [3, 0b01]
        for count, (bytes_, path) in enumerate((("3, 0", "/mute"), ("1, 1", "/hold"), ("0, 0", "/hangup")), start=2):
            await drawn.page.evaluate(f"pressed({bytes_})")
            assert (await drawn.last(count)).path.endswith(path)


async def test_clocks_are_heard_by_whoever_asked_for_it_and_in_a_call_only_what_is_over_its_target(
    browser: Browser,
) -> None:
    wanted = Preferences(warning_sound=True, breach_sound=True)
    async with desk(browser, SCREENS["idle"], prefs=wanted) as drawn:
        page = drawn.page
        await page.mouse.click(700, 600)
        await page.evaluate(
            "window.chimes = []; addEventListener('console:chimed', (chime) => chimes.push(chime.detail))"
        )
        await drawn.push(SCREENS["idle"], Said("case.escalated", "breach", "CS-1"))
        await drawn.push(SCREENS["idle"], Said("sla.warned", "resolution", "CS-1"))
        await until(page, "chimes.length")
        await until(page, "(await navigator.locks.query()).held.every((lock) => lock.name !== 'console-chime')")
        await drawn.push(SCREENS["call"], Said("sla.warned", "resolution", "CS-2"))
        await drawn.push(SCREENS["call"], Said("sla.breached", "resolution", "CS-2"))
        await until(page, "chimes.length === 2")
        assert await page.evaluate("chimes") == ["warning", "breach"]


async def test_going_available_is_asked_only_when_the_ring_was_played(drawn: Drawn) -> None:
    await drawn.page.evaluate(
        "() => { id('ring').play = () => Promise.reject(new DOMException('', 'NotAllowedError')) }"
    )
    await drawn.page.keyboard.press("Alt+a")
    await expect(drawn.page.locator("#refusal")).to_contain_text("You are still not ready")
    assert not drawn.asked
    await drawn.page.evaluate("() => { delete id('ring').play }")
    await drawn.page.keyboard.press("Alt+a")
    assert (await drawn.last()).form == {"presence": "available"}
    await expect(drawn.page.locator("#ring-heard")).to_contain_text("Ring heard")


async def test_the_tab_says_that_it_rings_in_its_title_and_icon(drawn: Drawn) -> None:
    await drawn.push(SCREENS["offer"])
    assert (await drawn.page.title()).startswith("(16) Ringing: Марта Ковальчик")
    assert "icon-ringing" in str(await drawn.page.get_attribute("#favicon", "href"))
    await drawn.push(SCREENS["idle"])
    await expect(drawn.page).to_have_title("Available · Console")
    assert "icon-ringing" not in str(await drawn.page.get_attribute("#favicon", "href"))


# --- with the console, for a worker is served only by one -------------------------------------------------------------


async def ringing(centre: Centre, page: Page, person: BrowserContext) -> Worker:
    """A ring that the system shows too; the worker that shows it."""
    worker = person.service_workers[0] if person.service_workers else await person.wait_for_event("serviceworker")
    await page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    await centre.ring("c1")
    await bar(page, "offer")
    await until(page, "(await (await navigator.serviceWorker.ready).getNotifications()).length === 1")
    return worker


async def test_answer_on_the_notification_answers_and_the_notification_goes(
    centre: Centre, person: BrowserContext
) -> None:
    page = await sign_in(person, "nadia")
    await available(page)
    worker = await ringing(centre, page, person)
    shown = await worker.evaluate(
        "async () => (await self.registration.getNotifications()).map(n => [n.title, n.body, n.actions.map(a => a.title)])"
    )
    assert shown == [["Incoming call: +44 131 496 0182", "faults", ["Answer"]]]
    await worker.evaluate(CLICK, "answer")
    await bar(page, "call")
    assert await worker.evaluate("async () => (await self.registration.getNotifications()).length") == 0


async def test_the_notification_itself_only_leads_to_the_page_and_an_old_one_says_that_it_is_old(
    centre: Centre, person: BrowserContext
) -> None:
    page = await sign_in(person, "nadia")
    await available(page)
    worker = await ringing(centre, page, person)
    await worker.evaluate(CLICK, "")
    await expect(page.locator("#bar.offer")).to_be_visible()
    await worker.evaluate(
        "async () => { for (const page of await self.clients.matchAll({includeUncontrolled: true}))"
        " page.postMessage({offer: 'old', action: 'answer'}) }"
    )
    await expect(page.locator("#refusal")).to_contain_text("This ring is over")
    await expect(page.locator("#bar.offer")).to_be_visible()
