"""What becomes of the cases and tasks of somebody who has left."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from console.cases import store
from console.cases.case import ENDS_WORK, disowned
from console.cases.store import tasks
from console.cases.timeline import Activity, Entry
from console.db.engine import Transaction
from console.ids import new_id
from console.queries import case_context
from console.services.centre import Centre
from console.services.reopening import queue_in
from console.services.telling import tell_case_changed


async def release(db: Transaction, centre: Centre, usernames: Sequence[str], *, at: datetime) -> None:
    """Nobody's case is forgotten: what they owned is nobody's, and what was in work waits again, by the rules of now.

    A pending case waits for its customer's word, as before. Their open tasks are whoever's the case will be.
    """
    for case in await store.take_owned(db, usernames):
        after = disowned(case, at)
        await store.put_case(db, after)
        entry = Activity(
            id=new_id(),
            at=at,
            kind=Entry.OWNER,
            case=case.id,
            customer=case.customer,
            data={"owner": None, "was": case.owner, "why": "left"},
        )
        await store.add_activities(db, [entry])
        if after.status not in ENDS_WORK and not await case_context.has_open_item(db, case.id):
            await queue_in(db, centre, after, at=at)
        await tell_case_changed(db, case.id)
    await tasks.unassign(db, usernames)
