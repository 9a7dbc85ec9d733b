import os
import signal
import stat
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from console.db import server
from console.db.server import Server, data_major, end_left_over, is_ready, prepare_directory, server_url, socket_dir
from console.errors import Fault

PG_BIN = Path(os.environ["CONSOLE_PG_BIN"]) if "CONSOLE_PG_BIN" in os.environ else None


@pytest.fixture
def mine(root: Path) -> Iterator[Server]:
    """A server of this test's own, not yet started."""
    mine = Server(root, pg_bin=PG_BIN, settings={"fsync": "off"})
    yield mine
    mine.stop(signal.SIGQUIT)


async def test_a_started_server_answers_and_a_stopped_one_does_not(root: Path, mine: Server) -> None:
    mine.start(durable=False)
    assert mine.running()
    assert is_ready(root)
    connection = await asyncpg.connect(server_url(root))
    assert await connection.fetchval("select 1") == 1
    await connection.close()

    mine.stop()

    assert not mine.running()
    assert not is_ready(root)


async def test_letters_of_every_alphabet_are_letters(root: Path, mine: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LANG", "LC_ALL", "LC_CTYPE"):
        monkeypatch.delenv(name, raising=False)
    mine.start(durable=False)

    connection = await asyncpg.connect(server_url(root))
    await connection.execute("create extension pg_trgm")
    for word in ("привет", "你好世界", "سلام", "żółw"):
        assert await connection.fetchval("select show_trgm($1) <> '{}'", word), word
    assert await connection.fetchval("select lower('ЇЖАК')") == "їжак"
    await connection.close()


def test_only_its_account_and_root_may_enter_the_socket_s_directory(root: Path, mine: Server) -> None:
    mine.start(durable=False)

    assert stat.S_IMODE(socket_dir(root).stat().st_mode) == 0o700


def test_the_data_belong_to_a_major_version(root: Path, mine: Server) -> None:
    assert data_major(mine.data) is None
    mine.start(durable=False)
    assert data_major(mine.data) == int((mine.data / "PG_VERSION").read_text())


def test_a_server_left_over_is_ended_before_another_starts(root: Path, mine: Server) -> None:
    left_over = Server(root, pg_bin=PG_BIN)
    left_over.start(durable=False)

    mine.start()

    assert mine.running()
    assert not left_over.running()


def test_what_a_dead_server_left_is_no_server(root: Path, mine: Server) -> None:
    mine.start(durable=False)
    left = (mine.data / "postmaster.pid").read_text()
    mine.stop()
    (mine.data / "postmaster.pid").write_text(left.replace(left.split()[0], str(os.getpid()), 1))

    end_left_over(mine.data)  # would end this test, if it believed the file

    assert not is_ready(root)


def test_a_server_that_refuses_to_start_is_a_fault_in_its_own_words(root: Path) -> None:
    odd = Server(root, pg_bin=PG_BIN, settings={"shared_buffers": "many"})

    with pytest.raises(Fault, match=r"The database did not start: .*shared_buffers"):
        odd.start(durable=False)


def test_a_large_log_is_put_aside_at_a_start(root: Path, mine: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "LOG_BYTES_MAX", 10)
    prepare_directory(root)
    (root / "postgres.log").write_text("of yesterday\n")

    mine.start(durable=False)

    assert (root / "postgres.log.1").read_text() == "of yesterday\n"
    assert "ready to accept connections" in (root / "postgres.log").read_text()


def test_a_socket_directory_that_somebody_else_made_is_refused(root: Path, mine: Server) -> None:
    prepare_directory(root)
    (root / "run").symlink_to("/tmp")

    with pytest.raises(Fault, match="belongs to somebody else"):
        mine.start(durable=False)


def test_a_relative_directory_means_the_same_from_everywhere(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root.parent)
    near = Path(root.name)

    assert (server_url(near), Server(near).root) == (server_url(root), root)
