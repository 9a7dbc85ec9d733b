"""The words that articles are written in: known, mended, completed."""

# ruff: noqa: SLF001 - a class that makes others of itself knows them from within
from __future__ import annotations

import heapq
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from console.kb.analysis import folded, token_of, words
from console.kb.packing import packed, unpacked
from console.kb.segment import Article
from console.kb.spelling import Spelling

COMPLETED_MAX = 32
"""Words that a beginning may become."""


class Vocabulary:
    """Of one segment's articles. Words count as often as they are written; what left meanwhile still counts."""

    def __init__(self, counts: Mapping[str, int], tokens: Mapping[str, str], spelling: Spelling | None = None) -> None:
        self._counts = counts
        self._tokens = tokens
        self._sorted = sorted(counts)
        self._spelling = spelling or Spelling(counts)

    @classmethod
    def of(cls, articles: Iterable[Article], language: str) -> Vocabulary:
        written: Counter[str] = Counter()
        for article in articles:
            written.update(words(article.title))
            written.update(words(article.body))
        tokens: dict[str, str] = {}
        counts: Counter[str] = Counter()
        for word, count in written.items():
            if token := token_of(word, language):
                tokens[folded(word, language)] = token
                counts[folded(word, language)] += count
        return cls(counts, tokens)

    @classmethod
    def merged(cls, parts: Iterable[Vocabulary]) -> Vocabulary:
        counts: Counter[str] = Counter()
        tokens: dict[str, str] = {}
        for part in parts:
            counts.update(part._counts)
            tokens.update(part._tokens)
        return cls(counts, tokens)

    def __contains__(self, word: str) -> bool:
        return word in self._counts

    def count(self, word: str) -> int:
        return self._counts.get(word, 0)

    def token_of(self, word: str) -> str | None:
        return self._tokens.get(word)

    def mended(self, word: str) -> str:
        return self._spelling.mended(word)

    def completed(self, beginning: str) -> list[tuple[int, str]]:
        """How often, and the word: the most frequent that begin so."""
        first = bisect_left(self._sorted, beginning)
        last = bisect_left(self._sorted, beginning + "\U0010ffff")
        return heapq.nlargest(COMPLETED_MAX, ((self._counts[word], word) for word in self._sorted[first:last]))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that it is, for a snapshot."""
        known = self._sorted
        return {
            "words": packed(known),
            "word_tokens": packed([self._tokens[word] for word in known]),
            "counts": np.array([self._counts[word] for word in known], np.uint32),
            **self._spelling.arrays(),
        }

    @classmethod
    def of_arrays(cls, kept: Mapping[str, NDArray[Any]]) -> Vocabulary:
        known = unpacked(kept["words"])
        counts = dict(zip(known, kept["counts"].tolist(), strict=True))
        tokens = dict(zip(known, unpacked(kept["word_tokens"]), strict=True))
        return cls(counts, tokens, Spelling(counts, kept))
