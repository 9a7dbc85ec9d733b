"""Everything that a case holds, row by row as it stands: what its packet is made of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, Table, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from console.cases.handover import Row
from console.cases.timeline import Activity
from console.db import schema as t

CARRIED: dict[str, str] = {
    "account": "account",
    "activity": "timeline",
    "article_feedback": "feedback",
    "article_use": "articles",
    "assignment": "work",
    "attachment": "attachments",
    "call": "calls",
    "case": "case",
    "case_link": "links",
    "contract": "contract",
    "customer": "customer",
    "customer_email": "customer",
    "customer_phone": "customer",
    "handover": "handovers",
    "note_draft": "drafts",
    "routing_item": "work",
    "script_answer": "scripts",
    "script_effect": "scripts",
    "script_run": "scripts",
    "sla_clock": "clocks",
    "sla_event": "clocks",
    "task": "tasks",
    "time_spent": "time_spent",
    "work": "work",
}
"""Every table in which something of a case stands, and where in the packet it is found; a test holds the two together."""

LEFT_OUT: dict[str, str] = {
    "call_event": "what a call's events came to stands in the call itself",
    "case_viewing": "who looks at the case now is over in a minute",
    "contract_use": "the contract's `left` has counted it",
    "routing_offer": "whom the router asked is its own journal's; whoever took the work stands in its turns",
}
"""Tables that a packet leaves out, each with the reason."""

COLUMNS_LEFT_OUT: dict[str, frozenset[str]] = {
    # What searches look in is made of the other columns.
    "account": frozenset({"search"}),
    "case": frozenset({"search"}),
    "customer": frozenset({"search"}),
    # Files stay with the case, where they cannot change either; a packet names them.
    "attachment": frozenset({"content", "sha256"}),
    "handover": frozenset({"packet"}),
    # Which rule sent it there is the router's business.
    "work": frozenset({"routed"}),
}
"""By table the columns that a packet leaves out."""


class Material(msgspec.Struct, frozen=True, kw_only=True):
    """What there is of a case."""

    case: Row
    customer: Row | None
    account: Row | None
    contract: Row | None
    timeline: tuple[Activity, ...]
    work: tuple[Row, ...]
    calls: tuple[Row, ...]
    scripts: tuple[Row, ...]
    articles: tuple[Row, ...]
    feedback: tuple[Row, ...]
    tasks: tuple[Row, ...]
    attachments: tuple[Row, ...]
    links: tuple[Row, ...]
    children: tuple[Row, ...]
    time_spent: tuple[Row, ...]
    handovers: tuple[Row, ...]
    drafts: tuple[Row, ...]
    clock_events: tuple[Row, ...]
    names: dict[str, str]


class WorkNow(msgspec.Struct, frozen=True, kw_only=True):
    """The case's own work items that have not ended, as the router last decided; and the last that was about it."""

    open: tuple[str, ...]
    last: str | None


async def work_of(db: AsyncConnection, case_id: str) -> WorkNow:
    w, i = t.work.c, t.routing_item.c
    items = await db.scalars(
        select(w.item)
        .select_from(t.work.outerjoin(t.routing_item, i.id == w.item))
        .where(w.case == case_id, w.kind == "case", i.ended_at.is_(None))
        .order_by(w.registered_at.desc(), w.item.desc())
    )
    last = select(w.item).where(w.case == case_id).order_by(w.registered_at.desc(), w.item.desc()).limit(1)
    return WorkNow(open=tuple(items), last=await db.scalar(last))


async def material(db: AsyncConnection, case_id: str) -> Material:
    """All of it, each list in the order in which things happened."""
    [case] = await _rows(db, t.case, t.case.c.id == case_id)
    customer = await _customer(db, case["customer"]) if case["customer"] else None
    work = await _work(db, case_id)
    found = Material(
        case=case,
        customer=customer,
        account=await _one(db, t.account, customer["account"]) if customer else None,
        contract=await _one(db, t.contract, case["contract"]),
        timeline=await _timeline(db, case_id),
        work=work,
        calls=await _calls(db, work),
        scripts=await _scripts(db, case_id),
        articles=await _articles(db, case_id),
        feedback=await _rows(
            db, t.article_feedback, t.article_feedback.c.case == case_id, order=t.article_feedback.c.at
        ),
        tasks=await _rows(db, t.task, t.task.c.case == case_id, order=t.task.c.created_at),
        attachments=await _rows(db, t.attachment, t.attachment.c.case == case_id, order=t.attachment.c.at),
        links=await _links(db, case_id),
        children=await _rows(db, t.case, t.case.c.parent == case_id, order=t.case.c.created_at),
        time_spent=await _rows(db, t.time_spent, t.time_spent.c.case == case_id, order=t.time_spent.c.at),
        handovers=await _rows(db, t.handover, t.handover.c.case == case_id, order=t.handover.c.made_at),
        drafts=await _rows(
            db,
            t.note_draft,
            t.note_draft.c.about.in_([case_id, *(turn["item"] for turn in work)]),
            order=t.note_draft.c.saved_at,
        ),
        clock_events=await _clock_events(db, case_id),
        names={},
    )
    return msgspec.structs.replace(found, names=await _names(db, _people(found)))


async def _rows(
    db: AsyncConnection, table: Table, where: ColumnElement[bool], *, order: ColumnElement[Any] | None = None
) -> tuple[Row, ...]:
    return await _read(db, select(*_columns(table)).where(where).order_by(*() if order is None else (order,)))


def _columns(table: Table) -> list[Any]:
    left_out = COLUMNS_LEFT_OUT.get(table.name, frozenset())
    return [column for column in table.c if column.name not in left_out]


async def _read(db: AsyncConnection, query: Select[Any]) -> tuple[Row, ...]:
    return tuple({str(name): value for name, value in row.items()} for row in (await db.execute(query)).mappings())


async def _one(db: AsyncConnection, table: Table, row_id: str | None) -> Row | None:
    found = await _rows(db, table, table.c.id == row_id) if row_id else ()
    return found[0] if found else None


async def _customer(db: AsyncConnection, customer_id: str) -> Row | None:
    found = await _one(db, t.customer, customer_id)
    if found is None:
        return None
    phones = await db.scalars(select(t.customer_phone.c.phone).where(t.customer_phone.c.customer == customer_id))
    emails = await db.scalars(select(t.customer_email.c.email).where(t.customer_email.c.customer == customer_id))
    return {**found, "phones": sorted(phones), "emails": sorted(emails)}


async def _timeline(db: AsyncConnection, case_id: str) -> tuple[Activity, ...]:
    a = t.activity.c
    rows = await _rows_in_order(db, t.activity, a.case == case_id, (a.at, a.id))
    return tuple(msgspec.convert(row, Activity) for row in rows)


async def _rows_in_order(
    db: AsyncConnection, table: Table, where: ColumnElement[bool], order: Sequence[ColumnElement[Any]]
) -> tuple[Row, ...]:
    return await _read(db, select(*_columns(table)).where(where).order_by(*order))


async def _work(db: AsyncConnection, case_id: str) -> tuple[Row, ...]:
    """Each item with its turns: who had it in hand, from when to when."""
    w, i, a = t.work, t.routing_item.c, t.assignment.c
    query = (
        select(*_columns(w), i.state, i.queue, i.waiting_since, i.ended_at)
        .select_from(w.outerjoin(t.routing_item, i.id == w.c.item))
        .where(w.c.case == case_id)
        .order_by(w.c.registered_at, w.c.item)
    )
    items = await _read(db, query)
    turns: defaultdict[str, list[Row]] = defaultdict(list)
    held = select(a.item, a.nth, a.agent, a.assigned_at, a.ended_at, a.outcome).order_by(a.item, a.nth)
    for turn in await _read(db, held.where(a.item.in_([item["item"] for item in items]))):
        turns[turn["item"]].append(turn)
    return tuple({**item, "turns": turns[item["item"]]} for item in items)


async def _calls(db: AsyncConnection, work: Sequence[Row]) -> tuple[Row, ...]:
    """With what their phone systems call the recordings: the attribute `recording` of a call."""
    ids = {item["call"] for item in work if item["call"]}
    found = await _rows(db, t.call, t.call.c.id.in_(ids), order=t.call.c.arrived_at)
    return tuple({**call, "recording": (call["attributes"] or {}).get("recording")} for call in found)


async def _scripts(db: AsyncConnection, case_id: str) -> tuple[Row, ...]:
    """Each run with its answers, those that were taken back too, and what it did by itself."""
    r, v = t.script_run, t.script_version
    joined = r.outerjoin(v, (v.c.script == r.c.script) & (v.c.version == r.c.version))
    query = select(*_columns(r), v.c.title).select_from(joined).where(r.c.case == case_id).order_by(r.c.started_at)
    runs = await _read(db, query)
    ids = [run["id"] for run in runs]
    answers, effects = await _by_run(db, t.script_answer, ids), await _by_run(db, t.script_effect, ids)
    return tuple({**run, "answers": answers[run["id"]], "effects": effects[run["id"]]} for run in runs)


async def _by_run(db: AsyncConnection, table: Table, runs: Collection[str]) -> defaultdict[str, list[Row]]:
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for row in await _rows(db, table, table.c.run.in_(runs), order=table.c.at):
        found[row["run"]].append(row)
    return found


async def _articles(db: AsyncConnection, case_id: str) -> tuple[Row, ...]:
    """Each use with the article's number, and its title as it was then."""
    u, a, r = t.article_use, t.article.c, t.article_revision.c
    joined = u.join(t.article, a.id == u.c.article).join(
        t.article_revision, (r.article == u.c.article) & (r.version == u.c.version)
    )
    query = select(*_columns(u), a.number, r.title).select_from(joined).where(u.c.case == case_id).order_by(u.c.at)
    return await _read(db, query)


async def _links(db: AsyncConnection, case_id: str) -> tuple[Row, ...]:
    """Both ways; with number and subject of the case at the other end."""
    link, other = t.case_link.c, t.case.c
    query = (
        select(link.case, link.other, link.kind, link.by, link.at, other.number, other.subject, other.status)
        .select_from(
            t.case_link.join(
                t.case,
                ((link.case == case_id) & (other.id == link.other))
                | ((link.other == case_id) & (other.id == link.case)),
            )
        )
        .where(or_(link.case == case_id, link.other == case_id))
        .order_by(link.at)
    )
    return await _read(db, query)


async def _clock_events(db: AsyncConnection, case_id: str) -> tuple[Row, ...]:
    c, e = t.sla_clock.c, t.sla_event
    ids = select(c.id).where(c.case == case_id)
    return await _rows(db, e, e.c.clock.in_(ids), order=e.c.acted_at)


def _people(found: Material) -> set[str]:
    named = {found.case.get("owner"), *(entry.by for entry in found.timeline)}
    named |= {entry.data.get("owner") for entry in found.timeline}
    rows = (*found.tasks, *found.drafts, *found.attachments, *found.handovers, *found.articles)
    named |= {
        row.get(key) for row in rows for key in ("by", "assignee", "username", "done_by", "taken_by", "from_agent")
    }
    named |= {turn["agent"] for item in found.work for turn in item["turns"]}
    named |= {answer["by"] for run in found.scripts for answer in run["answers"]}
    return {name for name in named if name}


async def _names(db: AsyncConnection, usernames: Collection[str]) -> dict[str, str]:
    u = t.user_account.c
    rows = await db.execute(select(u.username, u.name).where(u.username.in_(usernames)))
    known = {row.username: row.name or row.username for row in rows}
    return {name: known.get(name, name) for name in sorted(usernames)}
