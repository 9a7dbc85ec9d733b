"""A live adapter between the scripted switch and a console that only listens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, TypeVar

from adapters.telephony.asterisk.client import Asterisk, Backoff
from console.telephony import CallAnswered, CallArrived, CallEvent
from tests.adapters.asterisk.ari_server import APP, SECRET, USER, Switch

ALICE, BOB = "PJSIP/agent1001", "PJSIP/agent1002"
QUICK = Backoff(first=0.01, most=0.02)

E = TypeVar("E", bound=CallEvent)


class Console:
    """Keeps what it is told, and can be waited upon."""

    def __init__(self) -> None:
        self.events: list[CallEvent] = []
        self.problems: list[Exception] = []
        self._news = asyncio.Condition()

    async def hear(self, event: CallEvent) -> None:
        if self.problems:
            raise self.problems.pop(0)
        async with self._news:
            self.events.append(event)
            self._news.notify_all()

    def all(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    async def heard(self, kind: type[E], times: int = 1) -> E:
        async with asyncio.timeout(10), self._news:
            await self._news.wait_for(lambda: len(self.all(kind)) >= times)
        return self.all(kind)[times - 1]


@asynccontextmanager
async def listening(
    switch: Switch,
    console: Console,
    open_calls: Mapping[str, datetime | None] | None = None,
    *,
    secret: str = SECRET,
    **more: Any,
) -> AsyncIterator[Asterisk]:
    """An adapter that has synchronized with the switch."""
    adapter = Asterisk(name="pbx", url=switch.url, app=APP, user=USER, secret=secret, backoff=QUICK, **more)
    task = asyncio.create_task(adapter.run(console.hear, open_calls or {}))
    try:
        if secret == SECRET:
            await synchronized(switch, adapter)
        yield adapter
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def synchronized(switch: Switch, adapter: Asterisk) -> None:
    await switch.until(switch.connected)
    async with asyncio.timeout(10):
        while adapter._line is None or not adapter._line.steps.synchronized:
            await asyncio.sleep(0.001)


async def noticed_loss(adapter: Asterisk) -> None:
    """Until the adapter knows that its connection is gone."""
    async with asyncio.timeout(10):
        while adapter._line is not None and adapter._line.steps.synchronized:
            await asyncio.sleep(0.001)


async def arrived(switch: Switch, console: Console, number: str = "2025550101") -> str:
    """A caller, who hears music."""
    calls = len(console.all(CallArrived))
    call = switch.call_in(number)
    await console.heard(CallArrived, times=calls + 1)
    await switch.until(lambda: switch.place(call) == "holding")
    return call


async def talking(switch: Switch, console: Console, phones: Asterisk) -> tuple[str, str]:
    """A caller and Alice, in one bridge."""
    call = await arrived(switch, console)
    await phones.connect(call, ALICE, "order-1")
    leg = switch.leg()
    switch.pick_up(leg)
    await console.heard(CallAnswered)
    return call, leg
