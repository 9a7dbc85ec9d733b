"""What the demo's centre is made of holds together, however many are played."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from console.cases.customer import e164
from console.cli.demo import material, population, stage
from console.config.classify import Arrival, classify
from console.config.document import Agent, Queue
from console.config.parse import parse
from console.errors import Fault

FICTIONAL = re.compile(r"\+44(1314960|1414960|1614960|2079460|7700900)\d{3}")
"""What Ofcom keeps free for drama."""

SECOND_LINE = "Second line"
"""What went up waits there for whoever sits at the free seat."""


def serves(agent: Agent, queue: Queue) -> bool:
    able = all(agent.skills.get(skill, 0) >= level for skill, level in queue.requires.items())
    return able and agent.capacity.get(queue.channel, 0) > 0 and (agent.queues is None or queue.name in agent.queues)


@pytest.mark.parametrize("count", [*range(1, 15), 40, 200])
def test_every_queue_is_served_by_the_agents_who_are_played(count: int) -> None:
    centre = material.centre(count)
    cast = material.played(centre)

    assert len(cast) == len({agent.username for agent in cast}) == count
    for queue in centre.queues:
        assert any(serves(agent, queue) for agent in cast) is (queue.name != SECOND_LINE), queue.name


def test_the_free_seat_serves_every_queue() -> None:
    centre = material.centre(12)
    seat = centre.agent(material.SEAT)

    assert seat is not None
    assert all(serves(seat, queue) for queue in centre.queues)
    assert len(centre.queues) == 9


@pytest.mark.parametrize("count", [3, 12, 60])
def test_the_configuration_written_out_is_read_back_the_same(count: int) -> None:
    centre = material.centre(count)

    assert parse(material.written(centre)) == centre


def test_numbers_on_file_are_fictional_and_belong_to_one_customer_each() -> None:
    phones = [phone for customer in material.customers() for phone in customer.phones]

    assert len(phones) == len(set(phones))
    assert all(FICTIONAL.fullmatch(phone) and e164(phone) == phone for phone in phones)


def test_every_queue_has_stories_and_every_open_case_a_queue() -> None:
    queues = {queue.name for queue in material.centre(12).queues}

    assert set(material.stories()) == queues - {SECOND_LINE}
    assert {customer.open for customer in material.customers() if customer.open} <= queues


def test_callers_reach_every_voice_queue_by_rules_that_hold_or_do_not_but_never_fail() -> None:
    centre = material.centre(12)
    people = population.Population(material.chance(1))
    decisions = [classify(centre, arrival(people.anyone())) for _ in range(500)]

    assert {decision.queue for decision in decisions} == {q.name for q in centre.queues if q.channel == "voice"}
    assert not any(decision.failed for decision in decisions)


def test_the_call_for_the_free_seat_is_one_that_nobody_else_can_take() -> None:
    centre = material.centre(12)
    decision = classify(centre, arrival(population.Population(material.chance(1)).for_the_seat()))
    queue = centre.queue(decision.queue or "")

    assert queue is not None
    needs = {**queue.requires, **decision.requires}
    able = [a.username for a in centre.agents if all(a.skills.get(skill, 0) >= level for skill, level in needs.items())]
    assert able == [material.SEAT]


def arrival(caller: population.Caller) -> Arrival:
    return Arrival(channel="voice", to=caller.dialled, from_=caller.number, attributes=caller.attributes)


def test_a_second_demo_on_the_same_directory_is_refused(tmp_path: Path) -> None:
    with stage.only_one(tmp_path), pytest.raises(Fault, match="runs on"), stage.only_one(tmp_path):
        pass
