"""Everybody whom the demo plays, at once: agents, callers, people who write, and the call that the free seat gets."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import structlog

from console import bootstrap
from console.cases.customer import Described
from console.cli.demo.agents import SimulatedAgent
from console.cli.demo.callers import Callers
from console.cli.demo.leftovers import clear_desks
from console.cli.demo.material import SEAT, WRITTEN, chance, customers, stories
from console.config.document import Agent, PhoneSystem
from console.errors import NotReady
from console.people.who import OPERATOR, Principal
from console.queries import routing as ask
from console.queries import supervisor
from console.services import cases
from console.services.context import Context
from console.telephony import Telephony

log = structlog.get_logger()

LOOK_S = 1.0
FREE_FOR_S = 8
"""How long the free seat is idle, on its own, before a call is made for it."""
CALLS_PER_LETTER = 8
"""How many people call while one writes."""
LETTERS_WAITING_MAX = 10
"""Where so many are unread, nobody writes: a small cast would never see the end of it."""


class Play:
    def __init__(self, cast: Sequence[Agent], calls_per_hour: int) -> None:
        self.cast = cast
        self.calls_per_hour = calls_per_hour
        self._dice = chance()
        self._callers = Callers(self._dice, calls_per_hour)

    def dial(self, system: PhoneSystem) -> Telephony | None:
        """The simulated phone system for its entry; for any other, the real adapter."""
        if system.kind == "simulator":
            return self._callers.phone_system(system.name)
        return bootstrap.dial(system)

    async def run(self, ctx: Context) -> None:
        """Until cancelled."""
        await _when_ready(lambda: clear_desks(ctx, [SEAT, *(agent.username for agent in self.cast)]))
        async with asyncio.TaskGroup() as group:
            for agent in self.cast:
                who = Principal(username=agent.username, name=agent.name, roles=frozenset(agent.roles))
                group.create_task(SimulatedAgent(ctx, who, chance()).run(), name=agent.username)
            group.create_task(self._callers.run(), name="callers")
            group.create_task(self._serve_the_seat(ctx), name="seat")
            group.create_task(self._write(ctx), name="letters")

    async def _serve_the_seat(self, ctx: Context) -> None:
        """Whoever has just signed in should not sit before a quiet screen: somebody calls for them."""
        free = 0
        while True:
            await asyncio.sleep(LOOK_S)
            with suppress(NotReady):
                free = free + 1 if await _is_free(ctx) else 0
            if free * LOOK_S >= FREE_FOR_S:
                self._callers.call_the_seat()
                free = 0

    async def _write(self, ctx: Context) -> None:
        """Somebody fills in the form on the website now and then."""
        if not self.calls_per_hour:
            return
        while True:
            await asyncio.sleep(self._dice.expovariate(self.calls_per_hour / CALLS_PER_LETTER / 3600))
            with suppress(NotReady):
                await self._letter(ctx)

    async def _letter(self, ctx: Context) -> None:
        async with ctx.db.snapshot() as db:
            waiting = (await supervisor.waiting(db)).get(WRITTEN)
        if waiting is not None and waiting.count >= LETTERS_WAITING_MAX:
            return
        customer = self._dice.choice(customers())
        story = self._dice.choice(stories()[WRITTEN])
        registration = cases.Registration(
            subject=story.subject,
            description=story.words,
            via=self._dice.choice(("web", "email")),
            customer=Described(external_id=customer.account),
        )
        await cases.register(ctx, OPERATOR, registration=registration)


async def _is_free(ctx: Context) -> bool:
    if SEAT not in ctx.hub.listening():
        return False
    async with ctx.db.snapshot() as db:
        agent = await ask.agent(db, SEAT)
    return agent is not None and agent.presence == "available" and agent.routing_state == "idle"


async def _when_ready(act: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            return await act()
        except NotReady:
            await asyncio.sleep(LOOK_S)
