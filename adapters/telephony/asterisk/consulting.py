"""Asking a second phone while the caller hears music.

The agent's bridge is where they meet: the caller leaves it for the music, the phone that is asked enters it, and the
caller comes back to both (a conference), to the one asked (handed over), or to the agent.
"""

from __future__ import annotations

import asyncio

from adapters.telephony.asterisk.calls import Leg
from adapters.telephony.asterisk.channels import Phase
from adapters.telephony.asterisk.controls import Controls
from adapters.telephony.asterisk.messages import Message
from adapters.telephony.asterisk.places import caller_of, held_from, own_leg, role_of
from adapters.telephony.asterisk.steps import Steps, ok
from console.telephony import OrderRefused, PhoneSystemUnreachable

CONSULT_RING_S = 30
"""How long the phone that is asked may ring; the agent can give up sooner."""


class Consulting:
    """Orders raise OrderRefused or PhoneSystemUnreachable; what follows from the switch's words is tried, and given up."""

    def __init__(self, steps: Steps, controls: Controls) -> None:
        self._steps = steps
        self._adapter, self._book = steps.adapter, steps.book
        self._controls = controls

    # Orders.

    async def consult(self, call: str, endpoint: str, order_id: str) -> None:
        leg = own_leg(order_id, call, "consult")
        if leg in self._steps.done:
            return
        async with self._steps.placing(call):
            _, talk = self._controls.talk(call)
            if self._book.asked(call) is not None:
                raise OrderRefused("a consultation is under way")
            was_held = held_from(self._steps.caller(call).bridge) is not None
            if not was_held:
                await self._steps.put_on_hold(call, talk)
            try:
                await self._steps.ring("consult", call, endpoint, order_id, CONSULT_RING_S)
            except (OrderRefused, PhoneSystemUnreachable, asyncio.CancelledError):
                self._steps.start(self._steps.undo(leg, call, None if was_held else talk))
                raise

    async def complete(self, call: str) -> None:
        """The caller to the one asked; then the agent's phone goes."""
        async with self._steps.placing(call):
            agents, _ = self._controls.talk(call)
            self._answered(call)
            await self._bring_caller_back(call)
            await self._steps.order_gone("channels", agents.chan.id)

    async def conference(self, call: str) -> None:
        async with self._steps.placing(call):
            self._answered(call)
            await self._bring_caller_back(call)

    async def go_back(self, call: str) -> None:
        async with self._steps.placing(call):
            self._controls.talk(call)
            if (asked := self._book.asked(call)) is not None:
                self._adapter.canceled(asked.chan.id)
                await self._steps.order_gone("channels", asked.chan.id)
            await self._bring_caller_back(call)

    def _answered(self, call: str) -> Leg:
        self._steps.caller(call)
        asked = self._book.asked(call)
        if asked is None or asked.consult_told not in ("talking", "conference"):
            raise OrderRefused("nobody was asked who has answered")
        return asked

    async def _bring_caller_back(self, call: str) -> None:
        if (talk := held_from(self._steps.caller(call).bridge)) is not None:
            await self._steps.bring_back(call, talk)

    # What follows from what the switch said.

    def react(self, message: Message) -> None:
        """After the adapter took the message: the steps that are due now."""
        if message.channel is None or (call := caller_of(message.channel.id)) is None:
            return
        if message.type == "StasisStart" and role_of(message.channel.id) == "consult":
            self._steps.start(self._bring_in(message.channel.id, call))
        elif message.type in ("StasisEnd", "ChannelDestroyed"):
            self._take_over(call)

    def resume(self) -> None:
        """After a snapshot: take up what a gap, or another node, left half done."""
        for call in self._book.calls():
            asked = self._book.asked(call)
            if asked is not None and asked.chan.phase is Phase.UP and asked.chan.bridge is None:
                self._steps.start(self._bring_in(asked.chan.id, call))
            self._take_over(call)

    def _take_over(self, call: str) -> None:
        """The agent hung up while they talked with the one asked: the caller is handed over."""
        asked = self._book.asked(call)
        if asked is not None and asked.chan.bridge is not None and self._book.owner(call) is None:
            self._steps.start(self._hand_over(call))

    async def _bring_in(self, leg: str, call: str) -> None:
        """The phone that is asked was answered: into the agent's bridge, if the agent is still there."""
        owner = self._book.owner(call)
        talk = owner.chan.bridge if owner is not None else None
        if talk is None or not ok(await self._steps.ask("POST", "bridges", talk, "addChannel", channel=leg)):
            await self._steps.drop(leg)

    async def _hand_over(self, call: str) -> None:
        async with self._steps.placing(call):
            caller = self._book.waiting(call)
            talk = held_from(caller.bridge) if caller is not None else None
            if talk is not None:
                await self._steps.ask("POST", "bridges", talk, "addChannel", channel=call)
