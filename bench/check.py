"""Decisions a second that `console check` and `console replay` look at, on a journal of the size given.

The journal is that of a simulated centre of 100 agents, written by the store itself into a PostgreSQL of its own. The floor,
taken in the same run, is a plain scan: every row of the journal read as text, in order, and thrown away.

    python -m bench.check                       100,000 decisions, a minute with writing them
    python -m bench.check --decisions 1000000   a million
    python -m bench.check --quick               10,000
"""

import argparse
import asyncio
import gc
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from bench.simulate import skilled
from console.bootstrap import context
from console.clock import from_instant
from console.config import store as configurations
from console.config.document import Centre
from console.config.rules import routing_rules
from console.db.engine import Database, driver
from console.db.migrate import upgrade
from console.db.server import Server, server_url
from console.live.nudge import Nudges
from console.people.who import OPERATOR
from console.routing import store
from console.routing.facts import Fact
from console.routing.journal import Decision, decide
from console.routing.queue import MINUTE, SECOND, Rules
from console.routing.simulate import START, Day
from console.routing.traffic import Customer, customers
from console.services import proving
from console.services.context import Context
from console.services.simulating import draws
from console.services.uncollected import uncollected
from console.settings import load

BATCH = 200
"""Decisions in one commit, as the router has them in a storm."""
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_wal_size": "2GB"}


class Journal(Day):
    """A day whose decisions are kept."""

    def __init__(self, rules: Rules, targets: int, hours: int) -> None:
        self.decisions: list[Decision] = []
        super().__init__(rules, [20 * SECOND] * targets, start=START, until=START + hours * 60 * MINUTE)

    def _step(self, fact: Fact) -> None:
        decision = decide(self.engine, fact)
        if decision is not None:
            self.decisions.append(decision)
            for order in decision.orders:
                self._hear(order)


def lived(count: int) -> tuple[Centre, list[Decision]]:
    """About so many decisions: some four a call."""
    centre, streams = skilled()
    per_hour = 4 * sum(phase.per_second for stream in streams for phase in stream.phases) * 3600
    hours = int(count / per_hour) + 1
    day = Journal(routing_rules(1, centre, from_instant(START)), len(streams), hours)
    day.everybody_comes()
    coming = customers(streams, draws(1, 1), hours * 60 * MINUTE, START)
    day.run((customer_with_id(n, customer) for n, customer in enumerate(coming)), drain=True)
    return centre, day.decisions[:count]


def customer_with_id(number: int, customer: Customer) -> Customer:
    customer.item = f"00000000-0000-7000-8000-{number:012d}"
    return customer


def batches(decisions: list[Decision]) -> Iterator[list[Decision]]:
    for at in range(0, len(decisions), BATCH):
        yield decisions[at : at + BATCH]


async def write(database: Database, decisions: list[Decision]) -> None:
    for batch in batches(decisions):
        async with database.transaction() as db:
            await store.save(db, batch)
    async with database.transaction() as db:
        await (await driver(db)).execute("analyze decision, decision_row, routing_item, routing_offer")


async def scanned(ctx: Context) -> int:
    """Every row, in order, as text."""
    async with ctx.db.snapshot() as db:
        connection = await driver(db)
        count = 0
        async for _ in connection.cursor(
            "select decision, kind, row::text from decision_row order by decision", prefetch=5_000
        ):
            count += 1
        return count


async def measured(url: str, count: int) -> None:
    database = await Database.open(url)
    await upgrade(database)
    centre, decisions = lived(count)
    print(f"{len(decisions):,} decisions of {len(centre.agents)} agents", flush=True)
    await write(database, decisions)
    size = len(decisions)
    del decisions
    gc.collect()
    ctx = context(load({"CONSOLE_SECRET_KEY": "k" * 32}), database, Nudges())
    async with database.transaction() as db:
        await configurations.put(db, centre, at=from_instant(START), by="bench")
    began = perf_counter()
    await scanned(ctx)
    floor = size / (perf_counter() - began)
    print(f"plain scan   {floor:>10,.0f} decisions/s", flush=True)
    began = perf_counter()
    checked = await proving.check(ctx, OPERATOR)
    told = perf_counter() - began
    print(
        f"check        {size / told:>10,.0f} decisions/s   ratio {size / told / floor:6.3f}   {told:6.1f} s, clean: {checked.clean}",
        flush=True,
    )
    began = perf_counter()
    replayed = await proving.replay(ctx, OPERATOR)
    told = perf_counter() - began
    print(
        f"replay       {size / told:>10,.0f} decisions/s   ratio {size / told / floor:6.3f}   {told:6.1f} s, same: {replayed.same}",
        flush=True,
    )
    await database.close()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--decisions", type=int, default=100_000)
    options.add_argument("--quick", action="store_true", help="10,000 decisions")
    arguments = options.parse_args()
    root = Path(tempfile.mkdtemp(prefix="console-bench-"))
    root.chmod(0o711)  # the server's account must pass through
    server = Server(root, pg_bin=None, settings=FAST)
    server.start(durable=False)
    try:
        with uncollected():
            asyncio.run(measured(server_url(root), 10_000 if arguments.quick else arguments.decisions))
    finally:
        server.stop(signal.SIGQUIT)
        shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    main()
