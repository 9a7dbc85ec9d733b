"""Every shelf of a node, and what is found over all of them."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from console.kb.analysis import language_of
from console.kb.search import Facets, Shelf, Wanted
from console.kb.segment import Asked, Hit


class Filter(NamedTuple):
    """What is asked for besides words; None: whichever."""

    lang: str | None = None
    """`zh` is both ways of writing, `zh-Hans` one."""
    topics: frozenset[str] | None = None
    """Ids of a subtree."""
    kind: str | None = None
    audience: str | None = None

    @property
    def wanted(self) -> Wanted | None:
        exact = self.lang if self.lang and "-" in self.lang else None
        if exact is None and self.topics is None and self.kind is None and self.audience is None:
            return None

        def wanted(facets: Facets) -> bool:
            return (
                (exact is None or facets.lang == exact)
                and (self.topics is None or facets.topic in self.topics)
                and (self.kind is None or facets.kind == self.kind)
                and (self.audience is None or facets.audience == self.audience)
            )

        return wanted


EVERYTHING = Filter()


class Library:
    """What a node searches; empty until its loop has filled it. Shelves are replaced whole, never changed."""

    def __init__(self) -> None:
        self.shelves: Mapping[str, Shelf] = {}
        self.change = 0
        """The last that is in it."""
        self.filled = False
        """All that was in force when the node began is in it."""

    def __len__(self) -> int:
        return sum(map(len, self.shelves.values()))

    def search(
        self, query: str, *, limit: int, typing: bool | None = None, where: Filter = EVERYTHING
    ) -> tuple[list[Hit], dict[str, Asked]]:
        """The best articles, best first; and how each language's shelf understood the query."""
        asked = {shelf.language: shelf.asked(query, typing=typing) for shelf in self._asked_of(where)}
        found = [self.shelves[name].find(each, limit=limit, wanted=where.wanted) for name, each in asked.items()]
        return heapq.nsmallest(limit, chain(*found), key=lambda hit: -hit.score), asked

    def _asked_of(self, where: Filter) -> Sequence[Shelf]:
        shelves = self.shelves
        if where.lang is None:
            return list(shelves.values())
        shelf = shelves.get(language_of(where.lang))
        return [shelf] if shelf else []
