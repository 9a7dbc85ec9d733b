"""Cases that go up, or on: escalate, hand on, read what goes along, acknowledge it."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from console.people.permissions import Permission
from console.people.who import Principal
from console.services import escalation, handover
from console.services.context import Context
from console.services.escalation import Target
from console.services.handover import Given
from console.web.auth import may
from console.web.idempotency import once
from console.web.limits import Name, Text

AnyRequest = Request[Any, Any, Any]


class Up(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of the three."""

    queue: Name | None = None
    agent: Name | None = None
    ladder: Name | None = None
    """Of the configuration's `escalations`."""


class On(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of the two."""

    queue: Name | None = None
    agent: Name | None = None


class Escalating(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    to: Up
    reason: Text


class HandingOn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    to: On
    note: Text


@post("/cases/{number:str}/escalate", guards=[may(Permission.CHANGE_CASES)])
async def escalate(
    ctx: NamedDependency[Context],
    who: NamedDependency[Principal],
    request: AnyRequest,
    number: FromPath[str],
    data: JSONBody[Escalating],
) -> Given:
    """Send the case up, to a queue, a person, or the first level of a ladder; everything known of it goes along."""
    to = Target(queue=data.to.queue, agent=data.to.agent, ladder=data.to.ladder)
    return await escalation.send_up(ctx, who, number=number, to=to, reason=data.reason, once=await once(request, who))


@post("/cases/{number:str}/transfer", guards=[may(Permission.CHANGE_CASES)])
async def transfer(
    ctx: NamedDependency[Context],
    who: NamedDependency[Principal],
    request: AnyRequest,
    number: FromPath[str],
    data: JSONBody[HandingOn],
) -> Given:
    """Hand the case on, with a note; whoever has it in hand is free of it."""
    to = Target(queue=data.to.queue, agent=data.to.agent)
    return await escalation.hand_on(ctx, who, number=number, to=to, note=data.note, once=await once(request, who))


@get("/cases/{number:str}/handover", guards=[may(Permission.SEE_CASES)])
async def show(ctx: NamedDependency[Context], who: NamedDependency[Principal], number: FromPath[str]) -> Given:
    """The last handover of the case: where it went, who took it, and the packet, frozen as it was then."""
    return await handover.show(ctx, who, number=number)


@post("/cases/{number:str}/handover/acknowledge", guards=[may(Permission.CHANGE_CASES)], status_code=204)
async def acknowledge(ctx: NamedDependency[Context], who: NamedDependency[Principal], number: FromPath[str]) -> None:
    """Say that you have read it, as who has the case now. Taking its offer says so too."""
    await handover.acknowledge(ctx, who, number=number)


routes = [escalate, transfer, show, acknowledge]
