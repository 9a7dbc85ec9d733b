"""Work is handed on: by its agent to a queue or a person, or by a supervisor's hand, which is recorded with its reason."""

from __future__ import annotations

from collections.abc import Sequence

from console.cases import store as cases
from console.cases.timeline import Activity, Entry
from console.clock import to_instant
from console.db.engine import Transaction
from console.errors import BadInput, FieldError, NotAllowed, NotFound, WorkOver
from console.ids import new_id
from console.people.permissions import Permission, require
from console.people.who import Principal
from console.queries import routing as ask
from console.queries import stream
from console.routing.facts import WorkAssigned, WorkMoved, WorkTransferred
from console.services import notes, notices
from console.services.auditing import What, decided_and_recorded
from console.services.centre import Centre
from console.services.context import Context
from console.services.deciding import Outcome, decided
from console.services.notices import Code
from console.services.teams import require_directs


async def assign(ctx: Context, who: Principal, *, item: str, agent: str, reason: str) -> Outcome:
    """Give the work to this agent at once, wherever it is now.

    Raises NotAllowed (not in the asker's teams), NotFound, WorkOver, Conflict (in wrap-up), AgentNotFree (a call for
    somebody who is offline), AgentNotQualified (who takes no such work at all).
    """
    row, by = await _theirs(ctx, who, item, agent)
    fact = WorkAssigned(
        at=to_instant(ctx.clock.now()), item=item, agent=agent, by=by, reason=reason, successor=new_id()
    )
    told = [(agent, Code.WORK_ASSIGNED), (row.agent, Code.WORK_TAKEN)] if row.agent != agent else []

    async def tell(db: Transaction) -> None:
        await _tell(ctx, db, told, by=by, row=row, reason=reason)

    return await decided_and_recorded(
        ctx,
        fact,
        by=by,
        what=What.WORK_ASSIGNED,
        about=item,
        reason=reason,
        data={"agent": agent, "was": row.agent},
        beside=tell,
    )


async def move(ctx: Context, who: Principal, *, item: str, queue: str, reason: str) -> Outcome:
    """Let the work wait in another queue, with its place where nobody has it yet. Raises as `assign`, and BadInput."""
    row, by = await _theirs(ctx, who, item)
    async with ctx.db.transaction() as db:
        wrong = (await ctx.centres.in_force(db)).unknown_names(queue, {})
    if wrong:
        raise BadInput(errors=wrong)
    fact = WorkMoved(at=to_instant(ctx.clock.now()), item=item, queue=queue, by=by, reason=reason, successor=new_id())

    async def tell(db: Transaction) -> None:
        await _tell(ctx, db, [(row.agent, Code.WORK_TAKEN)], by=by, row=row, reason=reason)

    return await decided_and_recorded(
        ctx,
        fact,
        by=by,
        what=What.WORK_MOVED,
        about=item,
        reason=reason,
        data={"queue": queue, "was": row.queue},
        beside=tell,
    )


async def transfer(
    ctx: Context, who: Principal, *, item: str, queue: str | None, agent: str | None, note: str | None = None
) -> Outcome:
    """Hand on the work in hand: to a queue, or to an agent, who is asked first.

    Raises NotAllowed (not theirs), NotFound, WorkOver, BadInput, AgentNotQualified.
    """
    username = require(who, Permission.HANDLE_WORK)
    row = await _row(ctx, item)
    async with ctx.db.transaction() as db:
        centre = await ctx.centres.in_force(db)
    if row.agent is None or row.state != "assigned":
        raise NotAllowed("Nobody has this work in hand.")
    if row.agent != username:
        require_directs(centre.document, who, (row.agent,))
    _check(centre, queue, agent)
    fact = WorkTransferred(at=to_instant(ctx.clock.now()), item=item, queue=queue, agent=agent, successor=new_id())

    async def annotate(db: Transaction) -> None:
        if note is not None:
            await notes.add_to_work(ctx, db, who, item=item, text=note)

    outcome = await decided(ctx, fact, beside=annotate)
    async with ctx.db.transaction() as db:
        await _record(ctx, db, item, by=username, to=queue or agent)
    return outcome


async def _record(ctx: Context, db: Transaction, item: str, *, by: str, to: str | None) -> None:
    card = (await stream.cards(db, [item]))[item]
    handed_on = Activity(
        id=new_id(),
        at=ctx.clock.now(),
        kind=Entry.TRANSFERRED,
        case=card.case,
        customer=card.customer,
        work=item,
        by=by,
        data={"to": to},
    )
    await cases.add_activities(db, [handed_on])


async def _theirs(ctx: Context, who: Principal, item: str, *agents: str) -> tuple[ask.ItemRow, str]:
    """The work, and the name under which the asker may take it from whoever has it and give it to these."""
    require(who, Permission.SUPERVISE)
    row = await _row(ctx, item)
    async with ctx.db.transaction() as db:
        centre = (await ctx.centres.in_force(db)).document
    if any(centre.agent(agent) is None for agent in agents):
        raise NotFound("There is no such agent.")
    holder = () if row.agent is None else (row.agent,)
    return row, require_directs(centre, who, (*agents, *holder))


async def _row(ctx: Context, item: str) -> ask.ItemRow:
    async with ctx.db.statement() as db:
        row = await ask.item(db, item)
    if row is None:
        raise NotFound("There is no such work item.")
    if row.ended_at is not None:
        raise WorkOver
    return row


def _check(centre: Centre, queue: str | None, agent: str | None) -> None:
    if (queue is None) == (agent is None):
        raise BadInput(errors=(FieldError("to", "must be one of {queue: NAME} and {agent: USERNAME}"),))
    wrong = centre.unknown_names(queue, {}, prefix="to.")
    if agent is not None and centre.document.agent(agent) is None:
        wrong = (FieldError("to.agent", f"there is no agent {agent!r}"),)
    if wrong:
        raise BadInput(errors=wrong)


async def _tell(
    ctx: Context,
    db: Transaction,
    told: Sequence[tuple[str | None, Code]],
    *,
    by: str,
    row: ask.ItemRow,
    reason: str,
) -> None:
    """Who gets work by hand, or loses it, hears why."""
    words = {
        Code.WORK_ASSIGNED: f"{by} gave you work from {row.queue}: {reason}",
        Code.WORK_TAKEN: f"{by} took work from {row.queue} off you: {reason}",
    }
    for agent, code in told:
        if agent is not None:
            data: dict[str, object] = {"item": row.id, "queue": row.queue, "reason": reason}
            await notices.put(ctx, db, to=[agent], by=by, code=code, text=words[code], data=data)
