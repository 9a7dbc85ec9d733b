"""Where a level of a ladder leads: in which queue the work waits, and whether anybody there could take it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from console.cases import store as cases
from console.cases.case import Case
from console.cases.handover import Level
from console.db.engine import Transaction
from console.routing import eligibility
from console.routing.queue import AgentProfile, in_force, meets
from console.services import contracts
from console.services.centre import UNROUTED, Centre


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """`unqualified`: nobody who serves that queue could ever be offered a case in it."""

    queue: str
    unqualified: bool


def exists(centre: Centre, level: Level) -> bool:
    """Whether what it names is still configured: people leave, and queues are given up."""
    if level.agent is not None:
        return centre.document.agent(level.agent) is not None
    return level.queue is not None and centre.document.queue(level.queue) is not None


def place_of(centre: Centre, case: Case, level: Level) -> Place:
    """The queue that it names; of a person the first in which they could be asked, the case's own before others.

    Where there is no such queue the case waits in its own, and where that is gone in the fallback.
    """
    if level.queue is not None and centre.document.queue(level.queue) is not None:
        served = any(_could(centre, profile, level.queue) for profile in centre.rules.agents.values())
        return Place(queue=level.queue, unqualified=not served)
    profile = centre.rules.agents.get(level.agent) if level.agent is not None else None
    for queue in _queues(centre, case):
        if profile is not None and _could(centre, profile, queue):
            return Place(queue=queue, unqualified=False)
    return Place(queue=next(_queues(centre, case), UNROUTED), unqualified=True)


def _queues(centre: Centre, case: Case) -> Iterator[str]:
    """The case's own, the fallback, then those for cases, then all others."""
    document = centre.document
    first = (case.queue, document.routing_defaults.fallback_queue)
    yield from (name for name in first if name is not None and document.queue(name) is not None)
    for for_cases in (True, False):
        yield from (queue.name for queue in document.queues if (queue.channel == "case") is for_cases)


def _could(centre: Centre, profile: AgentProfile, queue: str) -> bool:
    rules = centre.rules.queues[queue]
    return (
        eligibility.takes(profile, "case")
        and eligibility.serves(profile, queue, centre.rules)
        and meets(profile.skills, in_force(rules, {}, len(rules.relax)))
    )


async def names_of(db: Transaction, case: Case) -> dict[str, Any]:
    """What a ladder's condition may name of a case, as routing's conditions name it."""
    customer = await cases.find_customer(db, case.customer) if case.customer else None
    covered = await contracts.of_case(db, case)
    return {
        "channel": "case",
        "queue": case.queue,
        "priority": case.priority,
        "requires": {},
        "attributes": {},
        "topic": case.topic,
        "subject": case.subject,
        "source": case.via,
        "case": {
            "number": case.number,
            "subject": case.subject,
            "status": case.status.value,
            "priority": case.priority,
        },
        "customer": None
        if customer is None
        else {"id": customer.id, "name": customer.name, "phone": next(iter(customer.phones), None)},
        "contract": covered.contract.named if covered is not None else None,
    }
