"""Writing articles: drafts, reviews, publishing, and what readers told the authors.

Whoever changes an article holds its row, so that of two who publish at once one does, and the other is told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from console.db.engine import Transaction
from console.errors import BadInput, Conflict, FieldError, NotFound, StaleRecord
from console.ids import new_id
from console.kb import markup, pictures, store
from console.kb.article import (
    REVIEWERS_MAX,
    TOPICS_DEEP,
    Article,
    Kind,
    Move,
    NotInThisState,
    Revision,
    State,
    Text,
    approved,
    checked,
    checked_lang,
    may_approve,
    moved,
)
from console.kb.store import Review, index, uses
from console.people.permissions import Permission, may, require
from console.people.who import Principal
from console.queries import knowledge as ask
from console.services import idempotency
from console.services.context import Context
from console.services.idempotency import Once
from console.services.knowledge import put_into_force, take_out_of_force

TOPIC_MAX = 80
WHY_MAX = 500
ADDRESS_SHOWN = 100
"""Characters of an address that leads nowhere."""


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """An article with one of its revisions."""

    article: Article
    revision: Revision
    reviews: tuple[Review, ...] = ()


class New(msgspec.Struct, frozen=True, kw_only=True):
    """An article to be made. `translates` is the number of one of which it is another language."""

    lang: str
    text: Text
    kind: Kind = Kind.HOWTO
    topic: str | None = None
    translates: str | None = None
    external_id: str | None = None


async def create(ctx: Context, who: Principal, *, new: New, once: Once | None = None) -> Written:
    """A new article, as a draft. Raises BadInput, NotFound (of `translates`), Conflict (there is one in this language)."""
    by = require(who, Permission.WRITE_ARTICLES)
    now = ctx.clock.now()
    text, lang = checked(new.text, now=now), checked_lang(new.lang)
    plain = await asyncio.to_thread(markup.plain, text.body)
    async with ctx.db.transaction() as db:
        if earlier := await idempotency.earlier(ctx, db, once, Written):
            return earlier
        original = await _found(db, new.translates) if new.translates else None
        topic = await topic_of(db, new.topic, now) if new.topic else (original.topic if original else None)
        article_id = new_id()
        article = Article(
            id=article_id,
            number=await store.next_number(db),
            lang=lang,
            original=original.original if original else article_id,
            external_id=new.external_id,
            topic=topic,
            kind=new.kind,
            created_at=now,
            created_by=by,
            changed_at=now,
        )
        if not await store.put_article(db, article):
            raise Conflict("There is this article in this language already.")
        revision = await begin(db, article, text, plain=plain, by=by, at=now, authors=(by,))
        made = Written(article=article, revision=revision)
        await idempotency.keep(ctx, db, once, made)
    return made


async def write(ctx: Context, who: Principal, *, number: str, text: Text, if_match: int | None = None) -> Written:
    """Save the draft, or begin the next revision with this text.

    Raises NotFound, BadInput, StaleRecord, and NotInThisState where a revision is being reviewed: withdraw it first.
    """
    by = require(who, Permission.WRITE_ARTICLES)
    now = ctx.clock.now()
    text = checked(text, now=now)
    plain = await asyncio.to_thread(markup.plain, text.body)
    async with ctx.db.transaction() as db:
        article = await _found(db, number, lock=True)
        revision = await store.open_revision(db, article.id)
        await _as_read(db, article, revision, if_match)
        if revision is None:
            revision = await begin(db, article, text, plain=plain, by=by, at=now, authors=(by,))
        elif revision.state is not State.DRAFT:
            raise NotInThisState("This revision is being reviewed, or was approved: withdraw it before changing it.")
        else:
            await store.save_text(db, revision, text, plain=plain, by=by, at=now)
            await store.ask_again(db, revision)
        await store.touch(db, article.id, now)
        return await _written(db, article.number)


async def organise(
    ctx: Context, who: Principal, *, number: str, topic: str | None = None, kind: Kind | None = None
) -> Written:
    """Put it under another topic, which is made where it is not there, or say what kind it is of."""
    require(who, Permission.WRITE_ARTICLES)
    now = ctx.clock.now()
    async with ctx.db.transaction() as db:
        article = await _found(db, number, lock=True)
        values = {
            **({"topic": await topic_of(db, topic, now)} if topic is not None else {}),
            **({"kind": kind.value} if kind is not None else {}),
        }
        if values:
            await store.organise(db, article.id, now, **values)
            if article.published is not None:
                await store.tell_indexes(db, [article.id])
        made = await _written(db, number)
    ctx.nudges.ring("knowledge")
    return made


async def restore(ctx: Context, who: Principal, *, number: str, version: int) -> Written:
    """Begin the next revision with the text of an earlier one. Raises NotFound, NotInThisState (one is begun)."""
    by = require(who, Permission.WRITE_ARTICLES)
    now = ctx.clock.now()
    async with ctx.db.transaction() as db:
        article = await _found(db, number, lock=True)
        old = await store.find_revision(db, article.id, version)
        if old is None:
            raise NotFound("There is no such version.")
        text = msgspec.structs.replace(old.text, note=f"As version {version}", publish_at=None, expires_at=None)
        begun = await store.open_revision(db, article.id)
        if begun is None:
            await begin(db, article, text, plain=old.plain, by=by, at=now, authors=(by,))
        elif begun.state is State.DRAFT:
            await store.save_text(db, begun, text, plain=old.plain, by=by, at=now)
        else:
            raise NotInThisState("A revision is being reviewed, or was approved: withdraw it first.")
        await store.touch(db, article.id, now)
        return await _written(db, number)


# --- from state to state ----------------------------------------------------------------------------------------------


async def submit(
    ctx: Context,
    who: Principal,
    *,
    number: str,
    reviewers: Sequence[str] = (),
    teams: Sequence[str] = (),
    due_at: datetime | None = None,
    why: str | None = None,
    if_match: int | None = None,
) -> Written:
    """Give the draft to be reviewed: by these people, by somebody of these teams; or by whoever may, where nobody is named."""
    by = require(who, Permission.WRITE_ARTICLES)
    now = ctx.clock.now()
    async with ctx.db.transaction() as db:
        article, revision = await _open(db, number, if_match)
        await _check_reviewers(ctx, db, revision, reviewers, teams)
        missing = [problem.what for problem in await problems_of(db, revision.body) if problem.blocks]
        if missing:
            raise BadInput(errors=tuple(FieldError("body", f"There is no {what} to link to.") for what in missing))
        asked = [(name, None) for name in dict.fromkeys(reviewers)] + [(None, name) for name in dict.fromkeys(teams)]
        before = await store.reviews_of(db, article.id, revision.version)
        known = {(review.reviewer, review.team) for review in before}
        await store.put_reviews(
            db,
            revision,
            [
                Review(id=new_id(), reviewer=name, team=team, asked_by=by, asked_at=now, due_at=due_at)
                for name, team in asked
                if (name, team) not in known
            ],
        )
        await _move(db, revision, Move.SUBMIT, by=by, why=why, at=now)
        return await _written(db, number)


async def withdraw(
    ctx: Context, who: Principal, *, number: str, why: str | None = None, if_match: int | None = None
) -> Written:
    """Back to a draft; what was approved is asked again."""
    by = require(who, Permission.WRITE_ARTICLES)
    now = ctx.clock.now()
    async with ctx.db.transaction() as db:
        _, revision = await _open(db, number, if_match)
        await _move(db, revision, Move.WITHDRAW, by=by, why=why, at=now)
        await store.ask_again(db, revision)
        return await _written(db, number)


async def approve(
    ctx: Context, who: Principal, *, number: str, comment: str | None = None, if_match: int | None = None
) -> Written:
    """Say yes as one who was asked, or as another author. Approved when all who were asked have said so.

    Raises OwnRevision for whoever wrote in it, NotAllowed.
    """
    now = ctx.clock.now()
    async with ctx.db.transaction() as db:
        article, revision = await _open(db, number, if_match)
        by, mine = await _reviewing(ctx, db, who, revision)
        if revision.state is not State.IN_REVIEW:
            raise NotInThisState("It is not being reviewed.")
        if mine is None:
            mine = Review(id=new_id(), reviewer=by, team=None, asked_by=by, asked_at=now, due_at=None)
            await store.put_reviews(db, revision, [mine])
        await store.say_verdict(db, mine.id, verdict="approved", by=by, at=now, comment=_why(comment))
        reviews = await store.reviews_of(db, article.id, revision.version)
        if approved([review.verdict for review in reviews]):
            await _move(db, revision, Move.APPROVE, by=by, why=comment, at=now)
        made = await _written(db, number)
    ctx.nudges.ring("timekeeper")  # it may have a date
    return made


async def reject(ctx: Context, who: Principal, *, number: str, comment: str, if_match: int | None = None) -> Written:
    """Ask for changes: it is a draft again, with what is to be changed. Raises as `approve`."""
    now = ctx.clock.now()
    async with ctx.db.transaction() as db:
        _, revision = await _open(db, number, if_match)
        by, mine = await _reviewing(ctx, db, who, revision)
        if not (words := _why(comment)):
            raise BadInput(errors=(FieldError("comment", "Say what is to be changed."),))
        await _move(db, revision, Move.REJECT, by=by, why=words, at=now)
        await store.ask_again(db, revision)
        if mine is not None:
            await store.say_verdict(db, mine.id, verdict="changes", by=by, at=now, comment=words)
        return await _written(db, number)


async def publish(
    ctx: Context,
    who: Principal,
    *,
    number: str,
    at: datetime | None = None,
    why: str | None = None,
    if_match: int | None = None,
) -> Written:
    """Bring what was approved into force, now or at a time to come. Raises NotInThisState."""
    by = require(who, Permission.WRITE_ARTICLES)
    now = ctx.clock.now()
    async with ctx.db.transaction() as db:
        article, revision = await _open(db, number, if_match)
        if revision.state is not State.APPROVED:
            raise NotInThisState("It is not approved yet: somebody who did not write in it must approve it.")
        when = at if at is not None else revision.publish_at
        if when is not None and when > now:
            if revision.expires_at is not None and revision.expires_at <= when:
                raise BadInput(errors=(FieldError("at", "Before it expires."),))
            await store.schedule(db, revision, when)
            await store.put_step(
                db, revision, was=revision.state, state=revision.state, step=new_id(), at=now, by=by, why=_why(why)
            )
        else:
            if revision.expires_at is not None and revision.expires_at <= now:
                raise BadInput(errors=(FieldError("expires_at", "It would expire at once."),))
            await put_into_force(db, revision, by=by, why=_why(why), at=now)
        made = await _written(db, article.number)
    ctx.nudges.ring("knowledge", "timekeeper")
    return made


async def expire(ctx: Context, who: Principal, *, number: str, why: str | None = None) -> Written:
    """Take what is in force out of it. Raises NotInThisState where nothing is."""
    return await _take_out(ctx, who, number, Move.EXPIRE, why)


async def archive(ctx: Context, who: Principal, *, number: str, why: str | None = None) -> Written:
    """Put the whole article away: what is in force, and what is being written."""
    return await _take_out(ctx, who, number, Move.ARCHIVE, why)


async def _take_out(ctx: Context, who: Principal, number: str, move: Move, why: str | None) -> Written:
    by = require(who, Permission.WRITE_ARTICLES)
    now = ctx.clock.now()
    async with ctx.db.transaction() as db:
        article = await _found(db, number, lock=True)
        current = await store.find_revision(db, article.id, article.published) if article.published else None
        begun = await store.open_revision(db, article.id) if move is Move.ARCHIVE else None
        if current is None and begun is None:
            latest = await store.find_revision(db, article.id, await store.latest_version(db, article.id))
            if move is Move.EXPIRE or latest is None or latest.state is State.ARCHIVED:
                raise NotInThisState("Nothing of it is in force.")
            begun = latest
        if current is not None:
            await take_out_of_force(db, current, move, by=by, why=_why(why), at=now)
        if begun is not None:
            await _move(db, begun, move, by=by, why=why, at=now)
        made = await _written(db, number)
    ctx.nudges.ring("knowledge")
    return made


# --- what readers told ------------------------------------------------------------------------------------------------


async def settle_feedback(ctx: Context, who: Principal, *, feedback: str, why: str | None = None) -> None:
    """It was looked at. Raises NotFound where there is none, or it was settled."""
    by = require(who, Permission.WRITE_ARTICLES)
    async with ctx.db.transaction() as db:
        if not await uses.settle_feedback(db, feedback, at=ctx.clock.now(), by=by, why=_why(why)):
            raise NotFound("There is no such feedback, or it has been settled.")


# --- pictures ---------------------------------------------------------------------------------------------------------


async def put_image(ctx: Context, who: Principal, *, content: bytes) -> str:
    """The id by which articles name it: `![words](image:ID)`. Raises BadInput."""
    by = require(who, Permission.WRITE_ARTICLES)
    picture = pictures.sniffed(content)
    async with ctx.db.transaction() as db:
        return await store.put_image(db, new_id(), picture, content, by=by, at=ctx.clock.now())


# --- looking at what is written ---------------------------------------------------------------------------------------


class Problem(msgspec.Struct, frozen=True):
    """Something that a text points at and that is not there."""

    code: Literal["no_article", "no_picture", "unpublished", "nowhere"]
    what: str

    @property
    def blocks(self) -> bool:
        """Of two articles that name each other one comes first, and an address of ours that is none is only not drawn."""
        return self.code in ("no_article", "no_picture")


class Editing(msgspec.Struct, frozen=True, kw_only=True):
    """All that the editor shows."""

    article: Article
    revision: Revision
    """The one that is being written; where none is, the newest."""
    in_force: Revision | None
    topic: tuple[str, ...]
    reviews: tuple[Review, ...]
    versions: tuple[ask.VersionRow, ...]
    steps: tuple[ask.Step, ...]
    feedback: tuple[ask.Feedback, ...]
    problems: tuple[Problem, ...]
    links: int
    names: dict[str, str]
    reviewers: tuple[tuple[str, str], ...]
    teams: tuple[str, ...]

    @property
    def blocked(self) -> bool:
        return any(problem.blocks for problem in self.problems)


async def editing(ctx: Context, who: Principal, *, number: str) -> Editing:
    """Raises NotFound, NotAllowed."""
    require(who, Permission.WRITE_ARTICLES)
    async with ctx.db.snapshot() as db:
        article = await _found(db, number)
        latest = await store.latest_version(db, article.id)
        revision = await store.open_revision(db, article.id) or await store.find_revision(db, article.id, latest)
        assert revision is not None, "an article has a revision"
        reviews = await store.reviews_of(db, article.id, revision.version)
        people = {*revision.authors, revision.saved_by}
        people |= {name for review in reviews for name in (review.reviewer, review.asked_by, review.said_by) if name}
        feedback = await ask.feedback(db, who.called, article=article.id, limit=50)
        return Editing(
            article=article,
            revision=revision,
            in_force=await store.find_revision(db, article.id, article.published) if article.published else None,
            topic=tuple(await ask.path(db, article.topic)),
            reviews=reviews,
            versions=await ask.versions(db, article.id),
            steps=await ask.steps(db, article.id),
            feedback=tuple(feedback),
            problems=await problems_of(db, revision.body),
            links=len(markup.links(revision.body).articles),
            names=await ask.names(db, people),
            reviewers=tuple(person for person in await ask.reviewers(db) if person[0] not in revision.authors),
            teams=tuple(team.name for team in (await ctx.centres.in_force(db)).document.teams),
        )


async def version(ctx: Context, who: Principal, *, number: str, version: int) -> Revision:
    """One version whole. Raises NotFound."""
    require(who, Permission.WRITE_ARTICLES)
    async with ctx.db.snapshot() as db:
        article = await _found(db, number)
        found = await store.find_revision(db, article.id, version)
        if found is None:
            raise NotFound("There is no such version.")
    return found


async def written(ctx: Context, who: Principal, *, number: str) -> Written:
    """The article with the revision that is being written, else the one in force. Raises NotFound."""
    require(who, Permission.WRITE_ARTICLES)
    async with ctx.db.snapshot() as db:
        return await _written(db, number)


async def listed(
    ctx: Context, who: Principal, *, where: ask.Where, topic: str | None, limit: int, after: ask.Place | None
) -> tuple[list[ask.InList], ask.Place | None]:
    """Articles in every state, the last changed first. Raises BadInput for a topic that there is not."""
    require(who, Permission.WRITE_ARTICLES)
    async with ctx.db.snapshot() as db:
        if topic:
            topics = await index.subtree(db, topic)
            if topics is None:
                raise BadInput(errors=(FieldError("topic", "There is no such topic."),))
            where = msgspec.structs.replace(where, topics=frozenset(topics))
        return await ask.listed(db, where, limit=limit, after=after)


async def versions(
    ctx: Context, who: Principal, *, number: str
) -> tuple[tuple[ask.VersionRow, ...], tuple[ask.Step, ...]]:
    """The newest first, and what was done with them. Raises NotFound."""
    require(who, Permission.WRITE_ARTICLES)
    async with ctx.db.snapshot() as db:
        article = await _found(db, number)
        return await ask.versions(db, article.id), await ask.steps(db, article.id)


async def problems_of(db: Transaction, body: str) -> tuple[Problem, ...]:
    """What is wrong with the links of a text."""
    links = markup.links(body)
    there, pictured = await ask.linked(db, links.articles), await ask.images(db, links.images)
    return (
        *(Problem("no_article", number) for number in links.articles if number not in there),
        *(Problem("no_picture", image) for image in links.images if image not in pictured),
        *(Problem("unpublished", number) for number in links.articles if there.get(number) is False),
        *(Problem("nowhere", address[:ADDRESS_SHOWN]) for address in links.broken),
    )


async def my_reviews(ctx: Context, who: Principal) -> tuple[list[ask.Asked], list[ask.Feedback]]:
    """What waits for them: reviews, and, of those who write, what readers told."""
    username = require(who, Permission.READ_ARTICLES)
    async with ctx.db.snapshot() as db:
        teams = await _teams_of(ctx, db, username)
        told = await ask.feedback(db, username, limit=100) if may(who, Permission.WRITE_ARTICLES) else []
        return await ask.reviews(db, username, teams, limit=100), told


# --- topics -----------------------------------------------------------------------------------------------------------


async def topic_of(db: Transaction, path: str, at: datetime) -> str | None:
    """The id of the topic at this path (`Fibre/Faults`), made where it is not there; None of an empty one.

    Raises BadInput.
    """
    names = [name for part in path.split("/") if (name := " ".join(part.split()))]
    if len(names) > TOPICS_DEEP or any(len(name) > TOPIC_MAX or "\x00" in name for name in names):
        detail = f"At most {TOPICS_DEEP} names between slashes, each of at most {TOPIC_MAX} characters."
        raise BadInput(errors=(FieldError("topic", detail),))
    topic: str | None = None
    for name in names:
        found = await store.find_topic(db, topic, name)
        if found is None:
            await store.lock_topics(db)
            found = await store.find_topic(db, topic, name)
        if found is None:
            found = new_id()
            await store.put_topic(db, found, topic, name, at)
        topic = found
    return topic


# --- helpers ----------------------------------------------------------------------------------------------------------


async def _found(db: Transaction, number: str, *, lock: bool = False) -> Article:
    article = await store.find_article(db, number, lock=lock)
    if article is None:
        raise NotFound("There is no such article.")
    return article


async def begin(
    db: Transaction, article: Article, text: Text, *, plain: str, by: str, at: datetime, authors: tuple[str, ...]
) -> Revision:
    """The next revision, a draft; the caller holds the article's row, or has made it."""
    revision = Revision(
        article=article.id,
        version=await store.latest_version(db, article.id) + 1,
        **msgspec.structs.asdict(text),
        plain=plain,
        state=State.DRAFT,
        authors=authors,
        created_at=at,
        saved_at=at,
        saved_by=by,
        saved=1,
    )
    await store.put_revision(db, revision)
    await store.put_step(db, revision, was=None, state=State.DRAFT, step=new_id(), at=at, by=by, why=text.note)
    return revision


async def _open(db: Transaction, number: str, if_match: int | None) -> tuple[Article, Revision]:
    """The revision that is being worked on, held. Raises NotFound, StaleRecord, NotInThisState."""
    article = await _found(db, number, lock=True)
    revision = await store.open_revision(db, article.id)
    if revision is None:
        raise NotInThisState("No revision of it is being worked on.")
    await _as_read(db, article, revision, if_match)
    return article, revision


async def _as_read(db: Transaction, article: Article, revision: Revision | None, if_match: int | None) -> None:
    """Raises StaleRecord where the newest revision is not as the asker has read it."""
    if if_match is None:
        return
    if revision is None:
        revision = await store.find_revision(db, article.id, await store.latest_version(db, article.id))
    if revision is None or tag(revision) != if_match:
        raise StaleRecord


def tag(revision: Revision) -> int:
    """What its ETag says: it changes with each saving and each step."""
    return revision.version * 100_000 + revision.saved


async def _move(db: Transaction, revision: Revision, move: Move, *, by: str, why: str | None, at: datetime) -> None:
    state = moved(revision.state, move)
    await store.set_state(db, revision, state, step=new_id(), at=at, by=by, why=_why(why))
    await store.touch(db, revision.article, at)


async def _written(db: Transaction, number: str) -> Written:
    article = await _found(db, number)
    revision = await store.open_revision(db, article.id)
    if revision is None:
        version = article.published or await store.latest_version(db, article.id)
        revision = await store.find_revision(db, article.id, version)
    assert revision is not None, "an article has a revision"
    reviews = await store.reviews_of(db, article.id, revision.version)
    return Written(article=article, revision=revision, reviews=reviews)


async def _teams_of(ctx: Context, db: Transaction, username: str) -> list[str]:
    teams = (await ctx.centres.in_force(db)).document.teams
    return [team.name for team in teams if username in (*team.members, *team.supervisors)]


async def _check_reviewers(
    ctx: Context, db: Transaction, revision: Revision, reviewers: Sequence[str], teams: Sequence[str]
) -> None:
    """Raises BadInput for names that are nobody's, too many, or of the authors themselves."""
    if len(reviewers) + len(teams) > REVIEWERS_MAX:
        raise BadInput(errors=(FieldError("reviewers", f"At most {REVIEWERS_MAX}."),))
    known = {username for username, _ in await ask.reviewers(db)}
    there = {team.name for team in (await ctx.centres.in_force(db)).document.teams}
    wrong = [
        *(FieldError("reviewers", f"{name} is nobody who writes articles.") for name in reviewers if name not in known),
        *(FieldError("reviewers", f"{name} wrote in it.") for name in reviewers if name in revision.authors),
        *(FieldError("teams", f"{name} is no team.") for name in teams if name not in there),
    ]
    if wrong:
        raise BadInput(errors=tuple(wrong))


async def _reviewing(ctx: Context, db: Transaction, who: Principal, revision: Revision) -> tuple[str, Review | None]:
    """Their name, and the review that was asked of them or of a team of theirs.

    Raises NotAllowed, OwnRevision.
    """
    name = require(who, Permission.WRITE_ARTICLES)
    reviews = await store.reviews_of(db, revision.article, revision.version)
    teams = await _teams_of(ctx, db, name)
    mine = [review for review in reviews if review.reviewer == name or review.team in teams]
    may_approve(revision, name)
    waiting = [review for review in mine if review.verdict is None]
    return name, next(iter(waiting or mine), None)


def _why(words: str | None) -> str | None:
    return (" ".join(words.split())[:WHY_MAX] or None) if words else None
