"""What the router's orders mean outside the engine, written in the same commit as the decisions themselves.

Cases are opened, timelines kept, agents' sockets and phone systems given their messages: all of it stands in
tables (the last two in the outbox) and becomes true together, or not at all. Nothing here reaches outside.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from console.cases import store as cases
from console.cases.case import Case, Status, subject_of_call
from console.cases.customer import Described, e164
from console.cases.store import handovers
from console.cases.timeline import Activity, Entry
from console.clock import from_instant
from console.db import outbox
from console.db.engine import Transaction
from console.ids import new_id
from console.live.messages import (
    Message,
    OfferClosed,
    OfferMade,
    PresenceChanged,
    WorkEnded,
    WorkUpdated,
)
from console.people import store as people
from console.queries import stream
from console.routing.facts import WorkMoved
from console.routing.journal import Decision
from console.routing.orders import (
    Assign,
    CloseItem,
    CloseOffer,
    Disconnect,
    EndWork,
    HangUp,
    MakeOffer,
    MoveItem,
    OpenSuccessor,
    Order,
    ShowAgent,
    UpdateWork,
)
from console.routing.work_item import ItemState
from console.services import clocks, contracts, dialogs, handover, messages, owners, phone_orders
from console.services.cases import registered_data
from console.services.centre import Centre
from console.services.context import Context
from console.services.telling import Told, tell
from console.telephony import Elsewhere

NEEDS_CARD = (MakeOffer, CloseOffer, Assign, EndWork, CloseItem, HangUp, Disconnect, MoveItem, OpenSuccessor)


@dataclass
class Consequences:
    """Of one batch of decisions, each of which happened at its own instant."""

    ctx: Context
    db: Transaction
    centre: Centre
    now: datetime = field(init=False)
    """The instant of the decision that is followed."""
    hand: WorkMoved | None = None
    """The supervisor's, where the decision came of one."""
    departed: frozenset[str] = frozenset()
    """Agents of no configuration any more, whose last work has ended."""
    told: list[Told] = field(default_factory=list)
    phone: list[outbox.Order] = field(default_factory=list)
    activities: list[Activity] = field(default_factory=list)
    cards: dict[str, stream.Card] = field(default_factory=dict)

    async def write(self, decisions: Sequence[Decision]) -> None:
        """Everything that follows; the caller commits."""
        await self._open_successors(decisions)
        items = {o.item for decision in decisions for o in decision.orders if isinstance(o, NEEDS_CARD)}
        self.cards = await stream.cards(self.db, items)
        for decision in decisions:
            self.now = from_instant(decision.at)
            self.hand = decision.fact if isinstance(decision.fact, WorkMoved) else None
            for order in decision.orders:
                await self._follow(order, decision.number)
        await cases.add_activities(self.db, self.activities)
        gone = sorted(name for name in self.departed if self.centre.document.agent(name) is None)
        if gone:
            await people.deactivate(self.db, gone, at=self.now)
            await owners.release(self.db, self.centre, gone, at=self.now)
        await tell(self.db, self.told)
        await outbox.put(self.db, self.phone)

    async def _open_successors(self, decisions: Sequence[Decision]) -> None:
        """Before anything else: the new items may be offered in the same decision."""
        for decision in decisions:
            for order in decision.orders:
                if isinstance(order, OpenSuccessor):
                    await cases.succeed_work(
                        self.db, order.item, order.parent, kind=order.kind, at=from_instant(decision.at)
                    )

    async def _follow(self, order: Order, decision: int) -> None:
        match order:
            case MakeOffer():
                self._tell(order.agent, self._offer(order), decision)
                self._ring(order)
            case CloseOffer():
                closed = OfferClosed(
                    offer=order.offer, work_item=order.item, outcome=order.outcome, reason=order.reason
                )
                self._tell(order.agent, closed, decision)
                if order.outcome != "accepted":
                    self._stop_ringing(order)
            case Assign():
                await self._assigned(order, decision)
            case UpdateWork():
                until = from_instant(order.wrap_up_until) if order.wrap_up_until is not None else None
                updated = WorkUpdated(work_item=order.item, state=order.state, wrap_up_until=until)
                self._tell(order.agent, updated, decision)
            case EndWork():
                await self._work_ended(order, decision)
            case CloseItem():
                await self._closed(order)
            case HangUp():
                self._hang_up(order, decision)
            case Disconnect():
                self._disconnect(order, decision)
            case ShowAgent():
                shown = PresenceChanged(presence=order.presence, reason=order.reason, routing_state=order.routing_state)
                self._tell(order.agent, shown, decision)
            case MoveItem(item=item, successor=str() as planned):
                await handovers.set_work(self.db, planned, item)
            case MoveItem(queue=queue, before=before, cause=cause):
                self._moved(order.item, {"queue": queue, "before": before, "cause": cause})
            case OpenSuccessor(reason="moved"):
                assert self.hand is not None, "only a hand moves what somebody has"
                was = self.cards[order.parent].queue
                self._moved(order.item, {"queue": self.hand.queue, "before": was, "cause": "by_hand"})
            case _:  # Refuse: the verdict says it. Other OpenSuccessors: see above
                pass

    def _moved(self, item: str, data: dict[str, object]) -> None:
        """By a supervisor's hand, by an overflow, or because its queue is no more."""
        by = self.hand.by if self.hand else None
        why = {"reason": self.hand.reason} if self.hand else {}
        self._record(Entry.MOVED, self.cards[item], by=by, data=data | why)

    def _tell(self, agent: str, message: Message, decision: int) -> None:
        self.told.append(Told(agent, message, decision))

    def _offer(self, order: MakeOffer) -> OfferMade:
        card = self.cards[order.item]
        return OfferMade(
            offer=order.offer,
            work_item=order.item,
            kind=card.kind,
            queue=card.queue or "",
            expires_at=from_instant(order.expires_at),
            why=messages.why(order.why),
            **messages.subjects(card),
        )

    def _ring(self, order: MakeOffer) -> None:
        """Where phones ring with the offer: answering is accepting. An acceptance on the desk finds it ringing."""
        card, endpoint = self.cards[order.item], self.centre.endpoint_of(order.agent)
        if endpoint is None or card.external_id is None or not self.centre.rings_on_offer(card.source):
            return
        left = from_instant(order.expires_at) - self.now
        connect = phone_orders.Connect(
            call=card.external_id,
            order_id=order.offer,
            endpoint=endpoint,
            item=order.item,
            agent=order.agent,
            ring_s=max(1, math.ceil(left.total_seconds())),
        )
        self._phone(card, connect)

    def _stop_ringing(self, order: CloseOffer) -> None:
        card, endpoint = self.cards[order.item], self.centre.endpoint_of(order.agent)
        if endpoint is None or card.external_id is None or not self.centre.rings_on_offer(card.source):
            return
        part = phone_orders.Disconnect(call=card.external_id, order_id=f"{order.offer}:over", endpoint=endpoint)
        self._phone(card, part)

    async def _assigned(self, order: Assign, decision: int) -> None:
        card = self.cards[order.item]
        if card.case is None:
            card = await self._with_case(card, order.agent)
        elif await cases.take_ownership(self.db, card.case, order.agent, self.now):
            self._record(Entry.OWNER, card, by=order.agent, data={"owner": order.agent})
        if card.case is not None:
            await clocks.on_taken(self.ctx, self.db, card.case, call=card.kind != "case", at=self.now, by=order.agent)
        if card.kind == "case":
            accepted = order.offer is not None
            self.activities += await handover.taken(self.db, card, order.agent, at=self.now, accepted=accepted)
        card = msgspec.structs.replace(card, agent=order.agent, state="assigned", assigned_at=self.now)
        self.cards[order.item] = card
        await dialogs.start_matching(self.ctx, self.db, card, at=self.now, by=order.agent)
        self._tell(order.agent, messages.work_started(card), decision)
        endpoint = self.centre.endpoint_of(order.agent)
        if card.takes_orders and not order.connected and card.external_id and card.source and card.call:
            connect = phone_orders.Connect(
                call=card.external_id,
                order_id=order.offer or f"{order.item}:{decision}",
                endpoint=endpoint or "",
                item=order.item,
                agent=order.agent,
            )
            self._phone(card, connect)

    async def _with_case(self, card: stream.Card, owner: str) -> stream.Card:
        """Acceptance opens a case where there is none, and a customer where the caller's number is new."""
        number = e164(card.caller)
        customer = card.customer
        if customer is None and number is not None:
            customer = await cases.find_or_make_customer(self.db, Described(phone=number), new_id(), self.now)
        contract = await contracts.covering(self.db, customer, self.now)
        case = Case(
            id=new_id(),
            number=await cases.next_number(self.db),
            subject=subject_of_call(card.customer_name, card.caller),
            description=None,
            via="phone",
            status=Status.OPEN,
            priority=None,
            topic=None,
            queue=card.queue,
            owner=owner,
            customer=customer,
            contract=contract.id if contract else None,
            created_at=self.now,
            changed_at=self.now,
            version=1,
        )
        await cases.put_case(self.db, case)
        await contracts.count_case(self.db, case, self.now)
        await clocks.start_for(self.ctx, self.db, case, at=self.now, why="call", by=owner)
        await cases.link_case(self.db, card.item, case.id, customer)
        opened = msgspec.structs.replace(
            card,
            case=case.id,
            case_number=case.number,
            subject=case.subject,
            status=case.status,
            customer=customer,
            phone=card.phone or number,
        )
        self._record(Entry.REGISTERED, opened, by=owner, data=registered_data(case, contract))
        return opened

    async def _work_ended(self, order: EndWork, decision: int) -> None:
        """What the agent had typed and not added becomes a note: nobody would look for a draft of ended work."""
        self._tell(order.agent, WorkEnded(work_item=order.item, outcome=order.outcome), decision)
        card = self.cards[order.item]
        if card.kind != "case" and card.case is not None and card.assigned_at is not None:
            spent = (self.now - card.assigned_at).total_seconds()
            await contracts.count_call(
                self.db, case=card.case, item=order.item, by=order.agent, seconds=spent, at=self.now
            )
        words = None if order.outcome == "connect_failed" else await cases.take_draft(self.db, order.agent, order.item)
        if words is not None:
            self._record(Entry.NOTE, self.cards[order.item], by=order.agent, data={"text": words, "outward": False})

    async def _closed(self, order: CloseItem) -> None:
        card = self.cards[order.item]
        if card.kind == "case":
            return
        about: dict[str, object] = {
            "call": card.external_id,
            "call_id": card.call,
            "from": card.caller,
            "to": card.dialled,
            "queue": card.queue,
            "waited_s": order.waited / 1_000_000,
        }
        if order.state is ItemState.ABANDONED:
            self._record(Entry.MISSED_CALL, card, by=None, data={**about, "short": order.short})
            return
        if order.overflow is not None:
            self._record(Entry.CALL, card, by=None, data={**about, "outcome": order.state, "overflow": order.overflow})
            self._divert(card, order.overflow)
            return
        disposition = await cases.disposition_of(self.db, order.item)
        data = {**about, "agent": card.agent, "outcome": order.state, "disposition": disposition}
        self._record(Entry.CALL, card, by=card.agent, data=data)

    def _record(self, kind: Entry, card: stream.Card, *, by: str | None, data: dict[str, object]) -> None:
        self.activities.append(
            Activity(
                id=new_id(),
                at=self.now,
                kind=kind,
                case=card.case,
                customer=card.customer,
                work=card.item,
                by=by,
                data=data,
            )
        )

    def _hang_up(self, order: HangUp, decision: int) -> None:
        card = self.cards[order.item]
        if card.external_id is not None:
            hang_up = phone_orders.HangUp(call=card.external_id, order_id=f"{order.item}:{decision}")
            self._phone(card, hang_up)

    def _disconnect(self, order: Disconnect, decision: int) -> None:
        card = self.cards[order.item]
        endpoint = self.centre.endpoint_of(order.agent)
        if card.external_id is not None and endpoint is not None:
            part = phone_orders.Disconnect(
                call=card.external_id, order_id=f"{order.item}:{decision}", endpoint=endpoint
            )
            self._phone(card, part)

    def _divert(self, card: stream.Card, to: Elsewhere) -> None:
        """The caller leaves us for what their phone system has for them."""
        if card.takes_orders and card.external_id is not None:
            self._phone(card, phone_orders.Divert(call=card.external_id, order_id=f"{card.item}:{to}", to=to))

    def _phone(self, card: stream.Card, order: phone_orders.PhoneOrder) -> None:
        assert card.source is not None
        body = msgspec.json.encode(order)
        self.phone.append(outbox.Order(phone_orders.lane(card.source), card.call or card.item, body))
