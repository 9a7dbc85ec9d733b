"""Contracts: which one covers a case, what was used of it, and how they and their accounts are kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from console.cases import store as cases
from console.cases.case import Case
from console.cases.contract import Contract, Entitlement, Terms, checked
from console.cases.contract import covering as covering_of
from console.cases.differing import differing
from console.cases.store import contracts as store
from console.cases.timeline import Activity, Entry
from console.db.engine import Transaction
from console.errors import BadInput, FieldError, NotFound, StaleRecord
from console.ids import new_id
from console.people.permissions import Permission, require
from console.people.who import Principal
from console.queries import customers as lists
from console.queries.cases import Place
from console.services import auditing, idempotency
from console.services.auditing import What
from console.services.context import Context
from console.services.idempotency import Once
from console.services.seeing import seen_case
from console.services.telling import tell_case_changed

SECONDS_MAX = 100 * 3600
"""Written down at once for one case: who worked longer on it says so in parts, and on which days."""


class Covered(msgspec.Struct, frozen=True, kw_only=True):
    """A contract, and what is left of it."""

    contract: Contract
    entitlement: Entitlement


async def covering(db: Transaction, customer_id: str | None, at: datetime) -> Contract | None:
    """The contract that a case of this customer is worked under, when it is registered at that instant."""
    return covering_of([(one.contract, one.entitlement) for one in await of_customer(db, customer_id)], at)


async def of_customer(db: Transaction, customer_id: str | None) -> list[Covered]:
    """Their own contracts and their account's, the last begun first, also those that are over."""
    return await _with_used(db, await store.of_customer(db, customer_id) if customer_id else [])


async def of_case(db: Transaction, case: Case) -> Covered | None:
    """The contract under which the case was registered: its promises are kept, also when it has ended since."""
    contract = await store.find(db, case.contract) if case.contract else None
    return (await _with_used(db, [contract]))[0] if contract is not None else None


async def count_case(db: Transaction, case: Case, at: datetime) -> None:
    """Count the case against its contract; however often this is asked, it counts once."""
    if case.contract is not None:
        await store.count_case(db, case=case.id, contract=case.contract, at=at)


async def count_call(db: Transaction, *, case: str, item: str, by: str, seconds: float, at: datetime) -> None:
    """Talk and wrap-up of a call about the case are hours of its contract, once for each work item."""
    if seconds >= 1:
        await store.spend(db, id_=new_id(), case=case, work=item, seconds=round(seconds), by=by, at=at)


# --- use cases --------------------------------------------------------------------------------------------------------


async def create(
    ctx: Context,
    who: Principal,
    *,
    terms: Terms,
    account: str | None,
    customer: str | None,
    once: Once | None = None,
) -> Covered:
    """Agree something with an account, or with one customer. Raises BadInput, naming the field."""
    by = require(who, Permission.KEEP_CONTRACTS)
    if (account is None) == (customer is None):
        raise BadInput(errors=(FieldError("account", "A contract is either an account's or a customer's."),))
    now = ctx.clock.now()
    contract = Contract(
        id=new_id(),
        account=account,
        customer=customer,
        created_at=now,
        changed_at=now,
        **msgspec.structs.asdict(checked(terms)),
    )
    async with ctx.db.transaction() as db:
        earlier = await idempotency.earlier(ctx, db, once, Covered)
        if earlier is not None:
            return earlier
        if account is not None and await store.find_account(db, account) is None:
            raise BadInput(errors=(FieldError("account", "There is no such account."),))
        if customer is not None and await cases.find_customer(db, customer) is None:
            raise BadInput(errors=(FieldError("customer", "There is no such customer."),))
        await _put(ctx, db, None, contract, by=by)
        made = (await _with_used(db, [contract]))[0]
        await idempotency.keep(ctx, db, once, made)
    return made


async def change(
    ctx: Context, who: Principal, *, contract_id: str, changes: dict[str, Any], if_match: int | None = None
) -> Covered:
    """Agree something else from now on: fields of Terms. Cases that were registered under it keep it.

    Raises NotFound, StaleRecord, BadInput.
    """
    by = require(who, Permission.KEEP_CONTRACTS)
    async with ctx.db.transaction() as db:
        before = await store.find(db, contract_id, lock=True)
        if before is None:
            raise NotFound("There is no such contract.")
        if if_match is not None and if_match != before.version:
            raise StaleRecord
        new = msgspec.structs.replace(before, **changes, changed_at=ctx.clock.now(), version=before.version + 1)
        checked(new)
        await _put(ctx, db, before, new, by=by)
        return (await _with_used(db, [new]))[0]


async def _put(ctx: Context, db: Transaction, before: Contract | None, new: Contract, *, by: str) -> None:
    sla = (await ctx.centres.in_force(db)).document.sla
    if new.sla is not None and new.sla not in sla:
        known = ", ".join(sorted(sla)) or "none"
        raise BadInput(errors=(FieldError("sla", f"There is no SLA policy {new.sla!r}; there are: {known}."),))
    if await store.number_taken(db, new.number, new.id):
        raise BadInput(errors=(FieldError("number", "Another contract has this number."),))
    changes = differing(before, new, Terms.__struct_fields__)
    await store.put(db, new)
    data: dict[str, object] = {"contract": new.id, "changes": changes}
    await auditing.record(ctx, db, by=by, what=What.CONTRACT_SET, about=new.number, data=data)


async def show(ctx: Context, who: Principal, *, contract_id: str) -> Covered:
    """Raises NotFound."""
    require(who, Permission.SEE_CASES)
    async with ctx.db.snapshot() as db:
        contract = await store.find(db, contract_id)
        if contract is None:
            raise NotFound("There is no such contract.")
        return (await _with_used(db, [contract]))[0]


async def of_account(ctx: Context, who: Principal, *, account_id: str) -> list[Covered]:
    """All of its contracts, the last begun first."""
    require(who, Permission.SEE_CASES)
    async with ctx.db.snapshot() as db:
        return await _with_used(db, await store.of_account(db, account_id))


async def policies(ctx: Context) -> tuple[str, ...]:
    """What a contract may promise: names of the configuration in force."""
    async with ctx.db.snapshot() as db:
        return tuple(sorted((await ctx.centres.in_force(db)).document.sla))


async def listed(
    ctx: Context, who: Principal, *, where: lists.Whose, limit: int, after: Place | None
) -> tuple[list[lists.ContractInList], Place | None]:
    require(who, Permission.SEE_CASES)
    async with ctx.db.snapshot() as db:
        return await lists.contracts(db, where, limit=limit, after=after)


async def _with_used(db: Transaction, contracts: list[Contract]) -> list[Covered]:
    used = await store.used(db, contracts)
    return [Covered(contract=contract, entitlement=used[contract.id]) for contract in contracts]


async def write_time(
    ctx: Context, who: Principal, *, number: str, seconds: int, note: str | None = None, once: Once | None = None
) -> None:
    """Time that somebody spent on a case beside its calls, whose time counts by itself. Raises NotFound."""
    by = require(who, Permission.CHANGE_CASES)
    async with ctx.db.transaction() as db:
        if await idempotency.earlier(ctx, db, once, bool):
            return
        case = await seen_case(ctx, db, who, number)
        now = ctx.clock.now()
        await store.spend(db, id_=new_id(), case=case.id, seconds=seconds, by=by, at=now, note=note)
        data = {"seconds": seconds, "note": note}
        entry = Activity(
            id=new_id(), at=now, kind=Entry.TIME, case=case.id, customer=case.customer, by=by, data={**data}
        )
        await cases.add_activities(db, [entry])
        await tell_case_changed(db, case.id)
        await idempotency.keep(ctx, db, once, True)
    ctx.nudges.ring("frames")
