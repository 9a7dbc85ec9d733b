"""A case becomes work: an item about it waits where it was routed to, its owner and its promises known to the router."""

from __future__ import annotations

from datetime import datetime

from console.cases import store
from console.cases.case import Case
from console.clock import to_instant
from console.db import inbox
from console.db.engine import Transaction
from console.ids import new_id
from console.routing import facts
from console.services import clocks
from console.services.centre import Centre, Route
from console.services.preferring import preferred


async def queue_case(
    db: Transaction, centre: Centre, case: Case, route: Route, *, at: datetime, parent: str | None = None
) -> str:
    """The item; whoever owns the case is asked first. `parent` is the item in whose place it waits."""
    item = new_id()
    await store.put_work(
        db,
        item=item,
        kind="case",
        at=at,
        case=case.id,
        customer=case.customer,
        parent=parent,
        routed=route.record,
    )
    others = await preferred(db, centre, route.queue, case=case, customer=case.customer)
    due = await clocks.due_of(db, case.id)
    await inbox.put(
        db,
        facts.WorkItemQueued(
            at=to_instant(at),
            item=item,
            kind="case",
            queue=route.queue,
            requires=route.requires,
            priority=route.priority,
            parent=parent,
            preferred=tuple(dict.fromkeys((*([case.owner] if case.owner else []), *others))),
            due=to_instant(due) if due is not None else None,
        ),
    )
    return item
