from collections.abc import AsyncIterator

import pytest

from console.db.engine import Database
from tests.house import House, house_of


@pytest.fixture
async def house(database: Database) -> AsyncIterator[House]:
    async with house_of(database) as house:
        yield house
