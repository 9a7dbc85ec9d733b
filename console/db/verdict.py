"""What the router made of each fact: written with its decisions, for the request that waits for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import msgspec

from console.db.engine import Transaction, driver

KEPT = timedelta(minutes=10)
"""A request waits for 1.5 s; a client that asks again with the same fact does so within minutes."""


class Verdict(msgspec.Struct, frozen=True):
    """None: done as asked."""

    problem: str | None


async def give(db: Transaction, verdicts: Sequence[tuple[str, str | None]]) -> None:
    """Keep the problem, or None, of each fact; the first word on a fact is the last."""
    if verdicts:
        await (await driver(db)).execute(
            "insert into verdict (fact_id, problem) select * from unnest($1::uuid[], $2::text[])"
            " on conflict (fact_id) do nothing",
            [fact_id for fact_id, _ in verdicts],
            [problem for _, problem in verdicts],
        )


async def find(db: Transaction, fact_id: str) -> Verdict | None:
    """None: the router has not come to it yet, or it was longer ago than verdicts are kept."""
    row = await (await driver(db)).fetchrow("select problem from verdict where fact_id = $1", fact_id)
    return None if row is None else Verdict(row["problem"])


async def forget_old(db: Transaction) -> int:
    """Remove verdicts that nobody waits for any more; returns how many."""
    answer: str = await (await driver(db)).execute(
        "delete from verdict where given_at < clock_timestamp() - $1::interval", KEPT
    )
    return int(answer.rsplit(maxsplit=1)[-1])
