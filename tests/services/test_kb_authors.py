"""What authors have beside the text: the tree of topics, translations, reminders."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import msgspec
import pytest

from console import bootstrap
from console.db.engine import Database
from console.errors import BadInput, Conflict, NotFound
from console.kb.article import Text
from console.kb.reminders import ENDING
from console.live.nudge import Nudges
from console.people import store as people
from console.people.store import User
from console.people.who import Principal, Role
from console.queries import notices as noticed
from console.runtime.knowledge import Knowledge
from console.services import authoring, knowledge, manuscripts, publishing, reminding, topics
from console.services.authoring import New
from console.services.context import Context
from console.settings import load

KIM = Principal(username="kim", name="Kim", roles=frozenset({Role.AUTHOR}))
ADA = Principal(username="ada", name="Ada", roles=frozenset({Role.ADMIN}))
ANA = Principal(username="ana", name="Ana", roles=frozenset({Role.AGENT}))
LIGHT = Text(title="Optical light is red", body="Wait **ninety** seconds.")


@pytest.fixture
async def ctx(database: Database) -> Context:
    ctx = bootstrap.context(load({"CONSOLE_SECRET_KEY": "k" * 32}), database, Nudges())
    async with ctx.db.transaction() as db:
        for name in ("kim", "ada"):
            user = User(username=name, name=name, roles=("author",), password_hash=None, configured=False, active=True)
            await people.put(db, user, at=ctx.clock.now())
    return ctx


@pytest.fixture
async def index(ctx: Context) -> AsyncIterator[Knowledge]:
    index = Knowledge(ctx)
    yield index
    await index.settle()


async def made(ctx: Context, text: Text = LIGHT, **more: object) -> str:
    return (await authoring.create(ctx, KIM, new=New(lang="en", text=text, **more))).article.number


async def publish(ctx: Context, number: str) -> None:
    await publishing.submit(ctx, KIM, number=number)
    await publishing.approve(ctx, ADA, number=number)
    await publishing.publish(ctx, KIM, number=number)


async def found(ctx: Context, index: Knowledge, topic: str) -> list[str]:
    while await index.run_once():
        pass
    return [hit.number for hit in await knowledge.search(ctx, ANA, q="red light", topic=topic)]


async def ids(ctx: Context) -> dict[str, str]:
    return {path: topic for topic, path in (await topics.whole(ctx, KIM)).paths}


async def test_articles_and_the_search_follow_topics_that_are_renamed_moved_merged_and_removed(
    ctx: Context, index: Knowledge
) -> None:
    number = await made(ctx, topic="Fibre/Faults")
    await publish(ctx, number)
    assert await found(ctx, index, "Fibre") == [number]
    where = await ids(ctx)
    home = await topics.add(ctx, KIM, name="Home", parent=None)

    await topics.change(ctx, KIM, topic=where["Fibre / Faults"], name="Red light", parent=home)
    moved = await found(ctx, index, "Home"), await found(ctx, index, "Home/Red light"), await found(ctx, index, "Fibre")
    await topics.remove(ctx, KIM, topic=where["Fibre"])
    with pytest.raises(Conflict):
        await topics.remove(ctx, KIM, topic=where["Fibre / Faults"])
    bills = await topics.add(ctx, KIM, name="Bills", parent=None)
    await topics.merge(ctx, KIM, topic=home, into=bills)
    await topics.merge(ctx, KIM, topic=where["Fibre / Faults"], into=bills)

    assert moved == ([number], [number], [])
    assert await found(ctx, index, "Bills") == [number]
    shown = await topics.whole(ctx, KIM)
    assert [(branch.path, branch.published, branch.drafts) for branch in shown.branches] == [(("Bills",), 1, 0)]
    assert [(act.what, act.about, act.data.get("path")) for act in shown.acts][:3] == [
        ("topic_merged", "Bills / Red light", "Bills"),
        ("topic_merged", "Home", "Bills"),
        ("topic_added", "Bills", None),
    ]
    with pytest.raises(NotFound):
        await topics.remove(ctx, KIM, topic=home)
    with pytest.raises(BadInput):
        await topics.merge(ctx, KIM, topic=bills, into=bills)


async def test_a_translation_begins_with_the_text_in_force_and_says_when_the_original_has_gone_on(ctx: Context) -> None:
    number = await made(ctx, topic="Fibre")
    await publish(ctx, number)
    await authoring.write(ctx, KIM, number=number, text=msgspec.structs.replace(LIGHT, body="Ask for a photograph."))

    polish = await authoring.translate(ctx, KIM, number=number, lang="pl")
    with pytest.raises(Conflict):
        await authoring.translate(ctx, KIM, number=number, lang="pl")
    third = (await authoring.translate(ctx, KIM, number=polish.article.number, lang="fa")).article.number
    before = await manuscripts.editing(ctx, KIM, number=polish.article.number)
    await publish(ctx, number)
    after = await manuscripts.editing(ctx, KIM, number=polish.article.number)
    await authoring.follow(ctx, KIM, number=polish.article.number)
    followed = await manuscripts.editing(ctx, KIM, number=number)

    assert (polish.revision.body, polish.article.topic is not None) == (LIGHT.body, True)
    assert before.source is not None
    assert (before.source.body, before.here.behind) == (LIGHT.body, False)
    assert after.source is not None
    assert (after.source.body, after.here.behind, after.here.of_original) == ("Ask for a photograph.", True, 1)
    assert [(one.lang, one.behind) for one in followed.languages] == [("en", False), ("fa", True), ("pl", False)]
    assert followed.source is None
    await publish(ctx, polish.article.number)
    await publish(ctx, third)
    read = (await knowledge.read(ctx, ANA, number=number)).article
    assert [(other.lang, other.behind) for other in read.others] == [("fa", True), ("pl", False)]
    assert (await manuscripts.editing(ctx, KIM, number=third)).here.of_original == 1
    with pytest.raises(Conflict):
        await authoring.follow(ctx, KIM, number=number)


async def codes(ctx: Context, who: str) -> list[str]:
    async with ctx.db.snapshot() as db:
        return [notice.code for notice in reversed(await noticed.of(db, who, 20))]


async def run(ctx: Context, after: timedelta) -> int:
    async with ctx.db.transaction() as db:
        return await reminding.run_due(ctx, db, ctx.clock.now() + after, limit=10)


async def test_a_review_that_nobody_makes_is_told_again_a_few_times_and_one_that_is_made_is_not(ctx: Context) -> None:
    number = await made(ctx)
    await publishing.submit(ctx, KIM, number=number, reviewers=["ada"])
    asked = (await manuscripts.waiting(ctx, ADA)).asked, (await manuscripts.waiting(ctx, KIM)).submitted

    early = await run(ctx, timedelta(hours=1))
    counts = [await run(ctx, timedelta(days=days)) for days in (5, 5, 10, 15, 20)]

    assert [one.number for one in asked[0]] == [one.number for one in asked[1]] == [number]
    await reminding.remind(ctx, KIM, number=number)
    assert asked[1][0].waits_for == ("ada",)
    assert (early, counts) == (0, [1, 0, 1, 1, 0])
    assert await codes(ctx, "ada") == ["review_asked", *["review_waits"] * 4]
    assert await codes(ctx, "kim") == ["review_unanswered"] * 3
    await publishing.reject(ctx, ADA, number=number, comment="say who sees it")
    assert await run(ctx, timedelta(days=40)) == 0
    await publishing.submit(ctx, KIM, number=number)
    assert [one.number for one in (await manuscripts.waiting(ctx, ADA)).asked] == [number]
    assert await run(ctx, timedelta(days=40)) == 1
    await publishing.approve(ctx, ADA, number=number)
    assert await run(ctx, timedelta(days=90)) == 0


async def test_an_article_that_expires_soon_comes_to_its_author_once(ctx: Context) -> None:
    ends = ctx.clock.now() + ENDING + timedelta(days=1)
    number = await made(ctx, msgspec.structs.replace(LIGHT, expires_at=ends))
    brief = await made(ctx, msgspec.structs.replace(LIGHT, expires_at=ctx.clock.now() + timedelta(days=2)))
    for each in (number, brief):
        await publish(ctx, each)

    counts = [await run(ctx, timedelta(hours=hours)) for hours in (1, 25, 26)]

    assert counts == [0, 1, 0]
    assert await codes(ctx, "kim") == ["article_ends"]
    assert [(one.number, one.mine) for one in (await manuscripts.waiting(ctx, ADA)).ending] == [(brief, False)]
