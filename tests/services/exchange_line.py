"""A house with a phone system of its own: callers who are made up, a line that carries out orders."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from random import Random
from typing import Any

from adapters.telephony.simulated import Phone
from adapters.telephony.simulator import Simulator
from console.clock import to_instant
from console.queries import stream
from console.queries.stream import Card
from console.routing.facts import ConsultAsked
from console.runtime.phones import Line
from console.services import offers
from console.services.deciding import decided
from console.telephony import Telephony
from tests.house import HEARD_WITHIN_S, House

AT_ONCE = {f"PJSIP/{name}": Phone(after_s=0) for name in ("ana", "ben", "cat")}
CALLER, FAULTS = "+441314960182", "+441314960100"


class Floor:
    """The house, its line, and what stands in its tables of a call."""

    def __init__(self, house: House, phones: Simulator) -> None:
        self.house = house
        self.phones = phones

    async def until(self, holds: Callable[[Card], bool], call: str) -> Card:
        """Let everybody work until the call's card is so."""
        async with asyncio.timeout(HEARD_WITHIN_S):
            while not ((card := await self.card(call)) is not None and holds(card)):
                await self.house.settle()
                await asyncio.sleep(0.005)
        await self.house.settle()  # what was told of it is heard then, too
        return card

    async def card(self, call: str) -> Card | None:
        async with self.house.ctx.db.statement() as db:
            return await stream.card_of_call(db, "pbx", call)

    async def talking(self, agent: str = "ana", caller: str = CALLER) -> str:
        """A call that this agent, who is listening, has taken."""
        call = self.phones.ring_in(caller, FAULTS, talk_s=3600)
        return await self.taken(call, agent)

    async def taken(self, call: str, agent: str) -> str:
        """This agent, who is listening, takes the call that waits."""
        await self.house.become(agent)
        card = await self.until(lambda card: card.state == "offered", call)
        [offer] = await self.house.rows("select id from routing_offer where item = $1 and state = 'open'", card.item)
        await self.house.both(offers.accept(self.house.ctx, self.house.principal(agent), offer_id=offer["id"]))
        await self.until(lambda card: card.call_state == "talking", call)
        return call

    async def told(self, type_: str, **what: str) -> dict[str, Any]:
        """Until the phone system told such an event, and it was kept."""
        async with asyncio.timeout(HEARD_WITHIN_S):
            while True:
                kept = [row["event"] for row in await self.house.rows("select event from call_event")]
                found = [e for e in kept if e["type"] == type_ and what.items() <= e.items()]
                if found:
                    return dict(found[0])
                await self.house.settle()
                await asyncio.sleep(0.005)

    async def order(self, use_case: Any, call: str, by: str = "ana", **more: Any) -> Any:
        """What an agent asks of the call."""
        who = self.house.principal(by)
        return await self.house.both(use_case(self.house.ctx, who, source="pbx", external_id=call, **more))

    async def reserve(self, call: str, by: str, agent: str) -> None:
        """The router reserves an agent for a consultation; and then the node that asked dies."""
        card = await self.card(call)
        assert card is not None
        asked = ConsultAsked(at=to_instant(self.house.ctx.clock.now()), item=card.item, by=by, agent=agent)
        await self.house.both(decided(self.house.ctx, asked))

    async def routing(self, agent: str) -> str:
        await self.house.settle()
        [row] = await self.house.rows("select routing_state from routing_agent where username = $1", agent)
        return str(row["routing_state"])


@asynccontextmanager
async def line(house: House, phones: Telephony) -> AsyncIterator[Line]:
    """The house's phone system `pbx`, held by this node."""
    async with house.ctx.db.transaction() as db:
        centre = await house.ctx.centres.in_force(db)
    system = next(system for system in centre.phone_systems if system.name == "pbx")
    held = Line(house.ctx, system, phones)
    task = asyncio.create_task(held.run())
    try:
        yield held
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def floor_of(house: House, kind: type[Simulator] = Simulator) -> AsyncIterator[Floor]:
    phones = kind("pbx", chance=Random(1), phones=AT_ONCE, clock=house.ctx.clock)
    async with line(house, phones):
        yield Floor(house, phones)
