"""The timekeeper: does what is due by the date and the hour, each thing once, on the one node that holds its lease.

Clocks of promises, dates of cases and of articles. What is due is found by an index, so that it costs the same however many
clocks run; between two looks it sleeps until the next is due. Deadlines of routing are the router's.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

import structlog

from console.db import lease
from console.db.engine import Transaction
from console.errors import NotReady
from console.services import breaching, escalation, knowledge, reminding, tasks
from console.services.context import Context
from console.sla import store

log = structlog.get_logger()

LEASE = "timekeeper"
RENEW_EVERY = timedelta(milliseconds=400)
"""The lease is takeable when 2 s old."""
POLL_S = 0.25
"""Behind every nudge stands this poll: what was promised meanwhile may be due at once, and acts within a second."""
RETAKE_S = 0.25
BLOCKED_S = 0.05
"""What is due and could not be done, because a case is being changed at this moment, is looked for again after that."""
BATCH_MAX = 50
"""Things done in one commit; an escalation among them reads a whole case."""
OUTAGE = lease.TAKEABLE_AFTER
"""Without a look for longer, promises were not watched: what was due then acts late, and is excused."""


class Work(Protocol):
    """A use case's module that has things to do at their hour."""

    async def next_due(self, db: Transaction) -> datetime | None:
        """When the next is due."""
        ...

    async def run_due(self, ctx: Context, db: Transaction, now: datetime, *, limit: int) -> int:
        """Do what is due, the longest due first; how much it was. Nothing is done twice."""
        ...


WORKS: tuple[Work, ...] = (breaching, escalation, tasks, knowledge, reminding)


class Deposed(Exception):
    """Another node holds the lease now."""


class Timekeeper:
    def __init__(self, ctx: Context, works: tuple[Work, ...] = WORKS) -> None:
        self._ctx = ctx
        self._works = works
        self._epoch: int | None = None
        self._renewed_at: datetime | None = None
        self._next: datetime | None = None
        self._blocked = False
        """Something is due, and nothing could be done."""

    @property
    def leads(self) -> bool:
        """Whether this node's timekeeper holds the lease, as far as it knows."""
        return self._epoch is not None

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            more = False
            try:
                more = await self.run_once()
            except NotReady:
                self._forget()
            if not more:
                await self._ctx.nudges.wait("timekeeper", timeout=self._pause_s())

    async def run_once(self) -> bool:
        """Everything that is due, up to a batch of each kind. True: there may be more at once.

        Raises NotReady when the database is away.
        """
        try:
            if self._epoch is None and not await self._take_lease():
                return False
            return await self._look()
        except Deposed:
            log.warning("timekeeper.deposed", node=self._ctx.node)
            self._forget()
            return False

    async def stop(self) -> None:
        """Free the lease, so that another node keeps the time at once."""
        if self._epoch is not None:
            async with self._ctx.db.transaction() as db:
                await lease.free(db, LEASE, self._epoch)
            self._forget()

    async def _take_lease(self) -> bool:
        async with self._ctx.db.transaction() as db:
            self._epoch = await lease.take(db, LEASE, self._ctx.node)
        if self._epoch is not None:
            log.info("timekeeper.leads", node=self._ctx.node, epoch=self._epoch)
        return self._epoch is not None

    async def _look(self) -> bool:
        async with self._ctx.db.statement() as db:
            dues = [(work, await work.next_due(db)) for work in self._works]
        now = self._ctx.clock.now()
        due = [work for work, at in dues if at is not None and at <= now]
        self._next = min((at for _, at in dues if at is not None), default=None)
        if not due and self._renewal_due(now):
            await self._do(None)
        done = [await self._try(work) for work in due]
        self._blocked = bool(due) and not any(done)
        if any(done):
            self._ctx.nudges.ring("router", "frames")
        return any(count >= BATCH_MAX for count in done)

    async def _try(self, work: Work) -> int:
        """A kind that fails does not keep the others from their hour."""
        try:
            return await self._do(work)
        except (NotReady, Deposed):
            raise
        except Exception:
            log.exception("timekeeper.failed", work=getattr(work, "__name__", ""))
            return 0

    async def _do(self, work: Work | None) -> int:
        """One batch of one kind, or nothing but a look; the lease is held until it is committed."""
        async with self._ctx.db.transaction() as db:
            if self._epoch is None or not await lease.renew(db, LEASE, self._epoch):
                raise Deposed
            now = self._ctx.clock.now()
            await store.watched(db, now, gap=OUTAGE)
            count = await work.run_due(self._ctx, db, now, limit=BATCH_MAX) if work is not None else 0
        self._renewed_at = now
        return count

    def _renewal_due(self, now: datetime) -> bool:
        return self._renewed_at is None or now - self._renewed_at >= RENEW_EVERY

    def _pause_s(self) -> float:
        if self._epoch is None:
            return RETAKE_S
        if self._next is None:
            return POLL_S
        if self._blocked:
            return BLOCKED_S
        return max(0.0, min(POLL_S, (self._next - self._ctx.clock.now()).total_seconds()))

    def _forget(self) -> None:
        self._epoch = self._renewed_at = self._next = None
