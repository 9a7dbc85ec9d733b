"""Refusals: everything a caller did that the console will not do, with its HTTP status and problem type.

The docstring of a refusal is its default message. Bugs are assertions, and nobody catches those.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec


class FieldError(msgspec.Struct, frozen=True):
    """One thing wrong with one field of what was sent."""

    field: str
    detail: str


class Refusal(Exception):
    """The request was refused."""

    status: ClassVar[int] = 400
    type: ClassVar[str] = "refused"

    def __init__(self, detail: str | None = None, *, errors: tuple[FieldError, ...] = ()) -> None:
        self.detail = detail or (type(self).__doc__ or "").strip()
        self.errors = errors
        super().__init__(self.detail)


class BadInput(Refusal):
    """Something in the request is not as it must be."""

    status = 400
    type = "bad-input"


class NotSignedIn(Refusal):
    """Sign in, or show a bearer token that is neither expired nor revoked."""

    status = 401
    type = "not-signed-in"


class NotAllowed(Refusal):
    """Your role does not allow this."""

    status = 403
    type = "not-allowed"


class NotYourOffer(NotAllowed):
    """This offer was made to somebody else."""

    type = "not-your-offer"


class NotFound(Refusal):
    """There is no such thing, or you may not see it."""

    status = 404
    type = "not-found"


class Conflict(Refusal):
    """The request does not fit the present state."""

    status = 409
    type = "conflict"


class OfferGone(Conflict):
    """This offer is no longer open."""

    type = "offer-gone"


class AgentNotFree(Conflict):
    """This agent is not free for that now."""

    type = "agent-not-free"


class AgentNotQualified(Conflict):
    """This agent could never be offered that work: they do not serve its queue, or lack what it needs."""

    type = "agent-not-qualified"


class WorkOver(Conflict):
    """This work has ended."""

    type = "work-over"


class PhoneRefused(Conflict):
    """The phone system would not do that. Nothing has changed."""

    type = "phone-refused"


class IdempotencyConflict(Conflict):
    """This Idempotency-Key was used with another body, or its first request is still running."""

    type = "idempotency-conflict"


class StaleRecord(Refusal):
    """The record has changed since you read it; read it again and decide anew."""

    status = 412
    type = "stale-record"


class TooLarge(Refusal):
    """The request is larger than the limit."""

    status = 413
    type = "too-large"


class TooManyAttempts(Refusal):
    """Too many failed attempts to sign in; wait a few minutes and try again."""

    status = 429
    type = "too-many-attempts"


class FactRefused(Refusal):
    """The centre could not process this; it was kept aside and the operator was told."""

    status = 500
    type = "fact-refused"


class NotReady(Refusal):
    """The console cannot reach its database; nothing was changed. Try again shortly."""

    status = 503
    type = "not-ready"


class PhoneSilent(Refusal):
    """The phone system did not answer in 2 s. The caller still hears you."""

    status = 504
    type = "phone-silent"


class Fault(Exception):
    """Something about the installation that its operator can mend; the message says how."""
