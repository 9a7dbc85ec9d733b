"""What each ARI message says of the switch's channels: kept, not yet understood. `events.py` draws the conclusions."""

from __future__ import annotations

from datetime import datetime

from adapters.telephony.asterisk.channels import SIGN_OF_DIAL, Chan, Channels, End
from adapters.telephony.asterisk.messages import Bridge, Channel, Message

SHUTDOWN = 4
"""The `cause` of a ChannelHangupRequest by an orderly stop (AST_SOFTHANGUP_SHUTDOWN; fact 19)."""

HANGUP_DONE = 16
"""The `cause` of the soft request that ends every channel's thread (AST_SOFTHANGUP_APPUNLOAD): nobody's wish."""


def seen(channels: Channels, said: Channel | None, now: datetime) -> Chan | None:
    """The channel as it is described, marked as heard of over this connection; None where it has ended before."""
    if said is None:
        return None
    chan = channels.see(said, now)
    if chan is not None:
        chan.connection = channels.connection
    return chan


def hear(channels: Channels, message: Message, now: datetime) -> Chan | None:
    """Keep what the message says; the channel of which it speaks, if it is there."""
    chan = seen(channels, message.channel, now)
    if message.type == "Dial":
        _dial(channels, message, now)
    elif message.bridge is not None:
        _bridge(channels, chan, message, message.bridge, now)
    elif chan is not None:
        _channel(channels, chan, message, now)
    return chan


def _channel(channels: Channels, chan: Chan, message: Message, now: datetime) -> None:
    match message.type:
        case "ChannelDestroyed":
            chan.cause = message.cause
            channels.end(chan, now, End.TOLD)
        case "ChannelHangupRequest":
            _hangup_request(chan, message, now)
        case "ChannelHold":
            chan.held_at = max(now, chan.held_at or now)
        case "ChannelUnhold":
            chan.unheld_at = max(now, chan.unheld_at or now)
        case _:
            pass


def _hangup_request(chan: Chan, message: Message, now: datetime) -> None:
    """Whose wish it is: a `soft` one was made on the switch, any other came over the line."""
    if message.cause == SHUTDOWN:
        chan.shutdown = True
    elif not message.soft:
        chan.own_request_at = min(now, chan.own_request_at or now)
    elif message.cause != HANGUP_DONE:
        chan.other_request_at = min(now, chan.other_request_at or now)


def _bridge(channels: Channels, chan: Chan | None, message: Message, bridge: Bridge, now: datetime) -> None:
    match message.type:
        case "ChannelEnteredBridge" if chan is not None:
            chan.bridge_connection = channels.connection
            channels.enter(chan, bridge.id, now)
        case "ChannelLeftBridge" if chan is not None:
            chan.bridge_connection = channels.connection
            channels.leave(chan, bridge.id, now)
        case "BridgeDestroyed":
            channels.destroy_bridge(bridge.id, now)
        case "BridgeMerged" if message.bridge_from is not None:
            for id_ in message.bridge_from.channels:
                if (moved := channels.get(id_)) is not None:
                    channels.enter(moved, bridge.id, now)
        case _:
            pass


def _dial(channels: Channels, message: Message, now: datetime) -> None:
    dialler = seen(channels, message.caller, now)
    chan = seen(channels, message.peer, now)
    if chan is None:
        return
    chan.outgoing = True
    chan.dialled_at = min(now, chan.dialled_at or now)
    if dialler is not None:
        chan.dialler = dialler.id
    if sign := SIGN_OF_DIAL.get(message.dialstatus):
        chan.move(sign, now)
