"""Languages that customers speak, by their names in the reader's language and by their codes (ISO 639)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from babel import Locale, UnknownLocaleError

from console.web.words import Words

_CODE = re.compile(r"[a-z]{2,3}")


def names(words: Words, codes: Iterable[str]) -> list[str]:
    """`Polish`; a code that nobody has a name for is shown as it is."""
    return [name(words, code) for code in codes]


def name(words: Words, code: str) -> str:
    """One of them; scripts are told apart: `zh-Hans`."""
    return words.locale.languages.get(code.replace("-", "_")) or code


def own_name(code: str) -> str:
    """As those who speak it call it: `polski`; a code that nobody has a name for is shown as it is."""
    try:
        return Locale.parse(code, sep="-").get_display_name() or code
    except (ValueError, UnknownLocaleError):
        return code


def codes(words: Words, typed: str) -> tuple[str, ...] | None:
    """The codes of languages that somebody typed between commas, as names or codes; None: one is no language."""
    wanted = [part for part in re.split(r"[,;،、，]", typed) if part.strip()]
    found = [_codes(words.locale).get(part.strip().casefold()) for part in wanted]
    known = tuple(dict.fromkeys(code for code in found if code))
    return known if all(found) else None


@cache
def _codes(locale: Locale) -> dict[str, str]:
    """Of names in that language and in English, and of the codes themselves."""
    known: dict[str, str] = {}
    for languages in (Locale("en").languages, locale.languages):
        for code, called in languages.items():
            if _CODE.fullmatch(code):
                known[called.casefold()] = known[code] = code
    return known
