"""What the last run left in somebody's hands who is not in this one."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress

from console.cli.demo.material import SUPERVISOR
from console.errors import WorkOver
from console.people.who import Principal
from console.queries import supervisor
from console.services import work
from console.services.context import Context

LIVE = ("assigned", "wrap_up")


async def let_go(ctx: Context, present: Collection[str]) -> None:
    """End the written work of agents who are no longer played; a call of theirs ends with the phone system's start.

    Raises NotReady when the database is away.
    """
    gareth = Principal(username=SUPERVISOR, name="Gareth Owens", roles=frozenset({"supervisor"}))
    async with ctx.db.snapshot() as db:
        agents = await supervisor.agents(db)
    left = [one for agent in agents if agent.username not in present for one in agent.work]
    for one in left:
        if one.kind == "case" and one.state in LIVE:
            with suppress(WorkOver):
                await work.complete(ctx, gareth, item=one.item, disposition="handed_on")
