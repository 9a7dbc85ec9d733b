"""Bringing a caller and an agent's phone together, and parting them again: the small choreography over REST.

Each step may meet a caller or a phone that has just gone; then the other is put back to where it was. What
happened is not told here: the switch tells it itself, and `events.py` understands.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

from adapters.telephony.asterisk.channels import Phase, Remembered
from adapters.telephony.asterisk.events import AriEvents, caller_of_own_leg, own_leg
from adapters.telephony.asterisk.messages import Message
from adapters.telephony.asterisk.rest import Reply, Rest
from console.clock import Clock
from console.telephony import ConnectRefused, PhoneSystemUnreachable

log = structlog.get_logger()

BRIDGE = "bridge-of-"
"""Before the id of the agent's channel: the id of the bridge that it shares with its caller."""

RING_TIMEOUT_S = 10
"""By the semantics: connecting that fails within 10 s of acceptance gives the call back."""

ALONE_S = 0.2
"""How long a caller may hear nobody before the call is taken to be over: a transfer changes places in less."""

AGAIN_S = (0.2, 0.5, 1.0)
"""Pauses before a step is tried again that found the switch unreachable."""

ORDERS_MAX = 10_000
"""Orders remembered as done: a repetition comes within seconds."""


class Connecting:
    """What we order of one switch, while a connection to it stands."""

    def __init__(self, app: str, rest: Rest, adapter: AriEvents, clock: Clock) -> None:
        self.synchronized = False
        """Do we know what the switch has? Before, no order can be understood."""
        self._app = app
        self._rest = rest
        self._adapter = adapter
        self._clock = clock
        self._done = Remembered(ORDERS_MAX)
        self._bridges: dict[str, str] = {}
        self._bridging: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    # Orders.

    async def connect(self, call: str, endpoint: str, order_id: str) -> None:
        """Ring the phone for the caller. Raises ConnectRefused, PhoneSystemUnreachable."""
        leg = own_leg(order_id, call)
        if leg in self._done:
            return
        if not self.synchronized:
            raise PhoneSystemUnreachable("there is no connection to the phone system")
        caller = self._adapter.waiting(call)
        if caller is None:
            raise ConnectRefused("the caller is gone")
        self._adapter.originated(leg, endpoint, self._clock.now())
        try:
            reply = await self._rest.ask(
                "POST",
                "channels",
                endpoint=endpoint,
                app=self._app,
                appArgs=f"agent,{call}",
                channelId=leg,
                originator=call,
                timeout=RING_TIMEOUT_S,
                callerId=_caller_id(caller.caller_number),
            )
        except PhoneSystemUnreachable:
            self._adapter.withdrawn(leg)
            raise
        if not reply.ok and reply.status != 409:  # 409: the channel exists, by this same order
            self._adapter.withdrawn(leg)
            raise ConnectRefused(reply.detail)
        self._done.add(leg)
        if self._adapter.waiting(call) is None:
            self._start(self._drop(leg))

    async def disconnect(self, call: str, endpoint: str) -> None:
        """Stop that phone. Raises PhoneSystemUnreachable."""
        for leg in self._adapter.legs(call):
            if leg.chan.endpoint == endpoint and leg.chan.gone_at is None:
                self._adapter.canceled(leg.chan.id)
                await self._rest.ask("DELETE", "channels", leg.chan.id)

    async def hang_up(self, call: str) -> None:
        """End the caller's call. Raises PhoneSystemUnreachable."""
        self._adapter.hung_up(call)
        await self._rest.ask("DELETE", "channels", call)

    # What follows from what the switch said.

    def react(self, message: Message) -> None:
        """After the adapter took the message: the steps that are due now."""
        if message.channel is None:
            return
        id_ = message.channel.id
        if message.type == "StasisStart" and (call := caller_of_own_leg(id_)) is not None:
            self._start(self._bridge(id_, call))
        elif message.type == "StasisStart" and message.channel.state == "Ring" and self._adapter.waiting(id_):
            self._start(self._let_ring(id_))
        elif message.type in ("StasisEnd", "ChannelDestroyed") and self._adapter.waiting(id_) is None:
            self._release_phones(id_)
        for alone in self._adapter.alone_after(message):
            self._start(self._end_if_alone(alone))

    def resume(self) -> None:
        """After a snapshot: take up what a gap, or another node, left half done."""
        self.synchronized = True
        for call in self._adapter.calls():
            for leg in self._adapter.legs(call):
                if leg.ours and leg.chan.phase is Phase.UP and not leg.talking:
                    self._start(self._bridge(leg.chan.id, call))
            if self._adapter.left_alone(call):
                self._start(self._end_if_alone(call))
        for leg_id in self._adapter.strays():
            self._start(self._drop(leg_id))

    def lost(self) -> None:
        """The connection is gone; until the next snapshot no order can be carried out."""
        self.synchronized = False

    async def stop(self) -> None:
        """Wait for nobody: what is half done is taken up by whoever connects next."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # Steps.

    async def _let_ring(self, call: str) -> None:
        """The caller hears that the call has come through."""
        await self._ask("POST", "channels", call, "ring")

    async def _bridge(self, leg: str, call: str) -> None:
        """The agent's phone was answered: let the caller in, and put both into one bridge."""
        if leg in self._bridging:
            return
        self._bridging.add(leg)
        try:
            if not self._is_wanted(leg, call) or not await self._joined(leg, call):
                await self._drop(leg)
        finally:
            self._bridging.discard(leg)

    def _is_wanted(self, leg: str, call: str) -> bool:
        others = [other for other in self._adapter.legs(call) if other.chan.id != leg]
        return self._adapter.waiting(call) is not None and not any(other.talking for other in others)

    async def _joined(self, leg: str, call: str) -> bool:
        caller = self._adapter.waiting(call)
        if caller is None:
            return False
        if caller.phase is not Phase.UP and not _ok(await self._ask("POST", "channels", call, "answer")):
            return False
        bridge = BRIDGE + leg
        reply = await self._ask("POST", "bridges", bridge, type="mixing", name=call)
        if not _ok(reply):
            return False
        if self._adapter.waiting(call) is None:
            await self._ask("DELETE", "bridges", bridge)
            return False
        self._bridges[call] = bridge
        if _ok(await self._ask("POST", "bridges", bridge, "addChannel", channel=f"{call},{leg}")):
            return True
        await self._remove_bridge(call)
        return False

    def _release_phones(self, call: str) -> None:
        """The caller is gone: our phones of this call stop ringing, or are free again."""
        for leg in self._adapter.legs(call):
            if leg.ours and leg.chan.gone_at is None:
                self._start(self._drop(leg.chan.id))
        self._start(self._remove_bridge(call))

    async def _end_if_alone(self, call: str) -> None:
        """The agent hung up, or a transfer came to nothing: nobody will come back to this caller."""
        await asyncio.sleep(ALONE_S)
        if self._adapter.left_alone(call):
            await self._ask("DELETE", "channels", call)

    async def _drop(self, leg: str) -> None:
        await self._ask("DELETE", "channels", leg)

    async def _remove_bridge(self, call: str) -> None:
        if (bridge := self._bridges.pop(call, None)) is not None:
            await self._ask("DELETE", "bridges", bridge)

    async def _ask(self, method: str, *path: str, **query: str | int) -> Reply | None:
        """Ask, again after a pause when the switch does not answer; None when it still does not."""
        for pause_s in (*AGAIN_S, None):
            try:
                return await self._rest.ask(method, *path, **query)
            except PhoneSystemUnreachable as error:
                log.warning("ari.unreachable", problem=str(error))
            if pause_s is not None:
                await asyncio.sleep(pause_s)
        return None

    def _start(self, step: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(step)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("ari.step_failed", exc_info=error)


def _ok(reply: Reply | None) -> bool:
    return reply is not None and reply.ok


def _caller_id(number: str) -> str:
    """What the agent's phone shows; quotes and brackets would be read as parts of an address."""
    return "".join(sign for sign in number if sign not in '"<>,;')
