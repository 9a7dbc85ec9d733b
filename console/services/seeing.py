"""Which cases somebody may see, asked by every use case about a case."""

from __future__ import annotations

from console.cases import store
from console.cases.case import Case
from console.db.engine import Transaction
from console.errors import NotFound
from console.people.permissions import Permission, may
from console.people.who import Principal
from console.queries.cases import EVERYTHING, Sight
from console.services.context import Context


async def sight_of(ctx: Context, db: Transaction, who: Principal) -> Sight:
    """Which cases they may see."""
    if may(who, Permission.SUPERVISE) or who.username is None:
        return EVERYTHING
    centre = await ctx.centres.in_force(db)
    return Sight(username=who.username, queues=centre.queues_of(who.username))


async def seen_case(ctx: Context, db: Transaction, who: Principal, number: str, *, lock: bool = False) -> Case:
    """The case of this number. Raises NotFound, also for one that they may not see."""
    case = await store.find_case(db, number=number, lock=lock)
    if case is None or not (await sight_of(ctx, db, who)).sees(queue=case.queue, owner=case.owner):
        raise NotFound("There is no such case, or it is not in your queues.")
    return case
