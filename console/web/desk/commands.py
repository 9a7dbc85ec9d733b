"""What the desk's buttons and keys do: each a form that is posted, each one use case."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath
from msgspec import Meta

from console.errors import NotFound
from console.people.permissions import Permission, require
from console.people.who import Principal
from console.routing.agent import Presence
from console.services import offers, presence, work
from console.services.context import Context
from console.services.deciding import Outcome
from console.web.desk import parts
from console.web.desk.parts import SILENT, Part
from console.web.desk.socket import desks_of, load
from console.web.limits import NO_CONTROLS
from console.web.pages import DONE, AnyRequest, html, said, view_of

Answer = Response[Any]


REASON_MAX = 100

Reason = Annotated[str, Meta(max_length=REASON_MAX, pattern=NO_CONTROLS)]


class Declined(msgspec.Struct, frozen=True):
    reason: Reason = ""


class Present(msgspec.Struct, frozen=True):
    presence: Presence
    reason: Reason = ""


class Longer(msgspec.Struct, frozen=True):
    seconds: Annotated[int, Meta(ge=1, le=work.EXTENSION_S_MAX)] = 30


DeclineForm = Annotated[Declined, Body(media_type=RequestEncodingType.URL_ENCODED)]
PresenceForm = Annotated[Present, Body(media_type=RequestEncodingType.URL_ENCODED)]
LongerForm = Annotated[Longer, Body(media_type=RequestEncodingType.URL_ENCODED)]

Ctx = NamedDependency[Context]
Who = NamedDependency[Principal]


def answered(request: AnyRequest, outcome: Outcome) -> Answer:
    """Done; or kept by a router that takes longer, which the page then says."""
    return html(None, DONE) if outcome == "done" else html(said(view_of(request), "no-verdict"), 202)


@post("/desk/offers/{offer:uuid}/accept", status_code=200)
async def accept(request: AnyRequest, ctx: Ctx, who: Who, offer: FromPath[UUID]) -> Answer:
    return answered(request, await offers.accept(ctx, who, offer_id=str(offer)))


@post("/desk/offers/{offer:uuid}/decline", status_code=200)
async def decline(request: AnyRequest, ctx: Ctx, who: Who, offer: FromPath[UUID], data: DeclineForm) -> Answer:
    return answered(request, await offers.decline(ctx, who, offer_id=str(offer), reason=data.reason or None))


@post("/desk/presence", status_code=200)
async def set_presence(ctx: Ctx, who: Who, data: PresenceForm) -> Answer:
    await presence.set_own(ctx, who, presence=data.presence, reason=data.reason or None)
    return html(None, DONE)


@post("/desk/work/{item:uuid}/extend", status_code=200)
async def extend(request: AnyRequest, ctx: Ctx, who: Who, item: FromPath[UUID], data: LongerForm) -> Answer:
    return answered(request, await work.extend_wrap_up(ctx, who, item=str(item), seconds=data.seconds))


@post("/desk/redraw/{part:str}", status_code=200)
async def redraw(request: AnyRequest, ctx: Ctx, who: Who, part: FromPath[str]) -> Answer:
    """Say a part again: to the agent's pages on this node by their own lines, else at once."""
    require(who, Permission.SERVE)
    if part not in parts.SHELL | parts.WITH_WORK | parts.WITHOUT_WORK:
        raise NotFound("There is no such part.")
    if desks_of(request).mark(who.called, {Part(part)}):
        return html(None, DONE)
    view = view_of(request)
    screen = await load(ctx, who, view)
    return html(parts.frame({Part(part)}, screen, view, SILENT), 200)


routes = [accept, decline, set_presence, extend, redraw]
