"""What is dropped when its time is over, and the journal's next partitions made before theirs comes."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from console.cases import store as cases
from console.db import notices, partitions, verdict
from console.errors import NotReady
from console.services.context import Context

EVERY_S = 60.0


class Housekeeping:
    def __init__(self, ctx: Context, journal_months: int) -> None:
        self._ctx = ctx
        self._journal_months = journal_months

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            with suppress(NotReady):  # in a minute is as good
                await self.run_once()
            await asyncio.sleep(EVERY_S)

    async def run_once(self) -> None:
        now = self._ctx.clock.now()
        async with self._ctx.db.transaction() as db:
            await partitions.ensure_partitions(db, now)
            await partitions.drop_old_partitions(db, now, self._journal_months)
            await verdict.forget_old(db)
            await cases.forget_events(db, now)
            await notices.forget_old(db, now)
