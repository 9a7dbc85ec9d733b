"""A switch that speaks ARI over real sockets: it says recorded messages, and plays simple calls.

It is small: one listener, HTTP requests and one kind of websocket, channels that are created, ring, come up, share
bridges and go. What it answers can be prescribed (`answer_next`), held back (`hold_back`), and it can die.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from websockets.server import ServerProtocol

USER, SECRET, APP = "console", "hunter2", "console"


@dataclass
class Request:
    method: str
    path: str
    query: dict[str, str]
    body: Any


@dataclass
class Channel:
    id: str
    name: str
    number: str
    exten: str
    state: str
    args: list[str] | None = None
    bridge: str | None = None
    created_at: str = ""
    muted: bool = False
    digits: str = ""

    def shown(self) -> dict[str, Any]:
        in_stasis = self.args is not None
        return {
            "id": self.id,
            "name": self.name,
            "state": self.state,
            "caller": {"name": "", "number": self.number},
            "connected": {"name": "", "number": ""},
            "dialplan": {
                "context": "inbound",
                "exten": self.exten,
                "priority": 1,
                "app_name": "Stasis" if in_stasis else "AppDial2",
                "app_data": ",".join([APP, *(self.args or [])]) if in_stasis else "(Outgoing Line)",
            },
            "creationtime": self.created_at,
            "language": "en",
        }


def stamp() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "+0000")


@dataclass
class Switch:
    """Use `async with Switch() as switch`."""

    channels: dict[str, Channel] = field(default_factory=dict)
    bridges: dict[str, set[str]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    """Of each bridge: mixing, or holding (music to each alone)."""
    requests: list[Request] = field(default_factory=list)
    started_at: str = field(default_factory=stamp)
    port: int = 0
    say_ids: bool = True
    _sockets: set[_Socket] = field(default_factory=set)
    _server: asyncio.Server | None = None
    _answers: dict[tuple[str, str], list[tuple[int, dict[str, Any]]]] = field(default_factory=lambda: defaultdict(list))
    _held: dict[tuple[str, str], asyncio.Event] = field(default_factory=dict)
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)
    _numbers: Any = field(default_factory=lambda: count(1))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        for event in self._held.values():
            event.set()
        await self.die()

    # Life of the switch.

    async def start(self) -> None:
        self.started_at = stamp()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def restart(self) -> None:
        """Killed and started again: its numbers begin anew."""
        await self.die()
        self._numbers = count(1)
        self._args_of.clear()
        await self.start()

    async def die(self) -> None:
        """Killed: nobody says goodbye, and nothing is left."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self.cut()
        self.channels.clear()
        self.bridges.clear()
        self.kinds.clear()

    def cut(self) -> None:
        """The websocket is cut; the switch goes on."""
        for socket in list(self._sockets):
            socket.writer.transport.abort()
        self._sockets.clear()

    def connected(self) -> bool:
        return any(socket.open for socket in self._sockets)

    # What it is asked, and how it answers.

    def answer_next(self, method: str, path: str, *statuses: int, message: str = "no") -> None:
        """The next requests for a path (a regular expression) get these statuses, and do nothing."""
        self._answers[method, path] += [(status, {"message": message}) for status in statuses]

    def hold_back(self, method: str, path: str) -> asyncio.Event:
        """Answer no such request until the event is set."""
        return self._held.setdefault((method, path), asyncio.Event())

    def asked(self, method: str, path: str) -> list[Request]:
        return [request for request in self.requests if request.method == method and re.fullmatch(path, request.path)]

    async def until(self, holds: Any) -> None:
        """Wait until something holds; it is looked at before and after each request, and with each connection."""
        async with asyncio.timeout(10), self._news:
            await self._news.wait_for(holds)

    async def until_asked(self, method: str, path: str, times: int = 1) -> Request:
        await self.until(lambda: len(self.asked(method, path)) >= times)
        return self.asked(method, path)[times - 1]

    # What happens on it.

    def say(self, type_: str, **what: Any) -> None:
        self.say_raw(json.dumps({"type": type_, "timestamp": stamp(), "application": APP, **what}))

    def say_raw(self, text: str) -> None:
        for socket in list(self._sockets):
            socket.send(text)

    def call_in(self, number: str = "2025550101", exten: str = "100") -> str:
        """A caller enters the application; the id of the channel."""
        n = next(self._numbers)
        channel = Channel(f"1795297898.{n}", f"PJSIP/trunk-{n:08x}", number, exten, "Ring", created_at=stamp())
        self.channels[channel.id] = channel
        self.say("ChannelCreated", channel=channel.shown())
        channel.args = ["inbound", exten]
        self.say("StasisStart", args=channel.args, channel=channel.shown())
        return channel.id

    def pick_up(self, leg: str) -> None:
        channel = self.channels[leg]
        channel.state = "Up"
        self.say("ChannelStateChange", channel=channel.shown())
        self.say("Dial", dialstatus="ANSWER", peer=channel.shown())
        channel.args = self._args_of[leg]
        self.say("StasisStart", args=channel.args, channel=channel.shown())

    def decline(self, leg: str, cause: int) -> None:
        """Busy 17, declined 21, not answered 19."""
        self._destroy(self.channels[leg], cause)

    def hang_up(self, id_: str) -> None:
        """Its own far end hangs up."""
        self.say("ChannelHangupRequest", channel=self.channels[id_].shown())
        self._destroy(self.channels[id_], 16)

    def destroy(self, id_: str) -> None:
        """It is gone, and nobody asked for it."""
        self._destroy(self.channels[id_], 16)

    def vanish(self, id_: str) -> None:
        """It is gone without a word."""
        channel = self.channels.pop(id_)
        if channel.bridge is not None:
            self.bridges[channel.bridge].discard(id_)

    def remove_bridge(self, id_: str) -> None:
        for member in self.bridges.pop(id_):
            self.channels[member].bridge = None

    def leg(self) -> str:
        """The one phone that was originated last."""
        return [id_ for id_ in self.channels if id_ in self._args_of][-1]

    def place(self, id_: str) -> str:
        """Where a channel is: the kind of its bridge, or nowhere."""
        bridge = self.channels[id_].bridge
        return "nowhere" if bridge is None else self.kinds[bridge]

    def kinds_there(self) -> list[str]:
        """Of the bridges that there are."""
        return [self.kinds[id_] for id_ in self.bridges]

    def talks_with(self, id_: str) -> set[str]:
        """Who hears that channel."""
        bridge = self.channels[id_].bridge
        return self.bridges[bridge] - {id_} if bridge is not None and self.kinds[bridge] == "mixing" else set()

    _args_of: dict[str, list[str]] = field(default_factory=dict)

    def _destroy(self, channel: Channel, cause: int) -> None:
        self._leave(channel)
        if channel.args is not None:
            self.say("StasisEnd", channel=channel.shown())
        del self.channels[channel.id]
        self.say("ChannelDestroyed", channel=channel.shown(), cause=cause, cause_txt="")

    def _leave(self, channel: Channel) -> None:
        if channel.bridge is not None:
            self.bridges[channel.bridge].discard(channel.id)
            self.say("ChannelLeftBridge", channel=channel.shown(), bridge=self._bridge(channel.bridge))
            channel.bridge = None

    def _bridge(self, id_: str) -> dict[str, Any]:
        return {
            "id": id_,
            "bridge_class": "stasis",
            "bridge_type": self.kinds[id_],
            "channels": sorted(self.bridges[id_]),
        }

    # REST.

    def _answer(self, request: Request) -> tuple[int, Any]:
        match request.method, request.path.split("/")[1:]:
            case "PUT", ["applications", _, "eventFilter"]:
                return 200, {}
            case "GET", ["asterisk", "info"]:
                return 200, {"status": {"startup_time": self.started_at, "last_reload_time": self.started_at}}
            case "GET", ["channels"]:
                return 200, [channel.shown() for channel in self.channels.values()]
            case "GET", ["bridges"]:
                return 200, [self._bridge(id_) for id_ in self.bridges]
            case "POST", ["channels"]:
                return self._originate(request.query)
            case "POST", ["channels", id_, "ring" | "answer" as verb]:
                return self._to_caller(id_, verb)
            case "POST" | "DELETE" as verb, ["channels", id_, "mute"] if id_ in self.channels:
                self.channels[id_].muted = verb == "POST"
                return 204, None
            case "POST", ["channels", id_, "dtmf"] if id_ in self.channels:
                self.channels[id_].digits += request.query["dtmf"]
                return 204, None
            case "POST", ["channels", id_, "continue"] if id_ in self.channels:
                channel = self.channels[id_]
                self._leave(channel)
                self.say("StasisEnd", channel=channel.shown())
                channel.args = None
                return 204, None
            case "DELETE", ["channels", id_]:
                return self._end(id_)
            case "POST", ["bridges", id_]:
                self.bridges.setdefault(id_, set())
                self.kinds.setdefault(id_, request.query["type"])
                return 200, self._bridge(id_)
            case "POST", ["bridges", id_, "addChannel"]:
                return self._add(id_, request.query["channel"].split(","))
            case "DELETE", ["bridges", id_] if id_ in self.bridges:
                bridge = self._bridge(id_)
                for member in self.bridges.pop(id_):
                    self.channels[member].bridge = None
                self.say("BridgeDestroyed", bridge=bridge)
                return 204, None
            case _:
                return 404, {"message": "Not found"}

    def _originate(self, query: dict[str, str]) -> tuple[int, Any]:
        id_ = query["channelId"]
        if id_ in self.channels:
            return 409, {"message": "Channel with given unique ID already exists"}
        if query["originator"] not in self.channels:
            return 404, {"message": "Provided originator channel was not found"}
        n = next(self._numbers)
        leg = Channel(id_, f"{query['endpoint']}-{n:08x}", query["callerId"], "s", "Down", created_at=stamp())
        self.channels[id_] = leg
        self._args_of[id_] = query["appArgs"].split(",")
        self.say("ChannelCreated", channel=leg.shown())
        self.say("Dial", dialstatus="", peer=leg.shown())
        leg.state = "Ringing"
        self.say("ChannelStateChange", channel=leg.shown())
        self.say("Dial", dialstatus="RINGING", peer=leg.shown())
        return 200, leg.shown()

    def _to_caller(self, id_: str, verb: str) -> tuple[int, Any]:
        channel = self.channels.get(id_)
        if channel is None:
            return 404, {"message": "Channel not found"}
        if verb == "answer":
            channel.state = "Up"
            self.say("ChannelStateChange", channel=channel.shown())
        return 204, None

    def _end(self, id_: str) -> tuple[int, Any]:
        if id_ not in self.channels:
            return 404, {"message": "Channel not found"}
        self.say("ChannelHangupRequest", channel=self.channels[id_].shown(), cause=32, soft=True)
        self._destroy(self.channels[id_], 16)
        return 204, None

    def _add(self, bridge: str, ids: list[str]) -> tuple[int, Any]:
        """A channel that is in another bridge leaves it."""
        if bridge not in self.bridges:
            return 404, {"message": "Bridge not found"}
        if any(id_ not in self.channels for id_ in ids):
            return 400, {"message": "Channel not found"}
        for id_ in ids:
            channel = self.channels[id_]
            self._leave(channel)
            channel.bridge = bridge
            self.bridges[bridge].add(id_)
            self.say("ChannelEnteredBridge", channel=channel.shown(), bridge=self._bridge(bridge))
        return 204, None

    # Sockets.

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                request, headers = await self._read(head, reader)
                expected = "Basic " + base64.b64encode(f"{USER}:{SECRET}".encode()).decode()
                if headers.get("upgrade", "").lower() == "websocket":
                    await self._websocket(_Socket(reader, writer), head)
                    return
                status, body = (401, {}) if headers.get("authorization") != expected else await self._decide(request)
                text = b"" if body is None else json.dumps(body).encode()
                writer.write(f"HTTP/1.1 {status} x\r\nContent-Length: {len(text)}\r\n\r\n".encode() + text)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _read(self, head: bytes, reader: asyncio.StreamReader) -> tuple[Request, dict[str, str]]:
        first, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        method, target, _ = first.split(" ")
        parts = urlsplit(target)
        path = unquote(parts.path).removeprefix("/ari")
        return Request(method, path, dict(parse_qsl(parts.query)), json.loads(body) if body else None), headers

    async def _decide(self, request: Request) -> tuple[int, Any]:
        self.requests.append(request)
        await self._tell()
        for (method, path), event in self._held.items():
            if method == request.method and re.fullmatch(path, request.path):
                await event.wait()
        for (method, path), answers in self._answers.items():
            if answers and method == request.method and re.fullmatch(path, request.path):
                return answers.pop(0)
        answer = self._answer(request)
        await self._tell()
        return answer

    async def _websocket(self, socket: _Socket, head: bytes) -> None:
        self._sockets.add(socket)
        try:
            await socket.accept(head, self._tell)
        finally:
            self._sockets.discard(socket)
            await self._tell()

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()


class _Socket:
    """The server's end of one websocket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writer = writer
        self.open = False
        self._reader = reader
        self._protocol = ServerProtocol()

    async def accept(self, head: bytes, tell: Any) -> None:
        self._protocol.receive_data(head)
        [request] = self._protocol.events_received()
        self._protocol.send_response(self._protocol.accept(request))
        self._flush()
        self.open = True
        await tell()
        try:
            while data := await self._reader.read(65536):
                self._protocol.receive_data(data)
                self._flush()
        finally:
            self.open = False

    def send(self, text: str) -> None:
        if self.open:
            self._protocol.send_text(text.encode())
            self._flush()

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self.writer.write(data)
            else:
                self.writer.close()

    def __hash__(self) -> int:
        return id(self)
