"""One rung of a ladder: the case goes there with its packet, and everybody hears of it, all or none."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec

from console.cases import store as cases
from console.cases.case import Case, Status
from console.cases.handover import LateClock, Level, Trigger, Why
from console.cases.store import handovers
from console.cases.store.handovers import Handover
from console.cases.timeline import Activity, Entry
from console.clock import to_instant
from console.db import inbox
from console.db.engine import Transaction
from console.ids import new_id
from console.queries import handover as ask
from console.routing import facts
from console.services import clocks, handover, heralds, reaching
from console.services.centre import Centre
from console.services.context import Context

MICROSECOND = timedelta(microseconds=1)


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """What sets an escalation off."""

    trigger: Trigger
    reason: str | None = None
    by: str | None = None
    rule: str | None = None
    clock: LateClock | None = None
    before: dict[str, Any] | None = None
    """The level below, which nobody took."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One rung, with what is over it."""

    level: int
    ladder: str | None
    rung: Level
    above: tuple[Level, ...]
    take_by: datetime | None = None
    """Where it is not counted from now: of what is only passed on."""


class Going(msgspec.Struct, frozen=True, kw_only=True):
    """A case that goes somewhere. Its row is held by the transaction."""

    case: Case
    centre: Centre
    at: datetime
    replaces: Handover | None = None
    """What was under way with it."""


async def give(ctx: Context, db: Transaction, going: Going, step: Step, cause: Cause) -> Handover:
    """The case goes there: packet, fact, timeline and words."""
    case, at, replaces = going.case, going.at, going.replaces
    place = reaching.place_of(going.centre, case, step.rung)
    within = step.rung.take_within
    row = Handover(
        id=new_id(),
        case=case.id,
        trigger=cause.trigger,
        level=step.level,
        ladder=step.ladder,
        above=step.above,
        reason=cause.reason,
        by=cause.by,
        made_at=at,
        from_agent=case.owner,
        to_queue=place.queue,
        to_agent=step.rung.agent,
        unqualified=place.unqualified,
        item=new_id(),
        take_by=step.take_by or (at + within if within is not None else None),
    )
    if replaces is not None:
        await handovers.end(db, replaces.id, at)
    await cases.add_activities(db, [entry(case, Entry.ESCALATED, row.item, by=row.by, data=_said(row, cause), at=at)])
    await handovers.put(db, row, await handover.assemble(db, case, _why(row, cause), at=at))
    await _queue(db, case, row, replaces, at=at)
    await _change(ctx, db, case, row, at=at)
    await heralds.handed_over(ctx, db, case, row, step.rung.notify)
    return row


async def _change(ctx: Context, db: Transaction, case: Case, row: Handover, *, at: datetime) -> None:
    """It is of the queue in which it waits now; a pending one is open again, since somebody is to work on it."""
    status = Status.OPEN if case.status is Status.PENDING else case.status
    after = msgspec.structs.replace(case, queue=row.to_queue, status=status, changed_at=at, version=case.version + 1)
    await cases.put_case(db, after)
    if status is not case.status:
        await clocks.on_change(ctx, db, case, after, at=at, by=row.by)
        data = {"status": [case.status, status], "why": row.trigger}
        await cases.add_activities(db, [entry(after, Entry.CHANGED, None, by=row.by, data=data, at=at)])


def _why(row: Handover, cause: Cause) -> Why:
    return Why(
        trigger=row.trigger,
        level=row.level,
        ladder=row.ladder,
        rule=cause.rule,
        clock=cause.clock,
        reason=row.reason,
        by=row.by,
        to_queue=row.to_queue,
        to_agent=row.to_agent,
        take_by=row.take_by,
        unqualified=row.unqualified,
        before=cause.before,
    )


def _said(row: Handover, cause: Cause) -> dict[str, Any]:
    return {
        "handover": row.id,
        "trigger": row.trigger,
        "level": row.level,
        "queue": row.to_queue,
        "agent": row.to_agent,
        "ladder": row.ladder,
        "clock": cause.clock.name if cause.clock is not None else None,
        "reason": row.reason,
        "unqualified": row.unqualified,
    }


def entry(
    case: Case, kind: Entry, item: str | None, *, by: str | None = None, data: dict[str, Any], at: datetime
) -> Activity:
    return Activity(id=new_id(), at=at, kind=kind, case=case.id, customer=case.customer, work=item, by=by, data=data)


async def _queue(db: Transaction, case: Case, row: Handover, replaces: Handover | None, *, at: datetime) -> None:
    """The router is told. What the case's work is by then it knows better than anybody here."""
    found = await ask.work_of(db, case.id)
    due = await clocks.due_of(db, case.id)
    instant, due_at = to_instant(at), to_instant(due) if due is not None else None
    if found.last is None:
        await cases.put_work(db, item=row.item, kind="case", at=at, case=case.id, customer=case.customer)
        await inbox.put(
            db,
            facts.WorkItemQueued(
                at=instant,
                item=row.item,
                kind="case",
                queue=row.to_queue,
                priority=case.priority,
                preferred=(row.to_agent,) if row.to_agent else (),
                due=due_at,
            ),
        )
        return
    planned = (replaces.item,) if replaces is not None else ()
    await inbox.put(
        db,
        facts.CaseEscalated(
            at=instant,
            items=tuple(dict.fromkeys((*planned, *found.open))),
            parent=found.last,
            successor=row.item,
            queue=row.to_queue,
            agent=row.to_agent,
            prefer_for=(row.take_by - at) // MICROSECOND if row.take_by is not None and row.take_by > at else 0,
            priority=case.priority,
            due=due_at,
        ),
    )
