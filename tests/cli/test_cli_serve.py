"""`console serve` from its start to its end, as an operator sees it."""

from __future__ import annotations

import signal
from pathlib import Path

import asyncpg
import pytest

from tests.served import COMES_WITHIN_S, Console


@pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGINT])
async def test_a_node_that_is_told_to_stop_leaves_first_so_that_another_leads_at_once(
    tmp_path: Path, database_url: str, sig: signal.Signals
) -> None:
    with Console(tmp_path, database_url) as console:
        node = console.serve()
        await node.ready()
        node.process.send_signal(sig)
        code = node.process.wait(COMES_WITHIN_S)
    connection = await asyncpg.connect(database_url)
    held = await connection.fetchval("select count(*) from lease where renewed_at > '-infinity'")
    nodes = await connection.fetchval("select count(*) from node")
    await connection.close()

    assert (code, held, nodes) == (0, 0, 0)
    assert "Traceback" not in node.told()


async def test_a_taken_port_is_told_in_one_sentence(tmp_path: Path, database_url: str) -> None:
    with Console(tmp_path, database_url) as console:
        first = console.serve()
        await first.ready()
        second = console.serve(first.port)
        code = second.process.wait(COMES_WITHIN_S)

        assert code == 1
        assert f"Cannot listen on 127.0.0.1:{first.port}" in second.told()
        assert "Traceback" not in second.told()
        first.alive()
