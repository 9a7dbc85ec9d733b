"""What promises cost: when they act among 100,000 running clocks, what a look at them costs, and a case with a long past.

The embedded PostgreSQL with production settings (fsync on), and the real timekeeper in this process. Each figure stands
beside its floor, taken in the same run on the same server: for an act a timer and one commit of a single row; for a look
the plain read of a due index; for a case the plain read of all that its page shows.

    python bench/clocks.py            some two minutes
    python bench/clocks.py --quick    seconds, for a look
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from statistics import quantiles

from console.bootstrap import context
from console.cases import store as cases
from console.cases.case import Case, Status
from console.cases.store import put_case
from console.cases.timeline import Activity, Entry
from console.clock import SystemClock
from console.db.engine import Database, driver
from console.db.migrate import upgrade
from console.db.server import Server, server_url
from console.ids import new_id
from console.live.nudge import Nudges
from console.people.who import OPERATOR, Principal
from console.queries.desktop import Address
from console.runtime.timekeeper import Timekeeper
from console.services import configuration, desk
from console.services.context import Context
from console.settings import load
from console.sla import store
from console.sla.calendar import Calendar, Interval
from console.sla.clock import Terms, started
from console.web import words
from console.web.desk import parts
from console.web.desk.parts import SILENT, Part
from console.web.fragment import View

CLOCKS = 100_000
ENTRIES = 500
PAGE_MS_MAX = 200
CENTRE = """
version: 1
sla: {gold: {clocks: {resolution: {target: 4h, warn: 80%}}}}
queues: [{name: letters, channel: case, sla: gold}]
agents: [{username: ana, name: Ana Lima, capacity: {voice: 1, case: 2}}]
"""
OFFICE = Calendar(time_zone="Europe/Kyiv", week=(*[(Interval(540, 780), Interval(840, 1080))] * 5, (), ()))


async def made(ctx: Context, clocks: int) -> None:
    """As many cases, each with a clock that is due in some days."""
    now = ctx.clock.now()
    first = await a_case(ctx, now)
    terms = Terms(target=timedelta(hours=200), warn=timedelta(hours=160), calendar=OFFICE, version=1)
    clock = started(id=new_id(), case=first, name="resolution", policy="gold", terms=terms, at=now, why="registered")
    async with ctx.db.transaction() as db:
        await store.begin(db, clock)
        connection = await driver(db)
        await connection.execute(
            'insert into "case" (id, number, subject, via, status, created_at, changed_at)'
            " select gen_random_uuid(), 'B-' || n, 'Case ' || n, 'api', 'open', $1, $1 from generate_series(1, $2) n",
            now,
            clocks,
        )
        await connection.execute(
            'insert into sla_clock (id, "case", name, policy, state, terms, stretches, started_at, changed_at, warn_at,'
            " due_at, act_at) select gen_random_uuid(), c.id, k.name, k.policy, k.state, k.terms, k.stretches,"
            " k.started_at, k.changed_at, k.warn_at + random() * interval '30 d', k.due_at + random() * interval '30 d',"
            " k.act_at + random() * interval '30 d' from \"case\" c, sla_clock k where c.number like 'B-%'"
        )
    async with ctx.db.statement() as db:
        await (await driver(db)).execute("vacuum analyze sla_clock")


async def a_case(ctx: Context, at: datetime) -> str:
    async with ctx.db.transaction() as db:
        case = Case(
            id=new_id(),
            number=await cases.next_number(db),
            subject="No dial tone since half past eight",
            description=None,
            via="api",
            status=Status.OPEN,
            priority=None,
            topic="line",
            queue="letters",
            owner="ana",
            customer=None,
            created_at=at,
            changed_at=at,
            version=1,
        )
        await put_case(db, case)
    return case.id


async def acts(ctx: Context, count: int, every: timedelta) -> tuple[list[float], list[float]]:
    """Delays in seconds of so many breaches, one after the other, and of timers that commit a row at the same instants."""
    begin = ctx.clock.now() + timedelta(seconds=2)
    dues = [begin + number * every for number in range(count)]
    for due in dues:
        terms = Terms(target=timedelta(hours=1), version=1)
        at = due - timedelta(hours=1)
        case = await a_case(ctx, at)
        clock = started(id=new_id(), case=case, name="resolution", policy="gold", terms=terms, at=at, why="registered")
        async with ctx.db.transaction() as db:
            await store.begin(db, clock)
    keeper = Timekeeper(ctx)
    keeping = asyncio.create_task(keeper.run())
    floors = [await floor(ctx, due + every / 2) for due in dues]
    while await rows(ctx, "select count(*) from sla_event") < count:
        await asyncio.sleep(0.1)
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    async with ctx.db.transaction() as db:
        found = await (await driver(db)).fetch("select acted_at - due_at as late from sla_event order by due_at")
    return [row["late"].total_seconds() for row in found], floors


async def floor(ctx: Context, due: datetime) -> float:
    """A timer for that instant, and one row committed after it."""
    await asyncio.sleep((due - ctx.clock.now()).total_seconds())
    async with ctx.db.transaction() as db:
        await (await driver(db)).execute("insert into bench_floor (at) values ($1)", due)
    return (ctx.clock.now() - due).total_seconds()


async def rows(ctx: Context, query: str) -> int:
    async with ctx.db.statement() as db:
        return int(await (await driver(db)).fetchval(query))


async def looks(ctx: Context, count: int) -> tuple[list[float], list[float]]:
    """Seconds of a look that finds nothing due, and of the plain read of a due index."""
    now = ctx.clock.now()

    async def look() -> None:
        async with ctx.db.statement() as db:
            await store.next_due(db)

    async def plain() -> None:
        async with ctx.db.statement() as db:
            await (await driver(db)).fetchval("select at from bench_due where at <= $1 order by at limit 1", now)

    return [await timed(look) for _ in range(count)], [await timed(plain) for _ in range(count)]


async def case_pages(ctx: Context, count: int) -> tuple[list[float], list[float]]:
    """Seconds to draw the desk with a case of 500 entries, and to read the rows that it shows."""
    now = ctx.clock.now()
    case = await a_case(ctx, now)
    async with ctx.db.transaction() as db:
        terms = Terms(target=timedelta(hours=8), warn=timedelta(hours=6), calendar=OFFICE, version=1)
        since = now - timedelta(days=30)
        clock = started(
            id=new_id(), case=case, name="resolution", policy="gold", terms=terms, at=since, why="registered"
        )
        await store.begin(db, clock)
        await cases.add_activities(
            db,
            [
                Activity(
                    id=new_id(),
                    at=now - timedelta(minutes=number),
                    kind=Entry.NOTE,
                    case=case,
                    by="ana",
                    data={"text": f"Note {number}: " + "the red light is on again " * 8, "outward": False},
                )
                for number in range(ENTRIES)
            ],
        )
        number = await (await driver(db)).fetchval('select number from "case" where id = $1', case)
    ana = Principal(username="ana", name="Ana Lima", roles=frozenset({"agent"}))
    view = View(words=words.load("en"), zone=now.tzinfo or words.zone(None))

    async def page() -> None:
        address = Address(case=number, at=ctx.clock.now())
        screen = await desk.screen(ctx, ana, midnight=now, address=address)
        assert screen.shown is not None
        parts.draw(Part.MAIN, screen, view, SILENT)

    async def plain() -> None:
        async with ctx.db.snapshot() as db:
            connection = await driver(db)
            await connection.fetch('select * from "case" where id = $1', case)
            await connection.fetch('select * from activity where "case" = $1 order by at desc limit 100', case)

    await page()
    return [await timed(page) for _ in range(count)], [await timed(plain) for _ in range(count)]


async def timed(work: Callable[[], Awaitable[None]]) -> float:
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began


def shown(name: str, mine: list[float], floors: list[float]) -> float:
    """Prints both and their ratio; the p99 in ms."""
    for cut, at in (("p50", 49), ("p99", 98)):
        one, other = quantiles(mine, n=100)[at] * 1e3, quantiles(floors, n=100)[at] * 1e3
        print(f"{name:28} {cut} {one:9.2f} ms   floor {other:8.3f} ms   ratio {one / other:6.1f}")
    return one


async def measured(url: str, *, quick: bool) -> None:
    database = await Database.open(url)
    try:
        await upgrade(database)
        ctx = context(load({"CONSOLE_SECRET_KEY": "k" * 32}), database, Nudges(), SystemClock())
        await configuration.apply(ctx, OPERATOR, text=CENTRE)
        clocks = CLOCKS // 10 if quick else CLOCKS
        async with database.transaction() as db:
            connection = await driver(db)
            await connection.execute("create table bench_floor (at timestamptz)")
            await connection.execute(
                "create table bench_due as select now() + interval '1 d' + n * interval '1 s' as at"
                f" from generate_series(1, {clocks}) n"
            )
            await connection.execute("create index on bench_due (at)")
        began = time.perf_counter()
        await made(ctx, clocks)
        print(f"{clocks:,} running clocks, made in {time.perf_counter() - began:.0f} s")
        shown("a look that finds nothing", *await looks(ctx, 500 if quick else 3_000))
        shown("an act after it is due", *await acts(ctx, 40 if quick else 400, timedelta(milliseconds=100)))
        slowest = shown(f"a case with {ENTRIES} entries", *await case_pages(ctx, 20 if quick else 200))
        print(
            f"a case's page is {'within' if slowest <= PAGE_MS_MAX else 'NOT within'} {PAGE_MS_MAX} ms of server time"
        )
    finally:
        await database.close()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--quick", action="store_true", help="few clocks, few seconds")
    quick = options.parse_args().quick
    with tempfile.TemporaryDirectory(prefix="console-bench-") as directory:
        Path(directory).chmod(0o711)  # the server's account must pass through
        server = Server(Path(directory))
        server.start()
        try:
            asyncio.run(measured(server_url(Path(directory)), quick=quick))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
