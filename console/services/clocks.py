"""Promises about a case: their clocks start, pause, are met, and go on, with what happens to it.

Everything here takes part in the caller's transaction, which holds the case's row, or has made it or an entry of its
timeline; clocks are locked after it. The caller rings "timekeeper". What clocks do by themselves is `services/breaching.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec
import structlog

from console.cases import store as cases
from console.cases.case import Case
from console.cases.store import contracts
from console.cases.timeline import Activity, Entry
from console.config import promises
from console.db.engine import Transaction
from console.errors import BadInput, NotFound
from console.ids import new_id
from console.services.centre import Centre
from console.services.context import Context
from console.sla import clock as clocks
from console.sla import policy, store
from console.sla.calendar import NeverOpen
from console.sla.clock import Clock, Happening, Terms
from console.sla.policy import Stage

log = structlog.get_logger()


async def start_for(
    ctx: Context, db: Transaction, case: Case, *, at: datetime, why: str, by: str | None = None
) -> None:
    """Start the clocks of a case that has just been registered: all that its policy has for the beginning."""
    promised = await _promised(ctx, db, case)
    for stage in Stage:
        if policy.starts_with_case(stage, classified=case.topic is not None):
            await _start(db, promised, case, stage, at=at, why=why, by=by)


async def on_taken(ctx: Context, db: Transaction, case_id: str, *, call: bool, at: datetime, by: str) -> None:
    """Somebody took work on the case. A call is the customer's word, and a person who answers it."""
    await _each(
        db, case_id, lambda clock: policy.on_taken(clock, call=call), at=at, why="call" if call else "open", by=by
    )
    if call:
        await _owe_update(ctx, db, case_id, at=at)


async def on_change(ctx: Context, db: Transaction, before: Case, after: Case, *, at: datetime, by: str | None) -> None:
    """The case was changed: clocks pause, resume, are met or canceled with its status, and follow its priority."""
    if after.topic is not None and before.topic is None:
        await on_classified(db, after.id, at=at, by=by)
    if after.status is not before.status:
        await _each(
            db,
            after.id,
            lambda clock: policy.on_status(clock, before.status, after.status),
            at=at,
            why=after.status,
            by=by,
        )
        # Reopened into a status in which it is to wait, it waits.
        await _each(db, after.id, lambda clock: policy.pausing(clock, after.status), at=at, why=after.status, by=by)
    if after.priority != before.priority:
        await _follow_priority(ctx, db, after, at=at, by=by)


async def on_outward(db: Transaction, case_id: str, *, at: datetime, by: str | None) -> None:
    """A person answered the customer: what was owed as a first response or next update is met."""
    await _each(db, case_id, policy.on_outward, at=at, why="answered", by=by)


async def on_customer_word(ctx: Context, db: Transaction, case_id: str, *, at: datetime) -> None:
    """The customer said something: nobody waits for them any more, and the next update is owed from now."""
    await _each(db, case_id, policy.on_word, at=at, why="customer", by=None)
    await _owe_update(ctx, db, case_id, at=at)


async def on_classified(db: Transaction, case_id: str, *, at: datetime, by: str | None) -> None:
    """Somebody said what the case is about."""
    await _each(db, case_id, policy.on_classified, at=at, why="classified", by=by)


async def start(
    ctx: Context, db: Transaction, case_id: str, name: str, *, at: datetime, by: str | None, why: str
) -> bool:
    """Start a clock of the case's policy, as a script says; False: it has not ended.

    Raises NotFound (no such case), BadInput (its policy has no such clock).
    """
    case = await cases.find_case_by_id(db, case_id, lock=True)
    if case is None:
        raise NotFound("There is no such case.")
    promised = await _promised(ctx, db, case)
    if _terms(promised, case, name, at) is None:
        raise BadInput(f"Nothing called {name} is promised about this case.")
    return await _start(db, promised, case, name, at=at, why=why, by=by)


async def meet(db: Transaction, case_id: str, name: str, *, at: datetime, by: str | None, why: str) -> bool:
    """Meet that clock of the case; False: none runs."""

    def happens(clock: Clock) -> Happening | None:
        return Happening.MET if clock.name == name and not clock.ended else None

    await cases.find_case_by_id(db, case_id, lock=True)
    return await _each(db, case_id, happens, at=at, why=why, by=by)


async def due_of(db: Transaction, case_id: str) -> datetime | None:
    """When the first of the case's running clocks is, or was, due."""
    return await store.due_of(db, case_id)


async def of_case(db: Transaction, case_id: str) -> tuple[Clock, ...]:
    """All clocks of the case, in the order in which they started."""
    return await store.of_case(db, case_id)


class Promised(msgspec.Struct, frozen=True):
    """Which policy of which configuration holds for a case."""

    centre: Centre
    policy: str | None


async def _promised(ctx: Context, db: Transaction, case: Case) -> Promised:
    """The contract's policy, else the queue's, else the default."""
    centre = await ctx.centres.in_force(db)
    if not centre.document.sla:
        return Promised(centre, None)
    contract = await contracts.find(db, case.contract) if case.contract is not None else None
    queue = centre.document.queue(case.queue) if case.queue is not None else None
    named = (
        contract.sla if contract is not None else None,
        queue.sla if queue is not None else None,
        centre.document.routing_defaults.sla,
    )
    return Promised(centre, next((name for name in named if name in centre.document.sla), None))


def _terms(promised: Promised, case: Case, name: str, at: datetime) -> Terms | None:
    """What that clock of the case would promise; None: nothing."""
    centre = promised.centre
    if promised.policy is None:
        return None
    queue = centre.document.queue(case.queue) if case.queue is not None else None
    own = queue.priority if queue is not None else 0
    try:
        return promises.terms(
            centre.document,
            promised.policy,
            name,
            priority=own if case.priority is None else case.priority,
            version=centre.version,
            at=at,
        )
    except NeverOpen:
        log.warning("clock.never_open", policy=promised.policy, clock=name, case=case.number)
        return None


async def _owe_update(ctx: Context, db: Transaction, case_id: str, *, at: datetime) -> None:
    """The next update is owed from the customer's last word."""
    case = await cases.find_case_by_id(db, case_id)
    if case is not None and case.status not in policy.FINISHED:
        await _start(db, await _promised(ctx, db, case), case, Stage.NEXT_UPDATE, at=at, why="customer", by=None)


async def _start(
    db: Transaction, promised: Promised, case: Case, name: str, *, at: datetime, why: str, by: str | None
) -> bool:
    terms = _terms(promised, case, name, at)
    if terms is None or promised.policy is None:
        return False
    started = clocks.started(
        id=new_id(), case=case.id, name=name, policy=promised.policy, terms=terms, at=at, why=why, by=by
    )
    waits = policy.pausing(started, case.status)
    if waits is not None:
        started = clocks.step(started, waits, at=at, why=case.status, by=by)
    return await store.begin(db, started)


async def _each(
    db: Transaction,
    case_id: str,
    happens: Callable[[Clock], Happening | None],
    *,
    at: datetime,
    why: str,
    by: str | None,
) -> bool:
    """Step every clock of the case to which something happens; whether there was any."""
    changed = []
    for clock in await store.of_case(db, case_id, lock=True):
        happening = happens(clock)
        if happening is not None:
            after = clocks.step(clock, happening, at=at, why=why, by=by)
            await store.put(db, after)
            changed.append((happening, after))
    met = [clock for happening, clock in changed if happening is Happening.MET]
    await cases.add_activities(db, [entry(clock, "met", at=at, by=by) for clock in met])
    return bool(changed)


async def _follow_priority(ctx: Context, db: Transaction, case: Case, *, at: datetime, by: str | None) -> None:
    """Another priority is another promise, of the same policy as it was when the clock started; what had counted counts."""
    for clock in await store.of_case(db, case.id, lock=True):
        before = clock.terms[-1]
        if clock.ended or clock.breached_at is not None or clocks.left(clock, at) <= clocks.NOTHING:
            continue
        centre = await ctx.centres.of_version(db, before.version)
        terms = _terms(Promised(centre, clock.policy), case, clock.name, clock.started_at)
        if terms is not None and (terms.target, terms.warn) != (before.target, before.warn):
            after = clocks.rebased(clock, terms, at=at, why="priority", by=by)
            await store.put(db, after)
            await cases.add_activities(db, [entry(after, "rebased", at=at, by=by, reason="priority")])


async def promised_anew(
    ctx: Context, db: Transaction, case: Case, clock: Clock, *, at: datetime, reason: str, by: str
) -> Clock:
    """By an admin's decision: what the configuration in force promises holds from now on; what had counted counts.

    Raises BadInput (it promises nothing of the kind), Conflict (the target is over).
    """
    promised = await _promised(ctx, db, case)
    terms = _terms(promised, case, clock.name, clock.started_at)
    if terms is None or promised.policy is None:
        raise BadInput(f"The configuration in force promises nothing called {clock.name} about this case.")
    anew = clocks.rebased(clock, terms, at=at, why=reason, by=by)
    anew = msgspec.structs.replace(anew, policy=promised.policy)
    await store.put(db, anew)
    await cases.add_activities(db, [entry(anew, "rebased", at=at, by=by, reason=reason)])
    return anew


def entry(clock: Clock, what: str, *, at: datetime, by: str | None = None, **more: object) -> Activity:
    """What the timeline tells of a clock."""
    late = max(-clocks.left(clock, at), clocks.NOTHING)
    data = {
        "clock": clock.name,
        "id": clock.id,
        "what": what,
        "due_at": clocks.due_at(clock),
        "elapsed_s": clocks.elapsed(clock, at).total_seconds(),
        "target_s": clock.target.total_seconds(),
        "late_s": late.total_seconds(),
        **more,
    }
    return Activity(id=new_id(), at=at, kind=Entry.CLOCK, case=clock.case, by=by, data=data)
