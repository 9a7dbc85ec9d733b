"""What Northlink is made of: its customers, what they come with, and its floor. Read from the files beside this one."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path

import msgspec

from console.config.document import Agent, Centre
from console.config.export import export
from console.config.parse import parse
from console.routing.queue import Requirement

HERE = Path(__file__).parent

SEAT = "nadia"
"""The agent whom nobody plays: whoever signs in is her."""
SUPERVISOR = "gareth"
ADMIN = "ruth"
SOURCE = "northlink"
"""The name of the simulated phone system."""
WRITTEN = "Written requests"
"""The queue of cases."""

FIRST = (
    *("Amina", "Bilal", "Chen", "Diego", "Elena", "Farid", "Gwen", "Hugo", "Isla", "Jonas", "Kenji", "Lena"),
    *("Mateo", "Nora", "Owain", "Paula", "Quinn", "Rory", "Sanne", "Tariq", "Uma", "Vera", "Wim", "Yuki", "Zofia"),
)
LAST = (
    *("Abara", "Baxter", "Costa", "Drummond", "Eriksen", "Fontaine", "Gill", "Hoekstra", "Ito", "Jankowski"),
    *("Khan", "Lund", "Mackay", "Novak", "Oduya", "Petrov", "Qureshi", "Rossi", "Silva", "Tran", "Urquhart"),
    *("Vogel", "Wallace", "Yilmaz", "Zeller"),
)


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """A matter that customers come with."""

    subject: str
    words: str
    """The customer's own."""
    notes: tuple[str, ...]
    """Of the agents who had it, in order."""


class Customer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str
    account: str
    phones: tuple[str, ...]
    email: str | None = None
    business: bool = False
    polish: bool = False
    open: str | None = None
    """The queue of the case that is not over yet."""
    owner: str | None = None
    note: str | None = None
    company: str | None = None
    address: str | None = None


@cache
def customers() -> tuple[Customer, ...]:
    return msgspec.yaml.decode((HERE / "customers.yaml").read_bytes(), type=tuple[Customer, ...])


@cache
def stories() -> dict[str, tuple[Story, ...]]:
    """By queue."""
    return msgspec.yaml.decode((HERE / "stories.yaml").read_bytes(), type=dict[str, tuple[Story, ...]])


def chance(seed: int | None = None) -> random.Random:
    """Dice; with a seed they fall the same every time."""
    return random.Random(seed)  # noqa: S311 - how the people of an example behave is no secret


# --- the floor --------------------------------------------------------------------------------------------------------


def centre(agents: int) -> Centre:
    """The configuration of centre.yaml, with that many agents whom the demo plays."""
    document = parse((HERE / "centre.yaml").read_text("utf-8"))
    cast = played(document)
    chosen = [_with_the_work_of(cast[index::agents]) for index in range(min(agents, len(cast)))]
    chosen += [_extra(number, cast) for number in range(len(cast), agents)]
    others = [agent for agent in document.agents if agent not in cast]
    members = (SEAT, *(agent.username for agent in chosen))
    return msgspec.structs.replace(
        document,
        agents=(*others, *chosen),
        teams=tuple(msgspec.structs.replace(team, members=members) for team in document.teams),
    )


def written(document: Centre) -> str:
    """As a file for `console apply`."""
    return export(document)


def played(document: Centre) -> tuple[Agent, ...]:
    """The agents whom the demo plays."""
    return tuple(agent for agent in document.agents if "agent" in agent.roles and agent.username != SEAT)


def _with_the_work_of(agents: tuple[Agent, ...]) -> Agent:
    """The first of them, who stands in for the rest: where few are played, every queue is served all the same."""
    first = agents[0]
    skills: Requirement = {}
    for agent in agents:
        skills = {skill: max(level, skills.get(skill, 0)) for skill, level in {**skills, **agent.skills}.items()}
    queues = dict.fromkeys(queue for agent in agents for queue in agent.queues or ())
    capacity = first.capacity if len(agents) == 1 else {"voice": 1, "case": 2}
    return msgspec.structs.replace(first, skills=skills, queues=tuple(queues), capacity=capacity)


def _extra(number: int, cast: tuple[Agent, ...]) -> Agent:
    """One more, with the work of one who is there already."""
    first = FIRST[number % len(FIRST)]
    last = LAST[(number + number // len(FIRST) * 7) % len(LAST)]
    return msgspec.structs.replace(
        cast[number % len(cast)],
        username=f"{first}.{last}".lower(),
        name=f"{first} {last}",
        endpoint=f"SIM/{1001 + number}",
    )
