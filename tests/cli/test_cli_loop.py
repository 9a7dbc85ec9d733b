"""The loop of what serves."""

from __future__ import annotations

import asyncio
import sys

import pytest

from console.cli import loop


def test_what_serves_runs_on_uvloop_where_there_is_one() -> None:
    seen: list[str] = []

    async def serving() -> None:
        seen.append(type(asyncio.get_running_loop()).__module__)

    loop.run(serving())

    assert seen == ["asyncio.windows_events" if sys.platform == "win32" else "uvloop"]


def test_what_goes_wrong_comes_out() -> None:
    async def serving() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        loop.run(serving())
