"""The keeper, with real processes that are really killed."""

import fcntl
import os
import signal
from pathlib import Path

from console.db.server import is_ready
from tests.db.consoles import Console, gone, keepers, postmasters, until


def test_a_console_that_comes_while_the_server_is_being_stopped_waits_and_starts_another(root: Path) -> None:
    first = Console(root)
    first.url()
    first.add_row()
    [server] = postmasters(root)
    os.kill(server, signal.SIGSTOP)  # the stop takes long
    first.leave()
    # Taken by the keeper for good: from now on it is stopping the server.
    with (root / "users.lock").open("ab") as users:
        until(lambda: sealed(users))

    second = Console(root)
    assert "Waiting for the database" in second.process.stderr.readline()
    os.kill(server, signal.SIGCONT)
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


def test_after_the_last_console_was_killed_the_server_ends_all_the_same(root: Path) -> None:
    console = Console(root)
    console.url()
    console.add_row()

    console.kill()

    assert until(lambda: gone(root)) < 5
    log = (root / "postgres.log").read_text()
    assert "database system is shut down" in log


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

    # The server's child that serves the console may finish one more before it notices.
    until(lambda: console.add_row() == "not-ready")
    assert console.add_row() == "not-ready"
    os.kill(keeper, signal.SIGCONT)

    assert console.added_in_the_end() >= 2
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
    until(lambda: any(root.glob("data.new.*/*")))
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
