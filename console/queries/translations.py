"""An article in all its languages, as authors see it: where each stands, and whether the original has gone on since."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


class Translation(msgspec.Struct, frozen=True, kw_only=True):
    """One article of the group, the original too, with its newest revision."""

    id: str
    number: str
    lang: str
    title: str
    version: int
    state: str
    saved_at: datetime
    original: bool
    """The others were translated from it."""
    of_original: int | None
    """The original's version that it says the same as; None: nobody has said so."""
    original_version: int | None
    """The original's version in force."""
    original_published_at: datetime | None

    @property
    def behind(self) -> bool:
        """The original has changed since."""
        if self.original or self.original_version is None or self.original_published_at is None:
            return False
        if self.of_original is not None:
            return self.of_original < self.original_version
        return self.saved_at < self.original_published_at


_GROUP = """
select a.id, a.number, a.lang, r.title, r.version, r.state, r.saved_at, a.id = a.original as original, r.of_original,
       p.version as original_version, p.published_at as original_published_at
from article a
join lateral (select * from article_revision r where r.article = a.id order by r.version desc limit 1) r on true
join article o on o.id = a.original
left join article_revision p on p.article = o.id and p.version = o.published
where a.original = :original order by original desc, a.lang
"""


async def of_group(db: AsyncConnection, original: str) -> tuple[Translation, ...]:
    """The original first, then by language."""
    rows = (await db.execute(text(_GROUP), {"original": original})).mappings()
    return tuple(msgspec.convert({**row, "id": str(row["id"])}, Translation) for row in rows)
