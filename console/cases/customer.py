"""Who asks: a customer, found by number, address or the id another system gave them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
import phonenumbers

from console.errors import BadInput, FieldError

NAME_MAX = 200
ADDRESS_MAX = 500
NOTE_MAX = 2000
"""Characters of the pinned note: what is read in the seconds before somebody says hello."""
LANGUAGES_MAX = 10
PHONES_MAX = 20
EMAILS_MAX = 20


class Customer(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `customer`; `phones` in E.164 and `emails`, the preferred first; `languages` by ISO 639, best first."""

    id: str
    name: str | None
    external_id: str | None
    account: str | None = None
    """Their organisation's id."""
    company: str | None = None
    """Its name, or what they call it themselves where it is no account."""
    address: str | None = None
    languages: tuple[str, ...] = ()
    note: str | None
    note_by: str | None = None
    note_at: datetime | None = None
    version: int = 1
    created_at: datetime
    changed_at: datetime
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()


class Particulars(msgspec.Struct, frozen=True, kw_only=True):
    """What a person may correct of a customer; what is empty is not known."""

    name: str | None = None
    external_id: str | None = None
    account: str | None = None
    company: str | None = None
    address: str | None = None
    languages: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()


def particulars_of(customer: Customer, **changes: Any) -> Particulars:
    """What is known of them, but for what is changed."""
    known = {field: getattr(customer, field) for field in Particulars.__struct_fields__}
    return Particulars(**{**known, **changes})


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


def checked(given: Particulars) -> Particulars:
    """The particulars with numbers in E.164 and addresses in small letters, each once. Raises BadInput, naming which.

    A number has to be possible, no more: which ranges are in use the library knows only some months later.
    """
    errors: list[FieldError] = []
    phones = []
    for nth, text in enumerate(given.phones):
        number = e164(text)
        if number is None:
            errors.append(FieldError(f"phones[{nth}]", "Not a phone number with its country code, as +442079460000."))
        else:
            phones.append(number)
    if len(phones) > PHONES_MAX:
        errors.append(FieldError("phones", f"At most {PHONES_MAX} numbers."))
    emails = [email.strip().lower() for email in given.emails]
    if len(emails) > EMAILS_MAX:
        errors.append(FieldError("emails", f"At most {EMAILS_MAX} addresses."))
    if errors:
        raise BadInput(errors=tuple(errors))
    return msgspec.structs.replace(given, phones=_once(phones), emails=_once(emails))


def _once(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))
