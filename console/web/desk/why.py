"""Why this work is whose it is: asked from the ring and from the case in hand."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from console.people.permissions import Permission, require
from console.people.who import Principal
from console.services import explain
from console.services.context import Context
from console.web import reasons
from console.web.fragment import render, wrap
from console.web.pages import AnyRequest, html, view_of


@get("/desk/work/{item:uuid}/why")
async def why(
    request: AnyRequest, ctx: NamedDependency[Context], who: NamedDependency[Principal], item: FromPath[UUID]
) -> Response[Any]:
    """The reasons as of the decision that says most, for the dialog that asked."""
    require(who, Permission.SERVE)
    told = await explain.explain(ctx, who, item=str(item))
    view = view_of(request)
    context = {"now": ctx.clock.now(), "zone": view.zone, **reasons.context(told, view.words)}
    return html(wrap("why-told", render("desk/why.html", view.words, context)))


routes = [why]
