"""The life of a case: what can follow on what, and when it can come back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from console.cases.case import (
    NEXT,
    Case,
    Change,
    NotOver,
    ReopenTooLate,
    Status,
    can_reopen,
    changed,
    closed,
    heard,
    reopened,
)
from console.cases.task import Kind, Task, TaskOver, checked, finished, moved, order
from console.errors import BadInput

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
WEEK = timedelta(days=7)
CASE = Case(
    id="1",
    number="C-1",
    subject="Red light",
    description=None,
    via="email",
    status=Status.OPEN,
    priority=None,
    topic=None,
    queue="desk",
    owner="ana",
    customer=None,
    created_at=NOON,
    changed_at=NOON,
    version=1,
)


@pytest.mark.parametrize("before", Status)
@pytest.mark.parametrize("after", Status)
def test_only_what_the_table_names_can_follow(before: Status, after: Status) -> None:
    case = msgspec.structs.replace(CASE, status=before)
    if after is before or after in NEXT[before]:
        assert changed(case, Change(status=after), NOON, reopen_within=WEEK).status is after
    else:
        with pytest.raises(BadInput) as refused:
            changed(case, Change(status=after), NOON, reopen_within=WEEK)
        assert [error.field for error in refused.value.errors] == ["status"]


def test_a_case_comes_back_until_the_time_that_was_promised_when_it_was_resolved() -> None:
    over = changed(CASE, Change(status=Status.RESOLVED), NOON, reopen_within=WEEK)
    # Closing it by hand later does not prolong it, and neither does a configuration that says otherwise.
    by_hand = changed(over, Change(status=Status.CLOSED), NOON + timedelta(days=3), reopen_within=2 * WEEK)

    for case in (over, by_hand, closed(over, NOON)):
        assert can_reopen(case, NOON + WEEK)
        back = reopened(case, NOON + WEEK)
        assert (back.status, back.owner, back.resolved_at, back.reopen_until) == (Status.OPEN, "ana", None, None)
        with pytest.raises(ReopenTooLate):
            reopened(case, NOON + WEEK + timedelta(microseconds=1))
    with pytest.raises(NotOver):
        reopened(CASE, NOON)


def test_the_customers_word_ends_the_waiting_for_them_and_nothing_else() -> None:
    pending = msgspec.structs.replace(CASE, status=Status.PENDING)

    assert heard(pending, NOON).status is Status.OPEN
    assert heard(CASE, NOON) is CASE


def task(**more: object) -> Task:
    known = {"id": "t", "case": "1", "kind": Kind.TASK, "text": "x", "by": "ana", "created_at": NOON, **more}
    return Task(**known)  # type: ignore[arg-type]  # whatever a test says


def test_a_promise_has_a_time_and_its_reminder_comes_before_it() -> None:
    for wrong in (task(kind=Kind.CALLBACK), task(kind=Kind.PROMISE), task(due_at=NOON, remind_at=NOON + WEEK)):
        with pytest.raises(BadInput):
            checked(wrong)
    assert checked(task()).late(NOON) is False
    assert task(due_at=NOON).late(NOON + WEEK)


def test_a_reminder_that_was_moved_comes_again_and_a_task_that_is_done_stays_so() -> None:
    reminded = task(due_at=NOON + WEEK, remind_at=NOON, reminded_at=NOON)

    assert moved(reminded, due_at=NOON + WEEK, remind_at=NOON, assignee="ben").reminded_at == NOON
    assert moved(reminded, due_at=NOON + WEEK, remind_at=NOON + WEEK, assignee=None).reminded_at is None
    done = finished(reminded, "done", by="ben", at=NOON)
    assert (done.done_by, done.result, done.version) == ("ben", "done", 2)
    with pytest.raises(TaskOver):
        finished(done, "dropped", by="ana", at=NOON)
    with pytest.raises(TaskOver):
        moved(done, due_at=None, remind_at=None, assignee=None)
    assert min([done, task(id="b"), task(id="a", due_at=NOON)], key=order).id == "a"
