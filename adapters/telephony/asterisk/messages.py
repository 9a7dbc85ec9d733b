"""ARI's messages in our hands: what is read of them, and nothing else.

Source: Asterisk REST Interface, `rest-api/api-docs/events.json`, seen in Asterisk 22.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypeVar

import msgspec

HEARD = frozenset({
    "StasisStart",
    "StasisEnd",
    "ChannelCreated",
    "ChannelDestroyed",
    "ChannelStateChange",
    "ChannelCallerId",
    "ChannelConnectedLine",
    "ChannelHangupRequest",
    "ChannelHold",
    "ChannelUnhold",
    "ChannelEnteredBridge",
    "ChannelLeftBridge",
    "BridgeDestroyed",
    "BridgeMerged",
    "BridgeBlindTransfer",
    "BridgeAttendedTransfer",
    "Dial",
})  # fmt: skip
"""Types of message that say something of a call; all others are passed over unread."""

MESSAGE_BYTES_MAX = 1 << 20
"""An ARI message holds at most a dozen channels of about 700 bytes; a MiB leaves room for long variables."""

T = TypeVar("T")


class BadMessage(ValueError):
    """What came is not what ARI sends."""


class Party(msgspec.Struct, frozen=True):
    name: str = ""
    number: str = ""


class Dialplan(msgspec.Struct, frozen=True):
    exten: str = ""
    app_name: str = ""
    app_data: str = ""


class Channel(msgspec.Struct, frozen=True):
    id: str
    name: str = ""
    state: str = ""
    caller: Party = Party()
    dialplan: Dialplan = Dialplan()
    creationtime: str = ""


class Bridge(msgspec.Struct, frozen=True):
    id: str
    channels: tuple[str, ...] = ()


class Message(msgspec.Struct, frozen=True):
    """Any message; what its type does not have is None or empty."""

    type: str
    timestamp: str = ""
    application: str = ""
    channel: Channel | None = None
    replace_channel: Channel | None = None
    """Of StasisStart the channel whose place is taken; of BridgeBlindTransfer the one that takes it."""
    args: tuple[str, ...] = ()
    cause: int | None = None
    soft: bool = False
    bridge: Bridge | None = None
    bridge_from: Bridge | None = None
    caller: Channel | None = None
    peer: Channel | None = None
    dialstatus: str = ""
    exten: str = ""
    result: str = ""
    transferee: Channel | None = None
    transferer_first_leg: Channel | None = None
    transferer_second_leg: Channel | None = None
    transfer_target: Channel | None = None
    destination_link_first_leg: Channel | None = None


class _Type(msgspec.Struct, frozen=True):
    type: str


_type = msgspec.json.Decoder(_Type)
_message = msgspec.json.Decoder(Message)


def read(raw: bytes | str) -> Message | None:
    """A message from the websocket's text, or None when it says nothing of a call.

    Raises BadMessage.
    """
    if len(raw) > MESSAGE_BYTES_MAX:
        raise BadMessage(f"a message of {len(raw)} bytes; at most {MESSAGE_BYTES_MAX} are read")
    return _decoded(_message, raw) if _decoded(_type, raw).type in HEARD else None


def read_list(raw: bytes, kind: type[T]) -> list[T]:
    """The body of GET /channels or GET /bridges.

    Raises BadMessage.
    """
    return _decoded(msgspec.json.Decoder(list[kind]), raw)  # type: ignore[valid-type]  # built at run time


def _decoded(decoder: msgspec.json.Decoder[T], raw: bytes | str) -> T:
    try:
        return decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise BadMessage(str(error)) from None


def said(message: Message) -> list[Channel]:
    """The channels that a message describes."""
    named = (message.channel, message.peer, message.caller, message.replace_channel, message.transferee)
    return [channel for channel in named if channel is not None]


def heard(message: Message) -> list[str]:
    """The ids of those channels."""
    return [channel.id for channel in said(message)]


def instant(text: str) -> datetime | None:
    """An ARI timestamp (`2026-11-21T21:51:38.829+0000`) as an aware UTC instant; None when it is none."""
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, OverflowError):
        return None
