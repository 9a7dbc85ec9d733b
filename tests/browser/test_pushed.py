"""The page that messages have changed is the page that is drawn anew: compared element by element, for every message."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, get_args

from playwright.async_api import Browser, BrowserContext, Page

from console.cases import store
from console.cases.case import Change
from console.ids import new_id
from console.live import messages as m
from console.live.hub import Subscription, Topic
from console.people.who import OPERATOR, Principal
from console.services import cases, escalation, notices, presence
from console.services.escalation import Target
from console.sla import store as clocks
from console.sla.clock import Terms, started
from console.web.desk import parts
from console.web.desk.parts import SHELL, SILENT
from console.web.fragment import wrap
from console.web.supervisor import board
from tests.browser.conftest import Centre, bar, live, settled, sign_in
from tests.browser.elements import differences, elements, same_as_fresh
from tests.browser.lab import Lab
from tests.browser.test_drawn import HOST, pages, served
from tests.served import COMES_WITHIN_S
from tests.web.floors import FLOOR, NOBODY
from tests.web.screens import SCREENS, VIEW

Does = Callable[[Centre, Page], Awaitable[None]]


class Step(NamedTuple):
    """What somebody does, and the messages that tell of it."""

    does: Does
    tells: set[type[m.Message]]


async def reconnects(_: Centre, page: Page) -> None:
    """After a loss of which the page shows the marks: half of it is gone."""
    await page.evaluate(
        "for (const part of all('#bar, #state, #figures, [data-room=desk] #main, #queues')) part.replaceChildren()"
    )
    await page.evaluate("reconnect()")
    await live(page)


async def becomes_available(_: Centre, page: Page) -> None:
    await settled(page)
    await page.keyboard.press("Alt+a")


async def is_called(centre: Centre, _: Page) -> None:
    await centre.ring("c1")


async def takes_it(_: Centre, page: Page) -> None:
    await bar(page, "offer")
    await page.keyboard.press("Alt+a")


async def is_connected(centre: Centre, _: Page) -> None:
    await centre.answer("c1")


async def sees_the_case_change(centre: Centre, page: Page) -> None:
    number = await page.locator("#case .num").first.inner_text()
    await cases.change(centre.ctx, OPERATOR, number=number, change=Change(subject="Red light since half past"))


async def breaks_a_promise(centre: Centre, page: Page) -> None:
    number = await page.locator("#case .num").first.inner_text()
    async with centre.database.transaction() as db:
        case = await store.find_case(db, number=number)
        assert case is not None
        terms = Terms(target=timedelta(minutes=30), warn=timedelta(minutes=20), version=1)
        since = datetime.now(UTC) - timedelta(hours=2)
        promise = started(
            id=new_id(), case=case.id, name="resolution", policy="gold", terms=terms, at=since, why="registered"
        )
        await clocks.begin(db, promise)


async def sees_it_go_up(centre: Centre, page: Page) -> None:
    number = await page.locator("#case .num").first.inner_text()
    await escalation.send_up(centre.ctx, OPERATOR, number=number, to=Target(queue="upstairs"), reason="Red again")


async def is_told(centre: Centre, _: Page) -> None:
    await notices.send(centre.ctx, OPERATOR, to=["nadia"], text="Please call me.")


async def is_hung_up_on(centre: Centre, _: Page) -> None:
    await centre.hang_up("c1")


async def wraps_up(_: Centre, page: Page) -> None:
    await bar(page, "wrapup")
    await page.keyboard.press("Alt+w")


async def gets_mail(centre: Centre, _: Page) -> None:
    await centre.mail("Broken bill")


async def sees_nadia_go(centre: Centre, _: Page) -> None:
    await centre.say("nadia", "away", "training")


AGENTS = (
    Step(reconnects, {m.Ready}),
    Step(becomes_available, {m.PresenceChanged}),
    Step(is_called, {m.OfferMade}),
    Step(takes_it, {m.OfferClosed, m.WorkStarted}),
    Step(is_connected, {m.CallChanged}),
    Step(sees_the_case_change, {m.CaseChanged}),
    Step(breaks_a_promise, {m.SlaWarned, m.SlaBreached}),
    Step(sees_it_go_up, {m.CaseEscalated}),
    Step(is_told, {m.Notice}),
    Step(is_hung_up_on, {m.WorkUpdated}),
    Step(wraps_up, {m.WorkEnded}),
)
SUPERVISORS = (
    Step(reconnects, {m.Ready}),
    Step(gets_mail, {m.QueueChanged}),
    Step(sees_nadia_go, {m.AgentChanged}),
)


def test_every_message_has_its_step() -> None:
    assert {kind for step in (*AGENTS, *SUPERVISORS) for kind in step.tells} == set(get_args(m.Message))


async def test_an_agents_day_leaves_the_page_that_is_drawn_anew(centre: Centre, person: BrowserContext) -> None:
    await goes_through(centre, await sign_in(person, "nadia"), AGENTS, "nadia")


async def test_what_a_supervisor_watches_is_the_page_that_is_drawn_anew(centre: Centre, person: BrowserContext) -> None:
    topics: frozenset[Topic] = frozenset({"queues", "agents"})
    await goes_through(centre, await sign_in(person, "sue"), SUPERVISORS, "sue", topics)


async def goes_through(
    centre: Centre, page: Page, steps: tuple[Step, ...], username: str, topics: frozenset[Topic] = frozenset()
) -> None:
    """Each step is told by its messages, changes what the page shows, and makes it what a fresh page is."""
    who = Principal(username=username, name=username, roles=frozenset({"supervisor" if topics else "agent"}))
    await same_as_fresh(page)
    for step in steps:
        before = await elements(page)
        async with heard(centre, who, step.tells, topics):
            await step.does(centre, page)
        await same_as_fresh(page)
        if m.Ready not in step.tells:
            assert await elements(page) != before, step.does.__name__


@asynccontextmanager
async def heard(
    centre: Centre, who: Principal, kinds: set[type[m.Message]], topics: frozenset[Topic]
) -> AsyncIterator[None]:
    """Ends when each of the messages has come since it began."""
    async with presence.listening(centre.ctx, who, topics=topics) as subscription:
        hearing = asyncio.create_task(_hear(subscription, set(kinds)))
        yield
        async with asyncio.timeout(COMES_WITHIN_S):
            await hearing


async def _hear(subscription: Subscription, kinds: set[type[m.Message]]) -> None:
    async for frame in subscription:
        kinds -= {type(frame.message)}
        if not kinds:
            return


async def test_a_redraw_makes_of_any_screen_any_other(browser: Browser) -> None:
    page, other = await browser.new_page(), await browser.new_page()
    drawn = dict(pages("en"))
    for one in (page, other):
        await served(one, drawn)
    lab = Lab(page)
    await page.route_web_socket("**/stream*", lab.hear)
    first, *names = SCREENS
    await page.goto(f"{HOST}/{first}")
    await lab.begin("")
    for name in (*names, first):
        await lab.send(parts.frame(SHELL, SCREENS[name], VIEW, SILENT))
        await other.goto(f"{HOST}/{name}")
        assert differences(await elements(page), await elements(other)) == [], name


async def test_what_changed_on_the_floor_makes_of_any_floor_any_other(browser: Browser) -> None:
    page, other = await browser.new_page(), await browser.new_page()
    drawn = dict(pages("en"))
    for one in (page, other):
        await served(one, drawn)
    lab = Lab(page)
    await page.route_web_socket("**/stream*", lab.hear)
    await page.goto(f"{HOST}/floor-empty")
    await lab.begin("")
    for name, before, after in (("floor", NOBODY, FLOOR), ("floor-empty", FLOOR, NOBODY)):
        changed = board.changes(before, after, VIEW.words)
        await lab.send("".join(wrap(part, html) for part, html in changed.items()))
        await other.goto(f"{HOST}/{name}")
        assert differences(await elements(page), await elements(other)) == [], name
