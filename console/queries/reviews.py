"""What waits for authors: reviews that are asked of them, their own that wait, what readers told, what expires soon."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A review that somebody is to make."""

    number: str
    title: str
    lang: str
    version: int
    by: str
    asked_at: datetime
    due_at: datetime | None
    reviewer: str | None
    team: str | None


async def reviews(db: AsyncConnection, username: str, teams: list[str], *, limit: int) -> list[Asked]:
    """Asked of this person or of a team of theirs, the first due first; not of what they wrote themselves."""
    rows = await db.execute(
        text(
            "select a.number, r.title, a.lang, r.version, coalesce(u.name, v.asked_by) as by, v.asked_at, v.due_at,"
            " v.reviewer, v.team from article_review v"
            " join article_revision r on r.article = v.article and r.version = v.version and r.state = 'in_review'"
            " join article a on a.id = v.article left join user_account u on u.username = v.asked_by"
            " where v.verdict is distinct from 'approved' and (v.reviewer = :me or v.team = any(:teams))"
            " and not :me = any(r.authors)"
            " order by v.due_at nulls last, v.asked_at limit :limit"
        ),
        {"me": username, "teams": teams, "limit": limit},
    )
    return [Asked(**row) for row in rows.mappings()]


class Submitted(msgspec.Struct, frozen=True, kw_only=True):
    """An article of one's own that waits to be reviewed."""

    number: str
    title: str
    version: int
    asked_at: datetime
    due_at: datetime | None
    """The first of them."""
    waits_for: tuple[str, ...]
    """Names, and teams; empty: any other author."""


async def submitted(db: AsyncConnection, username: str, *, limit: int) -> list[Submitted]:
    """What this person wrote and others are to approve, the longest waiting first."""
    rows = await db.execute(
        text(
            "select a.number, r.title, r.version, s.at as asked_at, v.due_at, coalesce(v.waits_for, '{}') as waits_for"
            " from article_revision r join article a on a.id = r.article"
            " join lateral (select max(at) as at from article_step s where s.article = r.article"
            "  and s.version = r.version and s.state = 'in_review') s on true"
            " left join lateral (select min(v.due_at) as due_at, array_agg(coalesce(u.name, v.reviewer, v.team)"
            "  order by v.asked_at, v.id) as waits_for from article_review v"
            "  left join user_account u on u.username = v.reviewer where v.article = r.article"
            "  and v.version = r.version and v.verdict is distinct from 'approved') v on true"
            " where r.state = 'in_review' and :me = any(r.authors) order by s.at limit :limit"
        ),
        {"me": username, "limit": limit},
    )
    return [Submitted(**{**row, "waits_for": tuple(row["waits_for"])}) for row in rows.mappings()]


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """An article in force that expires soon."""

    number: str
    title: str
    version: int
    expires_at: datetime
    mine: bool
    """They wrote in the revision in force."""
    begun: int | None
    """The revision that is being written to follow it."""


async def ending(db: AsyncConnection, username: str, *, until: datetime, limit: int) -> list[Ending]:
    """Those that expire by then, one's own first, then by their date."""
    rows = await db.execute(
        text(
            "select a.number, r.title, r.version, r.expires_at, :me = any(r.authors) as mine, n.version as begun"
            " from article_revision r join article a on a.id = r.article"
            " left join article_revision n on n.article = r.article and n.state in ('draft', 'in_review', 'approved')"
            " where r.state = 'published' and r.expires_at <= :until order by mine desc, r.expires_at limit :limit"
        ),
        {"me": username, "until": until, "limit": limit},
    )
    return [Ending(**row) for row in rows.mappings()]


class Feedback(msgspec.Struct, frozen=True, kw_only=True):
    """What a reader told the authors."""

    id: str
    number: str | None
    """None: there is no article yet, and one is asked for."""
    title: str | None
    version: int | None
    at: datetime
    by: str
    text: str
    case: str | None
    mine: bool
    """They wrote in the revision that it is about."""


async def feedback(db: AsyncConnection, username: str, *, article: str | None = None, limit: int) -> list[Feedback]:
    """What nobody has settled, that of one's own articles first, then the oldest."""
    rows = await db.execute(
        text(
            "select f.id, a.number, r.title, f.version, f.at, coalesce(u.name, f.by) as by, f.text, c.number as case,"
            " coalesce(:me = any(r.authors), false) as mine from article_feedback f"
            " left join article a on a.id = f.article"
            " left join article_revision r on r.article = f.article and r.version = f.version"
            ' left join user_account u on u.username = f.by left join "case" c on c.id = f."case"'
            " where f.settled_at is null and (cast(:article as uuid) is null or f.article = cast(:article as uuid))"
            " order by mine desc, f.at limit :limit"
        ),
        {"me": username, "article": article, "limit": limit},
    )
    return [Feedback(**row) for row in rows.mappings()]
