"""To whom an agent may hand the call on, found by a few letters: who is free, and what the wait would be."""

from __future__ import annotations

from datetime import datetime

import msgspec

from console.config.document import Agent, Centre, Queue
from console.errors import NotAllowed, NotFound, WorkOver
from console.people.permissions import Permission, may, require
from console.people.who import Principal
from console.queries import stream, targets
from console.queries.stream import Card
from console.queries.targets import Line, Person
from console.routing.queue import Requirement, meets
from console.services import calls
from console.services.context import Context

QUEUES_MAX = 6
AGENTS_MAX = 12
"""What is seen without scrolling twice; a letter more finds whom this leaves out."""
SKILLS_MAX = 3


class QueueTarget(msgspec.Struct, frozen=True, kw_only=True):
    place: int
    """In the configuration; it names the queue on the page."""
    name: str
    waiting: int
    about_s: float | None
    """How long callers waited there lately; None: nobody was taken."""
    busy: int
    serving: int
    """Agents signed in who serve it and qualify, and how many of them are not free."""


class AgentTarget(msgspec.Struct, frozen=True, kw_only=True):
    username: str
    name: str
    presence: str
    reason: str | None
    routing_state: str
    since: datetime
    free: bool
    """May be asked now."""
    qualified: bool
    """Could be given this call straight over."""
    skills: tuple[tuple[str, int], ...]
    """What this call needs comes first."""


class Targets(msgspec.Struct, frozen=True, kw_only=True):
    number: str | None = None
    """The text itself, where it is a number that this phone system can call."""
    queues: tuple[QueueTarget, ...] = ()
    agents: tuple[AgentTarget, ...] = ()


async def find(ctx: Context, who: Principal, *, item: str, text: str) -> Targets:
    """Queues and agents with all the words of the text in their names or skills; the free first.

    Raises NotFound, NotAllowed (somebody else's call), WorkOver.
    """
    username = require(who, Permission.HANDLE_WORK)
    now = ctx.clock.now()
    async with ctx.db.snapshot() as db:
        card = (await stream.cards(db, [item])).get(item)
        if card is None:
            raise NotFound("There is no such work item.")
        if card.agent != username and not may(who, Permission.SUPERVISE):
            raise NotAllowed("This call is not yours.")
        if card.state != "assigned" or card.call_state == "ended":
            raise WorkOver
        document = (await ctx.centres.in_force(db)).document
        people = {person.username: person for person in await targets.people(db)}
        lines = await targets.lines(db, [queue.name for queue in document.queues], now)
        needs = await targets.needs(db, item)
    words = text.casefold().split()
    return Targets(
        number=calls.number_in(document, card.source, text),
        queues=_queues(document, people, lines, words),
        agents=_agents(document, people, card, needs, words),
    )


def _queues(
    document: Centre, people: dict[str, Person], lines: dict[str, Line], words: list[str]
) -> tuple[QueueTarget, ...]:
    found = []
    for place, queue in enumerate(document.queues, 1):
        if queue.channel != "voice" or not _fits(words, queue.name, *queue.requires):
            continue
        there = [
            people[agent.username] for agent in document.agents if agent.username in people and _serves(agent, queue)
        ]
        line = lines.get(queue.name, Line())
        busy = sum(not person.free for person in there)
        found.append(
            QueueTarget(
                place=place,
                name=queue.name,
                waiting=line.waiting,
                about_s=line.about_s,
                busy=busy,
                serving=len(there),
            )
        )
    return tuple(found[:QUEUES_MAX])


def _agents(
    document: Centre, people: dict[str, Person], card: Card, needs: Requirement, words: list[str]
) -> tuple[AgentTarget, ...]:
    found = []
    for agent in document.agents:
        person = people.get(agent.username)
        if person is None or agent.username == card.agent or agent.endpoint is None:
            continue
        if not _fits(words, person.name, agent.username, *agent.skills):
            continue
        skills = sorted(agent.skills.items(), key=lambda one: (one[0] not in needs, -one[1], one[0]))
        found.append(
            AgentTarget(
                username=agent.username,
                name=person.name,
                presence=person.presence,
                reason=person.reason,
                routing_state=person.routing_state,
                since=person.since,
                free=person.free,
                qualified=(agent.queues is None or card.queue in agent.queues) and meets(agent.skills, needs),
                skills=tuple(skills[:SKILLS_MAX]),
            )
        )
    found.sort(key=lambda one: (not one.free, not one.qualified, one.name.casefold(), one.username))
    return tuple(found[:AGENTS_MAX])


def _serves(agent: Agent, queue: Queue) -> bool:
    return (agent.queues is None or queue.name in agent.queues) and meets(agent.skills, queue.requires)


def _fits(words: list[str], *said: str) -> bool:
    whole = " ".join(said).casefold()
    return all(word in whole for word in words)
