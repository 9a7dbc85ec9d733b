"""Redis only says "look again": without it nodes look by themselves, a moment later."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import start_redis
from tests.faults.conftest import Centre
from tests.faults.desks import Desk
from tests.served import Serve


@pytest.fixture
def redis_home() -> Iterator[Path]:
    """A socket's name must be short."""
    directory = Path(tempfile.mkdtemp(prefix="console-redis-"))
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


async def test_calls_flow_from_node_to_node_while_redis_is_away_and_when_it_is_back(
    centre: Centre, redis_home: Path
) -> None:
    redis = start_redis(redis_home)
    centre.console.redis_url = f"unix://{redis_home / 'redis.sock'}"
    here, there = centre.console.serve(), centre.console.serve()
    await asyncio.gather(here.ready(), there.ready())
    try:
        async with centre.desk("ana", here).open() as ana, centre.desk("ben", there).open() as ben:
            await talks(centre, ana, there, "call-1")
            await talks(centre, ben, here, "call-2")

            redis.kill()
            redis.wait(10)
            (redis_home / "redis.sock").unlink(missing_ok=True)
            await asyncio.gather(here.says("redis_lost"), there.says("redis_lost"))
            await talks(centre, ana, there, "call-3")
            await talks(centre, ben, here, "call-4")

            redis = start_redis(redis_home)
            await asyncio.gather(here.says("redis_back"), there.says("redis_back"))
            await talks(centre, ana, there, "call-5")
            await talks(centre, ben, here, "call-6")
            assert (ana.connections, ben.connections) == (1, 1)
    finally:
        redis.kill()
        redis.wait(10)
    await centre.proves()


async def talks(centre: Centre, desk: Desk, elsewhere: Serve, call: str) -> None:
    """The caller is told of at one node, and answered by the agent at the other, who has been idle longest."""
    assert (await centre.rings(elsewhere, call)).status == 202
    await desk.takes(call)
    assert (await centre.hangs_up(elsewhere, call)).status == 202
    await desk.sees(lambda: not desk.work)
