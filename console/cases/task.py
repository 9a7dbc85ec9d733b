"""What is still to be done on a case: tasks, calls that were promised, and other promises made to the customer."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

import msgspec

from console.errors import BadInput, FieldError, WorkOver

TEXT_MAX = 1000
TASKS_MAX = 200
"""Of one case: more is a plan, which belongs elsewhere."""

Result = Literal["done", "dropped"]


class Kind(StrEnum):
    TASK = "task"
    CALLBACK = "callback"
    """We promised to call."""
    PROMISE = "promise"
    """We promised something else."""


PROMISED = frozenset({Kind.CALLBACK, Kind.PROMISE})
"""What the customer was told, and waits for."""


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `task`."""

    id: str
    case: str
    kind: Kind
    text: str
    due_at: datetime | None = None
    remind_at: datetime | None = None
    """When whoever is to do it is told; None: never."""
    reminded_at: datetime | None = None
    assignee: str | None = None
    """None: whoever owns the case then."""
    by: str | None
    created_at: datetime
    done_at: datetime | None = None
    done_by: str | None = None
    result: Result | None = None
    version: int = 1

    @property
    def open(self) -> bool:
        return self.done_at is None

    def late(self, now: datetime) -> bool:
        return self.open and self.due_at is not None and self.due_at < now


class TaskOver(WorkOver):
    """This task is done already."""

    type = "task-over"


def checked(task: Task) -> Task:
    """The task, where its instants can be meant. Raises BadInput."""
    if task.kind in PROMISED and task.due_at is None:
        raise BadInput(errors=(FieldError("due_at", "What is promised has a time."),))
    if task.remind_at is not None and task.due_at is not None and task.remind_at > task.due_at:
        raise BadInput(errors=(FieldError("remind_at", "A reminder after the due time comes too late."),))
    return task


def finished(task: Task, result: Result, *, by: str, at: datetime) -> Task:
    """The task once somebody has done it, or found that it need not be. Raises TaskOver."""
    if not task.open:
        raise TaskOver
    return msgspec.structs.replace(task, done_at=at, done_by=by, result=result, version=task.version + 1)


def moved(task: Task, *, due_at: datetime | None, remind_at: datetime | None, assignee: str | None) -> Task:
    """The task with other instants or in other hands; a reminder that was moved comes again. Raises TaskOver, BadInput."""
    if not task.open:
        raise TaskOver
    again = remind_at != task.remind_at
    return checked(
        msgspec.structs.replace(
            task,
            due_at=due_at,
            remind_at=remind_at,
            reminded_at=None if again else task.reminded_at,
            assignee=assignee,
            version=task.version + 1,
        )
    )


def order(task: Task) -> tuple[bool, bool, datetime, str]:
    """Open ones first, those that are due first before them; what is done, by when it was made."""
    return (not task.open, task.due_at is None, task.due_at or task.created_at, task.id)
