"""A packet holds every kind of thing that a case can hold, or somebody has said why not."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Table, Uuid

from console.cases import store
from console.cases.handover import Packet, Trigger, Why
from console.db import schema
from console.ids import new_id
from console.queries.handover import CARRIED, COLUMNS_LEFT_OUT, LEFT_OUT
from console.services import handover
from tests.house import NOON, House

TABLES = schema.metadata.tables
NAMES = {"case", "work", "item", "about", "call", "run", "clock"}
"""Columns whose id is that of a case, or of something of a case, where no foreign key says so."""


def refers_to(table: Table) -> set[str]:
    return {key.column.table.name for column in table.c for key in column.foreign_keys}


def of_a_case() -> set[str]:
    """Tables whose rows belong to a case or to something of it; what a case and its work name; how to reach its customer."""
    found = {"case", "routing_item"}
    found |= {name for name, table in TABLES.items() if any(_names_one(table, column) for column in NAMES)}
    while more := {name for name, table in TABLES.items() if refers_to(table) & (found - {"customer"})} - found:
        found |= more
    named = set().union(*(refers_to(TABLES[name]) for name in ("case", "work", "customer")))
    return found | named | {name for name, table in TABLES.items() if "customer" in refers_to(table)}


def _names_one(table: Table, column: str) -> bool:
    return column in table.c and isinstance(table.c[column].type, Uuid)


def test_every_table_that_holds_something_of_a_case_is_carried_or_left_out_for_a_reason() -> None:
    assert of_a_case() == set(CARRIED) | set(LEFT_OUT)
    assert not set(CARRIED) & set(LEFT_OUT)
    assert all(reason.strip() for reason in LEFT_OUT.values())
    assert {*CARRIED.values()} <= {field.name for field in msgspec.structs.fields(Packet)}
    for table, columns in COLUMNS_LEFT_OUT.items():
        assert columns <= set(TABLES[table].c.keys())


CASE, OTHER, WORK, CALL, RUN, CLOCK, ARTICLE, CONTRACT, CUSTOMER, ACCOUNT = (new_id() for _ in range(10))
AROUND: list[tuple[str, dict[str, Any]]] = [
    ("account", {"id": ACCOUNT, "name": "MARK account", "created_at": NOON, "changed_at": NOON}),
    ("customer", {"id": CUSTOMER, "name": "MARK customer", "account": ACCOUNT, "created_at": NOON, "changed_at": NOON}),
    ("customer_phone", {"phone": "MARK customer_phone", "customer": CUSTOMER}),
    ("customer_email", {"email": "MARK customer_email", "customer": CUSTOMER}),
    (
        "contract",
        {
            "id": CONTRACT,
            "number": "MARK contract",
            "name": "Gold",
            "account": ACCOUNT,
            "starts_on": NOON.date(),
            "created_at": NOON,
            "changed_at": NOON,
        },
    ),
]
"""What a case of somebody names, in the order in which it can be put."""


def case_row(id_: str, number: str) -> dict[str, Any]:
    return {
        "id": id_,
        "number": number,
        "subject": number,
        "via": "web",
        "status": "open",
        "owner": "ben",
        "customer": CUSTOMER,
        "contract": CONTRACT,
        "created_at": NOON,
        "changed_at": NOON,
    }


SCRIPT = """
script: outage
title: Outage
languages: [en]
steps:
  - {step: sites, title: How many sites?, ask: text}
  - {step: over, title: Over, end: solved}
"""
HELD: list[tuple[str, dict[str, Any]]] = [
    *AROUND,
    ("case", case_row(CASE, "MARK case")),
    ("case", case_row(OTHER, "C-2")),
    ("call", {"id": CALL, "source": "pbx", "external_id": "MARK call", "state": "ended", "attributes": {}}),
    (
        "work",
        {"item": WORK, "kind": "voice", "call": CALL, "case": CASE, "registered_at": NOON, "disposition": "MARK work"},
    ),
    (
        "routing_item",
        {
            "id": WORK,
            "seq": 1,
            "kind": "voice",
            "queue": "MARK routing_item",
            "requires": {},
            "needs": {},
            "holds": {},
            "state": "completed",
            "waiting_since": NOON,
            "queued_at": NOON,
            "ended_at": NOON,
            "left": [],
            "preferred": [],
            "relaxed": 0,
            "priority": 0,
            "rank": 0,
            "turn": 0,
            "taken": 1,
            "connected": True,
            "takes_orders": False,
        },
    ),
    ("assignment", {"item": WORK, "nth": 1, "agent": "MARK assignment", "assigned_at": NOON}),
    (
        "activity",
        {"id": new_id(), "case": CASE, "at": NOON, "kind": "note", "by": "ben", "data": {"text": "MARK activity"}},
    ),
    ("note_draft", {"username": "ben", "about": WORK, "text": "MARK note_draft", "version": 1, "saved_at": NOON}),
    ("case_link", {"case": OTHER, "other": CASE, "kind": "related", "by": "MARK case_link", "at": NOON}),
    ("task", {"id": new_id(), "case": CASE, "kind": "promise", "text": "MARK task", "created_at": NOON}),
    (
        "attachment",
        {
            "id": new_id(),
            "case": CASE,
            "name": "MARK attachment",
            "media_type": "text/plain",
            "bytes": 1,
            "sha256": b"1",
            "at": NOON,
            "content": b"1",
        },
    ),
    ("time_spent", {"id": new_id(), "case": CASE, "seconds": 60, "by": "MARK time_spent", "at": NOON}),
    ("script", {"name": "outage", "created_at": NOON, "created_by": "kim"}),
    (
        "script_version",
        {
            "script": "outage",
            "version": 8,
            "source": SCRIPT,
            "title": "Outage",
            "authors": ["kim"],
            "published_at": NOON,
            "published_by": "kim",
        },
    ),
    (
        "script_run",
        {
            "id": RUN,
            "case": CASE,
            "script": "outage",
            "version": 8,
            "pins": {"outage": 8},
            "state": "running",
            "stopped_at": "over",
            "started_by": "MARK script_run",
            "started_at": NOON,
            "moved_at": NOON,
        },
    ),
    (
        "script_answer",
        {
            "id": new_id(),
            "run": RUN,
            "nth": 0,
            "step": "sites",
            "kind": "given",
            "answer": "MARK script_answer",
            "at": NOON,
        },
    ),
    ("script_effect", {"id": new_id(), "run": RUN, "step": "MARK script_effect", "effect": {}, "at": NOON}),
    (
        "article",
        {
            "id": ARTICLE,
            "number": "KB-1",
            "lang": "en",
            "original": ARTICLE,
            "kind": "problem",
            "created_at": NOON,
            "created_by": "kim",
            "changed_at": NOON,
            "change": 1,
        },
    ),
    (
        "article_revision",
        {
            "article": ARTICLE,
            "version": 4,
            "title": "PPP sessions drop",
            "body": "-",
            "plain": "-",
            "keywords": [],
            "audience": "agents",
            "state": "published",
            "authors": ["kim"],
            "created_at": NOON,
            "saved_at": NOON,
            "saved_by": "kim",
        },
    ),
    (
        "article_use",
        {
            "id": new_id(),
            "article": ARTICLE,
            "version": 4,
            "kind": "not_helped",
            "at": NOON,
            "by": "ben",
            "case": CASE,
            "why": "MARK article_use",
        },
    ),
    (
        "article_feedback",
        {
            "id": new_id(),
            "article": ARTICLE,
            "version": 4,
            "at": NOON,
            "by": "ben",
            "text": "MARK article_feedback",
            "case": CASE,
        },
    ),
    (
        "sla_clock",
        {
            "id": CLOCK,
            "case": CASE,
            "name": "resolution",
            "policy": "MARK sla_clock",
            "state": "running",
            "terms": [{"target": "PT1H", "pause_when": [], "version": 1}],
            "stretches": [{"since": "2026-11-20T12:00:00Z", "running": True, "why": "registered"}],
            "started_at": NOON,
            "changed_at": NOON,
        },
    ),
    ("sla_event", {"clock": CLOCK, "kind": "breached", "due_at": NOON, "acted_at": NOON.replace(year=2031)}),
    (
        "handover",
        {
            "id": new_id(),
            "case": CASE,
            "trigger": "hand",
            "level": 1,
            "above": [],
            "reason": "MARK handover",
            "made_at": NOON,
            "to_queue": "tier2",
            "unqualified": False,
            "packet": {},
            "item": WORK,
            "ended_at": NOON,
        },
    ),
]
"""A row of every table that is carried, in the order in which they can be put; by its mark it is known again."""
MARKS = {"sla_event": "2031-11-20"}


async def test_a_row_of_every_kind_is_found_in_its_part_of_the_packet(house: House) -> None:
    assert {table for table, _ in HELD} >= set(CARRIED)
    async with house.ctx.db.transaction() as db:
        for table, row in HELD:
            await db.execute(TABLES[table].insert().values(row))
        case = await store.find_case_by_id(db, CASE, lock=True)
        assert case is not None
        why = Why(trigger=Trigger.HAND, level=1, to_queue="tier2")
        packet = await handover.assemble(db, case, why, at=NOON.replace(hour=14))
    for table, part in CARRIED.items():
        written = msgspec.json.encode(getattr(packet, part)).decode()
        assert MARKS.get(table, f"MARK {table}") in written, f"{table} is not in the packet's {part}"
    [run] = packet.scripts
    assert run["spoken"]["answers"][0]["question"] == "How many sites?"
    assert packet.last_note is not None
    assert [one.text for one in packet.promised] == ["MARK task"]
    assert [one.result for one in packet.tried] == ["no_change"]
    assert packet.clocks[0]["left_s"] == -3600
    assert sum(_seconds(one) for one in packet.clocks[0]["segments"]) == packet.clocks[0]["counted_s"]
    assert msgspec.json.decode(msgspec.json.encode(packet), type=Packet).owners == packet.owners


def _seconds(segment: dict[str, Any]) -> float:
    return float((segment["to"] - segment["from"]).total_seconds())
