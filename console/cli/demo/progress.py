"""What the demo says while it starts: on a terminal a line that moves, else one plain line a step."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.status import Status


class Progress:
    """Steps, each said when it begins and timed when it is done. Goes to standard error."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True, highlight=False)
        self._status: Status | None = None
        self._step = ""

    @contextmanager
    def step(self, words: str) -> Iterator[None]:
        """One step; it is over at the end of the block."""
        self._step = words
        began = time.monotonic()
        if not self._console.is_terminal:
            self._console.print(f"{words} …")
            yield
            return
        with self._console.status(words) as self._status:
            yield
        self._status = None
        self._console.print(f"[green]✓[/green] {words} [dim]{time.monotonic() - began:.1f} s[/dim]")

    def say(self, words: str) -> None:
        """More about the step that runs."""
        if self._status is not None:
            self._status.update(f"{self._step}: {words}")
        elif not self._console.is_terminal:
            self._console.print(f"  {words}")
