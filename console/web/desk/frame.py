"""What a page of who serves is drawn in: its Bar and what opens over it, kept alive by the same line as the desk's."""

from __future__ import annotations

from typing import Any

from console.people.who import Principal
from console.services.context import Context
from console.web.desk import parts
from console.web.desk.parts import SILENT
from console.web.desk.socket import load
from console.web.pages import AnyRequest, shell, view_of

STREAM = "/desk/stream?screen=frame"


async def framed(request: AnyRequest, ctx: Context, who: Principal, *, room: str) -> dict[str, Any]:
    """The context of a page that extends `desk/frame.html`; the page adds what its work area needs."""
    view = view_of(request)
    screen = await load(ctx, who, view)
    return {**parts.context(screen, view, SILENT), **shell(request, who, room=room, stream=STREAM)}
