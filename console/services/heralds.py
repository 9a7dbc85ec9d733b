"""Who hears that a case goes up, goes on, or is not taken: the owner, the supervisors, and whoever is to take it.

What is told here reaches desks and notices. E-mail and webhooks would be lanes of the outbox beside them: this is the
one place that knows what is told to whom.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from console.cases.case import Case
from console.cases.handover import LateClock, Trigger, Whom
from console.cases.store.handovers import Handover
from console.config.document import Centre as Document
from console.db.engine import Transaction
from console.live.messages import Case as CaseTold
from console.live.messages import CaseEscalated, HandoverTold
from console.queries import stream
from console.services import notices
from console.services.context import Context
from console.services.notices import Code
from console.services.telling import Told, tell


async def handed_over(ctx: Context, db: Transaction, case: Case, handover: Handover, notify: Sequence[Whom]) -> None:
    """Whoever is to take it by name, its owner and the supervisors hear of it; screens that show the case are redrawn."""
    document = (await ctx.centres.in_force(db)).document
    told = {name for name in _among(document, case.owner, handover, notify) if name != handover.by}
    up = handover.trigger is not Trigger.TRANSFER
    whom = handover.to_agent or handover.to_queue
    data: dict[str, object] = {
        "case": case.number,
        "subject": case.subject,
        "level": handover.level,
        "queue": handover.to_queue,
        "agent": handover.to_agent,
        "trigger": handover.trigger,
        "reason": handover.reason,
        "unqualified": handover.unqualified,
    }
    code = Code.CASE_ESCALATED if up else Code.CASE_HANDED_ON
    text = f"{case.number} {'was escalated' if up else 'was handed on'} to {whom}: {case.subject}"
    if handover.unqualified:
        text += ". Nobody who serves there qualifies for it."
    await notices.put(ctx, db, to=sorted(told), by=handover.by, code=code, text=text, data=data)
    watchers = await stream.watchers_of_case(db, case.id)
    screens = told | {handover.by} | set(watchers.agents if watchers else ())
    await _show(db, case, handover, (agent for agent in screens if agent))


def _among(document: Document, owner: str | None, handover: Handover, notify: Sequence[Whom]) -> set[str]:
    """An owner who is not there any more is stood in for by those above them."""
    gone = owner is not None and document.agent(owner) is None
    told = {handover.to_agent} if handover.to_agent else set()
    if "owner" in notify and owner is not None and not gone:
        told.add(owner)
    if "supervisors" in notify or gone or handover.unqualified:
        told |= supervisors_of(document, owner, handover.to_agent)
    return told


async def _show(db: Transaction, case: Case, handover: Handover, agents: Iterable[str]) -> None:
    short = HandoverTold(
        id=handover.id,
        trigger=handover.trigger,
        level=handover.level,
        queue=handover.to_queue,
        agent=handover.to_agent,
        made_at=handover.made_at,
        take_by=handover.take_by,
    )
    about = CaseTold(number=case.number, subject=case.subject, status=case.status, priority=case.priority)
    await tell(db, [Told(agent, CaseEscalated(case=about, handover=short)) for agent in sorted(agents)])


async def not_taken(ctx: Context, db: Transaction, case: Case, handover: Handover) -> None:
    """Nobody took it in time, and there is nobody above: the supervisors decide."""
    document = (await ctx.centres.in_force(db)).document
    whom = handover.to_agent or handover.to_queue
    told = supervisors_of(document, case.owner, handover.to_agent)
    text = f"{case.number} still waits in {whom}: nobody took it in time, and there is no level above."
    data: dict[str, object] = {
        "case": case.number,
        "subject": case.subject,
        "level": handover.level,
        "queue": handover.to_queue,
        "agent": handover.to_agent,
    }
    await notices.put(ctx, db, to=sorted(told), by=None, code=Code.CASE_NOT_TAKEN, text=text, data=data)
    watchers = await stream.watchers_of_case(db, case.id)
    await _show(db, case, handover, watchers.agents if watchers else ())


async def clock_acted(
    ctx: Context, db: Transaction, case: Case, clock: LateClock, happening: str, *, to: Whom, at: datetime
) -> None:
    """A policy says who hears of a warning or breach."""
    document = (await ctx.centres.in_force(db)).document
    owner = case.owner if case.owner is not None and document.agent(case.owner) is not None else None
    told = {owner} if to == "owner" and owner is not None else supervisors_of(document, case.owner, None)
    code = Code.CLOCK_WARNED if happening == "warned" else Code.CLOCK_BREACHED
    text = f"{case.number}: {clock.name} {'runs out soon' if happening == 'warned' else 'has run out'}. {case.subject}"
    data: dict[str, object] = {
        "case": case.number,
        "subject": case.subject,
        "clock": clock.name,
        "due_at": clock.due_at.isoformat(),
        "acted_at": at.isoformat(),
    }
    await notices.put(ctx, db, to=sorted(told), by=None, code=code, text=text, data=data)


def supervisors_of(document: Document, *agents: str | None) -> set[str]:
    """Who leads a team of one of these; where nobody does, every supervisor there is."""
    known = {agent for agent in agents if agent is not None}
    leading = {
        supervisor for team in document.teams if known.intersection(team.members) for supervisor in team.supervisors
    }
    return leading or {user.username for user in document.agents if "supervisor" in user.roles}
