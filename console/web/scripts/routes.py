"""The pages on which scripts are written, tried, reviewed, published and looked back on."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.exceptions import HTTPException
from litestar.params import Body, FromPath
from msgspec import Meta

from console.errors import BadInput, FieldError, NotFound, Refusal
from console.people.permissions import Permission
from console.people.who import Principal
from console.reading import Misconfigured
from console.scripts import parse, run
from console.scripts.difference import between
from console.scripts.script import Value
from console.services import scripting
from console.services.context import Context
from console.services.scripting import NOTE_MAX, Workbench
from console.web.auth import may
from console.web.fragment import render, wrap
from console.web.limits import NO_CONTROLS, NO_NUL, Line
from console.web.pages import DONE, AnyRequest, html, refused, refused_by_framework, shell, view_of
from console.web.scripts import bench as drawn
from console.web.scripts import stepping
from console.web.scripts.bench import Attempt
from console.web.scripts.posted import posted
from console.web.scripts.stepping import Changed

Ctx = NamedDependency[Context]
Who = NamedDependency[Principal]
Answer = Response[Any]

PERIODS = (7, 30, 90)
"""Days of a report."""
VERSION_MAX = 1_000_000
TOLD_DAYS = 90
"""What runs of the version in force said is of this time."""
PARTS = ("head", "steps", "checks", "flow", "form", "words")
"""Of the workbench, which follow from the text."""
TRIED_MAX = 20_000
"""Characters of the answers that a trial has so far."""

Name = Annotated[str, Meta(min_length=1, max_length=64, pattern=NO_CONTROLS)]
Source = Annotated[str, Meta(max_length=parse.SOURCE_MAX, pattern=NO_NUL)]
Note = Annotated[str, Meta(max_length=NOTE_MAX, pattern=NO_NUL)]
Version = Annotated[int, Meta(ge=0, le=VERSION_MAX)]


class NewScript(msgspec.Struct, frozen=True):
    name: Name
    title: Line


class Typed(msgspec.Struct, frozen=True):
    source: Source
    version: Version
    step: Annotated[str, Meta(max_length=64, pattern=NO_CONTROLS)] = ""
    language: Annotated[str, Meta(max_length=20, pattern=NO_CONTROLS)] = ""


class Sent(msgspec.Struct, frozen=True):
    version: Version
    note: Note = ""


class Taken(msgspec.Struct, frozen=True):
    """An earlier version, to be in force again."""

    number: Annotated[int, Meta(ge=1, le=VERSION_MAX)]
    why: Note


class Why(msgspec.Struct, frozen=True):
    why: Note


class Tried(msgspec.Struct, frozen=True):
    source: Source
    facts: Annotated[str, Meta(max_length=drawn.FACTS_MAX, pattern=NO_NUL)] = ""
    answers: Annotated[str, Meta(max_length=TRIED_MAX, pattern=NO_NUL)] = "[]"
    step: Annotated[str, Meta(max_length=400, pattern=NO_CONTROLS)] = ""
    answer: Annotated[str, Meta(max_length=run.TEXT_MAX, pattern=NO_NUL)] = ""
    act: Annotated[str, Meta(max_length=20, pattern=NO_CONTROLS)] = ""
    """`back`, `again`, `test`; else an answer."""
    test: Annotated[str, Meta(max_length=4, pattern=r"\A[0-9]*\Z")] = ""


class Looking(msgspec.Struct, frozen=True):
    """Which step is looked at, in which language it is written, and what became of what was posted of it."""

    step: str = ""
    language: str = ""
    said: Changed | None = None


LOOKING = Looking()
"""At the first step."""
Form = Body(media_type=RequestEncodingType.URL_ENCODED)


def _answers(text: str) -> list[tuple[str, Value]]:
    try:
        return msgspec.json.decode(text, type=list[tuple[str, Value]])
    except msgspec.DecodeError:
        raise BadInput(errors=(FieldError("answers", "Answers as the page keeps them."),)) from None


@get("/scripts", guards=[may(Permission.WRITE_SCRIPTS)])
async def listed(request: AnyRequest, ctx: Ctx, who: Who) -> Answer:
    """Every script, and a form for a new one."""
    view = view_of(request)
    found = {"scripts": await scripting.listed(ctx, who), "now": ctx.clock.now(), "zone": view.zone}
    return html(render("scripts/list.html", view.words, {**found, **shell(request, who, room="scripts", stream="")}))


@post("/scripts", guards=[may(Permission.WRITE_SCRIPTS)], status_code=200)
async def create(ctx: Ctx, who: Who, data: Annotated[NewScript, Form]) -> Answer:
    await scripting.create(ctx, who, name=data.name.strip(), title=data.title.strip())
    return _go(f"/scripts/{data.name.strip()}")


@get("/scripts/{name:str}", guards=[may(Permission.WRITE_SCRIPTS)])
async def page(request: AnyRequest, ctx: Ctx, who: Who, name: FromPath[str]) -> Answer:
    """The workbench. `?step=`: which step is looked at first."""
    bench = await scripting.workbench(ctx, who, name=name)
    told = None
    if bench.in_force is not None:
        found = await scripting.report(ctx, who, name=name, days=TOLD_DAYS, version=bench.in_force)
        told = drawn.told_by_runs(found, bench, view_of(request).words.language)
    step = request.query_params.get("step", "")
    return html(_drawn(request, ctx, who, bench, "scripts/bench.html", looking=Looking(step), told=told))


@post("/scripts/{name:str}/draft", guards=[may(Permission.WRITE_SCRIPTS)], status_code=200)
async def save(request: AnyRequest, ctx: Ctx, who: Who, name: FromPath[str], data: Annotated[Typed, Form]) -> Answer:
    """The answer is everything that follows from the words; its ETag is the version."""
    draft = await scripting.save(ctx, who, name=name, source=_lines(data.source), if_match=data.version)
    bench = await scripting.workbench(ctx, who, name=name)
    return _parts(request, ctx, who, bench, Looking(data.step, data.language), version=draft.version)


@post("/scripts/{name:str}/step", guards=[may(Permission.WRITE_SCRIPTS)], status_code=200)
async def step(
    request: AnyRequest, ctx: Ctx, who: Who, name: FromPath[str], data: Annotated[dict[str, Any], Form]
) -> Answer:
    """What the form of a step says, written into the text and saved; `act=show` only looks at another step.

    What the form says wrong is answered with the form, and the text stays.
    """
    asked = posted(data)
    bench = await scripting.workbench(ctx, who, name=name, typed=asked.source)
    made = stepping.changed(asked, bench.checked, view_of(request).words)
    version = asked.version
    if made.source != asked.source:
        version = (await scripting.save(ctx, who, name=name, source=made.source, if_match=version)).version
        bench = await scripting.workbench(ctx, who, name=name, typed=made.source)
    return _parts(request, ctx, who, bench, Looking(made.step, asked.language, made), version=version)


def _parts(
    request: AnyRequest, ctx: Context, who: Principal, bench: Workbench, looking: Looking, *, version: int
) -> Answer:
    every = [
        (f"script-{one}", _drawn(request, ctx, who, bench, f"scripts/_{one}.html", looking=looking)) for one in PARTS
    ]
    return html("".join(wrap(*one) for one in every), 200, ETag=f'"{version}"')


@post("/scripts/{name:str}/submit", guards=[may(Permission.WRITE_SCRIPTS)], status_code=200)
async def submit(ctx: Ctx, who: Who, name: FromPath[str], data: Annotated[Sent, Form]) -> Answer:
    await scripting.submit(ctx, who, name=name, note=data.note.strip() or None, if_match=data.version)
    return _go(f"/scripts/{name}")


@post("/scripts/{name:str}/return", guards=[may(Permission.WRITE_SCRIPTS)], status_code=200)
async def give_back(ctx: Ctx, who: Who, name: FromPath[str], data: Annotated[Sent, Form]) -> Answer:
    await scripting.give_back(ctx, who, name=name, why=data.note.strip(), if_match=data.version)
    return _go(f"/scripts/{name}")


@post("/scripts/{name:str}/publish", guards=[may(Permission.WRITE_SCRIPTS)], status_code=200)
async def publish(ctx: Ctx, who: Who, name: FromPath[str], data: Annotated[Sent, Form]) -> Answer:
    await scripting.publish(ctx, who, name=name, if_match=data.version)
    return _go(f"/scripts/{name}")


@post("/scripts/{name:str}/discard", guards=[may(Permission.WRITE_SCRIPTS)], status_code=200)
async def discard(ctx: Ctx, who: Who, name: FromPath[str], data: Annotated[Sent, Form]) -> Answer:
    await scripting.discard(ctx, who, name=name, if_match=data.version)
    return _go(f"/scripts/{name}")


@post("/scripts/{name:str}/roll-back", guards=[may(Permission.WRITE_SCRIPTS)], status_code=200)
async def roll_back(ctx: Ctx, who: Who, name: FromPath[str], data: Annotated[Taken, Form]) -> Answer:
    await scripting.roll_back(ctx, who, name=name, version=data.number, why=data.why.strip())
    return _go(f"/scripts/{name}/versions")


@post("/scripts/{name:str}/withdraw", guards=[may(Permission.WRITE_SCRIPTS)], status_code=200)
async def withdraw(ctx: Ctx, who: Who, name: FromPath[str], data: Annotated[Why, Form]) -> Answer:
    await scripting.withdraw(ctx, who, name=name, why=data.why.strip())
    return _go(f"/scripts/{name}/versions")


@post("/scripts/{name:str}/try", guards=[may(Permission.WRITE_SCRIPTS)], status_code=200)
async def attempt(request: AnyRequest, ctx: Ctx, who: Who, name: FromPath[str], data: Annotated[Tried, Form]) -> Answer:
    """One step further in the test run; what it has so far comes with the form, so nothing of it is kept."""
    view, source = view_of(request), _lines(data.source)
    answers = _answers(data.answers)
    facts, test = data.facts, int(data.test) if data.test else None
    script = parse.read(source).script
    if data.act == "test" and script is not None and test is not None and test < len(script.tests):
        facts, answers = drawn.typed(script.tests[test].given), [*script.tests[test].answers]
    elif data.act == "again":
        answers = []
    elif data.act == "back":
        answers = answers[:-1]
    elif data.act in ("", "answer") and data.step:
        answers.append((data.step, data.answer or None))
    tried = Attempt(facts=facts, answers=tuple(answers), test=test)
    try:
        given = drawn.facts_of(facts)
    except Misconfigured as error:
        tried = msgspec.structs.replace(tried, wrong=drawn.first_problem(error))
    else:
        found = await scripting.attempt(ctx, who, source=source, given=given, answers=answers)
        if found is not None and found.refused and data.act in ("", "answer"):
            answers = answers[:-1]
        tried = msgspec.structs.replace(tried, trial=found, answers=tuple(answers), known=drawn.singly(given))
        if found is not None:
            tried = msgspec.structs.replace(tried, spoken=drawn.spoken(found, given, view.words))
    given_to = {
        "attempt": tried,
        "script": script,
        "bench_name": name,
        **drawn.said(view.words, {}),
    }
    return html(wrap("script-try", render("scripts/_try.html", view.words, given_to)))


@get("/scripts/{name:str}/versions", guards=[may(Permission.WRITE_SCRIPTS)])
async def versions(request: AnyRequest, ctx: Ctx, who: Who, name: FromPath[str]) -> Answer:
    """`?from=&to=`: the difference between two versions, or between one and the draft."""
    bench = await scripting.workbench(ctx, who, name=name)
    sources = {str(one.version): one.source for one in bench.versions}
    if bench.draft is not None:
        sources["draft"] = bench.draft.source
    newest = next(iter(["draft"] if bench.draft else [*sources]), None)
    after = request.query_params.get("to", newest)
    before = request.query_params.get("from", _before(after, sources, bench))
    if any(one is not None and one not in sources for one in (after, before)):
        raise NotFound("There is no such version.")
    lines = between(sources[before], sources[after]) if before and after else ()
    extra: dict[str, Any] = {"lines": lines, "from": before, "to": after, "sources": [*sources]}
    return html(_drawn(request, ctx, who, bench, "scripts/versions.html", **extra))


def _before(after: str | None, sources: dict[str, str], bench: Workbench) -> str | None:
    """What to compare with: of a draft the version in force, of a version the one before."""
    if after == "draft":
        return str(bench.in_force) if bench.in_force else None
    earlier = [one for one in sources if one != "draft" and after and int(one) < int(after)]
    return max(earlier, key=int, default=None)


@get("/scripts/{name:str}/report", guards=[may(Permission.WRITE_SCRIPTS)])
async def report(request: AnyRequest, ctx: Ctx, who: Who, name: FromPath[str]) -> Answer:
    """`?days=`: where its runs were left, how long its steps took, what was answered."""
    asked = request.query_params.get("days", "30")
    days = int(asked) if asked in {str(one) for one in PERIODS} else 30
    bench = await scripting.workbench(ctx, who, name=name)
    found = await scripting.report(ctx, who, name=name, days=days)
    return html(_drawn(request, ctx, who, bench, "scripts/report.html", report=found, days=days, periods=PERIODS))


def _drawn(
    request: AnyRequest,
    ctx: Context,
    who: Principal,
    bench: Workbench,
    template: str,
    *,
    looking: Looking = LOOKING,
    **extra: object,
) -> str:
    view = view_of(request)
    given = {
        **drawn.context(bench, view.words, step=looking.step, language=looking.language, said=looking.said),
        **shell(request, who, room="scripts", stream=""),
        "bench_name": bench.name,
        "me": who.called,
        **drawn.said(view.words, bench.names),
        "now": ctx.clock.now(),
        "zone": view.zone,
        **extra,
    }
    return render(template, view.words, given)


def _lines(source: str) -> str:
    """Lines as files end them: forms send carriage returns."""
    return source.replace("\r\n", "\n").replace("\r", "\n")


def _go(where: str) -> Answer:
    return html(None, DONE, **{"HX-Redirect": where})


routes = [
    Router(
        path="/",
        route_handlers=[
            *(listed, create, page, save, step, submit, give_back, publish, discard, roll_back, withdraw),
            *(attempt, versions, report),
        ],
        exception_handlers={Refusal: refused, HTTPException: refused_by_framework},
        include_in_schema=False,
    )
]
