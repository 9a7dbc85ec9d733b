"""CloudEvents 1.0 of the contract's section 5, single or in a batch, turned into CallEvents. Pure.

Each event is judged by itself: the good ones of a batch are returned beside what is wrong with the others.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeVar, cast

import msgspec

from console.errors import BadInput, FieldError, TooLarge
from console.telephony import (
    CallAnswered,
    CallArrived,
    CallEnded,
    CallEvent,
    CallHeld,
    CallResumed,
    CallRinging,
    CallTransferred,
)
from console.telephony.text import clean

SINGLE = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"

BODY_BYTES_MAX = 1 << 20
"""By the contract; a batch of some thousand events."""
NAME_MAX = 255
"""Characters of an id, a source, a subject: they are keys, and a longer one would be another's when cut."""
ATTRIBUTES_MAX = 50
"""What a caller chose on the way in; an IVR asks a handful of questions."""
ATTRIBUTE_CHARACTERS_MAX = 1_000
REQUIRES_MAX = 20
"""Skills that one call may ask for."""
LEVEL_MAX = 10
PRIORITY_MAX = 1_000_000
"""Either way from nought: far beyond any queue's, and within what the database keeps."""

T = TypeVar("T")


class EventError(msgspec.Struct, frozen=True):
    """What is wrong with one event of a request."""

    index: int
    id: str | None
    field: str
    detail: str


class Names(msgspec.Struct, frozen=True):
    """What the configuration in force knows; None: anything goes."""

    queues: Container[str] | None = None
    skills: Container[str] | None = None


ANYTHING_GOES = Names()


class _Wrong(Exception):
    def __init__(self, field: str, detail: str) -> None:
        self.field = field
        self.detail = detail
        super().__init__(detail)


def parse(
    body: bytes, content_type: str, source: str | None = None, *, known: Names = ANYTHING_GOES
) -> tuple[list[CallEvent], list[EventError]]:
    """The events of a request's body, in their order, and what is wrong with the others.

    `source`, where given, is the only one the sender may speak for; an event that names another is refused.
    Raises BadInput when the body is no CloudEvents at all, TooLarge when it is over 1 MiB.
    """
    events: list[CallEvent] = []
    errors: list[EventError] = []
    for index, raw in enumerate(_raw_events(body, content_type)):
        try:
            events.append(_event(_Fields(raw), source, known))
        except _Wrong as wrong:
            errors.append(EventError(index=index, id=_id_of(raw), field=wrong.field, detail=wrong.detail))
    return events, errors


def _raw_events(body: bytes, content_type: str) -> list[Any]:
    if len(body) > BODY_BYTES_MAX:
        raise TooLarge(f"The body is larger than {BODY_BYTES_MAX} bytes.")
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in (SINGLE, BATCH):
        raise _bad("Content-Type", f"must be {SINGLE} or {BATCH}")
    try:
        decoded = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise _bad("body", f"is no JSON: {error}") from None
    if kind == SINGLE:
        return [decoded]
    if not isinstance(decoded, list):
        raise _bad("body", "must be a JSON array of events")
    return decoded


def _bad(field: str, detail: str) -> BadInput:
    return BadInput(f"{field} {detail}.", errors=(FieldError(field=field, detail=detail),))


def _id_of(raw: Any) -> str | None:
    id_ = raw.get("id") if isinstance(raw, dict) else None
    return clean(id_, NAME_MAX) if isinstance(id_, str) else None


class _Fields:
    """An object's fields, taken one by one; what does not fit raises _Wrong with the field's full name."""

    def __init__(self, raw: Any, within: str = "") -> None:
        if not isinstance(raw, dict):
            raise _Wrong(within.rstrip(".") or "event", "must be an object")
        self._raw = raw
        self._within = within

    def wrong(self, field: str, detail: str) -> _Wrong:
        return _Wrong(clean(self._within + field), detail)

    def has(self, field: str) -> bool:
        return self._raw.get(field) is not None

    def object(self, field: str) -> _Fields:
        return _Fields(self._raw.get(field) if self.has(field) else {}, f"{self._within}{field}.")

    def names(self) -> list[str]:
        return list(self._raw)

    def key(self, field: str) -> str:
        """A text by which something is known again: whole, and without signs that cannot be kept."""
        value: str = self.need(field, str, "a text")
        if not value.strip():
            raise self.wrong(field, "must not be empty")
        if len(value) > NAME_MAX:
            raise self.wrong(field, f"must have at most {NAME_MAX} characters")
        if clean(value, NAME_MAX) != value.strip():
            raise self.wrong(field, "must not hold control characters")
        return value.strip()

    def maybe_key(self, field: str) -> str | None:
        return self.key(field) if self.has(field) else None

    def text(self, field: str) -> str:
        """A text for people, made fit to be kept."""
        text: str = self.need(field, str, "a text")
        return clean(text)

    def choice(self, field: str, *allowed: str, default: str | None = None) -> str:
        value = self._raw.get(field)
        value = default if value is None else value
        if value not in allowed:
            raise self.wrong(field, f"must be one of {', '.join(allowed)}")
        return cast("str", value)

    def need(self, field: str, kind: Any, words: str) -> Any:
        if not self.has(field):
            raise self.wrong(field, "is missing")
        try:
            return msgspec.convert(self._raw[field], kind)
        except (msgspec.ValidationError, OverflowError):
            raise self.wrong(field, f"must be {words}") from None


def _event(event: _Fields, source: str | None, known: Names) -> CallEvent:
    if event.need("specversion", str, "the text 1.0") != "1.0":
        raise event.wrong("specversion", "must be 1.0")
    about = {
        "source": event.key("source"),
        "event_id": event.key("id"),
        "call": event.key("subject"),
        "at": _instant(event, "time"),
    }
    if source is not None and about["source"] != source:
        raise event.wrong("source", f"must be {source}")
    kind = event.need("type", str, "a text")
    build = _BUILDERS.get(kind)
    if build is None:
        raise event.wrong("type", f"must be one of {', '.join(_BUILDERS)}")
    return build(about, event.object("data"), known)


def _instant(fields: _Fields, field: str) -> datetime:
    words = "an instant as in RFC 3339, with its offset"
    at = fields.need(field, Annotated[datetime, msgspec.Meta(tz=True)], words)
    if not isinstance(at, datetime):
        raise fields.wrong(field, f"must be {words}")
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise fields.wrong(field, f"must be {words}") from None


def _arrived(about: dict[str, Any], data: _Fields, known: Names) -> CallArrived:
    return CallArrived(
        **about,
        caller=data.text("from") or "anonymous",
        dialled=data.text("to"),
        direction=_as(
            Literal["inbound", "outbound"], data.choice("direction", "inbound", "outbound", default="inbound")
        ),
        queue=_known(data, "queue", known.queues),
        requires=_requires(data, known.skills),
        priority=_priority(data),
        attributes=_attributes(data.object("attributes")),
    )


def _known(data: _Fields, field: str, names: Container[str] | None) -> str | None:
    name = data.maybe_key(field)
    if name is not None and names is not None and name not in names:
        raise data.wrong(field, f"there is no {field} {name} in the configuration")
    return name


def _requires(data: _Fields, skills: Container[str] | None) -> dict[str, int]:
    requires = data.object("requires")
    names = requires.names()
    if len(names) > REQUIRES_MAX:
        raise data.wrong("requires", f"must name at most {REQUIRES_MAX} skills")
    levels = {}
    for skill in names:
        if skills is not None and skill not in skills:
            raise data.wrong("requires", f"there is no skill {clean(skill)} in the configuration")
        if clean(skill, NAME_MAX) != skill:
            raise data.wrong("requires", "a skill's name must not hold control characters")
        words = f"a level from 1 to {LEVEL_MAX}"
        levels[skill] = requires.need(skill, Annotated[int, msgspec.Meta(ge=1, le=LEVEL_MAX)], words)
    return levels


def _priority(data: _Fields) -> int | None:
    if not data.has("priority"):
        return None
    limits = msgspec.Meta(ge=-PRIORITY_MAX, le=PRIORITY_MAX)
    return cast("int", data.need("priority", Annotated[int, limits], f"a whole number within {PRIORITY_MAX} of nought"))


def _attributes(attributes: _Fields) -> dict[str, str]:
    names = attributes.names()
    if len(names) > ATTRIBUTES_MAX:
        raise _Wrong("data.attributes", f"must have at most {ATTRIBUTES_MAX} entries")
    kept = {}
    for name in names:
        value = (
            attributes.need(name, str | bool | int | float, "a text, a number, true or false")
            if attributes.has(name)
            else ""
        )
        text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
        kept[clean(name, 64)] = clean(text, ATTRIBUTE_CHARACTERS_MAX)
    return kept


def _phone(data: _Fields) -> dict[str, Any]:
    phone = {"agent": data.maybe_key("agent"), "endpoint": data.maybe_key("endpoint")}
    if phone["agent"] is None and phone["endpoint"] is None:
        raise data.wrong("endpoint", "is missing, and so is agent: one of them must be given")
    return phone


def _transferred(about: dict[str, Any], data: _Fields, known: Names) -> CallTransferred:
    to = data.object("to")
    given = [name for name in ("queue", "agent", "endpoint") if to.has(name)]
    if len(given) != 1:
        raise data.wrong("to", "must hold one of queue, agent, endpoint")
    return CallTransferred(
        **about,
        kind=_as(Literal["blind", "attended"], data.choice("kind", "blind", "attended")),
        to_queue=_known(to, "queue", known.queues),
        to_agent=to.maybe_key("agent"),
        to_endpoint=to.maybe_key("endpoint"),
    )


def _ended(about: dict[str, Any], data: _Fields, _: Names) -> CallEnded:
    cause = _as(Literal["caller", "agent", "system"], data.choice("cause", "caller", "agent", "system"))
    answered = data.need("answered", bool, "true or false")
    return CallEnded(
        **about, cause=cause, answered=answered, outcome="lost" if cause == "system" and not answered else "ended"
    )


def _as(kind: Any, value: str) -> Any:
    return msgspec.convert(value, kind)


_BUILDERS: dict[str, Callable[[dict[str, Any], _Fields, Names], CallEvent]] = {
    "call.arrived": _arrived,
    "call.ringing": lambda about, data, _: CallRinging(**about, **_phone(data)),
    "call.answered": lambda about, data, _: CallAnswered(**about, **_phone(data)),
    "call.held": lambda about, data, _: CallHeld(**about),  # noqa: ARG005 - all builders are called alike
    "call.resumed": lambda about, data, _: CallResumed(**about),  # noqa: ARG005 - all builders are called alike
    "call.transferred": _transferred,
    "call.ended": _ended,
}
