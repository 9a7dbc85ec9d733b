"""What a script does to its case, each thing by the use case of the room it belongs to."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import assert_never

import msgspec

from console.cases import store as cases
from console.cases.case import Case, Change, Status
from console.cases.handover import Trigger
from console.cases.task import Kind
from console.cases.timeline import Activity, Entry
from console.db.engine import Transaction
from console.errors import BadInput, Conflict, FieldError, NotFound, Refusal
from console.ids import new_id
from console.scripts.answer import instant
from console.scripts.script import (
    AddNote,
    AddTask,
    BookCallback,
    Effect,
    Escalate,
    MeetClock,
    SendArticle,
    SetField,
    SetOutcome,
    ShowArticle,
    StartClock,
    Transfer,
)
from console.services import clocks, escalation, knowledge, tasks
from console.services.cases import change_in
from console.services.context import Context
from console.services.escalation import Target
from console.services.rungs import Cause

REFUSED = (BadInput, NotFound, Conflict)
"""What makes one effect fail, and not the dialog."""


class Doing(msgspec.Struct, frozen=True, kw_only=True):
    """Where and for whom something is done."""

    case: str
    work: str | None
    by: str | None
    at: datetime
    why: str
    """The script, by its name and version: what clocks and handovers record."""


def again(effect: Effect) -> bool:
    """Whether it is done each time it comes: of fields and outcomes the last answer counts."""
    return isinstance(effect, SetField | SetOutcome)


async def do(ctx: Context, db: Transaction, effect: Effect, doing: Doing) -> str | None:
    """Do one thing; None, or why it could not be done: the talk goes on, and the agent is told."""
    try:
        async with db.begin_nested():
            await _do(ctx, db, effect, doing)
    except REFUSED as refusal:
        return _said(refusal)
    return None


def _said(refusal: Refusal) -> str:
    return "; ".join(error.detail for error in refusal.errors) or refusal.detail


async def _do(ctx: Context, db: Transaction, effect: Effect, doing: Doing) -> None:
    case_id, at, by = doing.case, doing.at, doing.by
    match effect:
        case SetField():
            before = await _case(db, case_id)
            await change_in(ctx, db, before, _change(effect), at=at, by=by)
        case AddTask(text=text, due_in=after, at=moment):
            due_at = _due(after, moment, at)
            await tasks.add(ctx, db, case_id=case_id, text=text, due_at=due_at, assignee=by, by=by)
        case BookCallback(text=text, call_in=after, at=moment):
            kind, due_at = Kind.CALLBACK, _due(after, moment, at)
            await tasks.add(ctx, db, case_id=case_id, text=text, due_at=due_at, assignee=by, kind=kind, by=by)
        case StartClock(name=name):
            await clocks.start(ctx, db, case_id, name, at=at, by=by, why=doing.why)
        case MeetClock(name=name):
            await clocks.meet(db, case_id, name, at=at, by=by, why=doing.why)
        case Escalate(queue=queue, agent=agent, reason=reason):
            cause = Cause(trigger=Trigger.HAND, reason=reason, by=by)
            await escalation.escalate(ctx, db, case_id, to=Target(queue=queue, agent=agent), cause=cause, at=at)
        case Transfer(queue=queue, agent=agent, note=note):
            to = Target(queue=queue, agent=agent)
            await escalation.transfer(ctx, db, case_id, to=to, note=note or None, by=by, at=at)
        case ShowArticle(article=article):
            await _use(ctx, db, article, "shown", doing)
        case SendArticle(article=article):
            await _use(ctx, db, article, "sent", doing)
        case AddNote(text=text):
            case = await _case(db, case_id)
            await cases.add_activities(db, [_note(case, text, doing)])
        case SetOutcome(disposition=disposition):
            if doing.work is not None:
                await cases.set_disposition(db, doing.work, disposition)
        case _:
            assert_never(effect)


def _due(after: timedelta | None, moment: str | None, at: datetime) -> datetime | None:
    """Raises BadInput where the moment was to be asked for, and was not answered."""
    if moment is None:
        return at + after if after else None
    if not moment:
        raise BadInput(errors=(FieldError("at", "Nobody has said when."),))
    return instant(moment)


async def _case(db: Transaction, case_id: str) -> Case:
    case = await cases.find_case_by_id(db, case_id, lock=True)
    assert case is not None, "a run is of a case"
    return case


def _change(effect: SetField) -> Change:
    match effect.field:
        case "status":
            return Change(status=Status(effect.value))
        case "priority":
            return Change(priority=int(effect.value))
        case "topic":
            return Change(topic=effect.value)
        case _:
            return Change(subject=effect.value)


def _note(case: Case, text: str, doing: Doing) -> Activity:
    return Activity(
        id=new_id(),
        at=doing.at,
        kind=Entry.NOTE,
        case=case.id,
        customer=case.customer,
        work=doing.work,
        by=doing.by,
        data={"text": text, "outward": False, "why": doing.why},
    )


async def _use(ctx: Context, db: Transaction, article: str, kind: str, doing: Doing) -> None:
    """Raises NotFound for an article to send that is not published any more; one merely shown is then not shown."""
    named = await knowledge.find_by_name(db, article)
    if named is not None and doing.by is not None:
        await knowledge.note_use(
            ctx,
            db,
            article=named.id,
            revision=named.version,
            by=doing.by,
            kind=kind,
            case_id=doing.case,
            work=doing.work,
        )
    elif kind == "sent":
        raise NotFound(f"There is no published article {article}.")
