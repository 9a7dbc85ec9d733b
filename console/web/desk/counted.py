"""How a case's promises were counted: asked by a click on a clock. An admin makes one anew there."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath
from msgspec import Meta

from console.people import permissions
from console.people.permissions import Permission, require
from console.people.who import Principal
from console.services import promises
from console.services.context import Context
from console.web.auth import may
from console.web.fragment import render, wrap
from console.web.limits import NO_CONTROLS
from console.web.pages import AnyRequest, html, view_of

Ctx = NamedDependency[Context]
Who = NamedDependency[Principal]


class Anew(msgspec.Struct, frozen=True):
    reason: Annotated[str, Meta(min_length=1, max_length=promises.REASON_MAX, pattern=NO_CONTROLS)]


@get("/desk/cases/{number:str}/clocks")
async def counted(request: AnyRequest, ctx: Ctx, who: Who, number: FromPath[str]) -> Response[Any]:
    """Each clock with the parts it is added up from, for the dialog that asked."""
    require(who, Permission.SEE_CASES)
    return html(await _told(request, ctx, who, number))


@post("/desk/cases/{number:str}/clocks/{clock:str}/anew", guards=[may(Permission.CONFIGURE)], status_code=200)
async def anew(
    request: AnyRequest,
    ctx: Ctx,
    who: Who,
    *,
    number: FromPath[str],
    clock: FromPath[str],
    data: Annotated[Anew, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[Any]:
    """Promise what the configuration in force promises. The answer is the dialog's text as it now is."""
    await promises.rebase(ctx, who, number=number, name=clock, reason=data.reason)
    return html(await _told(request, ctx, who, number))


async def _told(request: AnyRequest, ctx: Context, who: Principal, number: str) -> str:
    told = await promises.of_case(ctx, who, number=number)
    view = view_of(request)
    context = {
        "now": ctx.clock.now(),
        "zone": view.zone,
        "told": told,
        "number": number,
        "may_promise": permissions.may(who, Permission.CONFIGURE),
        "reason_max": promises.REASON_MAX,
    }
    return wrap("clocks-told", render("desk/counted_told.html", view.words, context))


routes = [counted, anew]
