"""Bringing a caller and an agent's phone together, and parting them again: the small choreography over REST.

Each step may meet a caller or a phone that has just gone; then the other is put back to where it was. What
happened is not told here: the switch tells it itself, and `events.py` understands.
"""

from __future__ import annotations

import asyncio
from typing import Literal

from adapters.telephony.asterisk.channels import Phase
from adapters.telephony.asterisk.messages import Message
from adapters.telephony.asterisk.places import caller_of, hold_bridge, role_of, talk_bridge
from adapters.telephony.asterisk.steps import Steps, ok
from console.telephony import Elsewhere

ALONE_S = 0.2
"""How long a caller may hear nobody before the call is taken to be over: a transfer changes places in less."""

OVERFLOW_CONTEXT = "console-overflow"
"""Of the dialplan: where callers go whom the centre does not take, by the extension's name."""

Waiting = Literal["music", "ringing"]
"""What a caller hears who has no agent yet."""


class Connecting:
    """What we order of one switch to bring callers and agents together, and what follows from what it says."""

    def __init__(self, steps: Steps, waiting: Waiting = "music") -> None:
        self._steps = steps
        self._adapter, self._book = steps.adapter, steps.book
        self._waiting = waiting
        self._bridging: set[str] = set()

    # Orders.

    async def connect(self, call: str, endpoint: str, order_id: str, ring_s: int) -> None:
        """Ring the phone for the caller."""
        await self._steps.ring("connect", call, endpoint, order_id, ring_s)

    async def disconnect(self, call: str, endpoint: str) -> None:
        """Stop that phone; a caller who talks with it waits again, and whom its agent asks is let go."""
        legs = [leg for leg in self._book.legs(call) if leg.chan.endpoint == endpoint and leg.chan.gone_at is None]
        if any(leg.talking for leg in legs):
            await self.park(call)
            if (asked := self._book.asked(call)) is not None:
                legs.append(asked)
        for leg in legs:
            self._adapter.canceled(leg.chan.id)
            await self._steps.order_gone("channels", leg.chan.id)

    async def hang_up(self, call: str) -> None:
        """End the caller's call."""
        self._adapter.hung_up(call)
        await self._steps.order_gone("channels", call)

    async def divert(self, call: str, to: Elsewhere) -> None:
        """Send the caller on in the dialplan; whatever it has for them there, they are not ours any more."""
        if self._book.waiting(call) is not None:
            await self._steps.order(
                "POST", "channels", call, "continue", context=OVERFLOW_CONTEXT, extension=to, priority=1
            )

    async def park(self, call: str, *, taken: bool = True) -> None:
        """Put a caller among those who wait; where they had been `taken`, that is news."""
        if taken:
            self._adapter.taken(call)
        async with self._steps.placing(call):
            await self._steps.put_among_waiting(call)

    # What follows from what the switch said.

    def react(self, message: Message) -> None:
        """After the adapter took the message: the steps that are due now."""
        if message.channel is None:
            return
        id_ = message.channel.id
        call = caller_of(id_)
        if message.type == "StasisStart" and call is not None:
            if role_of(id_) != "consult":
                self._steps.start(self._bridge(id_, call))
        elif message.type == "StasisStart" and self._book.waiting(id_):
            self._steps.start(self._let_wait(id_))
        elif message.type in ("StasisEnd", "ChannelDestroyed") and self._book.waiting(id_) is None:
            if call is None:
                self.release(id_)
            elif role_of(id_) != "consult":
                self._steps.start(self._come_back(id_, call))
        for alone in self._book.alone_after(message):
            self._steps.start(self._end_if_alone(alone))

    def resume(self) -> None:
        """After a snapshot: take up what a gap, or another node, left half done."""
        for call in self._book.calls():
            legs = self._book.legs(call)
            caller = self._book.waiting(call)
            nowhere = caller is not None and caller.bridge is None
            for leg in legs:
                up = leg.role in ("connect", "transfer") and leg.chan.phase is Phase.UP
                if up and (nowhere or not leg.talking):
                    self._steps.start(self._bridge(leg.chan.id, call))
            if nowhere:
                self._steps.start(self._let_wait(call))
            if self._book.left_alone(call):
                self._steps.start(self._end_if_alone(call))
        for leg_id in self._book.strays():
            self._steps.start(self._steps.drop(leg_id))

    # Steps.

    async def _let_wait(self, call: str) -> None:
        """The caller hears that the call has come through: music from arrival on, or a phone that rings."""
        async with self._steps.placing(call):
            caller = self._book.waiting(call)
            if caller is None or caller.bridge is not None or self._is_up_for(call):
                return
            if self._waiting == "ringing" and caller.phase is not Phase.UP:
                await self._steps.ask("POST", "channels", call, "ring")
            elif await self._steps.answer(call) and not self._is_up_for(call):
                await self._steps.put_among_waiting(call)

    def _is_up_for(self, call: str) -> bool:
        """Has a phone been answered for this caller? Then that is where they belong."""
        return any(leg.chan.phase is Phase.UP and leg.role != "consult" for leg in self._book.legs(call))

    async def _bridge(self, leg: str, call: str) -> None:
        """The phone was answered: let the caller in, and put both into one bridge."""
        if leg in self._bridging:
            return
        self._bridging.add(leg)
        try:
            async with self._steps.placing(call):
                if not self._is_wanted(leg, call) or not await self._joined(leg, call):
                    await self._steps.drop(leg)
        finally:
            self._bridging.discard(leg)

    def _is_wanted(self, leg: str, call: str) -> bool:
        others = [other for other in self._book.legs(call) if other.chan.id != leg]
        return self._book.waiting(call) is not None and not any(other.talking for other in others)

    async def _joined(self, leg: str, call: str) -> bool:
        if not await self._steps.answer(call):
            return False
        bridge = talk_bridge(leg)
        if not ok(await self._steps.ask("POST", "bridges", bridge, type="mixing", name=call)):
            return False
        if self._book.waiting(call) is None:
            await self._steps.remove_bridge(bridge)
            return False
        if ok(await self._steps.ask("POST", "bridges", bridge, "addChannel", channel=f"{call},{leg}")):
            return True
        await self._steps.remove_bridge(bridge)
        caller = self._book.waiting(call)
        if caller is not None and caller.bridge is None:
            await self._steps.put_among_waiting(call)
        return False

    def release(self, call: str) -> None:
        """The caller is gone: our phones of this call stop ringing, or are free again."""
        for leg in self._book.legs(call):
            if leg.role is not None and leg.chan.gone_at is None:
                self._steps.start(self._steps.drop(leg.chan.id))
        for bridge in self._book.own_bridges(call):
            self._steps.start(self._steps.remove_bridge(bridge))

    async def _come_back(self, leg: str, call: str) -> None:
        """That phone came to nothing: a caller who was brought to it waits again."""
        mine, caller = self._book.leg(leg), self._book.waiting(call)
        if mine is None or mine.talks or caller is None:
            return
        if caller.bridge in (talk_bridge(leg), hold_bridge(talk_bridge(leg))):
            await self.park(call, taken=mine.role == "transfer")

    async def _end_if_alone(self, call: str) -> None:
        """The agent hung up, or a transfer came to nothing: nobody will come back to this caller."""
        await asyncio.sleep(ALONE_S)
        if self._book.left_alone(call):
            await self._steps.ask("DELETE", "channels", call)
