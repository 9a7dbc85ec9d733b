"""What of a configuration the engine is given."""

from console.config.document import Centre
from console.config.parse import parse
from console.config.rules import routing_rules
from console.routing.queue import SECOND, AgentProfile, Queue


def test_the_engine_is_given_queues_and_agents(centre: Centre) -> None:
    rules = routing_rules(7, centre)

    assert rules.version == 7
    assert rules.fallback_queue == "general"
    assert rules.queues["faults"] == Queue(
        name="faults", channel="voice", requires={"fibre": 3, "english": 3}, priority=10, wrap_up=30 * SECOND
    )
    assert rules.agents == {
        "nadia": AgentProfile(
            username="nadia",
            skills={"fibre": 4, "english": 5},
            capacity={"voice": 1, "case": 3},
            queues=frozenset({"faults", "general"}),
        )
    }


def test_keys_that_are_absent_take_the_files_defaults() -> None:
    rules = routing_rules(1, parse("version: 1\nqueues: [{name: q, channel: voice}]\nagents: [{username: ana}]"))

    assert rules.queues == {"q": Queue(name="q", channel="voice", priority=10, wrap_up=30 * SECOND)}
    assert rules.agents == {"ana": AgentProfile(username="ana")}


def test_open_wrap_up_has_no_end() -> None:
    rules = routing_rules(1, parse("version: 1\nqueues: [{name: q, channel: voice, wrap_up: open}]"))

    assert rules.queues["q"].wrap_up is None


def test_supervisors_have_presence_and_are_given_no_work_and_others_have_neither() -> None:
    rules = routing_rules(
        1, parse("version: 1\nagents: [{username: ana, roles: [supervisor]}, {username: kim, roles: [author]}]")
    )

    assert rules.agents == {"ana": AgentProfile(username="ana", capacity={}, queues=frozenset())}
