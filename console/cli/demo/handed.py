"""A case at Northlink that has just gone up, with all that was learnt: it waits for whoever sits down at the free seat."""

from __future__ import annotations

from datetime import timedelta

from console.cases.handover import Result
from console.cases.task import Kind
from console.cli.demo.material import SEAT
from console.people.who import OPERATOR, Principal, Role
from console.queries.cases import Filter
from console.services import cases, escalation, tasks
from console.services.context import Context
from console.services.escalation import Target

LADDER = "Gold care"
QUEUE = "Business faults"
NOTES = (
    (
        "Restarted both routers at the shop: the terminals came back, and dropped again after twenty minutes.",
        Result.NO_CHANGE,
    ),
    ("Line test on both access circuits: clean, no errors in 24 hours.", Result.RULED_OUT),
    ("Packet capture: every session ends in the same second, twenty minutes apart.", Result.FOUND),
    ("Lease timer of the core router: change request written, not sent.", Result.NOT_FINISHED),
)
PROMISE = "A network engineer calls the owner on her mobile"
REASON = "Not a fault of the site: everything points at the core. The change needs somebody of the second line."


async def seed(ctx: Context) -> None:
    """Hand it over, as its owner would have; nothing, where no business case is open."""
    page = await cases.listed(ctx, OPERATOR, where=Filter(queue=QUEUE, status="open"), limit=100, after=None)
    others = [one for one in page.items if one.owner is not None]
    case = next((one for one in others if one.owner != SEAT), others[0] if others else None)
    if case is None or case.owner is None:
        return
    owner = Principal(username=case.owner, name=case.owner, roles=frozenset({Role.AGENT}))
    for text, result in NOTES:
        await cases.add_note(ctx, owner, number=case.number, text=text, tried=result)
    async with ctx.db.transaction() as db:
        due = ctx.clock.now() + timedelta(minutes=40)
        await tasks.add(ctx, db, case_id=case.id, text=PROMISE, due_at=due, kind=Kind.CALLBACK, by=case.owner)
    await escalation.send_up(ctx, owner, number=case.number, to=Target(ladder=LADDER), reason=REASON)
