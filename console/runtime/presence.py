"""This node's heartbeat; nodes that fell silent; and streams whose opening could not be told at once."""

from __future__ import annotations

import asyncio

import structlog

from console.clock import to_instant
from console.db import inbox, nodes
from console.errors import NotReady
from console.routing.facts import NodeGone
from console.services.context import Context
from console.services.presence import sync_all

log = structlog.get_logger()

BEAT_S = 1.0
SILENT_AFTER_S = 4.0
"""Three beats missed and a second's grace: its agents have reconnected elsewhere by then."""


class Presence:
    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.run_once()
            except NotReady:
                log.warning("database.away", node=self._ctx.node)
            await asyncio.sleep(BEAT_S)

    async def run_once(self) -> None:
        """One beat. Raises NotReady when the database is away."""
        async with self._ctx.db.transaction() as db:
            known = await nodes.seen(db, self._ctx.node)
            if not known:
                await nodes.arrive(db, self._ctx.node)
        if not known:
            # The others thought us dead, and told our agents' frames to nobody.
            self._ctx.attendance.told.clear()
            self._ctx.hub.reset()
        await sync_all(self._ctx)
        await self._bury()

    async def _bury(self) -> None:
        async with self._ctx.db.transaction() as db:
            gone = await nodes.silent(db, SILENT_AFTER_S)
            for node in gone:
                await nodes.leave(db, node)
                await inbox.put(db, NodeGone(at=to_instant(self._ctx.clock.now()), node=node))
        if gone:
            log.info("nodes.gone", nodes=gone)
            self._ctx.nudges.ring("router")

    async def stop(self) -> None:
        """Say that this node is leaving, and its streams with it."""
        async with self._ctx.db.transaction() as db:
            await nodes.leave(db, self._ctx.node)
            await inbox.put(db, NodeGone(at=to_instant(self._ctx.clock.now()), node=self._ctx.node))
        self._ctx.nudges.ring("router")
