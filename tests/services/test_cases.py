"""Cases over their whole life: two people at once, links, tasks, files, coming back, and an owner who leaves."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from console.cases.attachment import Attachment
from console.cases.case import Change, NotOver, ReopenTooLate, Status
from console.cases.customer import Described, Particulars
from console.cases.link import Circular, Kind
from console.cases.store import tasks as task_store
from console.cases.task import Kind as TaskKind
from console.errors import BadInput, NotAllowed, NotFound, StaleRecord
from console.live.messages import CaseChanged
from console.people.who import OPERATOR, Principal
from console.queries.cases import NOBODY, Filter
from console.queries.customers import Whose
from console.services import attachments, cases, customers, links, offers, reopening, tasks, work
from console.services.attachments import AttachedAlready
from console.services.cases import CaseInFull, Registration
from console.services.reopening import Heard
from console.services.viewing import SAID_AGAIN, Gaze
from tests.house import CENTRE, House

WITHOUT_ANA = "".join(line for line in CENTRE.splitlines(keepends=True) if "username: ana" not in line)


async def register(house: House, subject: str = "Red light", **more: object) -> str:
    known = {"subject": subject, "via": "email", "customer": Described(email="marta@harbour.example"), **more}
    made = await cases.register(house.ctx, OPERATOR, registration=Registration(**known))  # type: ignore[arg-type]  # whatever a test says
    await house.settle()
    return made.number


async def shown(house: House, number: str, who: Principal = OPERATOR) -> CaseInFull:
    return await cases.show(house.ctx, who, number=number)


async def taken(house: House, username: str = "ana") -> str:
    """A case in that agent's hands."""
    number = await register(house)
    [offer] = await house.rows("select id from routing_offer where state = 'open'")
    await house.both(offers.accept(house.ctx, house.principal(username), offer_id=offer["id"]))
    return number


async def waiting(house: House, number: str) -> list[tuple[str, str | None, list[str]]]:
    rows = await house.rows(
        "select r.state, r.agent, w.parent is not null as successor from routing_item r join work w on w.item = r.id"
        ' join "case" c on c.id = w."case" where c.number = $1 and r.ended_at is null',
        number,
    )
    return [(row["state"], row["agent"], row["successor"]) for row in rows]


async def test_of_two_who_save_one_case_the_second_is_told_and_overwrites_nothing(house: House) -> None:
    number = await register(house)
    saves = [
        cases.change(house.ctx, house.principal(name), number=number, change=Change(subject=name), if_match=1)
        for name in ("ana", "ben")
    ]

    first, second = await asyncio.gather(*saves, return_exceptions=True)

    done, refused = sorted((first, second), key=lambda answer: isinstance(answer, Exception))
    assert isinstance(refused, StaleRecord)
    now = await shown(house, number)
    assert now.case == done.after
    changes = [entry for entry in now.timeline if entry.kind == "changed"]
    assert [(entry.by, entry.data["subject"]) for entry in changes] == [
        (now.case.subject, ["Red light", now.case.subject])
    ]


async def test_a_resolved_case_comes_back_by_hand_and_its_owner_is_asked_first(house: House) -> None:
    async with house.listening("ana"), house.listening("ben"):
        await house.become("ana")
        number = await taken(house)
        await house.become("ben")
        with pytest.raises(NotOver):
            await reopening.reopen(house.ctx, OPERATOR, number=number)
        await cases.change(house.ctx, house.principal("ana"), number=number, change=Change(status=Status.RESOLVED))
        await house.settle()

        after = await reopening.reopen(house.ctx, house.principal("sue", "supervisor"), number=number, reason="again")
        await house.settle()

    assert (after.status, after.owner) == (Status.OPEN, "ana")
    [queued] = await house.rows("select preferred from routing_item where ended_at is null")
    assert queued["preferred"][0] == "ana"
    [entry] = [entry for entry in (await shown(house, number)).timeline if entry.kind == "reopened"]
    assert (entry.by, entry.data) == ("sue", {"was": "resolved", "why": "again"})


async def test_the_customers_word_resumes_reopens_or_makes_a_new_case(house: House) -> None:
    number = await register(house)

    async def hear() -> Heard:
        return await reopening.hear(house.ctx, OPERATOR, number=number, text="Still red", via="email")

    assert (await hear()).happening == "noted"

    await cases.change(house.ctx, OPERATOR, number=number, change=Change(status=Status.PENDING))
    await house.settle()
    assert await waiting(house, number) == []
    resumed = await hear()
    await house.settle()
    assert resumed.happening == "resumed"
    assert await waiting(house, number) == [("waiting", None, True)]

    await cases.change(house.ctx, OPERATOR, number=number, change=Change(status=Status.RESOLVED))
    await house.settle()
    assert (await hear()).happening == "reopened"
    await house.settle()

    await cases.change(house.ctx, OPERATOR, number=number, change=Change(status=Status.RESOLVED))
    await house.settle()
    house.clock.at += timedelta(days=7, seconds=1)
    with pytest.raises(ReopenTooLate):
        await reopening.reopen(house.ctx, OPERATOR, number=number)
    late = await hear()
    assert late.happening == "registered"
    new = await shown(house, late.number)
    assert (new.case.description, new.case.customer) == ("Still red", (await shown(house, number)).case.customer)
    assert [(link.kind, link.number) for link in new.links] == [("related", number)]


async def test_what_is_resolved_closes_when_its_time_is_up_and_reminders_come_once(house: House) -> None:
    async with house.listening("ana"):
        await house.become("ana")
        number = await taken(house)
    now = house.clock.now()
    await tasks.add_to_case(
        house.ctx,
        house.principal("ana"),
        number=number,
        text="Ring Marta",
        kind=TaskKind.CALLBACK,
        due_at=now + timedelta(hours=2),
        remind_at=now + timedelta(hours=1),
    )
    await cases.change(house.ctx, OPERATOR, number=number, change=Change(status=Status.RESOLVED))

    async def act(after: timedelta) -> tuple[int, bool]:
        async with house.ctx.db.transaction() as db:
            done = await tasks.run_due(house.ctx, db, now + after, limit=10)
            return done, await tasks.next_due(db) is None

    assert await act(timedelta(minutes=59)) == (0, False)
    assert await act(timedelta(hours=1)) == (1, False)
    assert await act(timedelta(hours=1)) == (0, False)
    assert await act(timedelta(days=7, minutes=1)) == (1, True)

    assert [row["to_agent"] for row in await house.rows("select to_agent from notice where code = 'task_due'")] == [
        "ana"
    ]
    over = await shown(house, number)
    assert over.case.status is Status.CLOSED
    assert over.timeline[0].by is None
    assert over.timeline[0].data == {"status": ["resolved", "closed"], "why": "reopen_within"}


async def test_a_task_is_done_by_name_and_its_whole_story_stands_in_the_timeline(house: House) -> None:
    number = await register(house)
    ben = house.principal("ben")
    task = await tasks.add_to_case(house.ctx, ben, number=number, text="Ask the depot")
    with pytest.raises(BadInput):
        await tasks.move(house.ctx, ben, number=number, task_id=task.id, changes={"assignee": "nobody"})
    await tasks.move(house.ctx, ben, number=number, task_id=task.id, changes={"assignee": "ana"}, if_match=1)
    with pytest.raises(StaleRecord):
        await tasks.move(house.ctx, ben, number=number, task_id=task.id, changes={"assignee": "ben"}, if_match=1)
    await tasks.finish(house.ctx, house.principal("ana"), number=number, task_id=task.id, result="done")

    timeline = (await shown(house, number)).timeline
    told = [(entry.by, entry.data["happening"]) for entry in timeline if entry.kind == "task"]
    assert told == [("ana", "done"), ("ben", "moved"), ("ben", "added")]


async def test_the_cases_of_an_owner_who_leaves_wait_for_somebody_else(house: House) -> None:
    async with house.listening("ana"):
        await house.become("ana")
        number = await taken(house)
        task = await tasks.add_to_case(house.ctx, OPERATOR, number=number, text="x", assignee="ana")
        [item] = await house.rows("select id from routing_item where ended_at is null")
        await house.both(work.complete(house.ctx, house.principal("ana"), item=item["id"]))
    await house.apply(WITHOUT_ANA)
    await house.settle()

    left = await shown(house, number)
    assert (left.case.owner, left.case.status) == (None, Status.OPEN)
    assert await waiting(house, number) == [("waiting", None, True)]
    [entry] = [entry for entry in left.timeline if entry.kind == "owner" and entry.data["owner"] is None]
    assert entry.data == {"owner": None, "was": "ana", "why": "left"}
    async with house.ctx.db.transaction() as db:
        [kept] = await task_store.of_case(db, left.case.id)
    assert (kept.id, kept.assignee) == (task.id, None)


async def test_a_case_is_part_of_one_larger_case_and_never_of_itself(house: House) -> None:
    one, two, three = [await register(house, subject=word) for word in ("one", "two", "three")]

    async def parent(number: str, above: str | None) -> None:
        await links.set_parent(house.ctx, OPERATOR, number=number, parent=above)

    await parent(two, one)
    await parent(three, two)
    for number, above in ((one, three), (one, one), (two, three)):
        with pytest.raises(Circular):
            await parent(number, above)
    await links.link(house.ctx, OPERATOR, number=three, other=one, kind=Kind.DUPLICATE_OF)
    with pytest.raises(BadInput):
        await links.link(house.ctx, OPERATOR, number=three, other="C-1", kind=Kind.RELATED)

    assert {(link.kind, link.number) for link in (await shown(house, one)).links} == {
        ("child", two),
        ("duplicated_by", three),
    }
    await parent(two, None)
    await links.unlink(house.ctx, OPERATOR, number=one, other=three)
    assert (await shown(house, one)).links == ()


async def test_a_file_is_kept_once_found_by_its_case_alone_and_removed_by_its_author(house: House) -> None:
    number, other = await register(house), await register(house)
    ana, ben = house.principal("ana"), house.principal("ben")

    async def attach(content: bytes = b"The light is red") -> Attachment:
        return await attachments.attach(house.ctx, ana, number=number, name="red.txt", claimed=None, content=content)

    kept = await attach()
    with pytest.raises(AttachedAlready):
        await attach()
    with pytest.raises(BadInput):
        await attach(b"<html>")
    served = await attachments.serve(house.ctx, ben, number=number, attachment_id=kept.id)
    assert (served.attachment, served.content) == (kept, b"The light is red")
    with pytest.raises(NotFound):
        await attachments.serve(house.ctx, ben, number=other, attachment_id=kept.id)
    with pytest.raises(NotAllowed):
        await attachments.remove(house.ctx, ben, number=number, attachment_id=kept.id)
    await attachments.remove(house.ctx, ana, number=number, attachment_id=kept.id)

    entries = [entry.data["happening"] for entry in (await shown(house, number)).timeline if entry.kind == "attachment"]
    assert entries == ["removed", "added"]
    assert (await shown(house, number)).attachments == ()


async def test_search_finds_parts_of_words_in_any_writing_in_cases_notes_and_customers(house: House) -> None:
    known = Particulars(
        name="Олена Ковальчук", company="Wrona Bakery", phones=("+441314960182",), emails=("O@Wrona.example",)
    )
    await customers.create(house.ctx, OPERATOR, particulars=known)
    phone = Described(phone="+441314960182")
    first = await register(house, subject="Немає інтернету після грози", customer=phone, topic="network/outage")
    second = await register(house, subject="路由器没有信号 100%")
    third = await register(house, subject="مودم من چراغ قرمز می‌زند")
    await cases.add_note(house.ctx, OPERATOR, number=second, text="Der Techniker kommt am Montag")

    async def found(q: str, **more: str) -> set[str]:
        where = Filter(q=q, **more)
        page = await cases.listed(house.ctx, OPERATOR, where=where, limit=10, after=None)
        return {case.number for case in page.items}

    for q, expected in {
        "ІНТЕРНЕТ": {first},
        "ковальчук гроз": {first},
        "o@wrona": {first},
        "0131 496 0182": {first},
        "outage": {first},
        "信号": {second},
        "100%": {second},
        "techniker": {second},
        "قرمز ميزند": {third},  # with the Arabic yeh, and without the joiner
        "%": {second},
        "ковальчук 信号": set(),
    }.items():
        assert await found(q) == expected, q
    assert await found("", topic="network") == {first}
    assert await found("", owner=NOBODY, status="new,open") == {first, second, third}
    assert await found("", owner="ana") == set()
    people, _ = await customers.listed(house.ctx, OPERATOR, where=Whose(q="ковал wrona"), limit=10, after=None)
    assert [(person.name, person.phones, person.cases) for person in people] == [
        ("Олена Ковальчук", ("+441314960182",), 1)
    ]


async def test_a_number_or_an_address_is_one_customers_also_when_two_claim_it_at_once(house: House) -> None:
    async def make(name: str) -> object:
        particulars = Particulars(name=name, phones=("+44 131 496 0182",), emails=(f"{name}@x.example",))
        return await customers.create(house.ctx, OPERATOR, particulars=particulars)

    answers = await asyncio.gather(make("ann"), make("bob"), return_exceptions=True)

    [refused] = [answer for answer in answers if isinstance(answer, BadInput)]
    assert [error.field for error in refused.errors] == ["phones[0]"]
    with pytest.raises(BadInput) as wrong:
        await customers.create(house.ctx, OPERATOR, particulars=Particulars(phones=("0131",), emails=()))
    assert [error.field for error in wrong.value.errors] == ["phones[0]"]


async def test_whoever_looks_at_a_case_is_known_to_the_others_until_they_look_away(house: House) -> None:
    number, other = await register(house), await register(house)
    case, elsewhere = (await shown(house, number)).case.id, (await shown(house, other)).case.id
    ana, ben = Gaze(house.ctx, "ana"), Gaze(house.ctx, "ben")

    async def seen_by(username: str) -> list[str]:
        around = (await cases.whole(house.ctx, house.principal(username), number=number)).around
        return [viewer.name for viewer in around.viewers]

    await ana.on(case)
    async with house.listening("ana") as stream:
        await ben.on(case)
        await house.settle()
        assert (await stream.hear_a(CaseChanged)).case.number == number
    assert (await seen_by("ana"), await seen_by("ben")) == (["Ben Okoro"], ["Ana Lima"])
    await ben.on(elsewhere)
    assert await seen_by("ana") == []

    # A page that was cut off says nothing again, and is forgotten; one that lives does.
    house.clock.at += SAID_AGAIN
    await ana.again()
    house.clock.at += SAID_AGAIN * 2.5
    assert await seen_by("ben") == ["Ana Lima"]
    house.clock.at += SAID_AGAIN
    assert await seen_by("ben") == []
