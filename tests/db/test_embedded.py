"""The embedded server as consoles see it, with real processes."""

import os
import shutil
from pathlib import Path

import pytest

from console.db import embedded
from console.db.server import server_url, socket_dir
from console.errors import Fault
from console.settings import DatabaseSettings
from tests.db.consoles import PG_BIN, Console, end, gone, keepers, postmasters, until


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
        end(root)
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

    # This process has imported everything already; another might take two seconds on a busy machine.
    with embedded.running(DatabaseSettings(data_dir=root, pg_bin=PG_BIN)):
        assert postmasters(root) == [server]


def test_a_killed_console_takes_nobody_with_it(root: Path) -> None:
    first = Console(root)
    first.url()
    second = Console(root)
    second.url()

    first.kill()

    assert second.add_row() == "1"
    second.leave()


def test_a_console_started_at_once_after_a_kill_loses_nothing(root: Path) -> None:
    for rows in ("1", "2", "3"):
        console = Console(root)
        console.url()
        assert console.add_row() == rows
        console.kill()


def test_a_path_too_long_for_a_socket_and_one_with_a_comma_work_too(root: Path) -> None:
    for name in ("long-" * 30, "a,b"):
        awkward = root / name
        assert socket_dir(awkward) != awkward / "run"
        console = Console(awkward)
        console.url()
        assert console.add_row() == "1"
        console.leave()
        end(awkward)
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
