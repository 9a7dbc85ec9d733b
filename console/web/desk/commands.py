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

from console.errors import NotFound, WorkOver
from console.people.permissions import Permission, require
from console.people.who import Principal
from console.routing.agent import Presence
from console.services import calls, notes, offers, presence, work
from console.services.context import Context
from console.services.deciding import Outcome
from console.web.desk import parts
from console.web.desk.parts import SILENT, Part
from console.web.desk.socket import choice_of, desks_of, load
from console.web.fragment import View, wrap
from console.web.limits import NO_CONTROLS, NO_NUL
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


class Noted(msgspec.Struct, frozen=True):
    note: Annotated[str, Meta(max_length=20_000, pattern=NO_NUL)] = ""


class Completed(Noted, frozen=True):
    disposition: Annotated[str, Meta(max_length=work.DISPOSITION_MAX, pattern=NO_CONTROLS)] = ""


DeclineForm = Annotated[Declined, Body(media_type=RequestEncodingType.URL_ENCODED)]
PresenceForm = Annotated[Present, Body(media_type=RequestEncodingType.URL_ENCODED)]
LongerForm = Annotated[Longer, Body(media_type=RequestEncodingType.URL_ENCODED)]
NoteForm = Annotated[Noted, Body(media_type=RequestEncodingType.URL_ENCODED)]
CompleteForm = Annotated[Completed, Body(media_type=RequestEncodingType.URL_ENCODED)]

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


@post("/desk/work/{item:uuid}/hangup", status_code=200)
async def hang_up(request: AnyRequest, ctx: Ctx, who: Who, item: FromPath[UUID]) -> Answer:
    call = (await work.show(ctx, who, item=str(item))).call
    if call is None:
        raise WorkOver
    return answered(request, await calls.hang_up(ctx, who, source=call.source, external_id=call.id))


@post("/desk/work/{item:uuid}/extend", status_code=200)
async def extend(request: AnyRequest, ctx: Ctx, who: Who, item: FromPath[UUID], data: LongerForm) -> Answer:
    return answered(request, await work.extend_wrap_up(ctx, who, item=str(item), seconds=data.seconds))


@post("/desk/work/{item:uuid}/complete", status_code=200)
async def complete(request: AnyRequest, ctx: Ctx, who: Who, item: FromPath[UUID], data: CompleteForm) -> Answer:
    outcome = await work.complete(
        ctx, who, item=str(item), disposition=data.disposition or None, note=data.note.strip() or None
    )
    return answered(request, outcome)


@post("/desk/notes/{item:uuid}")
async def add_note(request: AnyRequest, ctx: Ctx, who: Who, item: FromPath[UUID], data: NoteForm) -> Answer:
    """The answer is the form's own part: empty again, whatever the socket says meanwhile."""
    require(who, Permission.HANDLE_WORK)
    if data.note.strip():
        await notes.add(ctx, who, item=str(item), text=data.note)
        desks_of(request).mark(who.called, {Part.TIMELINE})
    return html(await _part(ctx, who, view_of(request), Part.NOTE, str(item)), 200)


@post("/desk/drafts/{item:uuid}")
async def save_draft(request: AnyRequest, ctx: Ctx, who: Who, item: FromPath[UUID], data: NoteForm) -> Answer:
    """The answer says since when the draft is safe."""
    await notes.save_draft(ctx, who, item=str(item), text=data.note)
    return html(await _part(ctx, who, view_of(request), Part.DRAFT, str(item)), 200)


@post("/desk/redraw/{part:str}", status_code=200)
async def redraw(request: AnyRequest, ctx: Ctx, who: Who, part: FromPath[str]) -> Answer:
    """Say a part again: to the agent's pages on this node by their own lines, else at once."""
    require(who, Permission.SERVE)
    if part not in parts.SHELL | parts.WITH_WORK | parts.WITHOUT_WORK:
        raise NotFound("There is no such part.")
    if desks_of(request).mark(who.called, {Part(part)}):
        return html(None, DONE)
    view = view_of(request)
    screen = await load(ctx, who.called, view, None)
    return html(parts.frame({Part(part)}, screen, view, SILENT), 200)


async def _part(ctx: Context, who: Principal, view: View, part: Part, item: str) -> str:
    """A part of that work's screen, where it is still in hand; else nothing, for the screen has gone on."""
    screen = await load(ctx, who.called, view, choice_of(item, str(parts.LATEST_MS)))
    if screen.shown is None or screen.shown.card.item != item:
        return ""
    return wrap(part, parts.draw(part, screen, view, SILENT))


routes = [accept, decline, set_presence, hang_up, extend, complete, add_note, save_draft, redraw]
