"""A case sent up, handed on or acknowledged at the desk: one dialog for both ways, and where they may lead."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from litestar import get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath
from msgspec import Meta

from console.errors import BadInput, FieldError
from console.people.permissions import Permission
from console.services import escalation, handover
from console.services.escalation import Target
from console.web.auth import may
from console.web.desk.commands import Answer, Ctx, Who
from console.web.desk.parts import Part
from console.web.desk.socket import desks_of
from console.web.fragment import render, wrap
from console.web.limits import NO_CONTROLS, NO_NUL
from console.web.pages import DONE, AnyRequest, html, view_of


class Sent(msgspec.Struct, frozen=True):
    """`to` is `ladder:NAME`, `queue:NAME` or `agent:USERNAME`."""

    to: Annotated[str, Meta(max_length=110, pattern=NO_CONTROLS)] = ""
    how: Literal["up", "on"] = "up"
    reason: Annotated[str, Meta(max_length=20_000, pattern=NO_NUL)] = ""


SentForm = Annotated[Sent, Body(media_type=RequestEncodingType.URL_ENCODED)]


@get("/desk/cases/{number:str}/ways", guards=[may(Permission.CHANGE_CASES)])
async def ways(request: AnyRequest, ctx: Ctx, who: Who, number: FromPath[str]) -> Answer:
    """Where the case may go, as the choice in the dialog."""
    found = await escalation.ways(ctx, who, number=number)
    view = view_of(request)
    return html(wrap("escalate-ways", render("desk/ways.html", view.words, {"ways": found})))


@post("/desk/cases/{number:str}/send", guards=[may(Permission.CHANGE_CASES)], status_code=200)
async def send(ctx: Ctx, who: Who, number: FromPath[str], data: SentForm) -> Answer:
    """Up or on, with a reason. What follows is told by the line."""
    reason = data.reason.strip()
    if not reason:
        raise BadInput(errors=(FieldError("reason", "Say why, for whoever takes it."),))
    to = target(data.to)
    if data.how == "on" and to.ladder is not None:
        raise BadInput(errors=(FieldError("to", "A ladder leads up; hand it on to a queue or a person."),))
    if data.how == "up":
        await escalation.send_up(ctx, who, number=number, to=to, reason=reason)
    else:
        await escalation.hand_on(ctx, who, number=number, to=to, note=reason)
    return html(None, DONE)


@post("/desk/cases/{number:str}/acknowledge", guards=[may(Permission.CHANGE_CASES)], status_code=200)
async def acknowledge(request: AnyRequest, ctx: Ctx, who: Who, number: FromPath[str]) -> Answer:
    await handover.acknowledge(ctx, who, number=number)
    desks_of(request).mark(who.called, {Part.CASE, Part.TIMELINE, Part.MAIN})
    return html(None, DONE)


def target(to: str) -> Target:
    """What the chosen option means. Raises BadInput."""
    kind, _, name = to.partition(":")
    match kind:
        case "ladder" if name:
            return Target(ladder=name)
        case "queue" if name:
            return Target(queue=name)
        case "agent" if name:
            return Target(agent=name)
        case _:
            raise BadInput(errors=(FieldError("to", "Choose where it goes."),))


routes = [ways, send, acknowledge]
