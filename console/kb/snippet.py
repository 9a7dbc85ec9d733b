"""The line of an article that answers best, with what was asked marked in it."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import lru_cache
from html import escape

from console.kb.analysis import language_of
from console.kb.search import marks
from console.kb.segment import Asked

SNIPPET_CHARACTERS = 180
LEAD = 40
"""Characters before the first word that was asked for."""
PLACES_MAX = 60
"""Places in a text that are compared; a word that stands everywhere tells little."""
STEM_LETTERS = 4


def marked(text: str, asked: Asked, lang: str) -> str:
    """The whole text, as HTML: its words escaped, what was asked in <mark>."""
    html, at = "", 0
    for start, end in marks(text, asked, language_of(lang)):
        html += f"{escape(text[at:start])}<mark>{escape(text[start:end])}</mark>"
        at = end
    return (html + escape(text[at:])).replace("</mark> <mark>", " ")


def snippet(text: str, asked: Asked, lang: str) -> str:
    """The part of the text in which most of what was asked stands close together; as HTML, in one line."""
    start = _best(text, asked)
    if start:
        start = text.rfind(" ", 0, start) + 1 if text.rfind(" ", 0, start) >= start - LEAD else start
    end = start + SNIPPET_CHARACTERS
    if end < len(text) and (space := text.rfind(" ", start + SNIPPET_CHARACTERS // 2, end)) > 0:
        end = space
    quoted = " ".join(text[start:end].split())
    return ("…" if start else "") + marked(quoted, asked, lang) + ("…" if end < len(text) else "")


def _best(text: str, asked: Asked) -> int:
    """Where to begin. Words are looked for by their first letters: what is marked is then decided by the analyser."""
    pattern = _pattern((*asked.tokens, *asked.prefixed))
    if pattern is None:
        return 0
    places: list[tuple[int, str]] = []
    for found in pattern.finditer(text):
        places.append((found.start(), found.group().lower()))
        if len(places) == PLACES_MAX:
            break
    if not places:
        return 0
    starts = [place for place, _ in places]

    def worth(number: int) -> int:
        last = bisect_left(starts, starts[number] + SNIPPET_CHARACTERS - LEAD)
        return len({word for _, word in places[number:last]})

    best = max(range(len(places)), key=lambda number: (worth(number), -number))
    return max(starts[best] - LEAD, 0) if starts[best] > LEAD else 0


@lru_cache(maxsize=512)
def _pattern(tokens: tuple[str, ...]) -> re.Pattern[str] | None:
    beginnings = dict.fromkeys(re.escape(token[:STEM_LETTERS]) for token in tokens)
    return (
        re.compile("|".join(rf"(?<!\w){each}" if each.isascii() else each for each in beginnings), re.IGNORECASE)
        if beginnings
        else None
    )
