"""What belongs to a case: tasks, files, links, and the time that was spent on it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, TypeAlias
from urllib.parse import quote
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import UNSET, Meta, UnsetType

from console.cases import task as rules
from console.cases.attachment import BYTES_MAX, Attachment
from console.cases.link import Kind as LinkKind
from console.cases.task import Kind, Result, Task
from console.errors import BadInput, FieldError
from console.people.permissions import Permission
from console.people.who import Principal
from console.services import attachments, contracts, links, tasks
from console.services.attachments import Served
from console.services.context import Context
from console.web.api.etags import etag, read_version
from console.web.auth import may
from console.web.idempotency import once
from console.web.limits import NO_CONTROLS, Code, Line, Name

AnyRequest = Request[Any, Any, Any]
Ctx: TypeAlias = NamedDependency[Context]
Who: TypeAlias = NamedDependency[Principal]

TaskText = Annotated[str, Meta(min_length=1, max_length=rules.TEXT_MAX, pattern=NO_CONTROLS)]
At = Annotated[datetime, Meta(tz=True)]
FILE_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"
"""Of a file that somebody attached: should a browser show it after all, nothing in it runs."""


class NewTask(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`callback` and `promise` were told to the customer, and have a `due_at`."""

    text: TaskText
    kind: Kind = Kind.TASK
    due_at: At | None = None
    remind_at: At | None = None
    assignee: Name | None = None


class TaskChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Either its `result`, which ends it, or another time or other hands; what is left out stays."""

    result: Result | UnsetType = UNSET
    due_at: At | UnsetType | None = UNSET
    remind_at: At | UnsetType | None = UNSET
    assignee: Name | UnsetType | None = UNSET


class LinkAs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kind: LinkKind = LinkKind.RELATED


class NewParent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Null: it stands alone."""

    parent: Code | None


class TimeSpent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    minutes: Annotated[int, Meta(ge=1, le=contracts.SECONDS_MAX // 60)]
    note: Line | None = None


@post("/cases/{number:str}/tasks", guards=[may(Permission.CHANGE_CASES)])
async def add_task(
    ctx: Ctx, who: Who, request: AnyRequest, number: FromPath[str], data: JSONBody[NewTask]
) -> Response[Task]:
    """Something to be done on the case, or promised to its customer."""
    key = await once(request, who)
    task = await tasks.add_to_case(ctx, who, number=number, **msgspec.structs.asdict(data), once=key)
    return Response(task, status_code=201, headers={"ETag": etag(task.version)})


@patch("/cases/{number:str}/tasks/{task:uuid}", guards=[may(Permission.CHANGE_CASES)])
async def change_task(
    ctx: Ctx,
    who: Who,
    request: AnyRequest,
    *,
    number: FromPath[str],
    task: FromPath[UUID],
    data: JSONBody[TaskChange],
) -> Response[Task]:
    """End it, or move it to another time or into other hands."""
    changes = {name: value for name, value in msgspec.structs.asdict(data).items() if value is not UNSET}
    if "result" in changes and len(changes) > 1:
        raise BadInput(errors=(FieldError("result", "What is done is not moved as well."),))
    if "result" in changes:
        after = await tasks.finish(ctx, who, number=number, task_id=str(task), result=changes["result"])
    else:
        version = read_version(request.headers.get("if-match"))
        after = await tasks.move(ctx, who, number=number, task_id=str(task), changes=changes, if_match=version)
    return Response(after, headers={"ETag": etag(after.version)})


@post(
    "/cases/{number:str}/attachments",
    guards=[may(Permission.CHANGE_CASES)],
    request_max_body_size=BYTES_MAX + 1,
)
async def attach(
    ctx: Ctx, who: Who, request: AnyRequest, number: FromPath[str], *, name: FromQuery[str]
) -> Response[Attachment]:
    """Attach the file that is the body; `name` is what it is called. What is not what its name and its Content-Type
    say is refused; at most 10 MiB.
    """
    claimed = request.headers.get("content-type")
    content = await request.body()
    made = await attachments.attach(ctx, who, number=number, name=name, claimed=claimed, content=content)
    return Response(made, status_code=201)


@get("/cases/{number:str}/attachments/{attachment:uuid}", guards=[may(Permission.SEE_CASES)])
async def download(ctx: Ctx, who: Who, number: FromPath[str], attachment: FromPath[UUID]) -> Response[bytes]:
    """The file, to be saved."""
    return served(await attachments.serve(ctx, who, number=number, attachment_id=str(attachment)))


@delete("/cases/{number:str}/attachments/{attachment:uuid}", guards=[may(Permission.CHANGE_CASES)])
async def remove(ctx: Ctx, who: Who, number: FromPath[str], attachment: FromPath[UUID]) -> None:
    """Remove a file, as whoever attached it or a supervisor; the timeline keeps that it was there."""
    await attachments.remove(ctx, who, number=number, attachment_id=str(attachment))


@put("/cases/{number:str}/links/{other:str}", guards=[may(Permission.CHANGE_CASES)], status_code=204)
async def link(ctx: Ctx, who: Who, number: FromPath[str], other: FromPath[str], data: JSONBody[LinkAs]) -> None:
    """Say what the case is to another: `related`, `duplicate_of`, `caused_by`."""
    await links.link(ctx, who, number=number, other=other, kind=data.kind)


@delete("/cases/{number:str}/links/{other:str}", guards=[may(Permission.CHANGE_CASES)])
async def unlink(ctx: Ctx, who: Who, number: FromPath[str], other: FromPath[str]) -> None:
    """Take the link between the two cases away."""
    await links.unlink(ctx, who, number=number, other=other)


@put("/cases/{number:str}/parent", guards=[may(Permission.CHANGE_CASES)], status_code=204)
async def set_parent(ctx: Ctx, who: Who, number: FromPath[str], data: JSONBody[NewParent]) -> None:
    """Make the case a part of a larger one, or stand alone again."""
    await links.set_parent(ctx, who, number=number, parent=data.parent)


@post("/cases/{number:str}/time", guards=[may(Permission.CHANGE_CASES)], status_code=204)
async def write_time(ctx: Ctx, who: Who, request: AnyRequest, number: FromPath[str], data: JSONBody[TimeSpent]) -> None:
    """Time that was spent on the case beside its calls, for the hours of its contract."""
    key = await once(request, who)
    await contracts.write_time(ctx, who, number=number, seconds=data.minutes * 60, note=data.note, once=key)


def served(file: Served) -> Response[bytes]:
    """As a file to be saved, of the kind that its bytes say; nothing in it is run."""
    name = quote(file.attachment.name, safe="")
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
        "Content-Security-Policy": FILE_POLICY,
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return Response(file.content, media_type=file.attachment.media_type, headers=headers)


routes = [add_task, change_task, attach, download, remove, link, unlink, set_parent, write_time]
