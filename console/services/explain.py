"""Why this agent, why not the others, why still waiting: answered from the journal."""

from __future__ import annotations

import msgspec

from console.errors import NotFound
from console.people.permissions import Permission, require
from console.people.who import Principal
from console.queries import stream
from console.routing import explain as reasons
from console.routing import store
from console.routing.explain import Explanation
from console.services.context import Context


class Explained(msgspec.Struct, frozen=True, kw_only=True):
    """As `GET /work-items/{id}/explain` answers: codes, and the same in words."""

    explanation: Explanation
    names: dict[str, str]
    """Of the agents, as they were configured then."""
    words: list[str]


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
    names = {agent.username: agent.name for agent in centre.document.agents}
    return Explained(explanation=explanation, names=names, words=reasons.in_words(explanation, rows.item.kind))
