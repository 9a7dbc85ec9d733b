"""A phone system that is made up: callers who arrive by chance or by hand, phones that do as they are told.

For the demonstration and for tests. Time and chance are arguments: with a `sleep` that does not wait, a day of
calls takes as long as the console needs for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, Literal

import msgspec
import structlog

from console.clock import Clock, SystemClock
from console.errors import NotReady
from console.ids import new_id
from console.telephony import (
    CallAnswered,
    CallArrived,
    CallEnded,
    CallEvent,
    CallRinging,
    ConnectFailed,
    ConnectProblem,
    ConnectRefused,
    EndedBy,
    RingEnded,
    RingResult,
    Sink,
    TalkEnded,
)

log = structlog.get_logger()

Sleep = Callable[[float], Awaitable[None]]

RING_TIMEOUT_S = 10.0
"""As a real adapter's: a phone that rings longer is not answered."""
RETRY_S = 0.2
TALK_S_MIN = 3.0
PATIENCE_S_MIN = 2.0
ORDERS_MAX = 10_000
"""Orders remembered as done: a repetition comes within seconds."""
CALLS_MAX = 10_000
"""Calls at one time; further callers find the line engaged and are not told."""


class Phone(msgspec.Struct, frozen=True, kw_only=True):
    """What a phone does when it is rung."""

    does: Literal["answer", "busy", "reject", "nothing"] = "answer"
    after_s: float = 1.0
    """How long it rings before it does that."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A number that callers dial, and what they said to the machine that took the call."""

    dialled: str
    weight: float = 1.0
    attributes: dict[str, str] = {}


class Traffic(msgspec.Struct, frozen=True, kw_only=True):
    """Callers who arrive by chance. Times are means of exponential distributions."""

    calls_per_hour: float
    lines: tuple[Line, ...]
    callers: tuple[str, ...]
    """Numbers; each caller is one of them who is not calling at that moment."""
    patience_s: float = 180.0
    talk_s: float = 90.0
    ended_by_caller: float = 0.7
    """The share of conversations that the caller ends."""


@dataclass(eq=False)
class _Call:
    id: str
    caller: str
    talk_s: float
    ended_by: EndedBy
    endpoint: str | None = None
    """Of the phone that rings or talks."""
    order_id: str = ""
    """Of the order that connected, or is connecting, that phone."""
    talking: bool = False
    answered: bool = False
    """Has it ever been?"""
    waiting: asyncio.Task[None] | None = None
    connecting: asyncio.Task[None] | None = None


class Simulator:
    """A `Telephony`: see the port."""

    def __init__(
        self,
        name: str,
        *,
        chance: Random,
        traffic: Traffic | None = None,
        phones: Mapping[str, Phone] | None = None,
        clock: Clock | None = None,
        sleep: Sleep = asyncio.sleep,
        call_id: Callable[[], str] = new_id,
    ) -> None:
        self.phones: dict[str, Phone] = dict(phones or {})
        """By endpoint; one that is not named answers after a second."""
        self._name = name
        self._chance = chance
        self._traffic = traffic
        self._clock = clock or SystemClock()
        self._sleep = sleep
        self._call_id = call_id
        self._calls: dict[str, _Call] = {}
        self._orders: dict[str, None] = {}
        self._untold: asyncio.Queue[CallEvent] = asyncio.Queue()

    # The port.

    async def run(self, sink: Sink, open_calls: Iterable[str]) -> None:
        """Play until cancelled. `open_calls` are of a former run: their callers are no more."""
        for call in open_calls:
            if call not in self._calls:
                self._tell(CallEnded(**self._about(call, "ended"), cause="system", answered=False, outcome="lost"))
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._hand_on(sink))
                if self._traffic is not None and self._traffic.calls_per_hour > 0:
                    group.create_task(self._arrivals(self._traffic))
        finally:
            await self._stop()

    async def connect(self, call: str, endpoint: str, order_id: str) -> None:
        known = self._calls.get(call)
        if order_id in self._orders:
            return
        if known is None:
            raise ConnectRefused("the caller is gone")
        if known.endpoint is not None:
            raise ConnectRefused(f"{known.endpoint} is being connected with this caller")
        if any(other.endpoint == endpoint for other in self._calls.values()):
            raise ConnectRefused(f"{endpoint} is in another call")
        self._remember(order_id)
        known.endpoint, known.order_id = endpoint, order_id
        known.connecting = asyncio.create_task(self._ring(known, endpoint))

    async def disconnect(self, call: str, endpoint: str, order_id: str) -> None:
        known = self._calls.get(call)
        if known is None or known.endpoint != endpoint:
            return
        _cancel(known.connecting)
        self._part(known, "no_answer")

    async def hang_up(self, call: str, order_id: str) -> None:
        self._end(call, "agent")

    # By hand.

    def ring_in(
        self,
        caller: str,
        dialled: str,
        *,
        attributes: Mapping[str, str] | None = None,
        patience_s: float | None = None,
        talk_s: float = 60.0,
        ended_by: EndedBy = "caller",
    ) -> str:
        """A caller calls now; the call's id. Without `patience_s` they wait for ever."""
        call = _Call(id=self._call_id(), caller=caller, talk_s=talk_s, ended_by=ended_by)
        self._calls[call.id] = call
        about = self._about(call.id, "arrived")
        self._tell(CallArrived(**about, caller=caller, dialled=dialled, attributes=dict(attributes or {})))
        if patience_s is not None:
            call.waiting = asyncio.create_task(self._lose_patience(call, patience_s))
        return call.id

    def hang_up_caller(self, call: str) -> None:
        """The caller hangs up now."""
        self._end(call, "caller")

    def hang_up_agent(self, endpoint: str) -> None:
        """The agent at this phone hangs up now."""
        for call in [call.id for call in self._calls.values() if call.endpoint == endpoint and call.talking]:
            self._end(call, "agent")

    @property
    def calls(self) -> list[str]:
        """Ids of the calls that are open."""
        return list(self._calls)

    # Callers.

    async def _arrivals(self, traffic: Traffic) -> None:
        weights = [line.weight for line in traffic.lines]
        while True:
            await self._sleep(self._chance.expovariate(traffic.calls_per_hour / 3600))
            calling = {call.caller for call in self._calls.values()}
            idle = [caller for caller in traffic.callers if caller not in calling]
            if not idle or len(self._calls) >= CALLS_MAX:
                continue
            [line] = self._chance.choices(traffic.lines, weights)
            self.ring_in(
                self._chance.choice(idle),
                line.dialled,
                attributes=line.attributes,
                patience_s=max(PATIENCE_S_MIN, self._chance.expovariate(1 / traffic.patience_s)),
                talk_s=max(TALK_S_MIN, self._chance.expovariate(1 / traffic.talk_s)),
                ended_by="caller" if self._chance.random() < traffic.ended_by_caller else "agent",
            )

    async def _lose_patience(self, call: _Call, patience_s: float) -> None:
        await self._sleep(patience_s)
        if not call.answered:
            self._end(call.id, "caller")

    # Phones.

    async def _ring(self, call: _Call, endpoint: str) -> None:
        phone = self.phones.get(endpoint, Phone())
        self._tell(CallRinging(**self._about(call.id, f"ringing/{call.order_id}"), endpoint=endpoint))
        does = phone.does if phone.after_s <= RING_TIMEOUT_S else "nothing"
        await self._sleep(RING_TIMEOUT_S if does == "nothing" else phone.after_s)
        result, problem = _RING_ENDS[does]
        if problem is not None:
            about = self._about(call.id, f"connect-failed/{call.order_id}")
            self._part(call, result)
            self._tell(ConnectFailed(**about, endpoint=endpoint, reason=problem))
            return
        self._tell(RingEnded(**self._about(call.id, f"ring-ended/{call.order_id}"), endpoint=endpoint, result=result))
        call.answered = call.talking = True
        self._tell(CallAnswered(**self._about(call.id, f"answered/{call.order_id}"), endpoint=endpoint))
        await self._sleep(call.talk_s)
        self._end(call.id, call.ended_by)

    def _part(self, call: _Call, unanswered: RingResult) -> None:
        """The phone leaves the call."""
        if call.endpoint is not None and call.talking:
            about = self._about(call.id, f"talk-ended/{call.order_id}")
            self._tell(TalkEnded(**about, endpoint=call.endpoint))
        elif call.endpoint is not None:
            about = self._about(call.id, f"ring-ended/{call.order_id}")
            self._tell(RingEnded(**about, endpoint=call.endpoint, result=unanswered))
        call.endpoint, call.talking, call.connecting = None, False, None

    def _end(self, id_: str, by: EndedBy) -> None:
        call = self._calls.pop(id_, None)
        if call is None:
            return
        _cancel(call.waiting)
        _cancel(call.connecting)
        self._part(call, "caller_left")
        self._tell(CallEnded(**self._about(id_, "ended"), cause=by, answered=call.answered))

    # Telling.

    def _about(self, call: str, what: str) -> dict[str, Any]:
        return {"source": self._name, "event_id": f"{call}/{what}", "call": call, "at": self._clock.now()}

    def _tell(self, event: CallEvent) -> None:
        self._untold.put_nowait(event)

    async def _hand_on(self, sink: Sink) -> None:
        while True:
            event = await self._untold.get()
            while not await self._kept(event, sink):
                await self._sleep(RETRY_S)

    async def _kept(self, event: CallEvent, sink: Sink) -> bool:
        try:
            await sink(event)
        except NotReady as error:
            log.warning("simulator.not_kept", call_event=event.event_id, problem=str(error))
            return False
        return True

    def _remember(self, order_id: str) -> None:
        self._orders[order_id] = None
        if len(self._orders) > ORDERS_MAX:
            del self._orders[next(iter(self._orders))]

    async def _stop(self) -> None:
        tasks = [task for call in self._calls.values() for task in (call.waiting, call.connecting) if task is not None]
        for task in tasks:
            task.cancel()
        self._calls.clear()
        await asyncio.gather(*tasks, return_exceptions=True)


def _cancel(task: asyncio.Task[None] | None) -> None:
    """Stop it, unless it is the one that asks."""
    if task is not None and task is not asyncio.current_task():
        task.cancel()


_RING_ENDS: dict[str, tuple[RingResult, ConnectProblem | None]] = {
    "answer": ("answered", None),
    "busy": ("rejected", "busy"),
    "reject": ("rejected", "rejected"),
    "nothing": ("no_answer", "no_answer"),
}
