"""Scripts as their authors keep them: read, written, sent for review, published by another."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from console.people.permissions import Permission
from console.people.who import Principal
from console.scripts.parse import SOURCE_MAX
from console.services import scripting
from console.services.context import Context
from console.services.scripting import NOTE_MAX
from console.web.api.etags import etag, read_version
from console.web.api.lists import Cursor, Limit, Page, page_by_name
from console.web.auth import may
from console.web.idempotency import once
from console.web.limits import NO_NUL, Code, Name
from console.web.pages import AnyRequest

Ctx = NamedDependency[Context]
Who = NamedDependency[Principal]
Source = Annotated[str, Meta(max_length=SOURCE_MAX, pattern=NO_NUL)]
Note = Annotated[str, Meta(min_length=1, max_length=NOTE_MAX, pattern=NO_NUL)]
WRITE = [may(Permission.WRITE_SCRIPTS)]


class NewScript(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`name` is short and stays: a-z, 0-9 and `-`."""

    name: Code
    title: Name


class Draft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`source` is the whole script, in YAML."""

    source: Source


class Submission(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    note: Note | None = None


class Reason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    why: Note


class FindingShown(msgspec.Struct, frozen=True):
    """What is to be said of it; what `stops` keeps it from being published."""

    code: str
    line: int
    step: str | None
    detail: str
    stops: bool


class ScriptShown(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    in_force: int | None
    """The version that new runs take."""
    state: str | None
    """Of the draft: draft, in_review; null: there is none, and the source is the one in force."""
    authors: tuple[str, ...]
    """Whoever has changed the draft; none of them publishes it."""
    saved_at: datetime | None
    note: str | None
    source: str
    findings: list[FindingShown]


@get("/scripts", guards=WRITE)
async def listed(ctx: Ctx, who: Who, limit: Limit = None, cursor: Cursor = None) -> Page[dict[str, Any]]:
    """Every script, by name."""
    return page_by_name(await scripting.listed(ctx, who), "name", limit, cursor)


@post("/scripts", guards=WRITE)
async def create(ctx: Ctx, who: Who, request: AnyRequest, data: JSONBody[NewScript]) -> Response[ScriptShown]:
    """A new script, with a draft to begin from."""
    made = await scripting.create(ctx, who, name=data.name, title=data.title, once=await once(request, who))
    return await _answer(ctx, who, made.script, 201)


@get("/scripts/{name:str}", guards=WRITE)
async def show(ctx: Ctx, who: Who, name: FromPath[str]) -> Response[ScriptShown]:
    """The draft, else what is in force, with all that is to be said of it. Its `ETag` is for a change."""
    return await _answer(ctx, who, name)


@put("/scripts/{name:str}/draft", guards=WRITE)
async def save(
    ctx: Ctx, who: Who, request: AnyRequest, name: FromPath[str], data: JSONBody[Draft]
) -> Response[ScriptShown]:
    """Keep what is written, whole or not; with `If-Match` only if nobody has changed it since."""
    version = read_version(request.headers.get("if-match"))
    await scripting.save(ctx, who, name=name, source=data.source, if_match=version)
    return await _answer(ctx, who, name)


@post("/scripts/{name:str}/submit", guards=WRITE, status_code=200)
async def submit(
    ctx: Ctx, who: Who, request: AnyRequest, name: FromPath[str], data: JSONBody[Submission]
) -> Response[ScriptShown]:
    """Send the draft for review; 400 `script-unfit` with everything that keeps it from being published."""
    version = read_version(request.headers.get("if-match"))
    await scripting.submit(ctx, who, name=name, note=data.note, if_match=version)
    return await _answer(ctx, who, name)


@post("/scripts/{name:str}/return", guards=WRITE, status_code=200)
async def give_back(
    ctx: Ctx, who: Who, request: AnyRequest, name: FromPath[str], data: JSONBody[Reason]
) -> Response[ScriptShown]:
    """Back from review to its author, saying why."""
    version = read_version(request.headers.get("if-match"))
    await scripting.give_back(ctx, who, name=name, why=data.why, if_match=version)
    return await _answer(ctx, who, name)


@post("/scripts/{name:str}/publish", guards=WRITE, status_code=200)
async def publish(ctx: Ctx, who: Who, request: AnyRequest, name: FromPath[str]) -> Response[ScriptShown]:
    """Put what was reviewed in force; 403 `own-work` for whoever wrote on it."""
    version = read_version(request.headers.get("if-match"))
    await scripting.publish(ctx, who, name=name, if_match=version)
    return await _answer(ctx, who, name)


async def _answer(ctx: Context, who: Principal, name: str, status: int = 200) -> Response[ScriptShown]:
    bench = await scripting.workbench(ctx, who, name=name)
    draft = bench.draft
    shown = ScriptShown(
        name=name,
        in_force=bench.in_force,
        state=draft.state if draft else None,
        authors=draft.authors if draft else (),
        saved_at=draft.saved_at if draft else None,
        note=draft.note if draft else None,
        source=bench.source,
        findings=[FindingShown(one.code, one.line, one.step, one.detail, one.stops) for one in bench.checked.findings],
    )
    return Response(shown, status_code=status, headers={"ETag": etag(draft.version if draft else 0)})


routes = [listed, create, show, save, submit, give_back, publish]
