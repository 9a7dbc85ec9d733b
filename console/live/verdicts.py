"""Where a request waits for the router's verdict on its fact, on the node where both happen to be."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager


class Verdicts:
    """A future for each fact somebody waits for; other nodes' verdicts are polled from the database."""

    def __init__(self) -> None:
        self._awaited: dict[str, asyncio.Future[str | None]] = {}

    @contextmanager
    def expected(self, fact_id: str) -> Iterator[asyncio.Future[str | None]]:
        """The problem, or None: done."""
        future: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._awaited[fact_id] = future
        try:
            yield future
        finally:
            del self._awaited[fact_id]

    def give(self, verdicts: Iterable[tuple[str, str | None]]) -> None:
        for fact_id, problem in verdicts:
            future = self._awaited.get(fact_id)
            if future is not None and not future.done():
                future.set_result(problem)
