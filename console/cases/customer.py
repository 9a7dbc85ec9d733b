"""Who asks: a customer, found by number, address or the id another system gave them."""

from __future__ import annotations

from datetime import datetime

import msgspec
import phonenumbers

NAME_MAX = 200
ADDRESS_MAX = 500
NOTE_MAX = 2000
"""Characters of the pinned note: what is read in the seconds before somebody says hello."""
LANGUAGES_MAX = 10


class Customer(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `customer`; `phones` in E.164, `languages` by ISO 639, best first."""

    id: str
    name: str | None
    email: str | None
    external_id: str | None
    company: str | None = None
    address: str | None = None
    languages: tuple[str, ...] = ()
    note: str | None
    note_by: str | None = None
    note_at: datetime | None = None
    version: int = 1
    created_at: datetime
    phones: tuple[str, ...] = ()


class Particulars(msgspec.Struct, frozen=True, kw_only=True):
    """What a person may correct of a customer; what is empty is not known."""

    name: str | None = None
    company: str | None = None
    email: str | None = None
    address: str | None = None
    languages: tuple[str, ...] = ()


class Described(msgspec.Struct, frozen=True, kw_only=True):
    """A customer in the words of whoever registers a case; one of the keys finds them."""

    phone: str | None = None
    email: str | None = None
    name: str | None = None
    external_id: str | None = None


def e164(text: str | None) -> str | None:
    """The number in E.164, or None where it is none (`anonymous`, a SIP URI, an extension).

    Without a leading + or 00 nobody knows its country: such digits find no customer.
    """
    if not text:
        return None
    digits = text.strip()
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    if not digits.startswith("+"):
        return None
    try:
        number = phonenumbers.parse(digits, None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    formatted: str = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return formatted
