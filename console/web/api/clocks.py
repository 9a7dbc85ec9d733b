"""Promises: each clock of a case with the parts it is added up from, those at risk, and one made anew."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from console.errors import BadInput, FieldError
from console.people.permissions import Permission
from console.people.who import Principal
from console.queries.clocks import ClockOfCase
from console.services import promises
from console.services.context import Context
from console.services.promises import Counted
from console.sla import clock as sla
from console.web.api.lists import Page
from console.web.auth import may
from console.web.limits import NO_CONTROLS

Ctx = NamedDependency[Context]
Who = NamedDependency[Principal]

WITHIN_S_MAX = 31 * 86_400
WITHIN_S = 3_600


class SegmentTold(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a clock; the counted ones add up to its `elapsed_s`."""

    from_: datetime = msgspec.field(name="from")
    to: datetime
    kind: Literal["counted", "paused", "closed"]
    why: str
    """A code, or somebody's own words."""
    by: str | None
    calendar_version: int


class ClockTold(msgspec.Struct, frozen=True, kw_only=True):
    """A promise, as it is at `at`. `left_s` is negative where it is over its target."""

    id: str
    clock: str
    policy: str
    state: str
    shape: str | None
    """ok, warn, breached, paused, met; null: canceled."""
    at: datetime
    target_s: float
    warn_s: float | None
    elapsed_s: float
    left_s: float
    started_at: datetime
    warn_at: datetime | None
    due_at: datetime | None
    warned_at: datetime | None
    breached_at: datetime | None
    ended_why: str | None
    ended_by: str | None
    segments: list[SegmentTold]


class ClockInList(msgspec.Struct, frozen=True, kw_only=True):
    """A clock among those of all cases."""

    case: str
    subject: str
    clock: str
    shape: str
    left_s: float
    due_at: datetime | None
    since: datetime
    why: str
    queue: str | None
    owner: str | None


class Anew(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=promises.REASON_MAX, pattern=NO_CONTROLS)]


@get("/cases/{number:str}/clocks", guards=[may(Permission.SEE_CASES)])
async def of_case(ctx: Ctx, who: Who, number: FromPath[str]) -> Page[ClockTold]:
    """Each SLA clock of the case, with the segments that add up to what it shows."""
    at = ctx.clock.now()
    return Page([_told(one, at) for one in await promises.of_case(ctx, who, number=number)], None)


@post("/cases/{number:str}/clocks/{clock:str}/rebase", guards=[may(Permission.CONFIGURE)], status_code=204)
async def rebase(ctx: Ctx, who: Who, number: FromPath[str], clock: FromPath[str], data: JSONBody[Anew]) -> None:
    """Promise anew what the configuration in force promises; what had counted counts. Recorded, with the reason."""
    await promises.rebase(ctx, who, number=number, name=clock, reason=data.reason)


@get("/clocks", guards=[may(Permission.SEE_CENTRE)])
async def across(
    ctx: Ctx,
    who: Who,
    *,
    at_risk: FromQuery[str | None] = None,
    paused_for: FromQuery[str | None] = None,
) -> Page[ClockInList]:
    """Clocks of all cases, at most 100: over their target or due within `at_risk` seconds (3600), or paused for longer
    than `paused_for` seconds.
    """
    if paused_for is not None:
        longer_than = timedelta(seconds=_seconds("paused_for", paused_for))
        found = await promises.long_paused(ctx, who, longer_than=longer_than)
    else:
        within = WITHIN_S if at_risk is None else _seconds("at_risk", at_risk)
        found = await promises.at_risk(ctx, who, within=timedelta(seconds=within))
    return Page([_in_list(one) for one in found.items], None)


def _seconds(field: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 7 and int(text) <= WITHIN_S_MAX):
        raise BadInput(errors=(FieldError(field, f"A whole number of seconds, at most {WITHIN_S_MAX}."),))
    return int(text)


def _told(one: Counted, at: datetime) -> ClockTold:
    clock = one.clock
    return ClockTold(
        id=clock.id,
        clock=clock.name,
        policy=clock.policy,
        state=clock.state,
        shape=one.face.shape if one.face else None,
        at=at,
        target_s=clock.target.total_seconds(),
        warn_s=clock.warn.total_seconds() if clock.warn is not None else None,
        elapsed_s=one.elapsed.total_seconds(),
        left_s=(clock.target - one.elapsed).total_seconds(),
        started_at=clock.started_at,
        warn_at=sla.warn_at(clock),
        due_at=sla.due_at(clock),
        warned_at=clock.warned_at,
        breached_at=clock.breached_at,
        ended_why=clock.ended_why,
        ended_by=clock.ended_by,
        segments=[
            SegmentTold(from_=s.since, to=s.until, kind=s.kind, why=s.why, by=s.by, calendar_version=s.calendar_version)
            for s in one.segments
        ],
    )


def _in_list(one: ClockOfCase) -> ClockInList:
    return ClockInList(
        case=one.case,
        subject=one.subject,
        clock=one.face.name,
        shape=one.face.shape,
        left_s=one.face.left.total_seconds(),
        due_at=one.face.due_at,
        since=one.face.since,
        why=one.face.why,
        queue=one.queue,
        owner=one.owner,
    )


routes: list[Any] = [of_case, rebase, across]
