"""What phone systems tell: each event is kept once, and becomes a change of its call and a fact for the router."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, assert_never

import msgspec

from console.cases import call as calls
from console.cases import store as cases
from console.cases.call import Call, Consult, moved
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
from console.services import clocks, contracts
from console.services.centre import Centre
from console.services.context import Context
from console.services.preferring import preferred
from console.services.telling import Told, tell
from console.telephony import (
    CallAnswered,
    CallArrived,
    CallEnded,
    CallEvent,
    CallHeld,
    CallMuted,
    CallParked,
    CallResumed,
    CallRinging,
    CallTransferred,
    CallUnmuted,
    ConnectFailed,
    ConsultChanged,
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
        """The call after the event, kept, and told to whoever has it in hand or is asked about it."""
        after = await self.apply(call, event)
        if after != call:
            await cases.put_call(self.db, after)
            if calls.looks_different(after, call):
                asked = {told.consult.agent for told in (call, after) if told.consult and told.consult.agent}
                await _tell(self.db, self.item, after, asked)
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
                return calls.held(call, self.now)
            case CallResumed():
                return calls.resumed(call)
            case CallMuted() | CallUnmuted():
                return moved(call, call.state, muted=isinstance(event, CallMuted))
            case CallParked():
                return await self._parked(call)
            case ConsultChanged():
                return await self._consulted(call, event)
            case CallTransferred():
                return await self._transferred(call, event)
            case RingEnded():
                stopped = call.state == "ringing" and event.result != "answered"
                return moved(call, "waiting") if stopped else call
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
            began_at=event.at,
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
        contract = await contracts.covering(self.db, call.customer, self.now)
        route = self.centre.route_call(event, call, case=case, customer=customer, contract=contract)
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
        due = await clocks.due_of(self.db, case_id) if case_id else None
        await self._put(
            facts.WorkItemQueued(
                at=to_instant(self.now),
                item=self.item,
                kind="voice",
                queue=route.queue,
                requires=route.requires,
                priority=route.priority,
                takes_orders=self.centre.takes_orders(call.source),
                preferred=await preferred(self.db, self.centre, route.queue, case=case, customer=call.customer),
                due=to_instant(due) if due is not None else None,
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
        asked = call.consult is not None and call.consult.endpoint == event.endpoint
        if agent is not None and self.item is not None and not call.over and not asked:
            await self._put(facts.CallAnswered(at=to_instant(self.now), item=self.item, agent=agent))
        call = calls.answered(call, self.now)
        return msgspec.structs.replace(
            call, answered_at=call.answered_at or self.now, answered_by=call.answered_by or agent
        )

    async def _connect_failed(self, event: ConnectFailed) -> None:
        agent = self._agent(None, event.endpoint)
        if agent is not None and self.item is not None:
            at = to_instant(self.now)
            await self._put(facts.ConnectFailed(at=at, item=self.item, agent=agent, reason=event.reason))

    async def _consulted(self, call: Call, event: ConsultChanged) -> Call:
        """While an agent is asked, they are reserved; the end of it frees them, or makes the work theirs."""
        agent = self.centre.agent_at(event.endpoint)
        known = self.centre.document.agent(agent) if agent is not None else None
        if event.state != "ended":
            consult = Consult(
                endpoint=event.endpoint,
                name=known.name if known is not None else event.endpoint,
                state=event.state,
                since=self.now,
                agent=agent,
            )
            return moved(call, call.state, consult=consult)
        if self.item is not None:
            await self._consult_over(self.item, agent, event)
        if event.result != "handed_over":
            return moved(call, call.state, consult=None)
        return moved(call, call.state, consult=None, muted=False, outside=agent is None)

    async def _consult_over(self, item: str, agent: str | None, event: ConsultChanged) -> None:
        at = to_instant(self.now)
        handed_over = event.result == "handed_over"
        if agent is not None:
            outcome: Literal["handed_over", "returned", "failed"] = "failed"
            if event.result in {"returned", "handed_over"}:
                outcome = event.result
            successor = new_id() if handed_over else None
            await self._put(facts.ConsultOver(at=at, item=item, agent=agent, outcome=outcome, successor=successor))
        elif handed_over:
            await self._put(facts.WorkTransferred(at=at, item=item, successor=new_id()))

    async def _parked(self, call: Call) -> Call:
        """They wait for whom the router chooses. Who came back from outside is nobody's work any more, and queues anew."""
        before = await ask.item(self.db, self.item) if self.item is not None else None
        if call.outside and not call.over and before is not None:
            self.item = new_id()
            await cases.succeed_work(self.db, self.item, before.id, kind="voice", at=self.now)
            await self._put(
                facts.WorkItemQueued(
                    at=to_instant(self.now),
                    item=self.item,
                    kind="voice",
                    queue=before.queue,
                    parent=before.id,
                    takes_orders=self.centre.takes_orders(call.source),
                )
            )
        return calls.parked(call)

    async def _transferred(self, call: Call, event: CallTransferred) -> Call:
        """To a queue of ours: there it waits. Out of the centre by our order: the work is over. Else only on record."""
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
        if self.item is None or call.over or not (event.to_queue or event.ordered):
            return call
        at = to_instant(self.now)
        await self._put(facts.WorkTransferred(at=at, item=self.item, queue=event.to_queue, successor=new_id()))
        return moved(call, call.state, outside=True, held_at=None, muted=False) if event.ordered else call

    async def _ended(self, call: Call, event: CallEnded) -> Call:
        if call.over:
            return call
        if self.item is not None:
            await self._put(facts.CallEnded(at=to_instant(self.now), item=self.item))
        call = moved(call, "ended", held_at=None, muted=False, consult=None)
        return msgspec.structs.replace(call, ended_at=self.now, cause=event.cause)

    def _agent(self, agent: str | None, endpoint: str | None) -> str | None:
        return agent or self.centre.agent_at(endpoint)

    async def _put(self, fact: facts.Fact) -> None:
        await inbox.put(self.db, fact)


async def _tell(db: Transaction, item: str | None, call: Call, asked: set[str]) -> None:
    row = await ask.item(db, item) if item else None
    owner = {row.agent} if row is not None and row.agent is not None and row.ended_at is None else set()
    about = news.Call(source=call.source, id=call.external_id, from_=call.caller, to=call.dialled)
    changed = news.CallChanged(call=about, state=call.state)
    await tell(db, [Told(agent, changed) for agent in sorted(owner | asked)])
