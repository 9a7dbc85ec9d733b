"""Who looks at which case now, so that two people know of each other before they both answer."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from console.cases.store import viewing as store
from console.errors import NotReady
from console.queries.viewing import LOOKING_FOR
from console.services.context import Context
from console.services.telling import tell_case_changed

SAID_AGAIN = timedelta(seconds=20)


class Gaze:
    """Of one open page, which says what it shows; the others who look at that case are told when that changes."""

    def __init__(self, ctx: Context, username: str) -> None:
        self._ctx = ctx
        self._username = username
        self._case: str | None = None
        self._said_at: datetime | None = None

    async def on(self, case_id: str | None) -> None:
        """The page shows this case, or none. While the database is away nobody is told: the page goes on."""
        now = self._ctx.clock.now()
        if case_id == self._case and (case_id is None or self._said_at is None or now < self._said_at + SAID_AGAIN):
            return
        before, self._case, self._said_at = self._case, case_id, now
        with suppress(NotReady):
            await self._say(before, case_id, now)
            self._ctx.nudges.ring("frames")

    async def _say(self, before: str | None, case_id: str | None, now: datetime) -> None:
        async with self._ctx.db.transaction() as db:
            if before is not None and before != case_id:
                await store.look_away(db, before, self._username)
                await tell_case_changed(db, before)
            if case_id is not None and await store.look(db, case_id, self._username, at=now):
                await store.forget(db, now - LOOKING_FOR)
                await tell_case_changed(db, case_id)

    async def again(self) -> None:
        """The page shows what it showed."""
        await self.on(self._case)
