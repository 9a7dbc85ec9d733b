"""Articles as their authors see them: what is being written, its reviews and versions, and what is wrong with it.

Whoever changes an article holds its row, so that of two who publish at once one does, and the other is told.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from console.db.engine import Transaction
from console.errors import BadInput, FieldError, NotFound, StaleRecord
from console.kb import markup, store
from console.kb.article import Article, NotInThisState, Revision
from console.kb.reminders import ENDING
from console.kb.store import Review, index
from console.people.permissions import Permission, require
from console.people.who import Principal
from console.queries import knowledge as ask
from console.queries import reviews, translations
from console.queries.reviews import Asked, Ending, Feedback, Submitted
from console.queries.translations import Translation
from console.services.context import Context

WAITING_SHOWN = 100
"""Of each kind of work; who has more begins at the top."""
ADDRESS_SHOWN = 100
"""Characters of an address that leads nowhere."""


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """An article with one of its revisions."""

    article: Article
    revision: Revision
    reviews: tuple[Review, ...] = ()


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
    feedback: tuple[Feedback, ...]
    problems: tuple[Problem, ...]
    links: int
    names: dict[str, str]
    reviewers: tuple[tuple[str, str], ...]
    teams: tuple[str, ...]
    languages: tuple[Translation, ...]
    """The article in all its languages, this one too."""
    source: Revision | None
    """Of a translation: the original's text, in force or else the newest."""

    @property
    def here(self) -> Translation:
        """This one among them."""
        return next(one for one in self.languages if one.id == self.article.id)

    @property
    def original(self) -> Translation:
        return self.languages[0]

    @property
    def blocked(self) -> bool:
        return any(problem.blocks for problem in self.problems)


async def editing(ctx: Context, who: Principal, *, number: str) -> Editing:
    """Raises NotFound, NotAllowed."""
    require(who, Permission.WRITE_ARTICLES)
    async with ctx.db.snapshot() as db:
        article = await require_article(db, number)
        latest = await store.latest_version(db, article.id)
        revision = await store.open_revision(db, article.id) or await store.find_revision(db, article.id, latest)
        assert revision is not None, "an article has a revision"
        asked = await store.reviews_of(db, article.id, revision.version)
        people = {*revision.authors, revision.saved_by}
        people |= {name for review in asked for name in (review.reviewer, review.asked_by, review.said_by) if name}
        feedback = await reviews.feedback(db, who.called, article=article.id, limit=50)
        return Editing(
            article=article,
            revision=revision,
            in_force=await store.find_revision(db, article.id, article.published) if article.published else None,
            topic=tuple(await ask.path(db, article.topic)),
            reviews=asked,
            versions=await ask.versions(db, article.id),
            steps=await ask.steps(db, article.id),
            feedback=tuple(feedback),
            problems=await problems_of(db, revision.body),
            links=len(markup.links(revision.body).articles),
            names=await ask.names(db, people),
            reviewers=tuple(person for person in await ask.reviewers(db) if person[0] not in revision.authors),
            teams=tuple(team.name for team in (await ctx.centres.in_force(db)).document.teams),
            languages=await translations.of_group(db, article.original),
            source=await _source(db, article),
        )


async def _source(db: Transaction, article: Article) -> Revision | None:
    if article.id == article.original:
        return None
    original = await require_article(db, article.original)
    version = original.published or await store.latest_version(db, original.id)
    return await store.find_revision(db, original.id, version)


async def version(ctx: Context, who: Principal, *, number: str, version: int) -> Revision:
    """One version whole. Raises NotFound."""
    require(who, Permission.WRITE_ARTICLES)
    async with ctx.db.snapshot() as db:
        article = await require_article(db, number)
        found = await store.find_revision(db, article.id, version)
        if found is None:
            raise NotFound("There is no such version.")
    return found


async def written(ctx: Context, who: Principal, *, number: str) -> Written:
    """The article with the revision that is being written, else the one in force. Raises NotFound."""
    require(who, Permission.WRITE_ARTICLES)
    async with ctx.db.snapshot() as db:
        return await as_it_stands(db, number)


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
        article = await require_article(db, number)
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


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """What waits for one person."""

    asked: tuple[Asked, ...]
    submitted: tuple[Submitted, ...]
    ending: tuple[Ending, ...]
    told: tuple[Feedback, ...]


async def waiting(ctx: Context, who: Principal) -> Waiting:
    """Reviews, one's own that wait, what expires soon, and what readers told."""
    username = require(who, Permission.WRITE_ARTICLES)
    until = ctx.clock.now() + ENDING
    async with ctx.db.snapshot() as db:
        teams = await teams_of(ctx, db, username)
        return Waiting(
            asked=tuple(await reviews.reviews(db, username, teams, limit=WAITING_SHOWN)),
            submitted=tuple(await reviews.submitted(db, username, limit=WAITING_SHOWN)),
            ending=tuple(await reviews.ending(db, username, until=until, limit=WAITING_SHOWN)),
            told=tuple(await reviews.feedback(db, username, limit=WAITING_SHOWN)),
        )


# --- within a use case's transaction -----------------------------------------------------------------------------------


async def require_article(db: Transaction, number: str, *, lock: bool = False) -> Article:
    article = await store.find_article(db, number, lock=lock)
    if article is None:
        raise NotFound("There is no such article.")
    return article


async def under_way(db: Transaction, number: str, if_match: int | None) -> tuple[Article, Revision]:
    """The revision that is being worked on, held. Raises NotFound, StaleRecord, NotInThisState."""
    article = await require_article(db, number, lock=True)
    revision = await store.open_revision(db, article.id)
    if revision is None:
        raise NotInThisState("No revision of it is being worked on.")
    await require_read(db, article, revision, if_match)
    return article, revision


async def require_read(db: Transaction, article: Article, revision: Revision | None, if_match: int | None) -> None:
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


async def as_it_stands(db: Transaction, number: str) -> Written:
    article = await require_article(db, number)
    revision = await store.open_revision(db, article.id)
    if revision is None:
        version = article.published or await store.latest_version(db, article.id)
        revision = await store.find_revision(db, article.id, version)
    assert revision is not None, "an article has a revision"
    asked = await store.reviews_of(db, article.id, revision.version)
    return Written(article=article, revision=revision, reviews=asked)


async def teams_of(ctx: Context, db: Transaction, username: str) -> list[str]:
    teams = (await ctx.centres.in_force(db)).document.teams
    return [team.name for team in teams if username in (*team.members, *team.supervisors)]
