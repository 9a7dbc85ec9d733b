"""Orders to phone systems, as they stand in the outbox until the node that holds the line carries them out."""

from __future__ import annotations

from typing import TypeAlias

import msgspec


class _PhoneOrder(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="order", omit_defaults=True):
    call: str
    """The phone system's own id."""
    order_id: str


class Connect(_PhoneOrder, frozen=True, kw_only=True):
    """Ring the agent's phone and put it in one bridge with the caller."""

    endpoint: str
    item: str
    agent: str


class Disconnect(_PhoneOrder, frozen=True, kw_only=True):
    """Stop ringing that phone, or take it out of the call."""

    endpoint: str


class HangUp(_PhoneOrder, frozen=True, kw_only=True):
    """End the caller's call."""


PhoneOrder: TypeAlias = Connect | Disconnect | HangUp


def lane(source: str) -> str:
    """The outbox lane, and nudge, of a phone system."""
    return f"phone:{source}"
