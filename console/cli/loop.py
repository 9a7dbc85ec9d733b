"""The event loop of what serves: uvloop, which moves bytes at half the cost; asyncio's own where there is none."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


def run(serving: Coroutine[Any, Any, None]) -> None:
    """To its end, as `asyncio.run`."""
    with asyncio.Runner(loop_factory=_factory()) as runner:
        runner.run(serving)


def _factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop  # noqa: PLC0415 - there is none for Windows
    except ImportError:
        return None
    return uvloop.new_event_loop
