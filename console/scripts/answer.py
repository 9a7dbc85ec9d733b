"""Answers by the kinds of their steps: read from what a person typed or a system told, and put in words."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

from console.errors import BadInput, FieldError
from console.scripts.script import AnyStep, Ask, Call, Kind, Scalar, Value, in_language

TEXT_MAX = 2_000
"""Characters of an answer that is typed."""
TOLD_MAX = 500
"""Characters of one member that a system tells: it is shown in a line."""
NUMBER_MAX = 1e15
"""Beyond it a number is not whole any more in every system."""
PRIORITY_MAX = 1_000
AHEAD_MAX = timedelta(days=366)
"""Of a moment at which something is to be done: what is promised for later is a slip of the pen."""
YEARS = range(1900, 2200)
"""Of a moment; the arithmetic of zones fails at the ends of time."""

_PHONE = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_BETWEEN_DIGITS = re.compile(r"[\s().\-/]")


class Silence(StrEnum):
    """Why another system gave no answer that counts; after some of these words stands a detail."""

    UNKNOWN = "unknown"
    """There is none of that name any more."""
    KEYLESS = "keyless"
    """Its token is not in the node's environment."""
    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed_out"
    REFUSED = "refused"
    """It answered with an error; the detail is its HTTP status."""
    TOO_LONG = "too_long"
    UNREADABLE = "unreadable"
    """No JSON object."""
    UNFIT = "unfit"
    """Of another kind than the step declares; the detail is the member."""
    INTERRUPTED = "interrupted"
    """The node that asked went away meanwhile; it is not asked twice."""


class Unfit(Exception):
    """What a system told is not of the kind that the step declares; says of which member."""


def read_answer(step: AnyStep, raw: object, now: datetime) -> Value:
    """The answer as its step keeps it. A moment that names no time zone is in that of `now`.

    Raises BadInput saying what would be right.
    """
    if not isinstance(step, Ask):
        return None
    match step.kind:
        case Kind.CHOICE:
            return _choice(step, raw)
        case Kind.YES_NO:
            said = {True: True, False: False, "true": True, "false": False, "yes": True, "no": False}
            if isinstance(raw, bool | str) and raw in said:
                return said[raw]
            raise _wrong("Yes or no: true or false.")
        case Kind.NUMBER:
            return _number(step, raw)
        case Kind.DATE:
            return _date(raw)
        case Kind.MOMENT:
            return _moment(step, raw, now)
        case Kind.PHONE:
            number = _BETWEEN_DIGITS.sub("", raw) if isinstance(raw, str) else ""
            number = f"+{number[2:]}" if number.startswith("00") else number
            if not _PHONE.fullmatch(number):
                raise _wrong("A phone number with its country code, such as +44 131 496 0000.")
            return number
        case Kind.TEXT:
            text = raw.strip() if isinstance(raw, str) else ""
            if not text or len(text) > TEXT_MAX or "\x00" in text:
                raise _wrong(f"Text of 1 to {TEXT_MAX:,} characters.")
            return text


def _choice(step: Ask, raw: object) -> str:
    option = step.option(raw)
    if option is None:
        raise _wrong(f"One of {', '.join(option.code for option in step.options)}.")
    return option.code


def _number(step: Ask, raw: object) -> float:
    try:
        value = float(raw.strip().replace(",", ".")) if isinstance(raw, str) else raw
    except ValueError:
        value = None
    most = PRIORITY_MAX if step.save == "priority" else NUMBER_MAX
    lowest = -most if step.lowest is None else step.lowest
    highest = most if step.highest is None else step.highest
    if isinstance(value, bool) or not isinstance(value, int | float) or not lowest <= value <= highest:
        raise _wrong(f"A number from {lowest:g} to {highest:g}.")
    if step.save == "priority" and value != int(value):
        raise _wrong("A whole number.")
    return int(value) if value == int(value) else value


def _date(raw: object) -> str:
    try:
        return date.fromisoformat(raw.strip()).isoformat() if isinstance(raw, str) and len(raw) < 20 else _no_date()
    except ValueError:
        return _no_date()


def _no_date() -> str:
    raise _wrong("A date such as 2026-11-22.")


def _moment(step: Ask, raw: object, now: datetime) -> str:
    """In the zone of `now`, to the minute: as its people read it, and an instant for everybody else."""
    try:
        at = datetime.fromisoformat(raw.strip()) if isinstance(raw, str) and len(raw) < 40 else None
    except ValueError:
        at = None
    if at is None or at.year not in YEARS:
        raise _wrong("A day and a time such as 2026-11-24T15:30.")
    at = (at if at.tzinfo else at.replace(tzinfo=now.tzinfo)).astimezone(now.tzinfo)
    if step.ahead and not now < at <= now + AHEAD_MAX:
        raise _wrong("This moment has passed." if at <= now else "A moment within a year from now.")
    return at.isoformat(timespec="minutes")


def _wrong(detail: str) -> BadInput:
    return BadInput(errors=(FieldError("answer", detail),))


def instant(moment: str) -> datetime:
    """Of an answer of kind moment."""
    return datetime.fromisoformat(moment).astimezone(UTC)


# --- of systems -------------------------------------------------------------------------------------------------------


def read_told(step: Call, raw: object) -> dict[str, Scalar]:
    """What the step keeps of a system's answer: the members that it declares, null where they are missing.

    Raises Unfit, with the name of the member that is of another kind, or empty where it is no object at all.
    """
    if not isinstance(raw, dict):
        raise Unfit
    return {member: _told(member, kind, raw.get(member)) for member, kind in step.gives.items()}


def _told(member: str, kind: Kind, value: Any) -> Scalar:
    match kind, value:
        case _, None:
            return None
        case Kind.YES_NO, bool():
            return value
        case Kind.NUMBER, int() | float() if not isinstance(value, bool):
            if math.isfinite(value) and abs(value) <= NUMBER_MAX:
                return int(value) if value == int(value) else value
        case Kind.TEXT, str():
            text = value.strip()
            if len(text) <= TOLD_MAX and not any(unicodedata.category(sign) in ("Cc", "Cs") for sign in text):
                return text
        case _:
            pass
    raise Unfit(member)


# --- in words ---------------------------------------------------------------------------------------------------------


def worded(step: Ask | Call, answer: Value, language: str = "") -> str:
    """The answer as the case keeps it: the label of a choice, of a system its members, what was typed of all else."""
    if isinstance(step, Call):
        return ", ".join(f"{member}: {plainly(member, value)}" for member, value in told(step, answer))
    if step.kind is Kind.CHOICE:
        option = step.option(answer)
        return in_language(option.label, language) if option else str(answer)
    if step.kind is Kind.MOMENT:
        return f"{datetime.fromisoformat(str(answer)):%Y-%m-%d %H:%M}"
    return plainly(step.id, answer)


def told(step: Call, answer: Value) -> list[tuple[str, Scalar]]:
    """What a system told, in the order in which the step declares it: the database keeps no order."""
    found = answer if isinstance(answer, dict) else {}
    return [(member, value) for member in step.gives if (value := found.get(member)) is not None]


def plainly(_: str, value: object) -> str:
    """A value as the case keeps it; screens word it in their reader's own way."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
