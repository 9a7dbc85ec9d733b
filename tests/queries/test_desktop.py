"""What one agent's desk shows, read from a real database after real decisions."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from console.cases.customer import Described
from console.db.engine import Database
from console.people.who import OPERATOR
from console.queries import desktop
from console.queries.desktop import Choice, DeskScreen
from console.queries.stream import Card
from console.services import cases, notes, offers, work
from tests.house import NOON, House, house_of

QUEUES = ("faults", "general")


@pytest.fixture
async def house(database: Database) -> AsyncIterator[House]:
    async with house_of(database) as house:
        yield house


async def read(house: House, username: str = "ana", choice: Choice | None = None) -> DeskScreen:
    now = house.clock.now()
    async with house.ctx.db.snapshot() as db:
        return await desktop.screen(db, username, now, midnight=now - timedelta(hours=12), queues=QUEUES, choice=choice)


async def rung(house: House, call: str = "c1") -> DeskScreen:
    """Ana's desk while that call rings at it."""
    await house.tell(house.arrived(call))
    return await read(house)


async def taken(house: House, call: str = "c1") -> DeskScreen:
    """Ana's desk with that call in hand."""
    screen = await rung(house, call)
    assert screen.offer is not None
    await house.both(offers.accept(house.ctx, house.principal("ana"), offer_id=screen.offer.offer))
    return await read(house)


async def test_an_agent_the_router_never_saw_is_offline_with_nothing_in_hand(house: House) -> None:
    screen = await read(house, "nobody")
    assert (screen.me.presence, screen.me.name, screen.work) == ("offline", "nobody", ())
    assert screen.idle is not None


async def test_an_idle_desk_shows_who_waits_in_its_queues_in_their_order(house: House) -> None:
    await house.tell(house.arrived("c1"), house.arrived("c2"))
    screen = await read(house)
    assert screen.idle is not None
    assert [(queue.name, queue.waiting) for queue in screen.idle.queues] == [("faults", 2), ("general", 0)]
    assert screen.idle.queues[0].waiting_since is not None
    assert screen.idle.queues[1].waiting_since is None


async def test_a_ring_shows_the_call_and_why_it_came(house: House) -> None:
    async with house.listening("ana"):
        await house.become("ana")
        screen = await rung(house)
    assert screen.offer is not None
    assert screen.offer.card.caller == "+441314960182"
    assert screen.offer.why.matched == {"fibre": (3, 5)}
    assert screen.me.routing_state == "offered"


async def test_work_in_hand_is_shown_with_customer_case_and_timeline(house: House) -> None:
    async with house.listening("ana"):
        await house.become("ana")
        screen = await taken(house)
        assert screen.shown is not None
        assert screen.idle is None
        who = house.principal("ana")
        item = screen.shown.card.item
        await notes.save_draft(house.ctx, who, item=item, text="half a sen")
        drafted = await read(house)
        await notes.add(house.ctx, who, item=item, text="A whole sentence.")
        noted = await read(house)
    assert screen.shown.customer is not None
    assert screen.shown.customer.phones == ("+441314960182",)
    assert screen.shown.case is not None
    assert (screen.shown.case.owner, screen.shown.case.owner_name) == ("ana", "Ana Lima")
    assert drafted.shown is not None
    assert drafted.shown.draft is not None
    assert drafted.shown.draft.text == "half a sen"
    assert noted.shown is not None
    assert noted.shown.draft is None
    assert noted.shown.timeline[0].data["text"] == "A whole sentence."
    assert noted.shown.timeline[0].by_name == "Ana Lima"


async def test_another_agents_draft_is_not_shown(house: House) -> None:
    async with house.listening("ana"):
        await house.become("ana")
        screen = await taken(house)
        assert screen.shown is not None
        await notes.save_draft(house.ctx, house.principal("ben"), item=screen.shown.card.item, text="Ben's")
        assert (await read(house)).shown.draft is None  # type: ignore[union-attr]  # shown: asserted above


async def test_a_missed_ring_says_when_it_rang_and_counts_today(house: House) -> None:
    async with house.listening("ana"):
        await house.become("ana")
        await rung(house)
        await house.pass_time(21)
        screen = await read(house)
    assert screen.missed is not None
    assert screen.missed.queue == "faults"
    assert screen.missed.closed_at - screen.missed.made_at >= timedelta(seconds=20)
    assert screen.idle is not None
    assert screen.idle.day.missed == 1


async def test_the_day_counts_calls_with_their_handle_and_wrap_up_times(house: House) -> None:
    async with house.listening("ana"):
        await house.become("ana")
        screen = await taken(house)
        assert screen.shown is not None
        await house.pass_time(60)
        await house.tell(house.ended("c1"))
        await house.pass_time(10)
        who = house.principal("ana")
        await house.both(work.complete(house.ctx, who, item=screen.shown.card.item, disposition="solved"))
        done = await read(house)
    assert done.idle is not None
    day = done.idle.day
    assert day.answered == 1
    assert day.handle_s == pytest.approx(70, abs=1)
    assert day.wrap_up_s == pytest.approx(10, abs=1)
    assert [case.status for case in done.idle.cases] == ["open"]


async def test_other_cases_of_the_customer_are_listed_and_the_one_in_hand_is_not(house: House) -> None:
    described = Described(phone="+441314960182", name="Marta")
    for subject in ("Router", "Bill"):
        registration = cases.Registration(subject=subject, via="web", customer=described)
        await cases.register(house.ctx, OPERATOR, registration=registration)
        await house.pass_time(1)
    async with house.listening("ana"):
        await house.become("ana")
        screen = await read(house)
        assert screen.offer is not None
        assert screen.offer.card.customer_name == "Marta"
        who = house.principal("ana")
        await house.both(offers.accept(house.ctx, who, offer_id=screen.offer.offer))
        shown = (await read(house)).shown
    assert shown is not None
    assert shown.case is not None
    assert {shown.case.subject, *(case.subject for case in shown.past_cases)} == {"Router", "Bill"}
    assert len(shown.past_cases) == 1


def card(item: str, kind: str, minute: int) -> Card:
    return Card(item=item, kind=kind, assigned_at=NOON + timedelta(minutes=minute))


def test_a_call_is_shown_before_cases_and_the_newest_case_before_older_ones() -> None:
    old, new, call = card("old", "case", 1), card("new", "case", 3), card("call", "voice", 2)
    assert desktop.chosen([old, new], None) is new
    assert desktop.chosen([old, call, new], None) is call
    assert desktop.chosen([], None) is None


def test_a_choice_holds_until_newer_work_is_taken() -> None:
    old, new = card("old", "case", 1), card("new", "case", 3)
    assert new.assigned_at is not None
    assert desktop.chosen([old, new], Choice("old", new.assigned_at)) is old
    assert desktop.chosen([old, new], Choice("old", new.assigned_at - timedelta(seconds=1))) is new
    assert desktop.chosen([old, new], Choice("gone", new.assigned_at)) is new
