"""Instants as they are typed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from console.errors import Fault

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def when(text: str | None) -> datetime | None:
    """An instant (without a zone it is UTC), or how long ago. Raises Fault."""
    if text is None:
        return None
    if text[:-1].isdigit() and text[-1:] in UNITS and len(text) < 12:
        return datetime.now(UTC) - timedelta(seconds=int(text[:-1]) * UNITS[text[-1]])
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Fault(f"{text!r} is neither an instant (2026-11-20T08:00:00Z) nor a time ago (30m, 4h, 2d)") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
