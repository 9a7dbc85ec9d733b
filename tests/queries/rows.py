"""Rows of the router's tables, written by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import insert

from console.db.engine import Database
from console.db.schema import routing_agent, routing_item, routing_offer
from console.ids import new_id

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MIDNIGHT = NOON - timedelta(hours=12)

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
        "queued_at": NOON,
        "left": [],
        "needs": {},
        "relaxed": 0,
        "priority": 0,
        "rank": 0,
        "turn": 0,
        "preferred": [],
        "taken": 0,
        "agent": None,
        "offer": new_id() if state == "offered" else None,
        "holds": {},
        "assigned_at": None,
        "connected": False,
        "takes_orders": False,
        "ended_at": None,
        **more,
    }


def answered(after: float, *, at: datetime = NOON, over: bool = True, talk: float = 60, **more: Any) -> dict[str, Any]:
    taken = at + s(after)
    ended = taken + s(talk) if over else None
    state = "completed" if over else "assigned"
    return item(state, **{"waiting_since": at, "assigned_at": taken, "ended_at": ended, "agent": "ana", **more})


def abandoned(after: float, *, at: datetime = NOON, **more: Any) -> dict[str, Any]:
    return item("abandoned", **{"waiting_since": at, "ended_at": at + s(after), **more})


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


def missed(username: str, at: datetime, state: str = "timed_out") -> dict[str, Any]:
    return {
        "id": new_id(),
        "item": new_id(),
        "agent": username,
        "made_at": at - s(20),
        "expires_at": at,
        "why": {},
        "state": state,
        "closed_at": at,
    }


async def keep(
    database: Database,
    *items: dict[str, Any],
    agents: list[dict[str, Any]] | None = None,
    offers: list[dict[str, Any]] | None = None,
) -> None:
    async with database.transaction() as db:
        for table, rows in ((routing_item, items), (routing_agent, agents or []), (routing_offer, offers or [])):
            for row in rows:
                await db.execute(insert(table).values(row))
