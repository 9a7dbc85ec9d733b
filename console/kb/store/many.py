"""Articles by the thousand: looked up, numbered and kept with few statements."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from console.db import schema as t
from console.db.engine import driver
from console.kb.article import Article, Revision


async def hold(db: AsyncConnection, external_ids: Sequence[str]) -> tuple[dict[tuple[str, str], str], dict[str, str]]:
    """The articles of these external ids, by id and language; and the translation group of each id.

    The lock makes two imports at once follow one another: they may bring the same.
    """
    raw = await driver(db)
    await raw.execute("select pg_advisory_xact_lock(hashtextextended('article_import', 0))")
    rows = await raw.fetch(
        "select external_id, lang, id, original from article where external_id = any($1) order by created_at desc, id desc",
        list(external_ids),
    )
    return {(row[0], row[1]): row[2] for row in rows}, {row[0]: row[3] for row in rows}


async def numbers(db: AsyncConnection, count: int) -> list[str]:
    """So many new ones, the first at the end."""
    rows = await (await driver(db)).fetch("select nextval('article_number') from generate_series(1, $1)", count)
    return [f"KB-{row[0]}" for row in reversed(rows)]


async def put(
    db: AsyncConnection, made: Sequence[tuple[Article, Revision]], *, step_ids: Sequence[str], by: str, why: str
) -> None:
    """New articles, each with its first revision and its first step."""
    if not made:
        return
    await db.execute(insert(t.article), [msgspec.structs.asdict(article) for article, _ in made])
    await db.execute(
        insert(t.article_revision),
        [
            {**msgspec.structs.asdict(each), "keywords": list(each.keywords), "authors": list(each.authors)}
            for _, each in made
        ],
    )
    await db.execute(
        insert(t.article_step),
        [
            {
                "id": step,
                "article": each.article,
                "version": each.version,
                "state": each.state,
                "at": each.created_at,
                "by": by,
                "why": why,
            }
            for (_, each), step in zip(made, step_ids, strict=True)
        ],
    )
