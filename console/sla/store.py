"""Clocks in their table, every act of theirs once in another, and when promises were watched in a third."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from console.db.engine import driver
from console.sla.check import Event
from console.sla.clock import Act, Clock, due_at, next_act, warn_at

FIELDS = Clock.__struct_fields__
_CLOCK = ", ".join(f'"{name}"' for name in FIELDS)
"""What a clock is; the rest of its row is worked out of this, so that a due one is found by an index."""

_WORKED_OUT = ("started_at", "changed_at", "warn_at", "due_at", "act_at")
_PUT = (
    f"insert into sla_clock ({_CLOCK}, {', '.join(_WORKED_OUT)})"  # noqa: S608 - our own names
    f" values ({', '.join(f'${place}' for place in range(1, len(FIELDS) + len(_WORKED_OUT) + 1))})"
)
_CHANGE = " on conflict (id) do update set tries = 0, " + ", ".join(
    f'"{name}" = excluded."{name}"' for name in (*FIELDS, *_WORKED_OUT) if name != "id"
)
PAGE = 1_000
"""Clocks read at once when all are walked through."""


async def begin(db: AsyncConnection, clock: Clock) -> bool:
    """Keep one that has just started; False: the case has one of that name that has not ended."""
    done: str = await (await driver(db)).execute(f"{_PUT} on conflict do nothing", *_row(clock))
    return done.endswith("1")


async def put(db: AsyncConnection, clock: Clock) -> None:
    """Keep it as it is now; the caller holds its row."""
    await (await driver(db)).execute(_PUT + _CHANGE, *_row(clock))


def _row(clock: Clock) -> tuple[Any, ...]:
    act = next_act(clock)
    values = {field: getattr(clock, field) for field in FIELDS}
    values["terms"], values["stretches"] = msgspec.json.encode(clock.terms), msgspec.json.encode(clock.stretches)
    return (
        *values.values(),
        clock.started_at,
        clock.changed_at,
        warn_at(clock),
        due_at(clock),
        act[0] if act else None,
    )


async def of_case(db: AsyncConnection, case: str, *, lock: bool = False) -> tuple[Clock, ...]:
    """All clocks of the case, in the order in which they started.

    Locked they are the caller's until the transaction ends: the timekeeper passes over them meanwhile.
    """
    query = f'select {_CLOCK} from sla_clock where "case" = $1 order by started_at, id'  # noqa: S608 - our own names
    rows = await (await driver(db)).fetch(f"{query} for update" if lock else query, case)
    return tuple(read(row) for row in rows)


async def live_of(db: AsyncConnection, numbers: Sequence[str]) -> list[tuple[str, Clock]]:
    """Clocks that have not ended, of all these cases, each with its case's number."""
    columns = ", ".join(f'k."{name}"' for name in FIELDS)
    rows = await (await driver(db)).fetch(
        f'select c.number, {columns} from "case" c join sla_clock k on k."case" = c.id'  # noqa: S608 - our own names
        " where c.number = any($1::text[]) and k.state in ('running', 'paused')",
        numbers,
    )
    return [(row["number"], read(row)) for row in rows]


async def due_of(db: AsyncConnection, case: str) -> datetime | None:
    """When the first of the case's running clocks is, or was, due."""
    found: datetime | None = await (await driver(db)).fetchval(
        "select min(due_at) from sla_clock where \"case\" = $1 and state = 'running'", case
    )
    return found


# --- what is due ------------------------------------------------------------------------------------------------------


async def next_due(db: AsyncConnection) -> datetime | None:
    """When the timekeeper has the next thing to do."""
    found: datetime | None = await (await driver(db)).fetchval(
        "select act_at from sla_clock where act_at is not null order by act_at limit 1"
    )
    return found


async def take_due(db: AsyncConnection, now: datetime, *, limit: int) -> list[Clock]:
    """Clocks that have something to do, the longest due first, held with their cases until the transaction ends.

    One timekeeper holds the lease; the locks are for a case that is being changed at this moment: its clock is passed
    over, and found again by the next look with what was decided. Whoever changes a case holds it before its clocks;
    taken here alone and one after the other, the two would wait for each other.
    """
    columns = ", ".join(f'k."{name}"' for name in FIELDS)
    rows = await (await driver(db)).fetch(
        f'select {columns} from sla_clock k join "case" c on c.id = k."case" where k.act_at <= $1'  # noqa: S608 - our own names
        " order by k.act_at limit $2 for no key update of c, k skip locked",
        now,
        limit,
    )
    return [read(row) for row in rows]


async def put_event(db: AsyncConnection, clock: str, act: Act, *, due: datetime, at: datetime) -> None:
    """That it acted; a second time is refused by the key."""
    await (await driver(db)).execute(
        "insert into sla_event (clock, kind, due_at, acted_at) values ($1, $2, $3, $4)", clock, act, due, at
    )


async def try_later(db: AsyncConnection, clock: str, now: datetime, *, first: timedelta, longest: timedelta) -> None:
    """It could not act; look at it again after a while, which doubles."""
    await (await driver(db)).execute(
        "update sla_clock set tries = least(tries + 1, 30), act_at = $2::timestamptz"
        " + least($3::interval * power(2, least(tries, 20)), $4::interval)"
        " where id = $1",
        clock,
        now,
        first,
        longest,
    )


# --- when promises were watched -----------------------------------------------------------------------------------------


async def watched(db: AsyncConnection, now: datetime, *, gap: timedelta) -> None:
    """A timekeeper looks: the present watch goes on, or a new one begins where nobody looked for longer than `gap`."""
    await (await driver(db)).execute(
        "with last as (select since from sla_watch order by since desc limit 1),"
        " on_watch as (update sla_watch w set until = greatest(until, $1::timestamptz) from last"
        "  where w.since = last.since and w.until >= $1::timestamptz - $2::interval returning 1)"
        " insert into sla_watch (since, until) select $1::timestamptz, $1::timestamptz where not exists (select from on_watch)"
        " on conflict do nothing",
        now,
        gap,
    )


async def watches(db: AsyncConnection) -> list[tuple[datetime, datetime]]:
    """From when to when promises were watched, in order."""
    rows = await (await driver(db)).fetch("select since, until from sla_watch order by since")
    return [(row["since"], row["until"]) for row in rows]


# --- proof ------------------------------------------------------------------------------------------------------------


async def all_since(
    db: AsyncConnection, since: datetime | None
) -> AsyncGenerator[tuple[Clock, Sequence[Event], int], None]:
    """Every clock that changed, acted or was to act since then, its acts, and how many entries tell of them."""
    after: str | None = None
    while rows := await (await driver(db)).fetch(_ALL_SINCE, since, after, PAGE):
        for row in rows:
            yield read(row), msgspec.convert(row["events"], tuple[Event, ...]), row["told"]
        after = rows[-1]["id"]


_ALL_SINCE = (
    f"select {_CLOCK},"  # noqa: S608 - our own names
    " coalesce((select jsonb_agg(jsonb_build_object('kind', kind, 'due_at', due_at, 'acted_at', acted_at)"
    "   order by acted_at, kind) from sla_event where clock = c.id), '[]') as events,"
    ' (select count(*) from activity a where a."case" = c."case" and a.kind = \'clock\''
    "   and a.data->>'id' = c.id::text and a.data->>'what' in ('warned', 'breached')) as told"
    " from sla_clock c"
    " where ($1::timestamptz is null or greatest(changed_at, warn_at, due_at, warned_at, breached_at) >= $1)"
    " and ($2::uuid is null or id > $2) order by id limit $3"
)


def read(row: Mapping[Any, Any]) -> Clock:
    """The clock in a row that has its fields."""
    return msgspec.convert({field: row[field] for field in FIELDS}, Clock)
