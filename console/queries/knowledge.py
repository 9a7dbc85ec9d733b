"""Articles as pages show them: one that is read, one that is written, and lists of them."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from console.db.engine import driver


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """An article that was found. `title_marked` and `snippet` are HTML with matches in <mark>."""

    id: str
    number: str
    external_id: str | None
    lang: str
    title: str
    title_marked: str
    snippet: str
    score: float
    version: int
    kind: str
    audience: str
    published_at: datetime
    used: int
    helped: int
    not_helped: int
    because: tuple[str, ...] = ()
    """Words of what it was suggested from that stand in it."""

    @property
    def rated(self) -> int:
        return self.helped + self.not_helped


class Other(msgspec.Struct, frozen=True, kw_only=True):
    """The same article in another language."""

    number: str
    lang: str
    version: int
    behind: bool
    """The original has changed since it was translated."""


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """The revision in force."""

    id: str
    number: str
    external_id: str | None
    lang: str
    kind: str
    topic: tuple[str, ...]
    """The names from the root down."""
    version: int
    title: str
    body: str
    plain: str
    keywords: tuple[str, ...]
    audience: str
    published_at: datetime
    published_by: str | None
    author: str
    expires_at: datetime | None
    checked_at: datetime | None
    """When somebody else last read it and found it right; None: nobody did, it was brought in."""
    used: int
    sent: int
    helped: int
    not_helped: int
    others: tuple[Other, ...] = ()

    @property
    def rated(self) -> int:
        return self.helped + self.not_helped


class Named(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    number: str
    title: str
    version: int


_PATH = """
with recursive up as (
  select id, parent, name, 1 as far from topic where id = $1
  union all select t.id, t.parent, t.name, far + 1 from topic t join up on t.id = up.parent
)
select array_agg(name order by far desc) from up
"""

_READING = """
select a.id, a.number, a.external_id, a.lang, a.kind, a.topic::text, a.original, r.version, r.title, r.body, r.plain,
       r.keywords, r.audience, r.published_at, coalesce(p.name, r.published_by) as published_by,
       coalesce(w.name, r.authors[1], r.saved_by) as author, r.expires_at,
       (select max(s.at) from article_step s where s.article = r.article and s.version = r.version and s.state = 'approved')
         as checked_at,
       coalesce(y.used, 0) as used, coalesce(y.sent, 0) as sent, coalesce(y.helped, 0) as helped,
       coalesce(y.not_helped, 0) as not_helped
from article a
join article_revision r on r.article = a.id and r.version = a.published and r.state = 'published'
left join article_tally y on y.article = r.article and y.version = r.version
left join user_account p on p.username = r.published_by
left join user_account w on w.username = coalesce(r.authors[1], r.saved_by)
where a.number = $1 and (r.expires_at is null or r.expires_at > $2)
"""

_OTHERS = """
select a.number, a.lang, r.version,
       coalesce(a.id <> o.id and coalesce(r.of_original < p.version, r.published_at < p.published_at), false) as behind
from article a join article_revision r on r.article = a.id and r.version = a.published and r.state = 'published'
join article o on o.id = a.original
left join article_revision p on p.article = o.id and p.version = o.published
where a.original = $1 and a.id <> $2 and (r.expires_at is null or r.expires_at > $3) order by a.lang
"""


async def reading(db: AsyncConnection, number: str, now: datetime) -> Reading | None:
    """None: there is none in force."""
    raw = await driver(db)
    row = await raw.fetchrow(_READING, number, now)
    if row is None:
        return None
    values = dict(row)
    original, topic = values.pop("original"), values.pop("topic")
    others = await raw.fetch(_OTHERS, original, row["id"], now)
    return msgspec.convert(
        {**values, "topic": await path(db, topic), "others": [dict(other) for other in others]}, Reading
    )


async def path(db: AsyncConnection, topic: str | None) -> list[str]:
    """The topic's names from the root down."""
    if topic is None:
        return []
    return await (await driver(db)).fetchval(_PATH, topic) or []


async def named(db: AsyncConnection, name: str) -> Named | None:
    """The published article of this number or external id; of several languages the first written."""
    row = await (await driver(db)).fetchrow(
        "select a.id, a.number, r.title, r.version from article a"
        " join article_revision r on r.article = a.id and r.version = a.published and r.state = 'published'"
        " where a.number = upper($1) or a.external_id = $1 order by a.created_at, a.id limit 1",
        name,
    )
    return Named(**dict(row)) if row else None


class Title(msgspec.Struct, frozen=True, kw_only=True):
    number: str
    title: str


async def title_of(db: AsyncConnection, article: str, version: int) -> Title:
    row = await (await driver(db)).fetchrow(
        "select a.number, r.title from article a join article_revision r on r.article = a.id"
        " where a.id = $1 and r.version = $2",
        article,
        version,
    )
    return Title(**dict(row))


# --- lists ------------------------------------------------------------------------------------------------------------


class InList(msgspec.Struct, frozen=True, kw_only=True):
    """An article in a list of authors: as it is in force, and what is being written."""

    number: str
    lang: str
    title: str
    topic: str | None
    kind: str
    audience: str
    version: int
    state: str
    """Of the newest revision."""
    in_force: int | None
    changed_at: datetime
    changed_by: str
    feedback: int
    used: int
    id: str


class Place(msgspec.Struct, frozen=True):
    changed_at: datetime
    id: str


class Where(msgspec.Struct, frozen=True, kw_only=True):
    state: str | None = None
    lang: str | None = None
    topics: frozenset[str] | None = None
    q: str | None = None


_LISTED = """
select a.id, a.number, a.lang, r.title, t.name as topic, a.kind, r.audience, r.version, r.state, a.published as in_force,
       a.changed_at, coalesce(u.name, r.saved_by) as changed_by,
       (select count(*) from article_feedback f where f.article = a.id and f.settled_at is null) as feedback,
       (select coalesce(sum(y.used + y.sent), 0)::int from article_tally y where y.article = a.id) as used
from article a
join lateral (select * from article_revision r where r.article = a.id order by r.version desc limit 1) r on true
left join topic t on t.id = a.topic
left join user_account u on u.username = r.saved_by
where (cast(:state as text) is null or r.state = :state or (:state = 'published' and a.published is not null))
  and (cast(:lang as text) is null or a.lang = :lang)
  and (cast(:topics as uuid[]) is null or a.topic = any(cast(:topics as uuid[])))
  and (cast(:q as text) is null or r.title ilike :like or a.number = upper(:q) or a.external_id = :q)
  and (cast(:at as timestamptz) is null or (a.changed_at, a.id) < (:at, cast(:id as uuid)))
order by a.changed_at desc, a.id desc limit :limit
"""


async def listed(
    db: AsyncConnection, where: Where, *, limit: int, after: Place | None
) -> tuple[list[InList], Place | None]:
    """The last changed first."""
    given = {
        "state": where.state,
        "lang": where.lang,
        "topics": list(where.topics) if where.topics is not None else None,
        "q": where.q,
        "like": f"%{_literal(where.q)}%" if where.q else None,
        "at": after.changed_at if after else None,
        "id": after.id if after else None,
        "limit": limit + 1,
    }
    rows = [InList(**row) for row in (await db.execute(text(_LISTED), given)).mappings()]
    shown = rows[:limit]
    return shown, Place(shown[-1].changed_at, shown[-1].id) if len(rows) > limit else None


def _literal(words: str) -> str:
    """For `ilike`: its signs are the asker's own."""
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    path: tuple[str, ...]
    articles: int
    """In force, in this topic itself."""


async def topics(db: AsyncConnection) -> tuple[Topic, ...]:
    """The whole tree, each topic after its parent."""
    rows = await db.execute(
        text(
            "with recursive tree as (select id, array[name] as path from topic where parent is null"
            " union all select t.id, path || t.name from topic t join tree on t.parent = tree.id)"
            " select id, path, (select count(*) from article a where a.topic = tree.id and a.published is not null) as"
            " articles from tree order by path"
        )
    )
    return tuple(Topic(id=row.id, path=tuple(row.path), articles=row.articles) for row in rows)


async def languages(db: AsyncConnection) -> list[str]:
    """In which there are articles."""
    return list(await db.scalars(text("select distinct lang from article where published is not null order by lang")))


# --- one that is written ----------------------------------------------------------------------------------------------


class VersionRow(msgspec.Struct, frozen=True, kw_only=True):
    version: int
    state: str
    title: str
    note: str | None
    saved_at: datetime
    saved_by: str
    published_at: datetime | None
    used: int
    helped: int
    not_helped: int


async def versions(db: AsyncConnection, article: str) -> tuple[VersionRow, ...]:
    """The newest first."""
    rows = await db.execute(
        text(
            "select r.version, r.state, r.title, r.note, r.saved_at, coalesce(u.name, r.saved_by) as saved_by,"
            " r.published_at, coalesce(y.used, 0) + coalesce(y.sent, 0) as used, coalesce(y.helped, 0) as helped,"
            " coalesce(y.not_helped, 0) as not_helped from article_revision r"
            " left join article_tally y on y.article = r.article and y.version = r.version"
            " left join user_account u on u.username = r.saved_by where r.article = :article order by r.version desc"
        ),
        {"article": article},
    )
    return tuple(VersionRow(**row) for row in rows.mappings())


class Step(msgspec.Struct, frozen=True, kw_only=True):
    version: int
    was: str | None
    state: str
    at: datetime
    by: str | None
    why: str | None


async def steps(db: AsyncConnection, article: str) -> tuple[Step, ...]:
    """What was done with it, the last first."""
    rows = await db.execute(
        text(
            "select s.version, s.was, s.state, s.at, coalesce(u.name, s.by) as by, s.why from article_step s"
            " left join user_account u on u.username = s.by where s.article = :article order by s.at desc, s.id desc"
        ),
        {"article": article},
    )
    return tuple(Step(**row) for row in rows.mappings())


async def names(db: AsyncConnection, usernames: set[str]) -> dict[str, str]:
    """As people read them."""
    rows = await db.execute(
        text("select username, name from user_account where username = any(:usernames)"),
        {"usernames": list(usernames)},
    )
    return {row.username: row.name for row in rows}


async def reviewers(db: AsyncConnection) -> list[tuple[str, str]]:
    """Who may write and approve: username and name."""
    rows = await db.execute(
        text("select username, name from user_account where active and roles && cast(:roles as text[]) order by name"),
        {"roles": ["author", "admin"]},
    )
    return [(row.username, row.name) for row in rows]


async def linked(db: AsyncConnection, numbers: tuple[str, ...]) -> dict[str, bool]:
    """Those of the numbers that there are; True: in force."""
    rows = await db.execute(
        text("select number, published is not null as there from article where number = any(:numbers)"),
        {"numbers": list(numbers)},
    )
    return {row.number: row.there for row in rows}


async def images(db: AsyncConnection, ids: tuple[str, ...]) -> set[str]:
    """Those of the pictures that there are."""
    return set(
        await db.scalars(
            text("select id::text from article_image where id = any(cast(:ids as uuid[]))"), {"ids": list(ids)}
        )
    )


async def exported(db: AsyncConnection, *, after: str, limit: int) -> list[dict[str, object]]:
    """Articles in the order of their ids, each as the newest of its revisions."""
    rows = await (await driver(db)).fetch(
        "select a.id, a.number, a.external_id, a.original, a.lang, a.kind, a.topic::text, r.version, r.state, r.title,"
        " r.body, r.keywords, r.audience, o.number as original_number from article a join article o on o.id = a.original"
        " join lateral (select * from article_revision r where r.article = a.id order by r.version = a.published desc"
        " nulls last, r.version desc limit 1) r on true where a.id > $1::uuid order by a.id limit $2",
        after,
        limit,
    )
    return [dict(row) for row in rows]
