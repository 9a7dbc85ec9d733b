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
from console.live.messages import Why
from console.people.permissions import Permission
from console.people.who import Principal
from console.services import explain, handing_on, messages, work
from console.services.context import Context
from console.web.api.calls import call_name
from console.web.api.deciding import answer
from console.web.auth import may
from console.web.limits import Code, Line, Name, Text


class Complete(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    disposition: Code | None = None
    note: Text | None = None


class Extend(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    seconds: Annotated[int, msgspec.Meta(ge=1, le=work.EXTENSION_S_MAX)]


class Assigning(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    agent: Name
    reason: Line


class Moving(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    queue: Name
    reason: Line


class To(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of the two."""

    queue: Name | None = None
    agent: Name | None = None


class Transferring(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    to: To
    note: Text | None = None


class ShownReason(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What kept an agent from the work, or `chosen`."""

    agent: str
    code: str
    skill: str | None = None
    need: int | None = None
    have: int | None = None
    until: datetime | None = None
    since: datetime | None = None


class ShownComing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What time alone will do: `relaxed` (then it needs less), `everyones` (no longer its preferred agents' alone),
    `sent_on` (by its queue's overflow).
    """

    at: datetime
    what: str
    needs: dict[str, int] | None = None
    qualified: int | None = None
    to: str | None = None


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
    preferred: tuple[str, ...]
    prefer_until: datetime | None
    coming: list[ShownComing]
    words: list[str]


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


@post("/work-items/{item:uuid}/transfer", status_code=204, guards=[may(Permission.HANDLE_WORK)])
async def transfer(
    ctx: NamedDependency[Context], who: NamedDependency[Principal], item: FromPath[UUID], data: JSONBody[Transferring]
) -> Response[None]:
    """Hand the work on, to a queue or to an agent, who is asked first."""
    outcome = await handing_on.transfer(
        ctx, who, item=str(item), queue=data.to.queue, agent=data.to.agent, note=data.note
    )
    return answer(outcome)


@post("/work-items/{item:uuid}/assign", status_code=204, guards=[may(Permission.SUPERVISE)])
async def assign(
    ctx: NamedDependency[Context], who: NamedDependency[Principal], item: FromPath[UUID], data: JSONBody[Assigning]
) -> Response[None]:
    """Give the work to an agent by hand, at once and whatever they have; recorded with who and why."""
    return answer(await handing_on.assign(ctx, who, item=str(item), agent=data.agent, reason=data.reason))


@post("/work-items/{item:uuid}/move", status_code=204, guards=[may(Permission.SUPERVISE)])
async def move(
    ctx: NamedDependency[Context], who: NamedDependency[Principal], item: FromPath[UUID], data: JSONBody[Moving]
) -> Response[None]:
    """Let the work wait in another queue; recorded with who and why."""
    return answer(await handing_on.move(ctx, who, item=str(item), queue=data.queue, reason=data.reason))


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
        "prefer_until": _time(told["prefer_until"]),
        "coming": [
            ShownComing(**{**msgspec.structs.asdict(c), "at": from_instant(c.at)}) for c in explained.explanation.coming
        ],
    }
    return ShownExplanation(**told, words=explained.words)


def _time(instant: int | None) -> datetime | None:
    return None if instant is None else from_instant(instant)


routes = [show, find, reasons, complete, extend_wrap_up, finish_wrap_up, transfer, assign, move]
