"""Customers, cases, calls and timelines in their tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

import msgspec
from sqlalchemy import delete, func, literal, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from console.cases.call import Call
from console.cases.case import UNFINISHED, Case, Status
from console.cases.customer import Customer, Described, Particulars
from console.cases.draft import Draft
from console.cases.timeline import Activity
from console.db import schema as t
from console.db.engine import driver

EVENT_KEPT_FOR = timedelta(days=7)

Row = TypeVar("Row")

_CALL = [field.name for field in msgspec.structs.fields(Call)]
_SET_CALL = ", ".join(f"{name} = ${place}" for place, name in enumerate(_CALL, 1) if name != "id")
_PUT_CALL = f"update call set {_SET_CALL} where id = ${_CALL.index('id') + 1}"  # noqa: S608 - our own names


def _read(row: Mapping[Any, Any], kind: type[Row]) -> Row:
    """Columns' names are a subclass of str, which msgspec does not take."""
    return msgspec.convert({str(name): value for name, value in row.items()}, kind)


# --- customers --------------------------------------------------------------------------------------------------------


async def customer_of_phone(db: AsyncConnection, phone: str) -> str | None:
    """The id of the one customer who has this number (E.164)."""
    found: str | None = await (await driver(db)).fetchval("select customer from customer_phone where phone = $1", phone)
    return found


async def find_or_make_customer(db: AsyncConnection, described: Described, customer_id: str, at: datetime) -> str:
    """The id of the customer described, made with `customer_id` where there is none.

    External id decides before the number, the number before the address. The lock makes calls and
    cases of one number that come at once find one customer.
    """
    keys = (described.external_id, described.phone, described.email and described.email.lower())
    for key in sorted(filter(None, keys)):
        await db.execute(text("select pg_advisory_xact_lock(hashtextextended('customer:' || :key, 0))"), {"key": key})
    found = await _described(db, described)
    if found is None:
        await db.execute(
            t.customer.insert().values(
                id=customer_id,
                name=described.name,
                email=described.email,
                external_id=described.external_id,
                created_at=at,
            )
        )
        found = customer_id
    if described.phone:
        number = insert(t.customer_phone).values(phone=described.phone, customer=found)
        await db.execute(number.on_conflict_do_nothing())
    return found


async def _described(db: AsyncConnection, described: Described) -> str | None:
    found: str | None = None
    if described.external_id:
        found = await db.scalar(select(t.customer.c.id).where(t.customer.c.external_id == described.external_id))
    if found is None and described.phone:
        found = await customer_of_phone(db, described.phone)
    if found is None and described.email:
        same = func.lower(t.customer.c.email) == described.email.lower()
        found = await db.scalar(select(t.customer.c.id).where(same))
    return found


_CUSTOMER = (
    "select c.id, c.name, c.email, c.external_id, c.company, c.address, c.languages, c.note, c.note_by, c.note_at,"
    " c.version, c.created_at, array(select phone from customer_phone where customer = c.id order by phone) as phones"
    " from customer c where c.id = $1"
)


async def find_customer(db: AsyncConnection, customer: str, *, lock: bool = False) -> Customer | None:
    query = f"{_CUSTOMER} for update" if lock else _CUSTOMER
    row = await (await driver(db)).fetchrow(query, customer)
    return msgspec.convert(dict(row), Customer) if row else None


async def change_customer(db: AsyncConnection, customer: str, now: Particulars) -> None:
    """What somebody corrected; the caller holds the row (`find_customer`)."""
    values = msgspec.structs.asdict(now) | {"languages": list(now.languages)}
    await _set_customer(db, customer, **values)


async def pin_note(db: AsyncConnection, customer: str, note: str | None, *, by: str | None, at: datetime) -> None:
    """For whoever serves them next; None takes it away."""
    await _set_customer(db, customer, note=note, note_by=by if note else None, note_at=at if note else None)


async def _set_customer(db: AsyncConnection, customer: str, **values: Any) -> None:
    c = t.customer.c
    await db.execute(update(t.customer).where(c.id == customer).values(**values, version=c.version + 1))


async def address_taken(db: AsyncConnection, email: str, customer: str) -> bool:
    """Whether another customer has this e-mail address, by which cases find their customer."""
    same = func.lower(t.customer.c.email) == email.lower()
    return await db.scalar(select(t.customer.c.id).where(same, t.customer.c.id != customer)) is not None


# --- cases ------------------------------------------------------------------------------------------------------------


async def open_case_of(db: AsyncConnection, customer: str) -> str | None:
    """The id of the customer's unfinished case that changed last."""
    found: str | None = await (await driver(db)).fetchval(
        'select id from "case" where customer = $1 and status = any($2::text[]) order by changed_at desc, id desc limit 1',
        customer,
        [status.value for status in UNFINISHED],
    )
    return found


async def next_number(db: AsyncConnection) -> str:
    number = await db.scalar(select(t.case_number.next_value()))
    return f"C-{number}"


async def put_case(db: AsyncConnection, case: Case) -> None:
    """Make it, or change it; the caller holds its row where it was there before (`find_case`)."""
    values = msgspec.structs.asdict(case)
    row = insert(t.case).values(values)
    await db.execute(row.on_conflict_do_update(index_elements=["id"], set_={k: row.excluded[k] for k in values}))


async def find_case(db: AsyncConnection, *, number: str, lock: bool = False) -> Case | None:
    return await _case(db, t.case.c.number == number, lock=lock)


async def find_case_by_id(db: AsyncConnection, case: str, *, lock: bool = False) -> Case | None:
    return await _case(db, t.case.c.id == case, lock=lock)


async def _case(db: AsyncConnection, where: Any, *, lock: bool) -> Case | None:
    query = select(t.case).where(where)
    row = (await db.execute(query.with_for_update() if lock else query)).mappings().first()
    return _read(row, Case) if row else None


async def take_ownership(db: AsyncConnection, case: str, owner: str, at: datetime) -> bool:
    """Give the case to whoever took its work; a new case is open from then on. False: it was theirs."""
    changed = await (await driver(db)).fetchval(
        'update "case" set owner = $2, status = coalesce(nullif(status, $4), $5), changed_at = $3, version = version + 1'
        " where id = $1 and (owner is distinct from $2 or status = $4) returning true",
        case,
        owner,
        at,
        Status.NEW.value,
        Status.OPEN.value,
    )
    return changed is not None


# --- work and calls ---------------------------------------------------------------------------------------------------


async def put_work(
    db: AsyncConnection,
    *,
    item: str,
    kind: str,
    at: datetime,
    call: str | None = None,
    case: str | None = None,
    customer: str | None = None,
    parent: str | None = None,
    routed: dict[str, Any] | None = None,
) -> None:
    """What a work item is about."""
    await (await driver(db)).execute(
        'insert into work (item, kind, call, "case", customer, parent, registered_at, routed)'
        " values ($1, $2, $3, $4, $5, $6, $7, $8)",
        item,
        kind,
        call,
        case,
        customer,
        parent,
        at,
        routed,
    )


async def succeed_work(db: AsyncConnection, item: str, parent: str, *, kind: str, at: datetime) -> None:
    """A new work item about the same matter as the one that was handed on; whoever was verified still is."""
    w = t.work.c
    kept = (w.call, w.case, w.customer, w.identity, w.identity_by, w.identity_at)
    same = select(literal(item, t.Id), literal(kind), *kept, literal(parent, t.Id), literal(at, t.At)).where(
        w.item == parent
    )
    columns = ["item", "kind", *(column.name for column in kept), "parent", "registered_at"]
    await db.execute(t.work.insert().from_select(columns, same))


async def link_case(db: AsyncConnection, item: str, case: str, customer: str | None) -> None:
    """The matter that a call turned out to be about."""
    await db.execute(update(t.work).where(t.work.c.item == item).values(case=case, customer=customer))


async def set_disposition(db: AsyncConnection, item: str, disposition: str | None) -> None:
    await db.execute(update(t.work).where(t.work.c.item == item).values(disposition=disposition))


async def set_identity(db: AsyncConnection, item: str, result: str | None, *, by: str, at: datetime) -> None:
    """Whether the caller is who they say, as somebody has found out; None: nobody has."""
    said = {"identity": result, "identity_by": by if result else None, "identity_at": at if result else None}
    await db.execute(update(t.work).where(t.work.c.item == item).values(**said))


async def disposition_of(db: AsyncConnection, item: str) -> str | None:
    found: str | None = await (await driver(db)).fetchval("select disposition from work where item = $1", item)
    return found


async def items_of_calls(db: AsyncConnection, calls: Sequence[str]) -> dict[str, str]:
    """Each call's work item; the last, where it was handed on. A callback promised to its caller is another matter."""
    rows = await (await driver(db)).fetch(
        "select distinct on (call) call, item from work where call = any($1::uuid[]) and kind = 'voice'"
        " order by call, registered_at desc, item desc",
        calls,
    )
    return {row["call"]: row["item"] for row in rows}


async def items_of_case(db: AsyncConnection, case: str) -> list[str]:
    """Items whose matter is the case itself, not a call about it."""
    return list(await db.scalars(select(t.work.c.item).where(t.work.c.case == case, t.work.c.kind == "case")))


async def keep_events(
    db: AsyncConnection, events: Sequence[tuple[str, str, str, bytes]], *, at: datetime
) -> set[tuple[str, str]]:
    """Keep events of phone systems, each (source, event id, call, json); which were not kept before, by the first two."""
    sources, ids, calls, bodies = zip(*events, strict=True)
    rows = await (await driver(db)).fetch(
        "insert into call_event (source, event_id, call, event, received_at)"
        " select e.*, $5 from unnest($1::text[], $2::text[], $3::uuid[], $4::jsonb[]) as e"
        " on conflict do nothing returning source, event_id",
        sources,
        ids,
        calls,
        bodies,
        at,
    )
    return {(row["source"], row["event_id"]) for row in rows}


async def lock_calls(db: AsyncConnection, names: Sequence[tuple[str, str]], new_id: Callable[[], str]) -> list[Call]:
    """Phone systems' calls by (source, their id), made where they are new; held until the transaction ends.

    The locks put a call's events in one order, whichever nodes take them in. They are taken in the order of the names.
    """
    rows = await (await driver(db)).fetch(
        "insert into call (id, source, external_id, state, direction)"
        " select id, source, name, 'waiting', 'inbound'"
        " from unnest($1::uuid[], $2::text[], $3::text[]) with ordinality as c (id, source, name, place) order by place"
        " on conflict (source, external_id) do update set external_id = excluded.external_id returning *",
        [new_id() for _ in names],
        [source for source, _ in names],
        [name for _, name in names],
    )
    return [msgspec.convert(dict(row), Call) for row in rows]


async def put_call(db: AsyncConnection, call: Call) -> None:
    values = msgspec.structs.asdict(call)
    await (await driver(db)).execute(_PUT_CALL, *values.values())


async def open_calls(db: AsyncConnection, source: str) -> dict[str, datetime | None]:
    """The phone system's ids of the calls we still believe in, each with its arrival on that system's clock."""
    c = t.call.c
    rows = await db.execute(select(c.external_id, c.began_at).where(c.source == source, c.ended_at.is_(None)))
    return {row.external_id: row.began_at for row in rows}


async def forget_events(db: AsyncConnection, now: datetime) -> int:
    """Drop events older than the time in which a repetition is recognised, of calls that are over."""
    over = select(t.call.c.id).where(t.call.c.ended_at.is_not(None))
    gone = await db.execute(
        delete(t.call_event).where(t.call_event.c.received_at < now - EVENT_KEPT_FOR, t.call_event.c.call.in_(over))
    )
    return gone.rowcount


# --- timeline ---------------------------------------------------------------------------------------------------------


async def add_activities(db: AsyncConnection, activities: Iterable[Activity]) -> None:
    rows = [msgspec.structs.asdict(activity) for activity in activities]
    if rows:
        await db.execute(t.activity.insert(), rows)


async def timeline(db: AsyncConnection, case: str, *, limit: int = 200) -> list[Activity]:
    """The case's last entries, newest first."""
    rows = await db.execute(
        select(t.activity)
        .where(t.activity.c.case == case)
        .order_by(t.activity.c.at.desc(), t.activity.c.id.desc())
        .limit(limit)
    )
    return [_read(row, Activity) for row in rows.mappings()]


# --- drafts -----------------------------------------------------------------------------------------------------------


async def find_draft(db: AsyncConnection, username: str, about: str, *, lock: bool = False) -> Draft | None:
    """What this person is writing about that work item or case."""
    query = (
        "select text, outward, version, saved_at, tab, rival, rival_at from note_draft"
        " where username = $1 and about = $2"
    )
    row = await (await driver(db)).fetchrow(f"{query} for update" if lock else query, username, about)
    return msgspec.convert(dict(row), Draft) if row else None


async def put_draft(db: AsyncConnection, username: str, about: str, draft: Draft) -> None:
    values = msgspec.structs.asdict(draft)
    row = insert(t.note_draft).values(username=username, about=about, **values)
    changed = {name: row.excluded[name] for name in values}
    await db.execute(row.on_conflict_do_update(index_elements=["username", "about"], set_=changed))


async def drop_draft(db: AsyncConnection, username: str, about: str) -> None:
    await db.execute(delete(t.note_draft).where(t.note_draft.c.username == username, t.note_draft.c.about == about))


async def last_note(db: AsyncConnection, username: str) -> str | None:
    """The words of the note that this person added last, to whatever."""
    a = t.activity.c
    own = select(a.data["text"].astext).where(a.by == username, a.kind == "note").order_by(a.at.desc()).limit(1)
    found: str | None = await db.scalar(own)
    return found


async def take_draft(db: AsyncConnection, username: str, item: str) -> str | None:
    """The words that were never added as a note, of both tabs; they are no draft from here on."""
    words: str | None = await (await driver(db)).fetchval(
        "delete from note_draft where username = $1 and about = $2"
        " returning nullif(concat_ws(E'\\n\\n', nullif(text, ''), rival), '')",
        username,
        item,
    )
    return words
