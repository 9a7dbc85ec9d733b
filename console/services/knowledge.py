"""Finding and reading articles, what comes of their use, and what is published and expires by the date.

What is found was found by this node's index, and is read once more from the database by the statement that shows it: an
index that is late may miss an article, and never shows one that is not in force.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

import msgspec

from console.cases import store as cases
from console.cases.timeline import Activity, Entry
from console.db.engine import Transaction
from console.errors import BadInput, FieldError, NotAllowed, NotFound
from console.ids import new_id
from console.kb import markup, store
from console.kb.analysis import pieces
from console.kb.article import Move, Revision, State, Use, moved
from console.kb.library import Filter
from console.kb.segment import Asked, Hit
from console.kb.snippet import marked, snippet
from console.kb.store import index, uses
from console.kb.store.index import Found
from console.kb.store.uses import Noted, UseOfCase
from console.people.permissions import Permission, may, require
from console.people.who import Principal
from console.queries import knowledge as ask
from console.queries.desktop import DeskScreen
from console.queries.knowledge import Named, Reading, Result
from console.services.context import Context
from console.services.seeing import seen_case
from console.services.telling import tell_case_changed

SPARE = 20
"""Hits beyond those asked for: some may have gone out of force, and use moves others up."""
SUGGESTED_MAX = 3
REASONS_MAX = 4
"""Words that are said to have suggested an article."""
WHY_MAX = 1_000
WANTED_MAX = 2 * WHY_MAX
"""What was looked for, and why."""
ON_TIMELINE = frozenset({Use.USED, Use.SENT, Use.HELPED, Use.NOT_HELPED})
"""What is told of in the case; that an article was on the screen is counted, and told by the packet."""


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """An article as it is read."""

    article: Reading
    html: str
    """Clean, and ours to put into a page."""


async def search(
    ctx: Context,
    who: Principal,
    *,
    q: str,
    lang: str | None = None,
    topic: str | None = None,
    kind: str | None = None,
    audience: str | None = None,
    limit: int = 10,
    typing: bool | None = None,
) -> list[Result]:
    """Published articles, best first. `topic` is a path, a name or an id, with all beneath it.

    `typing`: the last word may be half of one; None: where no article has it as it is. Raises BadInput for a topic that there is not.
    """
    require(who, Permission.READ_ARTICLES)
    topics: frozenset[str] | None = None
    if topic is not None:
        async with ctx.db.statement() as db:
            beneath = await index.subtree(db, topic)
        if beneath is None:
            raise BadInput(errors=(FieldError("topic", "There is no such topic."),))
        topics = frozenset(beneath)
    where = Filter(lang, topics, kind, audience)
    hits, asked = ctx.library.search(q, limit=limit + SPARE, typing=typing, where=where)
    if not hits:
        return []
    async with ctx.db.statement() as db:
        return await _results(ctx, db, hits, asked, limit)


async def suggest(
    ctx: Context, db: Transaction, who: Principal, *, text: str, lang: str | None = None, limit: int = SUGGESTED_MAX
) -> list[Result]:
    """The articles that answer a case best, by what is written in it; each with the words that it was found by."""
    require(who, Permission.READ_ARTICLES)
    hits, asked = ctx.library.search(text, limit=limit + SPARE, where=Filter(lang))
    if not hits:
        return []
    results = await _results(ctx, db, hits, asked, limit)
    return [msgspec.structs.replace(each, because=_because(text, each)) for each in results]


async def _results(
    ctx: Context, db: Transaction, hits: Sequence[Hit], asked: dict[str, Asked], limit: int
) -> list[Result]:
    found = await index.found(db, hits, ctx.clock.now(), limit=limit)
    return [_result(each, asked) for each in found]


def _result(found: Found, asked: dict[str, Asked]) -> Result:
    as_asked = asked.get(found.lang.partition("-")[0].lower(), Asked(()))
    return Result(
        id=found.id,
        number=found.number,
        external_id=found.external_id,
        lang=found.lang,
        title=found.title,
        title_marked=marked(found.title, as_asked, found.lang),
        snippet=snippet(found.text, as_asked, found.lang),
        score=round(found.score, 4),
        version=found.version,
        kind=found.kind,
        audience=found.audience,
        published_at=found.published_at,
        used=found.used,
        helped=found.helped,
        not_helped=found.not_helped,
    )


async def beside(ctx: Context, db: Transaction, who: Principal, screen: DeskScreen) -> DeskScreen:
    """The desk's screen with the articles that may answer what is on it: the case, the script's answers, the note."""
    shown = screen.shown
    if shown is None or not may(who, Permission.READ_ARTICLES):
        return screen
    said = [
        *([shown.case.subject, shown.case.description, shown.case.topic] if shown.case else []),
        *([answer.answer for answer in shown.script.run if isinstance(answer.answer, str)] if shown.script else []),
        shown.draft.text if shown.draft else None,
    ]
    text = "\n".join(filter(None, said))
    suggested = await suggest(ctx, db, who, text=text) if text else []
    return msgspec.structs.replace(screen, shown=msgspec.structs.replace(shown, suggested=tuple(suggested)))


def _because(text: str, result: Result) -> tuple[str, ...]:
    """As they are written where they were suggested from, the first ones."""
    language = result.lang.partition("-")[0].lower()
    there = {piece.token for piece in pieces(_unmarked(f"{result.title} {result.snippet}"), language) if piece.token}
    words = {
        piece.token: text[piece.start : piece.end]
        for piece in reversed(list(pieces(text, language)))
        if piece.token in there and not piece.han
    }
    return tuple(reversed(list(words.values())))[:REASONS_MAX]


def _unmarked(html: str) -> str:
    return html.replace("<mark>", "").replace("</mark>", "")


# --- reading ----------------------------------------------------------------------------------------------------------


async def read(ctx: Context, who: Principal, *, number: str) -> Read:
    """The article in force. Raises NotFound, also for one that is not."""
    require(who, Permission.READ_ARTICLES)
    async with ctx.db.snapshot() as db:
        known = await store.find_article(db, number)
        article = await ask.reading(db, known.number, ctx.clock.now()) if known else None
    if article is None:
        raise NotFound("There is no such article, or it is not published.")
    return Read(article=article, html=await asyncio.to_thread(markup.html, article.body))


class Catalogue(msgspec.Struct, frozen=True, kw_only=True):
    """By what articles can be asked for."""

    topics: tuple[ask.Topic, ...]
    languages: tuple[str, ...]

    @property
    def paths(self) -> frozenset[str]:
        return frozenset("/".join(topic.path) for topic in self.topics)


async def catalogue(ctx: Context, who: Principal) -> Catalogue:
    require(who, Permission.READ_ARTICLES)
    async with ctx.db.snapshot() as db:
        return Catalogue(topics=await ask.topics(db), languages=tuple(await ask.languages(db)))


async def image(ctx: Context, who: Principal, *, image: str) -> tuple[str, bytes]:
    """A picture's media type and content. Raises NotFound."""
    require(who, Permission.READ_ARTICLES)
    async with ctx.db.snapshot() as db:
        found = await store.find_image(db, image)
    if found is None:
        raise NotFound("There is no such picture.")
    return found


async def find_by_name(db: Transaction, name: str) -> Named | None:
    """The published article of this number or external id, for whoever names it in a script."""
    return await ask.named(db, name)


# --- use --------------------------------------------------------------------------------------------------------------


async def note_use(
    ctx: Context,
    db: Transaction,
    *,
    article: str,
    revision: int,
    by: str,
    kind: Use | str,
    case_id: str | None = None,
    work: str | None = None,
    customer: str | None = None,
    why: str | None = None,
) -> bool:
    """An article was shown, opened, used, sent, helped or did not; once for each case or work. True: it is new.

    Why it did not help is told to its authors.
    """
    kind, at = Use(kind), ctx.clock.now()
    why = (" ".join(why.split())[:WHY_MAX] or None) if why else None
    noted = Noted(
        id=new_id(), article=article, version=revision, kind=kind, at=at, by=by, case=case_id, work=work, why=why
    )
    if not await uses.note(db, [noted]):
        return False
    if kind is Use.NOT_HELPED and why:
        await uses.put_feedback(db, new_id(), article=article, version=revision, at=at, by=by, words=why, case=case_id)
    if kind in ON_TIMELINE and (case_id or customer or work):
        title = await ask.title_of(db, article, revision)
        data = {"article": article, "number": title.number, "title": title.title, "version": revision, "use": kind}
        entry = Activity(
            id=noted.id,
            at=at,
            kind=Entry.ARTICLE,
            case=case_id,
            customer=customer,
            work=work,
            by=by,
            data={**data, "why": why},
        )
        await cases.add_activities(db, [entry])
    return True


async def tell(
    ctx: Context,
    who: Principal,
    *,
    number: str,
    use: Use | None = None,
    text: str | None = None,
    case_number: str | None = None,
) -> None:
    """Say what came of the article in force, or tell its authors. Raises NotFound, also for a case they may not see."""
    by = require(who, Permission.READ_ARTICLES)
    if who.username is None:
        raise NotAllowed("What came of an article is said by a person.")
    async with ctx.db.transaction() as db:
        case = await seen_case(ctx, db, who, case_number) if case_number else None
        article = await store.find_article(db, number)
        if article is None or article.published is None:
            raise NotFound("There is no such article, or it is not published.")
        version = article.published
        case_id = case.id if case else None
        if use is not None:
            await note_use(ctx, db, article=article.id, revision=version, by=by, kind=use, case_id=case_id, why=text)
        words = " ".join(text.split())[:WHY_MAX] if text else ""
        if words and use is not Use.NOT_HELPED:
            await uses.put_feedback(
                db,
                new_id(),
                article=article.id,
                version=version,
                at=ctx.clock.now(),
                by=by,
                words=words,
                case=case_id,
            )
        if case_id is not None:
            await tell_case_changed(db, case_id)
    if case_id is not None:
        ctx.nudges.ring("frames")


async def want(ctx: Context, who: Principal, *, asked: str, why: str = "", case: str | None = None) -> None:
    """Ask the authors for an article on what was looked for in vain. Raises BadInput."""
    by = require(who, Permission.READ_ARTICLES)
    if who.username is None:
        raise NotAllowed("An article is asked for by a person.")
    words = "\n".join(filter(None, (" ".join(asked.split()), " ".join(why.split()))))[:WANTED_MAX]
    if not words:
        raise BadInput(errors=(FieldError("q", "Say what the article is to answer."),))
    async with ctx.db.transaction() as db:
        await uses.put_feedback(
            db, new_id(), article=None, version=None, at=ctx.clock.now(), by=by, words=words, case=case
        )


async def note_shown(
    ctx: Context,
    db: Transaction,
    *,
    articles: Sequence[tuple[str, int]],
    by: str,
    case_id: str | None,
    work: str | None,
) -> None:
    """Several were on the screen."""
    at = ctx.clock.now()
    await uses.note(
        db,
        [
            Noted(id=new_id(), article=article, version=version, kind=Use.SHOWN, at=at, by=by, case=case_id, work=work)
            for article, version in articles
        ],
    )


async def uses_of_case(db: Transaction, case_id: str) -> tuple[UseOfCase, ...]:
    """Every use of an article in this case, earliest first."""
    return await uses.of_case(db, case_id)


# --- by the date ------------------------------------------------------------------------------------------------------


async def next_due(db: Transaction) -> datetime | None:
    """When the next article is to be published, or expires."""
    return await store.next_due(db)


async def run_due(ctx: Context, db: Transaction, now: datetime, *, limit: int) -> int:
    """Publish and expire what is due; how many articles it was."""
    due = await store.due(db, now, limit=limit)
    for article_id in due:
        article = await store.lock_article(db, article_id)
        assert article is not None, "articles are never deleted"
        waiting = await store.open_revision(db, article_id)
        if waiting and waiting.state is State.APPROVED and waiting.publish_at and waiting.publish_at <= now:
            await put_into_force(db, waiting, by=None, why=None, at=now)
            continue
        current = await store.find_revision(db, article_id, article.published) if article.published else None
        if current and current.expires_at and current.expires_at <= now:
            await take_out_of_force(db, current, Move.EXPIRE, by=None, why=None, at=now)
    if due:
        ctx.nudges.ring("knowledge")
    return len(due)


async def put_into_force(
    db: Transaction,
    revision: Revision,
    *,
    by: str | None,
    why: str | None,
    at: datetime,
    move: Move = Move.PUBLISH,
) -> None:
    """From this commit on this revision is the one that is read; the caller holds the article's row."""
    state = moved(revision.state, move)
    article = await store.lock_article(db, revision.article)
    if article is not None and article.published is not None:
        before = await store.find_revision(db, revision.article, article.published)
        assert before is not None, "what is in force is there"
        await store.set_state(db, before, moved(before.state, Move.REPLACE), step=new_id(), at=at, by=by, why=None)
    await store.set_state(db, revision, state, step=new_id(), at=at, by=by, why=why)
    await store.come_into_force(db, revision.article, revision.version, at)


async def take_out_of_force(
    db: Transaction, revision: Revision, move: Move, *, by: str | None, why: str | None, at: datetime
) -> None:
    """Nobody finds it any more; the caller holds the article's row."""
    await store.set_state(db, revision, moved(revision.state, move), step=new_id(), at=at, by=by, why=why)
    await store.come_into_force(db, revision.article, None, at)
