"""What clocks do by themselves: each warning and each breach acts once, when it is due, or as soon as somebody looks.

The timekeeper runs it, under its lease. An act is told to whoever has the case, stands in its timeline and in
`sla_event`, and does what the policy asks for; all of it in one transaction, or not at all.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from console.cases import store as cases
from console.config.document import Escalate, Notify
from console.db.engine import Transaction
from console.errors import NotReady
from console.live.messages import Case, SlaBreached, SlaWarned
from console.queries import stream
from console.services import clocks, escalation
from console.services.context import Context
from console.services.telling import Told, tell
from console.sla import store
from console.sla.clock import Act, Clock, acted, due_at, next_act

log = structlog.get_logger()

TRY_AGAIN = timedelta(seconds=1)
"""After an act that failed; doubled with each failure, up to TRY_AGAIN_MAX, so that one clock cannot hold up the rest."""
TRY_AGAIN_MAX = timedelta(minutes=5)

TOLD: dict[Act, type[SlaWarned | SlaBreached]] = {"warned": SlaWarned, "breached": SlaBreached}


async def next_due(db: Transaction) -> datetime | None:
    """When the next clock has something to do."""
    return await store.next_due(db)


async def run_due(ctx: Context, db: Transaction, now: datetime, *, limit: int) -> int:
    """Let the clocks act that are due; how many there were."""
    due = await store.take_due(db, now, limit=limit)
    for clock in due:
        await _run(ctx, db, clock, now)
    return len(due)


async def _run(ctx: Context, db: Transaction, clock: Clock, now: datetime) -> None:
    """All that this clock has to do. What fails is undone, told, and tried again; the others go on."""
    try:
        async with db.begin_nested():
            while (act := next_act(clock)) is not None and act[0] <= now:
                clock = acted(clock, act[1], now)
                await _act(ctx, db, clock, act[1], due=act[0], now=now)
            await store.put(db, clock)
    except NotReady:
        raise
    except Exception:
        if db.invalidated or db.closed:
            raise
        log.exception("clock.act_failed", clock=clock.id, case=clock.case)
        await store.try_later(db, clock.id, now, first=TRY_AGAIN, longest=TRY_AGAIN_MAX)


async def _act(ctx: Context, db: Transaction, clock: Clock, act: Act, *, due: datetime, now: datetime) -> None:
    await store.put_event(db, clock.id, act, due=due, at=now)
    late_s = (now - due).total_seconds()
    await cases.add_activities(db, [clocks.entry(clock, act, at=now, acted_late_s=late_s)])
    about = await stream.watchers_of_case(db, clock.case)
    if about is not None:
        case = Case(number=about.number, subject=about.subject, status=about.status, priority=about.priority)
        message = TOLD[act](case=case, clock=clock.name, due_at=due_at(clock) or due)
        await tell(db, [Told(agent, message) for agent in about.agents])
    actions = await _asked_for(ctx, db, clock, act)
    if actions:
        await escalation.act(ctx, db, clock.case, clock=clock, happening=act, actions=actions, at=now)


async def _asked_for(ctx: Context, db: Transaction, clock: Clock, act: Act) -> tuple[Notify | Escalate, ...]:
    """What its policy asks for, as it was when the promise was made."""
    terms = clock.terms[-1]
    centre = await ctx.centres.of_version(db, terms.version)
    promised = centre.document.sla[clock.policy].clocks_at(terms.priority)[clock.name]
    return promised.on_warn if act == "warned" else promised.on_breach
