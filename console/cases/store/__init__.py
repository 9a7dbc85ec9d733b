"""This room's tables: cases, work, calls, timelines and drafts here; what surrounds them in the modules beside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import delete, func, literal, null, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from console.cases.call import Call
from console.cases.case import UNFINISHED, Case, Status
from console.cases.draft import Draft
from console.cases.store.customers import (
    change_customer,
    customer_of_phone,
    find_customer,
    find_or_make_customer,
    lock_keys,
    pin_note,
    put_customer,
    taken,
)
from console.cases.store.rows import columns_of, read
from console.cases.timeline import Activity
from console.db import schema as t
from console.db.engine import driver

__all__ = [
    "change_customer",
    "customer_of_phone",
    "find_customer",
    "find_or_make_customer",
    "lock_keys",
    "pin_note",
    "put_customer",
    "taken",
]
"""Of the module beside, under the name by which everybody knows them."""

EVENT_KEPT_FOR = timedelta(days=7)

_CASE = columns_of(t.case, Case)
_CALL = [field.name for field in msgspec.structs.fields(Call)]
_SET_CALL = ", ".join(f"{name} = ${place}" for place, name in enumerate(_CALL, 1) if name != "id")
_PUT_CALL = f"update call set {_SET_CALL} where id = ${_CALL.index('id') + 1}"  # noqa: S608 - our own names


# --- cases ------------------------------------------------------------------------------------------------------------


async def open_case_of(db: AsyncConnection, customer: str) -> str | None:
    """The id of the customer's unfinished case that changed last."""
    found: str | None = await (await driver(db)).fetchval(
        'select id from "case" where customer = $1 and status = any($2::text[]) order by changed_at desc, id desc limit 1',
        customer,
        [status.value for status in UNFINISHED],
    )
    return found


async def open_cases_of(db: AsyncConnection, customer: str) -> list[str]:
    """Ids of the customer's unfinished cases."""
    unfinished = [status.value for status in UNFINISHED]
    query = select(t.case.c.id).where(t.case.c.customer == customer, t.case.c.status.in_(unfinished))
    return list(await db.scalars(query.order_by(t.case.c.id)))


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
    query = select(*_CASE).where(where)
    row = (await db.execute(query.with_for_update() if lock else query)).mappings().first()
    return read(row, Case) if row else None


async def take_ownership(db: AsyncConnection, case: str, owner: str, at: datetime) -> bool:
    """Give the case to whoever took its work; a new or pending case is open from then on. False: it was theirs."""
    changed = await (await driver(db)).fetchval(
        """
        update "case" set owner = $2, status = case when status = any($4) then $5 else status end, changed_at = $3,
          version = version + 1
        where id = $1 and (owner is distinct from $2 or status = any($4)) returning true
        """,
        case,
        owner,
        at,
        [Status.NEW.value, Status.PENDING.value],
        Status.OPEN.value,
    )
    return changed is not None


async def take_closing(db: AsyncConnection, now: datetime, *, limit: int) -> list[Case]:
    """Resolved cases that can no longer be reopened, longest first, locked until the transaction ends."""
    c = t.case.c
    rows = await db.execute(
        select(*_CASE)
        .where(c.status == Status.RESOLVED.value, c.reopen_until < now)
        .order_by(c.reopen_until)
        .limit(max(0, limit))
        .with_for_update(skip_locked=True)
    )
    return [read(row, Case) for row in rows.mappings()]


async def next_closing(db: AsyncConnection) -> datetime | None:
    resolved = select(func.min(t.case.c.reopen_until)).where(t.case.c.status == Status.RESOLVED.value)
    first: datetime | None = await db.scalar(resolved)
    return first


async def take_owned(db: AsyncConnection, owners: Sequence[str]) -> list[Case]:
    """Unfinished cases of theirs, in the order of their ids, locked until the transaction ends."""
    unfinished = [status.value for status in UNFINISHED]
    rows = await db.execute(
        select(*_CASE)
        .where(t.case.c.owner.in_(owners), t.case.c.status.in_(unfinished))
        .order_by(t.case.c.id)
        .with_for_update()
    )
    return [read(row, Case) for row in rows.mappings()]


async def last_item_of_case(db: AsyncConnection, case: str) -> str | None:
    """The item after which the next one comes."""
    w = t.work.c
    return await db.scalar(
        select(w.item).where(w.case == case).order_by(w.registered_at.desc(), w.item.desc()).limit(1)
    )


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
    """A new work item about the same matter as the one that was handed on; whoever was verified still is.

    Work on the case itself is about no call, also where it follows on one.
    """
    w = t.work.c
    kept = (w.call, w.case, w.customer, w.identity, w.identity_by, w.identity_at)
    call = null() if kind == "case" else w.call
    same = select(literal(item, t.Id), literal(kind), call, *kept[1:], literal(parent, t.Id), literal(at, t.At)).where(
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
    return [read(row, Activity) for row in rows.mappings()]


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
