"""A case: the matter a customer comes with, and the life of its status."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from console.cases.differing import differing
from console.errors import BadInput, Conflict, FieldError

SUBJECT_MAX = 200
"""Characters: what fits a list's line on a wide screen, twice."""
TEXT_MAX = 20_000
"""Characters of a description or note: some ten pages."""


class Status(StrEnum):
    NEW = "new"
    OPEN = "open"
    PENDING = "pending"
    RESOLVED = "resolved"
    CLOSED = "closed"


NEXT: dict[Status, frozenset[Status]] = {
    Status.NEW: frozenset({Status.OPEN, Status.PENDING, Status.RESOLVED, Status.CLOSED}),
    Status.OPEN: frozenset({Status.PENDING, Status.RESOLVED, Status.CLOSED}),
    Status.PENDING: frozenset({Status.OPEN, Status.RESOLVED, Status.CLOSED}),
    # What was resolved or closed comes back only by being reopened, which is a use case of its own.
    Status.RESOLVED: frozenset({Status.CLOSED}),
    Status.CLOSED: frozenset(),
}

ENDS_WORK = frozenset({Status.PENDING, Status.RESOLVED, Status.CLOSED})
"""Statuses in which nobody is to work on the case now: its work item ends, ownership stays."""

FINISHED = frozenset({Status.RESOLVED, Status.CLOSED})

UNFINISHED = frozenset({Status.NEW, Status.OPEN, Status.PENDING})
"""A caller's case among these is the one they probably call about."""


class ReopenTooLate(Conflict):
    """This case can no longer be reopened; register a new one, and link it."""

    type = "reopen-too-late"


class NotOver(Conflict):
    """This case is not over, so there is nothing to reopen."""

    type = "case-not-over"


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `case`."""

    id: str
    number: str
    subject: str
    description: str | None
    via: str
    status: Status
    priority: int | None
    topic: str | None
    queue: str | None
    owner: str | None
    customer: str | None
    contract: str | None = None
    """In force when the case was registered; it stays the case's, also when it ends."""
    parent: str | None = None
    created_at: datetime
    changed_at: datetime
    resolved_at: datetime | None = None
    """Since when it is resolved or closed."""
    reopen_until: datetime | None = None
    """As it was promised when it was resolved: a configuration applied since moves nothing."""
    version: int


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants to be different; None: as it is. An empty topic: none."""

    status: Status | None = None
    priority: int | None = None
    topic: str | None = None
    subject: str | None = None


def changed(case: Case, change: Change, at: datetime, *, reopen_within: timedelta) -> Case:
    """The case after it. Raises BadInput where the status cannot follow on the present one."""
    if change.status not in (None, case.status, *NEXT[case.status]):
        allowed = ", ".join(sorted(NEXT[case.status])) or "none: reopen the case instead"
        detail = f"{change.status} cannot follow on {case.status}; allowed: {allowed}"
        raise BadInput(errors=(FieldError("status", detail),))
    over = case.status not in FINISHED and change.status in FINISHED
    return msgspec.structs.replace(
        case,
        resolved_at=at if over else case.resolved_at,
        reopen_until=at + reopen_within if over else case.reopen_until,
        status=change.status or case.status,
        priority=case.priority if change.priority is None else change.priority,
        topic=case.topic if change.topic is None else change.topic or None,
        subject=change.subject or case.subject,
        changed_at=at,
        version=case.version + 1,
    )


def can_reopen(case: Case, at: datetime) -> bool:
    return case.status in FINISHED and case.reopen_until is not None and at <= case.reopen_until


def reopened(case: Case, at: datetime) -> Case:
    """The case in work again. Raises NotOver, ReopenTooLate."""
    if case.status not in FINISHED:
        raise NotOver
    if not can_reopen(case, at):
        raise ReopenTooLate
    return msgspec.structs.replace(
        case, status=Status.OPEN, resolved_at=None, reopen_until=None, changed_at=at, version=case.version + 1
    )


def heard(case: Case, at: datetime) -> Case:
    """The case once its customer has said something: nobody waits for them any more."""
    if case.status is not Status.PENDING:
        return case
    return msgspec.structs.replace(case, status=Status.OPEN, changed_at=at, version=case.version + 1)


def closed(case: Case, at: datetime) -> Case:
    """A resolved case whose time to be reopened is up."""
    return msgspec.structs.replace(case, status=Status.CLOSED, changed_at=at, version=case.version + 1)


def disowned(case: Case, at: datetime) -> Case:
    """The case once its owner has left: it is nobody's until somebody takes it."""
    return msgspec.structs.replace(case, owner=None, changed_at=at, version=case.version + 1)


def differences(before: Case, after: Case) -> dict[str, list[str | int | None]]:
    """Field to [old, new], of what a person can change: the timeline's words."""
    return differing(before, after, ("status", "priority", "topic", "subject"))


def subject_of_call(name: str | None, caller: str | None) -> str:
    """Of a case that a call opened, until somebody words it better."""
    return f"Call from {name or caller or 'an unknown number'}"[:SUBJECT_MAX]
