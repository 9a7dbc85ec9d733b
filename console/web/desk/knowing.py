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
from console.people.permissions import Permission
from console.people.who import Principal
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
_SHOWN = re.compile(r"([0-9a-f-]{36})\.(\d{1,9})")

Ctx = NamedDependency[Context]
Who = NamedDependency[Principal]


class Said(msgspec.Struct, frozen=True):
    why: Annotated[str, Meta(max_length=WHY_MAX, pattern=NO_NUL)] = ""


class Seen(msgspec.Struct, frozen=True):
    articles: Annotated[str, Meta(max_length=1_000)] = ""


SaidForm = Annotated[Said, Body(media_type=RequestEncodingType.URL_ENCODED)]
SeenForm = Annotated[Seen, Body(media_type=RequestEncodingType.URL_ENCODED)]


@get("/desk/about/{about:uuid}/knowledge", guards=[may(Permission.HANDLE_WORK)])
async def search(request: AnyRequest, ctx: Ctx, who: Who, about: FromPath[UUID], q: FromQuery[str] = "") -> Answer:
    """What is found; nothing asked shows what is suggested again."""
    asked = q[:QUERY_MAX].replace("\x00", "")
    hits = await reading.search(ctx, who, about=str(about), q=asked, limit=HITS) if asked.strip() else []
    return _drawn(request, {"about": str(about), "asked": asked, "hits": hits, "opened": None, "told": False})


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
    return _drawn(request, {"about": str(about), "asked": "", "hits": [], "opened": opened, "told": True})


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
        desks_of(request).mark(who.called, {Part.TIMELINE})
    return _drawn(request, {"about": str(about), "asked": "", "hits": [], "opened": opened, "told": False})


def _drawn(request: AnyRequest, context: dict[str, Any]) -> Answer:
    view = view_of(request)
    return html(
        wrap(f"found-{context['about']}", render("desk/found.html", view.words, {**context, "zone": view.zone})), 200
    )


routes = [search, shown, tell, act]
