"""The centre of the load test: its configuration, its agents, and the calls of its day. The same in every run."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

import yaml

AGENTS = 50
CALLS = 2_000
"""Of the day in which the console is killed."""
CALLS_UNDISTURBED = 700
OFFER_TIMEOUT_S = 6
"""Longer than a killed node is believed to be there: until then its agents' screens count as open."""

SKILLS = ("fibre", "billing", "english", "polish")
QUEUES: dict[str, dict[str, Any]] = {
    "vip": {"priority": 20, "requires": {"english": 3}},
    "faults": {"priority": 10, "requires": {"fibre": 3, "english": 1}, "wrap_up": "0.2s"},
    "billing": {"priority": 10, "requires": {"billing": 2}},
    "polish": {"priority": 5, "requires": {"polish": 2}, "wrap_up": "open"},
    "general": {"priority": 1},
}
VIP_NUMBER = "+441314960999"


def agents() -> dict[str, dict[str, Any]]:
    """Their skills and queues; the first ten can do everything, so that nothing waits for ever."""
    random = Random(50)
    found: dict[str, dict[str, Any]] = {}
    for number in range(AGENTS):
        name = f"agent{number:02d}"
        if number < 10:
            found[name] = {"skills": dict.fromkeys(SKILLS, 5), "queues": None}
            continue
        skills = {skill: random.randint(1, 5) for skill in random.sample(SKILLS, random.randint(0, 3))}
        queues = random.choice([None, random.sample(sorted(QUEUES), random.randint(2, 4))])
        found[name] = {"skills": skills, "queues": queues}
    return found


def centre_yaml() -> str:
    return yaml.safe_dump(
        {
            "version": 1,
            "skills": list(SKILLS),
            "queues": [
                {
                    "name": name,
                    "channel": "voice",
                    "offer": {"timeout": f"{OFFER_TIMEOUT_S}s"},
                    "decline_pause": "1s",
                    "wrap_up": "0s",
                    **queue,
                }
                for name, queue in QUEUES.items()
            ],
            "agents": [
                {"username": name, "name": name.title(), "skills": agent["skills"], "capacity": {"voice": 1}}
                | ({"queues": agent["queues"]} if agent["queues"] is not None else {})
                for name, agent in agents().items()
            ],
            "routing": [{"when": f'to == "{VIP_NUMBER}"', "queue": "vip"}, {"queue": "general"}],
            "routing_defaults": {"fallback_queue": "general"},
        }
    )


@dataclass(frozen=True)
class Caller:
    """One call: what its phone system says when it arrives, and how it will go."""

    call: str
    data: dict[str, Any]
    patience: int | None
    """Hangs up once so many others have arrived after it, if it still waits; None: never."""
    late: bool
    """Its end is told before its arrival."""
    repeated: bool
    """Its arrival is delivered twice."""


def callers(count: int) -> list[Caller]:
    random = Random(2000)
    return [_caller(random, f"call-{number:04d}") for number in range(count)]


def _caller(random: Random, call: str) -> Caller:
    data: dict[str, Any] = {"from": f"+4477009{random.randrange(100_000):05d}"}
    queue = random.choice([*QUEUES, None])
    if queue == "vip":
        data["to"] = VIP_NUMBER
    elif queue is not None:
        data["queue"] = queue
    if random.random() < 0.1:
        data["requires"] = {random.choice(SKILLS): random.randint(1, 5)}
    if random.random() < 0.1:
        data["priority"] = random.randint(0, 25)
    patience = random.randint(5, 150) if random.random() < 0.12 else None
    return Caller(call, data, patience, late=random.random() < 0.01, repeated=random.random() < 0.03)
