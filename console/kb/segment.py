"""An index of articles in one language, built once and never changed.

Ranking is BM25 (Robertson and Zaragoza 2009) over title and body together, the title counted twice, and half as
much again over the title alone; what a term is worth in an article is worked out when the index is built. The best
articles are then ranked anew, with the query's neighbouring words counted where they are neighbours in the article.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from console.kb.analysis import tokens

K1 = 1.6
B = 0.75
TITLE_WEIGHT = 2
TITLE_ALONE = 0.5
NEIGHBOURS = 0.3
NEIGHBOURS_RARER = 0.8
"""How much rarer than its two words a pair of neighbours is taken to be, as a share of the sum of theirs."""
RANKED_ANEW = 200
NEIGHBOURS_OF_MAX = 2_000
"""Tokens of an article that are looked at for neighbours; all of them count by themselves."""
BETWEEN = 0
"""Stands before title and body, and is no term's number."""
LEVELS = 1_000
"""Of greatness, from nothing to the best article's score."""
READ_TOGETHER = 4_000
"""Articles whose tokens are counted at once: what it takes to build is then little beside what is held."""

Floats = NDArray[np.float32]
Numbers = NDArray[np.uint32]
Places = NDArray[np.int64]
Mask = NDArray[np.bool_]


class Article(NamedTuple):
    """What is searched of an article. The texts are plain."""

    key: str
    title: str
    body: str


class Hit(NamedTuple):
    key: str
    score: float


class Asked(NamedTuple):
    """A query as tokens; `prefixed` are those that the word still being typed may become."""

    tokens: Sequence[str]
    prefixed: Sequence[str] = ()


class Segment:
    """The articles given, in their order. A key comes once."""

    def __init__(self, articles: Iterable[Article], language: str) -> None:
        read = _Read(language)
        for article in articles:
            read.take(article)
        postings = read.counted()
        self.keys = read.keys
        self._terms = read.terms
        self._sequence, self._starts = read.sequence()
        self._documents = postings.documents
        self._first = np.searchsorted(postings.terms, np.arange(len(self._terms) + 2))
        self._idf = _idf(np.diff(self._first), len(self.keys))
        self._pull = _pull(np.diff(self._starts).astype(np.float32))
        self._worth = _worth(postings, read.lengths(), self._idf, len(self.keys)).astype(np.float16)

    def __len__(self) -> int:
        return len(self.keys)

    def __contains__(self, token: str) -> bool:
        return token in self._terms

    @property
    def bytes_held(self) -> int:
        """By the index itself; keys and terms come to it."""
        arrays = (self._sequence, self._starts, self._documents, self._worth, self._first, self._idf, self._pull)
        return sum(array.nbytes for array in arrays)

    def search(self, asked: Asked, limit: int, left_out: Mask | None = None) -> list[Hit]:
        """The best articles, best first; `left_out` marks those that count as not there."""
        scores = np.zeros(len(self.keys), np.float32)
        for token in asked.tokens:
            documents, worth = self._postings(token)
            scores[documents] += worth
        if asked.prefixed:
            scores += self._best_of(asked.prefixed)
        if left_out is not None:
            scores[left_out] = 0
        found = _greatest(scores, max(limit, RANKED_ANEW))
        self._rank_anew(asked.tokens, found, scores)
        best = found[np.lexsort((found, -scores[found]))][:limit]
        return [Hit(self.keys[place], float(scores[place])) for place in best]

    def _postings(self, token: str) -> tuple[Numbers, Floats]:
        number = self._terms.get(token, BETWEEN)
        first, last = self._first[number], self._first[number + 1]
        return self._documents[first:last], self._worth[first:last].astype(np.float32)

    def _best_of(self, prefixed: Sequence[str]) -> Floats:
        """Of the words that it may become, each article's best one."""
        best = np.zeros(len(self.keys), np.float32)
        for token in prefixed:
            documents, worth = self._postings(token)
            best[documents] = np.maximum(best[documents], worth)
        return best

    def _rank_anew(self, asked: Sequence[str], found: Places, scores: Floats) -> None:
        numbers = [self._terms.get(token, BETWEEN) for token in asked]
        wanted = [(one, other) for one, other in pairwise(numbers) if one and other]
        if not wanted or not len(found):
            return
        starts = self._starts[found]
        ends = np.minimum(self._starts[found + 1], starts + NEIGHBOURS_OF_MAX)
        text = np.concatenate([self._sequence[start:end] for start, end in zip(starts, ends, strict=True)])
        article = np.repeat(np.arange(len(found)), ends - starts)
        for one, other in wanted:
            # Neighbours are of one article, and of one of its two texts: BETWEEN stands before each.
            at = article[1:][(text[:-1] == one) & (text[1:] == other)]
            if len(at):
                often = np.bincount(at, minlength=len(found)).astype(np.float32)
                rare = NEIGHBOURS_RARER * (self._idf[one] + self._idf[other])
                scores[found] += NEIGHBOURS * rare * _frequent(often, self._pull[found])


class _Postings(NamedTuple):
    """Ordered by term, and by document within a term; frequencies are of the weighted text, and of the title."""

    terms: Numbers
    documents: Numbers
    often: Floats
    in_title: Floats


class _Read:
    """Articles on their way into an index."""

    def __init__(self, language: str) -> None:
        self.keys: list[str] = []
        self.terms: dict[str, int] = {}
        self._language = language
        self._texts: list[Numbers] = []
        self._title_lengths: list[int] = []
        self._counted: list[_Postings] = []
        self._counted_to = 0

    def take(self, article: Article) -> None:
        self.keys.append(article.key)
        terms = self.terms
        title, body = (
            [terms.setdefault(token, len(terms) + 1) for token in tokens(text, self._language)]
            for text in (article.title, article.body)
        )
        self._texts.append(np.array([BETWEEN, *title, BETWEEN, *body], np.uint32))
        self._title_lengths.append(len(title))
        if len(self.keys) % READ_TOGETHER == 0:
            self._count()

    def counted(self) -> _Postings:
        self._count()
        terms, documents, often, in_title = (np.concatenate(parts) for parts in zip(*self._counted, strict=True))
        self._counted.clear()
        order = np.argsort(terms, kind="stable")
        return _Postings(terms[order], documents[order], often[order], in_title[order])

    def sequence(self) -> tuple[Numbers, Places]:
        """All texts in a row, and where each begins, with the end after the last."""
        lengths = [len(text) for text in self._texts]
        starts = np.zeros(len(lengths) + 1, np.int64)
        np.cumsum(lengths, out=starts[1:])
        return np.concatenate([np.zeros(0, np.uint32), *self._texts]), starts

    def lengths(self) -> tuple[Floats, Floats]:
        """Of each weighted text, and of each title."""
        titles = np.array(self._title_lengths, np.float32)
        whole = np.array([len(text) - 2 for text in self._texts], np.float32)
        return whole + (TITLE_WEIGHT - 1) * titles, titles

    def _count(self) -> None:
        """The articles that were taken since the last time."""
        since, self._counted_to = self._counted_to, len(self._texts)
        texts = [np.zeros(0, np.uint32), *self._texts[since:]]
        lengths = np.array([len(text) for text in texts])
        flat = np.concatenate(texts)
        documents = np.repeat(np.arange(since - 1, len(self._texts)), lengths)
        place = np.arange(len(flat)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        in_title = place <= np.repeat([0, *self._title_lengths[since:]], lengths)
        terms = flat != BETWEEN
        both = flat[terms].astype(np.int64) << 32 | documents[terms]
        each, which = np.unique(both, return_inverse=True)
        titled = np.bincount(which, weights=in_title[terms], minlength=len(each))
        often = np.bincount(which, minlength=len(each)) + (TITLE_WEIGHT - 1) * titled
        self._counted.append(
            _Postings(
                (each >> 32).astype(np.uint32),
                (each & 0xFFFFFFFF).astype(np.uint32),
                often.astype(np.float32),
                titled.astype(np.float32),
            )
        )


def _worth(postings: _Postings, lengths: tuple[Floats, Floats], idf: Floats, count: int) -> Floats:
    """What each posting adds to its article's score."""
    whole, titles = lengths
    worth = idf[postings.terms] * _frequent(postings.often, _pull(whole)[postings.documents])
    titled = postings.in_title > 0
    terms, documents = postings.terms[titled], postings.documents[titled]
    idf_of_titles = _idf(np.bincount(terms, minlength=len(idf)), count)
    frequent = _frequent(postings.in_title[titled], _pull(titles)[documents])
    worth[titled] += TITLE_ALONE * idf_of_titles[terms] * frequent
    return worth


def _idf(articles: NDArray[np.integer], count: int) -> Floats:
    """How telling a term is that so many of all articles have."""
    return np.log1p((count - articles + 0.5) / (articles + 0.5)).astype(np.float32)


def _pull(lengths: Floats) -> Floats:
    """How much an article's length tells against it."""
    mean = float(lengths.mean()) if len(lengths) else 1.0
    return (K1 * (1 - B + B * lengths / max(mean, 1.0))).astype(np.float32)


def _frequent(often: Floats, pull: Floats) -> Floats:
    return (often * (K1 + 1) / (often + pull)).astype(np.float32)


def _greatest(scores: Floats, most: int) -> Places:
    """Where the greatest are, in no order; those of nothing are not among them.

    A histogram finds how great they must be; sorting out a hundred thousand takes five times as long.
    """
    greatest = scores.max(initial=0)
    if not greatest:
        return np.zeros(0, np.int64)
    level = (scores * (LEVELS / greatest)).astype(np.int32)
    as_great = np.cumsum(np.bincount(level, minlength=LEVELS + 1)[::-1])[::-1]
    floor = int(np.searchsorted(-as_great, -most, "right")) - 1
    candidates = np.flatnonzero(level >= floor) if floor > 0 else np.flatnonzero(scores)
    if len(candidates) > most:
        candidates = candidates[np.argpartition(scores[candidates], -most)[-most:]]
    return candidates
