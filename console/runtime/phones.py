"""The lines to phone systems: one node holds each, hears its events, and carries out the orders for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import assert_never

import msgspec
import structlog

from console.cases import store as cases
from console.clock import to_instant
from console.config.document import PhoneSystem
from console.db import inbox, lease, outbox, verdict
from console.errors import NotReady, PhoneRefused, PhoneSilent
from console.queries.phones import Adrift, adrift
from console.routing.facts import ConnectFailed, ConsultOver, Fact
from console.services import intake, phone_orders
from console.services.centre import Centre
from console.services.context import Context
from console.services.phone_orders import CONTROLS, WITHIN, Connect, PhoneOrder, lane
from console.telephony import CallEvent, OrderRefused, PhoneSystemUnreachable, Telephony

log = structlog.get_logger()

Dial = Callable[[PhoneSystem], Telephony | None]
"""Makes the adapter of a telephony entry; None: a system that only tells."""

RENEW_S = 0.4
ORDERS_MAX = 50
ORDER_WITHIN_S = 5.0
"""A phone system that takes longer to answer is unreachable for that order."""
RETRY_S = 0.2
POLL_S = 0.1
RECONCILE_S = 30
"""How long an agent may be kept by a call that is gone, or by a phone that never rang, where nobody told of it."""


class Line:
    """One phone system, while this node holds its lease."""

    def __init__(self, ctx: Context, system: PhoneSystem, phone: Telephony) -> None:
        self._ctx = ctx
        self._system = system
        self._phone = phone
        self._lane = lane(system.name)
        self._epoch: int | None = None
        self._adrift: set[Adrift] = set()
        """Of the last comparison."""

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
                group.create_task(self._compare())
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
        if row.late:
            await self._over(row, order, PhoneSilent.type)
            return
        within_s = WITHIN.total_seconds() if isinstance(order, CONTROLS) else ORDER_WITHIN_S
        try:
            await asyncio.wait_for(self._give(order), within_s)
        except OrderRefused as refused:
            log.info("line.refused", system=self._system.name, order=order, reason=str(refused))
            await self._over(row, order, PhoneRefused.type, _failed(order, str(refused) or "refused", self._ctx))
        except (PhoneSystemUnreachable, TimeoutError) as error:
            log.warning("line.unreachable", system=self._system.name, order=order, error=str(error))
            async with self._ctx.db.transaction() as db:
                dead = await outbox.failed(db, row.id, row.tries)
            if dead:
                await self._over(None, order, PhoneSilent.type, _failed(order, "unreachable", self._ctx))
        else:
            await self._over(row, order, None)

    async def _over(
        self, row: outbox.Claimed | None, order: PhoneOrder, problem: str | None, fact: Fact | None = None
    ) -> None:
        """The order is done with: removed (unless it is dead), told to whoever waits for it, and to the router."""
        told = [(order.order_id, problem)] if isinstance(order, CONTROLS) else []
        async with self._ctx.db.transaction() as db:
            if row is not None:
                await outbox.done(db, [row.id])
            await verdict.give(db, told)
            if fact is not None:
                await inbox.put(db, fact)
        self._ctx.verdicts.give(told)
        if fact is not None:
            self._ctx.nudges.ring("router")

    async def _give(self, order: PhoneOrder) -> None:
        call, id_ = order.call, order.order_id
        match order:
            case Connect():
                if not order.endpoint:
                    raise OrderRefused("no_endpoint")
                await self._phone.connect(call, order.endpoint, id_, order.ring_s)
            case phone_orders.Disconnect():
                await self._phone.disconnect(call, order.endpoint, id_)
            case phone_orders.HangUp():
                await self._phone.hang_up(call, id_)
            case phone_orders.Divert():
                await self._phone.divert(call, order.to, id_)
            case phone_orders.Hold():
                await self._phone.hold(call, id_)
            case phone_orders.Resume():
                await self._phone.resume(call, id_)
            case phone_orders.Mute():
                await self._phone.mute(call, id_)
            case phone_orders.Unmute():
                await self._phone.unmute(call, id_)
            case phone_orders.SendDigits():
                await self._phone.send_digits(call, order.digits, id_)
            case phone_orders.Transfer():
                await self._phone.transfer(call, order.endpoint, id_)
            case phone_orders.Consult():
                await self._phone.consult(call, order.endpoint, id_)
            case phone_orders.ConsultComplete():
                await self._phone.consult_complete(call, id_)
            case phone_orders.ConsultConference():
                await self._phone.consult_conference(call, id_)
            case phone_orders.ConsultReturn():
                await self._phone.consult_return(call, id_)
            case _:
                assert_never(order)

    async def _compare(self) -> None:
        while True:
            await asyncio.sleep(RECONCILE_S)
            await self.reconcile()

    async def reconcile(self) -> None:
        """Compare what we believe with what the phone system has; whatever was missed is told now.

        A call that is gone has ended. Work that waits for a phone of which nothing was heard since the last comparison
        goes back, and an agent reserved for a consultation that never began is free.
        """
        async with self._ctx.db.transaction() as db:
            known = await cases.open_calls(db, self._system.name)
            found = await adrift(db, self._system.name)
        try:
            await asyncio.wait_for(self._phone.reconcile(known), ORDER_WITHIN_S)
        except (PhoneSystemUnreachable, TimeoutError) as error:
            log.warning("line.not_reconciled", system=self._system.name, error=str(error))
            return
        lost, self._adrift = found & self._adrift, found
        if not lost:
            return
        log.warning("line.adrift", system=self._system.name, items=sorted(one.item for one in lost))
        async with self._ctx.db.transaction() as db:
            for one in lost:
                await inbox.put(db, _given_up(one, self._ctx))
        self._ctx.nudges.ring("router")


def _failed(order: PhoneOrder, reason: str, ctx: Context) -> Fact | None:
    """An agent who cannot be connected gives the call back; the caller keeps their place."""
    if not isinstance(order, Connect):
        return None
    return ConnectFailed(at=to_instant(ctx.clock.now()), item=order.item, agent=order.agent, reason=reason)


def _given_up(one: Adrift, ctx: Context) -> Fact:
    at = to_instant(ctx.clock.now())
    if one.consult:
        return ConsultOver(at=at, item=one.item, agent=one.agent, outcome="failed")
    return ConnectFailed(at=at, item=one.item, agent=one.agent, reason="unreachable")


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
