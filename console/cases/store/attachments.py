"""Files of cases in their table; the content is read only where one is served."""

from __future__ import annotations

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from console.cases.attachment import Attachment
from console.cases.store.rows import columns_of, read
from console.db import schema as t
from console.db.engine import driver

_ATTACHMENT = columns_of(t.attachment, Attachment)


async def put(db: AsyncConnection, attachment: Attachment, content: bytes, sha256: bytes) -> bool:
    """False: the case has this file, of this name."""
    a = attachment
    made = await (await driver(db)).fetchval(
        'insert into attachment (id, "case", name, media_type, bytes, sha256, by, at, content)'
        " values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing returning true",
        *(a.id, a.case, a.name, a.media_type, a.bytes, sha256, a.by, a.at, content),
    )
    return made is not None


async def of_case(db: AsyncConnection, case: str) -> tuple[Attachment, ...]:
    """The last first."""
    a = t.attachment.c
    rows = await db.execute(select(*_ATTACHMENT).where(a.case == case).order_by(a.at.desc(), a.id.desc()))
    return tuple(read(row, Attachment) for row in rows.mappings())


async def bytes_of_case(db: AsyncConnection, case: str) -> int:
    return (
        await db.scalar(select(func.coalesce(func.sum(t.attachment.c.bytes), 0)).where(t.attachment.c.case == case))
        or 0
    )


async def find(db: AsyncConnection, attachment: str) -> Attachment | None:
    row = (await db.execute(select(*_ATTACHMENT).where(t.attachment.c.id == attachment))).mappings().first()
    return read(row, Attachment) if row else None


async def content(db: AsyncConnection, attachment: str) -> bytes:
    found: bytes = await (await driver(db)).fetchval("select content from attachment where id = $1", attachment)
    return found


async def drop(db: AsyncConnection, attachment: str) -> None:
    await db.execute(delete(t.attachment).where(t.attachment.c.id == attachment))
