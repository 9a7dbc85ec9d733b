"""Single steps on a switch over REST, and what each may meet: silence, a refusal, a caller who has just gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import structlog

from adapters.telephony.asterisk.channels import Chan, Phase, Remembered
from adapters.telephony.asterisk.events import AriEvents
from adapters.telephony.asterisk.places import Role, hold_bridge, own_leg, waiting_bridge
from adapters.telephony.asterisk.rest import Reply, Rest
from console.clock import Clock
from console.telephony import CallEvent, OrderRefused, PhoneSystemUnreachable

log = structlog.get_logger()

AGAIN_S = (0.2, 0.5, 1.0)
"""Pauses before a step is tried again that found the switch unreachable."""

ORDERS_MAX = 10_000
"""Orders remembered as done: a repetition comes within seconds."""

NO_SUCH_BRIDGE = 404
ALREADY_THERE = 409

Tell = Callable[[list[CallEvent]], Awaitable[None]]


class Steps:
    """Of one switch. An order's step raises; one that follows from an event is tried again, and then given up."""

    def __init__(self, app: str, rest: Rest, adapter: AriEvents, clock: Clock, tell: Tell) -> None:
        self.synchronized = False
        """Do we know what the switch has? Before, no order can be understood."""
        self.adapter, self.book = adapter, adapter.book
        self.done = Remembered(ORDERS_MAX)
        """Ids of orders, and of the phones rung for them."""
        self._app = app
        self._rest = rest
        self._clock = clock
        self._tell = tell
        self._places: dict[str, asyncio.Lock] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def now(self) -> datetime:
        return self._clock.now()

    async def tell(self, events: list[CallEvent]) -> None:
        """What the switch itself says nothing of."""
        await self._tell(events)

    # Asking.

    async def order(self, method: str, *path: str, **query: str | int) -> Reply:
        """Ask once. Raises OrderRefused, PhoneSystemUnreachable."""
        reply = await self._rest.ask(method, *path, **query)
        if not reply.ok:
            raise OrderRefused(reply.detail)
        return reply

    async def order_gone(self, *path: str) -> None:
        """Remove it, if it is still there. Raises PhoneSystemUnreachable."""
        await self._rest.ask("DELETE", *path)

    async def ask(self, method: str, *path: str, **query: str | int) -> Reply | None:
        """Ask, again after a pause when the switch does not answer; None when it still does not."""
        for pause_s in (*AGAIN_S, None):
            try:
                return await self._rest.ask(method, *path, **query)
            except PhoneSystemUnreachable as error:
                log.warning("ari.unreachable", problem=str(error))
            if pause_s is not None:
                await asyncio.sleep(pause_s)
        return None

    # Callers.

    def caller(self, call: str) -> Chan:
        """The caller's channel. Raises OrderRefused, PhoneSystemUnreachable."""
        if not self.synchronized:
            raise PhoneSystemUnreachable("there is no connection to the phone system")
        chan = self.book.waiting(call)
        if chan is None:
            raise OrderRefused("the caller is gone")
        return chan

    @asynccontextmanager
    async def placing(self, call: str) -> AsyncIterator[None]:
        """While somebody decides in which bridge the caller belongs, nobody else does."""
        lock = self._places.setdefault(call, asyncio.Lock())
        async with lock:
            yield
        if self.book.waiting(call) is None:
            self._places.pop(call, None)

    async def answer(self, call: str) -> bool:
        """Let the caller in, unless they are. False: they have gone."""
        chan = self.book.waiting(call)
        if chan is None:
            return False
        return chan.phase is Phase.UP or ok(await self.ask("POST", "channels", call, "answer"))

    async def put_on_hold(self, call: str, talk: str) -> None:
        """Out of this bridge, to the music. Raises OrderRefused, PhoneSystemUnreachable."""
        hold = hold_bridge(talk)
        await self.order("POST", "bridges", hold, type="holding", name=call)
        await self.order("POST", "bridges", hold, "addChannel", channel=call)

    async def bring_back(self, call: str, talk: str) -> None:
        """Out of hold, into this bridge. Raises OrderRefused, PhoneSystemUnreachable."""
        await self.order("POST", "bridges", talk, "addChannel", channel=call)
        self.start(self.remove_bridge(hold_bridge(talk)))

    async def put_among_waiting(self, call: str) -> bool:
        """To the music where the others wait who have no agent yet."""
        waiting = waiting_bridge(self._app)
        reply = await self.ask("POST", "bridges", waiting, "addChannel", channel=call)
        if reply is not None and reply.status == NO_SUCH_BRIDGE:
            await self.ask("POST", "bridges", waiting, type="holding", name=waiting)
            reply = await self.ask("POST", "bridges", waiting, "addChannel", channel=call)
        return ok(reply)

    # Phones.

    async def ring(self, role: Role, call: str, endpoint: str, order_id: str, ring_s: int) -> str | None:
        """Ring a phone for the caller; the id of its channel, or None where this order did so before.

        Raises OrderRefused, PhoneSystemUnreachable.
        """
        leg = own_leg(order_id, call, role)
        if leg in self.done:
            return None
        caller = self.caller(call)
        self.adapter.originated(leg, endpoint, self.now())
        try:
            reply = await self._rest.ask(
                "POST",
                "channels",
                endpoint=endpoint,
                app=self._app,
                appArgs=f"agent,{call}",
                channelId=leg,
                originator=call,
                timeout=ring_s,
                callerId=_caller_id(caller.caller_number),
            )
        except (PhoneSystemUnreachable, asyncio.CancelledError):
            self.adapter.withdrawn(leg)
            raise
        if not reply.ok and reply.status != ALREADY_THERE:
            self.adapter.withdrawn(leg)
            raise OrderRefused(reply.detail)
        self.done.add(leg)
        if self.book.waiting(call) is None:
            self.start(self.drop(leg))
        return leg

    async def undo(self, leg: str, call: str, talk: str | None) -> None:
        """That phone is not wanted after all; the caller back to this bridge, if they had to leave it."""
        await self.drop(leg)
        if talk is not None:
            async with self.placing(call):
                await self.ask("POST", "bridges", talk, "addChannel", channel=call)

    async def drop(self, leg: str) -> None:
        await self.ask("DELETE", "channels", leg)

    async def remove_bridge(self, bridge: str) -> None:
        await self.ask("DELETE", "bridges", bridge)

    # Tasks.

    def start(self, step: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(step)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("ari.step_failed", exc_info=error)

    async def stop(self) -> None:
        """Wait for nobody: what is half done is taken up by whoever connects next."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def ok(reply: Reply | None) -> bool:
    return reply is not None and reply.ok


def _caller_id(number: str) -> str:
    """What the agent's phone shows; quotes and brackets would be read as parts of an address."""
    return "".join(sign for sign in number if sign not in '"<>,;')
