"""Ids that the engine gives: UUIDv7 of an instant and a counter, so the same whenever the same facts are stepped."""

from __future__ import annotations

from console.routing.queue import Instant


def offer_id(at: Instant, seq: int) -> str:
    return _id(at, seq, "7000")


def offer_number(offer: str) -> int:
    """The engine's counter when it made an offer of this id."""
    return int(offer[20:23] + offer[24:], 16)


def item_id(at: Instant, seq: int) -> str:
    """Of an item that came of no fact of its own: a callback."""
    return _id(at, seq, "7001")


def _id(at: Instant, seq: int, version: str) -> str:
    ms = f"{at // 1000:012x}"
    tail = f"{seq:015x}"
    return f"{ms[:8]}-{ms[8:12]}-{version}-8{tail[:3]}-{tail[3:]}"
