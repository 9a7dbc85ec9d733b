"""How long a sign-in lasts, and how often it may fail."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

LASTS = timedelta(hours=12)
"""A shift and its handover; whoever stays longer signs in again."""
IDLES = timedelta(hours=2)
"""Without anything asked in its name; whoever keeps a socket open for it asks now and then."""
SEEN_EVERY = timedelta(minutes=1)
"""How exactly it is kept when a session was last used: not every request is a write."""

WINDOW = timedelta(minutes=10)

ADDRESS_MAX = 64
"""Characters kept of an address that is none."""


class Limit(msgspec.Struct, frozen=True):
    """At most so many failures within a sliding window."""

    failures: int
    window: timedelta


PER_ACCOUNT = Limit(5, WINDOW)
"""A person remembers after two or three; a guesser gets 720 a day."""
PER_ADDRESS = Limit(60, WINDOW)
"""A whole office may stand behind one address, on its first morning."""


def locked_for(failures: Sequence[datetime], limit: Limit, now: datetime) -> timedelta | None:
    """How long nobody may try, after these failures (in any order); None: try."""
    recent = sorted(at for at in failures if at > now - limit.window)
    if len(recent) < limit.failures:
        return None
    return recent[-limit.failures] + limit.window - now


def is_over(*, expires_at: datetime, seen_at: datetime, now: datetime) -> bool:
    """Whether a session has ended by its age or by idleness."""
    return now >= expires_at or now >= seen_at + IDLES


def account_key(username: str) -> str:
    return f"account:{username}"


def address_key(address: str) -> str:
    """One household or office: of an IPv6 address its /64, within which anybody has as many as they like."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return f"address:{address[:ADDRESS_MAX]}"
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return f"address:{ip.ipv4_mapped}"
        return f"address:{ipaddress.ip_network((ip, 64), strict=False)}"
    return f"address:{ip}"
