"""The line of an article that answers best, with what was asked marked in it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
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
    best = _closest([place for place, _ in places], [word for _, word in places])
    return max(best - LEAD, 0) if best > LEAD else 0


def _closest(starts: Sequence[int], words: Sequence[str]) -> int:
    """The place after which the most different words come within a snippet; of several the first."""
    near: Counter[str] = Counter()
    last, best, most = 0, 0, 0
    for first, start in enumerate(starts):
        while last < len(starts) and starts[last] < start + SNIPPET_CHARACTERS - LEAD:
            near[words[last]] += 1
            last += 1
        if len(near) > most:
            best, most = start, len(near)
        near[words[first]] -= 1
        if not near[words[first]]:
            del near[words[first]]
    return best


@lru_cache(maxsize=512)
def _pattern(tokens: tuple[str, ...]) -> re.Pattern[str] | None:
    beginnings = list(dict.fromkeys(re.escape(token[:STEM_LETTERS]) for token in tokens))
    latin = [each for each in beginnings if each.isascii()]
    others = [each for each in beginnings if not each.isascii()]  # Chinese has no spaces to begin a word after
    choices = [rf"\b(?:{'|'.join(latin)})"] * bool(latin) + others
    return re.compile("|".join(choices), re.IGNORECASE) if choices else None
