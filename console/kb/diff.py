"""What changed between two texts, line by line, and within a line word by word: as a person would read it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

import msgspec

CONTEXT = 2
"""Lines shown around a change."""
ALIKE = 0.3
"""Lines less alike than this are two lines, not one that changed."""
LINES_MAX = 4_000

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")


class Piece(msgspec.Struct, frozen=True):
    """Of a line; `changed` words stand out in it."""

    text: str
    changed: bool = False


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """`sign`: "+" new, "-" gone, " " in both, "…" some are left out here."""

    sign: str
    old: int | None = None
    new: int | None = None
    pieces: tuple[Piece, ...] = ()


def lines(before: str, after: str) -> list[Line]:
    """Nothing where the texts are equal."""
    old, new = before.splitlines()[:LINES_MAX], after.splitlines()[:LINES_MAX]
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    found: list[Line] = []
    for number, group in enumerate(matcher.get_grouped_opcodes(CONTEXT)):
        if number or group[0][1] or group[0][3]:
            found.append(Line(sign="…"))
        for what, a, b, c, d in group:
            if what == "equal":
                found += [
                    Line(sign=" ", old=a + at + 1, new=c + at + 1, pieces=(Piece(text),))
                    for at, text in enumerate(old[a:b])
                ]
            else:
                found += _changed(old[a:b], new[c:d], a, c)
    return found


def counted(changes: Sequence[Line]) -> tuple[int, int]:
    """How many lines are new, and how many are gone."""
    return sum(line.sign == "+" for line in changes), sum(line.sign == "-" for line in changes)


def _changed(old: Sequence[str], new: Sequence[str], old_at: int, new_at: int) -> Iterator[Line]:
    """All that went, then all that came; a line and what became of it show the words between them."""
    pairs = [_words(one, other) for one, other in zip(old, new, strict=False)]
    for at, text in enumerate(old):
        pieces = pairs[at][0] if at < len(pairs) else (Piece(text, changed=True),)
        yield Line(sign="-", old=old_at + at + 1, pieces=pieces)
    for at, text in enumerate(new):
        pieces = pairs[at][1] if at < len(pairs) else (Piece(text, changed=True),)
        yield Line(sign="+", new=new_at + at + 1, pieces=pieces)


def _words(before: str, after: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.quick_ratio() < ALIKE:
        return (Piece(before, changed=True),), (Piece(after, changed=True),)
    gone: list[Piece] = []
    come: list[Piece] = []
    for what, a, b, c, d in matcher.get_opcodes():
        if a != b:
            gone.append(Piece("".join(old[a:b]), changed=what != "equal"))
        if c != d:
            come.append(Piece("".join(new[c:d]), changed=what != "equal"))
    return tuple(gone), tuple(come)
