"""Queues and agents as the configuration and the router's rows together make them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from console.config.document import Agent, Calendar, Centre, Queue
from console.live.messages import AgentsByState
from console.queries.supervisor import Agent as Seen
from console.queries.supervisor import Day, Waiting
from console.services import overview

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


def seen(username: str, presence: str = "available", routing_state: str = "idle") -> Seen:
    return Seen(username=username, presence=presence, reason=None, routing_state=routing_state, since=NOON, work=())


def test_an_agent_counts_in_each_queue_they_serve_by_what_they_are_doing() -> None:
    centre = Centre(
        queues=(Queue(name="faults", channel="voice"), Queue(name="general", channel="voice")),
        agents=(
            Agent(username="ana", name="Ana"),
            Agent(username="ben", name="Ben", queues=("general",)),
            Agent(username="cat", name="Cat", queues=("faults",)),
            Agent(username="dan", name="Dan"),
        ),
    )
    agents = [seen("ana"), seen("ben", routing_state="busy"), seen("cat", "away"), seen("dan", "offline"), seen("gone")]

    faults, general = overview.queues_of(centre, {}, {}, agents, NOON)

    assert faults.agents == AgentsByState(idle=1, away=1)
    assert general.agents == AgentsByState(idle=1, busy=1)


def test_a_queue_tells_its_figures_and_what_they_are_held_against() -> None:
    centre = Centre(queues=(Queue(name="faults", channel="voice"),))
    waiting = {"faults": Waiting(3, NOON - timedelta(seconds=61.9))}

    [queue] = overview.queues_of(centre, waiting, {"faults": Day(answered=3, in_time=2, abandoned=1)}, [], NOON)

    assert (queue.waiting, queue.longest_wait_s) == (3, 61.0)
    assert (queue.answered, queue.abandoned, queue.service_level) == (3, 1, 0.5)
    assert (queue.service_level_target, queue.service_level_within_s) == (0.8, 20.0)


def test_today_begins_at_the_centres_own_midnight() -> None:
    kyiv = Centre(calendars={"office": Calendar(time_zone="Europe/Kyiv", open={})})

    assert overview.midnight(kyiv, NOON) == datetime(2026, 6, 30, 21, tzinfo=UTC)
    assert overview.midnight(Centre(), NOON) == datetime(2026, 7, 1, tzinfo=UTC)
