"""What phone systems send as CloudEvents: who may speak for which source, and the events on their way in.

A source's events are signed with the secret of its entry; a bearer token of scope telephony speaks for itself.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence

import msgspec

from console.config.document import PhoneSystem
from console.errors import NotSignedIn
from console.people.permissions import Permission, require
from console.people.who import Principal
from console.services.centre import Centre
from console.services.context import Context
from console.services.intake import nudge, take
from console.settings import secret_of
from console.telephony import CallEvent
from console.telephony.cloudevents import EventError, Names, parse
from console.telephony.signature import Signed, key_of

TOGETHER_MAX = 200
"""Events of one transaction: a batch of thousands is not a thousand commits, nor does it hold its calls for seconds."""

KIND = "cloudevents"


class BadSignature(NotSignedIn):
    """The signature is not that of its source's secret, or older than five minutes."""

    type = "bad-signature"


class Sorted(msgspec.Struct, frozen=True):
    """The events of a request, in their order, and what is wrong with the others."""

    good: list[CallEvent]
    wrong: list[EventError]


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """Of a request's events: how many are new and durable, how many were known, and what is wrong with the others."""

    accepted: int
    duplicates: int
    errors: list[EventError]


async def receive(ctx: Context, who: Principal, *, body: bytes, content_type: str) -> Received:
    """Take in the events of whoever showed a bearer token.

    Raises NotAllowed, BadInput where the body is no CloudEvents at all, TooLarge.
    """
    require(who, Permission.TELL_CALLS)

    def sort(centre: Centre) -> Sorted:
        kinds = {system.name: system.kind for system in centre.phone_systems}

        def speaks_for(source: str) -> bool:
            if source in kinds:
                return kinds[source] == KIND
            return source == who.integration or "/" in source

        events, errors = parse(body, content_type, known=_names(centre))
        return _sorted(events, errors, speaks_for, "the token's own name, a path, or a configured webhook")

    return await _take_in(ctx, sort)


async def receive_signed(ctx: Context, signed: Signed, *, body: bytes, content_type: str) -> Received:
    """Take in the events of whoever signed them. Raises BadSignature, else as `receive`."""

    def sort(centre: Centre) -> Sorted:
        hooks = [system for system in centre.phone_systems if system.kind == KIND]
        signers = {system.name for system in hooks if _signed_by(ctx, signed, system)}
        if not signers:
            raise BadSignature
        events, errors = parse(body, content_type, known=_names(centre))
        others = {system.name for system in hooks} - signers
        if events and all(event.source in others for event in events):
            raise BadSignature
        allowed = f"the one who signed: {', '.join(sorted(signers))}"
        return _sorted(events, errors, signers.__contains__, allowed)

    return await _take_in(ctx, sort)


def _signed_by(ctx: Context, signed: Signed, system: PhoneSystem) -> bool:
    key = key_of(secret_of(system.secret, os.environ))
    return key is not None and signed.by(key, ctx.clock.now())


def _names(centre: Centre) -> Names:
    queues = frozenset(queue.name for queue in centre.document.queues)
    return Names(queues=queues, skills=frozenset(centre.document.skills))


def _sorted(
    events: Sequence[CallEvent], errors: Sequence[EventError], speaks_for: Callable[[str], bool], allowed: str
) -> Sorted:
    good, wrong = [], [*errors]
    for index, event in _numbered(events, errors):
        if speaks_for(event.source):
            good.append(event)
        else:
            wrong.append(EventError(index=index, id=event.event_id, field="source", detail=f"must be {allowed}"))
    return Sorted(good, sorted(wrong, key=lambda error: error.index))


def _numbered(events: Iterable[CallEvent], errors: Sequence[EventError]) -> Iterable[tuple[int, CallEvent]]:
    """The good events with their places in the request, between those of the bad ones."""
    bad = {error.index for error in errors}
    index = -1
    for event in events:
        index += 1
        while index in bad:
            index += 1
        yield index, event


async def _take_in(ctx: Context, sort: Callable[[Centre], Sorted]) -> Received:
    """Sort the request's events by the configuration in force, and keep the good ones, durably and in their order.

    The first ones, which are nearly always all, share the transaction in which the configuration is read.
    """
    async with ctx.db.transaction() as db:
        centre = await ctx.centres.in_force(db)
        events = sort(centre)
        accepted = await take(ctx, db, events.good[:TOGETHER_MAX], centre)
    nudge(ctx)
    for start in range(TOGETHER_MAX, len(events.good), TOGETHER_MAX):
        async with ctx.db.transaction() as db:
            accepted += await take(ctx, db, events.good[start : start + TOGETHER_MAX], centre)
        nudge(ctx)
    return Received(accepted=accepted, duplicates=len(events.good) - accepted, errors=events.wrong)
