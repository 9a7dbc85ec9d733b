"""A console process for the tests of the embedded server: it needs the server for as long as its input is open.

It prints the URL, and then answers each line of input with the number of rows in its table after adding one, or with
the name of what went wrong.
"""

import asyncio
import sys
from pathlib import Path

from console.db import embedded
from console.db.engine import Database, driver
from console.errors import Fault, Refusal
from console.settings import DatabaseSettings


async def count(url: str) -> None:
    database = Database(url, pool_size=1)
    while await asyncio.to_thread(sys.stdin.readline):
        try:
            async with database.transaction() as db:
                raw = await driver(db)
                await raw.execute("create table if not exists kept (n int)")
                await raw.execute("insert into kept values (1)")
                rows = await raw.fetchval("select count(*) from kept")
        except Refusal as refusal:
            rows = refusal.type
        print(rows, flush=True)
    await database.close()


def main() -> None:
    pg_bin = Path(sys.argv[2]) if len(sys.argv) > 2 else None
    settings = DatabaseSettings(data_dir=Path(sys.argv[1]), pg_bin=pg_bin)
    try:
        with embedded.running(settings, lambda doing: print(doing, file=sys.stderr, flush=True)) as url:
            print(url, flush=True)
            asyncio.run(count(url))
    except Fault as fault:
        sys.exit(str(fault))


main()
