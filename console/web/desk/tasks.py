"""What an agent does beside the case on the screen: tasks, files, links, and bringing the case back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath
from msgspec import Meta

from console.cases import task as rules
from console.cases.attachment import BYTES_MAX
from console.cases.link import Kind as LinkKind
from console.cases.task import Kind, Result
from console.errors import BadInput, FieldError
from console.people.permissions import Permission
from console.people.who import Principal
from console.services import attachments, cases, links, reopening, tasks
from console.services.context import Context
from console.web.auth import may
from console.web.desk.commands import Answer
from console.web.desk.matter import answer_with
from console.web.desk.parts import Part
from console.web.desk.socket import desks_of
from console.web.limits import NO_CONTROLS
from console.web.pages import AnyRequest, view_of

Ctx = NamedDependency[Context]
Who = NamedDependency[Principal]
FORM_BYTES = 1 << 16
"""What stands around a file in a form that brings it."""
PARTS = frozenset({Part.TASKS, Part.TIMELINE, Part.CASES, Part.RAIL})
Number = Annotated[str, Meta(max_length=40, pattern=NO_CONTROLS)]


class NewTask(msgspec.Struct, frozen=True):
    text: Annotated[str, Meta(min_length=1, max_length=rules.TEXT_MAX, pattern=NO_CONTROLS)]
    kind: Kind = Kind.TASK
    due: Annotated[str, Meta(max_length=32)] = ""
    """As the browser's field has it: on the reader's wall, without a zone."""
    remind: Literal["", "0", "15", "60"] = ""
    """Minutes before it is due."""
    mine: bool = False


class Finished(msgspec.Struct, frozen=True):
    result: Result


class NewLink(msgspec.Struct, frozen=True):
    other: Number
    kind: Literal["related", "duplicate_of", "caused_by", "parent"] = "related"


class NewParent(msgspec.Struct, frozen=True):
    """Empty: it stands alone."""

    other: Number = ""


TaskForm = Annotated[NewTask, Body(media_type=RequestEncodingType.URL_ENCODED)]
FinishForm = Annotated[Finished, Body(media_type=RequestEncodingType.URL_ENCODED)]
LinkForm = Annotated[NewLink, Body(media_type=RequestEncodingType.URL_ENCODED)]
ParentForm = Annotated[NewParent, Body(media_type=RequestEncodingType.URL_ENCODED)]
FileForm = Annotated[UploadFile, Body(media_type=RequestEncodingType.MULTI_PART)]


@post("/desk/cases/{number:str}/tasks", guards=[may(Permission.CHANGE_CASES)], status_code=200)
async def add_task(request: AnyRequest, ctx: Ctx, who: Who, number: FromPath[str], data: TaskForm) -> Answer:
    due_at = local_instant(data.due, view_of(request).zone)
    remind_at = due_at - timedelta(minutes=int(data.remind)) if due_at is not None and data.remind else None
    await tasks.add_to_case(
        ctx,
        who,
        number=number,
        text=data.text.strip(),
        kind=data.kind,
        due_at=due_at,
        remind_at=remind_at,
        assignee=who.username if data.mine else None,
    )
    return await _drawn(request, ctx, who, number)


@post("/desk/cases/{number:str}/tasks/{task:uuid}", guards=[may(Permission.CHANGE_CASES)], status_code=200)
async def finish_task(
    request: AnyRequest, ctx: Ctx, who: Who, *, number: FromPath[str], task: FromPath[UUID], data: FinishForm
) -> Answer:
    await tasks.finish(ctx, who, number=number, task_id=str(task), result=data.result)
    return await _drawn(request, ctx, who, number)


@post(
    "/desk/cases/{number:str}/attachments",
    guards=[may(Permission.CHANGE_CASES)],
    status_code=200,
    request_max_body_size=BYTES_MAX + FORM_BYTES,
)
async def attach(request: AnyRequest, ctx: Ctx, who: Who, number: FromPath[str], data: FileForm) -> Answer:
    content = await data.read(BYTES_MAX + 1)
    claimed = data.content_type
    await attachments.attach(ctx, who, number=number, name=data.filename, claimed=claimed, content=content)
    return await _drawn(request, ctx, who, number)


@post(
    "/desk/cases/{number:str}/attachments/{attachment:uuid}/remove",
    guards=[may(Permission.CHANGE_CASES)],
    status_code=200,
)
async def remove(request: AnyRequest, ctx: Ctx, who: Who, number: FromPath[str], attachment: FromPath[UUID]) -> Answer:
    await attachments.remove(ctx, who, number=number, attachment_id=str(attachment))
    return await _drawn(request, ctx, who, number)


@post("/desk/cases/{number:str}/links", guards=[may(Permission.CHANGE_CASES)], status_code=200)
async def link(request: AnyRequest, ctx: Ctx, who: Who, number: FromPath[str], data: LinkForm) -> Answer:
    other = data.other.strip()
    if data.kind == "parent":
        await links.set_parent(ctx, who, number=number, parent=other)
    else:
        await links.link(ctx, who, number=number, other=other, kind=LinkKind(data.kind))
    return await _drawn(request, ctx, who, number)


@post("/desk/cases/{number:str}/links/{other:str}/remove", guards=[may(Permission.CHANGE_CASES)], status_code=200)
async def unlink(request: AnyRequest, ctx: Ctx, who: Who, number: FromPath[str], other: FromPath[str]) -> Answer:
    await links.unlink(ctx, who, number=number, other=other)
    return await _drawn(request, ctx, who, number)


@post("/desk/cases/{number:str}/parent", guards=[may(Permission.CHANGE_CASES)], status_code=200)
async def set_parent(request: AnyRequest, ctx: Ctx, who: Who, number: FromPath[str], data: ParentForm) -> Answer:
    await links.set_parent(ctx, who, number=number, parent=data.other.strip() or None)
    return await _drawn(request, ctx, who, number)


@post("/desk/cases/{number:str}/reopen", guards=[may(Permission.CHANGE_CASES)], status_code=200)
async def reopen(request: AnyRequest, ctx: Ctx, who: Who, number: FromPath[str]) -> Answer:
    await reopening.reopen(ctx, who, number=number)
    desks_of(request).mark(who.called, {Part.CASE, Part.CLOCKS})
    return await _drawn(request, ctx, who, number)


def local_instant(text: str, zone: tzinfo) -> datetime | None:
    """What a field for a day and a time holds, on the reader's wall; None: nothing. Raises BadInput."""
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadInput(errors=(FieldError("due", "A day and a time."),)) from None


async def _drawn(request: AnyRequest, ctx: Context, who: Principal, number: str) -> Answer:
    """The answer is the part, so that its forms are empty again; the rest comes by the socket."""
    desks_of(request).mark(who.called, PARTS)
    case_id = await cases.id_of(ctx, who, number=number)
    return await answer_with(request, ctx, who, UUID(case_id), Part.TASKS)


routes = [add_task, finish_task, attach, remove, link, unlink, set_parent, reopen]
