"""Finding articles of one language: what was asked, mended and completed, against what there is."""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence

from console.kb.analysis import Piece, folded, pieces, token_of, tokens, words
from console.kb.segment import Article, Asked, Hit, Segment
from console.kb.spelling import MENDED_FROM, Spelling

QUERY_MAX = 1_000
"""Characters that are read of a query; a case's description may be asked, a book may not."""
QUERY_TOKENS_MAX = 64
COMPLETED_MAX = 32
"""Words that a beginning may become."""
COMPLETED_FROM = 2
"""Letters of a beginning; one letter says nothing yet."""


class Vocabulary:
    """The words that the articles are written in."""

    def __init__(self, articles: Iterable[Article], language: str) -> None:
        written: Counter[str] = Counter()
        for article in articles:
            written.update(words(article.title))
            written.update(words(article.body))
        self._tokens: dict[str, str] = {}
        self._counts: Counter[str] = Counter()
        for word, count in written.items():
            if token := token_of(word, language):
                self._tokens[folded(word, language)] = token
                self._counts[folded(word, language)] += count
        self._sorted = sorted(self._counts)
        self._spelling = Spelling(self._counts)

    def __contains__(self, word: str) -> bool:
        return word in self._counts

    def token_of(self, word: str) -> str:
        return self._tokens[word]

    def mended(self, word: str) -> str:
        return self._spelling.mended(word)

    def completed(self, beginning: str) -> list[str]:
        """The tokens of the most frequent words that begin so."""
        first = bisect_left(self._sorted, beginning)
        last = bisect_left(self._sorted, beginning + "\U0010ffff")
        most = heapq.nlargest(COMPLETED_MAX, self._sorted[first:last], key=lambda word: (self._counts[word], word))
        return list(dict.fromkeys(self._tokens[word] for word in most))


class Shelf:
    """The published articles of one language, by key."""

    def __init__(self, articles: Sequence[Article], language: str) -> None:
        self.language = language
        self._main = Segment(articles, language)
        self._vocabulary = Vocabulary(articles, language)

    def __len__(self) -> int:
        return len(self._main)

    @property
    def bytes_held(self) -> int:
        return self._main.bytes_held

    def search(self, query: str, *, limit: int, typing: bool = False) -> list[Hit]:
        """The best articles, best first. `typing`: the last word may be half of one."""
        asked = self.asked(query, typing=typing)
        return self._main.search(asked, limit)

    def asked(self, query: str, *, typing: bool) -> Asked:
        """The query as this shelf understands it."""
        query = query[:QUERY_MAX]
        read = list(pieces(query, self.language))
        if typing and read and not read[-1].han and read[-1].end == len(query):
            beginning = read.pop().word
            if len(beginning) >= COMPLETED_FROM and (completed := self._vocabulary.completed(beginning)):
                return Asked(self._tokens(query, read), completed)
            read = list(pieces(query, self.language))
        return Asked(self._tokens(query, read))

    def _tokens(self, query: str, read: Sequence[Piece]) -> list[str]:
        """Mended word by word; where nothing is mended, the text's own tokens."""
        found: list[str] = []
        place = 0
        for piece in read:
            if piece.han or not piece.token or piece.token in self._main or len(piece.word) < MENDED_FROM:
                continue
            mended = self._vocabulary.mended(piece.word)
            if mended != piece.word:
                found += [*tokens(query[place : piece.start], self.language), self._vocabulary.token_of(mended)]
                place = piece.end
        end = read[-1].end if read else 0
        return (found + tokens(query[place:end], self.language))[:QUERY_TOKENS_MAX]


def marks(text: str, asked: Asked, language: str) -> list[tuple[int, int]]:
    """Where the text has what was asked, as (from, to), in order."""
    wanted = {*asked.tokens, *asked.prefixed}
    return [(piece.start, piece.end) for piece in pieces(text, language) if piece.token in wanted and piece.token]
