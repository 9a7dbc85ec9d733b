"""What an agent does with a live call: each is an order to its phone system, which has two seconds to take it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from console.errors import BadInput, FieldError
from console.people.permissions import Permission
from console.people.who import Principal
from console.services import calls
from console.services.context import Context
from console.web.api.deciding import answer
from console.web.auth import may
from console.web.limits import Line, Name


class Digits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Keys 0-9, A-D, * and #."""

    digits: Annotated[str, Meta(min_length=1, max_length=calls.DIGITS_MAX)]


class CallTo(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of the three; `endpoint` is an agent's phone, or a number outside the centre."""

    queue: Name | None = None
    agent: Name | None = None
    endpoint: Line | None = None


class HandingOn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Blind: at once. Attended: the one it is to go to is asked first, and the caller hears music."""

    to: CallTo
    kind: Literal["blind", "attended"]


class CallName(msgspec.Struct, frozen=True):
    """A call by its phone system's own words, `SOURCE:ID`."""

    source: str
    id: str


def call_name(text: str, field: str) -> CallName:
    """Read `SOURCE:ID`; the source has no colon, the id may. Raises BadInput."""
    source, colon, name = text.partition(":")
    if not (source and colon and name) or len(text) > 500 or not text.isprintable():
        raise BadInput(errors=(FieldError(field, "A call is written SOURCE:ID, as in pbx:1733058000.42."),))
    return CallName(source, name)


Ctx = NamedDependency[Context]
Who = NamedDependency[Principal]
THEIRS = [may(Permission.HANDLE_WORK)]


async def _ask(ctx: Context, who: Principal, call: str, command: calls.Command, **more: Any) -> Response[None]:
    named = call_name(call.replace("%2F", "/"), "call")
    return answer(await command(ctx, who, source=named.source, external_id=named.id, **more))


@post("/calls/{call:str}/hangup", status_code=204, guards=THEIRS)
async def hang_up(ctx: Ctx, who: Who, call: FromPath[str]) -> Response[None]:
    """End the call; its phone system is told. A slash in the source may be written %2F."""
    return await _ask(ctx, who, call, calls.hang_up)


@post("/calls/{call:str}/hold", status_code=204, guards=THEIRS)
async def hold(ctx: Ctx, who: Who, call: FromPath[str]) -> Response[None]:
    """Let the caller hear music. 504 `phone-silent` where the phone system does not answer within 2 s."""
    return await _ask(ctx, who, call, calls.hold)


@post("/calls/{call:str}/resume", status_code=204, guards=THEIRS)
async def resume(ctx: Ctx, who: Who, call: FromPath[str]) -> Response[None]:
    """Take the caller back."""
    return await _ask(ctx, who, call, calls.resume)


@post("/calls/{call:str}/mute", status_code=204, guards=THEIRS)
async def mute(ctx: Ctx, who: Who, call: FromPath[str]) -> Response[None]:
    """The caller does not hear the agent, who still hears the caller."""
    return await _ask(ctx, who, call, calls.mute)


@post("/calls/{call:str}/unmute", status_code=204, guards=THEIRS)
async def unmute(ctx: Ctx, who: Who, call: FromPath[str]) -> Response[None]:
    """The caller hears the agent again."""
    return await _ask(ctx, who, call, calls.unmute)


@post("/calls/{call:str}/digits", status_code=204, guards=THEIRS)
async def send_digits(ctx: Ctx, who: Who, call: FromPath[str], data: JSONBody[Digits]) -> Response[None]:
    """Press keys down the caller's line."""
    return await _ask(ctx, who, call, calls.send_digits, digits=data.digits)


@post("/calls/{call:str}/transfer", status_code=204, guards=THEIRS)
async def transfer(ctx: Ctx, who: Who, call: FromPath[str], data: JSONBody[HandingOn]) -> Response[None]:
    """Hand the call on, at once (`blind`) or after asking (`attended`, which begins a consultation)."""
    to = calls.Target(queue=data.to.queue, agent=data.to.agent, endpoint=data.to.endpoint)
    return await _ask(ctx, who, call, calls.transfer, to=to, kind=data.kind)


@post("/calls/{call:str}/consult/complete", status_code=204, guards=THEIRS)
async def consult_complete(ctx: Ctx, who: Who, call: FromPath[str]) -> Response[None]:
    """Hand the call over to the one who was asked."""
    return await _ask(ctx, who, call, calls.consult_complete)


@post("/calls/{call:str}/consult/conference", status_code=204, guards=THEIRS)
async def consult_conference(ctx: Ctx, who: Who, call: FromPath[str]) -> Response[None]:
    """All three talk."""
    return await _ask(ctx, who, call, calls.consult_conference)


@post("/calls/{call:str}/consult/return", status_code=204, guards=THEIRS)
async def consult_return(ctx: Ctx, who: Who, call: FromPath[str]) -> Response[None]:
    """Let the one who was asked go, and take the caller back."""
    return await _ask(ctx, who, call, calls.consult_return)


routes = [
    hang_up,
    hold,
    resume,
    mute,
    unmute,
    send_digits,
    transfer,
    consult_complete,
    consult_conference,
    consult_return,
]
