"""Queues and agents as the configuration and the router's rows together make them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from console.config.document import Agent, Calendar, Centre, Queue, ServiceLevel
from console.live.messages import AgentsByState
from console.queries.clocks import Listed
from console.queries.figures import Missed, Usual
from console.queries.supervisor import Agent as Seen
from console.queries.supervisor import InHand, Waiting
from console.services import figures, overview
from console.services.figures import Figures
from console.services.overview import Read
from console.sla.kpi import Counted
from tests.house import NOON as NOON_OF_HOUSE
from tests.house import House
from tests.queries.rows import abandoned, answered, keep, s

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
CENTRE = Centre(
    queues=(
        Queue(name="faults", channel="voice", requires={"fibre": 3}, wrap_up=timedelta(seconds=30)),
        Queue(name="general", channel="voice"),
    ),
    agents=(
        Agent(username="ana", name="Ana"),
        Agent(username="ben", name="Ben", queues=("general",), skills={"fibre": 4}),
        Agent(username="cat", name="Cat", queues=("general",)),
        Agent(username="dan", name="Dan", queues=("general",), skills={"fibre": 5}, capacity={"case": 1}),
        Agent(username="sue", name="Sue", roles=("supervisor",)),
    ),
)
NOTHING = Figures(midnight=NOON, recent_since=NOON, today={}, hours={}, usual={})


def seen(username: str, presence: str = "available", routing_state: str = "idle", **more: object) -> Seen:
    return Seen(
        **{
            "username": username,
            "presence": presence,
            "reason": None,
            "routing_state": routing_state,
            "since": NOON,
            "work": (),
            **more,
        }
    )


def held(**more: object) -> InHand:
    return InHand(**{"item": "1", "kind": "voice", "queue": "faults", "state": "assigned", "case": None, **more})


def read(*agents: Seen, waiting: int = 0, **more: object) -> Read:
    waits = {"faults": Waiting(waiting, NOON)} if waiting else {}
    return Read(
        **{"figures": NOTHING, "missed": {}, "risks": Listed(), "waiting": waits, "agents": list(agents), **more}
    )


def test_an_agent_counts_in_each_queue_they_serve_by_what_they_are_doing() -> None:
    agents = [seen("ana"), seen("ben", routing_state="busy"), seen("cat", "away"), seen("dan", "offline"), seen("gone")]

    faults, general = overview.queues_of(CENTRE, {}, {}, agents, NOON)

    assert faults.agents == AgentsByState(idle=1)
    assert general.agents == AgentsByState(idle=1, busy=1, away=1)


def test_a_queue_tells_its_figures_and_what_they_are_held_against() -> None:
    waiting = {"faults": Waiting(3, NOON - timedelta(seconds=61.9))}
    today = {"faults": Counted(answered=3, in_time=2, abandoned=1)}

    queue, _ = overview.queues_of(CENTRE, waiting, today, [], NOON)

    assert (queue.waiting, queue.longest_wait_s) == (3, 61.0)
    assert (queue.answered, queue.abandoned, queue.service_level) == (3, 1, 0.5)
    assert (queue.service_level_target, queue.service_level_within_s) == (0.8, 20.0)


def test_a_free_agent_of_other_queues_is_counted_where_their_skills_would_do() -> None:
    """Not Ana, who serves every queue; not Cat, who lacks the skill; not Dan, who takes no calls."""
    agents = [seen("ana"), seen("ben"), seen("cat"), seen("dan")]
    assert overview.floor_of(CENTRE, read(*agents, waiting=1), NOON).queues[0].free_elsewhere == 1
    assert overview.floor_of(CENTRE, read(*agents), NOON).queues[0].free_elsewhere == 0


@pytest.mark.parametrize(("minutes", "calls", "long"), [(22, 50, "call"), (20, 50, ""), (22, 9, ""), (4, 50, "")])
def test_a_call_is_long_against_what_is_usual_for_its_queue(minutes: float, calls: int, long: str) -> None:
    usual = Usual(calls, 7 * 60.0 if minutes > 4 else 30.0)
    figures = Figures(midnight=NOON, recent_since=NOON, today={}, hours={}, usual={"faults": usual})
    talk = NOON - timedelta(minutes=minutes)
    agent = seen("ana", routing_state="busy", work=(held(talk_since=talk),))

    [found] = overview.floor_of(CENTRE, read(agent, figures=figures), NOON).agents

    assert found.long == long
    assert (found.usual_s == usual.mean_s) is bool(long)


def test_wrap_up_is_long_beyond_what_the_queue_allows() -> None:
    wrapping = seen("ana", routing_state="wrap_up", work=(held(state="wrap_up"),))
    assert overview.floor_of(CENTRE, read(wrapping), NOON + timedelta(seconds=30)).agents[0].long == ""
    assert overview.floor_of(CENTRE, read(wrapping), NOON + timedelta(seconds=31)).agents[0].long == "wrap_up"


def test_an_agent_is_shown_with_hold_missed_rings_a_pause_to_come_and_their_queues() -> None:
    missed = {"ben": Missed(2, NOON)}
    agent = seen("ben", routing_state="busy", pending="away", work=(held(held_at=NOON),))

    [found] = overview.floor_of(CENTRE, read(agent, seen("sue"), missed=missed), NOON).agents

    assert (found.told.name, found.held_at, found.missed, found.pending) == ("Ben", NOON, 2, True)
    assert found.queues == ("general",)


def test_today_begins_at_the_centres_own_midnight() -> None:
    kyiv = Centre(calendars={"office": Calendar(time_zone="Europe/Kyiv", open={})})

    assert figures.midnight(kyiv, NOON) == datetime(2026, 6, 30, 21, tzinfo=UTC)
    assert figures.midnight(Centre(), NOON) == datetime(2026, 7, 1, tzinfo=UTC)


def test_the_figures_of_a_centre_are_its_calls_or_all_it_has() -> None:
    letters = Queue(name="letters", channel="case", service_level=ServiceLevel())
    assert figures.queues_of_calls(Centre(queues=(*CENTRE.queues, letters))) == ["faults", "general"]
    assert figures.queues_of_calls(Centre(queues=(letters,))) == ["letters"]


def test_the_recent_window_is_told_as_it_was_through_the_last_hour() -> None:
    """Two calls an hour ago, and three now: each window holds what fell into it."""
    last = 1000
    spans = {last - 12: Counted(answered=2), last: Counted(answered=3)}
    answered = [counted.answered for counted in figures.hour(spans, last)]
    assert answered == [2, 2, 2, 2, 2, 2, 2, 0, 0, 0, 0, 0, 3]


# --- a whole day, read again and again --------------------------------------------------------------------------------


async def figures_now(house: House) -> Figures:
    async with house.ctx.db.snapshot() as db:
        return await figures.read(house.ctx.db, db, await house.ctx.centres.in_force(db), house.clock.at)


async def test_what_is_old_and_what_is_new_of_today_are_one_figure(house: House) -> None:
    noon = house.clock.at
    await keep(
        house.ctx.db,
        answered(5, at=noon - timedelta(hours=4)),
        abandoned(30, at=noon - timedelta(hours=3)),
        answered(30, at=noon - timedelta(minutes=95)),
        answered(10, at=noon - timedelta(minutes=20)),
        answered(10, at=noon - timedelta(hours=13)),
    )

    read = await figures_now(house)

    assert read.today["faults"] == Counted(answered=3, in_time=2, abandoned=1, waited_s=45)
    assert read.hours["faults"][-1] == Counted(answered=1, in_time=1, waited_s=10)
    assert read.midnight == NOON_OF_HOUSE.replace(hour=0)
    assert read.recent_since == NOON_OF_HOUSE - timedelta(minutes=30)


async def test_what_comes_late_into_the_sealed_part_counts_within_a_minute(house: House) -> None:
    await figures_now(house)
    await keep(house.ctx.db, answered(5, at=house.clock.at - timedelta(hours=4)))
    assert "faults" not in (await figures_now(house)).today

    house.clock.at += timedelta(seconds=60)

    assert (await figures_now(house)).today["faults"].answered == 1


async def test_just_after_midnight_today_is_short_and_the_last_hour_is_not(house: House) -> None:
    house.clock.at = house.clock.at.replace(hour=0, minute=10)
    await keep(
        house.ctx.db,
        answered(0, at=house.clock.at - timedelta(minutes=20)),
        answered(0, at=house.clock.at - s(60)),
    )

    read = await figures_now(house)

    assert read.today["faults"].answered == 1
    assert read.hours["faults"][-1].answered == 2


async def test_another_threshold_counts_all_of_today_anew(house: House) -> None:
    await keep(house.ctx.db, answered(40, at=house.clock.at - timedelta(hours=4)))
    assert (await figures_now(house)).today["faults"].in_time == 0

    await house.apply(
        "version: 1\nqueues: [{name: faults, channel: voice, service_level: {within: 60s, target: 80%}}]\n"
    )

    assert (await figures_now(house)).today["faults"].in_time == 1
