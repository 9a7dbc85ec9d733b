"""The whole centre at a glance, read at most four times a second, once for all who look."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from console.errors import NotReady
from console.services import overview
from console.services.context import Context

EVERY_S = 0.25
IDLE_S = 1.0


class Overview:
    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            if await self._ctx.hub.watched(timeout=IDLE_S):
                with suppress(NotReady):  # the screens say themselves that their figures grow old
                    await self.run_once()
                await asyncio.sleep(EVERY_S)

    async def run_once(self) -> None:
        self._ctx.hub.show(await overview.floor(self._ctx))
