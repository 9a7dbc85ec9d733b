"""Draft the next revision of the database from what console/db/schema says beyond the revisions that there are.

    python tools/draft_migration.py 0002 "Callbacks"

    python tools/draft_migration.py 0001 "Everything" --anew     # drops all revisions first; before a release only

Read what it wrote: Alembic sees added and dropped columns, not intentions.
"""

import argparse
import asyncio
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from alembic import command
from sqlalchemy import Connection

from console.db.engine import Database
from console.db.migrate import config
from console.db.partitions import TABLES
from console.db.schema import metadata
from console.db.server import Server, server_url

VERSIONS = Path(__file__).parents[1] / "console" / "db" / "migrations" / "versions"

UPGRADE = "def upgrade() -> None:\n"


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("revision")
    words.add_argument("title")
    words.add_argument("--anew", action="store_true")
    asked = words.parse_args()
    if asked.anew:
        for old in VERSIONS.glob("[0-9]*.py"):
            old.unlink()
    with tempfile.TemporaryDirectory(prefix="console-draft-") as directory:
        root = Path(directory)
        root.chmod(0o711)
        server = Server(root, settings={"fsync": "off"})
        server.start(durable=False)
        try:
            path = asyncio.run(draft(server_url(root), asked.revision, asked.title))
        finally:
            server.stop(signal.SIGQUIT)
    _finish(path, first=asked.anew)


async def draft(url: str, revision: str, title: str) -> Path:
    database = await Database.open(url)
    async with database.transaction() as db:
        path = await db.run_sync(_draft, revision, title)
    await database.close()
    return path


def _finish(path: Path, *, first: bool) -> None:
    if first:
        _add_what_alembic_does_not_see(path)
    path.write_text("".join(line for line in path.read_text().splitlines(keepends=True) if "    # ###" not in line))
    for words in (["check", "--fix", "-q"], ["format", "-q"]):
        subprocess.run([sys.executable, "-m", "ruff", *words, path], check=True)
    print(path)


def _draft(connection: Connection, revision: str, title: str) -> Path:
    made = config(connection)
    if list(VERSIONS.glob("[0-9]*.py")):
        command.upgrade(made, "head")
    script = command.revision(made, title, autogenerate=True, rev_id=revision)
    assert script is not None
    assert not isinstance(script, list)
    return Path(script.path)


def _add_what_alembic_does_not_see(path: Path) -> None:
    """The extension before the first index on it; sequences; each partitioned table's default partition after the table."""
    made = [f"create sequence {s.name} start {s.start}" for s in metadata._sequences.values()]  # noqa: SLF001 - no public list
    made += [f"create table {table}_default partition of {table} default" for table in TABLES]
    written = path.read_text().replace(UPGRADE, UPGRADE + _execute("create extension if not exists pg_trgm"))
    path.write_text(written.rstrip() + "\n" + "".join(_execute(statement) for statement in made))


def _execute(statement: str) -> str:
    return f'    op.execute("{statement}")\n'


main()
