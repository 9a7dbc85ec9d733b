"""How long a text is, as its readers count: words of an alphabet, signs of Chinese."""

from __future__ import annotations

import re

import msgspec

from console.kb.analysis import pieces

SENTENCE_WORDS_MAX = 30
SENTENCE_SIGNS_MAX = 60
"""What is longer is not understood while somebody talks; a Chinese word has about two signs."""

_SENTENCE = re.compile(r"[.!?\u061f\u06d4]+(?=\s|$)|[\u3002\uff01\uff1f]+|\n+")
"""A point within a number ends none; Chinese goes on without a space."""


class Measure(msgspec.Struct, frozen=True):
    words: int
    signs: int

    @property
    def signed(self) -> bool:
        """It is Chinese for the most part, and told in signs; a name in Latin letters counts as one."""
        return self.signs > self.words

    @property
    def length(self) -> int:
        return self.words + self.signs

    @property
    def long(self) -> bool:
        """For one sentence."""
        return self.length > (SENTENCE_SIGNS_MAX if self.signed else SENTENCE_WORDS_MAX)


def measured(plain: str) -> Measure:
    signs = words = 0
    for piece in pieces(plain, ""):
        signs += piece.han
        words += not piece.han
    return Measure(words, signs)


def longest_sentence(plain: str) -> Measure:
    """The longest one; blocks of the text stand on lines of their own."""
    return max((measured(part) for part in _SENTENCE.split(plain)), key=lambda one: one.length, default=Measure(0, 0))
