"""Writing articles: drafts, their place among the topics, and the pictures in them."""

from __future__ import annotations

import asyncio
from datetime import datetime

import msgspec

from console.db.engine import Transaction
from console.errors import BadInput, Conflict, FieldError, NotFound
from console.ids import new_id
from console.kb import markup, pictures, store
from console.kb.article import (
    TOPICS_DEEP,
    Article,
    Kind,
    NotInThisState,
    Revision,
    State,
    Text,
    checked,
    checked_lang,
)
from console.kb.store import topics
from console.kb.topics import NAME_MAX
from console.people.permissions import Permission, require
from console.people.who import Principal
from console.services import idempotency
from console.services.context import Context
from console.services.idempotency import Once
from console.services.manuscripts import Written, as_it_stands, require_article, require_read


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
        original = await require_article(db, new.translates) if new.translates else None
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
        follows = await _said_by(db, original) if original else None
        revision = await begin(db, article, text, plain=plain, by=by, at=now, authors=(by,), of_original=follows)
        made = Written(article=article, revision=revision)
        await idempotency.keep(ctx, db, once, made)
    return made


async def translate(ctx: Context, who: Principal, *, number: str, lang: str) -> Written:
    """Begin the article in another language, as a draft with the text that there is. Raises as `create`."""
    require(who, Permission.WRITE_ARTICLES)
    async with ctx.db.snapshot() as db:
        article = await require_article(db, number)
        source = await store.find_revision(db, article.id, await _read_version(db, article))
        assert source is not None, "an article has a revision"
    text = Text(title=source.title, body=source.body, audience=source.audience)
    return await create(ctx, who, new=New(lang=lang, kind=article.kind, translates=article.number, text=text))


async def follow(ctx: Context, who: Principal, *, number: str) -> Written:
    """Say that the newest revision of a translation says the same as the original does now. Raises NotFound, Conflict."""
    by = require(who, Permission.WRITE_ARTICLES)
    now = ctx.clock.now()
    async with ctx.db.transaction() as db:
        article = await require_article(db, number, lock=True)
        if article.id == article.original:
            raise Conflict("It is the original: it follows no other article.")
        original = await require_article(db, article.original)
        written = await as_it_stands(db, number)
        version = await _read_version(db, original)
        await store.follow(db, written.revision, version)
        state, why = written.revision.state, f"As version {version} of {original.number}"
        await store.put_step(db, written.revision, was=state, state=state, step=new_id(), at=now, by=by, why=why)
        return await as_it_stands(db, number)


async def write(ctx: Context, who: Principal, *, number: str, text: Text, if_match: int | None = None) -> Written:
    """Save the draft, or begin the next revision with this text.

    Raises NotFound, BadInput, StaleRecord, and NotInThisState where a revision is being reviewed: withdraw it first.
    """
    by = require(who, Permission.WRITE_ARTICLES)
    now = ctx.clock.now()
    text = checked(text, now=now)
    plain = await asyncio.to_thread(markup.plain, text.body)
    async with ctx.db.transaction() as db:
        article = await require_article(db, number, lock=True)
        revision = await store.open_revision(db, article.id)
        await require_read(db, article, revision, if_match)
        if revision is None:
            revision = await begin(db, article, text, plain=plain, by=by, at=now, authors=(by,))
        elif revision.state is not State.DRAFT:
            raise NotInThisState("This revision is being reviewed, or was approved: withdraw it before changing it.")
        else:
            await store.save_text(db, revision, text, plain=plain, by=by, at=now)
            await store.ask_again(db, revision)
        await store.touch(db, article.id, now)
        return await as_it_stands(db, article.number)


async def organise(
    ctx: Context, who: Principal, *, number: str, topic: str | None = None, kind: Kind | None = None
) -> Written:
    """Put it under another topic, which is made where it is not there, or say what kind it is of."""
    require(who, Permission.WRITE_ARTICLES)
    now = ctx.clock.now()
    async with ctx.db.transaction() as db:
        article = await require_article(db, number, lock=True)
        values = {
            **({"topic": await topic_of(db, topic, now)} if topic is not None else {}),
            **({"kind": kind.value} if kind is not None else {}),
        }
        if values:
            await store.organise(db, article.id, now, **values)
            if article.published is not None:
                await store.tell_indexes(db, [article.id])
        made = await as_it_stands(db, number)
    ctx.nudges.ring("knowledge")
    return made


async def restore(ctx: Context, who: Principal, *, number: str, version: int) -> Written:
    """Begin the next revision with the text of an earlier one. Raises NotFound, NotInThisState (one is begun)."""
    by = require(who, Permission.WRITE_ARTICLES)
    now = ctx.clock.now()
    async with ctx.db.transaction() as db:
        article = await require_article(db, number, lock=True)
        old = await store.find_revision(db, article.id, version)
        if old is None:
            raise NotFound("There is no such version.")
        text = msgspec.structs.replace(old.text, note=f"As version {version}", publish_at=None, expires_at=None)
        begun = await store.open_revision(db, article.id)
        if begun is None:
            follows = old.of_original
            await begin(db, article, text, plain=old.plain, by=by, at=now, authors=(by,), of_original=follows)
        elif begun.state is State.DRAFT:
            await store.save_text(db, begun, text, plain=old.plain, by=by, at=now)
        else:
            raise NotInThisState("A revision is being reviewed, or was approved: withdraw it first.")
        await store.touch(db, article.id, now)
        return await as_it_stands(db, number)


# --- pictures ---------------------------------------------------------------------------------------------------------


async def put_image(ctx: Context, who: Principal, *, content: bytes) -> str:
    """The id by which articles name it: `![words](image:ID)`. Raises BadInput."""
    by = require(who, Permission.WRITE_ARTICLES)
    picture = pictures.sniffed(content)
    async with ctx.db.transaction() as db:
        return await store.put_image(db, new_id(), picture, content, by=by, at=ctx.clock.now())


# --- within a use case's transaction -----------------------------------------------------------------------------------


async def begin(
    db: Transaction,
    article: Article,
    text: Text,
    *,
    plain: str,
    by: str,
    at: datetime,
    authors: tuple[str, ...],
    of_original: int | None = None,
) -> Revision:
    """The next revision, a draft; the caller holds the article's row, or has made it.

    A translation's says the same as the one before, where nothing else is said.
    """
    version = await store.latest_version(db, article.id) + 1
    before = await store.find_revision(db, article.id, version - 1)
    revision = Revision(
        article=article.id,
        version=version,
        **msgspec.structs.asdict(text),
        plain=plain,
        state=State.DRAFT,
        authors=authors,
        created_at=at,
        saved_at=at,
        saved_by=by,
        saved=1,
        of_original=of_original if of_original is not None or before is None else before.of_original,
    )
    await store.put_revision(db, revision)
    await store.put_step(db, revision, was=None, state=State.DRAFT, step=new_id(), at=at, by=by, why=text.note)
    return revision


async def _read_version(db: Transaction, article: Article) -> int:
    """The version in force; where none is, the newest."""
    return article.published or await store.latest_version(db, article.id)


async def _said_by(db: Transaction, article: Article) -> int | None:
    """Which version of the group's original this article says the same as; None: nobody has said so."""
    version = await _read_version(db, article)
    if article.id == article.original:
        return version
    revision = await store.find_revision(db, article.id, version)
    return revision.of_original if revision else None


async def topic_of(db: Transaction, path: str, at: datetime) -> str | None:
    """The id of the topic at this path (`Fibre/Faults`), made where it is not there; None of an empty one.

    Raises BadInput.
    """
    names = [name for part in path.split("/") if (name := " ".join(part.split()))]
    if len(names) > TOPICS_DEEP or any(len(name) > NAME_MAX or "\x00" in name for name in names):
        detail = f"At most {TOPICS_DEEP} names between slashes, each of at most {NAME_MAX} characters."
        raise BadInput(errors=(FieldError("topic", detail),))
    topic: str | None = None
    for name in names:
        found = await topics.find(db, topic, name)
        if found is None:
            await topics.lock(db)
            found = await topics.find(db, topic, name)
        if found is None:
            found = new_id()
            await topics.put(db, found, topic, name, at)
        topic = found
    return topic
