"""Mending words that no article has: one letter wrong, or two in a long word.

Near words of one letter share what is left when each loses a letter (Garbe's symmetric deletes), which is looked up;
those of two are searched among words of about the same length, which is rare and slower.
"""

from __future__ import annotations

import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

MENDED_FROM = 4
"""Letters; shorter words are too near to each other."""
TWO_WRONG_FROM = 8
COMMON_FROM = 20_000
"""With more words than this, those that were written only once are not proposed: many are mistakes themselves."""
LOOKED_AT = 30


class Spelling:
    """The words of one language's articles."""

    def __init__(self, counts: Mapping[str, int], kept: Mapping[str, NDArray[Any]] | None = None) -> None:
        """`kept`: what `arrays` gave for the same counts."""
        least = 2 if len(counts) > COMMON_FROM else 1
        self._counts = Counter({word: count for word, count in counts.items() if count >= least})
        self._words = sorted(word for word in self._counts if len(word) >= MENDED_FROM - 1)
        self._lengths: defaultdict[int, list[str]] = defaultdict(list)
        for word in self._words:
            self._lengths[len(word)].append(word)
        self._sums: NDArray[np.uint32]
        self._owners: NDArray[np.uint32]
        self._sums, self._owners = (kept["sums"], kept["owners"]) if kept else _deletes(self._words)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What takes long to reckon, for a snapshot."""
        return {"sums": self._sums, "owners": self._owners}

    def mended(self, word: str) -> str:
        """The nearest word that articles have, the more frequent of equals; the word itself where there is none."""
        if len(word) < MENDED_FROM or word in self._counts:
            return word
        near = [(OSA.distance(word, other), other) for other in self._one_letter_off(word)]
        near = [(distance, other) for distance, other in near if distance <= 1]
        if not near and len(word) >= TWO_WRONG_FROM:
            near = list(self._two_letters_off(word))
        if not near:
            return word
        return min(near, key=lambda found: (found[0], found[1][0] != word[0], -self._counts[found[1]], found[1]))[1]

    def _one_letter_off(self, word: str) -> list[str]:
        sums = np.array([_sum(part) for part in _shortened(word)], np.uint32)
        first, last = np.searchsorted(self._sums, sums), np.searchsorted(self._sums, sums, "right")
        owners = {int(owner) for a, b in zip(first, last, strict=True) for owner in self._owners[a:b]}
        return [self._words[owner] for owner in sorted(owners)]

    def _two_letters_off(self, word: str) -> Iterator[tuple[int, str]]:
        for length in range(len(word) - 2, len(word) + 3):
            found = extract(word, self._lengths[length], scorer=OSA.distance, score_cutoff=2, limit=LOOKED_AT)
            yield from ((int(distance), other) for other, distance, _ in found)


def _shortened(word: str) -> set[str]:
    """The word, and what is left of it without any one of its letters."""
    return {word, *(word[:place] + word[place + 1 :] for place in range(len(word)))}


def _deletes(words: list[str]) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """The sums of all shortened words in order, and which word each is of."""
    pairs = [(_sum(part), owner) for owner, word in enumerate(words) for part in _shortened(word)]
    table = np.array(pairs, np.uint32).reshape(-1, 2)
    order = np.argsort(table[:, 0], kind="stable")
    return table[order, 0], table[order, 1]


def _sum(text: str) -> int:
    return zlib.crc32(text.encode())
