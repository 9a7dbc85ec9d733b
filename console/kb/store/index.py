"""What the index in memory reads: which revisions are in force, what changed, and whether what it found may be shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from console.db.engine import driver
from console.kb.segment import Hit

READ_AT_ONCE = 2_000


class InForce(msgspec.Struct, frozen=True):
    """An article as the index needs it; `version` None: nothing of it is in force."""

    id: str
    change: int
    version: int | None
    lang: str
    topic: str | None
    kind: str
    audience: str | None = None
    title: str = ""
    text: str = ""


_CHANGED = """
select a.id, a.change, r.version, a.lang, a.topic::text, a.kind, r.audience, coalesce(r.title, ''),
       coalesce(r.plain || E'\\n' || array_to_string(r.keywords, ' '), '')
from article a left join article_revision r on r.article = a.id and r.version = a.published and r.state = 'published'
where a.change > $1 order by a.change limit $2
"""


async def changed(db: AsyncConnection, after: int, *, limit: int = READ_AT_ONCE) -> list[InForce]:
    """Articles that changed after that change, in their order; what went out of force too."""
    rows = await (await driver(db)).fetch(_CHANGED, after, limit)
    return [InForce(*row) for row in rows]


async def in_force(db: AsyncConnection) -> dict[str, int]:
    """Every article that is, with its version."""
    rows = await (await driver(db)).fetch("select id, published from article where published is not null")
    return {row[0]: row[1] for row in rows}


async def last_change(db: AsyncConnection) -> int:
    found: int = await (await driver(db)).fetchval("select coalesce(max(change), 0) from article")
    return found


async def subtree(db: AsyncConnection, topic: str) -> set[str] | None:
    """The ids of a topic, named by its path (`Fibre/Faults`), its name or its id, and of all beneath; None: no such topic."""
    rows = await (await driver(db)).fetch(_SUBTREE, topic)
    return {row[0] for row in rows} or None


_SUBTREE = """
with recursive path as (
  select id, name, lower(name) as path from topic where parent is null
  union all select t.id, t.name, p.path || '/' || lower(t.name) from topic t join path p on t.parent = p.id
), below as (
  select id from path where lower($1) in (path, lower(name), id::text)
  union select t.id from topic t join below b on t.parent = b.id
)
select id from below
"""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A hit that may be shown, read as it is now."""

    id: str
    number: str
    external_id: str | None
    lang: str
    version: int
    title: str
    text: str
    audience: str
    kind: str
    published_at: datetime
    used: int
    helped: int
    not_helped: int
    score: float


LIFT = 0.08
"""By how much use moves an article: a little, for what is used most was shown most."""

_FOUND = """
with best as (
  select a.id, a.number, a.external_id, a.lang, a.kind, a.published as version,
         coalesce(y.used, 0) + coalesce(y.sent, 0) as used, coalesce(y.helped, 0) as helped,
         coalesce(y.not_helped, 0) as not_helped,
         h.score * (1 + $4 * coalesce((y.helped + 0.25 * (y.used + y.sent) - y.not_helped)
                                      / (y.helped + 0.25 * (y.used + y.sent) + y.not_helped + 8), 0)) as score
  from unnest($1::uuid[], $2::float8[]) as h(id, score)
  join article a on a.id = h.id
  join article_revision r on r.article = a.id and r.version = a.published and r.state = 'published'
   and (r.expires_at is null or r.expires_at > $3)
  left join article_tally y on y.article = a.id and y.version = a.published
  order by score desc, a.id limit $5
)
select b.id, b.number, b.external_id, b.lang, b.version, r.title, left(r.plain, $6) as text, r.audience, b.kind,
       r.published_at, b.used, b.helped, b.not_helped, b.score::float8
from best b join article_revision r on r.article = b.id and r.version = b.version
order by b.score desc, b.id
"""
QUOTED_FROM = 12_000
"""Characters at an article's beginning from which a line is quoted."""


async def found(db: AsyncConnection, hits: Sequence[Hit], now: datetime, *, limit: int) -> list[Found]:
    """The best that are in force now, with what their use lifts them by; what a late index still has is not among them."""
    ids, scores = [hit.key for hit in hits], [hit.score for hit in hits]
    rows = await (await driver(db)).fetch(_FOUND, ids, scores, now, LIFT, limit, QUOTED_FROM)
    return [Found(**dict(row)) for row in rows]
