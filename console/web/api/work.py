"""Work items: what they are, why they went where they went, and what their agent does with them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from console.clock import from_instant
from console.errors import BadInput, FieldError
from console.live.messages import Why
from console.people.permissions import Permission
from console.people.who import Principal
from console.services import calls, explain, messages, work
from console.services.context import Context
from console.web.api.deciding import answer
from console.web.auth import may
from console.web.limits import Code, Text


class Complete(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    disposition: Code | None = None
    note: Text | None = None


class Extend(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    seconds: Annotated[int, msgspec.Meta(ge=1, le=work.EXTENSION_S_MAX)]


class ShownReason(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What kept an agent from the work, or `chosen`."""

    agent: str
    code: str
    skill: str | None = None
    need: int | None = None
    have: int | None = None
    until: datetime | None = None
    since: datetime | None = None


class ShownExplanation(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that can be said of a work item after a decision; `reasons` has one for each agent."""

    item: str
    decision: int
    at: datetime
    config_version: int
    state: str
    queue: str
    needs: dict[str, int]
    priority: int
    waiting_since: datetime
    agent: str | None
    why: Why | None
    reasons: list[ShownReason]
    nobody: str | None
    words: list[str]


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


@get("/work-items/{item:uuid}", guards=[may(Permission.SEE_WORK)])
async def show(ctx: NamedDependency[Context], who: NamedDependency[Principal], item: FromPath[UUID]) -> work.WorkItem:
    """One work item, with the call, case and customer it is about."""
    return await work.show(ctx, who, item=str(item))


@get("/work-items", guards=[may(Permission.SEE_WORK)])
async def find(ctx: NamedDependency[Context], who: NamedDependency[Principal], call: FromQuery[str]) -> work.WorkItem:
    """The work item of a phone system's call, `?call=SOURCE:ID`."""
    named = call_name(call, "call")
    return await work.find_by_call(ctx, who, source=named.source, external_id=named.id)


@get("/work-items/{item:uuid}/explain", guards=[may(Permission.SEE_WORK)])
async def reasons(
    ctx: NamedDependency[Context], who: NamedDependency[Principal], item: FromPath[UUID]
) -> ShownExplanation:
    """Why this agent, why not the others, why still waiting: codes, and the same in words."""
    return _shown(await explain.explain(ctx, who, item=str(item)))


@post("/work-items/{item:uuid}/complete", status_code=204, guards=[may(Permission.HANDLE_WORK)])
async def complete(
    ctx: NamedDependency[Context], who: NamedDependency[Principal], item: FromPath[UUID], data: JSONBody[Complete]
) -> Response[None]:
    """The work is done: a live call is hung up, wrap-up ends, work on a case ends."""
    outcome = await work.complete(ctx, who, item=str(item), disposition=data.disposition, note=data.note)
    return answer(outcome)


@post("/work-items/{item:uuid}/wrap-up/extend", status_code=204, guards=[may(Permission.HANDLE_WORK)])
async def extend_wrap_up(
    ctx: NamedDependency[Context], who: NamedDependency[Principal], item: FromPath[UUID], data: JSONBody[Extend]
) -> Response[None]:
    """More time after the call."""
    return answer(await work.extend_wrap_up(ctx, who, item=str(item), seconds=data.seconds))


@post("/work-items/{item:uuid}/wrap-up/finish", status_code=204, guards=[may(Permission.HANDLE_WORK)])
async def finish_wrap_up(
    ctx: NamedDependency[Context], who: NamedDependency[Principal], item: FromPath[UUID], data: JSONBody[Complete]
) -> Response[None]:
    """Free again now."""
    outcome = await work.finish_wrap_up(ctx, who, item=str(item), disposition=data.disposition, note=data.note)
    return answer(outcome)


@post("/calls/{call:str}/hangup", status_code=204, guards=[may(Permission.HANDLE_WORK)])
async def hang_up(
    ctx: NamedDependency[Context], who: NamedDependency[Principal], call: FromPath[str]
) -> Response[None]:
    """End the call; its phone system is told. A slash in the source may be written %2F."""
    named = call_name(call.replace("%2F", "/"), "call")
    return answer(await calls.hang_up(ctx, who, source=named.source, external_id=named.id))


def _shown(explained: explain.Explained) -> ShownExplanation:
    """The engine counts in µs; outside it times are times."""
    told = msgspec.structs.asdict(explained.explanation)
    why, reasons = explained.explanation.why, explained.explanation.reasons
    told |= {
        "at": from_instant(told["at"]),
        "waiting_since": from_instant(told["waiting_since"]),
        "why": messages.why(why) if why else None,
        "reasons": [
            ShownReason(**{**msgspec.structs.asdict(r), "until": _time(r.until), "since": _time(r.since)})
            for r in reasons
        ],
    }
    return ShownExplanation(**told, words=explained.words)


def _time(instant: int | None) -> datetime | None:
    return None if instant is None else from_instant(instant)


routes = [show, find, reasons, complete, extend_wrap_up, finish_wrap_up, hang_up]
