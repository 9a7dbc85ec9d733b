import asyncio
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.live import nudge
from console.live.nudge import Nudges
from tests.conftest import start_redis

LONG_S = 10
"""A wait that is never waited out in a test that passes."""


async def test_who_waits_is_woken_by_a_nudge() -> None:
    nudges = Nudges()
    waiting = asyncio.create_task(nudges.wait("router", LONG_S))
    await asyncio.sleep(0)

    nudges.ring("router")

    assert await waiting is True


async def test_a_nudge_before_the_wait_counts_once() -> None:
    nudges = Nudges()
    nudges.ring("router")
    nudges.ring("router")

    assert await nudges.wait("router", LONG_S) is True
    assert await nudges.wait("router", 0) is False


async def test_everyone_who_waits_for_a_topic_is_woken() -> None:
    nudges = Nudges()
    waiting = [asyncio.create_task(nudges.wait("verdict", LONG_S)) for _ in range(3)]
    await asyncio.sleep(0)

    nudges.ring("verdict")

    assert await asyncio.gather(*waiting) == [True] * 3


async def test_a_nudge_for_one_topic_wakes_nobody_of_another() -> None:
    nudges = Nudges()
    nudges.ring("phone:pbx")

    assert await nudges.wait("router", 0.001) is False


async def test_a_wait_that_was_cancelled_leaves_the_nudge_for_the_next() -> None:
    nudges = Nudges()
    waiting = asyncio.create_task(nudges.wait("router", LONG_S))
    await asyncio.sleep(0)
    nudges.ring("router")
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)

    assert await nudges.wait("router", LONG_S) is True


async def heard(here: Nudges, there: Nudges, topic: str) -> bool:
    """Whether a nudge here reaches there; both sides may still be connecting, so it is rung until it does."""
    waiting = asyncio.create_task(there.wait(topic, LONG_S))
    while not waiting.done():
        here.ring(topic)
        await asyncio.wait([waiting], timeout=0.02)
    return waiting.result()


async def test_a_nudge_reaches_other_nodes_by_redis(redis_url: str) -> None:
    async with Nudges(redis_url).running() as here, Nudges(redis_url).running() as there:
        await there.wait("node:b", LONG_S)  # the look after the connection

        assert await heard(here, there, "node:b")


async def test_a_node_does_not_hear_its_own_nudge_again(redis_url: str) -> None:
    async with Nudges(redis_url).running() as here, Nudges(redis_url).running() as there:
        # Whoever has just connected looks once at everything: that is over for both when each has heard the other.
        assert await heard(there, here, "phone:a")
        assert await heard(here, there, "phone:b")
        await here.wait("router", 0)
        here.ring("router")
        assert await here.wait("router", LONG_S) is True
        # Redis keeps the order of one sender: once this has arrived there, an echo of the first has been here, and what
        # is answered to it comes later still. No topic is used twice, for a late nudge would look like the next.
        assert await heard(here, there, "phone:c")
        assert await heard(there, here, "phone:d")

        assert await here.wait("router", 0) is False


@pytest.fixture
def own_redis() -> Iterator[Path]:
    """A directory for a Redis that the test itself starts and ends."""
    directory = Path(tempfile.mkdtemp(prefix="console-redis-"))
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


async def test_without_its_redis_a_node_still_wakes_itself_and_finds_the_others_again(
    own_redis: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nudge, "RECONNECT_S", 0.02)
    url = f"unix://{own_redis / 'redis.sock'}"
    async with Nudges(url).running() as here, Nudges(url).running() as there:
        here.ring("router")
        assert await here.wait("router", LONG_S) is True

        for _ in range(2):
            redis = start_redis(own_redis)
            assert await heard(here, there, "node:b")
            redis.kill()
            redis.wait()
            (own_redis / "redis.sock").unlink()
            here.ring("router")
            assert await here.wait("router", LONG_S) is True
            await there.wait("node:b", 0)


async def test_after_a_gap_everyone_looks_once(own_redis: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nudge, "RECONNECT_S", 0.02)
    redis = start_redis(own_redis)
    async with Nudges(f"unix://{own_redis / 'redis.sock'}").running() as nudges:
        await nudges.wait("router", LONG_S)
        redis.kill()
        redis.wait()
        (own_redis / "redis.sock").unlink()
        waiting = asyncio.create_task(nudges.wait("router", LONG_S))
        redis = start_redis(own_redis)

        assert await waiting is True
    redis.kill()
    redis.wait()


async def test_a_redis_that_stopped_answering_is_left_and_found_again(
    own_redis: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nudge, "RECONNECT_S", 0.02)
    monkeypatch.setattr(nudge, "PATIENCE_S", 0.1)
    redis = start_redis(own_redis)
    async with Nudges(f"unix://{own_redis / 'redis.sock'}").running() as nudges:
        await nudges.wait("router", LONG_S)
        redis.send_signal(signal.SIGSTOP)
        while nudges.connected:
            await nudges.wait("the passing of time", 0.02)
        redis.send_signal(signal.SIGCONT)
        assert await nudges.wait("router", LONG_S) is True
    redis.kill()
    redis.wait()
