"""A phone system that is made up: callers who arrive by chance or by hand, phones that do as they are told.

For the demonstration and for tests. Time and chance are arguments: with a `sleep` that does not wait, a day of
calls takes as long as the console needs for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime
from random import Random
from typing import Any

import structlog

from adapters.telephony.simulated import Phone, SimulatedCall, Traffic
from console.clock import Clock, SystemClock
from console.errors import NotReady
from console.ids import new_id
from console.telephony import (
    RING_S,
    CallAnswered,
    CallArrived,
    CallEnded,
    CallEvent,
    CallHeld,
    CallMuted,
    CallOutcome,
    CallParked,
    CallResumed,
    CallRinging,
    CallTransferred,
    CallUnmuted,
    ConnectFailed,
    ConnectProblem,
    ConsultChanged,
    ConsultResult,
    ConsultState,
    Elsewhere,
    EndedBy,
    OrderRefused,
    RingEnded,
    RingResult,
    Sink,
    TalkEnded,
)

log = structlog.get_logger()

Sleep = Callable[[float], Awaitable[None]]

RETRY_S = 0.2
TALK_S_MIN = 3.0
PATIENCE_S_MIN = 2.0
ORDERS_MAX = 10_000
"""Orders remembered as done: a repetition comes within seconds."""
CALLS_MAX = 10_000
"""Calls at one time; further callers find the line engaged and are not told."""


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
        self._calls: dict[str, SimulatedCall] = {}
        self._orders: dict[str, None] = {}
        self._untold: asyncio.Queue[CallEvent] = asyncio.Queue()

    # The port.

    async def run(self, sink: Sink, open_calls: Mapping[str, datetime | None]) -> None:
        """Play until cancelled. `open_calls` are of a former run: their callers are no more."""
        await self.reconcile(open_calls)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._hand_on(sink))
                if self._traffic is not None and self._traffic.calls_per_hour > 0:
                    group.create_task(self._arrivals(self._traffic))
        finally:
            await self._stop()

    async def reconcile(self, open_calls: Collection[str]) -> None:
        for call in open_calls:
            if call not in self._calls:
                self._tell(CallEnded(**self._about(call, "ended"), cause="system", answered=False, outcome="lost"))

    async def connect(self, call: str, endpoint: str, order_id: str, ring_s: int = RING_S) -> None:
        if order_id in self._orders:
            return
        known = self._there(call)
        if known.endpoint is not None:
            raise OrderRefused(f"{known.endpoint} is being connected with this caller")
        self._claim(endpoint)
        self._remember(order_id)
        known.endpoint, known.order_id = endpoint, order_id
        known.connecting = asyncio.create_task(self._ring(known, endpoint, ring_s))

    async def disconnect(self, call: str, endpoint: str, order_id: str) -> None:
        known = self._calls.get(call)
        if known is None or known.endpoint != endpoint:
            return
        if known.talking:
            self._consult_ended(known, "returned")
            self._park(known)
            return
        _cancel(known.connecting)
        self._part(known, "no_answer")

    async def hang_up(self, call: str, order_id: str) -> None:
        self._end(call, "agent")

    async def divert(self, call: str, to: Elsewhere, order_id: str) -> None:
        """Nothing is behind this phone system: the caller is gone."""
        self._end(call, "system", "overflow")

    async def hold(self, call: str, order_id: str) -> None:
        talk = self._talk(call)
        if talk.asked is not None:
            raise OrderRefused("a consultation is under way")
        self._hold(talk, order_id)

    async def resume(self, call: str, order_id: str) -> None:
        talk = self._talk(call)
        if talk.asked is not None:
            raise OrderRefused("a consultation is under way")
        self._resume(talk, order_id)

    async def mute(self, call: str, order_id: str) -> None:
        talk = self._talk(call)
        if not talk.muted:
            talk.muted = True
            self._tell(CallMuted(**self._about(call, f"muted/{order_id}")))

    async def unmute(self, call: str, order_id: str) -> None:
        talk = self._talk(call)
        if talk.muted:
            talk.muted = False
            self._tell(CallUnmuted(**self._about(call, f"unmuted/{order_id}")))

    async def send_digits(self, call: str, digits: str, order_id: str) -> None:
        talk = self._talk(call)
        if order_id not in self._orders:
            self._remember(order_id)
            talk.digits += digits

    async def transfer(self, call: str, endpoint: str, order_id: str) -> None:
        if order_id in self._orders:
            return
        talk = self._talk(call)
        if talk.asked is not None:
            raise OrderRefused("a consultation is under way")
        self._remember(order_id)
        about = self._about(call, f"transferred/{order_id}")
        self._tell(
            CallTransferred(**about, kind="blind", to_endpoint=endpoint, by_endpoint=talk.endpoint, ordered=True)
        )
        _cancel(talk.connecting)
        self._part(talk, "no_answer")
        talk.endpoint, talk.order_id = endpoint, order_id
        talk.connecting = asyncio.create_task(self._ring_outside(talk, endpoint))

    async def consult(self, call: str, endpoint: str, order_id: str) -> None:
        if order_id in self._orders:
            return
        talk = self._talk(call)
        if talk.asked is not None:
            raise OrderRefused("a consultation is under way")
        self._claim(endpoint)
        self._remember(order_id)
        talk.asked, talk.asked_order = endpoint, order_id
        self._hold(talk, order_id)
        self._consult(talk, "ringing")
        talk.asking = asyncio.create_task(self._ring_asked(talk, endpoint))

    async def consult_complete(self, call: str, order_id: str) -> None:
        talk = self._asked(call)
        self._hand_over(talk)

    async def consult_conference(self, call: str, order_id: str) -> None:
        talk = self._asked(call)
        if talk.asked_state == "talking":
            self._resume(talk, order_id)
            self._consult(talk, "conference")

    async def consult_return(self, call: str, order_id: str) -> None:
        talk = self._talk(call)
        self._consult_ended(talk, "returned")
        self._resume(talk, order_id)

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
        call = SimulatedCall(id=self._call_id(), caller=caller, talk_s=talk_s, ended_by=ended_by, patience_s=patience_s)
        self._calls[call.id] = call
        about = self._about(call.id, "arrived")
        self._tell(CallArrived(**about, caller=caller, dialled=dialled, attributes=dict(attributes or {})))
        self._wait(call)
        return call.id

    def hang_up_caller(self, call: str) -> None:
        """The caller hangs up now."""
        self._end(call, "caller")

    def hang_up_agent(self, endpoint: str) -> None:
        """Whoever sits at this phone hangs up now."""
        for call in list(self._calls.values()):
            if call.asked == endpoint:
                self._consult_ended(call, "hung_up")
            elif call.endpoint == endpoint and call.talking and call.asked_state in ("talking", "conference"):
                self._hand_over(call)
            elif call.endpoint == endpoint and call.talking:
                self._end(call.id, "agent")

    def digits(self, call: str) -> str:
        """What was sent down that caller's line."""
        return self._calls[call].digits

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

    def _wait(self, call: SimulatedCall) -> None:
        if call.patience_s is not None:
            _cancel(call.waiting)
            call.waiting = asyncio.create_task(self._lose_patience(call, call.patience_s))

    async def _lose_patience(self, call: SimulatedCall, patience_s: float) -> None:
        await self._sleep(patience_s)
        if not call.talking:
            self._end(call.id, "caller")

    # Phones.

    async def _ring(self, call: SimulatedCall, endpoint: str, ring_s: int) -> None:
        self._tell(CallRinging(**self._about(call.id, f"ringing/{call.order_id}"), endpoint=endpoint))
        result, problem = await self._rung(endpoint, ring_s)
        if problem is not None:
            about = self._about(call.id, f"connect-failed/{call.order_id}")
            self._part(call, result)
            self._tell(ConnectFailed(**about, endpoint=endpoint, reason=problem))
            return
        self._tell(RingEnded(**self._about(call.id, f"ring-ended/{call.order_id}"), endpoint=endpoint, result=result))
        await self._converse(call, endpoint)

    async def _ring_outside(self, call: SimulatedCall, endpoint: str) -> None:
        _, problem = await self._rung(endpoint, RING_S)
        if problem is None:
            await self._converse(call, endpoint)
        else:
            self._park(call)

    async def _ring_asked(self, call: SimulatedCall, endpoint: str) -> None:
        _, problem = await self._rung(endpoint, RING_S)
        if problem is None:
            self._consult(call, "talking")
        else:
            self._consult_ended(call, problem)

    async def _rung(self, endpoint: str, ring_s: int) -> tuple[RingResult, ConnectProblem | None]:
        """What a phone does that is rung."""
        phone = self.phones.get(endpoint, Phone())
        does = phone.does if phone.after_s <= ring_s else "nothing"
        await self._sleep(ring_s if does == "nothing" else phone.after_s)
        return _RING_ENDS[does]

    async def _converse(self, call: SimulatedCall, endpoint: str) -> None:
        call.answered = call.talking = True
        self._tell(CallAnswered(**self._about(call.id, f"answered/{call.order_id}"), endpoint=endpoint))
        await self._sleep(call.talk_s)
        self._end(call.id, call.ended_by)

    def _there(self, call: str) -> SimulatedCall:
        known = self._calls.get(call)
        if known is None:
            raise OrderRefused("the caller is gone")
        return known

    def _talk(self, call: str) -> SimulatedCall:
        known = self._there(call)
        if not known.talking:
            raise OrderRefused("nobody talks with this caller")
        return known

    def _asked(self, call: str) -> SimulatedCall:
        talk = self._talk(call)
        if talk.asked_state not in ("talking", "conference"):
            raise OrderRefused("nobody was asked who has answered")
        return talk

    def _claim(self, endpoint: str) -> None:
        if any(endpoint in (other.endpoint, other.asked) for other in self._calls.values()):
            raise OrderRefused(f"{endpoint} is in another call")

    def _hold(self, call: SimulatedCall, order_id: str) -> None:
        if not call.held:
            call.held = True
            self._tell(CallHeld(**self._about(call.id, f"held/{order_id}")))

    def _resume(self, call: SimulatedCall, order_id: str) -> None:
        if call.held:
            call.held = False
            self._tell(CallResumed(**self._about(call.id, f"resumed/{order_id}")))

    def _consult(self, call: SimulatedCall, state: ConsultState, result: ConsultResult | None = None) -> None:
        if call.asked is None:
            return
        call.asked_state = state
        about = self._about(call.id, f"consult/{call.asked_order}/{state}")
        self._tell(ConsultChanged(**about, endpoint=call.asked, state=state, result=result))

    def _consult_ended(self, call: SimulatedCall, result: ConsultResult) -> None:
        _cancel(call.asking)
        self._consult(call, "ended", result)
        call.asked, call.asking = None, None

    def _hand_over(self, call: SimulatedCall) -> None:
        """The agent leaves; whom they asked goes on with the caller."""
        assert call.asked is not None
        former, asked, order_id = call.endpoint, call.asked, call.asked_order
        about = self._about(call.id, f"transferred/{order_id}")
        self._tell(CallTransferred(**about, kind="attended", to_endpoint=asked, by_endpoint=former))
        self._tell(TalkEnded(**self._about(call.id, f"talk-ended/{call.order_id}"), endpoint=former))
        self._consult_ended(call, "handed_over")
        call.endpoint, call.order_id, call.held, call.muted = asked, order_id, False, False
        self._tell(CallAnswered(**self._about(call.id, f"answered/{order_id}"), endpoint=asked))

    def _park(self, call: SimulatedCall) -> None:
        """The phone leaves, and the caller waits for another."""
        about = self._about(call.id, f"parked/{call.order_id}")
        _cancel(call.connecting)
        if call.talking:
            self._part(call, "no_answer")
        call.endpoint, call.connecting = None, None
        self._tell(CallParked(**about))
        self._wait(call)

    def _part(self, call: SimulatedCall, unanswered: RingResult) -> None:
        """The phone leaves the call."""
        if call.endpoint is not None and call.talking:
            about = self._about(call.id, f"talk-ended/{call.order_id}")
            self._tell(TalkEnded(**about, endpoint=call.endpoint))
        elif call.endpoint is not None:
            about = self._about(call.id, f"ring-ended/{call.order_id}")
            self._tell(RingEnded(**about, endpoint=call.endpoint, result=unanswered))
        call.endpoint, call.talking, call.connecting = None, False, None
        call.held = call.muted = False

    def _end(self, id_: str, by: EndedBy, outcome: CallOutcome = "ended") -> None:
        call = self._calls.pop(id_, None)
        if call is None:
            return
        _cancel(call.waiting)
        _cancel(call.connecting)
        self._consult_ended(call, "caller_left")
        self._part(call, "caller_left")
        self._tell(CallEnded(**self._about(id_, "ended"), cause=by, answered=call.answered, outcome=outcome))

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
        tasks = [task for call in self._calls.values() for task in call.tasks]
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
