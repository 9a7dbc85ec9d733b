"""What an agent asks of a live call."""

from __future__ import annotations

import msgspec

from console.db import outbox
from console.errors import NotAllowed, NotFound, WorkOver
from console.ids import new_id
from console.people.permissions import Permission, may, require
from console.people.who import Principal
from console.queries import stream
from console.services.context import Context
from console.services.deciding import Outcome
from console.services.phone_orders import HangUp, lane


async def hang_up(ctx: Context, who: Principal, *, source: str, external_id: str) -> Outcome:
    """End the caller's call. What follows comes from the phone system.

    A source that takes no orders is told nothing: there it is only recorded, with the work's completion.
    Raises NotFound, NotAllowed (somebody else's), WorkOver.
    """
    username = require(who, Permission.HANDLE_WORK)
    async with ctx.db.transaction() as db:
        card = await stream.card_of_call(db, source, external_id)
        if card is None or card.call is None:
            raise NotFound("There is no such call.")
        if card.call_state == "ended":
            raise WorkOver
        if card.agent != username and not may(who, Permission.SUPERVISE):
            raise NotAllowed("This call is not yours.")
        if not card.takes_orders:
            return "done"
        order = HangUp(call=external_id, order_id=new_id())
        await outbox.put(db, [outbox.Order(lane(source), card.call, msgspec.json.encode(order))])
    ctx.nudges.ring(lane(source))
    return "done"
