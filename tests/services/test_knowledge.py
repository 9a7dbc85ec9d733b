"""The life of an article over the database: written, reviewed, published, found, used, expired."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from console import bootstrap
from console.db.engine import Database
from console.errors import BadInput, NotAllowed, NotFound, Refusal, StaleRecord
from console.ids import new_id
from console.kb.article import Audience, Kind, NotInThisState, OwnRevision, State, Text, Use
from console.kb.brought import Brought
from console.kb.library import Library
from console.live.nudge import Nudges
from console.people import store as people
from console.people.store import User
from console.people.who import OPERATOR, Principal, Role
from console.queries import desktop_articles
from console.runtime.knowledge import Knowledge
from console.services import authoring, bringing, knowledge, manuscripts, publishing
from console.services.authoring import New
from console.services.bringing import Outcome
from console.services.context import Context
from console.settings import load
from tests.web.screens import CALL

KIM = Principal(username="kim", name="Kim", roles=frozenset({Role.AUTHOR}))
ADA = Principal(username="ada", name="Ada", roles=frozenset({Role.ADMIN}))
ANA = Principal(username="ana", name="Ana", roles=frozenset({Role.AGENT}))

LIGHT = Text(title="Optical light is red", body="Wait **ninety** seconds.\n\n::: warning\nNever look into it.\n:::\n")


async def made(ctx: Context, text: Text = LIGHT, **more: object) -> str:
    written = await authoring.create(ctx, KIM, new=New(lang="en", text=text, **more))
    return written.article.number


async def published(ctx: Context, text: Text = LIGHT, **more: object) -> str:
    number = await made(ctx, text, **more)
    await publishing.submit(ctx, KIM, number=number)
    await publishing.approve(ctx, ADA, number=number)
    await publishing.publish(ctx, KIM, number=number)
    return number


@pytest.fixture
def ctx(database: Database) -> Context:
    return bootstrap.context(load({"CONSOLE_SECRET_KEY": "k" * 32}), database, Nudges())


@pytest.fixture
async def index(ctx: Context) -> AsyncIterator[Knowledge]:
    index = Knowledge(ctx)
    yield index
    await index.settle()


async def found(ctx: Context, index: Knowledge, q: str, **asked: object) -> list[str]:
    while await index.run_once():
        pass
    return [hit.number for hit in await knowledge.search(ctx, ANA, q=q, **asked)]


async def test_an_article_is_found_from_its_publishing_on_and_not_before(ctx: Context, index: Knowledge) -> None:
    number = await made(ctx)
    drafted = await found(ctx, index, "red light")
    await publishing.submit(ctx, KIM, number=number)
    await publishing.approve(ctx, ADA, number=number)
    approved = await found(ctx, index, "red light")
    await publishing.publish(ctx, KIM, number=number)

    assert (drafted, approved, await found(ctx, index, "red light")) == ([], [], [number])
    with pytest.raises(NotFound):
        await knowledge.read(ctx, ANA, number="KB-999999")


async def test_who_wrote_in_a_revision_does_not_approve_it(ctx: Context) -> None:
    number = await made(ctx)
    await authoring.write(ctx, ADA, number=number, text=msgspec.structs.replace(LIGHT, title="Red light"))
    await publishing.submit(ctx, KIM, number=number)

    for author in (KIM, ADA):
        with pytest.raises(OwnRevision):
            await publishing.approve(ctx, author, number=number)
    with pytest.raises(NotAllowed):
        await publishing.approve(ctx, ANA, number=number)
    with pytest.raises(NotInThisState):
        await publishing.publish(ctx, KIM, number=number)


async def test_what_is_in_force_stays_while_the_next_revision_is_written(ctx: Context, index: Knowledge) -> None:
    number = await published(ctx)
    await authoring.write(ctx, KIM, number=number, text=msgspec.structs.replace(LIGHT, body="Ask for a photograph."))

    read = (await knowledge.read(ctx, ANA, number=number)).article

    assert (read.version, "ninety" in read.body) == (1, True)
    assert await found(ctx, index, "photograph") == []
    await publishing.submit(ctx, KIM, number=number)
    await publishing.approve(ctx, ADA, number=number)
    await publishing.publish(ctx, KIM, number=number, why="photographs help")
    assert await found(ctx, index, "photograph") == [number]
    assert await found(ctx, index, "ninety") == []
    rows, steps = await manuscripts.versions(ctx, KIM, number=number)
    assert [(row.version, row.state) for row in rows] == [(2, "published"), (1, "archived")]
    assert {(step.version, step.state, step.by, step.why) for step in steps} >= {
        (2, "published", "kim", "photographs help"),
        (2, "approved", "ada", None),
        (1, "archived", "kim", None),
    }


async def test_of_two_who_publish_at_once_one_does(ctx: Context) -> None:
    number = await made(ctx)
    await publishing.submit(ctx, KIM, number=number)
    await publishing.approve(ctx, ADA, number=number)

    both = await asyncio.gather(
        *(publishing.publish(ctx, who, number=number) for who in (KIM, ADA)), return_exceptions=True
    )

    assert sorted(type(each).__name__ for each in both) == ["NotInThisState", "Written"]
    assert next(each.status for each in both if isinstance(each, Refusal)) == 409


async def test_a_save_over_somebody_elses_is_refused(ctx: Context) -> None:
    number = await made(ctx)
    seen = manuscripts.tag((await manuscripts.written(ctx, KIM, number=number)).revision)
    await authoring.write(ctx, ADA, number=number, text=msgspec.structs.replace(LIGHT, body="ada's"), if_match=seen)

    with pytest.raises(StaleRecord):
        await authoring.write(ctx, KIM, number=number, text=LIGHT, if_match=seen)

    assert (await manuscripts.written(ctx, KIM, number=number)).revision.body == "ada's"


async def test_all_who_were_asked_approve_and_a_text_that_changed_is_asked_again(ctx: Context) -> None:
    await users(ctx)
    number = await made(ctx)
    await publishing.submit(ctx, KIM, number=number, reviewers=["ada", "ole"])
    one = await publishing.approve(ctx, ADA, number=number, comment="good")
    with pytest.raises(BadInput):
        await publishing.reject(ctx, ADA, number=number, comment="  ")
    await publishing.reject(ctx, ADA, number=number, comment="say who sees it")
    again = await publishing.submit(ctx, KIM, number=number)
    ole = Principal(username="ole", name="Ole", roles=frozenset({Role.AUTHOR}))
    await publishing.approve(ctx, ole, number=number)
    last = await publishing.approve(ctx, ADA, number=number)

    assert one.revision.state is State.IN_REVIEW
    assert {review.verdict for review in again.reviews} == {None, "changes"}
    assert last.revision.state is State.APPROVED
    with pytest.raises(NotInThisState):
        await authoring.restore(ctx, KIM, number=number, version=1)


async def users(ctx: Context) -> None:
    async with ctx.db.transaction() as db:
        for name in ("kim", "ada", "ole"):
            user = User(username=name, name=name, roles=("author",), password_hash=None, configured=False, active=True)
            await people.put(db, user, at=ctx.clock.now())


async def test_dates_publish_and_expire_by_themselves(ctx: Context, index: Knowledge) -> None:
    now = ctx.clock.now()
    soon, later = now + timedelta(hours=1), now + timedelta(hours=2)
    number = await made(ctx, msgspec.structs.replace(LIGHT, publish_at=soon, expires_at=later))
    await publishing.submit(ctx, KIM, number=number)
    await publishing.approve(ctx, ADA, number=number)
    waiting = await publishing.publish(ctx, KIM, number=number)

    async with ctx.db.transaction() as db:
        due = await knowledge.next_due(db)
        early = await knowledge.run_due(ctx, db, now, limit=10)
        done = await knowledge.run_due(ctx, db, soon, limit=10)
        again = await knowledge.run_due(ctx, db, soon, limit=10)
    there = await found(ctx, index, "red light")
    async with ctx.db.transaction() as db:
        expired = await knowledge.run_due(ctx, db, later, limit=10)

    assert (waiting.revision.state, due, early, done, again, expired) == (State.APPROVED, soon, 0, 1, 0, 1)
    assert (there, await found(ctx, index, "red light")) == ([number], [])


async def test_a_late_index_shows_nothing_that_is_out_of_force(ctx: Context, index: Knowledge) -> None:
    number = await published(ctx)
    assert await found(ctx, index, "red light") == [number]

    await publishing.archive(ctx, KIM, number=number)

    assert [hit.number for hit in await knowledge.search(ctx, ANA, q="red light")] == []
    with pytest.raises(NotInThisState):
        await publishing.expire(ctx, KIM, number=number)


async def test_filters_hold_for_a_topic_and_all_beneath_it(ctx: Context, index: Knowledge) -> None:
    deep = await published(ctx, topic="Fibre/Faults", kind=Kind.PROBLEM)
    other = await published(ctx, topic="Bills")

    assert await found(ctx, index, "red light", topic="fibre") == [deep]
    assert await found(ctx, index, "red light", topic="Fibre/Faults", kind="problem") == [deep]
    assert await found(ctx, index, "red light", kind="howto") == [other]
    assert await found(ctx, index, "red light", audience="customers") == []
    with pytest.raises(BadInput):
        await knowledge.search(ctx, ANA, q="light", topic="Nowhere")


async def test_what_helped_is_lifted_and_why_it_did_not_is_work_for_its_author(ctx: Context, index: Knowledge) -> None:
    first, second = await published(ctx), await published(ctx)
    before = await found(ctx, index, "red light")
    worse, better = (before[0], before[1])
    for name in ("ana", "ben", "cat"):
        who = Principal(username=name, name=name, roles=frozenset({Role.AGENT}))
        await knowledge.tell(ctx, who, number=better, use=Use.HELPED)
    await knowledge.tell(ctx, ANA, number=worse, use=Use.NOT_HELPED, text="the light is green")

    assert {first, second} == {*before}
    assert await found(ctx, index, "red light") == [better, worse]
    told = (await manuscripts.waiting(ctx, KIM)).told
    assert [(each.number, each.text, each.mine) for each in told] == [(worse, "the light is green", True)]
    await publishing.settle_feedback(ctx, KIM, feedback=told[0].id)
    with pytest.raises(NotFound):
        await publishing.settle_feedback(ctx, KIM, feedback=told[0].id)


async def test_at_wrap_up_is_asked_only_of_what_was_read_on_this_work_and_of_which_nothing_was_said(
    ctx: Context,
) -> None:
    read, sent, judged, seen = [(await knowledge.read(ctx, ANA, number=await published(ctx))).article for _ in range(4)]
    wrapping = msgspec.structs.replace(CALL, item=new_id(), state="wrap_up")
    told = [(read, Use.OPENED), (sent, Use.OPENED), (sent, Use.SENT), (judged, Use.OPENED), (judged, Use.HELPED)]

    async with ctx.db.transaction() as db:
        for article, kind in (*told, (seen, Use.SHOWN)):
            await knowledge.note_use(ctx, db, article=article.id, revision=1, by="ana", kind=kind, work=wrapping.item)
        asked = await desktop_articles.unjudged(db, "ana", wrapping)
        of_another = await desktop_articles.unjudged(db, "ben", wrapping)
        in_call = await desktop_articles.unjudged(db, "ana", msgspec.structs.replace(wrapping, state="assigned"))

    assert [one.number for one in asked] == [sent.number, read.number]
    assert (of_another, in_call) == ((), ())
    assert read.checked_at is not None


async def test_what_is_looked_for_in_vain_can_be_asked_of_the_authors(ctx: Context) -> None:
    await knowledge.want(ctx, ANA, asked=" moving  a line ", why="They move on Monday")
    with pytest.raises(BadInput):
        await knowledge.want(ctx, ANA, asked=" ")

    told = (await manuscripts.waiting(ctx, KIM)).told
    assert [(one.number, one.text, one.mine) for one in told] == [(None, "moving a line\nThey move on Monday", False)]
    await publishing.settle_feedback(ctx, KIM, feedback=told[0].id)


async def test_links_that_lead_nowhere_keep_a_draft_from_review(ctx: Context) -> None:
    number = await made(
        ctx, msgspec.structs.replace(LIGHT, body=f"See [this](KB-999999), ![x](image:{new_id()}), [y](/nowhere).")
    )

    with pytest.raises(BadInput) as refused:
        await publishing.submit(ctx, KIM, number=number)

    assert len(refused.value.errors) == 2


# --- brought in -------------------------------------------------------------------------------------------------------


def row(external_id: str, lang: str = "en", body: str = "The light is red.") -> Brought:
    return Brought(external_id=external_id, lang=lang, title=f"Title {external_id}", body=body)


async def bring(ctx: Context, *rows: Brought, publish: bool = True) -> list[Outcome]:
    results = await bringing.bring_in(ctx, OPERATOR, rows, publish=publish, topic="Old/Wiki")
    return [result.outcome for result in results]


async def test_brought_in_again_is_nothing_or_a_revision_and_another_language_a_translation(
    ctx: Context, index: Knowledge
) -> None:
    first = await bring(ctx, row("a"), row("b"), row("a", "uk", "Світло червоне."), row("b"))
    again = await bring(ctx, row("a"), row("b", body="The light is green."))

    assert first == [Outcome.MADE, Outcome.MADE, Outcome.MADE, Outcome.REFUSED]
    assert again == [Outcome.UNCHANGED, Outcome.CHANGED]
    [red] = await found(ctx, index, "red", lang="en")
    assert [(other.lang, other.version) for other in (await knowledge.read(ctx, ANA, number=red)).article.others] == [
        ("uk", 1)
    ]
    assert len(await found(ctx, index, "green")) == 1
    taken = [article async for article in bringing.take_out(ctx, OPERATOR)]
    assert {(each.id, each.lang, each.topic) for each in taken} == {
        ("a", "en", "Old/Wiki"),
        ("b", "en", "Old/Wiki"),
        ("a", "uk", "Old/Wiki"),
    }
    assert {each.audience for each in taken} == {Audience.AGENTS}


async def test_many_changes_are_found_while_their_parts_are_merged(ctx: Context, index: Knowledge) -> None:
    for number in range(12):
        await bring(ctx, row(f"r{number}", body=f"word{number} red"))
        assert len(await found(ctx, index, f"word{number}")) == 1
    await bring(ctx, row("r3", body="changed altogether"))
    await index.settle()

    assert await found(ctx, index, "word3") == []
    assert len(await found(ctx, index, "red", limit=50)) == 11
    assert max(len(shelf.parts) for shelf in ctx.library.shelves.values()) <= 3


async def test_a_kept_index_begins_where_it_left_and_another_databases_is_thrown_away(
    ctx: Context, tmp_path: Path
) -> None:
    path = tmp_path / "knowledge.npz"
    rows = [row(f"r{number}", body=f"word{number} red") for number in range(520)]
    await bring(ctx, *rows)
    first = Knowledge(ctx, path)
    assert len(await found(ctx, first, "word7")) == 1
    await first.settle()
    await first._keep_now_and_then()
    await bring(ctx, row("r7", body="later"))

    for kept in (path, tmp_path / "none.npz"):
        fresh = Knowledge(replace(ctx, library=Library()), kept)
        while await fresh.run_once():
            pass
        await fresh.settle()
        hits, _ = fresh._library.search("later", limit=5)
        assert (len(hits), len(fresh._library)) == (1, 520)
