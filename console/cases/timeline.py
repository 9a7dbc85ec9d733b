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
    IDENTITY = "identity"


class Activity(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `activity`. `by` is a username, or None: the console itself, or the customer.

    data: call {call, from, to, agent, outcome, waited_s, disposition} · missed_call {call, from, to, waited_s,
    short} · note {text, outward} · changed {field: [old, new]} · owner {owner} · registered {via, subject} ·
    identity {result: verified, failed, or none (taken back)}.
    """

    id: str
    at: datetime
    kind: Entry
    case: str | None = None
    customer: str | None = None
    work: str | None = None
    by: str | None = None
    data: dict[str, Any] = {}
