"""This room's tables: articles, revisions, reviews and pictures here; topics, their use and the index's reading beside."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from sqlalchemy import case, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from console.db import schema as t
from console.kb.article import OPEN, Article, Revision, State, Text
from console.kb.pictures import Picture
from console.kb.reminders import ENDING

Row = TypeVar("Row")

_ARTICLE = tuple(t.article.c[field.name] for field in msgspec.structs.fields(Article))
_REVISION = tuple(t.article_revision.c[field.name] for field in msgspec.structs.fields(Revision))
_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_OPEN = [state.value for state in OPEN]


def _read(row: Mapping[Any, Any], kind: type[Row]) -> Row:
    """Columns' names are a subclass of str, which msgspec does not take."""
    return msgspec.convert({str(name): value for name, value in row.items()}, kind)


# --- articles ---------------------------------------------------------------------------------------------------------


async def next_number(db: AsyncConnection) -> str:
    return f"KB-{await db.scalar(select(t.article_number.next_value()))}"


async def put_article(db: AsyncConnection, article: Article) -> bool:
    """Make it. False: the group has one in this language, or the external id has."""
    made = await db.execute(
        upsert(t.article).values(msgspec.structs.asdict(article)).on_conflict_do_nothing().returning(t.article.c.id)
    )
    return made.first() is not None


async def find_article(db: AsyncConnection, number: str, *, lock: bool = False) -> Article | None:
    """By its number, or its id."""
    a = t.article.c
    return await _article(db, a.id == number if _ID.fullmatch(number) else a.number == number.upper(), lock=lock)


async def lock_article(db: AsyncConnection, article: str) -> Article | None:
    return await _article(db, t.article.c.id == article, lock=True)


async def _article(db: AsyncConnection, where: Any, *, lock: bool) -> Article | None:
    query = select(*_ARTICLE).where(where)
    row = (await db.execute(query.with_for_update() if lock else query)).mappings().first()
    return _read(row, Article) if row else None


async def organise(db: AsyncConnection, article: str, at: datetime, **values: str | None) -> None:
    """Another topic or kind; the caller holds the row."""
    await db.execute(update(t.article).where(t.article.c.id == article).values(**values, changed_at=at))


async def touch(db: AsyncConnection, article: str, at: datetime) -> None:
    await db.execute(update(t.article).where(t.article.c.id == article).values(changed_at=at))


async def come_into_force(db: AsyncConnection, article: str, version: int | None, at: datetime) -> None:
    """From this commit on that version is the one in force, or none is; indexes hear of it."""
    await db.execute(update(t.article).where(t.article.c.id == article).values(published=version, changed_at=at))
    await tell_indexes(db, [article])


async def tell_indexes(db: AsyncConnection, articles: Sequence[str]) -> None:
    """Number the change of these articles.

    The lock, kept until the commit, makes numbers come in the order of commits: an index that has seen one has seen all
    before it.
    """
    await db.execute(text("select pg_advisory_xact_lock(hashtextextended('article_change', 0))"))
    a = t.article.c
    await db.execute(update(t.article).where(a.id.in_(articles)).values(change=t.article_change.next_value()))


# --- revisions --------------------------------------------------------------------------------------------------------


async def put_revision(db: AsyncConnection, revision: Revision) -> None:
    await db.execute(insert(t.article_revision).values(_columns(revision)))


async def find_revision(db: AsyncConnection, article: str, version: int) -> Revision | None:
    r = t.article_revision.c
    row = (await db.execute(select(*_REVISION).where(r.article == article, r.version == version))).mappings().first()
    return _read(row, Revision) if row else None


async def open_revision(db: AsyncConnection, article: str) -> Revision | None:
    """The one that is being worked on; the caller holds the article's row where it means to change it."""
    r = t.article_revision.c
    row = (await db.execute(select(*_REVISION).where(r.article == article, r.state.in_(_OPEN)))).mappings().first()
    return _read(row, Revision) if row else None


async def latest_version(db: AsyncConnection, article: str) -> int:
    r = t.article_revision.c
    return await db.scalar(select(func.max(r.version)).where(r.article == article)) or 0


async def save_text(
    db: AsyncConnection, revision: Revision, written: Text, *, plain: str, by: str, at: datetime, author: bool = True
) -> int:
    """The text of a draft; its number of savings now. `author`: they wrote it, and did not only bring it in."""
    r = t.article_revision.c
    authors = [*revision.authors, *(({by} if author else set()) - {*revision.authors})]
    values = {**msgspec.structs.asdict(written), "keywords": list(written.keywords), "plain": plain}
    saved: int = (
        await db.execute(
            update(t.article_revision)
            .where(r.article == revision.article, r.version == revision.version)
            .values(**values, authors=authors, saved_at=at, saved_by=by, saved=r.saved + 1)
            .returning(r.saved)
        )
    ).scalar_one()
    return saved


async def set_state(
    db: AsyncConnection, revision: Revision, state: State, *, step: str, at: datetime, by: str | None, why: str | None
) -> None:
    """The revision's next state, and who moved it there."""
    r = t.article_revision.c
    values: dict[str, Any] = {"state": state}
    if state is State.PUBLISHED:
        # What is in force for less than that anyway is not announced.
        remind_at = case((r.expires_at > at + ENDING, r.expires_at - ENDING))
        values |= {"published_at": at, "published_by": by, "remind_at": remind_at}
    await db.execute(
        update(t.article_revision)
        .where(r.article == revision.article, r.version == revision.version)
        .values(**values, saved=r.saved + 1)
    )
    await put_step(db, revision, was=revision.state, state=state, step=step, at=at, by=by, why=why)


async def follow(db: AsyncConnection, revision: Revision, of_original: int) -> None:
    """The revision says the same as that version of the original."""
    r = t.article_revision.c
    which = (r.article == revision.article, r.version == revision.version)
    await db.execute(update(t.article_revision).where(*which).values(of_original=of_original, saved=r.saved + 1))


async def schedule(db: AsyncConnection, revision: Revision, at: datetime) -> None:
    """Publish it then."""
    r = t.article_revision.c
    which = (r.article == revision.article, r.version == revision.version)
    await db.execute(update(t.article_revision).where(*which).values(publish_at=at, saved=r.saved + 1))


async def put_step(
    db: AsyncConnection,
    revision: Revision,
    *,
    was: State | None,
    state: State,
    step: str,
    at: datetime,
    by: str | None,
    why: str | None,
) -> None:
    row = {"id": step, "article": revision.article, "version": revision.version, "at": at, "by": by, "why": why}
    await db.execute(insert(t.article_step).values(**row, was=was, state=state))


async def due(db: AsyncConnection, now: datetime, *, limit: int) -> list[str]:
    """Ids of articles of which a revision is to be published or expires by now, each once."""
    r = t.article_revision.c
    to_publish = (r.state == State.APPROVED) & (r.publish_at <= now)
    to_expire = (r.state == State.PUBLISHED) & (r.expires_at <= now)
    return list(await db.scalars(select(r.article).where(to_publish | to_expire).distinct().limit(limit)))


async def next_due(db: AsyncConnection) -> datetime | None:
    r = t.article_revision.c
    first = func.least(
        select(func.min(r.publish_at)).where(r.state == State.APPROVED).scalar_subquery(),
        select(func.min(r.expires_at)).where(r.state == State.PUBLISHED).scalar_subquery(),
    )
    found: datetime | None = await db.scalar(select(first))
    return found


# --- reviews ----------------------------------------------------------------------------------------------------------


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `article_review`: one person or one team that was asked."""

    id: str
    reviewer: str | None
    team: str | None
    asked_by: str
    asked_at: datetime
    due_at: datetime | None
    verdict: str | None = None
    said_by: str | None = None
    said_at: datetime | None = None
    comment: str | None = None


async def put_reviews(db: AsyncConnection, revision: Revision, reviews: Sequence[Review]) -> None:
    if reviews:
        of = {"article": revision.article, "version": revision.version}
        await db.execute(insert(t.article_review), [{**msgspec.structs.asdict(each), **of} for each in reviews])


async def reviews_of(db: AsyncConnection, article: str, version: int) -> tuple[Review, ...]:
    r = t.article_review.c
    columns = [r[field.name] for field in msgspec.structs.fields(Review)]
    rows = await db.execute(
        select(*columns).where(r.article == article, r.version == version).order_by(r.asked_at, r.id)
    )
    return tuple(_read(row, Review) for row in rows.mappings())


async def say_verdict(
    db: AsyncConnection, review: str, *, verdict: str, by: str, at: datetime, comment: str | None
) -> None:
    values = {"verdict": verdict, "said_by": by, "said_at": at, "comment": comment, "remind_at": None}
    await db.execute(update(t.article_review).where(t.article_review.c.id == review).values(values))


async def ask_again(db: AsyncConnection, revision: Revision) -> None:
    """What was approved of a text that is written anew counts no more; who was asked, and what was said, stays."""
    r = t.article_review.c
    which = (r.article == revision.article, r.version == revision.version)
    await db.execute(
        update(t.article_review).where(*which).values(verdict=None, said_by=None, said_at=None, remind_at=None)
    )


# --- pictures ---------------------------------------------------------------------------------------------------------


async def put_image(db: AsyncConnection, image: str, picture: Picture, content: bytes, *, by: str, at: datetime) -> str:
    """Its id: the one before, where the same picture was put before."""
    i = t.article_image.c
    digest = func.sha256(content)
    row = {"media_type": picture.media_type, "width": picture.width, "height": picture.height}
    made = upsert(t.article_image).values(id=image, sha256=digest, content=content, put_at=at, put_by=by, **row)
    await db.execute(made.on_conflict_do_nothing())
    found: str = (await db.execute(select(i.id).where(i.sha256 == digest))).scalar_one()
    return found


async def find_image(db: AsyncConnection, image: str) -> tuple[str, bytes] | None:
    """Its media type and content."""
    i = t.article_image.c
    row = (await db.execute(select(i.media_type, i.content).where(i.id == image))).first()
    return (row.media_type, row.content) if row else None


def _columns(revision: Revision) -> dict[str, Any]:
    return {**msgspec.structs.asdict(revision), "keywords": list(revision.keywords), "authors": list(revision.authors)}
