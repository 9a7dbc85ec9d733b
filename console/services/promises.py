"""Promises as people ask about them: how each was counted, which are at risk, and one made anew by an admin."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from console.cases import store as cases
from console.errors import BadInput, NotFound
from console.people.permissions import Permission, require
from console.people.who import Principal
from console.queries import clocks as across
from console.services import auditing, clocks
from console.services.auditing import What
from console.services.context import Context
from console.services.seeing import seen_case
from console.services.telling import tell_case_changed
from console.sla import clock as sla
from console.sla import store
from console.sla.clock import Clock, Segment
from console.sla.face import Face, face

REASON_MAX = 500
LISTED_MAX = 100
"""Clocks at risk or long paused that somebody reads in one sitting; their number is told beside."""
RISK_WITHIN_MAX = timedelta(days=31)


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """A clock, and how what it shows is added up."""

    clock: Clock
    face: Face | None
    """None: canceled, it shows nothing."""
    elapsed: timedelta
    segments: tuple[Segment, ...]


async def of_case(ctx: Context, who: Principal, *, number: str) -> tuple[Counted, ...]:
    """Every clock of a case, in the order in which they started. Raises NotFound."""
    require(who, Permission.SEE_CASES)
    async with ctx.db.snapshot() as db:
        case = await seen_case(ctx, db, who, number)
        found = await store.of_case(db, case.id)
    now = ctx.clock.now()
    return tuple(
        Counted(
            clock=clock,
            face=face(clock, now),
            elapsed=sla.elapsed(clock, now),
            segments=tuple(sla.segments(clock, now)),
        )
        for clock in found
    )


async def rebase(ctx: Context, who: Principal, *, number: str, name: str, reason: str) -> None:
    """Promise anew what the configuration in force promises, from now on; what had counted counts. Recorded.

    Raises NotFound (no such case, no such clock that runs), Conflict (it is over its target), BadInput.
    """
    by = require(who, Permission.CONFIGURE)
    reason = reason.strip()
    if not 1 <= len(reason) <= REASON_MAX or "\x00" in reason:
        raise BadInput(f"A reason has 1 to {REASON_MAX} characters.")
    async with ctx.db.transaction() as db:
        case = await cases.find_case(db, number=number, lock=True)
        found = await store.of_case(db, case.id, lock=True) if case is not None else ()
        clock = next((clock for clock in found if clock.name == name and not clock.ended), None)
        if case is None or clock is None:
            raise NotFound("There is no such case, or no such clock of it runs.")
        before = clock.target
        at = ctx.clock.now()
        after = await clocks.promised_anew(ctx, db, case, clock, at=at, reason=reason, by=by)
        data: dict[str, object] = {"clock": name, "target_s": [before.total_seconds(), after.target.total_seconds()]}
        await auditing.record(ctx, db, by=by, what=What.CLOCK_REBASED, about=number, reason=reason, data=data)
        await tell_case_changed(db, case.id)
    ctx.nudges.ring("timekeeper", "frames")


async def at_risk(ctx: Context, who: Principal, *, within: timedelta, limit: int = LISTED_MAX) -> across.Listed:
    """Clocks that are over their target, or will be within that time, unless somebody does something."""
    require(who, Permission.SEE_CENTRE)
    now = ctx.clock.now()
    async with ctx.db.snapshot() as db:
        return await across.at_risk(db, now, now + min(within, RISK_WITHIN_MAX), limit=min(limit, LISTED_MAX))


async def long_paused(
    ctx: Context, who: Principal, *, longer_than: timedelta, limit: int = LISTED_MAX
) -> across.Listed:
    """Clocks that have been paused for longer: a pause that nobody ends is a promise that nobody keeps."""
    require(who, Permission.SEE_CENTRE)
    now = ctx.clock.now()
    async with ctx.db.snapshot() as db:
        return await across.paused_since(db, now, now - longer_than, limit=min(limit, LISTED_MAX))
