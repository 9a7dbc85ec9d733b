"""The stream's messages, composed of what the queries found."""

from __future__ import annotations

from typing import Any, TypedDict

import msgspec

from console.clock import from_instant
from console.live.messages import Call, Case, Customer, Matched, OfferMade, Ready, Why, WorkStarted
from console.queries.stream import Card, DeskState, OpenOffer
from console.routing import work_item


class Subjects(TypedDict):
    """What a work item is about; each may be None."""

    call: Call | None
    case: Case | None
    customer: Customer | None


def subjects(card: Card) -> Subjects:
    return {"call": call(card), "case": case(card), "customer": customer(card)}


def call(card: Card) -> Call | None:
    if card.source is None or card.external_id is None:
        return None
    return Call(source=card.source, id=card.external_id, from_=card.caller, to=card.dialled)


def case(card: Card) -> Case | None:
    if card.case_number is None or card.subject is None or card.status is None:
        return None
    return Case(number=card.case_number, subject=card.subject, status=card.status, priority=card.case_priority)


def customer(card: Card) -> Customer | None:
    if card.customer is None:
        return None
    return Customer(id=card.customer, name=card.customer_name, phone=card.phone)


def why(told: work_item.Why) -> Why:
    return Why(
        rule=told.rule,
        idle_since=from_instant(told.idle_since),
        waiting_since=from_instant(told.waiting_since),
        candidates=told.candidates,
        matched={skill: Matched(need=need, have=have) for skill, (need, have) in told.matched.items()},
        decision=told.decision,
    )


def ready(state: DeskState) -> Ready:
    """The whole desk."""
    return Ready(
        presence=state.presence,
        reason=state.reason,
        routing_state=state.routing_state,
        resumed=False,
        offers=tuple(offer_made(offer, state.cards[offer.item]) for offer in state.offers if offer.item in state.cards),
        work=tuple(work_started(state.cards[item]) for item in state.work),
    )


def offer_made(offer: OpenOffer, card: Card) -> OfferMade:
    return OfferMade(
        offer=offer.offer,
        work_item=offer.item,
        kind=card.kind,
        queue=card.queue or "",
        expires_at=offer.expires_at,
        why=why(msgspec.convert(offer.why, work_item.Why)),
        **subjects(card),
    )


def work_started(card: Card) -> WorkStarted:
    return WorkStarted(
        work_item=card.item, kind=card.kind, queue=card.queue or "", context=context(card), **subjects(card)
    )


def context(card: Card) -> dict[str, Any]:
    """What `work.started` tells beside the card itself."""
    waited_s = None
    if card.assigned_at and card.waiting_since:
        waited_s = (card.assigned_at - card.waiting_since).total_seconds()
    return {
        "state": card.state,
        "assigned_at": card.assigned_at,
        "waited_s": waited_s,
        "attributes": card.attributes or {},
        "wrap_up_until": card.wrap_up_until,
        "call_id": card.call,
        "call_state": card.call_state,
    }
