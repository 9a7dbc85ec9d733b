"""How a case's promises were counted: asked by a click on a clock."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from console.people.permissions import Permission, require
from console.people.who import Principal
from console.services import promises
from console.services.context import Context
from console.web.fragment import render, wrap
from console.web.pages import AnyRequest, html, view_of


@get("/desk/cases/{number:str}/clocks")
async def counted(
    request: AnyRequest, ctx: NamedDependency[Context], who: NamedDependency[Principal], number: FromPath[str]
) -> Response[Any]:
    """Each clock with the parts it is added up from, for the dialog that asked."""
    require(who, Permission.SEE_CASES)
    told = await promises.of_case(ctx, who, number=number)
    view = view_of(request)
    context = {"now": ctx.clock.now(), "zone": view.zone, "told": told}
    return html(wrap("clocks-told", render("desk/counted_told.html", view.words, context)))


routes = [counted]
