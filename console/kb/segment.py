"""An index of articles in one language, built once and never changed; several are merged into one without reading anew.

Ranking is BM25 (Robertson and Zaragoza 2009) over title and body together, the title counted twice, and half as
much again over the title alone; what a term is worth in an article is worked out when the index is built. The best
articles are then ranked anew, with the query's neighbouring words counted where they are neighbours in the article.
"""

# ruff: noqa: SLF001 - a class that makes others of itself knows them from within
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from console.kb.analysis import tokens
from console.kb.packing import packed, unpacked

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
    """The articles given, in their order. A key comes once.

    `beside` is a larger segment that is searched together with this one: what a term is worth is then reckoned over
    both, so that their scores compare.
    """

    def __init__(self, articles: Iterable[Article], language: str, beside: Segment | None = None) -> None:
        read = _Read(language)
        for article in articles:
            read.take(article)
        sequence, starts = read.sequence()
        self._build(read.keys, read.terms, _Texts(sequence, starts, np.array(read.titles, np.uint32)), beside)

    @classmethod
    def merged(cls, parts: Sequence[tuple[Segment, Mask]], beside: Segment | None = None) -> Segment:
        """One segment of those articles of each that its mask marks; nothing is read anew."""
        terms: dict[str, int] = {}
        texts = []
        keys: list[str] = []
        for part, kept in parts:
            numbers = np.fromiter(
                (terms.setdefault(term, len(terms) + 1) for term in part._terms), np.uint32, len(part._terms)
            )
            texts.append(part._texts.only(kept).renumbered(np.concatenate([[BETWEEN], numbers]).astype(np.uint32)))
            keys += [part.keys[place] for place in np.flatnonzero(kept)]
        made = cls.__new__(cls)
        made._build(keys, terms, _Texts.joined(texts), beside)
        return made

    def _build(self, keys: list[str], terms: dict[str, int], texts: _Texts, beside: Segment | None) -> None:
        self.keys = keys
        self._terms = terms
        self._texts = texts
        postings = texts.postings()
        self._documents = postings.documents
        self._first = np.searchsorted(postings.terms, np.arange(len(terms) + 2))
        titled = postings.terms[postings.in_title > 0]
        measured = _Measured(
            len(keys), np.diff(self._first), np.bincount(titled, minlength=len(terms) + 1), *texts.mean_lengths()
        )
        self._own = measured
        if beside is not None and len(beside):
            measured = measured.beside(beside._own, beside._numbers_of(terms))
        self._idf = _idf(measured.articles, measured.all)
        whole, titles = texts.lengths()
        self._pull = _pull(texts.stored_lengths(), measured.mean_stored)
        pulls = _pull(whole, measured.mean), _pull(titles, measured.mean_title)
        self._worth = _worth(postings, pulls, measured, self._idf).astype(np.float16)

    def _numbers_of(self, terms: Iterable[str]) -> Places:
        """Of another segment's terms here, in their order, after BETWEEN; BETWEEN for those that are unknown."""
        return np.array([BETWEEN, *(self._terms.get(term, BETWEEN) for term in terms)], np.int64)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that it is, for a snapshot."""
        own = self._own
        return {
            "keys": packed(self.keys),
            "terms": packed(self._terms),
            "sequence": self._texts.sequence,
            "starts": self._texts.starts,
            "titles": self._texts.titles,
            "documents": self._documents,
            "first": self._first,
            "idf": self._idf,
            "pull": self._pull,
            "worth": self._worth,
            "own_articles": own.articles,
            "own_titled": own.titled,
            "own": np.array([own.all, own.mean, own.mean_title, own.mean_stored]),
        }

    @classmethod
    def of_arrays(cls, kept: Mapping[str, NDArray[Any]]) -> Segment:
        made = cls.__new__(cls)
        made.keys = unpacked(kept["keys"])
        made._terms = {term: number for number, term in enumerate(unpacked(kept["terms"]), 1)}
        made._texts = _Texts(kept["sequence"], kept["starts"], kept["titles"])
        made._documents, made._first, made._idf = kept["documents"], kept["first"], kept["idf"]
        made._pull, made._worth = kept["pull"], kept["worth"]
        count, *means = (float(number) for number in kept["own"])
        made._own = _Measured(int(count), kept["own_articles"], kept["own_titled"], *means)
        return made

    def __len__(self) -> int:
        return len(self.keys)

    def __contains__(self, token: str) -> bool:
        return token in self._terms

    @property
    def bytes_held(self) -> int:
        """By the index itself; keys and terms come to it."""
        texts = self._texts
        arrays = (texts.sequence, texts.starts, self._documents, self._worth, self._first, self._idf, self._pull)
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
        starts = self._texts.starts[found]
        ends = np.minimum(self._texts.starts[found + 1], starts + NEIGHBOURS_OF_MAX)
        text = np.concatenate([self._texts.sequence[start:end] for start, end in zip(starts, ends, strict=True)])
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


class _Measured(NamedTuple):
    """How many articles there are, how many have each term, in their title too, and how long they are on average."""

    all: int
    articles: NDArray[np.integer[Any]]
    titled: NDArray[np.integer[Any]]
    mean: float
    mean_title: float
    mean_stored: float

    def beside(self, larger: _Measured, numbers: Places) -> _Measured:
        """Over both; the larger one's lengths are the usual ones."""
        known = numbers != BETWEEN
        return _Measured(
            self.all + larger.all,
            self.articles + np.where(known, larger.articles[numbers], 0),
            self.titled + np.where(known, larger.titled[numbers], 0),
            larger.mean,
            larger.mean_title,
            larger.mean_stored,
        )


class _Texts(NamedTuple):
    """All texts in a row as numbers of terms, each BETWEEN, title, BETWEEN, body; where each begins, with the end after
    the last; and how long each title is.
    """

    sequence: Numbers
    starts: Places
    titles: Numbers

    @classmethod
    def joined(cls, texts: Sequence[_Texts]) -> _Texts:
        lengths = np.concatenate([np.zeros(0, np.int64), *(np.diff(text.starts) for text in texts)])
        starts = np.zeros(len(lengths) + 1, np.int64)
        np.cumsum(lengths, out=starts[1:])
        sequence = np.concatenate([np.zeros(0, np.uint32), *(text.sequence for text in texts)])
        return cls(sequence, starts, np.concatenate([np.zeros(0, np.uint32), *(text.titles for text in texts)]))

    def only(self, kept: Mask) -> _Texts:
        lengths = np.diff(self.starts)
        starts = np.zeros(int(kept.sum()) + 1, np.int64)
        np.cumsum(lengths[kept], out=starts[1:])
        return _Texts(self.sequence[np.repeat(kept, lengths)], starts, self.titles[kept])

    def renumbered(self, numbers: Numbers) -> _Texts:
        return self._replace(sequence=numbers[self.sequence])

    def stored_lengths(self) -> Floats:
        return np.diff(self.starts).astype(np.float32)

    def lengths(self) -> tuple[Floats, Floats]:
        """Of each weighted text, and of each title."""
        titles = self.titles.astype(np.float32)
        return self.stored_lengths() - 2 + (TITLE_WEIGHT - 1) * titles, titles

    def mean_lengths(self) -> tuple[float, float, float]:
        """Of the weighted texts, of the titles, of the texts as they are stored."""
        if not len(self.titles):
            return 1.0, 1.0, 1.0
        whole, titles = self.lengths()
        return float(whole.mean()), float(titles.mean()), float(self.stored_lengths().mean())

    def postings(self) -> _Postings:
        """Counted some thousand articles at a time: what it takes is then little beside what is held."""
        count = len(self.titles)
        parts = [
            self._counted(first, min(first + READ_TOGETHER, count)) for first in range(0, count or 1, READ_TOGETHER)
        ]
        terms, documents, often, in_title = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        order = np.argsort(terms, kind="stable")
        return _Postings(terms[order], documents[order], often[order], in_title[order])

    def _counted(self, since: int, until: int) -> _Postings:
        starts = self.starts[since : until + 1]
        flat = self.sequence[starts[0] : starts[-1]]
        lengths = np.diff(starts)
        documents = np.repeat(np.arange(since, until), lengths)
        place = np.arange(len(flat)) - np.repeat(starts[:-1] - starts[0], lengths)
        in_title = place <= np.repeat(self.titles[since:until], lengths)
        terms = flat != BETWEEN
        both = flat[terms].astype(np.int64) << 32 | documents[terms]
        each, which = np.unique(both, return_inverse=True)
        titled = np.bincount(which, weights=in_title[terms], minlength=len(each))
        often = np.bincount(which, minlength=len(each)) + (TITLE_WEIGHT - 1) * titled
        return _Postings(
            (each >> 32).astype(np.uint32),
            (each & 0xFFFFFFFF).astype(np.uint32),
            often.astype(np.float32),
            titled.astype(np.float32),
        )


class _Read:
    """Articles on their way into an index."""

    def __init__(self, language: str) -> None:
        self.keys: list[str] = []
        self.terms: dict[str, int] = {}
        self.titles: list[int] = []
        self._language = language
        self._texts: list[Numbers] = []

    def take(self, article: Article) -> None:
        self.keys.append(article.key)
        terms = self.terms
        title, body = (
            [terms.setdefault(token, len(terms) + 1) for token in tokens(text, self._language)]
            for text in (article.title, article.body)
        )
        self._texts.append(np.array([BETWEEN, *title, BETWEEN, *body], np.uint32))
        self.titles.append(len(title))

    def sequence(self) -> tuple[Numbers, Places]:
        """All texts in a row, and where each begins, with the end after the last."""
        starts = np.zeros(len(self._texts) + 1, np.int64)
        np.cumsum([len(text) for text in self._texts], out=starts[1:])
        return np.concatenate([np.zeros(0, np.uint32), *self._texts]), starts


def _worth(postings: _Postings, pulls: tuple[Floats, Floats], measured: _Measured, idf: Floats) -> Floats:
    """What each posting adds to its article's score."""
    pull, pull_of_title = pulls
    worth = idf[postings.terms] * _frequent(postings.often, pull[postings.documents])
    titled = postings.in_title > 0
    terms, documents = postings.terms[titled], postings.documents[titled]
    frequent = _frequent(postings.in_title[titled], pull_of_title[documents])
    worth[titled] += TITLE_ALONE * _idf(measured.titled, measured.all)[terms] * frequent
    return worth


def _idf(articles: NDArray[np.integer[Any]], count: int) -> Floats:
    """How telling a term is that so many of all articles have."""
    return np.log1p((count - articles + 0.5) / (articles + 0.5)).astype(np.float32)


def _pull(lengths: Floats, mean: float) -> Floats:
    """How much an article's length tells against it."""
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
