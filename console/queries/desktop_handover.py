"""A case that is handed over, as a desk shows it: in the offer, and whole."""

from __future__ import annotations

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from console.cases import store
from console.cases.handover import Packet
from console.cases.store import handovers, tasks
from console.cases.store.handovers import Handover
from console.queries.stream import Card
from console.scripts import run as runs
from console.scripts import store as scripts


class Going(msgspec.Struct, frozen=True):
    """A script that goes on, and the step it waits at, from 1."""

    run: str
    at: int


class Handed(msgspec.Struct, frozen=True, kw_only=True):
    """Where the case went, and what went along."""

    number: str
    handover: Handover
    packet: Packet
    waits: bool = False
    """It is offered to whoever looks, who has not taken it yet."""
    open_tasks: frozenset[str] = frozenset()
    """Of those that were handed over: the case goes on, and others may have done some of them since."""
    going: Going | None = None


async def of_offer(db: AsyncConnection, card: Card) -> Handed | None:
    """Of work that is offered with a packet; None: without."""
    if card.kind != "case" or card.case is None or card.case_number is None:
        return None
    under_way = await handovers.of_work(db, card.item)
    found = await handovers.latest(db, card.case) if under_way is not None else None
    return None if found is None else Handed(number=card.case_number, handover=found[0], packet=found[1], waits=True)


async def of_case(db: AsyncConnection, number: str) -> Handed | None:
    """The last one of that case; None: there is none."""
    case = await store.find_case(db, number=number)
    found = await handovers.latest(db, case.id) if case is not None else None
    if case is None or found is None:
        return None
    return Handed(
        number=number,
        handover=found[0],
        packet=found[1],
        open_tasks=frozenset(task.id for task in await tasks.of_case(db, case.id) if task.open),
        going=await _going(db, case.id),
    )


async def _going(db: AsyncConnection, case_id: str) -> Going | None:
    running = next((row for row in await scripts.runs_of_case(db, case_id) if row.state == "running"), None)
    if running is None:
        return None
    return Going(running.id, runs.passed(await scripts.answers_of(db, running.id)) + 1)
