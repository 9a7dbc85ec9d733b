"""What an address asks a list of cases for: the API's and the page's alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from console.cases.case import Status
from console.errors import BadInput, FieldError
from console.queries.cases import Filter

CHARACTERS_MAX = 200


def read_filter(asked: Mapping[str, str | None]) -> Filter:
    """Raises BadInput, naming the field."""
    return Filter(
        status=_status(word(asked, "status")),
        owner=word(asked, "owner"),
        queue=word(asked, "queue"),
        customer=id_of(asked, "customer"),
        account=id_of(asked, "account"),
        contract=id_of(asked, "contract"),
        topic=word(asked, "topic"),
        since=_instant(asked, "since"),
        until=_instant(asked, "until"),
        q=word(asked, "q"),
    )


def word(asked: Mapping[str, str | None], field: str) -> str | None:
    """One field's text; None where nothing is asked. Raises BadInput."""
    value = asked.get(field)
    if value is not None and (len(value) > CHARACTERS_MAX or "\x00" in value):
        raise BadInput(errors=(FieldError(field, f"Text of at most {CHARACTERS_MAX} characters, without NUL."),))
    return value.strip() or None if value else None


def _status(status: str | None) -> str | None:
    if status is None:
        return None
    chosen = [one.strip() for one in status.split(",")]
    if any(one not in list(Status) for one in chosen):
        raise BadInput(errors=(FieldError("status", f"One or several, between commas, of {', '.join(Status)}."),))
    return ",".join(chosen)


def id_of(asked: Mapping[str, str | None], field: str) -> str | None:
    value = asked.get(field)
    if not value:
        return None
    try:
        return str(UUID(value))
    except ValueError:
        raise BadInput(errors=(FieldError(field, f"The id of a {field}, a UUID."),)) from None


def _instant(asked: Mapping[str, str | None], field: str) -> datetime | None:
    value = asked.get(field)
    if not value:
        return None
    try:
        # In an address a + that was not escaped is a space.
        at = datetime.fromisoformat(value.replace(" ", "+"))
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise BadInput(errors=(FieldError(field, "An instant with its zone, such as 2026-11-21T09:00:00Z."),))
    return at
