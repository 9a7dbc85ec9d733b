"""What the last run left in people's hands: its calls are over, and some of its agents are not played any more."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable
from contextlib import suppress

from console.cli.demo.material import SUPERVISOR
from console.errors import NotAllowed, WorkOver
from console.people.who import Principal
from console.queries import supervisor
from console.services import work
from console.services.context import Context

WITHIN_S = 10.0
"""The router and the phone system are there after two seconds, also when the last run was killed."""
LOOK_S = 0.2
IN_HAND = ("assigned", "wrap_up")


async def clear_desks(ctx: Context, present: Collection[str]) -> None:
    """Begin with free hands: no wrap-up of a call of yesterday's, no case with somebody who is not there.

    The phone system says itself that its calls of yesterday have ended. Raises NotReady when the database is away.
    """
    who = Principal(username=SUPERVISOR, name=SUPERVISOR, roles=frozenset({"supervisor"}))
    end = asyncio.get_running_loop().time() + WITHIN_S
    while (left := await _left(ctx, present)) and asyncio.get_running_loop().time() < end:
        for item in left:
            # It may end by itself at this moment, or may not have been anybody's yet.
            with suppress(WorkOver, NotAllowed):
                await work.complete(ctx, who, item=item)
        await asyncio.sleep(LOOK_S)


async def _left(ctx: Context, present: Collection[str]) -> list[str]:
    async with ctx.db.snapshot() as db:
        agents = await supervisor.agents(db)
    return [one.item for agent in agents for one in _over(agent.work, there=agent.username in present)]


def _over(held: Iterable[supervisor.InHand], *, there: bool) -> list[supervisor.InHand]:
    return [one for one in held if one.state in IN_HAND and (one.kind != "case" or not there)]
