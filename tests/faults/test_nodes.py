"""Nodes die, or stand still and come back: somebody else leads, and nobody decides twice."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.faults.conftest import Centre
from tests.served import Serve, eventually

LED_AGAIN_WITHIN_S = 5
"""The lease may be taken when it is 2 s old, and another node asks for it four times a second; the rest is a busy machine's."""


async def test_when_the_routers_node_is_killed_another_leads_and_its_agents_take_their_calls_there(
    centre: Centre,
) -> None:
    async with two_nodes(centre) as (leading, other), centre.desk("ana", leading).open() as ana:
        assert (await centre.rings(other, "call-1")).status == 202
        offer = await ana.is_offered("call-1")
        dead, epoch = await centre.leader()

        leading.kill()
        ana.move(other)
        died_at = time.monotonic()
        assert (await centre.rings(other, "call-2")).status == 202
        await eventually(lambda: another_leads(centre, dead))
        assert time.monotonic() - died_at < LED_AGAIN_WITHIN_S
        assert (await centre.leader())[1] == epoch + 1

        await ana.sees(lambda: ana.connections == 2)
        assert (await ana.is_offered("call-1"))["offer"] == offer["offer"], "the offer stands, and is drawn again"
        await ana.takes("call-1")
        async with centre.desk("ben", other).open() as ben:
            await ben.takes("call-2")
    await centre.proves()


async def test_a_router_that_stood_still_finds_another_leading_and_decides_nothing_more(centre: Centre) -> None:
    async with (
        two_nodes(centre) as (leading, other),
        centre.desk("ana", leading).open() as ana,
        centre.desk("ben", other).open() as ben,
    ):
        still, epoch = await centre.leader()
        leading.pause()
        await eventually(lambda: another_leads(centre, still))
        assert (await centre.rings(other, "call-1")).status == 202
        assert (await centre.rings(other, "call-2")).status == 202
        await eventually(lambda: given_up(centre, still))

        leading.go_on()
        assert await ana.sees(lambda: ana.closes) == [1012]
        await ana.sees(lambda: ana.connections == 2)
        await ana.takes("call-1")
        await ben.takes("call-2")

        assert await centre.leader() == (await leads(other), epoch + 1)
        await leading.says("router.deposed")
        assert [len(await centre.offers_of(call)) for call in ("call-1", "call-2")] == [1, 1]
    await centre.proves()


@asynccontextmanager
async def two_nodes(centre: Centre) -> AsyncIterator[tuple[Serve, Serve]]:
    """The one whose router leads, and the other."""
    nodes = centre.console.serve(), centre.console.serve()
    await asyncio.gather(*(node.ready() for node in nodes))
    leading = [node for node in nodes if "router.leads" in node.told()]
    assert len(leading) == 1
    yield leading[0], next(node for node in nodes if node is not leading[0])


async def another_leads(centre: Centre, than: str) -> bool:
    node, _ = await centre.leader()
    return node != than


async def leads(node: Serve) -> str:
    """The router's node, as this one says."""
    return str((await node.ready())["router"])


async def given_up(centre: Centre, node: str) -> bool:
    return not await centre.rows("select from node where id = $1", node)
