"""The timeline: what happened in a case, or to a customer, each entry with who and when."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec


class Entry(StrEnum):
    REGISTERED = "registered"
    CALL = "call"
    MISSED_CALL = "missed_call"
    NOTE = "note"
    CHANGED = "changed"
    OWNER = "owner"
    TRANSFERRED = "transferred"
    MOVED = "moved"
    IDENTITY = "identity"
    ESCALATED = "escalated"
    NOT_TAKEN = "not_taken"
    ACKNOWLEDGED = "acknowledged"
    CLOCK = "clock"
    CUSTOMER = "customer"
    WORD = "word"
    REOPENED = "reopened"
    TASK = "task"
    ATTACHMENT = "attachment"
    LINK = "link"
    TIME = "time"
    SCRIPT = "script"
    ARTICLE = "article"


class Activity(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `activity`. `by` is a username, or None: the console itself, or the customer.

    data: call {call, from, to, agent, outcome, waited_s, disposition} · missed_call {call, from, to, waited_s,
    short} · note {text, outward} · changed {field: [old, new], why} · owner {owner, was, why} · registered {via,
    subject, contract} · moved {queue, before, cause: by_hand, an overflow's condition, or
    queue_gone, reason} · identity {result: verified, failed, or none (taken back)} · customer {changes: {field: [old, new]}} (of the
    customer; nothing: they were made) · word {text, via} (the customer's) ·
    reopened {was, why} · task {task, kind, text, happening: added, moved, done, dropped, reminded, due_at, assignee} ·
    attachment {attachment, name, media_type, bytes, happening: added, removed} · link {kind: related, duplicate_of,
    caused_by, parent, child, other (a case's number), happening: added, removed} · time {seconds, note} ·
    escalated {handover, trigger, level, queue, agent, ladder, clock, reason, unqualified}; of one that came while the
    same was under way {joined: handover, trigger, clock} · not_taken {handover, level, queue, agent}: nobody took it in
    time, and there is no level above · acknowledged {handover, level} · script {run, script, version, title, state:
    ended, left, outcome, why, answers: [{question, answer, skipped (why), silent (why a system gave none)}]}, in the script's own language. article {article, number, title, version, use: used, sent,
    helped, not_helped, why}. A note's `tried` is a `handover.Result`.
    """

    id: str
    at: datetime
    kind: Entry
    case: str | None = None
    customer: str | None = None
    work: str | None = None
    by: str | None = None
    data: dict[str, Any] = {}
