"""Guided dialogs: runs of scripts on cases."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from console.people.permissions import Permission
from console.people.who import Principal
from console.scripts import names, run
from console.scripts.answer import plainly
from console.scripts.script import Ask, Call, End, Value, in_language
from console.services import dialogs
from console.services.context import Context
from console.services.dialogs import Running
from console.web import words
from console.web.auth import may
from console.web.idempotency import once
from console.web.limits import NO_CONTROLS, NO_NUL, Code

AnyRequest = Request[Any, Any, Any]

StepName = Annotated[str, Meta(min_length=1, max_length=400, pattern=NO_CONTROLS)]
Nth = Annotated[int, Meta(ge=0, le=run.ANSWERS_MAX)]
Typed = Annotated[str, Meta(max_length=run.TEXT_MAX, pattern=NO_NUL)]


class NewRun(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    script: Code


class NewAnswer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`answer` is of the step's kind: a code, text, a number, a date, a moment (in the centre's time zone where it
    names none), a phone number, true or false; null: it was only said. `nth`, where it is given, is the place in the
    run at which it was meant.
    """

    step: StepName
    answer: Typed | float | bool | None = None
    nth: Nth | None = None


class Back(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    nth: Nth | None = None


class Choice(msgspec.Struct, frozen=True):
    code: str
    label: str


class StepShown(msgspec.Struct, frozen=True, kw_only=True):
    """The step that a run waits at."""

    id: str
    kind: str
    """say, choice, text, number, date, moment, phone, yes_no; call: another system is being asked."""
    title: str
    say: str | None
    answers: list[Choice]
    article: str | None
    skip: bool
    asking: str | None
    """The system that is being asked."""


class AnswerShown(msgspec.Struct, frozen=True, kw_only=True):
    nth: int
    step: str
    question: str
    answer: Value
    """Of another system an object."""
    kind: str
    why: str | None
    by: str | None
    at: datetime


class RunShown(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    case: str
    script: str
    version: int
    title: str
    state: str
    outcome: str | None
    started_at: datetime
    ended_at: datetime | None
    nth: int
    """The place of the next answer."""
    step: StepShown | None
    """None: it has ended, or was left."""
    answers: list[AnswerShown]


@post("/cases/{number:str}/script-runs", guards=[may(Permission.RUN_SCRIPTS)])
async def start(
    ctx: NamedDependency[Context],
    who: NamedDependency[Principal],
    request: AnyRequest,
    number: FromPath[str],
    data: JSONBody[NewRun],
) -> Response[RunShown]:
    """Start a published script on the case. One runs at a time: 409 `script-running`."""
    key = await once(request, who)
    running = await dialogs.start(ctx, who, number=number, script=data.script, once=key)
    return Response(_shown(running, request), status_code=201)


@get("/script-runs/{run_id:uuid}", guards=[may(Permission.RUN_SCRIPTS)])
async def show(
    ctx: NamedDependency[Context], who: NamedDependency[Principal], request: AnyRequest, run_id: FromPath[UUID]
) -> RunShown:
    """A run: its answers, and the step it stands at with its words filled in, in the language that is asked for."""
    return _shown(await dialogs.show(ctx, who, run_id=str(run_id)), request)


@post("/script-runs/{run_id:uuid}/answers", guards=[may(Permission.RUN_SCRIPTS)], status_code=200)
async def answer(
    ctx: NamedDependency[Context],
    who: NamedDependency[Principal],
    request: AnyRequest,
    run_id: FromPath[UUID],
    data: JSONBody[NewAnswer],
) -> RunShown:
    """Answer the step it stands at; 409 `step-over` for any other, so that a second click changes nothing."""
    running = await dialogs.answer(ctx, who, run_id=str(run_id), step=data.step, answer=data.answer, nth=data.nth)
    return _shown(running, request)


@post("/script-runs/{run_id:uuid}/back", guards=[may(Permission.RUN_SCRIPTS)], status_code=200)
async def back(
    ctx: NamedDependency[Context],
    who: NamedDependency[Principal],
    request: AnyRequest,
    run_id: FromPath[UUID],
    data: JSONBody[Back],
) -> RunShown:
    """Forget the last answer; 409 `nothing-before` at the first step."""
    return _shown(await dialogs.back(ctx, who, run_id=str(run_id), nth=data.nth), request)


def _shown(running: Running, request: AnyRequest) -> RunShown:
    row, script = running.row, running.script
    language = next(iter(words.accepted(request.headers.get("accept-language"))), script.language)
    return RunShown(
        id=row.id,
        case=running.case.number,
        script=row.script,
        version=row.version,
        title=in_language(script.title, language),
        state=row.state,
        outcome=row.outcome,
        started_at=row.started_at,
        ended_at=row.ended_at,
        nth=len(running.run),
        step=_step(running, language) if row.state == "running" else None,
        answers=[
            AnswerShown(
                nth=nth,
                step=given.step,
                question=in_language(script.steps[given.step].title, language),
                answer=given.answer,
                kind=given.kind,
                why=given.why,
                by=given.by,
                at=given.at,
            )
            for nth, given in enumerate(running.run)
        ],
    )


def _step(running: Running, language: str) -> StepShown | None:
    step = run.standing(running.script, running.run)
    if isinstance(step, End):
        return None
    facts = run.seen(running.script, running.run, step, running.facts, language)
    options = step.options if isinstance(step, Ask) else ()
    return StepShown(
        id=step.id,
        kind=step.kind.value if isinstance(step, Ask) else "call" if isinstance(step, Call) else "say",
        title=in_language(step.title, language),
        say=names.filled(in_language(step.say, language), facts, plainly) if step.say else None,
        answers=[Choice(one.code, in_language(one.label, language)) for one in options],
        article=step.article,
        skip=isinstance(step, Call) or (isinstance(step, Ask) and step.skip),
        asking=step.system if isinstance(step, Call) else None,
    )


routes = [start, show, answer, back]
