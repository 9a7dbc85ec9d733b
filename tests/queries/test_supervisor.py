"""What supervisors look at, read from the router's rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import insert

from console.db.engine import Database
from console.db.schema import routing_agent, routing_item
from console.ids import new_id
from console.queries import supervisor
from console.queries.supervisor import Day, InHand, Limits, Waiting

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MIDNIGHT = NOON - timedelta(hours=12)
LIMITS = {"faults": Limits(within=timedelta(seconds=20), short_abandon=timedelta(seconds=5))}

sequence = count(1)


def s(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def item(state: str, **more: Any) -> dict[str, Any]:
    return {
        "id": new_id(),
        "seq": next(sequence),
        "kind": "voice",
        "queue": "faults",
        "requires": {},
        "own_priority": None,
        "state": state,
        "waiting_since": NOON,
        "needs": {},
        "priority": 0,
        "agent": None,
        "offer": new_id() if state == "offered" else None,
        "holds": {},
        "assigned_at": None,
        "connected": False,
        "takes_orders": False,
        "ended_at": None,
        **more,
    }


def answered(after: float, *, at: datetime = NOON, over: bool = True) -> dict[str, Any]:
    taken = at + s(after)
    ended = taken + s(60) if over else None
    return item("completed" if over else "assigned", waiting_since=at, assigned_at=taken, ended_at=ended, agent="ana")


def abandoned(after: float, *, at: datetime = NOON) -> dict[str, Any]:
    return item("abandoned", waiting_since=at, ended_at=at + s(after))


def agent(username: str, **more: Any) -> dict[str, Any]:
    return {
        "username": username,
        "presence": "available",
        "reason": None,
        "presence_since": NOON,
        "not_responding": False,
        "idle_since": NOON,
        "idle_seq": 0,
        "nodes": [],
        "work": [],
        "active": True,
        "routing_state": "idle",
        "state_since": NOON,
        **more,
    }


async def keep(database: Database, *items: dict[str, Any], agents: list[dict[str, Any]] | None = None) -> None:
    async with database.transaction() as db:
        for row in items:
            await db.execute(insert(routing_item).values(row))
        for row in agents or []:
            await db.execute(insert(routing_agent).values(row))


async def test_who_is_being_offered_waits_still_and_who_was_taken_does_not(database: Database) -> None:
    await keep(
        database,
        item("waiting", waiting_since=NOON - s(90)),
        item("offered", waiting_since=NOON - s(120), agent="ana"),
        answered(10, over=False),
        abandoned(30),
        item("waiting", queue="general"),
    )

    async with database.transaction() as db:
        waiting = await supervisor.waiting(db)

    assert waiting == {"faults": Waiting(2, NOON - s(120)), "general": Waiting(1, NOON)}


async def test_the_service_level_is_those_answered_in_time_of_those_offered(database: Database) -> None:
    await keep(
        database,
        answered(20),
        answered(20.001),
        answered(3, over=False),
        abandoned(4.999),
        abandoned(5),
        item("waiting"),
    )

    async with database.transaction() as db:
        days = await supervisor.day(db, MIDNIGHT, LIMITS)

    assert days == {"faults": Day(answered=3, in_time=2, abandoned=1)}
    assert days["faults"].service_level == pytest.approx(2 / 4)


async def test_a_day_holds_what_was_decided_in_it(database: Database) -> None:
    before = MIDNIGHT - s(10)
    await keep(
        database,
        answered(5, at=before),
        answered(15, at=before),
        abandoned(9, at=before),
        abandoned(11, at=before),
        abandoned(60, at=MIDNIGHT - timedelta(days=1)),
    )

    async with database.transaction() as db:
        days = await supervisor.day(db, MIDNIGHT, LIMITS)

    assert days == {"faults": Day(answered=1, in_time=1, abandoned=1)}


async def test_before_the_first_call_there_is_no_service_level(database: Database) -> None:
    async with database.transaction() as db:
        assert await supervisor.day(db, MIDNIGHT, LIMITS) == {}
        assert await supervisor.day(db, MIDNIGHT, {}) == {}
    assert Day().service_level is None


async def test_an_agent_is_shown_with_the_work_in_hand_and_after_leaving_until_it_is_done(database: Database) -> None:
    held = answered(5, over=False)
    await keep(
        database,
        held,
        agents=[
            agent("ben", active=False),
            agent("ana", active=False, routing_state="busy"),
            agent("zoe", presence="away", reason="lunch"),
        ],
    )

    async with database.transaction() as db:
        found = await supervisor.agents(db)

    assert [(one.username, one.presence, one.reason, one.routing_state) for one in found] == [
        ("ana", "available", None, "busy"),
        ("zoe", "away", "lunch", "idle"),
    ]
    assert found[0].work == (InHand(item=held["id"], kind="voice", queue="faults", state="assigned", case=None),)
