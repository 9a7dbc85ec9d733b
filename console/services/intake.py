"""What phone systems tell: each event is kept once, and becomes a change of its call and a fact for the router."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

import msgspec

from console.cases import store as cases
from console.cases.call import Call, moved
from console.cases.customer import e164
from console.cases.timeline import Activity, Entry
from console.clock import to_instant
from console.db import inbox
from console.db.engine import Transaction
from console.ids import new_id
from console.live import messages as news
from console.queries import routing as ask
from console.queries import stream
from console.routing import facts
from console.services.centre import Centre
from console.services.context import Context
from console.services.telling import Told, tell
from console.telephony import (
    CallAnswered,
    CallArrived,
    CallEnded,
    CallEvent,
    CallHeld,
    CallResumed,
    CallRinging,
    CallTransferred,
    ConnectFailed,
    RingEnded,
    TalkEnded,
)


async def on_call(ctx: Context, event: CallEvent) -> bool:
    """Take in one event; it is durable when this returns. False: it was kept before.

    Raises NotReady when it could not be kept; the sender must tell it again.
    """
    async with ctx.db.transaction() as db:
        kept = await take(ctx, db, [event], await ctx.centres.in_force(db))
    if kept:
        nudge(ctx)
    return bool(kept)


def nudge(ctx: Context) -> None:
    """Events were taken in, and committed."""
    ctx.nudges.ring("router", "frames")


async def take(ctx: Context, db: Transaction, events: Sequence[CallEvent], centre: Centre) -> int:
    """Take in events, in their order, within a transaction; how many were new. The caller nudges after it."""
    if not events:
        return 0
    # All calls are locked first and in one order, so that two batches about the same calls wait for each other
    # instead of each holding what the other needs.
    names = sorted({(event.source, event.call) for event in events})
    calls = {(call.source, call.external_id): call for call in await cases.lock_calls(db, names, new_id)}
    new = await cases.keep_events(
        db,
        [(e.source, e.event_id, calls[e.source, e.call].id, msgspec.json.encode(e)) for e in events],
        at=ctx.clock.now(),
    )
    items = await cases.items_of_calls(db, [call.id for call in calls.values()]) if new else {}
    kept = len(new)
    for event in events:
        if (event.source, event.event_id) not in new:
            continue
        new.remove((event.source, event.event_id))
        call = calls[event.source, event.call]
        taking = _Taking(db=db, centre=centre, now=ctx.clock.now(), item=items.get(call.id))
        calls[event.source, event.call] = await taking.take(call, event)
        if taking.item is not None:
            items[call.id] = taking.item
    return kept


@dataclass
class _Taking:
    """One event on its way in."""

    db: Transaction
    centre: Centre
    now: datetime
    item: str | None

    async def take(self, call: Call, event: CallEvent) -> Call:
        """The call after the event, kept, and told to whoever has it in hand."""
        after = await self.apply(call, event)
        if after != call:
            await cases.put_call(self.db, after)
            if after.state != call.state:
                await _tell_owner(self.db, self.item, after)
        return after

    async def apply(self, call: Call, event: CallEvent) -> Call:
        """The call after the event; what follows for the router is put into its inbox."""
        match event:
            case CallArrived():
                return await self._arrived(call, event)
            case CallRinging():
                return moved(call, "ringing") if call.answered_at is None else call
            case CallAnswered():
                return await self._answered(call, event)
            case CallHeld():
                return moved(call, "held")
            case CallResumed():
                return moved(call, "talking")
            case CallTransferred():
                await self._transferred(call, event)
                return call
            case RingEnded():
                return moved(call, "waiting") if call.state == "ringing" else call
            case ConnectFailed():
                await self._connect_failed(event)
                return call
            case TalkEnded():
                return call
            case CallEnded():
                return await self._ended(call, event)
            case _:
                assert_never(event)

    async def _arrived(self, call: Call, event: CallArrived) -> Call:
        if call.arrived_at is not None:
            return call
        number = e164(event.caller)
        call = msgspec.structs.replace(
            call,
            caller=number or event.caller,
            dialled=event.dialled,
            direction=event.direction,
            attributes={**event.attributes},
            arrived_at=self.now,
        )
        found = await cases.customer_of_phone(self.db, number) if number else None
        call = msgspec.structs.replace(call, customer=found)
        if call.over:
            await self._note_late_arrival(call)
        elif event.direction == "inbound":
            await self._queue(call, event)
        return call

    async def _queue(self, call: Call, event: CallArrived) -> None:
        customer = await cases.find_customer(self.db, call.customer) if call.customer else None
        case_id = await cases.open_case_of(self.db, call.customer) if call.customer else None
        case = await cases.find_case_by_id(self.db, case_id) if case_id else None
        route = self.centre.route_call(event, call, case=case, customer=customer)
        self.item = new_id()
        await cases.put_work(
            self.db,
            item=self.item,
            kind="voice",
            at=self.now,
            call=call.id,
            case=case_id,
            customer=call.customer,
            routed=route.record,
        )
        await self._put(
            facts.WorkItemQueued(
                at=to_instant(self.now),
                item=self.item,
                kind="voice",
                queue=route.queue,
                requires=route.requires,
                priority=route.priority,
                takes_orders=self.centre.takes_orders(call.source),
            )
        )
        if call.answered_by is not None:
            await self._put(facts.CallAnswered(at=to_instant(self.now), item=self.item, agent=call.answered_by))

    async def _note_late_arrival(self, call: Call) -> None:
        """Its end was told before its arrival: nobody can take it any more, but it is not forgotten."""
        missed = Activity(
            id=new_id(),
            at=self.now,
            kind=Entry.MISSED_CALL,
            case=await cases.open_case_of(self.db, call.customer) if call.customer else None,
            customer=call.customer,
            data={"call": call.external_id, "from": call.caller, "to": call.dialled, "late": True},
        )
        await cases.add_activities(self.db, [missed])

    async def _answered(self, call: Call, event: CallAnswered) -> Call:
        agent = self._agent(event.agent, event.endpoint)
        if agent is not None and self.item is not None and not call.over:
            await self._put(facts.CallAnswered(at=to_instant(self.now), item=self.item, agent=agent))
        call = moved(call, "talking")
        return msgspec.structs.replace(
            call, answered_at=call.answered_at or self.now, answered_by=call.answered_by or agent
        )

    async def _connect_failed(self, event: ConnectFailed) -> None:
        agent = self._agent(None, event.endpoint)
        if agent is not None and self.item is not None:
            at = to_instant(self.now)
            await self._put(facts.ConnectFailed(at=at, item=self.item, agent=agent, reason=event.reason))

    async def _transferred(self, call: Call, event: CallTransferred) -> None:
        """To a queue of ours: there it waits. Elsewhere: only on record."""
        moved_on = Activity(
            id=new_id(),
            at=self.now,
            kind=Entry.TRANSFERRED,
            customer=call.customer,
            work=self.item,
            data={
                "call": call.external_id,
                "kind": event.kind,
                "to": event.to_queue or event.to_agent or event.to_endpoint or event.to_number,
            },
        )
        card = (await stream.cards(self.db, [self.item])).get(self.item) if self.item else None
        await cases.add_activities(self.db, [msgspec.structs.replace(moved_on, case=card.case if card else None)])
        if self.item is not None and not call.over and event.to_queue is not None:
            at = to_instant(self.now)
            await self._put(facts.WorkTransferred(at=at, item=self.item, queue=event.to_queue, successor=new_id()))

    async def _ended(self, call: Call, event: CallEnded) -> Call:
        if call.over:
            return call
        if self.item is not None:
            await self._put(facts.CallEnded(at=to_instant(self.now), item=self.item))
        return msgspec.structs.replace(call, state="ended", ended_at=self.now, cause=event.cause)

    def _agent(self, agent: str | None, endpoint: str | None) -> str | None:
        return agent or self.centre.agent_at(endpoint)

    async def _put(self, fact: facts.Fact) -> None:
        await inbox.put(self.db, fact)


async def _tell_owner(db: Transaction, item: str | None, call: Call) -> None:
    row = await ask.item(db, item) if item else None
    if row is not None and row.agent is not None and row.ended_at is None:
        about = news.Call(source=call.source, id=call.external_id, from_=call.caller, to=call.dialled)
        await tell(db, [Told(row.agent, news.CallChanged(call=about, state=call.state))])
