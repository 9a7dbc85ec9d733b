"""One matter in full, as a desk shows it: the work or case, its customer, what happened, and the note being written."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from console.cases.case import NEXT, Status
from console.cases.customer import Customer
from console.cases.draft import Draft
from console.cases.store import find_customer, find_draft, handovers
from console.cases.store.handovers import Handover
from console.db.schema import activity, case, user_account, work
from console.queries import desktop_articles, desktop_clocks, desktop_script, desktop_tasks
from console.queries.desktop_articles import Unjudged
from console.queries.desktop_script import OnDesk
from console.queries.desktop_tasks import NOTHING, Around
from console.queries.knowledge import Result
from console.queries.stream import Card
from console.sla.face import Face

TIMELINE_MAX = 100
PAST_MAX = 5


class Matter(msgspec.Struct, frozen=True, kw_only=True):
    """A case, as its header shows it."""

    id: str
    number: str
    subject: str
    description: str | None
    via: str
    status: str
    priority: int | None
    topic: str | None
    queue: str | None
    owner: str | None
    owner_name: str | None
    created_at: datetime
    changed_at: datetime
    version: int

    @property
    def next(self) -> tuple[str, ...]:
        """Statuses that can follow, in the order of a case's life."""
        return tuple(status.value for status in Status if status in NEXT[Status(self.status)])


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the timeline; what `data` holds is told in console.cases.timeline."""

    id: str
    at: datetime
    kind: str
    by: str | None
    by_name: str | None
    data: dict[str, Any]


class PastCase(msgspec.Struct, frozen=True, kw_only=True):
    number: str
    subject: str
    status: str
    changed_at: datetime


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody found out about who the caller is."""

    result: str
    by: str
    by_name: str | None
    at: datetime


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What is on the screen, and all that is known about it: work in hand, or a case that is open without."""

    card: Card | None
    """The work in hand."""
    customer: Customer | None = None
    note_by_name: str | None = None
    """Who pinned the customer's note."""
    case: Matter | None = None
    timeline: tuple[Entry, ...] = ()
    happened: int = 0
    """How many entries there are, beyond those that are shown."""
    past_cases: tuple[PastCase, ...] = ()
    past: int = 0
    """How many other cases there are, beyond those that are shown."""
    draft: Draft | None = None
    disposition: str | None = None
    identity: Identity | None = None
    clocks: tuple[Face, ...] = ()
    around: Around = NOTHING
    script: OnDesk | None = None
    suggested: tuple[Result, ...] = ()
    """Articles that may answer it; who reads the screen puts them in, for they are found in memory."""
    unjudged: tuple[Unjudged, ...] = ()
    """Articles about which the agent is asked at wrap-up."""
    handover: Handover | None = None
    """The last one of the case."""

    @property
    def about(self) -> str:
        """The id by which commands name it: of the work, else of the case."""
        if self.card is not None:
            return self.card.item
        assert self.case is not None, "without work a case is shown"
        return self.case.id

    @property
    def last_change(self) -> Entry | None:
        """By whom and how the case was changed last."""
        return next((entry for entry in self.timeline if entry.kind == "changed"), None)


async def of_work(db: AsyncConnection, username: str, card: Card, now: datetime) -> Shown:
    """Work in hand."""
    shown = await _shown(db, username, card.item, card=card, case_id=card.case, customer_id=card.customer, now=now)
    w, u = work.c, user_account.c
    row = (
        await db.execute(
            select(w.disposition, w.identity, w.identity_by, u.name, w.identity_at)
            .select_from(work.outerjoin(user_account, u.username == w.identity_by))
            .where(w.item == card.item)
        )
    ).one()
    identity = None
    if row.identity is not None:
        identity = Identity(result=row.identity, by=row.identity_by, by_name=row.name, at=row.identity_at)
    unjudged = await desktop_articles.unjudged(db, username, card)
    return msgspec.structs.replace(shown, disposition=row.disposition, identity=identity, unjudged=unjudged)


async def of_case(db: AsyncConnection, username: str, number: str, now: datetime) -> Shown | None:
    """A case that nobody has to have in hand; None: there is none of that number."""
    row = (await db.execute(select(case.c.id, case.c.customer).where(case.c.number == number))).first()
    if row is None:
        return None
    return await _shown(db, username, row.id, card=None, case_id=row.id, customer_id=row.customer, now=now)


async def _shown(
    db: AsyncConnection,
    username: str,
    about: str,
    *,
    card: Card | None,
    case_id: str | None,
    customer_id: str | None,
    now: datetime,
) -> Shown:
    customer = await find_customer(db, customer_id) if customer_id else None
    where = _about(case_id, customer_id, about)
    past, past_count = await _past_cases(db, customer_id, case_id) if customer_id else ((), 0)
    return Shown(
        card=card,
        customer=customer,
        note_by_name=await _name(db, customer.note_by) if customer and customer.note_by else None,
        case=await _matter(db, case_id) if case_id else None,
        timeline=await _timeline(db, where),
        happened=await db.scalar(select(func.count()).select_from(activity).where(where)) or 0,
        past_cases=past,
        past=past_count,
        draft=await find_draft(db, username, about),
        handover=await handovers.last(db, case_id) if case_id else None,
        clocks=await desktop_clocks.of_case(db, case_id, now) if case_id else (),
        script=await desktop_script.of_case(db, username, case_id, card) if case_id else None,
        around=await desktop_tasks.of(db, username, case_id, customer_id, now),
    )


async def _name(db: AsyncConnection, username: str) -> str | None:
    return await db.scalar(select(user_account.c.name).where(user_account.c.username == username))


async def _matter(db: AsyncConnection, case_id: str) -> Matter | None:
    c, u = case.c, user_account.c
    columns = (
        *(c.id, c.number, c.subject, c.description, c.via, c.status, c.priority, c.topic, c.queue, c.owner),
        *(u.name.label("owner_name"), c.created_at, c.changed_at, c.version),
    )
    found = await db.execute(
        select(*columns).select_from(case.outerjoin(user_account, u.username == c.owner)).where(c.id == case_id)
    )
    row = found.mappings().first()
    return Matter(**row) if row else None


def _about(case_id: str | None, customer_id: str | None, about: str) -> ColumnElement[bool]:
    """Of the case, or of the customer's calls and notes where no case is open yet."""
    if case_id is not None:
        return activity.c.case == case_id
    if customer_id is not None:
        return activity.c.customer == customer_id
    return activity.c.work == about


async def _timeline(db: AsyncConnection, where: ColumnElement[bool]) -> tuple[Entry, ...]:
    a, u = activity.c, user_account.c
    rows = await db.execute(
        select(a.id, a.at, a.kind, a.by, u.name.label("by_name"), a.data)
        .select_from(activity.outerjoin(user_account, u.username == a.by))
        .where(where)
        .order_by(a.at.desc(), a.id.desc())
        .limit(TIMELINE_MAX)
    )
    return tuple(Entry(**row) for row in rows.mappings())


async def _past_cases(db: AsyncConnection, customer_id: str, case_id: str | None) -> tuple[tuple[PastCase, ...], int]:
    """The customer's other cases, the last changed first; and how many there are."""
    c = case.c
    others = (c.customer == customer_id, c.id.is_distinct_from(case_id))
    rows = await db.execute(
        select(c.number, c.subject, c.status, c.changed_at).where(*others).order_by(c.changed_at.desc()).limit(PAST_MAX)
    )
    found = tuple(PastCase(**row) for row in rows.mappings())
    count = await db.scalar(select(func.count()).select_from(case).where(*others)) if len(found) == PAST_MAX else None
    return found, count or len(found)
