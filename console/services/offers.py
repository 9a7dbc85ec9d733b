"""An agent says yes or no to an offer; the router alone decides whether it still stands."""

from __future__ import annotations

from console.clock import to_instant
from console.errors import NotFound, NotYourOffer, OfferGone
from console.people.permissions import Permission, require
from console.people.who import Principal
from console.queries import routing as ask
from console.routing.facts import OfferAccepted, OfferDeclined
from console.services.context import Context
from console.services.deciding import Outcome, decided

REASON_MAX = 200


async def accept(ctx: Context, who: Principal, *, offer_id: str) -> Outcome:
    """Say yes; again by its owner is yes still.

    Raises OfferGone, NotYourOffer, or NotFound.
    """
    username = require(who, Permission.SERVE)
    if await _standing(ctx, offer_id, username) == "accepted":
        return "done"
    return await decided(ctx, OfferAccepted(at=to_instant(ctx.clock.now()), offer=offer_id, agent=username))


async def decline(ctx: Context, who: Principal, *, offer_id: str, reason: str | None = None) -> Outcome:
    """Say no; the item keeps its place and goes to the next agent. Raises as `accept`."""
    username = require(who, Permission.SERVE)
    if await _standing(ctx, offer_id, username) == "accepted":
        raise OfferGone
    fact = OfferDeclined(at=to_instant(ctx.clock.now()), offer=offer_id, agent=username, reason=reason)
    return await decided(ctx, fact)


async def _standing(ctx: Context, offer_id: str, username: str) -> str:
    async with ctx.db.statement() as db:
        offer = await ask.offer(db, offer_id)
    if offer is None:
        raise NotFound("There is no such offer.")
    if offer.agent != username:
        raise NotYourOffer
    if offer.state not in ("open", "accepted"):
        raise OfferGone
    return offer.state
