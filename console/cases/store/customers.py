"""Customers, their numbers and addresses, in their tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import delete, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from console.cases.customer import Customer, Described, Particulars
from console.db import schema as t
from console.db.engine import driver


async def customer_of_phone(db: AsyncConnection, phone: str) -> str | None:
    """The id of the one customer who has this number (E.164)."""
    found: str | None = await (await driver(db)).fetchval("select customer from customer_phone where phone = $1", phone)
    return found


async def find_or_make_customer(db: AsyncConnection, described: Described, customer_id: str, at: datetime) -> str:
    """The id of the customer described, made with `customer_id` where there is none.

    External id decides before the number, the number before the address. The locks make calls and
    cases of one number that come at once find one customer.
    """
    email = described.email.lower() if described.email else None
    await lock_keys(db, (described.external_id, described.phone, email))
    found = await _described(db, described)
    if found is None:
        values = {"name": described.name, "external_id": described.external_id, "created_at": at, "changed_at": at}
        await db.execute(t.customer.insert().values(id=customer_id, **values))
        found = customer_id
    if described.phone:
        number = insert(t.customer_phone).values(phone=described.phone, customer=found)
        await db.execute(number.on_conflict_do_nothing())
    if email:
        address = insert(t.customer_email).values(email=email, customer=found)
        await db.execute(address.on_conflict_do_nothing())
    return found


async def lock_keys(db: AsyncConnection, keys: Sequence[str | None]) -> None:
    """By which a customer is found; held until the transaction ends, and taken in one order."""
    for key in sorted({key for key in keys if key}):
        await db.execute(text("select pg_advisory_xact_lock(hashtextextended('customer:' || :key, 0))"), {"key": key})


async def _described(db: AsyncConnection, described: Described) -> str | None:
    found: str | None = None
    if described.external_id:
        found = await db.scalar(select(t.customer.c.id).where(t.customer.c.external_id == described.external_id))
    if found is None and described.phone:
        found = await customer_of_phone(db, described.phone)
    if found is None and described.email:
        e = t.customer_email.c
        found = await db.scalar(select(e.customer).where(e.email == described.email.lower()))
    return found


_CUSTOMER = (
    "select c.id, c.name, c.external_id, c.account, coalesce(a.name, c.company) as company, c.address, c.languages,"
    " c.note, c.note_by, c.note_at, c.version, c.created_at, c.changed_at,"
    " array(select phone from customer_phone where customer = c.id order by place, phone) as phones,"
    " array(select email from customer_email where customer = c.id order by place, email) as emails"
    " from customer c left join account a on a.id = c.account where c.id = $1"
)


async def find_customer(db: AsyncConnection, customer: str, *, lock: bool = False) -> Customer | None:
    query = f"{_CUSTOMER} for update of c" if lock else _CUSTOMER
    row = await (await driver(db)).fetchrow(query, customer)
    return msgspec.convert(dict(row), Customer) if row else None


async def put_customer(db: AsyncConnection, customer: str, now: Particulars, *, at: datetime) -> None:
    """A new one; the caller holds the keys (`lock_keys`) and has found that they are free (`taken`)."""
    values = _columns(now) | {"id": customer, "created_at": at, "changed_at": at}
    await db.execute(t.customer.insert().values(values))
    await _put_reached_by(db, customer, now)


async def change_customer(db: AsyncConnection, customer: str, now: Particulars, *, at: datetime) -> None:
    """What somebody corrected; the caller holds the row (`find_customer`) and the keys."""
    await _set_customer(db, customer, **_columns(now), changed_at=at)
    await _put_reached_by(db, customer, now)


def _columns(now: Particulars) -> dict[str, Any]:
    values = msgspec.structs.asdict(now) | {"languages": list(now.languages)}
    for beside in ("phones", "emails"):
        del values[beside]
    if now.account is not None:
        values["company"] = None
    return values


async def _put_reached_by(db: AsyncConnection, customer: str, now: Particulars) -> None:
    for table, key, words in ((t.customer_phone, "phone", now.phones), (t.customer_email, "email", now.emails)):
        await db.execute(delete(table).where(table.c.customer == customer))
        if words:
            rows = [{key: word, "customer": customer, "place": place} for place, word in enumerate(words)]
            await db.execute(table.insert(), rows)


async def pin_note(db: AsyncConnection, customer: str, note: str | None, *, by: str | None, at: datetime) -> None:
    """For whoever serves them next; None takes it away."""
    await _set_customer(db, customer, note=note, note_by=by if note else None, note_at=at if note else None)


async def _set_customer(db: AsyncConnection, customer: str, **values: Any) -> None:
    c = t.customer.c
    await db.execute(update(t.customer).where(c.id == customer).values(**values, version=c.version + 1))


async def taken(db: AsyncConnection, now: Particulars, customer: str) -> list[str]:
    """Which fields, as `phones[1]`, are another customer's already."""
    fields = []
    for table, column, name, words in (
        (t.customer_phone, t.customer_phone.c.phone, "phones", now.phones),
        (t.customer_email, t.customer_email.c.email, "emails", now.emails),
    ):
        others = set(await db.scalars(select(column).where(column.in_(words), table.c.customer != customer)))
        fields += [f"{name}[{nth}]" for nth, word in enumerate(words) if word in others]
    if now.external_id is not None:
        c = t.customer.c
        same = select(c.id).where(c.external_id == now.external_id, c.id != customer)
        fields += ["external_id"] if await db.scalar(same) is not None else []
    return fields
