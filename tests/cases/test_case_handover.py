"""What a packet works out of the rows: whose the case was, what was tried, what was promised, and the last words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from console.cases.handover import last_note, owners, promised, tried
from console.cases.timeline import Activity, Entry

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def entry(kind: Entry, minutes: float, by: str | None = None, **data: Any) -> Activity:
    return Activity(id="-", at=at(minutes), kind=kind, by=by, data=data)


def task(text: str, *, due: float | None = None, kind: str = "promise", done: bool = False) -> dict[str, Any]:
    due_at = None if due is None else at(due)
    done_at = NOON if done else None
    return {"text": text, "kind": kind, "by": "ben", "created_at": NOON, "due_at": due_at, "done_at": done_at}


def test_owners_follow_each_other_without_a_gap_and_a_queue_is_nobody() -> None:
    timeline = [
        entry(Entry.REGISTERED, 0, via="web"),
        entry(Entry.OWNER, 5, "ben", owner="ben"),
        entry(Entry.ESCALATED, 30, queue="tier2"),
        entry(Entry.ESCALATED, 31, queue="tier2", joined="-"),
        entry(Entry.ESCALATED, 45, queue="core"),
        entry(Entry.OWNER, 50, "ana", owner="ana"),
        entry(Entry.ACKNOWLEDGED, 50, "ana"),
    ]
    found = owners(timeline, since=NOON, until=at(60))
    assert [(one.agent, one.queue, one.seconds / 60) for one in found] == [
        (None, None, 5),
        ("ben", None, 25),
        (None, "tier2", 15),
        (None, "core", 5),
        ("ana", None, 10),
    ]


def test_a_case_that_a_call_opened_is_its_agents_from_the_start() -> None:
    found = owners([entry(Entry.REGISTERED, 0, "ben", via="phone")], since=NOON, until=at(10))
    assert [(one.agent, one.seconds) for one in found] == [("ben", 600)]


def test_an_owner_who_takes_it_back_has_it_again() -> None:
    timeline = [
        entry(Entry.OWNER, 0, "ben", owner="ben"),
        entry(Entry.ESCALATED, 10, queue="tier2"),
        entry(Entry.ACKNOWLEDGED, 12, "ben"),
    ]
    assert [one.agent for one in owners(timeline, since=NOON, until=at(20))] == ["ben", None, "ben"]


def test_what_was_tried_is_what_has_a_result() -> None:
    timeline = [
        entry(Entry.NOTE, 1, "ben", text="Restarted", outward=False, tried="no_change"),
        entry(Entry.NOTE, 2, "ben", text="Hello", outward=False),
    ]
    articles = [
        {"kind": "opened", "title": "A", "by": "ben", "at": NOON},
        {"kind": "helped", "title": "B", "by": "ben", "at": at(0.5)},
    ]
    assert [(one.result, one.text, one.source) for one in tried(timeline, articles)] == [
        ("helped", "B", "article"),
        ("no_change", "Restarted", "note"),
    ]


def test_promises_are_what_is_open_the_first_due_first_and_the_last_words_to_the_customer() -> None:
    timeline = [
        entry(Entry.NOTE, 1, "ben", text="We look into it", outward=True),
        entry(Entry.NOTE, 2, "ben", text="An engineer calls by three", outward=True),
        entry(Entry.NOTE, 3, "ben", text="He is in a hurry", outward=False),
    ]
    tasks = [task("No time"), task("Late", due=60), task("Soon", due=30, kind="callback"), task("Done", done=True)]
    tasks.append(task("Ours", kind="task"))
    assert [one.text for one in promised(timeline, tasks)] == ["Soon", "Late", "No time", "An engineer calls by three"]


def test_the_last_note_is_the_owners_where_they_wrote_one() -> None:
    timeline = [entry(Entry.NOTE, 1, "ben", text="Mine"), entry(Entry.NOTE, 2, "ana", text="Hers")]
    assert [
        (note.data["text"] if note else None) for note in (last_note(timeline, "ben"), last_note(timeline, "cat"))
    ] == [
        "Mine",
        "Hers",
    ]
    assert last_note([], "ben") is None
