"""The scripted switch, and a console that listens."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.adapters.asterisk.ari_server import Switch
from tests.adapters.asterisk.live import Console


@pytest.fixture
async def switch() -> AsyncIterator[Switch]:
    async with Switch() as switch:
        yield switch


@pytest.fixture
def console() -> Console:
    return Console()
