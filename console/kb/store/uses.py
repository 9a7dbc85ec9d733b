"""How revisions are used, counted once for each matter, and what readers told their authors."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from console.db import schema as t
from console.db.engine import driver
from console.kb.article import Use

_OPPOSITE = {Use.HELPED: Use.NOT_HELPED, Use.NOT_HELPED: Use.HELPED}


class Noted(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `article_use` to be."""

    id: str
    article: str
    version: int
    kind: Use
    at: datetime
    by: str
    case: str | None = None
    work: str | None = None
    why: str | None = None

    @property
    def about(self) -> str | None:
        return self.case or self.work


async def note(db: AsyncConnection, uses: Sequence[Noted]) -> list[Noted]:
    """Keep and count those that are new; a later word on whether it helped takes the place of an earlier one.

    In order of article and version, so that two of these never wait for each other.
    """
    kept: list[Noted] = []
    raw = await driver(db)
    for use in sorted(uses, key=lambda use: (use.article, use.version)):
        if use.about and (opposite := _OPPOSITE.get(use.kind)):
            taken = await raw.execute(
                "delete from article_use where about = $1 and article = $2 and version = $3 and by = $4 and kind = $5",
                *(use.about, use.article, use.version, use.by, opposite.value),
            )
            if taken != "DELETE 0":
                await _count(db, use.article, use.version, opposite, -1)
        made = await raw.execute(
            'insert into article_use (id, article, version, kind, at, by, about, "case", work, why)'
            " select $1, article, version, $4, $5, $6, $7, $8, $9, $10 from article_revision"
            " where article = $2 and version = $3 on conflict do nothing",
            *(use.id, use.article, use.version, use.kind.value, use.at, use.by, use.about, use.case, use.work, use.why),
        )
        if made == "INSERT 0 1":
            await _count(db, use.article, use.version, use.kind, 1)
            kept.append(use)
    return kept


async def _count(db: AsyncConnection, article: str, version: int, kind: Use, by: int) -> None:
    name = kind.value
    await db.execute(
        text(
            f"insert into article_tally (article, version, {name}) values (:article, :version, greatest(:by, 0))"  # noqa: S608 - an enum's own word
            f" on conflict (article, version) do update set {name} = greatest(article_tally.{name} + :by, 0)"
        ),
        {"article": article, "version": version, "by": by},
    )


async def put_feedback(
    db: AsyncConnection,
    feedback: str,
    *,
    article: str | None,
    version: int | None,
    at: datetime,
    by: str,
    words: str,
    case: str | None,
) -> None:
    """Of a revision; of none: an article is asked for that there is not."""
    row = {"id": feedback, "article": article, "version": version, "at": at, "by": by, "text": words, "case": case}
    await db.execute(insert(t.article_feedback).values(row))


async def settle_feedback(db: AsyncConnection, feedback: str, *, at: datetime, by: str, why: str | None) -> bool:
    """False: there is none, or somebody has settled it."""
    f = t.article_feedback.c
    settled = await db.execute(
        update(t.article_feedback)
        .where(f.id == feedback, f.settled_at.is_(None))
        .values(settled_at=at, settled_by=by, settled_why=why)
        .returning(f.id)
    )
    return settled.first() is not None


class UseOfCase(msgspec.Struct, frozen=True, kw_only=True):
    """One use of an article in a case."""

    article: str
    number: str
    title: str
    version: int
    lang: str
    kind: str
    at: datetime
    by: str
    why: str | None


async def of_case(db: AsyncConnection, case: str) -> tuple[UseOfCase, ...]:
    """Every use in this case, earliest first."""
    u, a, r = t.article_use.c, t.article.c, t.article_revision.c
    rows = await db.execute(
        select(u.article, a.number, r.title, u.version, a.lang, u.kind, u.at, u.by, u.why)
        .join(t.article, a.id == u.article)
        .join(t.article_revision, (r.article == u.article) & (r.version == u.version))
        .where(u.case == case)
        .order_by(u.at, u.id)
    )
    return tuple(UseOfCase(**row) for row in rows.mappings())
