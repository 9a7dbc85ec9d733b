"""Topics: the rows of the tree that articles stand in. An article names its topic by id, so that a new name or place is one row."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from console.db import schema as t
from console.kb.topics import Topic, Tree


async def lock(db: AsyncConnection) -> None:
    """Two that make one topic at once make one, and of two who move topics the second sees what the first has done."""
    await db.execute(text("select pg_advisory_xact_lock(hashtextextended('topic', 0))"))


async def tree(db: AsyncConnection) -> Tree:
    p = t.topic.c
    rows = await db.execute(select(p.id, p.parent, p.name))
    return Tree(Topic(id=row.id, parent=row.parent, name=row.name) for row in rows)


async def find(db: AsyncConnection, parent: str | None, name: str) -> str | None:
    """Its id; it stays there until the transaction ends, so that an article can be put under it."""
    p = t.topic.c
    which = (p.parent.is_not_distinct_from(parent), func.lower(p.name) == name.lower())
    found: str | None = await db.scalar(select(p.id).where(*which).with_for_update(read=True, key_share=True))
    return found


async def put(db: AsyncConnection, topic: str, parent: str | None, name: str, at: datetime) -> None:
    await db.execute(insert(t.topic).values(id=topic, parent=parent, name=name, created_at=at))


async def place(db: AsyncConnection, topic: str, *, parent: str | None, name: str) -> None:
    await db.execute(update(t.topic).where(t.topic.c.id == topic).values(parent=parent, name=name))


async def carry(db: AsyncConnection, topic: str, into: str) -> list[tuple[str, bool]]:
    """Put its articles under another topic: which ones, and whether indexes may have them."""
    await _hold(db, topic)
    a = t.article.c
    moved = update(t.article).where(a.topic == topic).values(topic=into).returning(a.id, a.change.is_not(None))
    return [(row[0], row[1]) for row in await db.execute(moved)]


async def articles(db: AsyncConnection, topic: str) -> int:
    """How many stand in it itself, in any state; none comes until the transaction ends."""
    await _hold(db, topic)
    return await db.scalar(select(func.count()).where(t.article.c.topic == topic)) or 0


async def remove(db: AsyncConnection, topic: str) -> None:
    await db.execute(delete(t.topic).where(t.topic.c.id == topic))


async def _hold(db: AsyncConnection, topic: str) -> None:
    """Whoever is putting an article under it is waited for, and whoever wants to waits."""
    await db.execute(select(t.topic.c.id).where(t.topic.c.id == topic).with_for_update())
