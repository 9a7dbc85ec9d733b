"""Keeps this node's index of articles fresh: what came into force is found, what went out of force is gone.

The truth is in the database; the index follows the numbers of changes there, nudged, and by a poll behind that. It is
built in a thread, so that calls go on meanwhile, and it is kept in a file for a quick start: a file that does not agree
with the database is thrown away.
"""

from __future__ import annotations

import asyncio
import gc
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import structlog
from numpy.typing import NDArray

from console.errors import NotReady
from console.kb.analysis import language_of
from console.kb.article import searched_title
from console.kb.search import Entry, Facets, Shelf
from console.kb.segment import Article
from console.kb.store import index
from console.kb.store.index import READ_AT_ONCE, InForce
from console.services.context import Context

POLL_S = 0.5
KEEP_EVERY_S = 60.0
"""Between two writings of the file; what is in it only has to be younger than a rebuild takes."""
KEPT_FROM = 500
"""Articles; fewer are read in no time."""

log = structlog.get_logger()


class Knowledge:
    def __init__(self, ctx: Context, kept_in: Path | None = None) -> None:
        self._ctx = ctx
        self._library = ctx.library
        self._kept_in = kept_in
        self._kept_at = 0.0
        self._kept_change = 0
        self._compacting: asyncio.Task[None] | None = None
        self._shelving = asyncio.Lock()
        """Held by whoever puts other shelves in place of those that there are."""

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                more = await self.run_once()
                if not more:
                    await self._keep_now_and_then()
            except NotReady:
                more = False
            if not more:
                await self._ctx.nudges.wait("knowledge", POLL_S)

    async def run_once(self) -> bool:
        """Take in what changed. True: there may be more."""
        library = self._library
        if not library.filled and not library.change:
            await self._begin()
        async with self._ctx.db.transaction() as db:
            changed = await index.changed(db, library.change)
        if changed:
            async with self._shelving:
                library.shelves = await asyncio.to_thread(_with, dict(library.shelves), changed)
                library.change = changed[-1].change
            self._compact()
        more = len(changed) == READ_AT_ONCE
        if not library.filled and not more:
            library.filled = True
            # The node is complete. What it has loaded stays: looking through it for garbage stops everything for a
            # tenth of a second, calls and searches too.
            gc.freeze()
        return more

    async def settle(self) -> None:
        """Wait for what is being merged."""
        while self._compacting is not None:
            await self._compacting

    def _compact(self) -> None:
        """Merge parts as they gather, while new ones may come."""
        scattered = [shelf for shelf in self._library.shelves.values() if shelf.scattered]
        if scattered and self._compacting is None:
            self._compacting = asyncio.create_task(self._compacted(scattered[0]))

    async def _compacted(self, began: Shelf) -> None:
        try:
            done = await asyncio.to_thread(began.compacted)
            library = self._library
            async with self._shelving:
                now = library.shelves[began.language]
                together = await asyncio.to_thread(now.with_compacted, began, done)
                library.shelves = {**library.shelves, began.language: together}
        finally:
            self._compacting = None
        self._compact()

    # --- the file -----------------------------------------------------------------------------------------------------

    async def _begin(self) -> None:
        """From the file, where it agrees with the database."""
        if self._kept_in is None:
            return
        kept = await asyncio.to_thread(_read, self._kept_in)
        if kept is None:
            return
        change, shelves = kept
        async with self._ctx.db.snapshot() as db:
            in_force, later = await index.in_force(db), await index.changed(db, change, limit=READ_AT_ONCE)
            last = await index.last_change(db)
        known = {key: version for shelf in shelves.values() for key, version in shelf.versions().items()}
        changed = {each.id for each in later}
        same = {key: version for key, version in in_force.items() if key not in changed}
        if change > last or same != {key: version for key, version in known.items() if key not in changed}:
            log.info("knowledge.begun_anew")
            return
        self._library.shelves, self._library.change = shelves, change
        self._kept_change = change

    async def _keep_now_and_then(self) -> None:
        library = self._library
        now = asyncio.get_running_loop().time()
        if self._kept_in is None or library.change == self._kept_change or len(library) < KEPT_FROM:
            return
        if self._compacting is not None or now - self._kept_at < KEEP_EVERY_S:
            return
        self._kept_at = now
        change, shelves = library.change, dict(library.shelves)
        try:
            await asyncio.to_thread(_write, self._kept_in, change, shelves)
        except OSError as error:
            log.warning("knowledge.not_kept", error=str(error))
        else:
            self._kept_change = change


def _with(shelves: dict[str, Shelf], changed: Sequence[InForce]) -> dict[str, Shelf]:
    """The shelves with what changed; an article keeps its language for life."""
    put: dict[str, list[Entry]] = {}
    gone: dict[str, list[str]] = {}
    for each in changed:
        language = language_of(each.lang)
        if each.version is None:
            gone.setdefault(language, []).append(each.id)
            continue
        facets = Facets(each.lang, each.topic or "", each.kind, each.audience or "")
        article = Article(each.id, searched_title(each.title, each.text), each.text)
        entry = Entry(article, each.version, facets)
        put.setdefault(language, []).append(entry)
    for language in {*put, *gone}:
        shelf = shelves.get(language) or Shelf(language)
        shelves[language] = shelf.changed(put.get(language, ()), gone.get(language, ()))
    return shelves


_FORMAT = 1
"""Of the file; another one is not read."""


def _write(path: Path, change: int, shelves: dict[str, Shelf]) -> None:
    arrays: dict[str, NDArray[Any]] = {"format": np.array(_FORMAT), "change": np.array(change)}
    for language, shelf in shelves.items():
        arrays |= {f"{language}/{name}": array for name, array in shelf.arrays().items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}-", delete=False) as file:
        try:
            np.savez(file, allow_pickle=False, **arrays)
            file.close()
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


def _read(path: Path) -> tuple[int, dict[str, Shelf]] | None:
    """None: there is none that can be read."""
    with suppress(OSError, ValueError, KeyError, TypeError, BadZipFile), np.load(path, allow_pickle=False) as kept:
        if int(kept["format"]) != _FORMAT:
            return None
        by_language: dict[str, dict[str, NDArray[Any]]] = {}
        for name in kept.files:
            language, found, rest = name.partition("/")
            if found:
                by_language.setdefault(language, {})[rest] = kept[name]
        shelves = {language: Shelf.of_arrays(language, arrays) for language, arrays in by_language.items()}
        return int(kept["change"]), shelves
    return None
