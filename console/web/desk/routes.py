"""The agent's pages: the desk, its line, its commands, and the way in."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from litestar import Response, Router, get, websocket
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException

from console.errors import Refusal
from console.people.permissions import Permission, require
from console.people.who import Principal
from console.services.context import Context
from console.web.desk import commands, parts, sign_in
from console.web.desk.parts import SILENT
from console.web.desk.socket import choice_of, load, talk
from console.web.fragment import render
from console.web.metrics import Metrics
from console.web.pages import AnyRequest, html, refused, refused_by_framework, shell, statics, view_of
from console.web.socket import AnySocket, serve


@get("/desk")
async def page(request: AnyRequest, ctx: NamedDependency[Context], who: NamedDependency[Principal]) -> Response[Any]:
    """The whole desk, as it is now; `?work=ITEM&at=MS` is the work that was chosen, and when."""
    username = require(who, Permission.SERVE)
    view = view_of(request)
    chosen = {key: request.query_params[key] for key in ("work", "at") if key in request.query_params}
    screen = await load(ctx, username, view, choice_of(chosen.get("work"), chosen.get("at")))
    stream = "/desk/stream" + (f"?{urlencode(chosen)}" if chosen else "")
    context = {**parts.context(screen, view, SILENT), **shell(request, who, room="desk", stream=stream)}
    return html(render("desk/page.html", view.words, context))


@websocket("/desk/stream")
async def stream(socket: AnySocket, ctx: NamedDependency[Context], metrics: NamedDependency[Metrics]) -> None:
    """The desk's line; the socket only speaks."""
    choice = choice_of(socket.query_params.get("work"), socket.query_params.get("at"))
    await serve(socket, metrics, lambda: talk(socket, ctx, socket.user, view=view_of(socket), choice=choice))


routes = [
    Router(
        path="/",
        route_handlers=[page, stream, *commands.routes, *sign_in.routes],
        exception_handlers={Refusal: refused, HTTPException: refused_by_framework},
        include_in_schema=False,
    ),
    statics(),
]
