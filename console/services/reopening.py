"""Cases that come back into work: reopened by hand, or by the customer's word; each waits anew, its owner asked first."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from console.cases import store
from console.cases.case import FINISHED, Case, can_reopen, heard, reopened
from console.cases.customer import Described
from console.cases.link import Kind
from console.cases.timeline import Activity, Entry
from console.db.engine import Transaction
from console.ids import new_id
from console.people.permissions import Permission, require
from console.people.who import Principal
from console.queries import case_context
from console.services import clocks, contracts, idempotency, links
from console.services.cases import Registration, register_in
from console.services.centre import Centre
from console.services.context import Context
from console.services.idempotency import Once
from console.services.queueing import queue_case
from console.services.seeing import seen_case
from console.services.telling import tell_case_changed

Via = Literal["email", "web", "api"]


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What a customer's word led to: `happening` with the case `number`, which is another one where a new one was made."""

    number: str
    happening: Literal["noted", "resumed", "reopened", "registered"]
    work_item: str | None


async def reopen(ctx: Context, who: Principal, *, number: str, reason: str | None = None) -> Case:
    """Put a case that was over into work again. Raises NotFound, NotOver, ReopenTooLate."""
    by = require(who, Permission.CHANGE_CASES)
    async with ctx.db.transaction() as db:
        before = await seen_case(ctx, db, who, number, lock=True)
        after, _ = await _reopen(ctx, db, before, by=by, why=reason)
    ctx.nudges.ring("router", "frames", "timekeeper")
    return after


async def hear(ctx: Context, who: Principal, *, number: str, text: str, via: Via, once: Once | None = None) -> Heard:
    """What the customer wrote about a case: kept, and brought to whoever serves it.

    Nobody waits for them any more, so a pending case is open again; one that is over is reopened, or where its time
    is up becomes a new case, which is linked to it. Raises NotFound.
    """
    by = require(who, Permission.CHANGE_CASES)
    async with ctx.db.transaction() as db:
        earlier = await idempotency.earlier(ctx, db, once, Heard)
        if earlier is not None:
            return earlier
        case = await seen_case(ctx, db, who, number, lock=True)
        result = await _heard(ctx, db, case, text=text, via=via, by=by)
        await idempotency.keep(ctx, db, once, result)
    ctx.nudges.ring("router", "frames", "timekeeper")
    return result


async def _heard(ctx: Context, db: Transaction, case: Case, *, text: str, via: Via, by: str) -> Heard:
    now = ctx.clock.now()
    if case.status in FINISHED:
        if not can_reopen(case, now):
            return await _anew(ctx, db, case, text=text, via=via, by=by)
        await _keep_word(ctx, db, case, text=text, via=via)
        _, item = await _reopen(ctx, db, case, by=None, why="customer")
        await clocks.on_customer_word(ctx, db, case.id, at=now)
        return Heard(number=case.number, happening="reopened", work_item=item)
    after = heard(case, now)
    await _keep_word(ctx, db, case, text=text, via=via)
    item = None
    if after is not case:
        await store.put_case(db, after)
        await _changed(ctx, db, case, after, now)
        item = await queue_again(ctx, db, after, at=now)
    await clocks.on_customer_word(ctx, db, case.id, at=now)
    await tell_case_changed(db, case.id)
    return Heard(number=case.number, happening="resumed" if item else "noted", work_item=item)


async def _changed(ctx: Context, db: Transaction, before: Case, after: Case, now: datetime) -> None:
    await clocks.on_change(ctx, db, before, after, at=now, by=None)
    data = {"status": [before.status, after.status], "why": "customer"}
    entry = Activity(id=new_id(), at=now, kind=Entry.CHANGED, case=after.id, customer=after.customer, data=data)
    await store.add_activities(db, [entry])


async def _keep_word(ctx: Context, db: Transaction, case: Case, *, text: str, via: Via) -> None:
    word = Activity(
        id=new_id(),
        at=ctx.clock.now(),
        kind=Entry.WORD,
        case=case.id,
        customer=case.customer,
        data={"text": text, "via": via},
    )
    await store.add_activities(db, [word])


async def _reopen(
    ctx: Context, db: Transaction, before: Case, *, by: str | None, why: str | None
) -> tuple[Case, str | None]:
    now = ctx.clock.now()
    after = reopened(before, now)
    await store.put_case(db, after)
    await clocks.on_change(ctx, db, before, after, at=now, by=by)
    entry = Activity(
        id=new_id(),
        at=now,
        kind=Entry.REOPENED,
        case=after.id,
        customer=after.customer,
        by=by,
        data={"was": before.status, "why": why},
    )
    await store.add_activities(db, [entry])
    item = await queue_again(ctx, db, after, at=now)
    await tell_case_changed(db, after.id)
    return after, item


async def _anew(ctx: Context, db: Transaction, old: Case, *, text: str, via: Via, by: str) -> Heard:
    """Too late to reopen: what was promised then is over, and this is a new promise."""
    customer = await store.find_customer(db, old.customer) if old.customer else None
    described = Described(
        phone=next(iter(customer.phones), None) if customer else None,
        email=next(iter(customer.emails), None) if customer else None,
        external_id=customer.external_id if customer else None,
    )
    registration = Registration(
        subject=old.subject, via=via, customer=described, description=text, topic=old.topic, priority=old.priority
    )
    made = await register_in(ctx, db, registration, by=None)
    new = await store.find_case(db, number=made.number)
    assert new is not None, "it was just made"
    await links.link_in(ctx, db, new, old, Kind.RELATED, by=by)
    return Heard(number=made.number, happening="registered", work_item=made.work_item)


async def queue_again(ctx: Context, db: Transaction, case: Case, *, at: datetime) -> str | None:
    """A new work item of a case that nobody works on, its owner asked first; None: somebody talks about it now."""
    return await queue_in(db, await ctx.centres.in_force(db), case, at=at)


async def queue_in(db: Transaction, centre: Centre, case: Case, *, at: datetime) -> str | None:
    """As `queue_again`, where the configuration is known."""
    if await case_context.is_talked_about(db, case.id):
        return None
    customer = await store.find_customer(db, case.customer) if case.customer else None
    covered = await contracts.of_case(db, case)
    queue = centre.document.queue(case.queue) if case.queue else None
    route = centre.route_case(
        case,
        case.queue if queue is not None and queue.channel == "case" else None,
        {},
        customer=customer,
        contract=covered.contract if covered else None,
    )
    parent = await store.last_item_of_case(db, case.id)
    return await queue_case(db, centre, case, route, at=at, parent=parent)
