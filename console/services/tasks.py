"""Tasks, promised callbacks and promises of a case; reminders of them; and cases that are closed when their time is up."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from console.cases import store as cases
from console.cases import task as rules
from console.cases.case import Case, Status, closed
from console.cases.store import tasks as store
from console.cases.task import TASKS_MAX, Kind, Result, Task
from console.cases.timeline import Activity, Entry
from console.db.engine import Transaction
from console.errors import BadInput, FieldError, NotFound, StaleRecord
from console.ids import new_id
from console.people.permissions import Permission, require
from console.people.who import Principal
from console.queries import case_context
from console.services import idempotency, notices
from console.services.context import Context
from console.services.idempotency import Once
from console.services.notices import Code
from console.services.seeing import seen_case
from console.services.telling import tell_case_changed

MOVABLE = ("due_at", "remind_at", "assignee")

# --- within another use case's transaction ----------------------------------------------------------------------------


async def add(
    ctx: Context,
    db: Transaction,
    *,
    case_id: str,
    text: str,
    due_at: datetime | None,
    remind_at: datetime | None = None,
    assignee: str | None = None,
    kind: Kind = Kind.TASK,
    by: str | None,
) -> Task:
    """Something that is to be done; without an assignee whoever owns the case is reminded. Raises BadInput."""
    case = await cases.find_case_by_id(db, case_id)
    assert case is not None, "the caller has found it"
    if await store.count(db, case_id) >= TASKS_MAX:
        raise BadInput(errors=(FieldError("text", f"A case has at most {TASKS_MAX} tasks."),))
    await _check_assignee(ctx, db, assignee)
    task = rules.checked(
        Task(
            id=new_id(),
            case=case_id,
            kind=kind,
            text=text,
            due_at=due_at,
            remind_at=remind_at,
            assignee=assignee,
            by=by,
            created_at=ctx.clock.now(),
        )
    )
    await store.put(db, task)
    await _record(ctx, db, case, task, "added", by=by)
    return task


async def of_case(db: Transaction, case_id: str) -> tuple[Task, ...]:
    """Open ones first, what is due first before them."""
    return await store.of_case(db, case_id)


# --- use cases --------------------------------------------------------------------------------------------------------


async def add_to_case(
    ctx: Context,
    who: Principal,
    *,
    number: str,
    text: str,
    kind: Kind = Kind.TASK,
    due_at: datetime | None = None,
    remind_at: datetime | None = None,
    assignee: str | None = None,
    once: Once | None = None,
) -> Task:
    """As somebody asks for it. Raises NotFound, BadInput."""
    by = require(who, Permission.CHANGE_CASES)
    async with ctx.db.transaction() as db:
        earlier = await idempotency.earlier(ctx, db, once, Task)
        if earlier is not None:
            return earlier
        case = await seen_case(ctx, db, who, number)
        task = await add(
            ctx,
            db,
            case_id=case.id,
            text=text,
            due_at=due_at,
            remind_at=remind_at,
            assignee=assignee,
            kind=kind,
            by=by,
        )
        await idempotency.keep(ctx, db, once, task)
    ctx.nudges.ring("frames", "timekeeper")
    return task


async def finish(ctx: Context, who: Principal, *, number: str, task_id: str, result: Result) -> Task:
    """It is done, or need not be any more. Raises NotFound, TaskOver."""
    by = require(who, Permission.CHANGE_CASES)
    async with ctx.db.transaction() as db:
        case, task = await _theirs(ctx, db, who, number, task_id)
        task = rules.finished(task, result, by=by, at=ctx.clock.now())
        await store.put(db, task)
        await _record(ctx, db, case, task, result, by=by)
    ctx.nudges.ring("frames")
    return task


async def move(
    ctx: Context,
    who: Principal,
    *,
    number: str,
    task_id: str,
    changes: dict[str, Any],
    if_match: int | None = None,
) -> Task:
    """To another time, or into other hands: `due_at`, `remind_at`, `assignee`. Raises NotFound, TaskOver, StaleRecord, BadInput."""
    by = require(who, Permission.CHANGE_CASES)
    async with ctx.db.transaction() as db:
        case, task = await _theirs(ctx, db, who, number, task_id)
        if if_match is not None and if_match != task.version:
            raise StaleRecord
        await _check_assignee(ctx, db, changes.get("assignee"))
        task = rules.moved(task, **{field: changes.get(field, getattr(task, field)) for field in MOVABLE})
        await store.put(db, task)
        await _record(ctx, db, case, task, "moved", by=by)
    ctx.nudges.ring("frames", "timekeeper")
    return task


async def _theirs(ctx: Context, db: Transaction, who: Principal, number: str, task_id: str) -> tuple[Case, Task]:
    case = await seen_case(ctx, db, who, number)
    task = await store.find(db, task_id, lock=True)
    if task is None or task.case != case.id:
        raise NotFound("There is no such task.")
    return case, task


async def _check_assignee(ctx: Context, db: Transaction, assignee: str | None) -> None:
    if assignee is not None and (await ctx.centres.in_force(db)).document.agent(assignee) is None:
        raise BadInput(errors=(FieldError("assignee", f"there is no agent {assignee!r}"),))


async def _record(ctx: Context, db: Transaction, case: Case, task: Task, happening: str, *, by: str | None) -> None:
    entry = Activity(
        id=new_id(),
        at=ctx.clock.now(),
        kind=Entry.TASK,
        case=case.id,
        customer=case.customer,
        by=by,
        data={
            "task": task.id,
            "kind": task.kind,
            "text": task.text,
            "happening": happening,
            "due_at": task.due_at,
            "assignee": task.assignee,
        },
    )
    await cases.add_activities(db, [entry])
    await tell_case_changed(db, case.id)


# --- what falls due ---------------------------------------------------------------------------------------------------


async def run_due(ctx: Context, db: Transaction, now: datetime, *, limit: int) -> int:
    """Remind of tasks, and close what was resolved and can no longer be reopened; how much there was to do."""
    due = await store.take_due(db, now, limit=limit)
    for task in due:
        await _remind(ctx, db, task, now)
    over = await cases.take_closing(db, now, limit=limit - len(due))
    for case in over:
        await _close(db, case, now)
    return len(due) + len(over)


async def next_due(db: Transaction) -> datetime | None:
    """When `run_due` has something to do next."""
    instants = [at for at in (await store.next_reminder(db), await cases.next_closing(db)) if at is not None]
    return min(instants, default=None)


async def _remind(ctx: Context, db: Transaction, task: Task, now: datetime) -> None:
    """Whoever is to do it; where they have left the case's owner; where nobody is there, the supervisors."""
    await store.put(db, msgspec.structs.replace(task, reminded_at=now, version=task.version + 1))
    case = await cases.find_case_by_id(db, task.case)
    assert case is not None, "cases are never deleted"
    to = await case_context.reminded(db, [task.assignee, case.owner])
    await notices.put(
        ctx,
        db,
        to=to,
        by=None,
        code=Code.TASK_DUE,
        text=f"{case.number}: {task.text}"[: notices.TEXT_MAX],
        data={"task": task.id, "case": case.number, "kind": task.kind, "text": task.text, "due_at": task.due_at},
    )
    await _record(ctx, db, case, task, "reminded", by=None)


async def _close(db: Transaction, case: Case, now: datetime) -> None:
    after = closed(case, now)
    await cases.put_case(db, after)
    entry = Activity(
        id=new_id(),
        at=now,
        kind=Entry.CHANGED,
        case=case.id,
        customer=case.customer,
        data={"status": [Status.RESOLVED, Status.CLOSED], "why": "reopen_within"},
    )
    await cases.add_activities(db, [entry])
    await tell_case_changed(db, case.id)
