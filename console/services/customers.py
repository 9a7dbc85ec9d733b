"""Customers, as agents know them: who they are, whether the caller is that person, and what to know before hello."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

from console.cases import store
from console.cases.customer import Customer, Particulars, checked, particulars_of
from console.cases.differing import differing
from console.cases.store import contracts as accounts
from console.cases.timeline import Activity, Entry
from console.db.engine import Transaction
from console.errors import BadInput, FieldError, NotFound, StaleRecord
from console.ids import new_id
from console.people.permissions import Permission, require
from console.people.who import Principal
from console.queries import cases as case_lists
from console.queries import customers as lists
from console.queries.cases import CaseInList, Filter, Place
from console.services import contracts, idempotency, matters
from console.services.context import Context
from console.services.idempotency import Once
from console.services.seeing import sight_of
from console.services.telling import tell_case_changed

Identity = Literal["verified", "failed"]
CASES_SHOWN = 50
HISTORY_SHOWN = 100


class CustomerInFull(msgspec.Struct, frozen=True, kw_only=True):
    """A customer with everything that is theirs, as far as the asker may see it."""

    customer: Customer
    contracts: list[contracts.Covered]
    cases: list[CaseInList]
    """The last changed of them."""
    timeline: list[Activity]
    """What happened over all their cases and calls, newest first."""


async def create(ctx: Context, who: Principal, *, particulars: Particulars, once: Once | None = None) -> Customer:
    """Somebody new. Raises BadInput where one of the keys is another customer's, or nothing is known at all."""
    by = require(who, Permission.CHANGE_CASES)
    given = checked(particulars)
    if not (given.name or given.external_id or given.phones or given.emails):
        raise BadInput(errors=(FieldError("name", "A name, a number, an address or an external id is needed."),))
    async with ctx.db.transaction() as db:
        earlier = await idempotency.earlier(ctx, db, once, Customer)
        if earlier is not None:
            return earlier
        customer_id, now = new_id(), ctx.clock.now()
        await _claim(db, given, customer_id)
        await store.put_customer(db, customer_id, given, at=now)
        made = await store.find_customer(db, customer_id)
        assert made is not None, "it was just made"
        await _record(db, made, {}, by=by, at=now)
        await idempotency.keep(ctx, db, once, made)
    return made


async def show(ctx: Context, who: Principal, *, customer_id: str) -> CustomerInFull:
    """Raises NotFound."""
    require(who, Permission.SEE_CASES)
    async with ctx.db.snapshot() as db:
        customer = await store.find_customer(db, customer_id)
        if customer is None:
            raise NotFound("There is no such customer.")
        sight = await sight_of(ctx, db, who)
        page = await case_lists.cases(db, Filter(customer=customer_id), sight, limit=CASES_SHOWN, after=None)
        return CustomerInFull(
            customer=customer,
            contracts=await contracts.of_customer(db, customer_id),
            cases=page.items,
            timeline=await case_lists.timeline_of_customer(db, customer_id, sight, limit=HISTORY_SHOWN),
        )


async def listed(
    ctx: Context, who: Principal, *, where: lists.Whose, limit: int, after: Place | None
) -> tuple[list[lists.CustomerInList], Place | None]:
    """Found by words, the last changed first."""
    require(who, Permission.SEE_CASES)
    async with ctx.db.snapshot() as db:
        return await lists.customers(db, where, limit=limit, after=after)


async def correct(
    ctx: Context, who: Principal, *, customer_id: str, changes: dict[str, Any], if_match: int | None = None
) -> Customer:
    """Change what is known of a customer: fields of Particulars. Raises NotFound, StaleRecord, BadInput."""
    by = require(who, Permission.CHANGE_CASES)
    async with ctx.db.transaction() as db:
        customer = await store.find_customer(db, customer_id, lock=True)
        if customer is None:
            raise NotFound("There is no such customer.")
        if if_match is not None and if_match != customer.version:
            raise StaleRecord
        after = await _change(ctx, db, customer, particulars_of(customer, **changes), by=by)
        for case_id in await store.open_cases_of(db, customer_id):
            await tell_case_changed(db, case_id)
    ctx.nudges.ring("frames")
    return after


async def change(ctx: Context, who: Principal, *, about: str, changes: dict[str, Any], if_match: int) -> Customer:
    """Correct what is known of the customer of this work or case: fields of Particulars.

    `if_match` is the version that the asker has read. Raises NotFound, StaleRecord, BadInput.
    """
    by = require(who, Permission.CHANGE_CASES)
    async with ctx.db.transaction() as db:
        matter, customer = await _customer(ctx, db, who, about, if_match)
        after = await _change(ctx, db, customer, particulars_of(customer, **changes), by=by)
        await _tell(db, matter)
    ctx.nudges.ring("frames")
    return after


async def _change(ctx: Context, db: Transaction, before: Customer, now: Particulars, *, by: str) -> Customer:
    given = checked(now)
    await _claim(db, given, before.id)
    at = ctx.clock.now()
    await store.change_customer(db, before.id, given, at=at)
    after = await store.find_customer(db, before.id)
    assert after is not None, "its row is held"
    changes = differing(before, after, Particulars.__struct_fields__)
    await _record(db, after, changes, by=by, at=at)
    return after


async def _claim(db: Transaction, given: Particulars, customer_id: str) -> None:
    """Hold the keys by which a customer is found. Raises BadInput where one is another's."""
    await store.lock_keys(db, (given.external_id, *given.phones, *given.emails))
    errors = [FieldError(field, "Another customer has this.") for field in await store.taken(db, given, customer_id)]
    if given.account is not None and await accounts.find_account(db, given.account) is None:
        errors.append(FieldError("account", "There is no such account."))
    if errors:
        raise BadInput(errors=tuple(errors))


async def _record(db: Transaction, customer: Customer, changes: dict[str, Any], *, by: str, at: datetime) -> None:
    entry = Activity(id=new_id(), at=at, kind=Entry.CUSTOMER, customer=customer.id, by=by, data={"changes": changes})
    await store.add_activities(db, [entry])


async def pin_note(ctx: Context, who: Principal, *, about: str, text: str | None, if_match: int) -> None:
    """Leave words for whoever serves this customer next; None takes them away. Raises as `change`."""
    require(who, Permission.CHANGE_CASES)
    async with ctx.db.transaction() as db:
        matter, customer = await _customer(ctx, db, who, about, if_match)
        await store.pin_note(db, customer.id, text, by=who.username, at=ctx.clock.now())
        await _tell(db, matter)
    ctx.nudges.ring("frames")


async def identify(ctx: Context, who: Principal, *, about: str, result: Identity | None) -> None:
    """Say whether the caller is who they say; None takes it back. Raises NotFound, NotAllowed, WorkOver."""
    username = require(who, Permission.HANDLE_WORK)
    async with ctx.db.transaction() as db:
        item = await matters.find_in_hand(ctx, db, who, about)
        matter = await matters.find(ctx, db, who, about)
        now = ctx.clock.now()
        await store.set_identity(db, item, result, by=username, at=now)
        entry = Activity(
            id=new_id(),
            at=now,
            kind=Entry.IDENTITY,
            case=matter.case,
            customer=matter.customer,
            work=item,
            by=username,
            data={"result": result},
        )
        await store.add_activities(db, [entry])
        await _tell(db, matter)
    ctx.nudges.ring("frames")


async def _customer(
    ctx: Context, db: Transaction, who: Principal, about: str, if_match: int
) -> tuple[matters.Matter, Customer]:
    """Locked, and as the asker has read it."""
    matter = await matters.find(ctx, db, who, about)
    customer = await store.find_customer(db, matter.customer, lock=True) if matter.customer else None
    if customer is None:
        raise NotFound("No customer is known here.")
    if customer.version != if_match:
        raise StaleRecord
    return matter, customer


async def _tell(db: Transaction, matter: matters.Matter) -> None:
    """The screens that show this case; those of other cases of the customer see it when they are next drawn."""
    if matter.case is not None:
        await tell_case_changed(db, matter.case)
