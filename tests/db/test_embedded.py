"""The embedded server and its keeper, with real processes that are really killed."""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from console.db import embedded
from console.db.programs import server_account
from console.db.server import is_ready, server_url, socket_dir
from console.errors import Fault
from console.settings import DatabaseSettings
from tests.conftest import scratch

PG_BIN = os.environ.get("CONSOLE_PG_BIN")
PATIENCE_S = 30


def until(condition: Callable[[], bool]) -> float:
    """Wait for what another process does; the seconds it took."""
    start = time.monotonic()
    while not condition():
        assert time.monotonic() - start < PATIENCE_S
        time.sleep(0.02)
    return time.monotonic() - start


class Console:
    """A console process on a data directory."""

    def __init__(self, root: Path) -> None:
        words = [sys.executable, Path(__file__).parent / "console_process.py", root]
        self.process = subprocess.Popen(
            [*words, *([PG_BIN] if PG_BIN else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        )

    def url(self) -> str:
        return self.process.stdout.readline().strip()

    def add_row(self) -> str:
        """How many rows there are with the one added now, or what went wrong."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def added_in_the_end(self) -> int:
        """The same, asked until it works."""
        until(lambda: self.add_row().isdigit())
        return int(self.add_row())

    def leave(self) -> str:
        """Its complaints."""
        _, complaints = self.process.communicate(timeout=PATIENCE_S)
        return complaints

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=PATIENCE_S)


@pytest.fixture
def root() -> Iterator[Path]:
    """A data directory; what is left running on it at the end is stopped."""
    top = Path(tempfile.mkdtemp(prefix="console-embedded-", dir=scratch()))
    top.chmod(0o711)
    yield top / "data dir"
    end(top / "data dir")
    shutil.rmtree(top, ignore_errors=True)


def end(root: Path) -> None:
    for pid in [*keepers(root), *postmasters(root)]:
        os.kill(pid, signal.SIGKILL)
    until(lambda: not keepers(root) and not postmasters(root))


def processes(*words: str) -> list[int]:
    """Ids of processes whose command line has these words, in this order, one after another."""
    found = []
    wanted = "\0".join(words).encode() + b"\0"
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            line = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if wanted in line:
            found.append(int(entry.name))
    return found


def keepers(root: Path) -> list[int]:
    return processes("console.db.keeper", str(root))


def postmasters(root: Path) -> list[int]:
    """Without children that have not taken a name of their own yet."""
    found = processes("-D", str(root / "data"), "-k")
    return [pid for pid in found if parent(pid) not in found]


def parent(pid: int) -> int | None:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[1])
    except OSError:
        return None


def gone(root: Path) -> bool:
    return not keepers(root) and not postmasters(root)


def test_the_first_console_starts_the_server_and_tells_that_it_takes_a_moment(root: Path) -> None:
    console = Console(root)

    assert console.url() == server_url(root)
    assert console.add_row() == "1"
    assert "happens once" in console.leave()


def test_the_second_start_says_nothing_and_finds_what_was_kept(root: Path) -> None:
    for rows in ("1", "2"):
        console = Console(root)
        console.url()
        assert console.add_row() == rows
        complaints = console.leave()
        until(lambda: gone(root))
    assert complaints == ""


def test_two_consoles_share_one_server_and_the_last_to_leave_ends_it_after_two_seconds(root: Path) -> None:
    first, second = Console(root), Console(root)
    assert first.url() == second.url()
    assert [first.add_row(), second.add_row()] == ["1", "2"]
    assert len(postmasters(root)) == 1

    first.leave()
    assert second.add_row() == "3"
    second.leave()

    assert 1.5 < until(lambda: gone(root)) < 5


def test_consoles_that_start_at_once_on_a_fresh_directory_all_get_the_one_server(root: Path) -> None:
    consoles = [Console(root) for _ in range(6)]

    assert {console.url() for console in consoles} == {server_url(root)}
    assert sorted(int(console.add_row()) for console in consoles) == [1, 2, 3, 4, 5, 6]
    assert (len(keepers(root)), len(postmasters(root))) == (1, 1)
    for console in consoles:
        console.leave()


def test_a_console_that_comes_within_two_seconds_finds_the_server_running(root: Path) -> None:
    first = Console(root)
    first.url()
    [server] = postmasters(root)
    first.leave()

    second = Console(root)
    second.url()

    assert postmasters(root) == [server]
    second.leave()


def test_a_console_that_comes_while_the_server_is_being_stopped_waits_and_starts_another(root: Path) -> None:
    first = Console(root)
    first.url()
    first.add_row()
    first.leave()
    # Taken alone by the keeper for good: from now on it is stopping the server.
    with (root / "users.lock").open("ab") as users:
        until(lambda: sealed(users))

    second = Console(root)
    second.url()

    assert second.add_row() == "2"
    second.leave()


def sealed(users: object) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    fcntl.flock(users, fcntl.LOCK_UN)
    return False


def test_a_killed_console_takes_nobody_with_it(root: Path) -> None:
    first = Console(root)
    first.url()
    second = Console(root)
    second.url()

    first.kill()

    assert second.add_row() == "1"
    second.leave()


def test_after_the_last_console_was_killed_the_server_ends_all_the_same(root: Path) -> None:
    console = Console(root)
    console.url()
    console.add_row()

    console.kill()

    assert until(lambda: gone(root)) < 5
    log = (root / "postgres.log").read_text()
    assert "database system is shut down" in log


def test_a_console_started_at_once_after_a_kill_loses_nothing(root: Path) -> None:
    for rows in ("1", "2", "3"):
        console = Console(root)
        console.url()
        assert console.add_row() == rows
        console.kill()


def test_when_the_keeper_is_killed_the_server_is_back_under_a_new_one_and_the_console_goes_on(root: Path) -> None:
    console = Console(root)
    console.url()
    assert console.add_row() == "1"
    [old] = keepers(root)

    os.kill(old, signal.SIGKILL)

    until(lambda: keepers(root) not in ([], [old]) and is_ready(root))
    assert console.added_in_the_end() >= 3
    assert (len(keepers(root)), len(postmasters(root))) == (1, 1)
    console.leave()
    until(lambda: gone(root))


def test_when_keeper_and_consoles_are_all_killed_the_next_start_works(root: Path) -> None:
    console = Console(root)
    console.url()
    assert console.add_row() == "1"
    os.kill(keepers(root)[0], signal.SIGKILL)
    console.kill()

    again = Console(root)
    again.url()

    assert again.add_row() == "2"
    again.leave()


def test_when_the_server_is_killed_its_keeper_starts_it_again_and_nothing_committed_is_lost(root: Path) -> None:
    console = Console(root)
    console.url()
    assert [console.add_row() for _ in range(3)] == ["1", "2", "3"]
    [keeper] = keepers(root)
    [old] = postmasters(root)

    os.kill(old, signal.SIGKILL)

    until(lambda: postmasters(root) not in ([], [old]) and is_ready(root))
    assert console.added_in_the_end() >= 5
    assert keepers(root) == [keeper]
    console.leave()


def test_a_lost_server_is_not_ready_until_it_is_back(root: Path) -> None:
    console = Console(root)
    console.url()
    assert console.add_row() == "1"
    [keeper] = keepers(root)
    os.kill(keeper, signal.SIGSTOP)  # so that it cannot mend it yet
    os.kill(postmasters(root)[0], signal.SIGKILL)

    assert console.add_row() == "not-ready"
    assert console.add_row() == "not-ready"
    os.kill(keeper, signal.SIGCONT)

    assert console.added_in_the_end() >= 3
    console.leave()


def test_everything_killed_at_once_is_whole_again_at_the_next_start(root: Path) -> None:
    console = Console(root)
    console.url()
    assert console.add_row() == "1"
    for pid in [*postmasters(root), *keepers(root)]:
        os.kill(pid, signal.SIGKILL)
    console.kill()

    again = Console(root)
    again.url()

    assert again.add_row() == "2"
    again.leave()


def test_a_first_start_that_was_killed_halfway_is_begun_anew(root: Path) -> None:
    console = Console(root)
    until(lambda: (root / "data.new").exists())
    for pid in keepers(root):
        os.kill(pid, signal.SIGKILL)
    console.kill()

    again = Console(root)
    again.url()

    assert again.add_row() == "1"
    again.leave()


def test_a_console_that_was_killed_while_it_started_the_server_leaves_it_to_the_next(root: Path) -> None:
    console = Console(root)
    until(lambda: bool(keepers(root)))
    console.kill()

    again = Console(root)
    again.url()

    assert again.add_row() == "1"
    again.leave()


def test_a_keeper_that_is_asked_to_end_waits_for_the_consoles_and_stops_the_server(root: Path) -> None:
    console = Console(root)
    console.url()
    [keeper] = keepers(root)

    os.kill(keeper, signal.SIGTERM)
    assert console.add_row() == "1"
    console.leave()

    assert until(lambda: gone(root)) < 1.5


def test_a_path_too_long_for_a_socket_and_one_with_a_comma_work_too(root: Path) -> None:
    for name in ("long-" * 30, "a,b"):
        awkward = root / name
        assert socket_dir(awkward) != awkward / "run"
        console = Console(awkward)
        console.url()
        assert console.add_row() == "1"
        console.leave()
        until(lambda awkward=awkward: gone(awkward))
        shutil.rmtree(socket_dir(awkward))


def test_a_server_of_one_s_own_by_url_is_left_alone(tmp_path: Path) -> None:
    settings = DatabaseSettings(database_url="postgresql://db.example/console", data_dir=tmp_path / "unused")
    with embedded.running(settings) as url:
        assert url == embedded.url_of(settings) == "postgresql://db.example/console"
    assert not (tmp_path / "unused").exists()


def refusal(settings: DatabaseSettings) -> str:
    with pytest.raises(Fault) as caught, embedded.running(settings):
        raise AssertionError
    return str(caught.value)


def test_programs_that_are_not_there_are_named_with_what_to_do(root: Path, tmp_path: Path) -> None:
    said = refusal(DatabaseSettings(data_dir=root, pg_bin=tmp_path))

    assert str(tmp_path) in said
    assert "CONSOLE_DATABASE_URL" in said


def test_data_of_another_major_version_are_left_alone(root: Path) -> None:
    (root / "data").mkdir(parents=True)
    (root / "data" / "PG_VERSION").write_text("14\n")

    assert "The data belong to PostgreSQL 14" in refusal(DatabaseSettings(data_dir=root))


def test_something_else_in_the_place_of_the_data_is_left_alone(root: Path) -> None:
    (root / "data").mkdir(parents=True)
    (root / "data" / "thesis.txt").write_text("three years of work")

    assert "not a database" in refusal(DatabaseSettings(data_dir=root))
    assert (root / "data" / "thesis.txt").exists()


def test_a_data_directory_that_is_a_file_is_a_fault_that_names_the_setting(root: Path) -> None:
    root.write_text("")

    assert "CONSOLE_DATA_DIR" in refusal(DatabaseSettings(data_dir=root))


def test_a_directory_that_the_server_cannot_use_is_a_fault_that_names_the_setting(root: Path) -> None:
    # For root the server runs as another account, which cannot enter.
    root.mkdir(mode=0o700 if os.geteuid() == 0 else 0o500)

    assert "CONSOLE_DATA_DIR" in refusal(DatabaseSettings(data_dir=root))


def test_root_needs_an_account_that_exists_and_others_need_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert server_account("nobody-at-all") is None

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(Fault, match="CONSOLE_PG_USER"):
        server_account("nobody-at-all")
    with pytest.raises(Fault, match="CONSOLE_PG_USER"):
        server_account("root")
