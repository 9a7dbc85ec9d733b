"""A case goes up, or on: by a breach, a warning, a rule or a hand, level after level, with everything that is known.

One transaction puts the packet together, keeps it, gives the router the fact, and tells who has to know. Everything
here but the use cases at the end takes part in the caller's transaction, and rings nothing: the caller rings "router",
"frames" and "timekeeper" after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias

import msgspec

from console import conditions
from console.cases import store as cases
from console.cases.case import Case, Status
from console.cases.handover import EVERYBODY, LateClock, Level, Trigger
from console.cases.store import handovers
from console.cases.store.handovers import Handover
from console.cases.timeline import Entry
from console.config.classify import ANY
from console.config.document import Escalate, Notify
from console.db.engine import Transaction
from console.errors import AgentNotQualified, BadInput, Conflict, FieldError
from console.people.permissions import Permission, require
from console.people.who import Principal
from console.services import handover, heralds, idempotency, reaching
from console.services.centre import Centre
from console.services.context import Context
from console.services.handover import Given
from console.services.idempotency import Once
from console.services.rungs import Cause, Going, Step, entry, give
from console.sla import clock as sla
from console.sla.clock import Clock

Happened: TypeAlias = Literal["warned", "breached"]

FINISHED = frozenset({Status.RESOLVED, Status.CLOSED})
PEOPLE_MAX = 200
"""Offered by name; in a larger centre cases go to queues."""
MICROSECOND = timedelta(microseconds=1)


class AlreadyEscalated(Conflict):
    """This case has gone up already, and waits to be taken."""

    type = "already-escalated"


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """Where somebody wants a case to go: one of the three."""

    queue: str | None = None
    agent: str | None = None
    ladder: str | None = None


# --- what clocks and rules do -----------------------------------------------------------------------------------------


async def act(
    ctx: Context,
    db: Transaction,
    case_id: str,
    *,
    clock: Clock,
    happening: Happened,
    actions: Sequence[Notify | Escalate],
    at: datetime,
) -> None:
    """Do what a policy says of a warning or breach: escalate, and tell whom it names."""
    due = sla.warn_at(clock) if happening == "warned" else sla.due_at(clock)
    due = due or at
    late = LateClock(
        name=clock.name,
        policy=clock.policy,
        target_s=clock.target.total_seconds(),
        due_at=due,
        late_s=max(0.0, (at - due).total_seconds()),
    )
    cause = Cause(trigger=Trigger.WARNING if happening == "warned" else Trigger.BREACH, clock=late)
    for action in actions:
        if isinstance(action, Escalate):
            to = Target(queue=action.queue, agent=action.agent, ladder=action.ladder)
            await escalate(ctx, db, case_id, to=to, cause=cause, at=at)
        else:
            case = await cases.find_case_by_id(db, case_id)
            if case is not None:
                await heralds.clock_acted(ctx, db, case, late, happening, to=action.who, at=at)


async def by_rules(ctx: Context, db: Transaction, before: Case | None, after: Case, *, at: datetime) -> None:
    """The case was registered (`before` None) or changed: ladders whose condition began to hold with it are begun.

    What held before does nothing again, so that a case goes up once for each time it becomes so.
    """
    centre = await ctx.centres.in_force(db)
    for ladder in centre.document.escalations:
        if ladder.when is None or after.status in FINISHED:
            continue
        if _holds(ladder.when, await reaching.names_of(db, after)) and not (
            before is not None and _holds(ladder.when, await reaching.names_of(db, before))
        ):
            cause = Cause(trigger=Trigger.RULE, rule=ladder.when)
            await escalate(ctx, db, after.id, to=Target(ladder=ladder.name), cause=cause, at=at)


def _holds(condition: str, names: dict[str, Any]) -> bool:
    return conditions.answer(condition, names, ANY).holds


# --- one level --------------------------------------------------------------------------------------------------------


async def escalate(
    ctx: Context, db: Transaction, case_id: str, *, to: Target, cause: Cause, at: datetime
) -> Handover | None:
    """Send the case up its first level. None: it is finished, or on its way there already, which the timeline says.

    While a handover waits to be taken, a further escalation to the same place, or of the same instant, joins it; one
    to another place replaces it. A name that is configured no longer leads to where work waits that no rule routes.
    """
    case = await cases.find_case_by_id(db, case_id, lock=True)
    if case is None or case.status in FINISHED:
        return None
    centre = await ctx.centres.in_force(db)
    first, *above = _levels(centre, to)
    under_way = await handovers.under_way(db, case.id)
    if under_way is not None and _joins(under_way, to, first, at):
        await _join(db, case, under_way, cause, at)
        return None
    step = Step(level=1, ladder=to.ladder, rung=first, above=tuple(above))
    return await give(ctx, db, Going(case=case, centre=centre, at=at, replaces=under_way), step, cause)


async def transfer(
    ctx: Context, db: Transaction, case_id: str, *, to: Target, note: str | None, by: str | None, at: datetime
) -> Handover | None:
    """Hand the case on, not up. What is on its way up keeps its level and its time. None: it is finished."""
    case = await cases.find_case_by_id(db, case_id, lock=True)
    if case is None or case.status in FINISHED:
        return None
    cause = Cause(trigger=Trigger.TRANSFER, reason=note, by=by)
    centre = await ctx.centres.in_force(db)
    under_way = await handovers.under_way(db, case.id)
    going = Going(case=case, centre=centre, at=at, replaces=under_way)
    return await give(ctx, db, going, _step(centre, to, cause, under_way), cause)


def _levels(centre: Centre, to: Target) -> tuple[Level, ...]:
    ladder = centre.document.ladder(to.ladder) if to.ladder is not None else None
    return ladder.levels if ladder is not None else (Level(queue=to.queue, agent=to.agent),)


def _joins(under_way: Handover, to: Target, first: Level, at: datetime) -> bool:
    if under_way.trigger is Trigger.TRANSFER:
        return False
    same_ladder = to.ladder is not None and under_way.ladder == to.ladder
    named = under_way.to_agent if first.agent is not None else None
    same_place = under_way.to_agent == first.agent if named else under_way.to_queue == first.queue
    return same_ladder or same_place or under_way.made_at == at


async def _join(db: Transaction, case: Case, under_way: Handover, cause: Cause, at: datetime) -> None:
    data: dict[str, Any] = {
        "joined": under_way.id,
        "trigger": cause.trigger,
        "level": under_way.level,
        "queue": under_way.to_queue,
        "agent": under_way.to_agent,
        "clock": cause.clock.name if cause.clock is not None else None,
        "reason": cause.reason,
    }
    await cases.add_activities(db, [entry(case, Entry.ESCALATED, under_way.item, by=cause.by, data=data, at=at)])


# --- as time passes, and as the case goes on --------------------------------------------------------------------------


async def next_due(db: Transaction) -> datetime | None:
    """When the next handover goes up unless somebody takes it."""
    return await handovers.next_due(db)


async def run_due(ctx: Context, db: Transaction, now: datetime, *, limit: int) -> int:
    """Send up, or report, what nobody took in its time; how many there were."""
    overdue = await handovers.overdue(db, now, limit=limit)
    for handover_id, case_id in overdue:
        await _climb(ctx, db, handover_id, case_id, now)
    return len(overdue)


async def _climb(ctx: Context, db: Transaction, handover_id: str, case_id: str, at: datetime) -> None:
    case = await cases.find_case_by_id(db, case_id, lock=True)
    row = await handovers.find(db, handover_id)
    if case is None or row is None or row.ended_at is not None or row.climbed_at is not None:
        return  # somebody took it while we waited for the row
    await handovers.change(db, row.id, climbed_at=at)
    centre = await ctx.centres.in_force(db)
    for passed, rung in enumerate(row.above, start=1):
        if not reaching.exists(centre, rung):
            continue
        before = {
            "level": row.level,
            "queue": row.to_queue,
            "agent": row.to_agent,
            "take_by": row.take_by,
            "taken_by": row.taken_by,
        }
        cause = Cause(trigger=Trigger.NOT_TAKEN, reason=row.reason, before=before)
        step = Step(level=row.level + passed, ladder=row.ladder, rung=rung, above=row.above[passed:])
        await give(ctx, db, Going(case=case, centre=centre, at=at, replaces=row), step, cause)
        return
    data = {"handover": row.id, "level": row.level, "queue": row.to_queue, "agent": row.to_agent}
    await cases.add_activities(db, [entry(case, Entry.NOT_TAKEN, row.item, data=data, at=at)])
    await heralds.not_taken(ctx, db, case, row)


async def withdraw(db: Transaction, case_id: str, *, at: datetime) -> tuple[str, ...]:
    """Nobody is to work on the case now: what is under way ends. The work that waits with it, to be withdrawn too."""
    row = await handovers.under_way(db, case_id)
    if row is None:
        return ()
    await handovers.end(db, row.id, at)
    return (row.item,)


# --- by hand ----------------------------------------------------------------------------------------------------------


async def send_up(
    ctx: Context, who: Principal, *, number: str, to: Target, reason: str, once: Once | None = None
) -> Given:
    """Escalate by hand. Raises NotFound, BadInput, AgentNotQualified, AlreadyEscalated, Conflict (it is finished)."""
    return await _by_hand(ctx, who, number, to, Cause(trigger=Trigger.HAND, reason=reason), once=once)


async def hand_on(
    ctx: Context, who: Principal, *, number: str, to: Target, note: str, once: Once | None = None
) -> Given:
    """Hand the case on, whoever has it in hand, with a note. What is on its way up keeps its level and its time.

    Raises as `send_up`, but for AlreadyEscalated.
    """
    return await _by_hand(ctx, who, number, to, Cause(trigger=Trigger.TRANSFER, reason=note), once=once)


async def _by_hand(ctx: Context, who: Principal, number: str, to: Target, cause: Cause, *, once: Once | None) -> Given:
    by = require(who, Permission.CHANGE_CASES)
    async with ctx.db.transaction() as db:
        earlier = await idempotency.earlier(ctx, db, once, Given)
        if earlier is not None:
            return earlier
        case = await handover.reached_case(ctx, db, who, number, lock=True)
        centre = await ctx.centres.in_force(db)
        _check(centre, case, to)
        if case.status in FINISHED:
            raise Conflict("This case is finished; reopen it first.")
        under_way = await handovers.under_way(db, case.id)
        if cause.trigger is Trigger.HAND and under_way is not None and under_way.trigger is not Trigger.TRANSFER:
            raise AlreadyEscalated
        cause = msgspec.structs.replace(cause, by=by)
        going = Going(case=case, centre=centre, at=ctx.clock.now(), replaces=under_way)
        await give(ctx, db, going, _step(centre, to, cause, under_way), cause)
        found = await handovers.latest(db, case.id)
        assert found is not None, "it was kept just now"
        answer = handover.given(case, *found)
        await idempotency.keep(ctx, db, once, answer)
    ctx.nudges.ring("router", "frames", "timekeeper")
    return answer


def _step(centre: Centre, to: Target, cause: Cause, under_way: Handover | None) -> Step:
    first, *above = _levels(centre, to)
    if cause.trigger is not Trigger.TRANSFER:
        return Step(level=1, ladder=to.ladder, rung=first, above=tuple(above))
    if under_way is None:
        return Step(level=0, ladder=None, rung=first, above=())
    return Step(
        level=under_way.level,
        ladder=under_way.ladder,
        rung=msgspec.structs.replace(first, take_within=None, notify=EVERYBODY),
        above=under_way.above,
        take_by=under_way.take_by,
    )


class Ways(msgspec.Struct, frozen=True, kw_only=True):
    """Where a case may go: names of ladders and queues, usernames with the names of people."""

    ladders: tuple[str, ...]
    queues: tuple[str, ...]
    people: tuple[tuple[str, str], ...]


async def ways(ctx: Context, who: Principal, *, number: str) -> Ways:
    """What somebody chooses from. Raises NotFound."""
    require(who, Permission.CHANGE_CASES)
    async with ctx.db.snapshot() as db:
        case = await handover.reached_case(ctx, db, who, number)
        centre = await ctx.centres.in_force(db)
    document = centre.document
    people = [
        (agent.username, agent.name)
        for agent in document.agents
        if agent.username != who.username
        and not reaching.place_of(centre, case, Level(agent=agent.username)).unqualified
    ]
    return Ways(
        ladders=tuple(ladder.name for ladder in document.escalations),
        queues=tuple(queue.name for queue in document.queues if queue.channel == "case"),
        people=tuple(sorted(people, key=lambda one: one[1])[:PEOPLE_MAX]),
    )


def _check(centre: Centre, case: Case, to: Target) -> None:
    if sum(name is not None for name in (to.queue, to.agent, to.ladder)) != 1:
        raise BadInput(errors=(FieldError("to", "must be {queue: NAME}, {agent: USERNAME} or {ladder: NAME}"),))
    wrong = centre.unknown_names(to.queue, {}, prefix="to.")
    if to.agent is not None and centre.document.agent(to.agent) is None:
        wrong = (FieldError("to.agent", f"there is no agent {to.agent!r}"),)
    if to.ladder is not None and centre.document.ladder(to.ladder) is None:
        wrong = (FieldError("to.ladder", f"there is no ladder {to.ladder!r}"),)
    if wrong:
        raise BadInput(errors=wrong)
    if to.agent is not None and reaching.place_of(centre, case, Level(agent=to.agent)).unqualified:
        raise AgentNotQualified
