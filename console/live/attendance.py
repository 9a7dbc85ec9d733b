"""Which agents the router was told to have a stream on this node."""

from __future__ import annotations

import asyncio
from collections import defaultdict


class Attendance:
    """What was told, and a lock for each agent, so that a quick reload is never told as its reverse."""

    def __init__(self) -> None:
        self.told: set[str] = set()
        self.locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
