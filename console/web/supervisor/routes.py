"""The supervisors' pages: the live floor, the wall, and their line."""

from __future__ import annotations

from typing import Any

from litestar import Response, Router, get, post, websocket
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.params import FromPath

from console.errors import NotFound, Refusal
from console.people.permissions import Permission, require
from console.people.who import Principal
from console.services import overview, supervising
from console.services.context import Context
from console.web.fragment import render, wrap
from console.web.metrics import Metrics
from console.web.pages import DONE, AnyRequest, html, refused, refused_by_framework, shell, view_of
from console.web.socket import AnySocket, serve
from console.web.supervisor import acts, reports
from console.web.supervisor.board import LISTS, boards_of, context, talk, whole
from console.web.supervisor.lens import Lens, address, lens_of
from console.web.supervisor.picture import picture

Ctx = NamedDependency[Context]
Who = NamedDependency[Principal]


@get("/supervisor")
async def page(request: AnyRequest, ctx: Ctx, who: Who) -> Response[Any]:
    """The floor as it is now; its line keeps it so."""
    return await _drawn(request, ctx, who, wall=False)


@get("/supervisor/wall")
async def wall(request: AnyRequest, ctx: Ctx, who: Who) -> Response[Any]:
    """The same for a screen on the wall."""
    return await _drawn(request, ctx, who, wall=True)


@websocket("/supervisor/stream")
async def stream(socket: AnySocket, ctx: Ctx, metrics: NamedDependency[Metrics]) -> None:
    """The line of either; the socket only speaks."""

    async def speak() -> int | None:
        lens = await _lens(socket, ctx, socket.user, wall="wall" in socket.query_params)
        board = boards_of(socket).of(ctx, view_of(socket).words, lens)
        return await talk(socket, ctx, board, socket.user)

    await serve(socket, metrics, speak)


@post("/supervisor/redraw/{part:str}", status_code=200)
async def redraw(request: AnyRequest, ctx: Ctx, who: Who, part: FromPath[str]) -> Response[Any]:
    """Say a list again, whose order was held: by the person's own lines, or at once where they are elsewhere."""
    username = require(who, Permission.SEE_CENTRE)
    if part not in LISTS:
        raise NotFound("There is no such list.")
    if boards_of(request).redraw(username, part):
        return html(None, DONE)
    words = view_of(request).words
    shown = picture(await overview.seen_by(ctx, who), await _lens(request, ctx, who, wall=False))
    return html(wrap(part, whole(shown, words)[part]))


async def _drawn(request: AnyRequest, ctx: Context, who: Principal, *, wall: bool) -> Response[Any]:
    lens = await _lens(request, ctx, who, wall=wall)
    shown = picture(await overview.seen_by(ctx, who), lens)
    words = view_of(request).words
    line = address(lens, "/supervisor/stream")
    if wall:
        line += "&wall" if "?" in line else "?wall"
    given = {**context(shown, words), **shell(request, who, room="supervisor", stream=line)}
    return html(render("supervisor/wall.html" if wall else "supervisor/page.html", words, given))


async def _lens(connection: ASGIConnection[Any, Any, Any, Any], ctx: Context, who: Principal, *, wall: bool) -> Lens:
    return lens_of(connection.query_params, mine=await supervising.mine(ctx, who), wall=wall)


routes = [
    Router(
        path="/",
        route_handlers=[page, wall, stream, redraw, *acts.routes, *reports.routes],
        exception_handlers={Refusal: refused, HTTPException: refused_by_framework},
        include_in_schema=False,
    )
]
