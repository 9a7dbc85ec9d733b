"""Cases: registered, listed, read with everything that belongs to them, changed, noted on."""

from __future__ import annotations

import msgspec

from console.cases import store
from console.cases.case import ENDS_WORK, Case, Change, Status, changed, differences
from console.cases.customer import Customer, Described, e164
from console.cases.timeline import Activity, Entry
from console.clock import to_instant
from console.db import inbox
from console.db.engine import Transaction
from console.errors import BadInput, FieldError, NotFound, StaleRecord
from console.ids import new_id
from console.people.permissions import Permission, may, require
from console.people.who import Principal
from console.queries import cases as lists
from console.routing import facts
from console.routing.queue import Requirement
from console.services import idempotency
from console.services.centre import Centre
from console.services.context import Context
from console.services.idempotency import Once
from console.services.preferring import preferred
from console.services.telling import tell_case_changed


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
    timeline: list[Activity]
    work: list[lists.WorkOfCase]


async def register(ctx: Context, who: Principal, *, registration: Registration, once: Once | None = None) -> Registered:
    """Register a case, classify it, and queue it as work.

    Raises BadInput for a queue or skill that is not configured, a phone that is no number, or nobody to serve.
    """
    require(who, Permission.CHANGE_CASES)
    async with ctx.db.transaction() as db:
        earlier = await idempotency.earlier(ctx, db, once, Registered)
        if earlier is not None:
            return earlier
        registered = await _register(ctx, db, who, registration)
        await idempotency.keep(ctx, db, once, registered)
    ctx.nudges.ring("router")
    return registered


async def _register(ctx: Context, db: Transaction, who: Principal, registration: Registration) -> Registered:
    now = ctx.clock.now()
    centre = await ctx.centres.in_force(db)
    customer = _customer(registration.customer)
    _check(centre, registration)
    customer_id = None
    if customer.phone or customer.email or customer.external_id or customer.name:
        customer_id = await store.find_or_make_customer(db, customer, new_id(), now)
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
        created_at=now,
        changed_at=now,
        version=1,
    )
    found = await store.find_customer(db, customer_id) if customer_id else None
    route = centre.route_case(case, registration.queue, registration.requires, customer=found)
    case = msgspec.structs.replace(case, queue=route.queue)
    await store.put_case(db, case)
    item = new_id()
    await store.put_work(db, item=item, kind="case", at=now, case=case.id, customer=customer_id, routed=route.record)
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
                by=who.username,
                data={"via": case.via, "subject": case.subject, "description": case.description},
            )
        ],
    )
    await inbox.put(
        db,
        facts.WorkItemQueued(
            at=to_instant(now),
            item=item,
            kind="case",
            queue=route.queue,
            requires=route.requires,
            priority=route.priority,
            preferred=await preferred(db, centre, route.queue, case=case, customer=case.customer),
        ),
    )
    return Registered(number=case.number, id=case.id, work_item=item)


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


async def show(ctx: Context, who: Principal, *, number: str) -> CaseInFull:
    """One case with its whole context. Raises NotFound, also for one that the asker may not see."""
    require(who, Permission.SEE_CASES)
    async with ctx.db.snapshot() as db:
        case = await _seen(ctx, db, who, number)
        return CaseInFull(
            case=case,
            customer=await store.find_customer(db, case.customer) if case.customer else None,
            timeline=await store.timeline(db, case.id),
            work=await lists.work_of(db, case.id),
        )


async def change(ctx: Context, who: Principal, *, number: str, change: Change, if_match: int | None = None) -> Case:
    """Change status, priority, topic or subject; pending, resolved and closed end the case's own work.

    `if_match` is the version that the asker has read. Raises NotFound, StaleRecord, BadInput.
    """
    require(who, Permission.CHANGE_CASES)
    async with ctx.db.transaction() as db:
        before = await _seen(ctx, db, who, number, lock=True)
        if if_match is not None and if_match != before.version:
            raise StaleRecord
        now = ctx.clock.now()
        after = changed(before, change, now)
        different = differences(before, after)
        if not different:
            return before
        await store.put_case(db, after)
        entry = Activity(
            id=new_id(),
            at=now,
            kind=Entry.CHANGED,
            case=after.id,
            customer=after.customer,
            by=who.username,
            data={**different},
        )
        await store.add_activities(db, [entry])
        await tell_case_changed(db, after.id)
        if after.status in ENDS_WORK and before.status not in ENDS_WORK:
            for item in await store.items_of_case(db, after.id):
                await inbox.put(db, facts.WorkWithdrawn(at=to_instant(now), item=item))
    ctx.nudges.ring("router", "frames")
    return after


async def add_note(
    ctx: Context, who: Principal, *, number: str, text: str, outward: bool = False, once: Once | None = None
) -> Activity:
    """A note on the case, for us or (outward) for the customer. Raises NotFound."""
    require(who, Permission.CHANGE_CASES)
    async with ctx.db.transaction() as db:
        earlier = await idempotency.earlier(ctx, db, once, Activity)
        if earlier is not None:
            return earlier
        case = await _seen(ctx, db, who, number)
        note = Activity(
            id=new_id(),
            at=ctx.clock.now(),
            kind=Entry.NOTE,
            case=case.id,
            customer=case.customer,
            by=who.username,
            data={"text": text, "outward": outward},
        )
        await store.add_activities(db, [note])
        await tell_case_changed(db, case.id)
        await idempotency.keep(ctx, db, once, note)
    ctx.nudges.ring("frames")
    return note


async def _seen(ctx: Context, db: Transaction, who: Principal, number: str, *, lock: bool = False) -> Case:
    case = await store.find_case(db, number=number, lock=lock)
    sight = await sight_of(ctx, db, who)
    if case is None or not sight.sees(queue=case.queue, owner=case.owner):
        raise NotFound("There is no such case, or it is not in your queues.")
    return case


async def sight_of(ctx: Context, db: Transaction, who: Principal) -> lists.Sight:
    """Which cases they may see."""
    if may(who, Permission.SUPERVISE) or who.username is None:
        return lists.EVERYTHING
    centre = await ctx.centres.in_force(db)
    return lists.Sight(username=who.username, queues=centre.queues_of(who.username))
