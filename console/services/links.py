"""Cases that belong together: linked beside each other, or one a part of the other."""

from __future__ import annotations

import msgspec

from console.cases import store as cases
from console.cases.case import Case
from console.cases.link import DEPTH_MAX, LINKS_MAX, SEEN_FROM_THERE, Circular, Kind
from console.cases.store import links as store
from console.cases.timeline import Activity, Entry
from console.db.engine import Transaction
from console.errors import BadInput, FieldError, NotFound
from console.ids import new_id
from console.people.permissions import Permission, require
from console.people.who import Principal
from console.services.context import Context
from console.services.seeing import seen_case
from console.services.telling import tell_case_changed


async def link(ctx: Context, who: Principal, *, number: str, other: str, kind: Kind) -> None:
    """Say what two cases are to each other. Raises NotFound, Circular, BadInput (too many)."""
    by = require(who, Permission.CHANGE_CASES)
    async with ctx.db.transaction() as db:
        case, there = await seen_case(ctx, db, who, number), await _other(ctx, db, who, other)
        await link_in(ctx, db, case, there, kind, by=by)
    ctx.nudges.ring("frames")


async def link_in(ctx: Context, db: Transaction, case: Case, other: Case, kind: Kind, *, by: str) -> None:
    """As `link`, within another use case's transaction."""
    if case.id == other.id:
        raise Circular
    if await store.count(db, case.id) >= LINKS_MAX:
        raise BadInput(errors=(FieldError("other", f"A case has at most {LINKS_MAX} links."),))
    await store.put(db, case.id, other.id, kind, by=by, at=ctx.clock.now())
    await record(ctx, db, (case, kind, other), (other, SEEN_FROM_THERE[kind], case), happening="added", by=by)


async def unlink(ctx: Context, who: Principal, *, number: str, other: str) -> None:
    """Raises NotFound."""
    by = require(who, Permission.CHANGE_CASES)
    async with ctx.db.transaction() as db:
        case, there = await seen_case(ctx, db, who, number), await _other(ctx, db, who, other)
        kind = await store.drop(db, case.id, there.id)
        if kind is None:
            raise NotFound("These cases are not linked.")
        await record(ctx, db, (case, kind, there), (there, SEEN_FROM_THERE[kind], case), happening="removed", by=by)
    ctx.nudges.ring("frames")


async def set_parent(ctx: Context, who: Principal, *, number: str, parent: str | None) -> None:
    """Make the case a part of a larger one; None: it stands alone again. Raises NotFound, Circular, BadInput."""
    by = require(who, Permission.CHANGE_CASES)
    async with ctx.db.transaction() as db:
        await store.lock_family(db)
        case = await seen_case(ctx, db, who, number, lock=True)
        above = await _other(ctx, db, who, parent) if parent is not None else None
        if (above.id if above else None) == case.parent:
            return
        if above is not None:
            await _check_family(db, case, above)
        before = await cases.find_case_by_id(db, case.parent) if case.parent else None
        now = ctx.clock.now()
        changes = {"parent": above.id if above else None, "changed_at": now, "version": case.version + 1}
        await cases.put_case(db, msgspec.structs.replace(case, **changes))
        for one, happening in ((before, "removed"), (above, "added")):
            if one is not None:
                await record(ctx, db, (case, "parent", one), (one, "child", case), happening=happening, by=by)
    ctx.nudges.ring("frames")


async def _check_family(db: Transaction, case: Case, above: Case) -> None:
    ancestors = await store.ancestors(db, above.id, depth=DEPTH_MAX)
    if case.id in ancestors:
        raise Circular
    if len(ancestors) + await store.height(db, case.id, depth=DEPTH_MAX) > DEPTH_MAX:
        raise BadInput(errors=(FieldError("parent", f"Cases stand at most {DEPTH_MAX} deep within each other."),))


async def _other(ctx: Context, db: Transaction, who: Principal, number: str) -> Case:
    try:
        return await seen_case(ctx, db, who, number)
    except NotFound:
        raise BadInput(errors=(FieldError("other", f"There is no case {number!r} that you may see."),)) from None


async def record(ctx: Context, db: Transaction, *sides: tuple[Case, str, Case], happening: str, by: str) -> None:
    """In the timeline of each case, in the words of that side."""
    now = ctx.clock.now()
    entries = [
        Activity(
            id=new_id(),
            at=now,
            kind=Entry.LINK,
            case=case.id,
            customer=case.customer,
            by=by,
            data={"kind": kind, "other": other.number, "happening": happening},
        )
        for case, kind, other in sides
    ]
    await cases.add_activities(db, entries)
    for case, _, _ in sides:
        await tell_case_changed(db, case.id)
