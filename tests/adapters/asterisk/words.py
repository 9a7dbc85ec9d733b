"""A switch's words, written by hand where no recording has them: one message at a time, on a clock of its own."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import msgspec

from adapters.telephony.asterisk.events import AriEvents
from adapters.telephony.asterisk.messages import Bridge, Channel, read
from console.telephony import CallEvent
from console.telephony.record import CallRecord, report

BEGAN = datetime(2026, 11, 21, 21, 0, tzinfo=UTC)

E = TypeVar("E", bound=CallEvent)


def stamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "+0000")


class Words:
    """Says messages to an adapter; each takes 1 ms, and `later` lets time pass."""

    def __init__(self, adapter: AriEvents | None = None) -> None:
        self.adapter = adapter or AriEvents("pbx", "console")
        self.at = BEGAN
        self.events: list[CallEvent] = []
        self.channels: dict[str, dict[str, Any]] = {}
        self.adapter.connected(self.at)

    # What is concluded.

    def told(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    def record(self) -> CallRecord:
        """Of the only call, with everything decided."""
        self.later(1)
        [record] = report(self.events, since=BEGAN).calls
        return record

    # Time.

    def later(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.events += self.adapter.pass_time(self.at)

    # Messages.

    def say(self, type_: str, **what: Any) -> None:
        self.at += timedelta(milliseconds=1)
        raw = json.dumps({"type": type_, "timestamp": stamp(self.at), "application": "console", **what})
        message = read(raw)
        if message is not None:
            self.events += self.adapter.take(message, self.at)

    def channel(self, id_: str, **change: Any) -> dict[str, Any]:
        """A channel as messages describe it, with what has changed in it."""
        known = self.channels.setdefault(
            id_, {"id": id_, "name": "", "state": "Down", "caller": {}, "creationtime": stamp(self.at)}
        )
        known.update(change)
        return dict(known)

    def caller(self, id_: str = "1", number: str = "2025550101", *, args: tuple[str, ...] = ("inbound", "100")) -> str:
        channel = self.channel(
            id_,
            name=f"PJSIP/trunk-{len(self.channels):08x}",
            state="Ring",
            caller={"number": number},
            dialplan={"exten": "100", "app_name": "Stasis", "app_data": ",".join(("console", *args))},
        )
        self.say("ChannelCreated", channel=channel)
        self.say("StasisStart", args=list(args), channel=channel)
        return id_

    def dial(self, id_: str, phone: str, *, number: str = "2025550101", by: str | None = None) -> str:
        """A phone is called: by the application for the caller with this number, or by another channel."""
        leg = self.channel(id_, name=f"PJSIP/{phone}-{len(self.channels):08x}", caller={"number": number})
        dialler = {} if by is None else {"caller": self.channel(by)}
        self.say("ChannelCreated", channel=leg)
        self.say("Dial", dialstatus="", peer=leg, **dialler)
        return id_

    def ring(self, id_: str) -> None:
        self.say("ChannelStateChange", channel=self.channel(id_, state="Ringing"))

    def pick_up(self, id_: str, *, args: tuple[str, ...] | None = None) -> None:
        self.say("ChannelStateChange", channel=self.channel(id_, state="Up"))
        if args is not None:
            self.say("StasisStart", args=list(args), channel=self.channel(id_))

    def enter(self, id_: str, bridge: str) -> None:
        self.say("ChannelEnteredBridge", channel=self.channel(id_), bridge={"id": bridge, "channels": []})

    def leave(self, id_: str, bridge: str) -> None:
        self.say("ChannelLeftBridge", channel=self.channel(id_), bridge={"id": bridge, "channels": []})

    def hang_up(self, id_: str, bridge: str | None = None, *, cause: int = 16, **request: Any) -> None:
        """All its last words: the request (`soft` ones come from the switch itself), and its end."""
        self.say("ChannelHangupRequest", channel=self.channel(id_), **request)
        if bridge is not None:
            self.leave(id_, bridge)
        self.say("StasisEnd", channel=self.channel(id_))
        self.destroy(id_, cause)

    def destroy(self, id_: str, cause: int) -> None:
        self.say("ChannelDestroyed", channel=self.channel(id_), cause=cause, cause_txt="")

    def answered_call(self, bridge: str = "A") -> tuple[str, str]:
        """A caller and agent1001, in a bridge."""
        call = self.caller()
        leg = self.dial("leg", "agent1001")
        self.ring(leg)
        self.later(2)
        self.pick_up(leg, args=("agent", call))
        self.enter(call, bridge)
        self.enter(leg, bridge)
        return call, leg

    # The connection.

    def gap(self, seconds: float, *, refused: bool = False) -> None:
        self.adapter.disconnected(self.at)
        if refused:
            self.adapter.refused()
        self.at += timedelta(seconds=seconds)
        self.adapter.connected(self.at)

    def snapshot(self, *channels: str, bridges: dict[str, list[str]] | None = None, **started: Any) -> None:
        there = [msgspec.convert(self.channel(id_), Channel) for id_ in channels]
        of = [Bridge(id=id_, channels=tuple(members)) for id_, members in (bridges or {}).items()]
        self.events += self.adapter.snapshot(there, of, self.at, **started)
