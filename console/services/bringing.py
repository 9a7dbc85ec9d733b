"""Bringing articles in by the thousand, and taking them out again.

(`external_id`, `lang`) names an article: again is a revision, another language its translation, the same text nothing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from enum import StrEnum

import msgspec

from console.db.engine import Transaction
from console.errors import BadInput, FieldError, Refusal
from console.ids import new_id
from console.kb import markup, store
from console.kb.article import BODY_MAX, Article, Audience, Move, Revision, State, Text, checked, titled
from console.kb.brought import Brought
from console.kb.store import many
from console.people.permissions import Permission, require
from console.people.who import Principal
from console.queries import knowledge as ask
from console.services.authoring import begin, topic_of
from console.services.context import Context
from console.services.knowledge import put_into_force

WHY = "imported"


class Outcome(StrEnum):
    MADE = "made"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class Result(msgspec.Struct, frozen=True):
    outcome: Outcome
    refusal: Refusal | None = None


async def bring_in(
    ctx: Context, who: Principal, rows: Sequence[Brought], *, publish: bool, topic: str | None
) -> list[Result]:
    """A batch, in one transaction; each row's outcome in its place. `topic` is for rows that name none."""
    by = require(who, Permission.WRITE_ARTICLES)
    batch = _Batch(ctx, by, publish=publish, topic=topic)
    async with ctx.db.transaction() as db:
        results = [await batch.take(db, row) for row in rows] if await batch.begin(db, rows) else []
        await batch.finish(db)
    if publish:
        ctx.nudges.ring("knowledge")
    return results


class _Batch:
    """New articles are gathered and kept together; those that were here before go one by one."""

    def __init__(self, ctx: Context, by: str, *, publish: bool, topic: str | None) -> None:
        self._by, self._publish, self._topic = by, publish, topic
        self._now = ctx.clock.now()
        self._topics: dict[str, str | None] = {}
        self._known: dict[tuple[str, str], str] = {}
        self._groups: dict[str, str] = {}
        self._numbers: list[str] = []
        self._made: list[tuple[Article, Revision]] = []

    async def begin(self, db: Transaction, rows: Sequence[Brought]) -> bool:
        """Hold what these rows name. False: there are none."""
        self._known, self._groups = await many.hold(db, [row.external_id for row in rows])
        self._numbers = await many.numbers(db, len(rows))
        return bool(rows)

    async def take(self, db: Transaction, row: Brought) -> Result:
        try:
            plain = markup.plain(row.body[: BODY_MAX + 1])
            text = checked(
                Text(
                    title=row.title.strip() or titled(plain),
                    body=row.body,
                    keywords=row.keywords,
                    audience=row.audience,
                ),
                now=self._now,
            )
            topic = await self._topic_of(db, row.topic or self._topic)
        except BadInput as bad:
            return Result(Outcome.REFUSED, bad)
        known = self._known.get((row.external_id, row.lang))
        if known is None:
            self._make(row, text, plain, topic)
            return Result(Outcome.MADE)
        if any(article.id == known for article, _ in self._made):
            return Result(Outcome.REFUSED, BadInput(errors=(FieldError("id", "This id and language came before."),)))
        return await self._change(db, known, text, plain, topic)

    async def finish(self, db: Transaction) -> None:
        await many.put(db, self._made, step_ids=[new_id() for _ in self._made], by=self._by, why=WHY)
        if self._publish and self._made:
            await store.tell_indexes(db, [article.id for article, _ in self._made])

    def _make(self, row: Brought, text: Text, plain: str, topic: str | None) -> None:
        article_id = new_id()
        article = Article(
            id=article_id,
            number=self._numbers.pop(),
            lang=row.lang,
            original=self._groups.setdefault(row.external_id, article_id),
            external_id=row.external_id,
            topic=topic,
            kind=row.kind,
            published=1 if self._publish else None,
            created_at=self._now,
            created_by=self._by,
            changed_at=self._now,
        )
        published = {"published_at": self._now, "published_by": self._by} if self._publish else {}
        revision = Revision(
            article=article_id,
            version=1,
            **msgspec.structs.asdict(text),
            plain=plain,
            state=State.PUBLISHED if self._publish else State.DRAFT,
            authors=(),
            created_at=self._now,
            saved_at=self._now,
            saved_by=self._by,
            saved=1,
            **published,  # type: ignore[arg-type] # an instant and a name, or neither
        )
        self._known[row.external_id, row.lang] = article_id
        self._made.append((article, revision))

    async def _change(self, db: Transaction, article_id: str, text: Text, plain: str, topic: str | None) -> Result:
        article = await store.lock_article(db, article_id)
        assert article is not None, "articles are never deleted"
        begun = await store.open_revision(db, article_id)
        version = begun.version if begun else article.published or await store.latest_version(db, article_id)
        latest = await store.find_revision(db, article_id, version)
        assert latest is not None, "an article has a revision"
        moved_topic = topic is not None and topic != article.topic
        if moved_topic:
            await store.organise(db, article_id, self._now, topic=topic)
            await store.tell_indexes(db, [article_id])
        same = _same(latest, text) and (latest.state is State.PUBLISHED or not self._publish)
        if same:
            return Result(Outcome.CHANGED if moved_topic else Outcome.UNCHANGED)
        if begun is not None and (begun.authors or begun.state is not State.DRAFT):
            detail = f"{article.number}: somebody is working on it; publish or archive that revision first."
            return Result(Outcome.REFUSED, BadInput(errors=(FieldError("id", detail),)))
        if begun is None:
            begun = await begin(db, article, text, plain=plain, by=self._by, at=self._now, authors=())
        elif not _same(begun, text):
            await store.save_text(db, begun, text, plain=plain, by=self._by, at=self._now, author=False)
        if self._publish:
            await put_into_force(db, begun, by=self._by, why=WHY, at=self._now, move=Move.IMPORT)
        return Result(Outcome.CHANGED)

    async def _topic_of(self, db: Transaction, path: str | None) -> str | None:
        if path is None:
            return None
        if path not in self._topics:
            self._topics[path] = await topic_of(db, path, self._now)
        return self._topics[path]


def _same(revision: Revision, text: Text) -> bool:
    return (revision.title, revision.body, revision.keywords, revision.audience) == (
        text.title,
        text.body,
        text.keywords,
        text.audience,
    )


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """An article as it is exported: as it is in force, else its newest revision."""

    id: str
    number: str
    lang: str
    title: str
    body: str
    keywords: tuple[str, ...]
    topic: str | None
    kind: str
    audience: Audience
    state: str
    version: int


TAKEN_AT_ONCE = 500


async def take_out(ctx: Context, who: Principal) -> AsyncIterator[Taken]:
    """Every article; what it gives can be brought in again."""
    require(who, Permission.WRITE_ARTICLES)
    async with ctx.db.snapshot() as db:
        paths = {topic.id: "/".join(topic.path) for topic in await ask.topics(db)}
        after = "00000000-0000-0000-0000-000000000000"
        while rows := await ask.exported(db, after=after, limit=TAKEN_AT_ONCE):
            for row in rows:
                topic = paths.get(str(row["topic"]))
                # What was never imported is named by its number, so that it is found again.
                name = row["external_id"] or (row["number"] if row["id"] == row["original"] else row["original_number"])
                yield msgspec.convert({**row, "id": name, "topic": topic}, Taken)
            after = str(rows[-1]["id"])
