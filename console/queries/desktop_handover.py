"""A case that is handed over, as a desk shows it: in the offer, and whole."""

from __future__ import annotations

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from console.cases import store
from console.cases.handover import Packet
from console.cases.store import handovers
from console.cases.store.handovers import Handover
from console.queries.stream import Card


class Handed(msgspec.Struct, frozen=True, kw_only=True):
    """Where the case went, and what went along."""

    number: str
    handover: Handover
    packet: Packet
    waits: bool = False
    """It is offered to whoever looks, who has not taken it yet."""


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
    return None if found is None else Handed(number=number, handover=found[0], packet=found[1])
