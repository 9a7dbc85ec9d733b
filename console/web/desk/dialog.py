"""What the buttons of the guided script do: each a form that is posted, each one use case."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath
from msgspec import Meta

from console.errors import BadInput
from console.people.permissions import Permission
from console.people.who import Principal
from console.scripts import run
from console.services import desk, dialogs
from console.services.context import Context
from console.services.dialogs import Running
from console.web.auth import may
from console.web.desk import parts
from console.web.desk.commands import Answer
from console.web.desk.parts import SILENT, Part
from console.web.desk.socket import desks_of
from console.web.fragment import render, wrap
from console.web.limits import NO_CONTROLS, NO_NUL, Code
from console.web.pages import AnyRequest, html, view_of

StepName = Annotated[str, Meta(min_length=1, max_length=400, pattern=NO_CONTROLS)]
Nth = Annotated[int, Meta(ge=0, le=run.ANSWERS_MAX)]
Why = Annotated[str, Meta(max_length=run.WHY_MAX, pattern=NO_CONTROLS)]


class Answered(msgspec.Struct, frozen=True):
    step: StepName
    nth: Nth
    answer: Annotated[str, Meta(max_length=run.TEXT_MAX, pattern=NO_NUL)] = ""


class Skipped(msgspec.Struct, frozen=True):
    step: StepName
    nth: Nth
    why: Why = ""


class Place(msgspec.Struct, frozen=True):
    nth: Nth


class Left(msgspec.Struct, frozen=True):
    why: Why = ""


class Started(msgspec.Struct, frozen=True):
    script: Code


AnswerForm = Annotated[Answered, Body(media_type=RequestEncodingType.URL_ENCODED)]
SkipForm = Annotated[Skipped, Body(media_type=RequestEncodingType.URL_ENCODED)]
BackForm = Annotated[Place, Body(media_type=RequestEncodingType.URL_ENCODED)]
LeaveForm = Annotated[Left, Body(media_type=RequestEncodingType.URL_ENCODED)]
StartForm = Annotated[Started, Body(media_type=RequestEncodingType.URL_ENCODED)]

Ctx = NamedDependency[Context]
Who = NamedDependency[Principal]


@post("/desk/cases/{number:str}/script", guards=[may(Permission.RUN_SCRIPTS)], status_code=200)
async def start(request: AnyRequest, ctx: Ctx, who: Who, number: FromPath[str], data: StartForm) -> Answer:
    return await _drawn(request, ctx, who, await dialogs.start(ctx, who, number=number, script=data.script))


@post("/desk/runs/{run_id:uuid}/answer", guards=[may(Permission.RUN_SCRIPTS)], status_code=200)
async def answer(request: AnyRequest, ctx: Ctx, who: Who, run_id: FromPath[UUID], data: AnswerForm) -> Answer:
    """What cannot be taken is said at its field, and everything else stays as it is."""
    try:
        running = await dialogs.answer(ctx, who, run_id=str(run_id), step=data.step, answer=data.answer, nth=data.nth)
    except BadInput:
        return await _drawn(request, ctx, who, await dialogs.show(ctx, who, run_id=str(run_id)), wrong=data.nth)
    return await _drawn(request, ctx, who, running)


@post("/desk/runs/{run_id:uuid}/change", guards=[may(Permission.RUN_SCRIPTS)], status_code=200)
async def change(request: AnyRequest, ctx: Ctx, who: Who, run_id: FromPath[UUID], data: AnswerForm) -> Answer:
    try:
        running = await dialogs.change(ctx, who, run_id=str(run_id), nth=data.nth, step=data.step, answer=data.answer)
    except BadInput:
        return await _drawn(request, ctx, who, await dialogs.show(ctx, who, run_id=str(run_id)), wrong=data.nth)
    return await _drawn(request, ctx, who, running)


@post("/desk/runs/{run_id:uuid}/skip", guards=[may(Permission.RUN_SCRIPTS)], status_code=200)
async def skip(request: AnyRequest, ctx: Ctx, who: Who, run_id: FromPath[UUID], data: SkipForm) -> Answer:
    running = await dialogs.skip(ctx, who, run_id=str(run_id), step=data.step, why=data.why, nth=data.nth)
    return await _drawn(request, ctx, who, running)


@post("/desk/runs/{run_id:uuid}/back", guards=[may(Permission.RUN_SCRIPTS)], status_code=200)
async def back(request: AnyRequest, ctx: Ctx, who: Who, run_id: FromPath[UUID], data: BackForm) -> Answer:
    return await _drawn(request, ctx, who, await dialogs.back(ctx, who, run_id=str(run_id), nth=data.nth))


@post("/desk/runs/{run_id:uuid}/leave", guards=[may(Permission.RUN_SCRIPTS)], status_code=200)
async def leave(request: AnyRequest, ctx: Ctx, who: Who, run_id: FromPath[UUID], data: LeaveForm) -> Answer:
    return await _drawn(request, ctx, who, await dialogs.leave(ctx, who, run_id=str(run_id), why=data.why))


async def _drawn(
    request: AnyRequest, ctx: Context, who: Principal, running: Running, wrong: int | None = None
) -> Answer:
    """The part itself answers, so that the next step is there at once; the rest of the screen comes by the socket."""
    view = view_of(request)
    desks_of(request).mark(who.called, {Part.SCRIPT, Part.TIMELINE, Part.CASE, Part.TASKS})
    midnight = parts.midnight(ctx.clock.now(), view.zone)
    screen = await desk.screen_of(ctx, who, running.case.id, midnight=midnight)
    shown = screen.shown
    if shown is None or shown.case is None or shown.case.id != running.case.id:
        return html("", 200)
    seen = {**parts.context(screen, view, SILENT), "dialog_wrong": wrong}
    return html(wrap(Part.SCRIPT, render("desk/_script.html", view.words, seen)), 200 if wrong is None else 400)


routes = [start, answer, change, skip, back, leave]
