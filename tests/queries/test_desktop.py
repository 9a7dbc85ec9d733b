"""What one agent's desk shows, read from a real database after real decisions."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from console.cases.customer import Described
from console.cases.draft import Typed
from console.db.engine import Database
from console.people.who import OPERATOR
from console.queries import desktop
from console.queries.desktop import NOWHERE, Address, DeskScreen
from console.queries.desktop_idle import OpenCase, Order, Served, ordered
from console.queries.stream import Card
from console.services import cases, notes, offers, work
from tests.house import NOON, House, house_of

QUEUES = (Served(name="faults"), Served(name="general"))


@pytest.fixture
async def house(database: Database) -> AsyncIterator[House]:
    async with house_of(database) as house:
        yield house


async def read(house: House, username: str = "ana", address: Address = NOWHERE) -> DeskScreen:
    now = house.clock.now()
    async with house.ctx.db.snapshot() as db:
        midnight = now - timedelta(hours=12)
        return await desktop.screen(db, username, now, midnight=midnight, queues=QUEUES, address=address)


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
        item = screen.shown.about
        await notes.save_draft(house.ctx, who, about=item, typed=Typed(text="half a sen"))
        drafted = await read(house)
        await notes.add(house.ctx, who, about=item, text="A whole sentence.")
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
        await notes.save_draft(house.ctx, house.principal("ben"), about=screen.shown.about, typed=Typed(text="Ben's"))
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
        await house.both(work.complete(house.ctx, who, item=screen.shown.about, disposition="solved"))
        done = await read(house)
    assert done.idle is not None
    day = done.idle.day
    assert day.answered == 1
    assert day.handle_s == pytest.approx(70, abs=1)
    assert day.wrap_up_s == pytest.approx(10, abs=1)
    assert [case.status for group in done.idle.groups for case in group.cases] == ["open"]


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
    assert (len(shown.past_cases), shown.past) == (1, 1)


def card(item: str, kind: str, minute: int, number: str | None = None) -> Card:
    return Card(item=item, kind=kind, case_number=number, assigned_at=NOON + timedelta(minutes=minute))


def at(minute: int) -> datetime:
    return NOON + timedelta(minutes=minute)


def test_a_call_is_shown_before_cases_and_the_newest_case_before_older_ones() -> None:
    old, new, call = card("old", "case", 1), card("new", "case", 3), card("call", "voice", 2)
    assert desktop.chosen([old, new], NOWHERE) is new
    assert desktop.chosen([old, call, new], NOWHERE) is call
    assert desktop.chosen([], NOWHERE) is None


def test_a_choice_holds_until_newer_work_is_taken() -> None:
    old, new = card("old", "case", 1), card("new", "case", 3)
    assert desktop.chosen([old, new], Address(work="old", at=at(3))) is old
    assert desktop.chosen([old, new], Address(work="old", at=at(2))) is new
    assert desktop.chosen([old, new], Address(work="gone", at=at(3))) is new


def test_the_lists_and_a_case_can_be_chosen_beside_work_in_hand() -> None:
    old = card("old", "case", 1, "C-1")
    assert desktop.chosen([old], Address(lists=True, at=at(1))) is None
    assert desktop.chosen([old], Address(case="C-2", at=at(1))) is None
    assert desktop.chosen([old], Address(case="C-1", at=at(1))) is old
    assert desktop.chosen([old], Address(lists=True, at=at(0))) is old


def mine(number: str, hours: float = 1, status: str = "open", name: str | None = "Marta") -> OpenCase:
    opened = NOON - timedelta(hours=hours)
    return OpenCase(
        number=number,
        subject="Router",
        status=status,
        queue="desk",
        customer_name=name,
        created_at=opened,
        changed_at=opened,
        last_kind=None,
        last_at=None,
    )


def test_the_rail_keeps_a_cases_place_whether_it_is_in_hand_or_not() -> None:
    cases = (mine("C-1", 3), mine("C-2", 2), mine("C-3", 1))
    places = [
        [entry.number for entry in desktop.rail(cards, cases, None)] for cards in ((), (card("i", "case", 1, "C-2"),))
    ]
    assert places == [["C-1", "C-2", "C-3"]] * 2


def test_the_rail_begins_with_the_call_and_shows_its_case_once() -> None:
    call = card("call", "voice", 1, "C-2")
    entries = desktop.rail((call,), (mine("C-1"), mine("C-2")), None)
    assert [(entry.id, entry.number) for entry in entries] == [("call", "C-2"), ("C-1", "C-1")]


def test_open_cases_come_by_state_with_the_longest_untouched_first() -> None:
    cases = (mine("C-1", 1), mine("C-2", 5, "pending"), mine("C-3", 3, "new"))
    groups = ordered(cases, Order.STATE)
    assert [(group.of, [one.number for one in group.cases]) for group in groups] == [
        ("open", ["C-3", "C-1"]),
        ("pending", ["C-2"]),
    ]


def test_open_cases_come_by_customer_and_those_without_a_name_last() -> None:
    cases = (mine("C-1", name=None), mine("C-2", name="zoe"), mine("C-3", name="Adam"), mine("C-4", name="zoe"))
    groups = ordered(cases, Order.CUSTOMER)
    assert [(group.of, [one.number for one in group.cases]) for group in groups] == [
        ("Adam", ["C-3"]),
        ("zoe", ["C-2", "C-4"]),
        (None, ["C-1"]),
    ]


def test_open_cases_come_newest_first_in_one_list() -> None:
    assert [
        [one.number for one in group.cases] for group in ordered((mine("C-1", 5), mine("C-2", 1)), Order.NEWEST)
    ] == [["C-2", "C-1"]]
    assert ordered((), Order.NEWEST) == ()
