"""The one door to the router: a fact is put into the inbox, and its verdict awaited."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Literal

from console.db import inbox, verdict
from console.db.engine import Transaction
from console.errors import (
    AgentNotFree,
    AgentNotQualified,
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
    "agent-not-free": AgentNotFree,
    "agent-not-qualified": AgentNotQualified,
    "fact-refused": FactRefused,
}


async def decided(
    ctx: Context, fact: Fact, *, beside: Callable[[Transaction], Awaitable[None]] | None = None
) -> Outcome:
    """Put the fact, and wait for what the router makes of it. `beside` is kept in the same transaction.

    `pending`: it has not answered in time; the fact is kept, and the stream will tell.
    Raises the refusal that the router's problem means.
    """
    fact_id = FactId(new_id())
    with ctx.verdicts.expected(fact_id) as answer:
        async with ctx.db.statement() if beside is None else ctx.db.transaction() as db:
            await inbox.put(db, fact, fact_id=fact_id)
            if beside is not None:
                await beside(db)
        ctx.nudges.ring("router")
        given = await verdict_on(ctx, fact_id, answer, within_s=WITHIN_S)
    if given is None:
        return "pending"
    if given.problem is not None:
        raise REFUSALS[given.problem]
    return "done"


async def verdict_on(
    ctx: Context, id_: str, answer: asyncio.Future[str | None], *, within_s: float
) -> verdict.Verdict | None:
    """What was made of a fact, or of an order, whichever node did it; None: nothing yet, in all that time."""
    deadline = asyncio.get_running_loop().time() + within_s
    while (left := deadline - asyncio.get_running_loop().time()) > 0:
        await asyncio.wait([answer], timeout=min(POLL_S, left))
        if answer.done():
            return verdict.Verdict(answer.result())
        with suppress(NotReady):  # it is kept all the same, so nobody may hear that nothing was changed
            async with ctx.db.statement() as db:
                given = await verdict.find(db, id_)
            if given is not None:
                return given
    return None
