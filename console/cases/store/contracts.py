"""Accounts, contracts and what was used of them, in their tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from console.cases.account import Account
from console.cases.contract import SECONDS_OF_HOUR, Contract, Entitlement
from console.cases.store.rows import columns_of, read
from console.db import schema as t
from console.db.engine import driver

_ACCOUNT = columns_of(t.account, Account)
_CONTRACT = columns_of(t.contract, Contract)


async def find_account(db: AsyncConnection, account: str, *, lock: bool = False) -> Account | None:
    query = select(*_ACCOUNT).where(t.account.c.id == account)
    row = (await db.execute(query.with_for_update() if lock else query)).mappings().first()
    return read(row, Account) if row else None


async def account_taken(db: AsyncConnection, external_id: str, account: str) -> bool:
    """Whether another account has this id of another system."""
    a = t.account.c
    return await db.scalar(select(a.id).where(a.external_id == external_id, a.id != account)) is not None


async def put_account(db: AsyncConnection, account: Account) -> None:
    values = msgspec.structs.asdict(account)
    row = insert(t.account).values(values)
    await db.execute(row.on_conflict_do_update(index_elements=["id"], set_={k: row.excluded[k] for k in values}))


async def find(db: AsyncConnection, contract: str, *, lock: bool = False) -> Contract | None:
    query = select(*_CONTRACT).where(t.contract.c.id == contract)
    row = (await db.execute(query.with_for_update() if lock else query)).mappings().first()
    return read(row, Contract) if row else None


async def number_taken(db: AsyncConnection, number: str, contract: str) -> bool:
    c = t.contract.c
    return await db.scalar(select(c.id).where(c.number == number, c.id != contract)) is not None


async def put(db: AsyncConnection, contract: Contract) -> None:
    values = msgspec.structs.asdict(contract)
    row = insert(t.contract).values(values)
    await db.execute(row.on_conflict_do_update(index_elements=["id"], set_={k: row.excluded[k] for k in values}))


async def of_customer(db: AsyncConnection, customer: str) -> list[Contract]:
    """Their own and their account's, whenever they are in force."""
    theirs = select(t.customer.c.account).where(t.customer.c.id == customer).scalar_subquery()
    whose = or_(t.contract.c.customer == customer, t.contract.c.account == theirs)
    rows = await db.execute(
        select(*_CONTRACT).where(whose).order_by(t.contract.c.starts_on.desc(), t.contract.c.number)
    )
    return [read(row, Contract) for row in rows.mappings()]


async def of_account(db: AsyncConnection, account: str) -> list[Contract]:
    c = t.contract.c
    rows = await db.execute(select(*_CONTRACT).where(c.account == account).order_by(c.starts_on.desc(), c.number))
    return [read(row, Contract) for row in rows.mappings()]


async def used(db: AsyncConnection, contracts: Sequence[Contract]) -> dict[str, Entitlement]:
    """What was used of each of them."""
    ids = [contract.id for contract in contracts]
    if not ids:
        return {}
    use, spent = t.contract_use.c, t.time_spent.c
    counted = select(use.contract, func.count().label("n")).where(use.contract.in_(ids)).group_by(use.contract)
    added = select(spent.contract, func.sum(spent.seconds).label("n")).where(spent.contract.in_(ids))
    cases = {row.contract: row.n for row in await db.execute(counted)}
    seconds = {row.contract: row.n for row in await db.execute(added.group_by(spent.contract))}
    return {
        contract.id: Entitlement(
            included_cases=contract.included_cases,
            used_cases=cases.get(contract.id, 0),
            included_hours=contract.included_hours,
            used_hours=round(seconds.get(contract.id, 0) / SECONDS_OF_HOUR, 2),
        )
        for contract in contracts
    }


async def count_case(db: AsyncConnection, *, case: str, contract: str, at: datetime) -> bool:
    """Count the case once; False: it was counted before, against this contract or another."""
    made = await (await driver(db)).fetchval(
        'insert into contract_use ("case", contract, at) values ($1, $2, $3) on conflict do nothing returning true',
        case,
        contract,
        at,
    )
    return made is not None


async def spend(
    db: AsyncConnection,
    *,
    id_: str,
    case: str,
    seconds: int,
    by: str,
    at: datetime,
    work: str | None = None,
    note: str | None = None,
) -> bool:
    """Time that went into a case, and is its contract's; of one call once (False: it was kept before)."""
    made = await (await driver(db)).fetchval(
        'insert into time_spent (id, "case", contract, work, seconds, by, at, note)'
        ' select $1, id, contract, $3, $4, $5, $6, $7 from "case" where id = $2'
        " on conflict do nothing returning true",
        id_,
        case,
        work,
        seconds,
        by,
        at,
        note,
    )
    return made is not None
