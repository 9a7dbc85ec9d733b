"""Knowledge beside the work in hand: searched as it is typed, read, used; each a request of the desk's own part."""

from __future__ import annotations

import re
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery
from msgspec import Meta

from console.kb.article import Use
from console.kb.corrected import corrected
from console.people.permissions import Permission
from console.people.who import Principal
from console.queries.knowledge import Result
from console.services import knowledge, reading
from console.services.context import Context
from console.services.knowledge import WHY_MAX
from console.web.auth import may
from console.web.desk.commands import Answer
from console.web.desk.parts import Part
from console.web.desk.socket import desks_of
from console.web.fragment import render, wrap
from console.web.limits import NO_NUL
from console.web.pages import DONE, AnyRequest, html, view_of

HITS = 8
QUERY_MAX = 1_000
TRAIL_MAX = 8
"""Articles to which Back leads; whoever followed more links than that begins from the list again."""
_SHOWN = re.compile(r"([0-9a-f-]{36})\.(\d{1,9})")

Ctx = NamedDependency[Context]
Who = NamedDependency[Principal]


class Said(msgspec.Struct, frozen=True):
    why: Annotated[str, Meta(max_length=WHY_MAX, pattern=NO_NUL)] = ""
    trail: Annotated[str, Meta(max_length=400, pattern=r"^[\w-]*( [\w-]+)*$")] = ""
    """Numbers of the articles whose links led here, the first first."""
    asked: bool = False
    """It answers what was asked at wrap-up: nothing is opened for that."""


class Wanted(msgspec.Struct, frozen=True):
    """What was looked for in vain."""

    q: Annotated[str, Meta(max_length=QUERY_MAX, pattern=NO_NUL)]
    why: Annotated[str, Meta(max_length=WHY_MAX, pattern=NO_NUL)] = ""


class Seen(msgspec.Struct, frozen=True):
    articles: Annotated[str, Meta(max_length=1_000)] = ""


SaidForm = Annotated[Said, Body(media_type=RequestEncodingType.URL_ENCODED)]
WantedForm = Annotated[Wanted, Body(media_type=RequestEncodingType.URL_ENCODED)]
SeenForm = Annotated[Seen, Body(media_type=RequestEncodingType.URL_ENCODED)]


@get("/desk/about/{about:uuid}/knowledge", guards=[may(Permission.HANDLE_WORK)])
async def search(request: AnyRequest, ctx: Ctx, who: Who, about: FromPath[UUID], q: FromQuery[str] = "") -> Answer:
    """What is found; nothing asked shows what is suggested again."""
    asked = q[:QUERY_MAX].replace("\x00", "")
    hits = await reading.search(ctx, who, about=str(about), q=asked, limit=HITS) if asked.strip() else []
    return _listed(request, ctx, str(about), asked, hits)


@post("/desk/about/{about:uuid}/knowledge/wanted", guards=[may(Permission.HANDLE_WORK)], status_code=200)
async def want(request: AnyRequest, ctx: Ctx, who: Who, about: FromPath[UUID], data: WantedForm) -> Answer:
    """An article that there is not yet is asked for."""
    await reading.want(ctx, who, about=str(about), asked=data.q, why=data.why)
    return _listed(request, ctx, str(about), "", [], wanted=True)


@post("/desk/about/{about:uuid}/knowledge/shown", guards=[may(Permission.HANDLE_WORK)], status_code=200)
async def shown(ctx: Ctx, who: Who, about: FromPath[UUID], data: SeenForm) -> Answer:
    """They were on the screen."""
    articles = [(found[1], int(found[2])) for found in _SHOWN.finditer(data.articles)]
    if articles:
        await reading.shown(ctx, who, about=str(about), articles=articles)
    return html(None, DONE)


@post("/desk/about/{about:uuid}/knowledge/{number:str}/tell", guards=[may(Permission.HANDLE_WORK)], status_code=200)
async def tell(
    request: AnyRequest, ctx: Ctx, who: Who, *, about: FromPath[UUID], number: FromPath[str], data: SaidForm
) -> Answer:
    """Something is wrong with it: work for its authors."""
    await knowledge.tell(ctx, who, number=number, text=data.why)
    opened = await reading.use(ctx, who, about=str(about), number=number, kind=Use.OPENED)
    return _read(request, ctx, str(about), opened, data.trail, told=True)


@post(
    "/desk/about/{about:uuid}/knowledge/{number:str}/{use:str}", guards=[may(Permission.HANDLE_WORK)], status_code=200
)
async def act(
    request: AnyRequest,
    ctx: Ctx,
    who: Who,
    *,
    about: FromPath[UUID],
    number: FromPath[str],
    use: FromPath[Use],
    data: SaidForm,
) -> Answer:
    """Opened, used, sent, helped, not helped."""
    opened = await reading.use(ctx, who, about=str(about), number=number, kind=use, why=data.why.strip() or None)
    if use is not Use.OPENED:
        desks_of(request).mark(who.called, {Part.TIMELINE, Part.OUTCOME})
    return html(None, DONE) if data.asked else _read(request, ctx, str(about), opened, data.trail)


def _listed(
    request: AnyRequest, ctx: Context, about: str, asked: str, hits: list[Result], *, wanted: bool = False
) -> Answer:
    found = {"about": about, "asked": asked, "hits": hits, "opened": None, "wanted": wanted}
    return _drawn(request, ctx, {**found, "corrected": mended(asked, hits)})


def mended(asked: str, hits: list[Result]) -> tuple[tuple[str, str], ...]:
    """What was typed, and what it was taken for."""
    return corrected(asked, [(f"{hit.title_marked} {hit.snippet}", hit.lang) for hit in hits])


def _read(
    request: AnyRequest, ctx: Context, about: str, opened: reading.Opened, trail: str, *, told: bool = False
) -> Answer:
    before = trail.split()[-TRAIL_MAX:]
    return _drawn(
        request,
        ctx,
        {"about": about, "asked": "", "hits": [], "wanted": False, "opened": opened, "trail": before, "told": told},
    )


def _drawn(request: AnyRequest, ctx: Context, context: dict[str, Any]) -> Answer:
    view = view_of(request)
    seen = {**context, "zone": view.zone, "now": ctx.clock.now()}
    return html(wrap(f"found-{context['about']}", render("desk/found.html", view.words, seen)), 200)


routes = [search, shown, want, tell, act]
