"""Words that people look for, as conditions on what the tables keep for searching.

Substrings, by trigrams: they find a part of a word in any writing, also where no spaces part the words.
"""

from __future__ import annotations

import re

import msgspec
from sqlalchemy import ColumnElement

from console.db.schema.base import FOLDED_FROM, FOLDED_TO

WORDS_MAX = 8
"""More only slow the search down; those beyond are not looked for."""
DIGITS_MIN = 4
"""Of a number that is looked for; fewer are in every one."""

_FOLDED = {
    ord(letter): FOLDED_TO[place] if place < len(FOLDED_TO) else None for place, letter in enumerate(FOLDED_FROM)
}
_NUMBER = re.compile(r"[+(]?[\d\s().\-/\u2013]+")


class Sought(msgspec.Struct, frozen=True):
    """What somebody typed: every word is to be found; or it is a telephone number, of which these are the digits."""

    words: tuple[str, ...]
    digits: str | None


def sought(text: str) -> Sought:
    """The words, spelt as they are kept; none where nothing was typed."""
    words = tuple(dict.fromkeys(folded(text).split()))[:WORDS_MAX]
    digits = None
    if _NUMBER.fullmatch(text.strip()):
        # Written as it is dialled at home or from abroad; kept as E.164, which has neither prefix.
        kept = re.sub(r"\D", "", text.replace("(0)", "")).removeprefix("00").removeprefix("0")
        digits = kept if len(kept) >= DIGITS_MIN else None
    return Sought(words, digits)


def folded(text: str) -> str:
    """As the database does it: small letters, and one spelling of letters that have two."""
    return text.lower().translate(_FOLDED)


def contains(column: ColumnElement[str], word: str) -> ColumnElement[bool]:
    """Whether the column, which holds folded words, has this one anywhere in it."""
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return column.like(f"%{escaped}%")
