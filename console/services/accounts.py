"""Accounts: the organisations whose people are customers."""

from __future__ import annotations

import msgspec

from console.cases.account import Account
from console.cases.differing import differing
from console.cases.store import contracts as store
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


async def create(
    ctx: Context,
    who: Principal,
    *,
    name: str,
    external_id: str | None = None,
    note: str | None = None,
    once: Once | None = None,
) -> Account:
    """Raises BadInput where another account has this external id."""
    by = require(who, Permission.KEEP_CONTRACTS)
    async with ctx.db.transaction() as db:
        earlier = await idempotency.earlier(ctx, db, once, Account)
        if earlier is not None:
            return earlier
        now = ctx.clock.now()
        account = Account(id=new_id(), name=name, external_id=external_id, note=note, created_at=now, changed_at=now)
        await _put(ctx, db, None, account, by=by)
        await idempotency.keep(ctx, db, once, account)
    return account


async def change(
    ctx: Context,
    who: Principal,
    *,
    account_id: str,
    changes: dict[str, str | None],
    if_match: int | None = None,
) -> Account:
    """Fields of Account. Raises NotFound, StaleRecord, BadInput."""
    by = require(who, Permission.KEEP_CONTRACTS)
    async with ctx.db.transaction() as db:
        before = await store.find_account(db, account_id, lock=True)
        if before is None:
            raise NotFound("There is no such account.")
        if if_match is not None and if_match != before.version:
            raise StaleRecord
        after = msgspec.structs.replace(before, **changes, changed_at=ctx.clock.now(), version=before.version + 1)
        await _put(ctx, db, before, after, by=by)
    return after


async def _put(ctx: Context, db: Transaction, before: Account | None, after: Account, *, by: str) -> None:
    if after.external_id is not None and await store.account_taken(db, after.external_id, after.id):
        raise BadInput(errors=(FieldError("external_id", "Another account has this id."),))
    await store.put_account(db, after)
    changes = differing(before, after, ("name", "external_id", "note"))
    data: dict[str, object] = {"account": after.id, "changes": changes}
    await auditing.record(ctx, db, by=by, what=What.ACCOUNT_SET, about=after.name, data=data)


async def show(ctx: Context, who: Principal, *, account_id: str) -> Account:
    """Raises NotFound."""
    require(who, Permission.SEE_CASES)
    async with ctx.db.snapshot() as db:
        account = await store.find_account(db, account_id)
    if account is None:
        raise NotFound("There is no such account.")
    return account


async def listed(
    ctx: Context, who: Principal, *, where: lists.Whose, limit: int, after: Place | None
) -> tuple[list[lists.AccountInList], Place | None]:
    require(who, Permission.SEE_CASES)
    async with ctx.db.snapshot() as db:
        return await lists.accounts(db, where, limit=limit, after=after)
