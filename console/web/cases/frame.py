"""In what these pages are drawn: for who serves around the Bar, for everybody else under a plain top bar."""

from __future__ import annotations

from typing import Any

from litestar import Response

from console.people.permissions import Permission, may
from console.people.who import Principal
from console.services import notices
from console.services.context import Context
from console.web.desk.frame import framed
from console.web.fragment import render
from console.web.pages import AnyRequest, html, shell, view_of


async def drawn(
    request: AnyRequest, ctx: Context, who: Principal, template: str, *, room: str, **found: Any
) -> Response[Any]:
    """The page, with what was found for it."""
    view = view_of(request)
    if may(who, Permission.SERVE):
        around = {**await framed(request, ctx, who, room=room), "frame": "desk/frame.html"}
    else:
        bell = await notices.mine(ctx, who) if may(who, Permission.HAVE_PREFERENCES) else None
        around = {**shell(request, who, room=room, stream=""), "frame": "cases/frame.html", "zone": view.zone}
        around |= {"bell": bell}
    return html(render(template, view.words, {**around, "now": ctx.clock.now(), **found}))
