"""The one door to the router: a fact is put into the inbox, and its verdict awaited."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Literal

from console.db import inbox, verdict
from console.errors import (
    Conflict,
    FactRefused,
    NotAllowed,
    NotFound,
    NotReady,
    NotYourOffer,
    OfferGone,
    Refusal,
    WorkOver,
)
from console.ids import FactId, new_id
from console.routing.facts import Fact
from console.services.context import Context

WITHIN_S = 1.5
"""How long a request waits for the router before it answers 202."""
POLL_S = 0.1

Outcome = Literal["done", "pending"]

REFUSALS: dict[str, type[Refusal]] = {
    "offer-gone": OfferGone,
    "not-your-offer": NotYourOffer,
    "work-over": WorkOver,
    "not-yours": NotAllowed,
    "unknown": NotFound,
    "conflict": Conflict,
    "fact-refused": FactRefused,
}


async def decided(ctx: Context, fact: Fact) -> Outcome:
    """Put the fact, and wait for what the router makes of it.

    `pending`: it has not answered in time; the fact is kept, and the stream will tell.
    Raises the refusal that the router's problem means.
    """
    fact_id = FactId(new_id())
    with ctx.verdicts.expected(fact_id) as answer:
        async with ctx.db.statement() as db:
            await inbox.put(db, fact, fact_id=fact_id)
        ctx.nudges.ring("router")
        return await _verdict(ctx, fact_id, answer)


async def _verdict(ctx: Context, fact_id: FactId, answer: asyncio.Future[str | None]) -> Outcome:
    deadline = asyncio.get_running_loop().time() + WITHIN_S
    while (left := deadline - asyncio.get_running_loop().time()) > 0:
        await asyncio.wait([answer], timeout=min(POLL_S, left))
        if answer.done():
            return _outcome(answer.result())
        with suppress(NotReady):  # the fact is kept all the same, so nobody may hear that nothing was changed
            async with ctx.db.statement() as db:
                given = await verdict.find(db, fact_id)
            if given is not None:
                return _outcome(given.problem)
    return "pending"


def _outcome(problem: str | None) -> Outcome:
    if problem is None:
        return "done"
    raise REFUSALS[problem]
