"""A clock that moves when it is told to, and a `sleep` on it."""

from __future__ import annotations

import asyncio
import heapq
from datetime import UTC, datetime, timedelta
from itertools import count

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


class VirtualTime:
    def __init__(self) -> None:
        self.t = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = count()

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.t)

    async def sleep(self, seconds: float) -> None:
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.t + seconds, next(self._order), woken))
        await woken

    async def pass_(self, seconds: float) -> None:
        """Let so much time pass, and everybody do what they do in it."""
        until = self.t + seconds
        await self._settle()
        while self._sleepers and self._sleepers[0][0] <= until:
            self.t, _, woken = heapq.heappop(self._sleepers)
            if not woken.done():
                woken.set_result(None)
            await self._settle()
        self.t = until

    async def _settle(self) -> None:
        """Run all that can run now: a chain of a few dozen steps at most."""
        for _ in range(50):
            await asyncio.sleep(0)
