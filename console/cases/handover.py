"""What a case's new owner is given: everything that anybody has learnt, frozen at the moment it was handed over.

The packet is assembled once (`services.handover`) and never changes; the case goes on beside it. Rows of other rooms
stand in it as they stood in their tables. What has to be worked out of them - who had it, what was tried, what was
promised - is worked out here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal, TypeAlias

import msgspec

from console.cases.timeline import Activity, Entry

Row: TypeAlias = dict[str, Any]
"""A row of a table, by its columns, as it stood."""


class Trigger(StrEnum):
    """What sets a handover off."""

    WARNING = "warning"
    BREACH = "breach"
    RULE = "rule"
    """A ladder's own condition began to hold."""
    HAND = "hand"
    NOT_TAKEN = "not_taken"
    """Nobody took it from the level below in time."""
    TRANSFER = "transfer"
    """Handed on by a person, not up."""


Whom: TypeAlias = Literal["owner", "supervisors"]
EVERYBODY: tuple[Whom, ...] = ("owner", "supervisors")


class Level(msgspec.Struct, frozen=True, kw_only=True):
    """One rung: to a queue or to a person, and how long they have before it goes to the next."""

    queue: str | None = None
    agent: str | None = None
    take_within: timedelta | None = None
    """None: it waits there, however long."""
    notify: tuple[Whom, ...] = EVERYBODY


class LateClock(msgspec.Struct, frozen=True, kw_only=True):
    """The clock that did it."""

    name: str
    policy: str
    target_s: float
    due_at: datetime
    """When its warning or its target was reached."""
    late_s: float
    """From then until it was acted on, by the wall clock."""


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """Why the case came here."""

    trigger: Trigger
    level: int
    ladder: str | None = None
    rule: str | None = None
    """The ladder's condition, where that was it."""
    clock: LateClock | None = None
    reason: str | None = None
    by: str | None = None
    to_queue: str
    to_agent: str | None = None
    take_by: datetime | None = None
    unqualified: bool = False
    """Nobody who serves there qualified."""
    before: Row | None = None
    """The level below, whom it had been given to and by when: of one that nobody took."""


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    """Whose the case was, from when to when; nobody's: it waited in a queue."""

    agent: str | None
    queue: str | None = None
    since: datetime
    until: datetime

    @property
    def seconds(self) -> float:
        return (self.until - self.since).total_seconds()


class Result(StrEnum):
    """What came of something that was tried."""

    NO_CHANGE = "no_change"
    RULED_OUT = "ruled_out"
    FOUND = "found"
    HELPED = "helped"
    NOT_FINISHED = "not_finished"


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was done, and its result as it was recorded."""

    result: Result
    text: str
    by: str | None
    at: datetime
    source: Literal["note", "article"]


class Promise(msgspec.Struct, frozen=True, kw_only=True):
    """What the customer was told and still waits for."""

    text: str
    by: str | None
    at: datetime
    due_at: datetime | None = None
    kind: str
    """callback, promise; or note: what was written to them last."""


class Packet(msgspec.Struct, frozen=True, kw_only=True):
    """Everything. Lists are in the order in which things happened."""

    made_at: datetime
    why: Why
    case: Row
    customer: Row | None
    account: Row | None
    contract: Row | None
    """With `left`: what the entitlement still holds."""
    clocks: tuple[Row, ...]
    """Each with its `segments`, which add up to `counted_s`."""
    owners: tuple[Owner, ...]
    timeline: tuple[Activity, ...]
    work: tuple[Row, ...]
    """Every turn of work on it: who, from when to when, with which outcome."""
    calls: tuple[Row, ...]
    """With `recording`: what the phone system calls the recording, where it told of one."""
    scripts: tuple[Row, ...]
    """Each run with its `answers`, and `stopped_at`: the step at which it stands; `spoken`: the same in words."""
    articles: tuple[Row, ...]
    """What was shown, opened, used, sent, and whether it helped."""
    feedback: tuple[Row, ...]
    """What was said of articles while working on it."""
    tried: tuple[Tried, ...]
    promised: tuple[Promise, ...]
    tasks: tuple[Row, ...]
    attachments: tuple[Row, ...]
    """Without their content, which stays with the case."""
    links: tuple[Row, ...]
    children: tuple[Row, ...]
    time_spent: tuple[Row, ...]
    handovers: tuple[Row, ...]
    """The earlier ones, without their packets."""
    last_note: Activity | None
    """Of the owner that it leaves; of nobody, the last one at all."""
    drafts: tuple[Row, ...]
    """What somebody was still writing."""
    names: dict[str, str]
    """Of everybody in it, by username, as they are called."""


def noted(text: str, *, outward: bool, tried: Result | None) -> dict[str, Any]:
    """Of a note's entry: its words, whether the customer reads them, and what came of what they tell."""
    return {"text": text, "outward": outward} | ({"tried": tried.value} if tried is not None else {})


def owners(timeline: Sequence[Activity], *, since: datetime, until: datetime) -> tuple[Owner, ...]:
    """Whose it was, without a gap from `since` to `until`; `timeline` in the order in which it happened.

    Being handed over leaves it in a queue, until somebody takes it: the owner on record stays answerable, and has
    it in hand no longer.
    """
    turns: list[tuple[datetime, str | None, str | None]] = [(since, None, None)]
    for entry in timeline:
        match entry.kind:
            case Entry.OWNER:
                turns.append((entry.at, entry.data.get("owner"), None))
            case Entry.ACKNOWLEDGED:
                turns.append((entry.at, entry.by, None))
            case Entry.ESCALATED if entry.data.get("joined") is None:
                turns.append((entry.at, None, entry.data.get("queue")))
            case Entry.REGISTERED if entry.data.get("via") == "phone" and entry.by is not None:
                turns.append((entry.at, entry.by, None))
            case _:
                pass
    turns.sort(key=lambda turn: turn[0])
    ends = [turn[0] for turn in turns[1:]] + [until]
    found: list[Owner] = []
    for (begins, agent, queue), ends_at in zip(turns, ends, strict=True):
        last = found[-1] if found else None
        if last is not None and last.agent == agent and (agent is not None or queue == last.queue):
            found[-1] = msgspec.structs.replace(last, until=ends_at)
        elif begins < ends_at or agent is not None:
            found.append(Owner(agent=agent, queue=queue, since=begins, until=ends_at))
    return tuple(found)


def tried(timeline: Iterable[Activity], articles: Iterable[Mapping[str, Any]]) -> tuple[Tried, ...]:
    """What was done with a result: notes that name one, and articles that were said to have helped or not."""
    found = [
        Tried(result=Result(entry.data["tried"]), text=entry.data["text"], by=entry.by, at=entry.at, source="note")
        for entry in timeline
        if entry.kind is Entry.NOTE and entry.data.get("tried") in list(Result)
    ]
    said = {"helped": Result.HELPED, "not_helped": Result.NO_CHANGE}
    found += [
        Tried(result=said[use["kind"]], text=use["title"] or "", by=use["by"], at=use["at"], source="article")
        for use in articles
        if use["kind"] in said
    ]
    return tuple(sorted(found, key=lambda one: one.at))


def promised(timeline: Sequence[Activity], tasks: Iterable[Mapping[str, Any]]) -> tuple[Promise, ...]:
    """Open callbacks and promises, the first due first; then the last words that were written to the customer."""
    open_ = [
        Promise(text=task["text"], by=task["by"], at=task["created_at"], due_at=task["due_at"], kind=task["kind"])
        for task in tasks
        if task["kind"] in ("callback", "promise") and task["done_at"] is None
    ]
    open_.sort(key=lambda one: (one.due_at is None, one.due_at or one.at))
    told = [entry for entry in timeline if entry.kind is Entry.NOTE and entry.data.get("outward")]
    if told:
        last = told[-1]
        open_.append(Promise(text=last.data["text"], by=last.by, at=last.at, kind="note"))
    return tuple(open_)


def last_note(timeline: Sequence[Activity], owner: str | None) -> Activity | None:
    """The owner's own, where they wrote one; else anybody's."""
    notes = [entry for entry in timeline if entry.kind is Entry.NOTE]
    own = [entry for entry in notes if owner is not None and entry.by == owner]
    return next(reversed(own or notes), None)
