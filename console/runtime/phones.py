"""The lines to phone systems: one node holds each, hears its events, and carries out the orders for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

import msgspec
import structlog

from console.cases import store as cases
from console.clock import to_instant
from console.config.document import PhoneSystem
from console.db import inbox, lease, outbox
from console.errors import NotReady
from console.routing.facts import ConnectFailed
from console.services import intake
from console.services.centre import Centre
from console.services.context import Context
from console.services.phone_orders import Connect, Disconnect, HangUp, PhoneOrder, lane
from console.telephony import CallEvent, ConnectRefused, PhoneSystemUnreachable, Telephony

log = structlog.get_logger()

Dial = Callable[[PhoneSystem], Telephony | None]
"""Makes the adapter of a telephony entry; None: a system that only tells."""

RENEW_S = 0.4
ORDERS_MAX = 50
ORDER_WITHIN_S = 5.0
"""A phone system that takes longer to answer is unreachable for that order."""
RETRY_S = 0.2
POLL_S = 0.1


class Line:
    """One phone system, while this node holds its lease."""

    def __init__(self, ctx: Context, system: PhoneSystem, phone: Telephony) -> None:
        self._ctx = ctx
        self._system = system
        self._phone = phone
        self._lane = lane(system.name)
        self._epoch: int | None = None

    async def run(self) -> None:
        """Until cancelled: hold the lease, and while it is held, listen and carry out."""
        while True:
            try:
                await self._hold()
            except NotReady:
                pass  # the database is away; so is everybody else
            except Exception:
                log.exception("line.failed", system=self._system.name)
            await asyncio.sleep(RENEW_S)

    async def _hold(self) -> None:
        async with self._ctx.db.transaction() as db:
            self._epoch = await lease.take(db, self._lane, self._ctx.node)
            if self._epoch is None:
                return
            await outbox.release(db, self._lane)
            known = await cases.open_calls(db, self._system.name)
        log.info("line.held", system=self._system.name, node=self._ctx.node)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._renew(self._epoch))
                group.create_task(self._phone.run(self._hear, known))
                group.create_task(self._carry_out())
        except* (NotReady, LineLost):
            log.warning("line.lost", system=self._system.name)
        finally:
            await asyncio.shield(self._free())

    async def _free(self) -> None:
        epoch, self._epoch = self._epoch, None
        if epoch is not None:
            with suppress(NotReady):
                async with self._ctx.db.transaction() as db:
                    await lease.free(db, self._lane, epoch)

    async def _renew(self, epoch: int) -> None:
        while True:
            async with self._ctx.db.transaction() as db:
                held = await lease.renew(db, self._lane, epoch)
            if not held:
                raise LineLost
            await asyncio.sleep(RENEW_S)

    async def _hear(self, event: CallEvent) -> None:
        """Durable when it returns; while the database is away the phone system's news waits here, in order."""
        while True:
            try:
                await intake.on_call(self._ctx, event)
            except NotReady:
                await asyncio.sleep(RETRY_S)
            else:
                return

    async def _carry_out(self) -> None:
        while True:
            if not await self.run_once():
                await self._ctx.nudges.wait(self._lane, timeout=POLL_S)

    async def run_once(self) -> bool:
        """The orders that are due, those of one call in their order. True: there were some."""
        async with self._ctx.db.transaction() as db:
            claimed = await outbox.claim(db, self._lane, ORDERS_MAX)
        await asyncio.gather(*(self._one(row) for row in claimed))
        return bool(claimed)

    async def _one(self, row: outbox.Claimed) -> None:
        order = msgspec.json.decode(row.body, type=PhoneOrder)
        try:
            await asyncio.wait_for(self._give(order), ORDER_WITHIN_S)
        except ConnectRefused as refused:
            await self._gave_up(order, str(refused) or "refused", row)
        except (PhoneSystemUnreachable, TimeoutError) as error:
            log.warning("line.unreachable", system=self._system.name, order=order, error=str(error))
            async with self._ctx.db.transaction() as db:
                dead = await outbox.failed(db, row.id, row.tries)
            if dead:
                await self._gave_up(order, "unreachable")
        else:
            async with self._ctx.db.transaction() as db:
                await outbox.done(db, [row.id])

    async def _give(self, order: PhoneOrder) -> None:
        match order:
            case Connect():
                if not order.endpoint:
                    raise ConnectRefused("no_endpoint")
                await self._phone.connect(order.call, order.endpoint, order.order_id)
            case Disconnect():
                await self._phone.disconnect(order.call, order.endpoint, order.order_id)
            case HangUp():
                await self._phone.hang_up(order.call, order.order_id)

    async def _gave_up(self, order: PhoneOrder, reason: str, row: outbox.Claimed | None = None) -> None:
        """An agent who cannot be connected gives the call back; the caller keeps their place."""
        async with self._ctx.db.transaction() as db:
            if row is not None:
                await outbox.done(db, [row.id])
            if isinstance(order, Connect):
                at = to_instant(self._ctx.clock.now())
                fact = ConnectFailed(at=at, item=order.item, agent=order.agent, reason=reason)
                await inbox.put(db, fact)
        self._ctx.nudges.ring("router")


class LineLost(Exception):
    """Another node holds this line now."""


class Phones:
    """Every line of the configuration in force; a change of the configuration is taken up within a second."""

    def __init__(self, ctx: Context, dial: Dial) -> None:
        self._ctx = ctx
        self._dial = dial
        self._lines: dict[PhoneSystem, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                with suppress(NotReady):
                    await self.run_once()
                await asyncio.sleep(1)
        finally:
            await self._hang_up(set(self._lines))

    async def run_once(self) -> None:
        """Lines that are new are opened, those that are gone or changed are closed."""
        async with self._ctx.db.transaction() as db:
            centre: Centre = await self._ctx.centres.in_force(db)
        wanted = set(centre.phone_systems)
        await self._hang_up(set(self._lines) - wanted)
        for system in wanted - set(self._lines):
            phone = self._dial(system)
            if phone is not None:
                self._lines[system] = asyncio.create_task(Line(self._ctx, system, phone).run(), name=system.name)

    async def _hang_up(self, systems: set[PhoneSystem]) -> None:
        tasks = [self._lines.pop(system) for system in systems if system in self._lines]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
