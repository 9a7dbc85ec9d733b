"""The agent's pages: the desk, its line, its commands, and the way in."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from litestar import Response, Router, get, websocket
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.params import FromPath
from litestar.response import Redirect

from console.clock import to_instant
from console.errors import Refusal
from console.people.permissions import Permission, require
from console.people.who import Principal
from console.services import desk, handover
from console.services.context import Context
from console.web.desk import (
    calling,
    commands,
    counted,
    dialog,
    going_up,
    knowing,
    matter,
    parts,
    profile,
    sign_in,
    tasks,
    why,
)
from console.web.desk.parts import SILENT
from console.web.desk.socket import address_of, load, talk
from console.web.fragment import STATIC, render
from console.web.metrics import Metrics
from console.web.pages import AnyRequest, html, refused, refused_by_framework, shell, statics, view_of
from console.web.socket import AnySocket, serve

CHOICES = ("work", "show", "at", "order")
"""What an address may say: `?work=ITEM` that work, `?show=lists` the lists, `at` when it was chosen (ms), `order` of
my open cases."""


@get("/desk")
async def page(request: AnyRequest, ctx: NamedDependency[Context], who: NamedDependency[Principal]) -> Response[Any]:
    """The whole desk, as it is now."""
    return await _desk(request, ctx, who, {})


@get("/desk/cases/{number:str}")
async def case(
    request: AnyRequest, ctx: NamedDependency[Context], who: NamedDependency[Principal], number: FromPath[str]
) -> Response[Any]:
    """The desk with that case on it, until newer work is taken; whether it is in hand or not."""
    require(who, Permission.SERVE)
    await desk.require_case(ctx, who, number)
    return await _desk(request, ctx, who, {"case": number})


@get("/desk/cases/{number:str}/handover")
async def handed(
    request: AnyRequest, ctx: NamedDependency[Context], who: NamedDependency[Principal], number: FromPath[str]
) -> Response[Any]:
    """The desk with what was handed over with that case, as it was then; also while it is only offered."""
    require(who, Permission.SERVE)
    await handover.show(ctx, who, number=number)
    return await _desk(request, ctx, who, {"case": number, "packet": "1"})


async def _desk(request: AnyRequest, ctx: Context, who: Principal, named: dict[str, str]) -> Response[Any]:
    require(who, Permission.SERVE)
    view = view_of(request)
    chosen = {key: request.query_params[key] for key in CHOICES if key in request.query_params} | named
    if "at" not in chosen and chosen.keys() & {"work", "show", "case"}:
        # So that links to it are the same every time, and a reload knows when the choice was made.
        asked = {**request.query_params.dict(), "at": [str(to_instant(ctx.clock.now()) // 1000)]}
        return Redirect(f"{request.url.path}?{urlencode(asked, doseq=True)}", status_code=303)
    screen = await load(ctx, who, view, address_of(chosen))
    stream = "/desk/stream" + (f"?{urlencode(chosen)}" if chosen else "")
    context = {**parts.context(screen, view, SILENT), **shell(request, who, room="desk", stream=stream)}
    return html(render("desk/page.html", view.words, context))


@websocket("/desk/stream")
async def stream(socket: AnySocket, ctx: NamedDependency[Context], metrics: NamedDependency[Metrics]) -> None:
    """The desk's line; the socket only speaks."""
    address, frame = address_of(socket.query_params), socket.query_params.get("screen") == "frame"
    view = view_of(socket)
    await serve(socket, metrics, lambda: talk(socket, ctx, socket.user, view=view, address=address, frame=frame))


@get("/desk/sw.js", opt={"anonymous": True}, sync_to_thread=False)
def worker() -> Response[bytes]:
    """The desk's service worker. Its address is its scope, so it stays the same whatever is in the file."""
    headers = {"Service-Worker-Allowed": "/desk", "Cache-Control": "no-cache"}
    return Response((STATIC / "sw.js").read_bytes(), media_type="text/javascript", headers=headers)


routes = [
    Router(
        path="/",
        route_handlers=[
            page,
            case,
            handed,
            stream,
            worker,
            *commands.routes,
            *calling.routes,
            *knowing.routes,
            *matter.routes,
            *dialog.routes,
            *tasks.routes,
            *going_up.routes,
            *profile.routes,
            *sign_in.routes,
            *why.routes,
            *counted.routes,
        ],
        exception_handlers={Refusal: refused, HTTPException: refused_by_framework},
        include_in_schema=False,
    ),
    statics(),
]
