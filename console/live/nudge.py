"""Nudges: "look again", by topic, to whoever waits in this process, and by Redis to other nodes.

A nudge carries nothing and may be lost: whoever waits also has a timeout, and finds in the database what happened. So
a Redis that goes away costs the other nodes some milliseconds, and nothing else.

Topics are `router`, `frames`, `knowledge`, `systems`, `phone:<source>`, `session:<username>`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    # The library takes half a second to import, and most commands have no Redis.
    from redis.asyncio import Redis
    from redis.asyncio.client import PubSub

from console.ids import new_id

CHANNEL = "console:nudge"

RECONNECT_S = 0.5
"""How long to leave a Redis alone that has just failed."""

PATIENCE_S = 2.0
"""A Redis that takes longer to answer is as good as gone."""

log = structlog.get_logger()


class Nudges:
    """Waiting and being woken. It belongs to one event loop; `running()` connects it to Redis where there is one."""

    def __init__(self, redis_url: str | None = None) -> None:
        self._redis_url = redis_url
        self._events: dict[str, asyncio.Event] = {}
        self._unsent: set[str] = set()
        self._to_send = asyncio.Event()
        self._me = new_id()
        self._over = False
        self.connected = True
        """False: there is a Redis to reach other nodes by, and it is out of reach."""

    def ring(self, *topics: str) -> None:
        """Wake who waits for these topics, here and on other nodes. Call it after the commit."""
        for topic in topics:
            self._event(topic).set()
        if self._redis_url is not None:
            self._unsent.update(topics)
            self._to_send.set()

    async def wait(self, topic: str, timeout: float) -> bool:
        """Wait for a nudge, or so many seconds; True: nudged, since the last wait for the topic or now."""
        event = self._event(topic)
        nudged = True
        try:
            async with asyncio.timeout(timeout):
                await event.wait()
        except TimeoutError:
            nudged = event.is_set()
        event.clear()
        return nudged

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Nudges]:
        """Be connected to Redis, if there is one, until the end of the block."""
        if self._redis_url is None:
            yield self
            return
        from redis.asyncio import Redis  # noqa: PLC0415 - see above
        from redis.asyncio.retry import Retry  # noqa: PLC0415 - the same
        from redis.backoff import NoBackoff  # noqa: PLC0415 - the same

        # One attempt each: `_again` is what tries again.
        client = Redis.from_url(self._redis_url, socket_connect_timeout=PATIENCE_S, retry=Retry(NoBackoff(), 0))
        loops = [asyncio.create_task(self._again(loop, client)) for loop in (self._listen, self._send)]
        try:
            yield self
        finally:
            # Said twice: redis-py sometimes swallows a cancellation.
            self._over = True
            for task in loops:
                task.cancel()
            await asyncio.gather(*loops, return_exceptions=True)
            await client.aclose()

    def _event(self, topic: str) -> asyncio.Event:
        return self._events.setdefault(topic, asyncio.Event())

    async def _again(self, loop: Callable[[Redis], Awaitable[None]], client: Redis) -> None:
        """Run the loop, and again when Redis failed it."""
        from redis.exceptions import RedisError  # noqa: PLC0415 - see above

        while not self._over:
            try:
                await loop(client)
            except (RedisError, OSError, TimeoutError) as error:
                if self.connected:
                    log.warning("redis_lost", error=str(error))
                self.connected = False
                await asyncio.sleep(RECONNECT_S)

    async def _send(self, client: Redis) -> None:
        """Publish what was rung, each topic once however often; what a lost Redis did not take is not kept."""
        while not self._over:
            await self._to_send.wait()
            self._to_send.clear()
            topics, self._unsent = self._unsent, set()
            async with asyncio.timeout(PATIENCE_S), client.pipeline(transaction=False) as pipeline:
                for topic in topics:
                    pipeline.publish(CHANNEL, f"{self._me} {topic}")
                await pipeline.execute()

    async def _listen(self, client: Redis) -> None:
        """Pass on the nudges of other nodes. Everyone looks once after a connection: something may have been missed."""
        async with client.pubsub() as subscription:
            await subscription.subscribe(CHANNEL)
            silent = 0
            while not self._over:
                message = await subscription.get_message(timeout=PATIENCE_S)
                if message is None:
                    silent += 1
                    await self._see_it_lives(subscription, silent)
                    continue
                silent = 0
                if message["type"] == "subscribe":
                    self._back()
                elif message["type"] == "message":
                    self._heard(message["data"].decode())

    async def _see_it_lives(self, subscription: PubSub, silent: int) -> None:
        """A connection that was cut off without a word looks like one on which nothing happens."""
        if silent > 1:
            raise TimeoutError("Redis does not answer")
        await subscription.ping()

    def _back(self) -> None:
        if not self.connected:
            log.info("redis_back")
        self.connected = True
        for event in self._events.values():
            event.set()

    def _heard(self, nudge: str) -> None:
        sender, _, topic = nudge.partition(" ")
        if sender != self._me and topic in self._events:
            self._events[topic].set()
