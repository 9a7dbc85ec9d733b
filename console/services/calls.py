"""What an agent asks of a live call.

What is asked is an order to the phone system, with two seconds to be carried out; the answer is its verdict. What
then becomes of the call comes as the phone system's own events.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Literal

import msgspec

from console.clock import to_instant
from console.config.document import Centre as Document
from console.db import inbox, outbox
from console.errors import BadInput, FieldError, NotAllowed, NotFound, NotReady, PhoneRefused, PhoneSilent, WorkOver
from console.ids import new_id
from console.people.permissions import Permission, may, require
from console.people.who import Principal
from console.queries import stream
from console.queries.stream import Card
from console.routing.facts import ConsultAsked, ConsultOver
from console.services import handing_on, phone_orders
from console.services.centre import Centre
from console.services.context import Context
from console.services.deciding import Outcome, decided, verdict_on
from console.services.phone_orders import Control, HangUp, lane

DIGITS_MAX = 32

Command = Callable[..., Awaitable[Outcome]]
"""What is asked of a call: any use case here, given `ctx, who, *, source, external_id` and its own words."""

_DIGITS = re.compile(rf"[0-9A-D*#]{{1,{DIGITS_MAX}}}", re.ASCII)
_NUMBER = re.compile(r"\+?[0-9*#]{2,32}", re.ASCII)


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """To whom a call may go: one of the three. `endpoint` is an agent's phone, or a number outside the centre."""

    queue: str | None = None
    agent: str | None = None
    endpoint: str | None = None


async def hang_up(ctx: Context, who: Principal, *, source: str, external_id: str) -> Outcome:
    """End the caller's call, however late. What follows comes from the phone system.

    A source that takes no orders is told nothing: there it is only recorded, with the work's completion.
    Raises NotFound, NotAllowed (somebody else's), WorkOver.
    """
    username = require(who, Permission.HANDLE_WORK)
    async with ctx.db.transaction() as db:
        card = _live(await stream.card_of_call(db, source, external_id), who, username)
        if not card.takes_orders:
            return "done"
        order = HangUp(call=external_id, order_id=new_id())
        await outbox.put(db, [outbox.Order(lane(source), card.call or card.item, msgspec.json.encode(order))])
    ctx.nudges.ring(lane(source))
    return "done"


async def hold(ctx: Context, who: Principal, *, source: str, external_id: str) -> Outcome:
    """Let the caller hear music.

    As all that follow, raises NotFound, NotAllowed (somebody else's), WorkOver, PhoneRefused, PhoneSilent.
    """
    return await _control(ctx, who, source, phone_orders.Hold(call=external_id, order_id=new_id()))


async def resume(ctx: Context, who: Principal, *, source: str, external_id: str) -> Outcome:
    """Take the caller back."""
    return await _control(ctx, who, source, phone_orders.Resume(call=external_id, order_id=new_id()))


async def mute(ctx: Context, who: Principal, *, source: str, external_id: str) -> Outcome:
    """Not be heard by the caller."""
    return await _control(ctx, who, source, phone_orders.Mute(call=external_id, order_id=new_id()))


async def unmute(ctx: Context, who: Principal, *, source: str, external_id: str) -> Outcome:
    """Be heard again."""
    return await _control(ctx, who, source, phone_orders.Unmute(call=external_id, order_id=new_id()))


async def send_digits(ctx: Context, who: Principal, *, source: str, external_id: str, digits: str) -> Outcome:
    """Press these keys down the caller's line. Raises BadInput too."""
    if not _DIGITS.fullmatch(digits):
        detail = f"must be 1 to {DIGITS_MAX} of the keys 0-9 A-D * #"
        raise BadInput(errors=(FieldError("digits", detail),))
    return await _control(ctx, who, source, phone_orders.SendDigits(call=external_id, order_id=new_id(), digits=digits))


async def consult_complete(ctx: Context, who: Principal, *, source: str, external_id: str) -> Outcome:
    """Hand the call over to the one who was asked."""
    return await _control(ctx, who, source, phone_orders.ConsultComplete(call=external_id, order_id=new_id()))


async def consult_conference(ctx: Context, who: Principal, *, source: str, external_id: str) -> Outcome:
    """All three talk."""
    return await _control(ctx, who, source, phone_orders.ConsultConference(call=external_id, order_id=new_id()))


async def consult_return(ctx: Context, who: Principal, *, source: str, external_id: str) -> Outcome:
    """Let the one who was asked go, and take the caller back."""
    return await _control(ctx, who, source, phone_orders.ConsultReturn(call=external_id, order_id=new_id()))


async def transfer(
    ctx: Context,
    who: Principal,
    *,
    source: str,
    external_id: str,
    to: Target,
    kind: Literal["blind", "attended"] = "blind",
) -> Outcome:
    """Hand the call on: at once, or after asking whoever it is to go to, with the caller hearing music meanwhile.

    Raises BadInput, AgentNotFree, AgentNotQualified too.
    """
    card = await _in_hand(ctx, who, source, external_id)
    async with ctx.db.transaction() as db:
        centre = await ctx.centres.in_force(db)
    if [to.queue, to.agent, to.endpoint].count(None) != 2:
        raise BadInput(errors=(FieldError("to", "must hold one of queue, agent, endpoint"),))
    agent = to.agent or centre.agent_at(to.endpoint)
    if kind == "blind" and (to.queue or agent):
        return await handing_on.transfer(ctx, who, item=card.item, queue=to.queue, agent=agent)
    if to.queue:
        raise BadInput(errors=(FieldError("kind", "must be blind: nobody can be asked in a queue"),))
    _check_talking(card)
    if agent is not None:
        return await _consult_agent(ctx, card, centre, agent)
    endpoint = _outside(centre, source, to.endpoint or "")
    if kind == "blind":
        return await _carried_out(
            ctx, card, phone_orders.Transfer(call=external_id, order_id=new_id(), endpoint=endpoint)
        )
    return await _carried_out(ctx, card, phone_orders.Consult(call=external_id, order_id=new_id(), endpoint=endpoint))


async def _consult_agent(ctx: Context, card: Card, centre: Centre, agent: str) -> Outcome:
    """First the router reserves them, then their phone rings; where it cannot, they are free again."""
    if centre.document.agent(agent) is None:
        raise BadInput(errors=(FieldError("to.agent", f"there is no agent {agent!r}"),))
    endpoint = centre.endpoint_of(agent)
    if endpoint is None:
        raise PhoneRefused("That agent has no phone.")
    assert card.agent is not None
    assert card.external_id is not None
    asked = ConsultAsked(at=to_instant(ctx.clock.now()), item=card.item, by=card.agent, agent=agent)
    if await decided(ctx, asked) == "pending":
        await _not_asked(ctx, card, agent)
        raise NotReady("The router did not answer in time; nobody was asked. Try again shortly.")
    order = phone_orders.Consult(call=card.external_id, order_id=new_id(), endpoint=endpoint)
    try:
        return await _carried_out(ctx, card, order)
    except (PhoneRefused, PhoneSilent, NotReady):
        await _not_asked(ctx, card, agent)
        raise


async def _not_asked(ctx: Context, card: Card, agent: str) -> None:
    over = ConsultOver(at=to_instant(ctx.clock.now()), item=card.item, agent=agent, outcome="failed")
    async with ctx.db.transaction() as db:
        await inbox.put(db, over)
    ctx.nudges.ring("router")


def _outside(centre: Centre, source: str, number: str) -> str:
    """The phone of a number that is nobody's of the centre."""
    system = next((system for system in centre.phone_systems if system.name == source), None)
    if not _NUMBER.fullmatch(number):
        raise BadInput(errors=(FieldError("to.endpoint", "must be an agent's phone, or a number"),))
    if system is None or system.dial is None:
        detail = f"telephony[{source}] has no key dial, which says how numbers are dialled"
        raise BadInput(errors=(FieldError("to.endpoint", detail),))
    return system.dial.replace("{number}", number)


def number_in(document: Document, source: str | None, text: str) -> str | None:
    """The number that somebody typed, where it is one that this phone system can call."""
    number = re.sub(r"[\s().-]", "", text)
    dials = any(system.name == source and system.dial is not None for system in document.telephony)
    return number if dials and _NUMBER.fullmatch(number) else None


def _live(card: Card | None, who: Principal, username: str) -> Card:
    if card is None or card.call is None:
        raise NotFound("There is no such call.")
    if card.call_state == "ended":
        raise WorkOver
    if card.agent != username and not may(who, Permission.SUPERVISE):
        raise NotAllowed("This call is not yours.")
    return card


async def _in_hand(ctx: Context, who: Principal, source: str, external_id: str) -> Card:
    username = require(who, Permission.HANDLE_WORK)
    async with ctx.db.statement() as db:
        card = _live(await stream.card_of_call(db, source, external_id), who, username)
    if card.state in ("waiting", "offered", None):
        raise NotAllowed("Nobody has this call in hand.")
    if card.state != "assigned":
        raise WorkOver
    return card


def _check_talking(card: Card) -> None:
    if not card.takes_orders:
        raise PhoneRefused("This phone system takes no orders from the console; use the phone itself.")
    if card.call_state not in ("talking", "held"):
        raise PhoneRefused("You are not connected with the caller yet.")


async def _control(ctx: Context, who: Principal, source: str, order: Control) -> Outcome:
    card = await _in_hand(ctx, who, source, order.call)
    _check_talking(card)
    return await _carried_out(ctx, card, order)


async def _carried_out(ctx: Context, card: Card, order: Control) -> Outcome:
    """Give the order, and wait for the phone system's word. Raises PhoneRefused, PhoneSilent."""
    assert card.source is not None
    system = lane(card.source)
    with ctx.verdicts.expected(order.order_id) as answer:
        body = msgspec.json.encode(order)
        async with ctx.db.transaction() as db:
            await outbox.put(db, [outbox.Order(system, card.call or card.item, body, within=phone_orders.WITHIN)])
        ctx.nudges.ring(system)
        within_s = phone_orders.WITHIN.total_seconds()
        given = await verdict_on(ctx, order.order_id, answer, within_s=within_s)
    if given is None or given.problem == PhoneSilent.type:
        raise PhoneSilent
    if given.problem is not None:
        raise PhoneRefused
    return "done"
