"""One Asterisk, live, over ARI: events by websocket, orders by REST.

The websocket comes and goes. After each connection the event filter is set anew (Asterisk forgets it) and the
switch's own lists of channels and bridges are compared with what was known; so whatever happened unheard is told
then. Events wait for the console in their order, and are told again until it has kept them.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

import msgspec
import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from adapters.telephony.asterisk.connecting import Connecting
from adapters.telephony.asterisk.events import AriEvents
from adapters.telephony.asterisk.messages import (
    MESSAGE_BYTES_MAX,
    BadMessage,
    Bridge,
    Channel,
    instant,
    read,
    read_list,
)
from adapters.telephony.asterisk.rest import Rest
from console.clock import Clock, SystemClock
from console.telephony import CallEvent, PhoneSystemUnreachable, Sink

log = structlog.get_logger()

UNHEARD = ("ChannelVarset", "ChannelDialplan", "ChannelTalkingStarted", "ChannelTalkingFinished")
"""Types that the switch is asked to keep to itself: with subscribeAll most of what it says, and nothing of calls."""

UNTOLD_MAX = 10_000
"""Events that wait for the console; then the websocket is read no further, and Asterisk closes it."""

PING_S = 10
"""A connection that gave no answer to a ping for as long is dead."""

OPEN_S = 5


class Backoff(msgspec.Struct, frozen=True):
    """Pauses between attempts, in seconds: twice as long each time, up to `most`."""

    first: float = 0.25
    most: float = 10.0

    def after(self, failures: int) -> float:
        return float(min(self.most, self.first * 2 ** min(failures, 20)))


class Asterisk:
    """A `Telephony`: see the port."""

    def __init__(
        self,
        *,
        name: str,
        url: str,
        app: str,
        user: str,
        secret: str,
        clock: Clock | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        self._name = name
        self._url = url
        self._app = app
        self._credentials = base64.b64encode(f"{user}:{secret}".encode()).decode()
        self._clock = clock or SystemClock()
        self._backoff = backoff or Backoff()
        self._new_rest = lambda: Rest(url, user, secret)
        self._line: _Line | None = None

    async def run(self, sink: Sink, open_calls: Iterable[str]) -> None:
        """Listen until cancelled; reconnects by itself."""
        rest = self._new_rest()
        adapter = AriEvents(self._name, self._app)
        adapter.expect(open_calls)
        connecting = Connecting(self._app, rest, adapter, self._clock)
        self._line = _Line(adapter, connecting, rest, self._clock, self._app)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._line.tell(sink, self._backoff))
                group.create_task(self._line.settle())
                group.create_task(self._stay_connected(self._line))
        finally:
            self._line = None
            await connecting.stop()
            await rest.close()

    async def connect(self, call: str, endpoint: str, order_id: str) -> None:
        await self._connecting().connect(call, endpoint, order_id)

    async def disconnect(self, call: str, endpoint: str, order_id: str) -> None:
        await self._connecting().disconnect(call, endpoint)

    async def hang_up(self, call: str, order_id: str) -> None:
        await self._connecting().hang_up(call)

    def _connecting(self) -> Connecting:
        if self._line is None:
            raise PhoneSystemUnreachable("nobody listens to the phone system")
        return self._line.connecting

    async def _stay_connected(self, line: _Line) -> None:
        failures = 0
        while True:
            try:
                async with self._websocket() as socket:
                    await line.listen(socket)
            except (OSError, WebSocketException, PhoneSystemUnreachable, BadMessage) as error:
                line.refused(error)
                log.warning("ari.disconnected", system=self._name, problem=str(error) or type(error).__name__)
            failures = 0 if line.was_synchronized else failures + 1
            line.lost()
            await asyncio.sleep(self._backoff.after(failures))

    def _websocket(self) -> connect:
        base = urlsplit(self._url)
        scheme = "wss" if base.scheme == "https" else "ws"
        query = urlencode({"app": self._app, "subscribeAll": "true"})
        return connect(
            f"{scheme}://{base.netloc}{base.path.rstrip('/')}/ari/events?{query}",
            additional_headers={"Authorization": f"Basic {self._credentials}"},
            open_timeout=OPEN_S,
            ping_interval=PING_S,
            ping_timeout=PING_S,
            max_size=MESSAGE_BYTES_MAX,
            proxy=None,
        )


class _Line:
    """What stands between one switch and the console, over all its connections."""

    def __init__(self, adapter: AriEvents, connecting: Connecting, rest: Rest, clock: Clock, app: str) -> None:
        self.connecting = connecting
        self.was_synchronized = False
        """Did the last connection get so far?"""
        self._adapter = adapter
        self._rest = rest
        self._clock = clock
        self._app = app
        self._untold: asyncio.Queue[CallEvent] = asyncio.Queue(UNTOLD_MAX)
        self._unsettled = asyncio.Event()
        self._heard_at: datetime | None = None

    async def listen(self, socket: ClientConnection) -> None:
        """Synchronize, and hear what the switch says, until the connection ends."""
        self.was_synchronized = False
        self._heard_at = self._clock.now()
        self._adapter.connected(self._heard_at)
        async with asyncio.TaskGroup() as group:
            synchronizing = group.create_task(self._synchronize())
            try:
                await self._hear(socket)
            finally:
                synchronizing.cancel()

    async def _hear(self, socket: ClientConnection) -> None:
        with suppress(ConnectionClosed):
            async for raw in socket:
                self._heard_at = self._clock.now()
                await self._take(raw)
            return
        if socket.close_code is None or socket.protocol.close_code == 1006:
            # Neither side said goodbye. If it was silence, it began before a ping was due.
            self._heard_at = max(self._heard_at or self._clock.now(), self._clock.now() - timedelta(seconds=2 * PING_S))
