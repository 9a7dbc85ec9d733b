"""Offers: one agent at a time is asked; the item keeps its place whatever they answer."""

from __future__ import annotations

from typing import Literal

from console.routing.agent import Agent
from console.routing.deadlines import Deadline, Lapse
from console.routing.floor import Floor
from console.routing.ids import offer_id
from console.routing.matching import Choice
from console.routing.orders import Assign, CloseOffer, MakeOffer
from console.routing.queue import Span
from console.routing.work_item import Assignment, Happening, Hold, Offer, OfferState, Why, WorkItem, in_hand

Revocation = Literal[
    "customer_left",
    "withdrawn",
    "absent",
    "away",
    "moved",
    "assigned",
    "connect_failed",
    "outage",
    "deactivated",
    "refused_config",
]


def make(floor: Floor, item: WorkItem, choice: Choice, rule: str) -> None:
    """Ask this agent; ringing reserves them."""
    agent = floor.agents[choice.agent]
    skills = floor.rules.agents[choice.agent].skills
    floor.offer_seq += 1
    offer = Offer(
        id=offer_id(floor.now, floor.offer_seq),
        item=item.id,
        agent=choice.agent,
        made_at=floor.now,
        expires_at=floor.now + floor.queue(item).offer_timeout,
        why=Why(
            rule=rule,
            idle_since=agent.idle_since,
            waiting_since=item.waiting_since,
            candidates=choice.candidates,
            matched={skill: (level, skills[skill]) for skill, level in item.needs.items()} if item.needs else {},
            decision=floor.decision + 1,
        ),
    )
    floor.offers[offer.id] = offer
    floor.keep_offer(offer)
    floor.deadlines.add(Deadline(offer.expires_at, Lapse.OFFER, offer.id))
    floor.advance(item, Happening.OFFER_MADE)
    item.agent, item.offer = agent.username, offer.id
    floor.touch(agent)
    agent.offer = offer.id
    floor.seat(agent)
    floor.order(
        MakeOffer(offer=offer.id, item=item.id, agent=agent.username, expires_at=offer.expires_at, why=offer.why)
    )


def accept(floor: Floor, offer_name: str, agent: str) -> None:
    """The agent says yes. Again by its owner is yes still."""
    offer = floor.offers.get(offer_name)
    if offer is None:
        floor.refuse("unknown")
    elif offer.agent != agent:
        floor.refuse("not-your-offer")
    elif offer.state is OfferState.OPEN:
        _accepted(floor, offer, connected=False)
    elif offer.state is not OfferState.ACCEPTED:
        floor.refuse("offer-gone")


def answered(floor: Floor, item_id: str, agent: str) -> None:
    """Caller and agent are in one bridge: on the offered agent's phone, an acceptance.

    An answer by anybody else changes nothing here: the engine cannot make owner whom it did not ask.
    """
    item = floor.heir(item_id)
    if item is None:
        floor.refuse("unknown")
        return
    offer = floor.offers.get(item.offer) if item.offer else None
    if offer is not None and offer.state is OfferState.OPEN and offer.agent == agent:
        _accepted(floor, offer, connected=True)
    elif in_hand(item) and item.agent == agent:
        if not item.connected:
            item.connected = True
            floor.keep(item)
    else:
        floor.refuse("offer-gone")


def decline(floor: Floor, offer_name: str, agent: str, reason: str | None) -> None:
    """The agent says no: they go to the back of the idle, and are not asked again for this item for a while."""
    offer = floor.offers.get(offer_name)
    if offer is None:
        floor.refuse("unknown")
    elif offer.agent != agent:
        floor.refuse("not-your-offer")
    elif offer.state is not OfferState.OPEN:
        floor.refuse("offer-gone")
    else:
        item = floor.items[offer.item]
        hold_back(floor, item, agent, floor.queue(item).decline_pause, declines=1)
        floor.renew_idle(_lapse(floor, offer, OfferState.DECLINED, reason))


def time_out(floor: Floor, offer: Offer) -> None:
    """Nobody answered: the agent leaves routing until they say that they are there.

    An agent whose last stream is closed could not see it: theirs is no miss, even while their grace runs.
    """
    if not floor.agents[offer.agent].nodes:
        revoke(floor, offer.id, "absent")
        return
    agent = _lapse(floor, offer, OfferState.TIMED_OUT, None)
    agent.not_responding = True
    floor.renew_idle(agent)


def revoke(floor: Floor, offer_name: str, reason: Revocation) -> None:
    """Take the offer back, through no fault of the agent's: they keep their idle place."""
    _lapse(floor, floor.offers[offer_name], OfferState.REVOKED, reason)


def revoke_overdue(floor: Floor) -> None:
    """Offers that ran out while no router ran: nobody could have answered them."""
    for offer in sorted(floor.offers.values(), key=lambda offer: offer.id):
        if offer.state is OfferState.OPEN and offer.expires_at <= floor.now:
            revoke(floor, offer.id, "outage")


def close_with_item(floor: Floor, item: WorkItem, reason: Revocation) -> None:
    """The item is about to end: whoever is being asked for it is asked no more."""
    if item.offer is not None:
        _close(floor, floor.offers[item.offer], OfferState.REVOKED, reason)


def hold_back(floor: Floor, item: WorkItem, agent: str, pause: Span, *, declines: int) -> None:
    """Do not ask this agent for this item during the pause."""
    before = item.holds.get(agent)
    hold = Hold(declines=(before.declines if before else 0) + declines, until=floor.now + pause)
    item.holds = item.holds | {agent: hold}
    floor.keep(item)


def _accepted(floor: Floor, offer: Offer, *, connected: bool) -> None:
    item = floor.items[offer.item]
    agent = _close(floor, offer, OfferState.ACCEPTED, None)
    floor.advance(item, Happening.OFFER_ACCEPTED)
    take(floor, item, agent, connected=connected)
    floor.order(Assign(item=item.id, agent=offer.agent, offer=offer.id, connected=connected))


def take(floor: Floor, item: WorkItem, agent: Agent, *, connected: bool) -> None:
    """The item is in this agent's hand from now on."""
    floor.touch(agent)
    item.agent = agent.username
    item.assigned_at = floor.now
    item.connected = connected
    item.taken += 1
    agent.work = [*agent.work, item.id]
    floor.keep_assignment(
        Assignment(item=item.id, nth=item.taken, agent=agent.username, offer=item.offer, assigned_at=floor.now)
    )


def _lapse(floor: Floor, offer: Offer, state: OfferState, reason: str | None) -> Agent:
    agent = _close(floor, offer, state, reason)
    floor.advance(floor.items[offer.item], Happening.OFFER_LAPSED)
    return agent


_Outcome = Literal["accepted", "declined", "timed_out", "revoked"]
_OUTCOMES: dict[OfferState, _Outcome] = {
    OfferState.ACCEPTED: "accepted",
    OfferState.DECLINED: "declined",
    OfferState.TIMED_OUT: "timed_out",
    OfferState.REVOKED: "revoked",
}


def _close(floor: Floor, offer: Offer, state: OfferState, reason: str | None) -> Agent:
    """End the offer, free the agent of it, and tell them."""
    floor.close_offer(offer, state, reason)
    agent = floor.agents[offer.agent]
    floor.touch(agent)
    agent.offer = None
    floor.order(CloseOffer(offer=offer.id, item=offer.item, agent=offer.agent, outcome=_OUTCOMES[state], reason=reason))
    return agent
