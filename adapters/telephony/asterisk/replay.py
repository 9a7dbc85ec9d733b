"""A recorded stream, heard as if it were live: the real adapter, its reconnects and snapshots included.

A recording is NDJSON: `{"t", "wall", "source", "event"}`. Lines of source `ari` are the websocket's messages;
of the `client` lines those count that tell what this connection did. All others belong to other streams.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from adapters.telephony.asterisk.events import AriEvents
from adapters.telephony.asterisk.messages import BadMessage, Bridge, Channel, read, read_list
from console.telephony import CallEvent
from console.telephony.record import Report, report

LINE_BYTES_MAX = 16 << 20
"""A snapshot of 20,000 channels is about 14 MiB; nothing longer is a line of a recording."""

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
"""Where the recording's clock begins; any instant serves, and the wall clock is not asked."""

T_MAX = 10 * 365 * 86_400.0
"""Seconds; a recording that runs for more than ten years has a broken clock."""


class BadRecording(ValueError):
    """A line that is none of a recording; the message begins with its number."""

    def __init__(self, line: int, detail: str) -> None:
        super().__init__(f"line {line}: {detail}")


class _Line(msgspec.Struct):
    t: float
    source: str
    event: msgspec.Raw


class _Happening(msgspec.Struct):
    """A `client` line: what the connection did."""

    type: str
    to: str = ""
    from_: str = msgspec.field(name="from", default="")
    path: str = ""
    status: int = 0
    error: str = ""
    body: msgspec.Raw = msgspec.Raw(b"null")


_line = msgspec.json.Decoder(_Line)
_happening = msgspec.json.Decoder(_Happening)


class Replay:
    """Takes a recording line by line, and keeps what the adapter told."""

    def __init__(self, source: str = "recording") -> None:
        self.events: list[CallEvent] = []
        self.t = 0.0
        self._adapter = AriEvents(source)
        self._channels: list[Channel] | None = None
        self._bridges: list[Bridge] | None = None
        self._number = 0

    def take(self, raw: bytes) -> list[CallEvent]:
        """Take the next line; what it made the adapter tell, dated by the recording's clock.

        Raises BadRecording.
        """
        self._number += 1
        if not raw.strip():
            return []
        line = self._decoded(_line, raw)
        if not 0 <= line.t <= T_MAX:
            raise BadRecording(self._number, f"t is {line.t}; seconds since the recording began are expected")
        self.t = max(line.t, self.t)
        return self._keep(self._told(line))

    def end(self) -> Report:
        """The recording is over: what was still open is decided, and the calls are told."""
        while (due := self._adapter.due_at) is not None:
            self._keep(self._adapter.pass_time(due))
        return report(self.events, since=EPOCH)

    def _told(self, line: _Line) -> list[CallEvent]:
        at = EPOCH + timedelta(seconds=line.t)
        events = self._adapter.pass_time(at)
        try:
            if line.source == "ari":
                message = read(bytes(line.event))
                events += self._adapter.take(message, at) if message is not None else []
            elif line.source == "client":
                events += self._client(self._decoded(_happening, bytes(line.event)), at)
        except BadMessage as error:
            raise BadRecording(self._number, str(error)) from None
        return events

    def _client(self, happening: _Happening, at: datetime) -> list[CallEvent]:
        match happening:
            case _Happening(type="connected", to="ari"):
                self._channels = self._bridges = None
                self._adapter.connected(at)
            case _Happening(type="disconnected", from_="ari"):
                self._adapter.disconnected(at)
            case _Happening(type="connect_failed", to="ari"):
                if "Refused" in happening.error:
                    self._adapter.refused()
            case _Happening(type="http_response", path="/ari/channels", status=200):
                self._channels = read_list(bytes(happening.body), Channel)
                return self._snapshot(at)
            case _Happening(type="http_response", path="/ari/bridges", status=200):
                self._bridges = read_list(bytes(happening.body), Bridge)
                return self._snapshot(at)
            case _:
                pass
        return []

    def _snapshot(self, at: datetime) -> list[CallEvent]:
        """Both halves are needed; a recorder asks for them one after the other."""
        if self._channels is None or self._bridges is None:
            return []
        channels, bridges, self._channels, self._bridges = self._channels, self._bridges, None, None
        return self._adapter.snapshot(channels, bridges, at)

    def _keep(self, events: list[CallEvent]) -> list[CallEvent]:
        """The switch's clock is not the recorder's: both begin where the adapter saw the least delay."""
        skew = self._adapter.skew
        dated = [msgspec.structs.replace(event, at=event.at + skew) for event in events]
        self.events += dated
        return dated

    def _decoded(self, decoder: msgspec.json.Decoder[Any], raw: bytes) -> Any:
        if len(raw) > LINE_BYTES_MAX:
            raise BadRecording(self._number, f"longer than {LINE_BYTES_MAX} bytes")
        try:
            return decoder.decode(raw)
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            raise BadRecording(self._number, str(error)) from None


def replay(lines: Iterable[bytes]) -> Report:
    """The calls of a recording, as fast as it can be read.

    Raises BadRecording.
    """
    play = Replay()
    for line in lines:
        play.take(line)
    return play.end()


async def replay_at(
    lines: Iterable[bytes],
    *,
    speed: float,
    sleep: Callable[[float], Awaitable[None]],
    tell: Callable[[CallEvent, float], None],
) -> Report:
    """The same, at `speed` times its own pace; `tell` hears each event with the recording's second.

    Raises BadRecording.
    """
    play = Replay()
    for line in lines:
        before = play.t
        events = play.take(line)
        if play.t > before:
            await sleep((play.t - before) / speed)
        for event in events:
            tell(event, play.t)
    return play.end()
