"""Notes on a case, and the draft that is kept while one is being written."""

from __future__ import annotations

from console.cases import draft as drafts
from console.cases import handover as packets
from console.cases import store as cases
from console.cases.draft import Draft, Typed
from console.cases.handover import Result
from console.cases.timeline import Activity, Entry
from console.db.engine import Transaction
from console.errors import NotFound
from console.ids import new_id
from console.people.permissions import Permission, require
from console.people.who import Principal
from console.queries import stream
from console.services import clocks, matters
from console.services.context import Context
from console.services.telling import tell_case_changed


async def save_draft(ctx: Context, who: Principal, *, about: str, typed: Typed) -> Draft | None:
    """Keep what is being typed about this work item or case; empty text forgets it. What is kept then.

    Where another tab has saved meanwhile, both texts are kept until `settle_draft`. Last words that come when the work
    has ended are a note: nobody would look for them as a draft.
    """
    username = require(who, Permission.HANDLE_WORK)
    async with ctx.db.transaction() as db:
        matter = await matters.find(ctx, db, who, about)
        if not matter.over:
            before = await cases.find_draft(db, username, about, lock=True)
            # A saving that was on its way while its words were made a note came too late.
            if before is None and typed.text and typed.text == await cases.last_note(db, username):
                return None
            return await _keep(db, username, about, drafts.saved(before, typed, ctx.clock.now()))
        if typed.text:
            await add_to_work(ctx, db, who, item=about, text=typed.text)
    ctx.nudges.ring("frames")
    return None


async def settle_draft(ctx: Context, who: Principal, *, about: str, rival: bool) -> Draft | None:
    """Go on with one of two texts; the other is forgotten."""
    username = require(who, Permission.HANDLE_WORK)
    async with ctx.db.transaction() as db:
        await matters.find(ctx, db, who, about)
        draft = await cases.find_draft(db, username, about, lock=True)
        if draft is None or draft.rival is None:
            return draft
        return await _keep(db, username, about, drafts.settled(draft, rival=rival, at=ctx.clock.now()))


async def _keep(db: Transaction, username: str, about: str, draft: Draft) -> Draft | None:
    if draft.empty:
        await cases.drop_draft(db, username, about)
        return None
    await cases.put_draft(db, username, about, draft)
    return draft


async def add(
    ctx: Context, who: Principal, *, about: str, text: str, outward: bool = False, tried: Result | None = None
) -> None:
    """A note, written at the desk about the work in hand or an open case; `tried`: what came of it. Raises NotFound."""
    async with ctx.db.transaction() as db:
        matter = await matters.find(ctx, db, who, about)
        note = Activity(
            id=new_id(),
            at=ctx.clock.now(),
            kind=Entry.NOTE,
            case=matter.case,
            customer=matter.customer,
            work=matter.item,
            by=who.username,
            data=packets.noted(text, outward=outward, tried=tried),
        )
        await _put(db, note, about)
        if outward and note.case is not None:
            await clocks.on_outward(db, note.case, at=note.at, by=note.by)
    ctx.nudges.ring("frames")


async def add_to_work(ctx: Context, db: Transaction, who: Principal, *, item: str, text: str) -> None:
    """An internal note on the case of this work, or on its customer where there is no case."""
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
    await _put(db, note, item)


async def _put(db: Transaction, note: Activity, about: str) -> None:
    """The draft has done its duty; what another tab wrote beside it is still one."""
    await cases.add_activities(db, [note])
    if note.case is not None:
        await tell_case_changed(db, note.case)
    if note.by is not None:
        draft = await cases.find_draft(db, note.by, about, lock=True)
        if draft is not None:
            await _keep(db, note.by, about, drafts.used(draft, note.data["text"], at=note.at))
