"""Cases: registered, listed, read with everything that belongs to them, changed, noted on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import NamedTuple

import msgspec

from console.cases import store
from console.cases.attachment import Attachment
from console.cases.case import ENDS_WORK, Case, Change, Status, changed, differences
from console.cases.contract import Contract
from console.cases.customer import Customer, Described, e164
from console.cases.handover import Result, noted
from console.cases.store import attachments
from console.cases.task import Task
from console.cases.timeline import Activity, Entry
from console.clock import to_instant
from console.db import inbox
from console.db.engine import Transaction
from console.errors import BadInput, FieldError, StaleRecord
from console.ids import new_id
from console.people.permissions import Permission, require
from console.people.who import Principal
from console.queries import case_context
from console.queries import cases as lists
from console.queries.desktop_case import Shown, of_case
from console.routing import facts
from console.routing.queue import Requirement
from console.services import clocks, contracts, escalation, idempotency, tasks
from console.services.centre import Centre
from console.services.context import Context
from console.services.idempotency import Once
from console.services.queueing import queue_case
from console.services.seeing import seen_case, sight_of
from console.services.telling import tell_case_changed

Cell = str | int | None


class Registered(msgspec.Struct, frozen=True, kw_only=True):
    """As `POST /cases` answers."""

    number: str
    id: str
    work_item: str


class Registration(msgspec.Struct, frozen=True, kw_only=True):
    """What `POST /cases` brings; the contract's fields."""

    subject: str
    via: str
    customer: Described
    description: str | None = None
    priority: int | None = None
    queue: str | None = None
    requires: Requirement = {}
    topic: str | None = None


class CaseInFull(msgspec.Struct, frozen=True, kw_only=True):
    """A case with its whole context."""

    case: Case
    customer: Customer | None
    contract: contracts.Covered | None
    timeline: list[Activity]
    work: list[case_context.WorkOfCase]
    tasks: tuple[Task, ...]
    attachments: tuple[Attachment, ...]
    links: tuple[case_context.Linked, ...]


async def register(ctx: Context, who: Principal, *, registration: Registration, once: Once | None = None) -> Registered:
    """Register a case, classify it, and queue it as work.

    Raises BadInput for a queue or skill that is not configured, a phone that is no number, or nobody to serve.
    """
    require(who, Permission.CHANGE_CASES)
    async with ctx.db.transaction() as db:
        earlier = await idempotency.earlier(ctx, db, once, Registered)
        if earlier is not None:
            return earlier
        registered = await register_in(ctx, db, registration, by=who.username)
        await idempotency.keep(ctx, db, once, registered)
    ctx.nudges.ring("router", "timekeeper")
    return registered


async def register_in(ctx: Context, db: Transaction, registration: Registration, *, by: str | None) -> Registered:
    """As `register`, within another use case's transaction; it rings the router."""
    now = ctx.clock.now()
    centre = await ctx.centres.in_force(db)
    customer = _customer(registration.customer)
    _check(centre, registration)
    customer_id = None
    if customer.phone or customer.email or customer.external_id or customer.name:
        customer_id = await store.find_or_make_customer(db, customer, new_id(), now)
    contract = await contracts.covering(db, customer_id, now)
    case = Case(
        id=new_id(),
        number=await store.next_number(db),
        subject=registration.subject,
        description=registration.description,
        via=registration.via,
        status=Status.NEW,
        priority=registration.priority,
        topic=registration.topic,
        queue=None,
        owner=None,
        customer=customer_id,
        contract=contract.id if contract else None,
        created_at=now,
        changed_at=now,
        version=1,
    )
    found = await store.find_customer(db, customer_id) if customer_id else None
    route = centre.route_case(case, registration.queue, registration.requires, customer=found, contract=contract)
    case = msgspec.structs.replace(case, queue=route.queue)
    await store.put_case(db, case)
    await contracts.count_case(db, case, now)
    await clocks.start_for(ctx, db, case, at=now, why="registered", by=by)
    item = await queue_case(db, centre, case, route, at=now)
    await store.add_activities(
        db,
        [
            Activity(
                id=new_id(),
                at=now,
                kind=Entry.REGISTERED,
                case=case.id,
                customer=customer_id,
                work=item,
                by=by,
                data=registered_data(case, contract),
            )
        ],
    )
    await escalation.by_rules(ctx, db, None, case, at=now)
    return Registered(number=case.number, id=case.id, work_item=item)


def registered_data(case: Case, contract: Contract | None) -> dict[str, object]:
    """Of the timeline's first entry."""
    return {
        "via": case.via,
        "subject": case.subject,
        "description": case.description,
        "contract": contract.number if contract else None,
    }


def _customer(described: Described) -> Described:
    if described.phone is None:
        return described
    number = e164(described.phone)
    if number is None:
        detail = "not a phone number with its country code, such as +442079460000"
        raise BadInput(errors=(FieldError("customer.phone", detail),))
    return msgspec.structs.replace(described, phone=number)


def _check(centre: Centre, registration: Registration) -> None:
    errors = centre.unknown_names(registration.queue, registration.requires)
    if errors:
        raise BadInput(errors=errors)


async def listed(
    ctx: Context, who: Principal, *, where: lists.Filter, limit: int, after: lists.Place | None
) -> lists.Page:
    """Cases that the asker may see, the last changed first."""
    require(who, Permission.SEE_CASES)
    async with ctx.db.snapshot() as db:
        return await lists.cases(db, where, await sight_of(ctx, db, who), limit=limit, after=after)


COLUMNS = (
    *("number", "subject", "status", "priority", "topic", "queue", "owner", "customer", "account", "contract", "via"),
    *("created_at", "changed_at", "resolved_at"),
)
"""Of the table that is exported."""
COUNTED_MAX = 1000
EXPORTED_AT_ONCE = 500
"""Cases read in one snapshot: a table of all of them holds no transaction open while it is sent."""


async def exported(ctx: Context, who: Principal, *, where: lists.Filter) -> AsyncIterator[list[tuple[Cell, ...]]]:
    """The table's rows, page after page, the last registered first; what is registered meanwhile is not in it."""
    require(who, Permission.SEE_CASES)
    page: list[tuple[Cell, ...]] = [COLUMNS]
    before = None
    while page:
        yield page
        async with ctx.db.snapshot() as db:
            sight = await sight_of(ctx, db, who)
            found = await lists.as_registered(db, where, sight, limit=EXPORTED_AT_ONCE, before=before)
        page = [_row(case) for case in found]
        before = found[-1].id if found else None


def _row(case: lists.CaseInList) -> tuple[Cell, ...]:
    return (
        *(case.number, case.subject, case.status, case.priority, case.topic, case.queue, case.owner),
        *(case.customer_name, case.account_name, case.contract, case.via),
        *(at.isoformat() if at else None for at in (case.created_at, case.changed_at, case.resolved_at)),
    )


async def show(ctx: Context, who: Principal, *, number: str) -> CaseInFull:
    """One case with its whole context. Raises NotFound, also for one that the asker may not see."""
    require(who, Permission.SEE_CASES)
    async with ctx.db.snapshot() as db:
        case = await seen_case(ctx, db, who, number)
        return CaseInFull(
            case=case,
            customer=await store.find_customer(db, case.customer) if case.customer else None,
            contract=await contracts.of_case(db, case),
            timeline=await store.timeline(db, case.id),
            work=await case_context.work_of(db, case.id),
            tasks=await tasks.of_case(db, case.id),
            attachments=await attachments.of_case(db, case.id),
            links=await case_context.links_of(db, case.id),
        )


async def counted(ctx: Context, who: Principal, *, where: lists.Filter) -> int:
    """How many there are, as far as it matters: COUNTED_MAX stands for that many or more."""
    require(who, Permission.SEE_CASES)
    async with ctx.db.snapshot() as db:
        return await lists.count(db, where, await sight_of(ctx, db, who), most=COUNTED_MAX)


async def queues_seen(ctx: Context, who: Principal) -> tuple[str, ...]:
    """The queues whose cases they may see."""
    require(who, Permission.SEE_CASES)
    async with ctx.db.snapshot() as db:
        sight = await sight_of(ctx, db, who)
        names = [queue.name for queue in (await ctx.centres.in_force(db)).document.queues]
    return tuple(name for name in names if sight.queues is None or name in sight.queues)


async def whole(ctx: Context, who: Principal, *, number: str) -> Shown:
    """A case as a desk shows it, for whoever may read it. Raises NotFound."""
    require(who, Permission.SEE_CASES)
    async with ctx.db.snapshot() as db:
        case = await seen_case(ctx, db, who, number)
        shown = await of_case(db, who.called, case.number, ctx.clock.now())
    assert shown is not None, "it was seen in the same snapshot"
    return shown


async def id_of(ctx: Context, who: Principal, *, number: str) -> str:
    """Raises NotFound."""
    require(who, Permission.SEE_CASES)
    async with ctx.db.snapshot() as db:
        return (await seen_case(ctx, db, who, number)).id


class Changed(NamedTuple):
    before: Case
    after: Case


async def change(ctx: Context, who: Principal, *, number: str, change: Change, if_match: int | None = None) -> Changed:
    """Change status, priority, topic or subject; pending, resolved and closed end the case's own work.

    `if_match` is the version that the asker has read. Raises NotFound, StaleRecord, BadInput.
    """
    require(who, Permission.CHANGE_CASES)
    async with ctx.db.transaction() as db:
        before = await seen_case(ctx, db, who, number, lock=True)
        if if_match is not None and if_match != before.version:
            raise StaleRecord
        after = await change_in(ctx, db, before, change, at=ctx.clock.now(), by=who.called)
    ctx.nudges.ring("router", "frames", "timekeeper")
    return Changed(before, after)


async def change_in(
    ctx: Context, db: Transaction, before: Case, change: Change, *, at: datetime, by: str | None
) -> Case:
    """As `change`, within a use case that has the case locked. Raises BadInput."""
    reopen_within = (await ctx.centres.in_force(db)).document.routing_defaults.reopen_within
    after = changed(before, change, at, reopen_within=reopen_within)
    different = differences(before, after)
    if not different:
        return before
    await store.put_case(db, after)
    await clocks.on_change(ctx, db, before, after, at=at, by=by)
    entry = Activity(
        id=new_id(),
        at=at,
        kind=Entry.CHANGED,
        case=after.id,
        customer=after.customer,
        by=by,
        data={**different},
    )
    await store.add_activities(db, [entry])
    await tell_case_changed(db, after.id)
    if after.status in ENDS_WORK and before.status not in ENDS_WORK:
        waits = await escalation.withdraw(db, after.id, at=at)
        for item in dict.fromkeys((*await store.items_of_case(db, after.id), *waits)):
            await inbox.put(db, facts.WorkWithdrawn(at=to_instant(at), item=item))
    else:
        await escalation.by_rules(ctx, db, before, after, at=at)
    return after


async def add_note(
    ctx: Context,
    who: Principal,
    *,
    number: str,
    text: str,
    outward: bool = False,
    tried: Result | None = None,
    once: Once | None = None,
) -> Activity:
    """A note on the case, for us or (outward) for the customer; `tried`: what came of it. Raises NotFound."""
    require(who, Permission.CHANGE_CASES)
    async with ctx.db.transaction() as db:
        earlier = await idempotency.earlier(ctx, db, once, Activity)
        if earlier is not None:
            return earlier
        case = await seen_case(ctx, db, who, number, lock=outward)
        note = Activity(
            id=new_id(),
            at=ctx.clock.now(),
            kind=Entry.NOTE,
            case=case.id,
            customer=case.customer,
            by=who.username,
            data=noted(text, outward=outward, tried=tried),
        )
        await store.add_activities(db, [note])
        if outward:
            await clocks.on_outward(db, case.id, at=note.at, by=who.called)
        await tell_case_changed(db, case.id)
        await idempotency.keep(ctx, db, once, note)
    ctx.nudges.ring("frames", "timekeeper")
    return note
