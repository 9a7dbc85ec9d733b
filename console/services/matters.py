"""What stands on an agent's screen: a work item, or a case that is open without work; and who may touch it."""

from __future__ import annotations

import msgspec

from console.cases import store
from console.db.engine import Transaction
from console.errors import NotAllowed, NotFound, WorkOver
from console.people.permissions import Permission, may, require
from console.people.who import Principal
from console.queries import stream
from console.routing.work_item import TERMINAL
from console.services.context import Context
from console.services.seeing import sight_of


class Matter(msgspec.Struct, frozen=True, kw_only=True):
    """`about` is the id of the work item, or of the case."""

    about: str
    item: str | None
    case: str | None
    number: str | None = None
    """Of the case."""
    customer: str | None
    agent: str | None = None
    """Who has the work in hand, or had it last."""
    over: bool = False
    """The work has ended."""


async def find(ctx: Context, db: Transaction, who: Principal, about: str) -> Matter:
    """What this id means to somebody who has it in hand, or may see the case.

    Raises NotFound, also for what they may not see.
    """
    username = require(who, Permission.HANDLE_WORK)
    sight = await sight_of(ctx, db, who)
    card = (await stream.cards(db, [about])).get(about)
    if card is not None and (card.agent == username or sight.sees(queue=card.queue, owner=None)):
        return Matter(
            about=about,
            item=about,
            case=card.case,
            number=card.case_number,
            customer=card.customer,
            agent=card.agent,
            over=card.state in TERMINAL,
        )
    case = await store.find_case_by_id(db, about) if card is None else None
    if case is not None and sight.sees(queue=case.queue, owner=case.owner):
        return Matter(about=about, item=None, case=case.id, number=case.number, customer=case.customer)
    raise NotFound("There is no such work or case, or it is not in your queues.")


async def find_in_hand(ctx: Context, db: Transaction, who: Principal, about: str) -> str:
    """The work item, where they have it in hand themselves, or may act for others.

    Raises NotFound, NotAllowed, WorkOver.
    """
    matter = await find(ctx, db, who, about)
    if matter.item is None:
        raise NotFound("There is no such work item.")
    if matter.over:
        raise WorkOver
    if matter.agent != who.username and not may(who, Permission.SUPERVISE):
        raise NotAllowed("This work is not yours.")
    return matter.item
