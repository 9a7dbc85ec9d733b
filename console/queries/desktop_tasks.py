"""What stands around a case on a desk: what is to be done, its files, the cases beside it, who looks at it, its contract."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from console.cases.attachment import Attachment
from console.cases.case import FINISHED, Status
from console.cases.contract import Contract, Entitlement, covering
from console.cases.store import attachments, contracts, tasks
from console.cases.task import Task
from console.db.schema import case, case_viewing, user_account
from console.queries.case_context import Linked, links_of
from console.queries.viewing import LOOKING_FOR


class Viewer(msgspec.Struct, frozen=True, kw_only=True):
    """A colleague whose screen shows the same case."""

    username: str
    name: str


class Around(msgspec.Struct, frozen=True, kw_only=True):
    tasks: tuple[Task, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    links: tuple[Linked, ...] = ()
    viewers: tuple[Viewer, ...] = ()
    contract: Contract | None = None
    """The case's; of a caller without a case, the one that covers them now."""
    entitlement: Entitlement | None = None
    expired: bool = False
    """The contract has ended; what was promised under it holds."""
    reopens: bool = False
    """The case is over, and can still be reopened."""
    names: dict[str, str] = {}
    """Of the people in it."""


NOTHING = Around()


async def of(db: AsyncConnection, username: str, case_id: str | None, customer_id: str | None, now: datetime) -> Around:
    """Around the case; without one, around the customer."""
    if case_id is None:
        contract = await _covering(db, customer_id, now) if customer_id else None
        return await _under(db, NOTHING, contract, now)
    c = case.c
    row = (await db.execute(select(c.contract, c.status, c.reopen_until).where(c.id == case_id))).one()
    todo = await tasks.of_case(db, case_id)
    files = await attachments.of_case(db, case_id)
    contract = await contracts.find(db, row.contract) if row.contract else None
    over = Status(row.status) in FINISHED and row.reopen_until is not None
    around = Around(
        tasks=todo,
        attachments=files,
        links=await links_of(db, case_id),
        viewers=await _viewers(db, username, case_id, now),
        reopens=over and now <= row.reopen_until,
        names=await _names(db, (*(task.assignee for task in todo), *(file.by for file in files))),
    )
    return await _under(db, around, contract, now)


async def _covering(db: AsyncConnection, customer_id: str, now: datetime) -> Contract | None:
    theirs = await contracts.of_customer(db, customer_id)
    used = await contracts.used(db, theirs)
    return covering([(contract, used[contract.id]) for contract in theirs], now)


async def _under(db: AsyncConnection, around: Around, contract: Contract | None, now: datetime) -> Around:
    if contract is None:
        return around
    used = await contracts.used(db, [contract])
    return msgspec.structs.replace(
        around, contract=contract, entitlement=used[contract.id], expired=not contract.in_force(now)
    )


async def _viewers(db: AsyncConnection, username: str, case_id: str, now: datetime) -> tuple[Viewer, ...]:
    v, u = case_viewing.c, user_account.c
    rows = await db.execute(
        select(v.username, u.name)
        .join(user_account, u.username == v.username)
        .where(v.case == case_id, v.username != username, v.seen_at > now - LOOKING_FOR)
        .order_by(v.since, v.username)
    )
    return tuple(Viewer(**row) for row in rows.mappings())


async def _names(db: AsyncConnection, usernames: Iterable[str | None]) -> dict[str, str]:
    wanted = sorted({name for name in usernames if name})
    if not wanted:
        return {}
    u = user_account.c
    return {
        row.username: row.name for row in await db.execute(select(u.username, u.name).where(u.username.in_(wanted)))
    }
