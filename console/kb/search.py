"""Finding articles of one language: what was asked, mended and completed, against what there is.

A shelf is made of parts, the largest first: each change adds a small one beside the others, and small ones are merged
into larger ones as they gather (`compacted`). A shelf never changes: whoever holds one can search it while the next is
made in another thread.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA

from console.kb.analysis import Piece, pieces, places, tokens
from console.kb.packing import packed, unpacked
from console.kb.segment import Article, Asked, Hit, Mask, Segment
from console.kb.spelling import MENDED_FROM
from console.kb.vocabulary import COMPLETED_MAX, Vocabulary

QUERY_MAX = 1_000
"""Characters that are read of a query; a case's description may be asked, a book may not."""
QUERY_TOKENS_MAX = 64
COMPLETED_FROM = 2
"""Letters of a beginning; one letter says nothing yet."""
GROWTH = 4
"""A part is at least so many times as large as the next, or they are merged."""


class Facets(NamedTuple):
    """By what articles are filtered."""

    lang: str = ""
    topic: str = ""
    kind: str = ""
    audience: str = ""


class Entry(NamedTuple):
    """An article as it stands on a shelf."""

    article: Article
    version: int = 1
    facets: Facets = Facets()


Wanted = Callable[[Facets], bool]


class Part(NamedTuple):
    segment: Segment
    vocabulary: Vocabulary
    versions: NDArray[np.int32]
    facets: tuple[Facets, ...]
    """Those that there are."""
    which: NDArray[np.int32]
    """Of them, by article."""
    there: Mask
    """False: taken away, or replaced by a later part's."""

    @classmethod
    def of(cls, entries: Sequence[Entry], language: str, beside: Segment | None) -> Part:
        articles = [entry.article for entry in entries]
        facets, which = _numbered([entry.facets for entry in entries])
        return cls(
            Segment(articles, language, beside),
            Vocabulary.of(articles, language),
            np.array([entry.version for entry in entries], np.int32),
            facets,
            which,
            np.ones(len(entries), np.bool_),
        )

    @classmethod
    def merged(cls, parts: Sequence[Part], beside: Segment | None) -> Part:
        facets, which = _numbered([part.facets[number] for part in parts for number in part.which[part.there].tolist()])
        return cls(
            Segment.merged([(part.segment, part.there) for part in parts], beside),
            Vocabulary.merged([part.vocabulary for part in parts]),
            np.concatenate([part.versions[part.there] for part in parts]),
            facets,
            which,
            np.ones(len(which), np.bool_),
        )

    def without(self, keys: Mapping[str, object]) -> Part:
        """Unchanged where none of them is here."""
        gone = [place for place, key in enumerate(self.segment.keys) if key in keys and self.there[place]]
        if not gone:
            return self
        there = self.there.copy()
        there[gone] = False
        return self._replace(there=there)

    def left_out(self, wanted: Wanted | None) -> Mask | None:
        if wanted is None:
            return None if self.there.all() else ~self.there
        accepted = np.array([wanted(facets) for facets in self.facets], np.bool_)
        return ~(self.there & accepted[self.which])


class Shelf:
    """The published articles of one language, by key."""

    def __init__(self, language: str, parts: Sequence[Part] = ()) -> None:
        self.language = language
        self.parts = tuple(parts)

    @classmethod
    def of(cls, articles: Sequence[Article], language: str) -> Shelf:
        return cls(language).changed([Entry(article) for article in articles])

    def __len__(self) -> int:
        return sum(int(part.there.sum()) for part in self.parts)

    @property
    def bytes_held(self) -> int:
        return sum(part.segment.bytes_held for part in self.parts)

    def versions(self) -> dict[str, int]:
        """What stands here, and which version of it."""
        return {
            key: int(part.versions[place])
            for part in self.parts
            for place, key in enumerate(part.segment.keys)
            if part.there[place]
        }

    # --- changing -----------------------------------------------------------------------------------------------------

    def changed(self, put: Sequence[Entry], gone: Iterable[str] = ()) -> Shelf:
        """The shelf with these put, in place of what had their keys, and those taken away."""
        latest = {entry.article.key: entry for entry in put}
        away = {**latest, **dict.fromkeys(gone)}
        parts = [part.without(away) for part in self.parts]
        if latest:
            beside = parts[0].segment if parts else None
            parts.append(Part.of(list(latest.values()), self.language, beside))
        return Shelf(self.language, [part for part in parts if part.there.any()])

    @property
    def scattered(self) -> int:
        """How many of the last parts are to be merged: none, or two and more."""
        sizes = [len(part.segment) for part in self.parts]
        first = len(sizes) - 1
        together = sizes[-1] if sizes else 0
        while first > 0 and sizes[first - 1] < GROWTH * together:
            first -= 1
            together += sizes[first]
        count = len(sizes) - first
        return count if count > 1 else 0

    def compacted(self) -> Shelf:
        """With the last parts merged, which takes a while where they are large."""
        count = self.scattered
        if not count:
            return self
        before, last = self.parts[:-count], self.parts[-count:]
        return Shelf(self.language, [*before, Part.merged(last, before[0].segment if before else None)])

    def with_compacted(self, began: Shelf, done: Shelf) -> Shelf:
        """This shelf with what was compacted of an earlier one, and with what changed meanwhile."""
        count = began.scattered
        first = len(began.parts) - count
        now = {id(part.segment): part for part in self.parts}
        kept = [
            now[id(old.segment)].there[old.there]
            if id(old.segment) in now
            else np.zeros(int(old.there.sum()), np.bool_)
            for old in began.parts[first:]
        ]
        merged = done.parts[-1]._replace(there=np.concatenate(kept))
        old = {id(part.segment) for part in began.parts[first:]}
        others = [part for part in self.parts if id(part.segment) not in old]
        before = {id(part.segment) for part in began.parts[:first]}
        larger = [part for part in others if id(part.segment) in before]
        later = [part for part in others if id(part.segment) not in before]
        return Shelf(self.language, [part for part in (*larger, merged, *later) if part.there.any()])

    # --- searching ----------------------------------------------------------------------------------------------------

    def search(self, query: str, *, limit: int, typing: bool | None = None, wanted: Wanted | None = None) -> list[Hit]:
        """The best articles, best first; `typing` as in `asked`."""
        return self.find(self.asked(query, typing=typing), limit=limit, wanted=wanted)

    def find(self, asked: Asked, *, limit: int, wanted: Wanted | None = None) -> list[Hit]:
        found = [part.segment.search(asked, limit, part.left_out(wanted)) for part in self.parts]
        if len(found) == 1:
            return found[0]
        return heapq.nsmallest(limit, chain(*found), key=lambda hit: -hit.score)

    def asked(self, query: str, *, typing: bool | None = None) -> Asked:
        """The query as this shelf understands it.

        `typing`: the last word may be half of one; None: where no article has it as it is.
        """
        query = query[:QUERY_MAX]
        read = list(pieces(query, self.language))
        if typing is not False and read and not read[-1].han and read[-1].end == len(query):
            last = read[-1]
            known = typing is None and (not last.token or self._knows(last))
            if not known and len(last.word) >= COMPLETED_FROM and (completed := self._completed(last.word)):
                return Asked(self._tokens(query, read[:-1]), completed)
        return Asked(self._tokens(query, read))

    def _completed(self, beginning: str) -> list[str]:
        """The tokens of the most frequent words that begin so."""
        words = heapq.nlargest(COMPLETED_MAX, chain(*([*_with(part.vocabulary, beginning)] for part in self.parts)))
        return list(dict.fromkeys(token for _, _, token in words))

    def _tokens(self, query: str, read: Sequence[Piece]) -> list[str]:
        """Mended word by word; where nothing is mended, the text's own tokens."""
        found: list[str] = []
        place = 0
        for piece in read:
            if piece.han or not piece.token or len(piece.word) < MENDED_FROM or self._knows(piece):
                continue
            if token := self._mended(piece.word):
                found += [*tokens(query[place : piece.start], self.language), token]
                place = piece.end
        end = read[-1].end if read else 0
        return (found + tokens(query[place:end], self.language))[:QUERY_TOKENS_MAX]

    def _knows(self, piece: Piece) -> bool:
        return any(piece.token in part.segment for part in self.parts)

    def _mended(self, word: str) -> str | None:
        """The token of the nearest word that articles have; None: there is none that is near."""
        near = {
            (OSA.distance(word, other), other[:1] != word[:1], -part.vocabulary.count(other), other): part.vocabulary
            for part in self.parts
            if (other := part.vocabulary.mended(word)) != word or word in part.vocabulary
        }
        if not near:
            return None
        best = min(near)
        return near[best].token_of(best[-1])

    # --- snapshots ----------------------------------------------------------------------------------------------------

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that it is, by names that `of_arrays` reads."""
        kept: dict[str, NDArray[Any]] = {"parts": np.array(len(self.parts))}
        for number, part in enumerate(self.parts):
            of_part = {
                **part.segment.arrays(),
                **part.vocabulary.arrays(),
                "versions": part.versions,
                "facets": packed(["\t".join(facets) for facets in part.facets]),
                "which": part.which,
                "there": part.there,
            }
            kept |= {f"{number}.{name}": array for name, array in of_part.items()}
        return kept

    @classmethod
    def of_arrays(cls, language: str, kept: Mapping[str, NDArray[Any]]) -> Shelf:
        parts = []
        for number in range(int(kept["parts"])):
            own = {name.partition(".")[2]: kept[name] for name in kept if name.startswith(f"{number}.")}
            facets = tuple(Facets(*line.split("\t")) for line in unpacked(own["facets"]))
            segment, vocabulary = Segment.of_arrays(own), Vocabulary.of_arrays(own)
            parts.append(Part(segment, vocabulary, own["versions"], facets, own["which"], own["there"]))
        return cls(language, parts)


def marks(text: str, asked: Asked, language: str) -> list[tuple[int, int]]:
    """Where the text has what was asked, as (from, to), in order."""
    return places(text, language, {*asked.tokens, *asked.prefixed})


def _with(vocabulary: Vocabulary, beginning: str) -> Iterable[tuple[int, str, str]]:
    for count, word in vocabulary.completed(beginning):
        if token := vocabulary.token_of(word):
            yield count, word, token


def _numbered(facets: Sequence[Facets]) -> tuple[tuple[Facets, ...], NDArray[np.int32]]:
    known: dict[Facets, int] = {}
    which = np.fromiter((known.setdefault(each, len(known)) for each in facets), np.int32, len(facets))
    return tuple(known), which
