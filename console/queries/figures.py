"""The figures of queues, counted from the router's rows, and the items behind each of them.

The conditions stand here once: what a number counts and what a list behind it shows are the same rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec
from sqlalchemy import ColumnElement, Float, Interval, Text, and_, cast, column, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from console.db.schema import call, case, customer, routing_item, routing_offer, work
from console.sla.kpi import Counted

UNDECIDED = ("waiting", "offered")
"""States in which nobody has taken the item: its customer still waits."""

Figure = Literal["waiting", "offered", "answered", "in_time", "late", "abandoned", "short"]
"""What a list can be asked for; `short` are the abandons that count nowhere."""
FIGURES: tuple[Figure, ...] = ("offered", "answered", "in_time", "late", "abandoned", "short", "waiting")


class Limits(msgspec.Struct, frozen=True):
    """Of one queue: what counts as in time, and what as too short to count."""

    within: timedelta
    short_abandon: timedelta


_item = routing_item.c
_wait = func.coalesce(_item.assigned_at, _item.ended_at) - _item.waiting_since
_answered = and_(
    _item.assigned_at.is_not(None),
    # A successor that was handed to somebody directly has not waited, so nobody was fast in answering it.
    or_(_item.parent.is_(None), _item.assigned_at > _item.waiting_since),
)
_abandoned = and_(_item.state == "abandoned", _item.assigned_at.is_(None))


def _happened(since: datetime, until: datetime | None) -> ColumnElement[bool]:
    """Answered or abandoned in that span. Nothing of it had ended before it: that is what the index is asked."""
    at = func.coalesce(_item.assigned_at, _item.ended_at)
    found = or_(_item.ended_at.is_(None), _item.ended_at >= literal(since)) & (at >= since)
    return found if until is None else found & (at < until)


async def counted(
    db: AsyncConnection,
    limits: Mapping[str, Limits],
    *,
    since: datetime,
    until: datetime | None = None,
    every: timedelta,
) -> dict[str, dict[int, Counted]]:
    """Of each queue in which something happened: by number of the span since 1970 in which it did."""
    if not limits:
        return {}
    # Three arrays, not a row of parameters for each queue: of those the server would plan anew each time.
    rule = func.unnest(
        literal(list(limits), ARRAY(Text)),
        literal([limit.within for limit in limits.values()], ARRAY(Interval)),
        literal([limit.short_abandon for limit in limits.values()], ARRAY(Interval)),
    ).table_valued(column("queue", Text), column("within", Interval), column("short_abandon", Interval), name="rule")
    rule = rule.render_derived()
    in_time = _wait <= rule.c.within
    abandoned = _abandoned & (_wait >= rule.c.short_abandon)
    epoch = func.extract("epoch", func.coalesce(_item.assigned_at, _item.ended_at))
    span = func.floor(cast(epoch, Float) / every.total_seconds()).label("span")
    rows = await db.execute(
        select(
            _item.queue,
            span,
            func.count().filter(_answered).label("answered"),
            func.count().filter(_answered & in_time).label("in_time"),
            func.count().filter(abandoned).label("abandoned"),
            func.count().filter(abandoned & in_time).label("abandoned_in_time"),
            func.sum(_wait).filter(_answered).label("waited"),
        )
        .select_from(routing_item.join(rule, rule.c.queue == _item.queue))
        .where(_happened(since, until))
        .group_by(_item.queue, span)
    )
    found: defaultdict[str, dict[int, Counted]] = defaultdict(dict)
    for row in rows:
        found[row.queue][int(row.span)] = Counted(
            answered=row.answered,
            in_time=row.in_time,
            abandoned=row.abandoned,
            abandoned_in_time=row.abandoned_in_time,
            waited_s=row.waited.total_seconds() if row.waited else 0.0,
        )
    return found


class Usual(msgspec.Struct, frozen=True):
    """How long calls of one queue took, the wrap-up not counted."""

    calls: int
    mean_s: float


async def usual(db: AsyncConnection, since: datetime) -> dict[str, Usual]:
    """Of the calls that ended since then."""
    took = func.avg(func.coalesce(_item.wrap_up_since, _item.ended_at) - _item.assigned_at)
    rows = await db.execute(
        select(_item.queue, func.count().label("calls"), took.label("took"))
        .where(_item.ended_at >= literal(since), _item.assigned_at.is_not(None), _item.kind == "voice")
        .group_by(_item.queue)
    )
    return {row.queue: Usual(row.calls, row.took.total_seconds()) for row in rows}


class Missed(msgspec.Struct, frozen=True):
    """Rings that one agent let run out."""

    count: int
    last_at: datetime


async def missed(db: AsyncConnection, since: datetime) -> dict[str, Missed]:
    """Of each agent who missed one since then."""
    c = routing_offer.c
    rows = await db.execute(
        select(c.agent, func.count().label("rings"), func.max(c.closed_at).label("last_at"))
        .where(c.state == "timed_out", c.closed_at >= literal(since))
        .group_by(c.agent)
    )
    return {row.agent: Missed(row.rings, row.last_at) for row in rows}


# --- the items behind a figure ----------------------------------------------------------------------------------------


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One item of such a list. `at` is when it was answered or abandoned; of one that waits, now has not come."""

    id: str
    queue: str
    kind: str
    state: str
    priority: int
    needs: dict[str, int]
    waiting_since: datetime
    at: datetime | None
    waited_s: float | None
    in_time: bool | None
    agent: str | None
    case: str | None
    subject: str | None
    caller: str | None
    customer_name: str | None


_ABOUT = (
    _item.id,
    _item.queue,
    _item.kind,
    _item.state,
    _item.priority,
    _item.needs,
    _item.waiting_since,
    _item.agent,
    case.c.number.label("case"),
    case.c.subject,
    call.c.caller,
    customer.c.name.label("customer_name"),
)
_FROM = (
    routing_item.outerjoin(work, work.c.item == _item.id)
    .outerjoin(case, case.c.id == work.c.case)
    .outerjoin(call, call.c.id == work.c.call)
    .outerjoin(customer, customer.c.id == work.c.customer)
)


async def waiting_items(db: AsyncConnection, queues: Sequence[str], limit: int) -> list[Item]:
    """Those whom nobody has taken yet, in the order in which they are served."""
    rows = await db.execute(
        select(*_ABOUT)
        .select_from(_FROM)
        .where(_item.ended_at.is_(None), _item.state.in_(UNDECIDED), _item.queue.in_(queues))
        .order_by(_item.rank, _item.turn, _item.seq)
        .limit(limit)
    )
    return [_shown(row, None, None) for row in rows.mappings()]


async def items(
    db: AsyncConnection,
    limits: Mapping[str, Limits],
    figure: Figure,
    *,
    since: datetime,
    until: datetime | None = None,
    before: tuple[datetime, str] | None = None,
    limit: int,
) -> list[Item]:
    """The items that the figure counts in these queues, latest first; `before` is where the last page ended."""
    at = func.coalesce(_item.assigned_at, _item.ended_at).label("at")
    of_queues = or_(*(_counts(figure, queue, its) for queue, its in limits.items()))
    statement = select(*_ABOUT, at).select_from(_FROM).where(_happened(since, until), of_queues)
    if before is not None:
        statement = statement.where(or_(at < before[0], and_(at == before[0], _item.id < before[1])))
    rows = await db.execute(statement.order_by(at.desc(), _item.id.desc()).limit(limit))
    return [_shown(row, row["at"], limits[row["queue"]]) for row in rows.mappings()]


def _counts(figure: Figure, queue: str, limits: Limits) -> ColumnElement[bool]:
    """Whether an item of that queue is among what the figure counts."""
    in_time = _wait <= limits.within
    abandoned = _abandoned & (_wait >= limits.short_abandon)
    conditions: dict[Figure, ColumnElement[bool]] = {
        "offered": or_(_answered, abandoned),
        "answered": _answered,
        "in_time": _answered & in_time,
        "late": _answered & ~in_time,
        "abandoned": abandoned,
        "short": _abandoned & (_wait < limits.short_abandon),
    }
    return (_item.queue == queue) & conditions[figure]


def _shown(row: Mapping[Any, Any], at: datetime | None, limits: Limits | None) -> Item:
    waited = at - row["waiting_since"] if at is not None else None
    about = {key: value for key, value in row.items() if key != "at"}
    return Item(
        **about,
        at=at,
        waited_s=None if waited is None else waited.total_seconds(),
        in_time=None if waited is None or limits is None else waited <= limits.within,
    )
