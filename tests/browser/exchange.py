"""A telephone exchange that does at once what it is told, or nothing, or says no; and tells what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from itertools import count
from typing import Any

from console.telephony import (
    CallAnswered,
    CallArrived,
    CallEnded,
    CallEvent,
    CallHeld,
    CallMuted,
    CallResumed,
    CallUnmuted,
    ConsultChanged,
    OrderRefused,
    PhoneSystemUnreachable,
    Sink,
    TalkEnded,
)


class Exchange:
    """The console's `Telephony`, played. `mood` says what becomes of orders."""

    def __init__(self, name: str = "pbx") -> None:
        self.name = name
        self.mood = "does"
        self.digits = ""
        self._asked: dict[str, str] = {}
        self._orders: set[str] = set()
        self._phones: dict[str, str] = {}
        self._numbers = count(1)
        self._news: asyncio.Queue[CallEvent] = asyncio.Queue()

    async def run(self, sink: Sink, open_calls: Mapping[str, datetime | None]) -> None:
        while True:
            await sink(await self._news.get())

    async def reconcile(self, open_calls: Collection[str]) -> None: ...

    # --- what callers do ----------------------------------------------------------------------------------------------

    def ring(self, call: str, caller: str = "+441314960182", dialled: str = "+441314960100") -> None:
        self._tell(CallArrived, call, caller=caller, dialled=dialled)

    def leave(self, call: str) -> None:
        self._tell(CallEnded, call, cause="caller", answered=True)

    # --- what it is told to do ----------------------------------------------------------------------------------------

    async def connect(self, call: str, endpoint: str, order_id: str, ring_s: int = 10) -> None:
        self._phones[call] = endpoint
        self._tell(CallAnswered, call, endpoint=endpoint)

    async def disconnect(self, call: str, endpoint: str, order_id: str) -> None: ...

    async def divert(self, call: str, to: str, order_id: str) -> None: ...

    async def hang_up(self, call: str, order_id: str) -> None:
        self._tell(CallEnded, call, cause="agent", answered=True)

    async def hold(self, call: str, order_id: str) -> None:
        if self._done(order_id):
            return
        self._tell(CallHeld, call)

    async def resume(self, call: str, order_id: str) -> None:
        if self._done(order_id):
            return
        self._tell(CallResumed, call)

    async def mute(self, call: str, order_id: str) -> None:
        if self._done(order_id):
            return
        self._tell(CallMuted, call)

    async def unmute(self, call: str, order_id: str) -> None:
        if self._done(order_id):
            return
        self._tell(CallUnmuted, call)

    async def send_digits(self, call: str, digits: str, order_id: str) -> None:
        if self._done(order_id):
            return
        self.digits += digits

    async def transfer(self, call: str, endpoint: str, order_id: str) -> None:
        self._done(order_id)

    async def consult(self, call: str, endpoint: str, order_id: str) -> None:
        if self._done(order_id):
            return
        self._asked[call] = endpoint
        self._tell(CallHeld, call)
        self._tell(ConsultChanged, call, endpoint=endpoint, state="ringing")
        self._tell(ConsultChanged, call, endpoint=endpoint, state="talking")

    async def consult_conference(self, call: str, order_id: str) -> None:
        if self._done(order_id):
            return
        self._tell(CallResumed, call)
        self._tell(ConsultChanged, call, endpoint=self._asked[call], state="conference")

    async def consult_return(self, call: str, order_id: str) -> None:
        if self._done(order_id):
            return
        self._over(call, "returned")
        self._tell(CallResumed, call)

    async def consult_complete(self, call: str, order_id: str) -> None:
        if self._done(order_id):
            return
        endpoint = self._asked[call]
        self._over(call, "handed_over")
        self._tell(TalkEnded, call, endpoint=self._phones[call])
        self._phones[call] = endpoint

    def _over(self, call: str, result: str) -> None:
        self._tell(ConsultChanged, call, endpoint=self._asked.pop(call), state="ended", result=result)

    def _done(self, order_id: str) -> bool:
        """Whether it was done before; the second time changes nothing."""
        if self.mood == "refuses":
            raise OrderRefused("no")
        if self.mood == "silent":
            raise PhoneSystemUnreachable("nothing heard")
        before = order_id in self._orders
        self._orders.add(order_id)
        return before

    def _tell(self, event: type[Any], call: str, **more: Any) -> None:
        head = {"source": self.name, "event_id": f"x{next(self._numbers)}", "call": call, "at": datetime.now(UTC)}
        self._news.put_nowait(event(**head, **more))
