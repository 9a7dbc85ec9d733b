"""Customers, as agents know them: who they are, whether the caller is that person, and what to know before hello."""

from __future__ import annotations

from typing import Literal

from console.cases import store
from console.cases.customer import Customer, Particulars
from console.cases.timeline import Activity, Entry
from console.db.engine import Transaction
from console.errors import BadInput, FieldError, NotFound, StaleRecord
from console.ids import new_id
from console.people.permissions import Permission, require
from console.people.who import Principal
from console.services import matters
from console.services.context import Context
from console.services.telling import tell_case_changed

Identity = Literal["verified", "failed"]


async def change(ctx: Context, who: Principal, *, about: str, particulars: Particulars, if_match: int) -> Customer:
    """Correct what is known of the customer of this work or case.

    `if_match` is the version that the asker has read. Raises NotFound, StaleRecord, BadInput.
    """
    require(who, Permission.CHANGE_CASES)
    async with ctx.db.transaction() as db:
        matter, customer = await _customer(ctx, db, who, about, if_match)
        email = particulars.email
        if email and await store.address_taken(db, email, customer.id):
            raise BadInput(errors=(FieldError("email", "Another customer has this address."),))
        await store.change_customer(db, customer.id, particulars)
        await _tell(db, matter)
        after = await store.find_customer(db, customer.id)
    ctx.nudges.ring("frames")
    assert after is not None, "its row is held"
    return after


async def pin_note(ctx: Context, who: Principal, *, about: str, text: str | None, if_match: int) -> None:
    """Leave words for whoever serves this customer next; None takes them away. Raises as `change`."""
    require(who, Permission.CHANGE_CASES)
    async with ctx.db.transaction() as db:
        matter, customer = await _customer(ctx, db, who, about, if_match)
        await store.pin_note(db, customer.id, text, by=who.username, at=ctx.clock.now())
        await _tell(db, matter)
    ctx.nudges.ring("frames")


async def identify(ctx: Context, who: Principal, *, about: str, result: Identity | None) -> None:
    """Say whether the caller is who they say; None takes it back. Raises NotFound, NotAllowed, WorkOver."""
    username = require(who, Permission.HANDLE_WORK)
    async with ctx.db.transaction() as db:
        item = await matters.find_in_hand(ctx, db, who, about)
        matter = await matters.find(ctx, db, who, about)
        now = ctx.clock.now()
        await store.set_identity(db, item, result, by=username, at=now)
        entry = Activity(
            id=new_id(),
            at=now,
            kind=Entry.IDENTITY,
            case=matter.case,
            customer=matter.customer,
            work=item,
            by=username,
            data={"result": result},
        )
        await store.add_activities(db, [entry])
        await _tell(db, matter)
    ctx.nudges.ring("frames")


async def _customer(
    ctx: Context, db: Transaction, who: Principal, about: str, if_match: int
) -> tuple[matters.Matter, Customer]:
    """Locked, and as the asker has read it."""
    matter = await matters.find(ctx, db, who, about)
    customer = await store.find_customer(db, matter.customer, lock=True) if matter.customer else None
    if customer is None:
        raise NotFound("No customer is known here.")
    if customer.version != if_match:
        raise StaleRecord
    return matter, customer


async def _tell(db: Transaction, matter: matters.Matter) -> None:
    """The screens that show this case; those of other cases of the customer see it when they are next drawn."""
    if matter.case is not None:
        await tell_case_changed(db, matter.case)
