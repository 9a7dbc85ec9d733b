"""Who waits, and what every agent is doing, read from the router's rows."""

from __future__ import annotations

from console.db.engine import Database
from console.queries import supervisor
from console.queries.supervisor import InHand, Waiting
from tests.queries.rows import NOON, abandoned, agent, answered, item, keep, s


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


async def test_an_agent_is_shown_with_the_work_in_hand_and_after_leaving_until_it_is_done(database: Database) -> None:
    held = answered(5, over=False)
    await keep(
        database,
        held,
        agents=[
            agent("ben", active=False),
            agent("ana", active=False, routing_state="busy", pending="away"),
            agent("zoe", presence="away", reason="lunch"),
        ],
    )

    async with database.transaction() as db:
        found = await supervisor.agents(db)

    assert [(one.username, one.presence, one.reason, one.routing_state, one.pending) for one in found] == [
        ("ana", "available", None, "busy", "away"),
        ("zoe", "away", "lunch", "idle", None),
    ]
    assert found[0].work == (InHand(item=held["id"], kind="voice", queue="faults", state="assigned", case=None),)
