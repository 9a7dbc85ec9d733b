"""The supervisors' pages: the live floor and its line."""

from __future__ import annotations

from typing import Any

from litestar import Response, Router, get, post, websocket
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.params import FromPath

from console.errors import NotFound, Refusal
from console.people.permissions import Permission, require
from console.people.who import Principal
from console.services import overview
from console.services.context import Context
from console.web.fragment import render, wrap
from console.web.metrics import Metrics
from console.web.pages import DONE, AnyRequest, html, refused, refused_by_framework, shell, view_of
from console.web.socket import AnySocket, serve
from console.web.supervisor.board import LISTS, Picture, boards_of, context, picture, talk, whole


@get("/supervisor")
async def page(request: AnyRequest, ctx: NamedDependency[Context], who: NamedDependency[Principal]) -> Response[Any]:
    """The floor as it is now; its line keeps it so."""
    shown = await _now(ctx, who)
    given = {**context(shown), **shell(request, who, room="supervisor", stream="/supervisor/stream")}
    return html(render("supervisor/page.html", view_of(request).words, given))


@websocket("/supervisor/stream")
async def stream(socket: AnySocket, ctx: NamedDependency[Context], metrics: NamedDependency[Metrics]) -> None:
    """The floor's line; the socket only speaks."""
    board = boards_of(socket).of(ctx, view_of(socket).words)
    await serve(socket, metrics, lambda: talk(socket, ctx, board, socket.user))


@post("/supervisor/redraw/{part:str}", status_code=200)
async def redraw(
    request: AnyRequest,
    ctx: NamedDependency[Context],
    who: NamedDependency[Principal],
    part: FromPath[str],
) -> Response[Any]:
    """Say a list again, whose order was held: by the person's own line, or at once where that is elsewhere."""
    username = require(who, Permission.SEE_CENTRE)
    if part not in LISTS:
        raise NotFound("There is no such list.")
    words = view_of(request).words
    if boards_of(request).of(ctx, words).redraw(username, part):
        return html(None, DONE)
    return html(wrap(part, whole(await _now(ctx, who), words)[part]))


async def _now(ctx: Context, who: Principal) -> Picture:
    return picture(await overview.queues(ctx, who), await overview.agents(ctx, who), ctx.clock.now())


routes = [
    Router(
        path="/",
        route_handlers=[page, stream, redraw],
        exception_handlers={Refusal: refused, HTTPException: refused_by_framework},
        include_in_schema=False,
    )
]
