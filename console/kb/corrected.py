"""What was taken for a mistake: words of a query that no result has, and the words of the results they were taken for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from html import unescape

from console.kb.analysis import language_of, token_of, words

LIKE = 0.7
"""How much alike two words are that differ by a letter or two; below that they are two words."""
LETTERS_MIN = 4
"""Shorter words are like too many others."""
_MARKED = re.compile(r"<mark>(.*?)</mark>", re.DOTALL)


def corrected(query: str, found: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Each with what it was taken for, in the order of the query. `found`: HTML with matches marked, and its language."""
    there: dict[str, str] = {}
    for html, lang in found:
        for marked in _MARKED.findall(html):
            there |= {word.lower(): language_of(lang) for word in words(unescape(marked))}
    wrong = [word.lower() for word in words(query) if len(word) >= LETTERS_MIN and not _stands(word.lower(), there)]
    taken = [(word, get_close_matches(word, there, 1, LIKE)) for word in dict.fromkeys(wrong)]
    return tuple((word, best[0]) for word, best in taken if best)


def _stands(word: str, there: dict[str, str]) -> bool:
    """As it is, in another form, or as the beginning of a word that is still being typed."""
    return any(
        each.startswith(word) or token_of(word, language) == token_of(each, language)
        for each, language in there.items()
    )
