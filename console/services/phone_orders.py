"""Orders to phone systems, as they stand in the outbox until the node that holds the line carries them out."""

from __future__ import annotations

from datetime import timedelta
from typing import TypeAlias, get_args

import msgspec

from console.telephony import RING_S, Elsewhere


class _PhoneOrder(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="order", omit_defaults=True):
    call: str
    """The phone system's own id."""
    order_id: str


class Connect(_PhoneOrder, frozen=True, kw_only=True):
    """Ring the agent's phone and put it in one bridge with the caller."""

    endpoint: str
    item: str
    agent: str
    ring_s: int = RING_S


class Disconnect(_PhoneOrder, frozen=True, kw_only=True):
    """Stop ringing that phone, or take it out of the call; the caller waits."""

    endpoint: str


class HangUp(_PhoneOrder, frozen=True, kw_only=True):
    """End the caller's call."""


class Divert(_PhoneOrder, frozen=True, kw_only=True):
    """Leave the caller to the phone system itself: its voicemail, its promise to call back, its message."""

    to: Elsewhere


class _Control(_PhoneOrder, frozen=True, kw_only=True):
    """What an agent wants of a live call at this moment: too late is never, and somebody waits for the verdict."""


class Hold(_Control, frozen=True, kw_only=True):
    pass


class Resume(_Control, frozen=True, kw_only=True):
    pass


class Mute(_Control, frozen=True, kw_only=True):
    pass


class Unmute(_Control, frozen=True, kw_only=True):
    pass


class SendDigits(_Control, frozen=True, kw_only=True):
    digits: str


class Transfer(_Control, frozen=True, kw_only=True):
    """Hand the caller on to a phone outside the centre."""

    endpoint: str


class Consult(_Control, frozen=True, kw_only=True):
    """Ring a second phone for the agent."""

    endpoint: str


class ConsultComplete(_Control, frozen=True, kw_only=True):
    pass


class ConsultConference(_Control, frozen=True, kw_only=True):
    pass


class ConsultReturn(_Control, frozen=True, kw_only=True):
    pass


Control: TypeAlias = (
    Hold
    | Resume
    | Mute
    | Unmute
    | SendDigits
    | Transfer
    | Consult
    | ConsultComplete
    | ConsultConference
    | ConsultReturn
)
PhoneOrder: TypeAlias = Connect | Disconnect | HangUp | Divert | Control

CONTROLS: tuple[type, ...] = get_args(Control)
WITHIN = timedelta(seconds=2)
"""A hold must not happen after the agent went on."""


def lane(source: str) -> str:
    """The outbox lane, and nudge, of a phone system."""
    return f"phone:{source}"
