"""Why this agent, why not the others, why still waiting: answered from the journal; and whether it keeps the guarantees."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import datetime

import msgspec

from console.db.engine import Transaction
from console.errors import NotFound
from console.people.permissions import Permission, require
from console.people.who import Principal
from console.queries import journal as told
from console.queries import stream
from console.routing import explain as reasons
from console.routing import store
from console.routing.check import Checker, Violation
from console.routing.explain import Explanation
from console.routing.floor import Snapshot
from console.routing.journal import Journalled
from console.routing.queue import Rules
from console.services.context import Context


class Explained(msgspec.Struct, frozen=True, kw_only=True):
    """As `GET /work-items/{id}/explain` answers: codes, and the same in words."""

    explanation: Explanation
    words: list[str]


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """What `console check` found."""

    decisions: int
    violations: list[Violation]
    unaccounted: list[told.Unaccounted]
    """Accepted events without an item, an activity or an inbox row (guarantee 9)."""
    latency: told.Latency | None
    """From fact to decision: the time that guarantee 4 reports."""

    @property
    def clean(self) -> bool:
        return not self.violations and not self.unaccounted


async def explain(ctx: Context, who: Principal, *, item: str, decision: int | None = None) -> Explained:
    """Everything that can be said of an item after that decision; without one, after the one that tells most.

    Raises NotFound.
    """
    require(who, Permission.SEE_WORK)
    async with ctx.db.snapshot() as db:
        rows = await store.as_of(db, item, decision)
        if rows is None:
            known = item in await stream.cards(db, [item])
            raise NotFound("The router has not taken it in yet." if known else "There is no such work item.")
        centre = await ctx.centres.of_version(db, rows.config_version)
    explanation = reasons.explain(rows, centre.rules)
    return Explained(explanation=explanation, words=reasons.in_words(explanation, rows.item.kind))


async def check(
    ctx: Context, who: Principal, *, since: datetime | None = None, progress: Callable[[int], None] = lambda _: None
) -> Checked:
    """Prove the guarantees over the journal, from that instant or its beginning; `progress` hears of each decision."""
    require(who, Permission.CONFIGURE)
    violations: list[Violation] = []
    decisions = 0
    async with ctx.db.snapshot() as db:
        first = await store.decision_before(db, since) if since is not None else 0
        baseline: Snapshot | None = await store.open_then(db, first) if first else None
        rules: dict[int, Rules] = {}
        if baseline is not None:
            await _know(ctx, db, rules, baseline.meta.config_version)
        checker = Checker(rules, baseline)
        async for decision in _journal(db, first):
            await _know(ctx, db, rules, decision.config_version)
            violations += checker.feed(decision)
            decisions += 1
            progress(decisions)
        return Checked(
            decisions=decisions,
            violations=violations,
            unaccounted=await told.unaccounted(db, since),
            latency=await told.latency(db, since),
        )


def _journal(db: Transaction, after: int) -> AsyncIterator[Journalled]:
    return store.journal(db, after=after)


async def _know(ctx: Context, db: Transaction, rules: dict[int, Rules], version: int) -> None:
    if version not in rules:
        rules[version] = (await ctx.centres.of_version(db, version)).rules
