"""What agents do to the matter on their screen: drafts, notes, the customer, the outcome; and what they may see."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from console.cases.case import Change, Status
from console.cases.customer import Described
from console.cases.draft import Typed
from console.errors import BadInput, NotAllowed, NotFound, StaleRecord, WorkOver
from console.live.messages import CaseChanged
from console.people.who import OPERATOR, Principal
from console.queries.desktop import Address, DeskScreen
from console.services import cases, customers, desk, notes, work
from console.services.cases import Registration
from tests.house import House, Stream


@pytest.fixture
async def ana(house: House) -> AsyncIterator[Stream]:
    """Ana's stream; a call is in her hand."""
    async with house.listening("ana") as stream:
        await house.become("ana")
        await house.tell(house.arrived("c1"), house.answered("c1", "PJSIP/ana"))
        yield stream


async def screen(house: House, username: str = "ana", **address: object) -> DeskScreen:
    now = house.clock.now()
    chosen = Address(**{"at": now, **address})
    return await desk.screen(house.ctx, house.principal(username), midnight=now - timedelta(hours=12), address=chosen)


async def about(house: House) -> str:
    shown = (await screen(house)).shown
    assert shown is not None
    return shown.about


async def test_two_tabs_that_type_at_once_keep_both_texts_until_the_author_chooses(house: House, ana: Stream) -> None:
    item, who = await about(house), house.principal("ana")
    first = await notes.save_draft(house.ctx, who, about=item, typed=Typed(text="The light is red", tab="a"))
    assert first is not None
    both = await notes.save_draft(house.ctx, who, about=item, typed=Typed(text="No dial tone", tab="b"))
    assert both is not None
    assert (both.text, both.rival) == ("The light is red", "No dial tone")

    chosen = await notes.settle_draft(house.ctx, who, about=item, rival=True)

    assert chosen is not None
    assert (chosen.text, chosen.rival) == ("No dial tone", None)
    shown = (await screen(house)).shown
    assert shown is not None
    assert shown.draft == chosen


async def test_a_saving_that_comes_after_its_words_became_a_note_makes_no_draft(house: House, ana: Stream) -> None:
    item, who = await about(house), house.principal("ana")
    await notes.add(house.ctx, who, about=item, text="The light is red")
    assert await notes.save_draft(house.ctx, who, about=item, typed=Typed(text="The light is red", tab="a")) is None
    assert await house.rows("select * from note_draft") == []


async def test_what_another_tab_wrote_is_still_a_draft_when_a_note_was_added(house: House, ana: Stream) -> None:
    item, who = await about(house), house.principal("ana")
    await notes.save_draft(house.ctx, who, about=item, typed=Typed(text="One", tab="a"))
    await notes.save_draft(house.ctx, who, about=item, typed=Typed(text="Two", tab="b"))
    await notes.add(house.ctx, who, about=item, text="One")
    assert [row["text"] for row in await house.rows("select text from note_draft")] == ["Two"]


async def test_a_note_may_be_for_the_customer(house: House, ana: Stream) -> None:
    await notes.add(house.ctx, house.principal("ana"), about=await about(house), text="Engineer at noon", outward=True)
    [note] = await house.rows("select data from activity where kind = 'note'")
    assert note["data"]["outward"] is True


async def test_a_case_without_work_can_be_opened_and_noted_on(house: House) -> None:
    registered = await cases.register(
        house.ctx, OPERATOR, registration=Registration(subject="Bill", via="web", customer=Described(name="Orla"))
    )
    who = house.principal("ana")
    before = await screen(house, case=registered.number)
    assert before.shown is not None
    assert before.shown.card is None
    await notes.save_draft(house.ctx, who, about=before.shown.about, typed=Typed(text="Half", tab="a"))
    await notes.add(house.ctx, who, about=before.shown.about, text="Whole.")
    after = (await screen(house, case=registered.number)).shown
    assert after is not None
    assert (after.timeline[0].data["text"], after.draft, after.happened) == ("Whole.", None, 2)


async def test_a_case_of_queues_that_are_not_mine_cannot_be_opened_or_touched(house: House) -> None:
    registered = await cases.register(
        house.ctx, OPERATOR, registration=Registration(subject="Bill", via="web", customer=Described(name="Orla"))
    )
    with pytest.raises(NotFound):
        await desk.require_case(house.ctx, house.principal("cat"), registered.number)
    assert (await screen(house, "cat", case=registered.number)).shown is None
    with pytest.raises(NotFound):
        await notes.add(house.ctx, house.principal("cat"), about=registered.id, text="Mine now")


async def test_work_of_others_in_queues_that_are_not_mine_cannot_be_touched(house: House, ana: Stream) -> None:
    item = await about(house)
    for asking in (
        notes.save_draft(house.ctx, house.principal("cat"), about=item, typed=Typed(text="x")),
        customers.pin_note(house.ctx, house.principal("cat"), about=item, text="x", if_match=1),
    ):
        with pytest.raises(NotFound):
            await asking


async def test_the_outcome_is_kept_while_the_call_goes_on(house: House, ana: Stream) -> None:
    item = await about(house)
    await work.choose_outcome(house.ctx, house.principal("ana"), item=item, disposition="follow_up")
    shown = (await screen(house)).shown
    assert shown is not None
    assert shown.disposition == "follow_up"
    assert shown.card is not None
    assert shown.card.state == "assigned"
    with pytest.raises(NotAllowed):
        await work.choose_outcome(house.ctx, house.principal("ben"), item=item, disposition="solved")


async def test_no_outcome_is_chosen_for_work_that_is_over(house: House, ana: Stream) -> None:
    item = await about(house)
    await house.tell(house.ended("c1"))
    await house.pass_time(31)
    with pytest.raises(WorkOver):
        await work.choose_outcome(house.ctx, house.principal("ana"), item=item, disposition="solved")


async def test_whoever_verified_the_caller_is_named_and_it_can_be_taken_back(house: House, ana: Stream) -> None:
    item, who = await about(house), house.principal("ana")
    await customers.identify(house.ctx, who, about=item, result="verified")
    shown = (await screen(house)).shown
    assert shown is not None
    assert shown.identity is not None
    assert (shown.identity.result, shown.identity.by_name) == ("verified", "Ana Lima")
    assert shown.timeline[0].kind == "identity"
    await house.settle()
    await ana.hear_a(CaseChanged)
    await customers.identify(house.ctx, who, about=item, result=None)
    shown = (await screen(house)).shown
    assert shown is not None
    assert shown.identity is None


async def test_only_whoever_has_the_call_says_who_the_caller_is(house: House, ana: Stream) -> None:
    item = await about(house)
    with pytest.raises(NotAllowed):
        await customers.identify(house.ctx, house.principal("ben"), about=item, result="verified")


async def test_a_note_is_pinned_with_who_and_when_and_unpinned(house: House, ana: Stream) -> None:
    item, who = await about(house), house.principal("ana")
    await customers.pin_note(house.ctx, who, about=item, text="Bring a torch.", if_match=1)
    shown = (await screen(house)).shown
    assert shown is not None
    assert shown.customer is not None
    assert (shown.customer.note, shown.note_by_name) == ("Bring a torch.", "Ana Lima")
    assert shown.customer.note_at is not None
    with pytest.raises(StaleRecord):
        await customers.pin_note(house.ctx, who, about=item, text="Bring two.", if_match=1)
    await customers.pin_note(house.ctx, who, about=item, text=None, if_match=2)
    [row] = await house.rows("select note, note_by, note_at from customer")
    assert set(row.values()) == {None}


async def test_a_customer_is_corrected_by_whoever_read_the_last_version(house: House, ana: Stream) -> None:
    item, who = await about(house), house.principal("ana")
    known = {"name": "Marta Kowalczyk", "company": "Harbour Dental", "emails": ("M@h.example",), "languages": ("pl",)}
    after = await customers.change(house.ctx, who, about=item, changes=known, if_match=1)
    assert (after.name, after.company, after.emails, after.version) == (
        "Marta Kowalczyk",
        "Harbour Dental",
        ("m@h.example",),
        2,
    )
    # What was not corrected stays: they are still found by their number.
    assert after.phones == ("+441314960182",)
    with pytest.raises(StaleRecord):
        await customers.change(house.ctx, who, about=item, changes=known, if_match=1)


async def test_an_address_that_is_anothers_is_refused(house: House, ana: Stream) -> None:
    other = Registration(subject="Bill", via="email", customer=Described(email="o@x.example"))
    await cases.register(house.ctx, OPERATOR, registration=other)
    item, who = await about(house), house.principal("ana")
    with pytest.raises(BadInput):
        await customers.change(house.ctx, who, about=item, changes={"emails": ("O@x.example",)}, if_match=1)


async def test_the_desk_says_whose_turn_it_is_in_each_queue(house: House) -> None:
    async with house.listening("ana"), house.listening("ben"):
        await house.become("ben")
        await house.pass_time(1)
        await house.become("ana")
        await house.pass_time(2)
        first, second = [await screen(house, name) for name in ("ben", "ana")]
    places = [{q.name: q.place for q in one.idle.queues} for one in (first, second) if one.idle]
    assert places == [{"faults": 1, "general": 1, "desk": None}, {"faults": 2, "general": 2, "desk": None}]


async def test_the_day_counts_the_cases_that_were_finished(house: House) -> None:
    registered = await cases.register(
        house.ctx, OPERATOR, registration=Registration(subject="Bill", via="web", customer=Described(name="Orla"))
    )
    who: Principal = house.principal("ana")
    await cases.change(house.ctx, who, number=registered.number, change=Change(status=Status.RESOLVED))
    idle = (await screen(house)).idle
    assert idle is not None
    assert idle.day.finished == 1
