"""The ids of what we make on a switch. They say what a channel or a bridge is for, so that any node understands it."""

from __future__ import annotations

from typing import Literal

Role = Literal["connect", "consult", "transfer"]
"""Of a phone that we rang: for the caller, for the caller's agent who asks, or outside, to hand the caller on to."""

_LEGS: dict[Role, str] = {"connect": "console-", "consult": "consulted-", "transfer": "transferred-"}
_FOR = "-for-"
_TALK = "bridge-of-"
_HOLD = "hold-of-"
_WAITING = "waiting-in-"


def own_leg(order_id: str, call: str, role: Role = "connect") -> str:
    """The id of the channel that an order of ours originates: the same for the same order, on every node."""
    return f"{_LEGS[role]}{order_id}{_FOR}{call}"


def role_of(leg: str) -> Role | None:
    """What we rang that phone for; None for a channel that is not ours."""
    for role, prefix in _LEGS.items():
        order, sign, call = leg.removeprefix(prefix).partition(_FOR)
        if leg.startswith(prefix) and order and sign and call:
            return role
    return None


def caller_of(leg: str) -> str | None:
    """The caller's channel for which we rang that phone; None for a channel that is not ours."""
    return leg.partition(_FOR)[2] if role_of(leg) is not None else None


def talk_bridge(leg: str) -> str:
    """Where a phone that we rang meets its caller."""
    return _TALK + leg


def phone_of(bridge: str | None) -> str | None:
    """Of a bridge in which a phone meets its caller that phone; None for any other."""
    return bridge.removeprefix(_TALK) if bridge is not None and bridge.startswith(_TALK) else None


def hold_bridge(talk: str) -> str:
    """Where the caller of that bridge is kept on hold."""
    return _HOLD + talk


def waiting_bridge(app: str) -> str:
    """Where the application's callers wait for an agent."""
    return _WAITING + app


def held_from(bridge: str | None) -> str | None:
    """Of a bridge of hold the one that the caller was taken from; None for any other."""
    return bridge.removeprefix(_HOLD) if bridge is not None and bridge.startswith(_HOLD) else None


def is_waiting(bridge: str | None) -> bool:
    return bridge is not None and bridge.startswith(_WAITING)


def hear_each_other(bridge: str) -> bool:
    """Not where music is played to each alone."""
    return not bridge.startswith((_HOLD, _WAITING))


def of_one_call(bridge: str) -> bool:
    """Did we make it for one call, and can it go with it?"""
    return bridge.startswith((_TALK, _HOLD))
