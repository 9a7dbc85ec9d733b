"""Notes on a case, and the draft that is kept while one is being written."""

from __future__ import annotations

from console.cases import store as cases
from console.cases.timeline import Activity, Entry
from console.db.engine import Transaction
from console.errors import NotFound
from console.ids import new_id
from console.people.permissions import Permission, require
from console.people.who import Principal
from console.queries import stream
from console.routing.work_item import TERMINAL
from console.services.context import Context
from console.services.telling import tell_case_changed


async def save_draft(ctx: Context, who: Principal, *, item: str, text: str) -> None:
    """Keep what is being typed about this work; empty text forgets it.

    Last words that come when the work has ended are a note: nobody would look for them as a draft.
    """
    username = require(who, Permission.HANDLE_WORK)
    async with ctx.db.transaction() as db:
        card = (await stream.cards(db, [item])).get(item)
        if card is None:
            raise NotFound("There is no such work item.")
        if card.state not in TERMINAL:
            await cases.save_draft(db, username, item, text, ctx.clock.now())
        elif text:
            await add_to_work(ctx, db, who, item=item, text=text)


async def add_to_work(ctx: Context, db: Transaction, who: Principal, *, item: str, text: str) -> None:
    """A note on the case of this work, or on its customer where there is no case; the draft has done its duty."""
    card = (await stream.cards(db, [item])).get(item)
    if card is None:
        raise NotFound("There is no such work item.")
    note = Activity(
        id=new_id(),
        at=ctx.clock.now(),
        kind=Entry.NOTE,
        case=card.case,
        customer=card.customer,
        work=item,
        by=who.username,
        data={"text": text, "outward": False},
    )
    await cases.add_activities(db, [note])
    if note.case is not None:
        await tell_case_changed(db, note.case)
    if who.username is not None:
        await cases.save_draft(db, who.username, item, "", note.at)


async def add(ctx: Context, who: Principal, *, item: str, text: str) -> None:
    """A note, written at the desk about the work in hand."""
    require(who, Permission.HANDLE_WORK)
    async with ctx.db.transaction() as db:
        await add_to_work(ctx, db, who, item=item, text=text)
    ctx.nudges.ring("frames")
