"""What the Bar asks of the phone system, and to whom a call may go.

Every action names the work it means. The page may be behind, so work that has ended, or is somebody else's by
now, is refused, and said in words: what happened, what is still true, and one thing to do.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.handlers import HTTPRouteHandler
from litestar.params import Body, FromPath
from msgspec import Meta

from console.errors import BadInput, Refusal, WorkOver
from console.people.permissions import Permission, require
from console.people.who import Principal
from console.services import calls, notes, targets, work
from console.services.calls import Target
from console.services.context import Context
from console.services.deciding import Outcome
from console.web.desk import parts
from console.web.desk.parts import SILENT, Part
from console.web.desk.socket import load
from console.web.fragment import View, render, wrap
from console.web.limits import NO_CONTROLS, NO_NUL
from console.web.pages import DONE, AnyRequest, html, refused, said, view_of

Answer = Response[Any]
Ctx = NamedDependency[Context]
Who = NamedDependency[Principal]

QUERY_MAX = 100
AGAIN = frozenset({"phone-silent", "phone-refused"})
"""Refusals after which the same may be asked once more: nothing was done, and nothing will be."""
SAID_BY_BAR = AGAIN | {"work-over", "agent-not-free", "agent-not-qualified"}
WITH_FORM = frozenset({"digits", "transfer"})
"""These are asked again where they were asked: what was chosen still stands there."""


class Digits(msgspec.Struct, frozen=True):
    digits: Annotated[str, Meta(pattern=r"\A[0-9*#]{1,32}\Z")] = ""


class Transferred(msgspec.Struct, frozen=True):
    """`to` is `queue:NAME`, `agent:USERNAME` or `endpoint:NUMBER`."""

    to: Annotated[str, Meta(max_length=110, pattern=NO_CONTROLS)] = ""
    kind: Literal["blind", "attended"] = "attended"
    note: Annotated[str, Meta(max_length=20_000, pattern=NO_NUL)] = ""
    q: Annotated[str, Meta(max_length=QUERY_MAX, pattern=NO_CONTROLS)] = ""
    """What was typed to find them."""


DigitsForm = Annotated[Digits, Body(media_type=RequestEncodingType.URL_ENCODED)]
TransferForm = Annotated[Transferred, Body(media_type=RequestEncodingType.URL_ENCODED)]


class Failed(msgspec.Struct, frozen=True):
    """A control that did not work."""

    action: str
    problem: str
    path: str
    again: bool


# --- what is refused, in words ----------------------------------------------------------------------------------------


def not_done(request: AnyRequest, refusal: Refusal) -> Answer:
    """Why the control did not work. What is not about the call is said as anywhere else."""
    if request.method == "GET" or refusal.type not in SAID_BY_BAR:
        return refused(request, refusal)
    action = request.url.path.rpartition("/")[2]
    again = refusal.type in AGAIN and action not in WITH_FORM
    failed = Failed(action=action, problem=refusal.type, path=request.url.path, again=again)
    view = view_of(request)
    drawn = render("desk/failed.html", view.words, {"failed": failed, "now": None, "zone": view.zone})
    return html(wrap("refusal", drawn), refusal.status)


def _answered(view: View, outcome: Outcome) -> Answer:
    return html(None, DONE) if outcome == "done" else html(said(view, "no-verdict"), 202)


# --- one call, by the work it is --------------------------------------------------------------------------------------


async def _call_of(ctx: Context, who: Principal, item: UUID) -> tuple[str, str]:
    """Source and id of the live call of work that is still in this agent's hands. Raises WorkOver."""
    username = require(who, Permission.HANDLE_WORK)
    found = await work.show(ctx, who, item=str(item))
    if found.call is None or found.state != "assigned" or found.agent != username:
        raise WorkOver
    return found.call.source, found.call.id


async def _ask(
    request: AnyRequest, ctx: Context, who: Principal, item: UUID, command: calls.Command, **more: Any
) -> Answer:
    source, external_id = await _call_of(ctx, who, item)
    return _answered(view_of(request), await command(ctx, who, source=source, external_id=external_id, **more))


@post("/hold", status_code=200)
async def hold(request: AnyRequest, ctx: Ctx, who: Who, item: FromPath[UUID]) -> Answer:
    return await _ask(request, ctx, who, item, calls.hold)


@post("/resume", status_code=200)
async def resume(request: AnyRequest, ctx: Ctx, who: Who, item: FromPath[UUID]) -> Answer:
    return await _ask(request, ctx, who, item, calls.resume)


@post("/mute", status_code=200)
async def mute(request: AnyRequest, ctx: Ctx, who: Who, item: FromPath[UUID]) -> Answer:
    return await _ask(request, ctx, who, item, calls.mute)


@post("/unmute", status_code=200)
async def unmute(request: AnyRequest, ctx: Ctx, who: Who, item: FromPath[UUID]) -> Answer:
    return await _ask(request, ctx, who, item, calls.unmute)


@post("/hangup", status_code=200)
async def hang_up(request: AnyRequest, ctx: Ctx, who: Who, item: FromPath[UUID]) -> Answer:
    return await _ask(request, ctx, who, item, calls.hang_up)


@post("/digits", status_code=200)
async def send_digits(request: AnyRequest, ctx: Ctx, who: Who, item: FromPath[UUID], data: DigitsForm) -> Answer:
    return await _ask(request, ctx, who, item, calls.send_digits, digits=data.digits)


@post("/transfer", status_code=200)
async def transfer(request: AnyRequest, ctx: Ctx, who: Who, item: FromPath[UUID], data: TransferForm) -> Answer:
    """A queue is never asked first. Straight over, the note goes along; asked first, it stays open here."""
    require(who, Permission.HANDLE_WORK)
    to = target(data.to)
    kind = "blind" if to.queue is not None else data.kind
    answer = await _ask(request, ctx, who, item, calls.transfer, to=to, kind=kind)
    if kind == "blind" and data.note.strip():
        await notes.add(ctx, who, about=str(item), text=data.note)
    return answer


@post("/consult/complete", status_code=200)
async def complete(request: AnyRequest, ctx: Ctx, who: Who, item: FromPath[UUID]) -> Answer:
    return await _ask(request, ctx, who, item, calls.consult_complete)


@post("/consult/conference", status_code=200)
async def conference(request: AnyRequest, ctx: Ctx, who: Who, item: FromPath[UUID]) -> Answer:
    return await _ask(request, ctx, who, item, calls.consult_conference)


@post("/consult/return", status_code=200)
async def go_back(request: AnyRequest, ctx: Ctx, who: Who, item: FromPath[UUID]) -> Answer:
    return await _ask(request, ctx, who, item, calls.consult_return)


@get("/targets")
async def find_targets(request: AnyRequest, ctx: Ctx, who: Who, item: FromPath[UUID]) -> Answer:
    """Who the typed letters find, as the list of the transfer."""
    text = request.query_params.get("q", "")[:QUERY_MAX]
    found = await targets.find(ctx, who, item=str(item), text=text)
    view = view_of(request)
    context = {"targets": found, "state_of": parts.state_of, "now": ctx.clock.now(), "zone": view.zone}
    return html(wrap("targets", render("desk/targets.html", view.words, context)))


def target(to: str) -> Target:
    """Whom the chosen option means. Raises BadInput."""
    kind, _, name = to.partition(":")
    match kind:
        case "queue" if name:
            return Target(queue=name)
        case "agent" if name:
            return Target(agent=name)
        case "endpoint" if name:
            return Target(endpoint=name)
        case _:
            raise BadInput("`to` is queue:NAME, agent:USERNAME or endpoint:NUMBER.")


# --- the Bar without the line -----------------------------------------------------------------------------------------


@get("/desk/bar")
async def bar(request: AnyRequest, ctx: Ctx, who: Who) -> Answer:
    """The Bar as it is now, for a page whose line is lost while this way still works."""
    require(who, Permission.SERVE)
    view = view_of(request)
    screen = await load(ctx, who, view)
    return html(parts.frame({Part.BAR, Part.STATE, Part.TRANSFER}, screen, view, SILENT))


routes: list[Router | HTTPRouteHandler] = [
    Router(
        path="/desk/work/{item:uuid}",
        route_handlers=[
            *(hold, resume, mute, unmute, hang_up, send_digits, transfer),
            *(complete, conference, go_back, find_targets),
        ],
        exception_handlers={Refusal: not_done},
    ),
    bar,
]
