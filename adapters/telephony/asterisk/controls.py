"""What an agent does with the caller on the line: hold, mute, keys, and handing the caller on to a phone outside."""

from __future__ import annotations

import asyncio

from adapters.telephony.asterisk.calls import Leg
from adapters.telephony.asterisk.places import held_from, own_leg, talk_bridge
from adapters.telephony.asterisk.steps import Steps
from console.telephony import OrderRefused, PhoneSystemUnreachable

TRANSFER_RING_S = 30
"""How long a phone outside may ring before the caller waits for one of us again."""


class Controls:
    """Orders only; each raises OrderRefused or PhoneSystemUnreachable, and then nothing has changed."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps
        self._adapter, self._book = steps.adapter, steps.book

    def talk(self, call: str) -> tuple[Leg, str]:
        """The agent's phone, and the bridge of the conversation."""
        self._steps.caller(call)
        leg = self._book.owner(call)
        if leg is None or leg.chan.bridge is None:
            raise OrderRefused("nobody talks with this caller")
        return leg, leg.chan.bridge

    async def hold(self, call: str) -> None:
        """The caller to the music; the agent's phone stays alone where it is."""
        async with self._steps.placing(call):
            _, talk = self.talk(call)
            if self._book.asked(call) is not None:
                raise OrderRefused("a consultation is under way")
            if held_from(self._steps.caller(call).bridge) is None:
                await self._steps.put_on_hold(call, talk)

    async def resume(self, call: str) -> None:
        async with self._steps.placing(call):
            leg, _ = self.talk(call)
            if self._book.asked(call) is not None:
                raise OrderRefused("a consultation is under way")
            if (talk := held_from(self._steps.caller(call).bridge)) is not None:
                await self._steps.bring_back(call, talk)
            elif leg.chan.on_hold:
                raise OrderRefused("the phone itself has the caller on hold")

    async def mute(self, call: str, order_id: str, *, muted: bool) -> None:
        """What comes from the agent's phone is not passed on; the switch tells nothing of it, so it is told here."""
        if order_id in self._steps.done:
            return
        leg, _ = self.talk(call)
        method = "POST" if muted else "DELETE"
        await self._steps.order(method, "channels", leg.chan.id, "mute", direction="in")
        self._steps.done.add(order_id)
        await self._steps.tell(self._adapter.muted(call, order_id, self._steps.now(), muted=muted))

    async def send_digits(self, call: str, digits: str, order_id: str) -> None:
        if order_id in self._steps.done:
            return
        self.talk(call)
        await self._steps.order("POST", "channels", call, "dtmf", dtmf=digits)
        self._steps.done.add(order_id)

    async def transfer(self, call: str, endpoint: str, order_id: str) -> None:
        """Music for the caller, a ring outside, and the agent is free."""
        leg = own_leg(order_id, call, "transfer")
        if leg in self._steps.done:
            return
        async with self._steps.placing(call):
            agents, talk = self.talk(call)
            if self._book.asked(call) is not None:
                raise OrderRefused("a consultation is under way")
            await self._steps.put_on_hold(call, talk_bridge(leg))
            try:
                await self._steps.ring("transfer", call, endpoint, order_id, TRANSFER_RING_S)
            except (OrderRefused, PhoneSystemUnreachable, asyncio.CancelledError):
                self._steps.start(self._steps.undo(leg, call, talk))
                raise
        by = agents.chan.endpoint
        await self._steps.tell(self._adapter.handed_on(leg, endpoint, by, self._steps.now()))
        self._steps.start(self._steps.drop(agents.chan.id))
