"""Files of a case: taken in when they are what they say, served so that no browser runs them, removed by name."""

from __future__ import annotations

import hashlib

import msgspec

from console.cases import store as cases
from console.cases.attachment import CASE_BYTES_MAX, Attachment, file_name, kind_of
from console.cases.case import Case
from console.cases.store import attachments as store
from console.cases.timeline import Activity, Entry
from console.db.engine import Transaction
from console.errors import BadInput, Conflict, FieldError, NotAllowed, NotFound
from console.ids import new_id
from console.people.permissions import Permission, may, require
from console.people.who import Principal
from console.services.context import Context
from console.services.seeing import seen_case
from console.services.telling import tell_case_changed


class AttachedAlready(Conflict):
    """The case has this file already."""

    type = "attached-already"


class Served(msgspec.Struct, frozen=True, kw_only=True):
    attachment: Attachment
    content: bytes


async def attach(
    ctx: Context, who: Principal, *, number: str, name: str, claimed: str | None, content: bytes
) -> Attachment:
    """Keep a file with the case. Raises NotFound, AttachedAlready, and BadInput for one that is not what it says."""
    by = require(who, Permission.CHANGE_CASES)
    name = file_name(name)
    kind = kind_of(name, claimed, content)
    async with ctx.db.transaction() as db:
        # Locked, so that two large files at once do not both find room.
        case = await seen_case(ctx, db, who, number, lock=True)
        if await store.bytes_of_case(db, case.id) + len(content) > CASE_BYTES_MAX:
            detail = f"The files of one case are at most {CASE_BYTES_MAX >> 20} MiB together."
            raise BadInput(detail, errors=(FieldError("file", detail),))
        attachment = Attachment(
            id=new_id(),
            case=case.id,
            name=name,
            media_type=kind.media_type,
            bytes=len(content),
            by=by,
            at=ctx.clock.now(),
        )
        if not await store.put(db, attachment, content, hashlib.sha256(content).digest()):
            raise AttachedAlready
        await _record(ctx, db, case, attachment, "added", by=by)
    ctx.nudges.ring("frames")
    return attachment


async def serve(ctx: Context, who: Principal, *, number: str, attachment_id: str) -> Served:
    """One file with its content. Raises NotFound."""
    require(who, Permission.SEE_CASES)
    async with ctx.db.snapshot() as db:
        _, attachment = await _find(ctx, db, who, number, attachment_id)
        return Served(attachment=attachment, content=await store.content(db, attachment.id))


async def remove(ctx: Context, who: Principal, *, number: str, attachment_id: str) -> None:
    """By whoever attached it, or a supervisor; the timeline keeps that it was there. Raises NotFound, NotAllowed."""
    by = require(who, Permission.CHANGE_CASES)
    async with ctx.db.transaction() as db:
        case, attachment = await _find(ctx, db, who, number, attachment_id)
        if attachment.by != by and not may(who, Permission.SUPERVISE):
            raise NotAllowed("Whoever attached a file, or a supervisor, removes it.")
        await store.drop(db, attachment.id)
        await _record(ctx, db, case, attachment, "removed", by=by)
    ctx.nudges.ring("frames")


async def _find(
    ctx: Context, db: Transaction, who: Principal, number: str, attachment_id: str
) -> tuple[Case, Attachment]:
    case = await seen_case(ctx, db, who, number)
    attachment = await store.find(db, attachment_id)
    if attachment is None or attachment.case != case.id:
        raise NotFound("The case has no such file.")
    return case, attachment


async def _record(
    ctx: Context, db: Transaction, case: Case, attachment: Attachment, happening: str, *, by: str
) -> None:
    entry = Activity(
        id=new_id(),
        at=ctx.clock.now(),
        kind=Entry.ATTACHMENT,
        case=case.id,
        customer=case.customer,
        by=by,
        data={
            "attachment": attachment.id,
            "name": attachment.name,
            "media_type": attachment.media_type,
            "bytes": attachment.bytes,
            "happening": happening,
        },
    )
    await cases.add_activities(db, [entry])
    await tell_case_changed(db, case.id)
