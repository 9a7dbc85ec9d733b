"""What changed between two sources: line by line, and within a changed line word by word."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from console.scripts.script import AnyStep, Check, Script

AROUND = 3
"""Lines that are shown before and after a change."""

_WORDS = re.compile(r"\w+|\s+|[^\w\s]")


class Piece(msgspec.Struct, frozen=True):
    """A stretch of a line."""

    text: str
    changed: bool


class Line(msgspec.Struct, frozen=True):
    """`before` and `after` are its numbers in either source; None where it is not in that one."""

    sign: Literal["=", "-", "+", "…"]
    """`…` stands for lines that are equal and not shown."""
    before: int | None
    after: int | None
    pieces: tuple[Piece, ...]


def between(before: str, after: str) -> tuple[Line, ...]:
    """The lines that differ, each side's words marked, with a little around them."""
    old, new = before.splitlines(), after.splitlines()
    groups = difflib.SequenceMatcher(None, old, new, autojunk=True).get_grouped_opcodes(AROUND)
    found: list[Line] = []
    for nth, group in enumerate(groups):
        if nth or group[0][1]:
            found.append(Line("…", None, None, ()))
        for code in group:
            found += _lines(old, new, code)
    return tuple(found)


def count(lines: Sequence[Line]) -> int:
    """How many places differ: stretches of changed lines."""
    signs = ["" if line.sign in "=…" else "x" for line in lines]
    return sum(1 for at, sign in enumerate(signs) if sign and (at == 0 or not signs[at - 1]))


def _lines(old: list[str], new: list[str], code: tuple[str, int, int, int, int]) -> Iterator[Line]:
    kind, i1, i2, j1, j2 = code
    if kind == "equal":
        for i, j in zip(range(i1, i2), range(j1, j2), strict=True):
            yield Line("=", i + 1, j + 1, (Piece(old[i], changed=False),))
        return
    pairs = [_words(a, b) for a, b in zip(old[i1:i2], new[j1:j2], strict=False)] if kind == "replace" else []
    for nth, i in enumerate(range(i1, i2)):
        yield Line("-", i + 1, None, pairs[nth][0] if nth < len(pairs) else (Piece(old[i], changed=False),))
    for nth, j in enumerate(range(j1, j2)):
        yield Line("+", None, j + 1, pairs[nth][1] if nth < len(pairs) else (Piece(new[j], changed=False),))


def _words(before: str, after: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    mine: list[Piece] = []
    theirs: list[Piece] = []
    for kind, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        changed = kind != "equal"
        if i1 < i2:
            mine.append(Piece("".join(old[i1:i2]), changed))
        if j1 < j2:
            theirs.append(Piece("".join(new[j1:j2]), changed))
    return tuple(mine), tuple(theirs)


def steps_changed(before: Script, after: Script) -> dict[str, Literal["new", "edited"]]:
    """Which of the steps are not as they were, wherever in the file they stand."""
    found: dict[str, Literal["new", "edited"]] = {}
    for id_, step in after.steps.items():
        if id_ not in before.steps:
            found[id_] = "new"
        elif _placeless(step) != _placeless(before.steps[id_]):
            found[id_] = "edited"
    return found


def _placeless(step: AnyStep) -> AnyStep:
    step = msgspec.structs.replace(step, line=0)
    if isinstance(step, Check):
        branches = tuple(msgspec.structs.replace(branch, line=0) for branch in step.branches)
        return msgspec.structs.replace(step, branches=branches)
    return step
