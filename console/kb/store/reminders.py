"""What somebody is to be told again of: reviews that wait, articles that go out of force by their date."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from console.db import schema as t
from console.kb.article import Revision, State


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A review that was asked for, and its reminder is due."""

    id: str
    article: str
    """Its number."""
    version: int
    title: str
    state: State
    authors: tuple[str, ...]
    reviewer: str | None
    team: str | None
    asked_by: str
    due_at: datetime | None
    reminded: int


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """A revision in force that expires soon."""

    id: str
    article: str
    """Its number."""
    version: int
    title: str
    authors: tuple[str, ...]
    published_by: str | None
    expires_at: datetime


async def next_due(db: AsyncConnection) -> datetime | None:
    """When the first of them is to be told."""
    found: datetime | None = await db.scalar(
        text(
            "select least((select min(remind_at) from article_review),"
            " (select min(remind_at) from article_revision where state = 'published'))"
        )
    )
    return found


async def take_waiting(db: AsyncConnection, now: datetime, *, limit: int) -> list[Waiting]:
    """The longest due first, held until the transaction ends; those that are being decided at this moment are left alone."""
    rows = await db.execute(
        text(
            "select v.id, a.number as article, v.version, r.title, r.state, r.authors, v.reviewer, v.team, v.asked_by,"
            " v.due_at, v.reminded from article_review v join article a on a.id = v.article"
            " join article_revision r on r.article = v.article and r.version = v.version"
            " where v.remind_at <= :now order by v.remind_at limit :limit for update of v skip locked"
        ),
        {"now": now, "limit": limit},
    )
    return [msgspec.convert(dict(row), Waiting) for row in rows.mappings()]


async def take_ending(db: AsyncConnection, now: datetime, *, limit: int) -> list[Ending]:
    """As `take_waiting`; none is given twice."""
    rows = await db.execute(
        text(
            "update article_revision r set remind_at = null from article a where a.id = r.article and"
            " (r.article, r.version) in (select article, version from article_revision where state = 'published'"
            " and remind_at <= :now order by remind_at limit :limit for update skip locked) returning"
            " a.id, a.number as article, r.version, r.title, r.authors, r.published_by, r.expires_at"
        ),
        {"now": now, "limit": limit},
    )
    return [msgspec.convert(dict(row), Ending) for row in rows.mappings()]


async def plan(db: AsyncConnection, revision: Revision, now: datetime, usual: datetime) -> None:
    """Everybody who has not approved this revision is reminded: when it is due, else at the usual time."""
    await db.execute(
        text(
            "update article_review set reminded = 0, remind_at = case when due_at > :now then due_at else :usual end"
            " where article = :article and version = :version and verdict is distinct from 'approved'"
        ),
        {"now": now, "usual": usual, "article": revision.article, "version": revision.version},
    )


async def plan_next(db: AsyncConnection, review: str, at: datetime | None, *, reminded: int) -> None:
    """They were told so often; the next time then, or never."""
    which = t.article_review.c.id == review
    await db.execute(update(t.article_review).where(which).values(remind_at=at, reminded=reminded))
