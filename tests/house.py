"""A whole console without its web: real database, real router; time is moved by hand, loops are run by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from console.bootstrap import context
from console.db import nodes
from console.db.engine import Database, driver
from console.errors import NotReady
from console.live.hub import Subscription
from console.live.messages import Message
from console.live.nudge import Nudges
from console.people.who import OPERATOR, Principal
from console.routing.agent import Presence
from console.runtime.frames import Frames
from console.runtime.router import Router
from console.services import configuration, intake, presence
from console.settings import load
from console.telephony import CallAnswered, CallArrived, CallEnded, CallEvent

HEARD_WITHIN_S = 30
"""Nothing that comes takes this long; a message that never comes must not hold the run up."""

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)

CENTRE = """
version: 1
skills: [fibre, english]
telephony:
  - {name: webhook, kind: cloudevents, secret: "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"}
  - {name: pbx, kind: simulator}
queues:
  - {name: faults, channel: voice, requires: {fibre: 3}, priority: 5, wrap_up: 30s}
  - {name: general, channel: voice, priority: 0, wrap_up: 0s}
  - {name: desk, channel: case, priority: 0, wrap_up: 0s}
agents:
  - {username: ana, name: Ana Lima, skills: {fibre: 5}, capacity: {voice: 1, case: 2}, endpoint: PJSIP/ana}
  - {username: ben, name: Ben Okoro, skills: {fibre: 3}, capacity: {voice: 1, case: 2}, endpoint: PJSIP/ben}
  - {username: cat, name: Cat Moss, capacity: {voice: 1}, queues: [general], endpoint: PJSIP/cat}
  - {username: sue, name: Sue Park, roles: [supervisor]}
routing:
  - {when: 'channel == "voice" && to == "+441314960100"', queue: faults}
  - {when: 'channel == "case"', queue: desk}
  - {queue: general}
routing_defaults: {fallback_queue: general}
"""


class HandClock:
    """It is as late as somebody says."""

    def __init__(self) -> None:
        self.at = NOON

    def now(self) -> datetime:
        self.at += timedelta(microseconds=1)
        return self.at


class Stream:
    """An agent's stream, and what was heard on it."""

    def __init__(self, subscription: Subscription) -> None:
        self._frames = subscription.__aiter__()
        self.subscription = subscription

    async def hear(self) -> Message:
        async with asyncio.timeout(HEARD_WITHIN_S):
            return (await anext(self._frames)).message

    async def hear_a(self, kind: type[Any]) -> Any:
        """The next message of that kind; others are passed over."""
        while not isinstance(message := await self.hear(), kind):
            pass
        return message


class House:
    def __init__(self, database: Database) -> None:
        self.clock = HandClock()
        self.ctx = context(load({"CONSOLE_SECRET_KEY": "k" * 32}), database, Nudges(), self.clock)
        self.router = Router(self.ctx)
        self.frames = Frames(self.ctx)
        self._events = 0

    def principal(self, username: str, *roles: str) -> Principal:
        return Principal(username=username, name=username, roles=frozenset(roles or ("agent",)))

    async def settle(self) -> None:
        """Run the router and the frames until nothing is left to do."""
        while True:
            told = await self._turn()
            async with self.ctx.db.transaction() as db:
                left = await (await driver(db)).fetchval("select count(*) from inbox")
            if not told and not left:
                return

    async def _turn(self) -> bool:
        """One turn of each loop. On a machine that stands still for seconds the server ends a transaction; like the
        loops themselves, the next turn goes on."""
        try:
            await self.router.run_once()
            return await self.frames.run_once()
        except NotReady:
            return True

    async def pass_time(self, seconds: float) -> None:
        self.clock.at += timedelta(seconds=seconds)
        await self.settle()

    async def apply(self, text: str = CENTRE) -> None:
        await configuration.apply(self.ctx, OPERATOR, text=text)
        await self.settle()

    @asynccontextmanager
    async def listening(self, username: str, **options: Any) -> AsyncIterator[Stream]:
        roles = options.pop("roles", ("agent",))
        async with presence.listening(self.ctx, self.principal(username, *roles), **options) as subscription:
            yield Stream(subscription)

    async def become(self, username: str, state: str = "available", reason: str | None = None) -> None:
        """Say a presence, and have it decided."""
        await self.both(presence.set_own(self.ctx, self.principal(username), presence=Presence(state), reason=reason))

    async def both(self, asking: Any) -> Any:
        """Await a use case that waits for the router's verdict, while the router works."""
        task = asyncio.ensure_future(asking)
        while not task.done():
            await asyncio.sleep(0)
            await self._turn()
        return task.result()

    async def tell(self, *events: CallEvent) -> None:
        for event in events:
            await intake.on_call(self.ctx, event)
        await self.settle()

    def arrived(
        self, call: str, caller: str = "+441314960182", dialled: str = "+441314960100", **more: Any
    ) -> CallArrived:
        return CallArrived(**self._head(call), caller=caller, dialled=dialled, **more)

    def answered(self, call: str, endpoint: str) -> CallAnswered:
        return CallAnswered(**self._head(call), endpoint=endpoint)

    def ended(self, call: str, cause: str = "caller") -> CallEnded:
        return CallEnded(**self._head(call), cause=cause, answered=False)

    def _head(self, call: str) -> dict[str, Any]:
        self._events += 1
        return {"source": "webhook", "event_id": f"e{self._events}", "call": call, "at": self.clock.at}

    async def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        """What stands in the tables."""
        async with self.ctx.db.transaction() as db:
            found = await (await driver(db)).fetch(query, *values)
        return [
            {key: msgspec.json.decode(value) if isinstance(value, bytes) else value for key, value in row.items()}
            for row in found
        ]


@asynccontextmanager
async def house_of(database: Database) -> AsyncIterator[House]:
    """Configured, with its router leading."""
    house = House(database)
    async with database.transaction() as db:
        await nodes.arrive(db, house.ctx.node)
    await house.settle()
    await house.apply()
    yield house
