"""What an agent does with the work in hand: complete it, prolong or end its wrap-up, ask what it is."""

from __future__ import annotations

from datetime import datetime

import msgspec

from console.cases import store as cases
from console.clock import to_instant
from console.errors import NotAllowed, NotFound, WorkOver
from console.live.messages import Call, Case, Customer
from console.people.permissions import Permission, may, require
from console.people.who import Principal
from console.queries import routing as ask
from console.queries import stream
from console.routing.facts import WorkCompleted, WrapUpExtended, WrapUpFinished
from console.routing.queue import SECOND
from console.services import matters, messages, notes
from console.services.context import Context
from console.services.deciding import Outcome, decided

DISPOSITION_MAX = 100
EXTENSION_S_MAX = 900
"""A quarter of an hour of wrap-up, beyond which a supervisor should know."""


class WorkItem(msgspec.Struct, frozen=True, kw_only=True):
    """As `GET /work-items/{id}` shows it."""

    id: str
    state: str
    kind: str
    queue: str | None
    agent: str | None
    waiting_since: datetime | None
    call: Call | None
    case: Case | None
    customer: Customer | None


async def complete(
    ctx: Context, who: Principal, *, item: str, disposition: str | None = None, note: str | None = None
) -> Outcome:
    """Say that this work is done: a live call is hung up, wrap-up ends, work on a case ends.

    Raises WorkOver, NotAllowed (not theirs), NotFound.
    """
    agent = await _in_hand(ctx, who, item)
    await _record(ctx, who, item, disposition, note)
    return await decided(ctx, WorkCompleted(at=to_instant(ctx.clock.now()), item=item, agent=agent))


async def choose_outcome(ctx: Context, who: Principal, *, item: str, disposition: str | None) -> None:
    """Keep the outcome while the work goes on; it is complete only when somebody says so. Raises as `complete`."""
    async with ctx.db.transaction() as db:
        await cases.set_disposition(db, await matters.find_in_hand(ctx, db, who, item), disposition)


async def extend_wrap_up(ctx: Context, who: Principal, *, item: str, seconds: int = 30) -> Outcome:
    """More time after the call. Raises as `complete`."""
    agent = await _in_hand(ctx, who, item)
    at = to_instant(ctx.clock.now())
    return await decided(ctx, WrapUpExtended(at=at, item=item, agent=agent, by=seconds * SECOND))


async def finish_wrap_up(
    ctx: Context, who: Principal, *, item: str, disposition: str | None = None, note: str | None = None
) -> Outcome:
    """Be free again now. Raises as `complete`."""
    agent = await _in_hand(ctx, who, item)
    await _record(ctx, who, item, disposition, note)
    return await decided(ctx, WrapUpFinished(at=to_instant(ctx.clock.now()), item=item, agent=agent))


async def show(ctx: Context, who: Principal, *, item: str) -> WorkItem:
    """One work item and what it is about."""
    require(who, Permission.SEE_WORK)
    async with ctx.db.snapshot() as db:
        found = (await stream.cards(db, [item])).get(item)
    return _shown(found)


async def find_by_call(ctx: Context, who: Principal, *, source: str, external_id: str) -> WorkItem:
    """The work item of a phone system's call."""
    require(who, Permission.SEE_WORK)
    async with ctx.db.snapshot() as db:
        found = await stream.card_of_call(db, source, external_id)
    return _shown(found)


def _shown(found: stream.Card | None) -> WorkItem:
    if found is None:
        raise NotFound("There is no such work item.")
    return WorkItem(
        id=found.item,
        state=found.state or "waiting",
        kind=found.kind,
        queue=found.queue,
        agent=found.agent,
        waiting_since=found.waiting_since,
        **messages.subjects(found),
    )


async def _in_hand(ctx: Context, who: Principal, item: str) -> str:
    """The agent who has it: the asker, or anyone's where the asker may act for others."""
    username = require(who, Permission.HANDLE_WORK)
    async with ctx.db.transaction() as db:
        row = await ask.item(db, item)
        if row is None:
            known = (await stream.cards(db, [item])).get(item)
    if row is None:
        raise NotFound("There is no such work item.") if known is None else NotAllowed("This work is not yours.")
    if row.ended_at is not None:
        raise WorkOver
    if row.agent != username and not may(who, Permission.SUPERVISE):
        raise NotAllowed("This work is not yours.")
    if row.agent is None or row.state not in ("assigned", "wrap_up"):
        raise NotAllowed("Nobody has this work in hand yet.")
    return row.agent


async def _record(ctx: Context, who: Principal, item: str, disposition: str | None, note: str | None) -> None:
    if disposition is None and note is None:
        return
    async with ctx.db.transaction() as db:
        if disposition is not None:
            await cases.set_disposition(db, item, disposition)
        if note is not None:
            await notes.add_to_work(ctx, db, who, item=item, text=note)
