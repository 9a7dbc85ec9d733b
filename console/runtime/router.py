"""The router: takes facts from the inbox in order, steps the engine, keeps what came of it, commits, and only then tells.

Crash-only. Whatever goes wrong, the engine in memory is thrown away and loaded from the tables again; a fact
that keeps going wrong is set aside with its traceback, and the centre goes on.
"""

from __future__ import annotations

import asyncio
import gc
import traceback
from datetime import datetime, timedelta

import msgspec
import structlog

from console.clock import to_instant
from console.db import inbox, lease, verdict
from console.db.engine import Transaction
from console.db.inbox import Taken
from console.errors import NotReady
from console.routing import store
from console.routing.engine import Engine
from console.routing.facts import ConfigChanged, Fact, RouterResumed, TimePassed
from console.routing.journal import Decision, decide
from console.routing.orders import Refuse
from console.services.consequences import Consequences
from console.services.context import Context

log = structlog.get_logger()

BATCH_MAX = 200
"""Facts in one commit: enough for a storm, few enough that nobody waits for the batch before them."""
RENEW_EVERY = timedelta(milliseconds=400)
"""The lease is takeable when 2 s old; a commit that is late by a second must not lose it."""
POLL_S = 0.1
"""Behind every nudge stands this poll."""
RETAKE_S = 0.25
STALLED_S = lease.TAKEABLE_AFTER.total_seconds()
"""Between two looks at the inbox. After that another router could have led, and been fair to whoever was ringing."""
TIDY_EVERY = timedelta(minutes=1)
"""Between full garbage collections; what was loaded is out of their sight, so they are short."""
SWEEP_EVERY = timedelta(seconds=1)
"""Between collections of what is young, in a centre that is never idle."""
FAILURES_MAX = 2
"""In a row, of whole batches; after that facts are stepped one by one, to find the one to blame."""

LEASE = "router"

Step = tuple[str | None, Decision | None]
"""A fact's id (None: time passed), and the decision that came of it (None: nothing did)."""


class Deposed(Exception):
    """Another node holds the lease now."""


class Router:
    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._engine: Engine | None = None
        self._epoch: int | None = None
        self._renewed_at: datetime | None = None
        self._failures = 0
        self._lanes: set[str] = set()
        self._tidied_at = self._swept_at = ctx.clock.now()
        self._looked_at: float | None = None
        """In seconds of the event loop, which no correction of the clock moves. None: nobody runs it in real time."""

    @property
    def leads(self) -> bool:
        """Whether this node's router holds the lease, as far as it knows."""
        return self._engine is not None

    async def run(self) -> None:
        """Until cancelled."""
        self._looked_at = asyncio.get_running_loop().time()
        while True:
            try:
                more = await self.run_once()
            except NotReady:
                more = False
            if not more:
                nudged = await self._ctx.nudges.wait("router", timeout=self._pause_s())
                self._tidy(idle=not nudged)

    async def run_once(self) -> bool:
        """One batch. True: there may be more at once.

        Raises NotReady when the database is away; everything is as it was before.
        """
        try:
            if self._epoch is None and not await self._take_lease():
                return False
            if self._engine is None:
                async with self._ctx.db.transaction() as db:
                    self._engine = await self._loaded(db)
            return await (self._one_by_one() if self._failures >= FAILURES_MAX else self._batch(self._engine))
        except Deposed:
            log.warning("router.deposed", node=self._ctx.node)
            self._forget()
            self._epoch = None
        except NotReady:
            self._forget()
            raise
        except Exception:
            self._failures += 1
            log.exception("router.batch_failed", failures=self._failures)
            self._forget()
        return False

    async def stop(self) -> None:
        """Free the lease, so that another node leads at once."""
        self._forget()
        if self._epoch is not None:
            async with self._ctx.db.transaction() as db:
                await lease.free(db, LEASE, self._epoch)
            self._epoch = None

    async def _take_lease(self) -> bool:
        """Take the lease first, load afterwards."""
        async with self._ctx.db.transaction() as db:
            self._epoch = await lease.take(db, LEASE, self._ctx.node)
        if self._epoch is None:
            return False
        log.info("router.leads", node=self._ctx.node, epoch=self._epoch)
        return True

    async def _loaded(self, db: Transaction) -> Engine:
        await self._renew(db)
        snapshot = await store.load(db)
        rules = (await self._ctx.centres.of_version(db, snapshot.meta.config_version)).rules
        engine = Engine.load(snapshot, rules)
        gc.disable()
        engine.settle()
        resumed = decide(engine, RouterResumed(at=self._now(), alive_at=snapshot.meta.now))
        await self._keep(db, engine, [resumed] if resumed else [])
        return engine

    async def _batch(self, engine: Engine) -> bool:
        async with self._ctx.db.transaction() as db:
            taken = await inbox.take(db, BATCH_MAX)
            steps = await self._steps(db, engine, taken)
            if not taken and not steps and not self._renewal_due():
                return False
            verdicts = await self._commit(db, engine, taken, steps)
        self._failures = 0
        self._tell(verdicts)
        return len(taken) == BATCH_MAX  # whoever put a fact meanwhile has rung

    async def _one_by_one(self) -> bool:
        async with self._ctx.db.transaction() as db:
            taken = await inbox.take(db, BATCH_MAX)
        for fact in taken:
            await self._alone(fact)
        self._failures = 0
        return bool(taken)

    async def _alone(self, taken: Taken) -> None:
        try:
            async with self._ctx.db.transaction() as db:
                engine = self._engine = self._engine or await self._loaded(db)
                steps = await self._steps(db, engine, [taken])
                verdicts = await self._commit(db, engine, [taken], steps)
        except (NotReady, Deposed):
            raise
        except Exception:
            self._forget()
            log.exception("router.fact_refused", fact_id=taken.fact_id)
            async with self._ctx.db.transaction() as db:
                await self._renew(db)
                await inbox.refuse(db, taken, traceback.format_exc())
                await verdict.give(db, [(taken.fact_id, "fact-refused")])
            verdicts = [(taken.fact_id, "fact-refused")]
        self._tell(verdicts)

    async def _steps(self, db: Transaction, engine: Engine, taken: list[Taken]) -> list[Step]:
        """Every fact in its order, and the deadlines between them at theirs."""
        steps = self._after_a_stall(engine)
        for one in taken:
            fact = await self._complete(db, msgspec.json.decode(one.fact, type=Fact))
            steps += self._deadlines(engine, min(fact.at, self._now()))
            steps.append((one.fact_id, decide(engine, fact, one.fact_id)))
        return steps + self._deadlines(engine, self._now())

    def _after_a_stall(self, engine: Engine) -> list[Step]:
        """What ran out while this process or its database stood still is an outage, as it is after a takeover."""
        if self._looked_at is None:
            return []
        before, self._looked_at = self._looked_at, asyncio.get_running_loop().time()
        if self._looked_at - before <= STALLED_S:
            return []
        log.warning("router.stalled", seconds=round(self._looked_at - before, 1))
        return [(None, decide(engine, RouterResumed(at=self._now(), alive_at=engine.meta.now)))]

    async def _complete(self, db: Transaction, fact: Fact) -> Fact:
        if isinstance(fact, ConfigChanged):
            centre = await self._ctx.centres.of_version(db, fact.version)
            return msgspec.structs.replace(fact, rules=centre.rules)
        return fact

    def _deadlines(self, engine: Engine, until: int) -> list[Step]:
        if engine.next_deadline is None or engine.next_deadline > until:
            return []
        return [(None, decide(engine, TimePassed(at=until)))]

    async def _commit(
        self, db: Transaction, engine: Engine, taken: list[Taken], steps: list[Step]
    ) -> list[tuple[str, str | None]]:
        await self._renew(db)
        verdicts = [(fact_id, _problem(decision)) for fact_id, decision in steps if fact_id is not None]
        await self._keep(db, engine, [decision for _, decision in steps if decision is not None])
        await verdict.give(db, verdicts)
        await inbox.remove(db, [one.id for one in taken])
        return verdicts

    async def _keep(self, db: Transaction, engine: Engine, decisions: list[Decision]) -> None:
        if not decisions:
            return
        await store.save(db, decisions)
        centre = await self._ctx.centres.of_version(db, engine.meta.config_version)
        departed = (a.username for d in decisions for a in d.changes.agents if not a.active and not a.work)
        consequences = Consequences(self._ctx, db, centre, departed=frozenset(departed))
        await consequences.write(decisions)
        self._lanes.update(order.lane for order in consequences.phone)

    async def _renew(self, db: Transaction) -> None:
        if self._epoch is None or not await lease.renew(db, LEASE, self._epoch):
            raise Deposed
        self._renewed_at = self._ctx.clock.now()

    def _renewal_due(self) -> bool:
        return self._renewed_at is None or self._ctx.clock.now() - self._renewed_at >= RENEW_EVERY

    def _tell(self, verdicts: list[tuple[str, str | None]]) -> None:
        self._ctx.verdicts.give(verdicts)
        lanes, self._lanes = self._lanes, set()
        self._ctx.nudges.ring("frames", *lanes)

    def _pause_s(self) -> float:
        if self._engine is None:
            return RETAKE_S
        due = self._engine.next_deadline
        return POLL_S if due is None else max(0.0, min(POLL_S, (due - self._now()) / 1_000_000))

    def _tidy(self, *, idle: bool) -> None:
        """Collect garbage, best when there is nothing to decide: it is not automatic while the engine is loaded."""
        now = self._ctx.clock.now()
        if self._engine is None or not (idle or now - self._swept_at >= SWEEP_EVERY):
            return
        whole = now - self._tidied_at >= TIDY_EVERY
        gc.collect(2 if whole else 1)
        self._swept_at = now
        if whole:
            self._tidied_at = now

    def _forget(self) -> None:
        if self._engine is not None:
            self._engine = None  # its rows hold no cycles: they go, though the collector does not see them
            gc.enable()

    def _now(self) -> int:
        return to_instant(self._ctx.clock.now())


def _problem(decision: Decision | None) -> str | None:
    orders = decision.orders if decision else ()
    return next((order.problem for order in orders if isinstance(order, Refuse)), None)
