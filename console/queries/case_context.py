"""What belongs to one case: the turns of work on it, the cases beside it, who looks at it, who is to be reminded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from console.cases.link import SEEN_FROM_THERE
from console.db.schema import assignment, case, case_link, routing_item, user_account, work

CHILDREN_MAX = 200


class WorkOfCase(msgspec.Struct, frozen=True, kw_only=True):
    """One turn of somebody's work on the case."""

    work_item: str
    kind: str
    state: str | None
    agent: str | None
    assigned_at: datetime | None
    ended_at: datetime | None
    disposition: str | None


class Linked(msgspec.Struct, frozen=True, kw_only=True):
    """A case that belongs to this one: `kind` is parent, child, or what this one is to it."""

    kind: str
    number: str
    subject: str
    status: str
    owner: str | None
    queue: str | None


async def work_of(db: AsyncConnection, case_id: str) -> list[WorkOfCase]:
    """Every turn of work on the case, newest first: who had it, from when to when."""
    rows = await db.execute(
        select(
            work.c.item.label("work_item"),
            work.c.kind,
            routing_item.c.state,
            func.coalesce(assignment.c.agent, routing_item.c.agent).label("agent"),
            assignment.c.assigned_at,
            func.coalesce(assignment.c.ended_at, routing_item.c.ended_at).label("ended_at"),
            work.c.disposition,
        )
        .select_from(
            work.outerjoin(routing_item, routing_item.c.id == work.c.item).outerjoin(
                assignment, assignment.c.item == work.c.item
            )
        )
        .where(work.c.case == case_id)
        .order_by(work.c.registered_at.desc(), assignment.c.assigned_at.desc())
        .limit(200)
    )
    return [WorkOfCase(**row) for row in rows.mappings()]


async def links_of(db: AsyncConnection, case_id: str) -> tuple[Linked, ...]:
    """The larger case, those that are part of this one, and those beside it."""
    columns = (case.c.number, case.c.subject, case.c.status, case.c.owner, case.c.queue)
    above = select(case.c.parent).where(case.c.id == case_id).scalar_subquery()
    parents = await db.execute(select(*columns).where(case.c.id == above))
    children = await db.execute(
        select(*columns).where(case.c.parent == case_id).order_by(case.c.created_at).limit(CHILDREN_MAX)
    )
    either = or_(case_link.c.case == case_id, case_link.c.other == case_id)
    beside = await db.execute(
        select(case_link.c.kind, (case_link.c.case == case_id).label("from_here"), *columns)
        .join(case, or_(case.c.id == case_link.c.case, case.c.id == case_link.c.other))
        .where(either, case.c.id != case_id)
        .order_by(case_link.c.at)
    )
    found = [Linked(kind="parent", **row) for row in parents.mappings()]
    found += [Linked(kind="child", **row) for row in children.mappings()]
    for row in beside.mappings():
        values = dict(row)
        kind, from_here = values.pop("kind"), values.pop("from_here")
        found.append(Linked(kind=kind if from_here else SEEN_FROM_THERE[kind], **values))
    return tuple(found)


async def is_talked_about(db: AsyncConnection, case_id: str) -> bool:
    """Whether a call about the case waits or goes on; its agent then has the case in hand."""
    found = (
        select(work.c.item)
        .select_from(work.outerjoin(routing_item, routing_item.c.id == work.c.item))
        .where(work.c.case == case_id, work.c.kind != "case", routing_item.c.ended_at.is_(None))
        .limit(1)
    )
    return await db.scalar(found) is not None


async def has_open_item(db: AsyncConnection, case_id: str) -> bool:
    """Whether somebody works on the case, or work on it waits; also what the router has not taken in yet."""
    found = (
        select(work.c.item)
        .select_from(work.outerjoin(routing_item, routing_item.c.id == work.c.item))
        .where(work.c.case == case_id, routing_item.c.ended_at.is_(None))
        .limit(1)
    )
    return await db.scalar(found) is not None


async def reminded(db: AsyncConnection, candidates: Sequence[str | None]) -> tuple[str, ...]:
    """Who is told of something that is due: the first of these who is still here, else every supervisor."""
    u = user_account.c
    here = set(await db.scalars(select(u.username).where(u.active, u.username.in_([c for c in candidates if c]))))
    first = next((name for name in candidates if name in here), None)
    if first is not None:
        return (first,)
    everyone = select(u.username).where(u.active, u.roles.any("supervisor")).order_by(u.username)
    return tuple(await db.scalars(everyone))
