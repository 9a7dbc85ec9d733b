"""One Asterisk, live, over ARI: events by websocket, orders by REST.

The websocket comes and goes. After each connection the event filter is set anew (Asterisk forgets it) and the
switch's own lists of channels and bridges are compared with what was known; so whatever happened unheard is told
then. Events wait for the console in their order, and are told again until it has kept them.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

import msgspec
import structlog
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as websocket_to
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.frames import CloseCode

from adapters.telephony.asterisk.connecting import Connecting, Waiting
from adapters.telephony.asterisk.consulting import Consulting
from adapters.telephony.asterisk.controls import Controls
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
from adapters.telephony.asterisk.rest import Reply, Rest
from adapters.telephony.asterisk.steps import Steps
from console.clock import Clock, SystemClock
from console.errors import NotReady
from console.telephony import RING_S, CallEvent, Elsewhere, PhoneSystemUnreachable, Sink

log = structlog.get_logger()

UNHEARD = ("ChannelVarset", "ChannelDialplan", "ChannelTalkingStarted", "ChannelTalkingFinished")
"""Types that the switch is asked to keep to itself: with subscribeAll most of what it says, and nothing of calls."""

UNTOLD_MAX = 10_000
"""Events that wait for the console; then the websocket is read no further, and Asterisk closes it."""

PING_S = 10
"""A connection that gave no answer to a ping for as long is dead."""

OPEN_S = 5

TELL_TRIES = 10
"""Then an event at which the console stumbles each time is left out, with an error in the log."""


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
        waiting: Waiting = "music",
        clock: Clock | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        self._name = name
        self._url = url
        self._app = app
        self._waiting = waiting
        self._clock = clock or SystemClock()
        self._backoff = backoff or Backoff()
        self._user, self._secret = user, secret
        self._line: _Line | None = None

    async def run(self, sink: Sink, open_calls: Mapping[str, datetime | None]) -> None:
        """Listen until cancelled; reconnects by itself."""
        rest = Rest(self._url, self._user, self._secret)
        adapter = AriEvents(self._name, self._app)
        adapter.expect(open_calls)
        self._line = line = _Line(adapter, rest, self._clock, self._app, self._waiting)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(line.tell(sink, self._backoff))
                group.create_task(line.settle())
                group.create_task(self._stay_connected(line))
        finally:
            self._line = None
            await line.steps.stop()
            await rest.close()

    async def reconcile(self, open_calls: Collection[str]) -> None:
        await self._there().reconcile(open_calls)

    async def connect(self, call: str, endpoint: str, order_id: str, ring_s: int = RING_S) -> None:
        line = self._there()
        await line.connecting.connect(line.channel_of(call), endpoint, order_id, ring_s)

    async def disconnect(self, call: str, endpoint: str, order_id: str) -> None:
        line = self._there()
        await line.connecting.disconnect(line.channel_of(call), endpoint)

    async def hang_up(self, call: str, order_id: str) -> None:
        line = self._there()
        await line.connecting.hang_up(line.channel_of(call))

    async def divert(self, call: str, to: Elsewhere, order_id: str) -> None:
        line = self._there()
        await line.connecting.divert(line.channel_of(call), to)

    async def hold(self, call: str, order_id: str) -> None:
        line = self._there()
        await line.controls.hold(line.channel_of(call))

    async def resume(self, call: str, order_id: str) -> None:
        line = self._there()
        await line.controls.resume(line.channel_of(call))

    async def mute(self, call: str, order_id: str) -> None:
        line = self._there()
        await line.controls.mute(line.channel_of(call), order_id, muted=True)

    async def unmute(self, call: str, order_id: str) -> None:
        line = self._there()
        await line.controls.mute(line.channel_of(call), order_id, muted=False)

    async def send_digits(self, call: str, digits: str, order_id: str) -> None:
        line = self._there()
        await line.controls.send_digits(line.channel_of(call), digits, order_id)

    async def transfer(self, call: str, endpoint: str, order_id: str) -> None:
        line = self._there()
        await line.controls.transfer(line.channel_of(call), endpoint, order_id)

    async def consult(self, call: str, endpoint: str, order_id: str) -> None:
        line = self._there()
        await line.consulting.consult(line.channel_of(call), endpoint, order_id)

    async def consult_complete(self, call: str, order_id: str) -> None:
        line = self._there()
        await line.consulting.complete(line.channel_of(call))

    async def consult_conference(self, call: str, order_id: str) -> None:
        line = self._there()
        await line.consulting.conference(line.channel_of(call))

    async def consult_return(self, call: str, order_id: str) -> None:
        line = self._there()
        await line.consulting.go_back(line.channel_of(call))

    def _there(self) -> _Line:
        if self._line is None:
            raise PhoneSystemUnreachable("nobody listens to the phone system")
        return self._line

    async def _stay_connected(self, line: _Line) -> None:
        failures = 0
        while True:
            problem: Exception | None = None
            try:
                async with self._websocket() as socket:
                    await line.listen(socket)
            except (OSError, WebSocketException) as error:
                problem = error
            log.warning("ari.disconnected", system=self._name, problem=repr(problem) if problem else "closed")
            line.lost(problem)
            failures = 0 if line.was_synchronized else failures + 1
            line.was_synchronized = False
            await asyncio.sleep(self._backoff.after(failures))

    def _websocket(self) -> websocket_to:
        base = urlsplit(self._url)
        scheme = "wss" if base.scheme == "https" else "ws"
        credentials = base64.b64encode(f"{self._user}:{self._secret}".encode()).decode()
        query = urlencode({"app": self._app, "subscribeAll": "true"})
        return websocket_to(
            f"{scheme}://{base.netloc}{base.path.rstrip('/')}/ari/events?{query}",
            additional_headers={"Authorization": f"Basic {credentials}"},
            open_timeout=OPEN_S,
            ping_interval=PING_S,
            ping_timeout=PING_S,
            max_size=MESSAGE_BYTES_MAX,
            proxy=None,
        )


class _Line:
    """What stands between one switch and the console, over all its connections."""

    def __init__(self, adapter: AriEvents, rest: Rest, clock: Clock, app: str, waiting: Waiting) -> None:
        self.was_synchronized = False
        """Did the last connection get so far?"""
        self._adapter = adapter
        self._rest = rest
        self._clock = clock
        self._app = app
        self._untold: asyncio.Queue[CallEvent] = asyncio.Queue(UNTOLD_MAX)
        self._unsettled = asyncio.Event()
        self._silent_since: datetime | None = None
        self.steps = Steps(app, rest, adapter, clock, self._queue)
        self.connecting = Connecting(self.steps, waiting)
        self.controls = Controls(self.steps)
        self.consulting = Consulting(self.steps, self.controls)

    def channel_of(self, call: str) -> str:
        return self._adapter.book.channel_of(call)

    async def reconcile(self, open_calls: Collection[str]) -> None:
        """Compare with the switch's own list; `open_calls` were believed in before it is asked. Nothing while unsure."""
        if not self.steps.synchronized:
            return
        try:
            channels = read_list((await self._listed("channels")).body, Channel)
        except (PhoneSystemUnreachable, BadMessage) as error:
            log.warning("ari.not_reconciled", problem=str(error))
            return
        await self._queue(self._adapter.reconcile(open_calls, channels, self._clock.now()))
        for call in map(self.channel_of, open_calls):
            if self._adapter.book.waiting(call) is None:
                self.connecting.release(call)

    async def listen(self, socket: ClientConnection) -> None:
        """Synchronize, and hear what the switch says, until the connection ends."""
        self._adapter.connected(self._clock.now())
        synchronizing = asyncio.create_task(self._synchronize(socket))
        heard_at = self._clock.now()
        try:
            async for raw in socket:
                heard_at = self._clock.now()
                await self._take(raw)
        except ConnectionClosed as closed:
            if closed.sent is not None and closed.sent.code == CloseCode.INTERNAL_ERROR:
                # No answer to a ping: it may have been cut since before the last one that was answered.
                self._silent_since = max(heard_at, self._clock.now() - timedelta(seconds=2 * PING_S))
        finally:
            synchronizing.cancel()
            await asyncio.gather(synchronizing, return_exceptions=True)

    def lost(self, error: Exception | None) -> None:
        """The connection is gone, or did not come about."""
        self.steps.synchronized = False
        self._adapter.disconnected(self._silent_since or self._clock.now())
        self._silent_since = None
        if isinstance(error, OSError) and "refused" in f"{error!r}".lower():
            self._adapter.refused()

    async def settle(self) -> None:
        """Decide what waits for the rest of its moment, when the moment is over."""
        while True:
            due_at = self._adapter.due_at
            if due_at is None:
                self._unsettled.clear()
                await self._unsettled.wait()
                continue
            await asyncio.sleep(max(0.0, (due_at - self._clock.now()).total_seconds()))
            await self._queue(self._adapter.pass_time(self._clock.now()))

    async def tell(self, sink: Sink, backoff: Backoff) -> None:
        """Hand the events to the console, in their order, each until it is kept."""
        while True:
            await self._tell_one(await self._untold.get(), sink, backoff)

    async def _tell_one(self, event: CallEvent, sink: Sink, backoff: Backoff) -> None:
        failures = 0
        while True:
            try:
                await sink(event)
            except NotReady as error:
                log.warning("ari.not_kept", call_event=event.event_id, problem=str(error))
            except Exception:  # one event that cannot be kept must not stop all that follow
                log.exception("ari.refused_by_console", call_event=event.event_id, tries=failures + 1)
                if failures + 1 >= TELL_TRIES:
                    return
            else:
                return
            await asyncio.sleep(backoff.after(failures))
            failures += 1

    async def _take(self, raw: str | bytes) -> None:
        try:
            message = read(raw)
        except BadMessage as error:
            log.warning("ari.bad_message", problem=str(error))
            return
        if message is not None:
            events = self._adapter.take(message, self._clock.now())
            self.connecting.react(message)
            self.consulting.react(message)
            await self._queue(events)

    async def _queue(self, events: list[CallEvent]) -> None:
        self._unsettled.set()
        for event in events:
            await self._untold.put(event)

    async def _synchronize(self, socket: ClientConnection) -> None:
        self.was_synchronized = False
        try:
            await self._set_filter()
            started_at = await self._started_at()
            channels = read_list((await self._listed("channels")).body, Channel)
            bridges = read_list((await self._listed("bridges")).body, Bridge)
        except (PhoneSystemUnreachable, BadMessage) as error:
            log.warning("ari.not_synchronized", problem=str(error))
            await socket.close()
            return
        events = self._adapter.snapshot(channels, bridges, self._clock.now(), started_at=started_at)
        self.was_synchronized = True
        self.steps.synchronized = True
        self.connecting.resume()
        self.consulting.resume()
        await self._queue(events)

    async def _set_filter(self) -> None:
        """A switch that knows no filters (before 16.5) says more than is heard; that is no harm."""
        unheard = {"disallowed": [{"type": type_} for type_ in UNHEARD]}
        reply = await self._rest.ask("PUT", "applications", self._app, "eventFilter", body=unheard)
        if not reply.ok:
            log.warning("ari.no_event_filter", problem=reply.detail)

    async def _started_at(self) -> datetime | None:
        reply = await self._rest.ask("GET", "asterisk", "info", only="status")
        try:
            return instant(msgspec.json.decode(reply.body, type=_Info).status.startup_time) if reply.ok else None
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return None

    async def _listed(self, what: str) -> Reply:
        reply = await self._rest.ask("GET", what)
        if not reply.ok:
            raise PhoneSystemUnreachable(f"GET /{what}: {reply.detail}")
        return reply


class _Status(msgspec.Struct):
    startup_time: str = ""


class _Info(msgspec.Struct):
    """Of GET /asterisk/info."""

    status: _Status
