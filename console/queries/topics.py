"""The tree of topics as its authors see it, and what was done to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from console.kb.topics import Topic


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """Articles in one topic itself. One may be in force and written anew at once."""

    articles: int = 0
    published: int = 0
    drafts: int = 0


class Branch(msgspec.Struct, frozen=True, kw_only=True):
    """A topic with what is beneath it; the counts are of all of it."""

    topic: Topic
    path: tuple[str, ...]
    own: int
    """Articles in this topic itself, in any state."""
    published: int
    drafts: int
    children: tuple[Branch, ...]


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """Of `audit`."""

    at: datetime
    by: str
    what: str
    about: str
    data: dict[str, Any]


async def counted(db: AsyncConnection) -> dict[str, Counted]:
    """By topic's id; a draft is a revision that is not in force yet, wherever it is on its way."""
    rows = await db.execute(
        text(
            "select a.topic::text as topic, count(*) as articles, count(a.published) as published,"
            " count(r.article) as drafts from article a left join article_revision r on r.article = a.id"
            " and r.state in ('draft', 'in_review', 'approved') where a.topic is not null group by a.topic"
        )
    )
    return {row.topic: Counted(articles=row.articles, published=row.published, drafts=row.drafts) for row in rows}


async def acts(db: AsyncConnection, *, limit: int) -> tuple[Act, ...]:
    """The latest first."""
    rows = await db.execute(
        text(
            "select d.at, coalesce(u.name, d.by) as by, d.what, d.about, d.data from audit d"
            " left join user_account u on u.username = d.by"
            " where d.what like 'topic\\_%' order by d.at desc, d.id desc limit :limit"
        ),
        {"limit": limit},
    )
    return tuple(Act(**row) for row in rows.mappings())
