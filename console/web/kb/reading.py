"""The page of knowledge: what is searched for stands in the address, and one article is read beside what was found."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath
from msgspec import Meta

from console.kb.article import Kind, Use
from console.people.permissions import Permission
from console.people.permissions import may as allowed
from console.people.who import Principal
from console.queries.knowledge import Result
from console.services import knowledge
from console.services import reading as desk_reading
from console.services.context import Context
from console.services.knowledge import WHY_MAX, Catalogue
from console.web.auth import may
from console.web.cases.frame import drawn
from console.web.desk.knowing import WantedForm, mended
from console.web.fragment import render, wrap
from console.web.limits import NO_NUL, YEAR_S
from console.web.pages import AnyRequest, html, view_of

Ctx = NamedDependency[Context]
Who = NamedDependency[Principal]
Answer = Response[Any]

HITS = 20
Why = Annotated[str, Meta(max_length=WHY_MAX, pattern=NO_NUL)]


class Acted(msgspec.Struct, frozen=True):
    about: UUID
    why: Why = ""


class Told(msgspec.Struct, frozen=True):
    why: Why = ""


class Without(msgspec.Struct, frozen=True):
    """What there would be without one of the filters."""

    field: str
    n: int
    query: str


UseForm = Annotated[Acted, Body(media_type=RequestEncodingType.URL_ENCODED)]
TellForm = Annotated[Told, Body(media_type=RequestEncodingType.URL_ENCODED)]
FILTERS = ("topic", "kind", "lang")
"""In the order in which they are the first to be too narrow."""
NOTHING: dict[str, Any] = {"hits": [], "corrected": (), "without": None, "wanted": False}
ASKED = {"q": 1_000, "lang": 20, "topic": 200, "kind": 20}
"""What the address may say, and how long that may be."""


@get("/kb", guards=[may(Permission.READ_ARTICLES)])
async def page(request: AnyRequest, ctx: Ctx, who: Who) -> Answer:
    """`?q=&lang=&topic=&kind=`: what is found; nothing asked shows the topics."""
    return await _drawn(request, ctx, who, None)


@get("/kb/found", guards=[may(Permission.READ_ARTICLES)])
async def found(request: AnyRequest, ctx: Ctx, who: Who) -> Answer:
    """What is found, as it is typed."""
    view, asked = view_of(request), _asked(request)
    context = {**await _found(ctx, who, asked), "current": None, "zone": view.zone}
    return html(wrap("kb-found", render("kb/_kb-found.html", view.words, context)), 200)


@post("/kb/wanted", guards=[may(Permission.READ_ARTICLES)], status_code=200)
async def want(request: AnyRequest, ctx: Ctx, who: Who, data: WantedForm) -> Answer:
    """An article that there is not yet is asked for."""
    await knowledge.want(ctx, who, asked=data.q, why=data.why)
    view = view_of(request)
    context = {**NOTHING, "asked": dict.fromkeys(ASKED, ""), "wanted": True, "current": None, "zone": view.zone}
    return html(wrap("kb-found", render("kb/_kb-found.html", view.words, context)), 200)


@get("/kb/images/{image:uuid}", guards=[may(Permission.READ_ARTICLES)])
async def image(ctx: Ctx, who: Who, image: FromPath[UUID]) -> Response[bytes]:
    """A picture of an article; it never changes."""
    kind, content = await knowledge.image(ctx, who, image=str(image))
    headers = {"Cache-Control": f"private, max-age={YEAR_S}, immutable", "Content-Disposition": "inline"}
    return Response(content, media_type=kind, headers=headers)


@get("/kb/{number:str}", guards=[may(Permission.READ_ARTICLES)])
async def article(request: AnyRequest, ctx: Ctx, who: Who, number: FromPath[str]) -> Answer:
    """One article in force, beside what was found."""
    return await _drawn(request, ctx, who, await knowledge.read(ctx, who, number=number))


@post("/kb/{number:str}/use/{use:str}", guards=[may(Permission.HANDLE_WORK)], status_code=200)
async def act(
    request: AnyRequest, ctx: Ctx, who: Who, *, number: FromPath[str], use: FromPath[Use], data: UseForm
) -> Answer:
    """Used, sent, helped or not, for the work that is in hand."""
    view = view_of(request)
    opened = await desk_reading.use(
        ctx, who, about=str(data.about), number=number, kind=use, why=data.why.strip() or None
    )
    context = {"read": opened.read, "about": str(data.about), "done": opened.done, "told": False, "writes": False}
    around = {**context, "zone": view.zone, "now": ctx.clock.now()}
    return html(wrap("kb-aside", render("kb/_kb-aside.html", view.words, around)), 200)


@post("/kb/{number:str}/tell", guards=[may(Permission.READ_ARTICLES)], status_code=200)
async def tell(request: AnyRequest, ctx: Ctx, who: Who, number: FromPath[str], data: TellForm) -> Answer:
    """Something is wrong with it: work for its authors."""
    view = view_of(request)
    await knowledge.tell(ctx, who, number=number, text=data.why)
    return html(wrap("kb-told", render("kb/_kb-told.html", view.words, {"told": True, "zone": view.zone})), 200)


async def _drawn(request: AnyRequest, ctx: Context, who: Principal, read: knowledge.Read | None) -> Answer:
    asked = _asked(request)
    catalogue: Catalogue = await knowledge.catalogue(ctx, who)
    return await drawn(
        request,
        ctx,
        who,
        "kb/page.html",
        room="kb",
        **await _found(ctx, who, asked),
        read=read,
        done=frozenset(),
        told=False,
        current=read.article.number if read else None,
        catalogue=catalogue,
        kinds=[kind.value for kind in Kind],
        writes=allowed(who, Permission.WRITE_ARTICLES),
    )


async def _found(ctx: Context, who: Principal, asked: dict[str, str]) -> dict[str, Any]:
    hits = await _hits(ctx, who, asked)
    without = None if hits else await _without(ctx, who, asked)
    return {**NOTHING, "asked": asked, "hits": hits, "corrected": mended(asked["q"], hits), "without": without}


async def _without(ctx: Context, who: Principal, asked: dict[str, str]) -> Without | None:
    """The first filter without which something is found."""
    for field in FILTERS:
        if asked[field] and (hits := await _hits(ctx, who, wider := {**asked, field: ""})):
            return Without(field, len(hits), urlencode({name: word for name, word in wider.items() if word}))
    return None


async def _hits(ctx: Context, who: Principal, asked: dict[str, str]) -> list[Result]:
    if not asked["q"].strip():
        return []
    kind = asked["kind"] if asked["kind"] in list(Kind) else None
    topics = (await knowledge.catalogue(ctx, who)).paths if asked["topic"] else ()
    return await knowledge.search(
        ctx,
        who,
        q=asked["q"],
        lang=asked["lang"] or None,
        topic=asked["topic"] if asked["topic"] in topics else None,
        kind=kind,
        limit=HITS,
        typing=True,
    )


def _asked(request: AnyRequest) -> dict[str, str]:
    """What is too long is cut: it would name nothing."""
    return {name: request.query_params.get(name, "")[:most].replace("\x00", "") for name, most in ASKED.items()}


routes = [page, found, image, article, want, act, tell]
