"""What the journal proves: that every decision kept the guarantees, and that the same facts lead to the same decisions."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing
from datetime import datetime

import msgspec

from console.db.engine import Transaction
from console.errors import NotFound
from console.people.permissions import Permission, require
from console.people.who import Principal
from console.queries import journal as told
from console.routing import store
from console.routing.check import Checker, Violation
from console.routing.queue import Rules
from console.routing.replay import Difference, Replay
from console.routing.rows import Snapshot
from console.services.context import Context
from console.sla import store as sla
from console.sla.check import Broken
from console.sla.check import check as check_clock

Progress = Callable[[int], None]
"""Hears how many decisions have been looked at, now and then."""

TOLD_EVERY = 1_000
VIOLATIONS_MAX = 1_000
"""Kept of one check; a journal that is broken further is no better understood by reading more."""


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """What `console check` found."""

    decisions: int
    violations: list[Violation]
    unaccounted: list[told.Unaccounted]
    """Accepted events without an item, an activity or an inbox row (guarantee 9)."""
    latency: told.Latency | None
    """From fact to decision: the time that guarantee 4 reports."""
    clocks: int
    """Looked at, for guarantee 8."""
    promises: list[Broken]
    """Warnings and breaches of clocks that did not act once and in time."""

    @property
    def clean(self) -> bool:
        return not self.violations and not self.unaccounted and not self.promises


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """What `console replay` found."""

    decisions: int
    """Looked at, the one that differs included."""
    difference: Difference | None

    @property
    def same(self) -> bool:
        return self.difference is None


async def check(
    ctx: Context, who: Principal, *, since: datetime | None = None, progress: Progress = lambda _: None
) -> Checked:
    """Prove the guarantees over the journal, from that instant or its beginning."""
    require(who, Permission.CONFIGURE)
    violations: list[Violation] = []
    decisions = 0
    async with ctx.db.snapshot() as db:
        baseline, after, rules = await _beginning(ctx, db, since)
        checker = Checker(rules, baseline)
        async with aclosing(store.journal(db, after=after)) as journal:
            async for decision in journal:
                if len(violations) < VIOLATIONS_MAX:
                    violations += checker.feed(decision)
                decisions += 1
                if not decisions % TOLD_EVERY:
                    progress(decisions)
        clocks, broken = await _promises(db, since)
        return Checked(
            decisions=decisions,
            violations=violations[:VIOLATIONS_MAX],
            unaccounted=await told.unaccounted(db, since),
            latency=await told.latency(db, since),
            clocks=clocks,
            promises=broken,
        )


async def _promises(db: Transaction, since: datetime | None) -> tuple[int, list[Broken]]:
    """Every clock of that time, and what is wrong with the acts of some."""
    watches = await sla.watches(db)
    clocks, broken = 0, list[Broken]()
    async with aclosing(sla.all_since(db, since)) as found:
        async for clock, events, entries in found:
            clocks += 1
            if len(broken) < VIOLATIONS_MAX:
                broken += check_clock(clock, events, entries, watches)
    return clocks, broken[:VIOLATIONS_MAX]


async def replay(
    ctx: Context, who: Principal, *, since: datetime | None = None, progress: Progress = lambda _: None
) -> Replayed:
    """Step the journalled facts again, from that instant or the beginning, up to the first that comes to something else.

    Raises NotFound where the journal of the time before has been dropped: the beginning is no longer known.
    """
    require(who, Permission.CONFIGURE)
    decisions = 0
    async with ctx.db.snapshot() as db:
        baseline, after, rules = await _beginning(ctx, db, since)
        if baseline is None and await store.first_decision(db) not in (None, 1):
            raise NotFound("The first decisions are no longer in the journal; replay those since a later time.")
        again = Replay(rules, baseline)
        async with aclosing(store.recorded(db, after=after)) as journal:
            async for recorded in journal:
                decisions += 1
                difference = again.feed(recorded)
                if difference is not None:
                    return Replayed(decisions=decisions, difference=difference)
                if not decisions % TOLD_EVERY:
                    progress(decisions)
    return Replayed(decisions=decisions, difference=None)


async def _beginning(
    ctx: Context, db: Transaction, since: datetime | None
) -> tuple[Snapshot | None, int, dict[int, Rules]]:
    """The rows before the first decision that is looked at, its predecessor's number, and every version of the rules."""
    after = await store.decision_before(db, since) if since is not None else 0
    baseline = await store.snapshot_then(db, after) if after else None
    versions = await store.versions_after(db, after)
    if baseline is not None:
        versions.append(baseline.meta.config_version)
    return (
        baseline,
        after,
        {version: (await ctx.centres.of_version(db, version)).rules for version in versions if version},
    )
