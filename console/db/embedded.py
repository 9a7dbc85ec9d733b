"""The embedded server, as a console process sees it: there while it is needed, shared with all others.

`running()` holds a shared lock that keeps the server up, starts the keeper where there is none, and watches it: a keeper
that was killed is replaced while the process goes on, so its database is back within seconds.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import structlog

import console
from console.db.keeper import KEEPER_LOCK, USERS_LOCK, try_lock
from console.db.server import is_ready, prepare_directory, quiet, server_url
from console.errors import Fault
from console.settings import DatabaseSettings

START_LOCK = "start.lock"
"""Held by the process that is starting a keeper, so that those who come at the same time find it started."""

PATIENCE_S = 90.0
"""For a stop and a start by others, on a slow disk."""

WATCH_S = 0.5
"""How often a process looks whether the keeper is still there: two system calls."""

WATCH_JOIN_S = 2.0
"""A watch that is starting a keeper at this moment is not waited for; it ends with the process."""

log = structlog.get_logger()


def url_of(settings: DatabaseSettings) -> str:
    """Where the data are: the URL that was set, or the embedded server's, running or not."""
    return settings.database_url or server_url(settings.data_dir)


@contextlib.contextmanager
def running(settings: DatabaseSettings, tell: Callable[[str], None] = quiet) -> Iterator[str]:
    """The URL of a server that runs until the end of the block, and as long as other processes need it.

    `tell` hears what takes time at a first start. Raises Fault where there can be no server.
    """
    if settings.database_url is not None:
        yield settings.database_url
        return
    prepare_directory(settings.data_dir)
    with _opened(settings.data_dir / USERS_LOCK) as users:
        _wait_for(users, fcntl.LOCK_SH, tell)
        _ensure_kept(settings, tell)
        with _watched(settings):
            yield url_of(settings)


def _ensure_kept(settings: DatabaseSettings, tell: Callable[[str], None]) -> None:
    """Return when the server answers."""
    with _opened(settings.data_dir / START_LOCK) as starting:
        _wait_for(starting, fcntl.LOCK_EX, tell)
        end = time.monotonic() + PATIENCE_S
        while not (_is_kept(settings) and is_ready(settings.data_dir)):
            if not _is_kept(settings):
                _start_keeper(settings, tell)
            elif time.monotonic() > end:
                raise _neither_nor(settings.data_dir)
            else:
                time.sleep(0.05)  # its starter was killed, or it is starting a killed server again


def _is_kept(settings: DatabaseSettings) -> bool:
    """Whether a keeper lives."""
    with _opened(settings.data_dir / KEEPER_LOCK) as file:
        return not try_lock(file, fcntl.LOCK_SH)


def _start_keeper(settings: DatabaseSettings, tell: Callable[[str], None]) -> None:
    """A process of its own session: neither our end nor Ctrl-C in our terminal reaches it."""
    words = [sys.executable, "-m", "console.db.keeper", str(settings.data_dir.absolute())]
    if settings.pg_bin is not None:
        words += ["--pg-bin", str(settings.pg_bin.absolute())]
    if settings.pg_user is not None:
        words += ["--pg-user", settings.pg_user]
    with (settings.data_dir / "keeper.log").open("ab") as errors:
        keeper = subprocess.Popen(  # noqa: S603 - this very program
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd="/",
            env=os.environ | {"PYTHONPATH": _our_path()},
            start_new_session=True,
        )
    assert keeper.stdout is not None
    # When we outlive it, its end must be collected by somebody.
    threading.Thread(target=keeper.wait, daemon=True).start()
    with keeper.stdout:
        for line in keeper.stdout:
            word, _, rest = line.decode().strip().partition(" ")
            if word == "ready":
                return
            if word == "fault":
                raise Fault(rest)
            tell(rest)
    raise Fault(f"The database's keeper ended before the database started; see {settings.data_dir / 'keeper.log'}.")


def _our_path() -> str:
    """The keeper imports the same console, wherever it was found."""
    package = Path(next(iter(console.__path__)))
    return os.pathsep.join(filter(None, [str(package.parent), os.environ.get("PYTHONPATH")]))


@contextlib.contextmanager
def _watched(settings: DatabaseSettings) -> Iterator[None]:
    over = threading.Event()
    watch = threading.Thread(target=_watch, args=(settings, over), name="database keeper's watch", daemon=True)
    watch.start()
    try:
        yield
    finally:
        over.set()
        watch.join(WATCH_JOIN_S)


def _watch(settings: DatabaseSettings, over: threading.Event) -> None:
    while not over.wait(WATCH_S):
        try:
            if not _is_kept(settings):
                _ensure_kept(settings, quiet)
                log.warning("database_started_again")
        except (Fault, OSError) as fault:
            log.error("database_not_started", reason=str(fault))  # noqa: TRY400 - the message is for operators, a traceback is not


def _opened(path: Path) -> IO[bytes]:
    """A lock's file; it is never removed, for a lock on a removed file is nobody's.

    Raises Fault where another account made it.
    """
    try:
        return path.open("ab")
    except OSError as error:
        raise Fault(f"The data directory cannot be used: {error}. Run console as the account that made it.") from None


def _wait_for(file: IO[bytes], how: int, tell: Callable[[str], None]) -> None:
    """Take the lock; while others stop or start the server, wait for them."""
    if try_lock(file, how):
        return
    tell("Waiting for the database, which another console is starting or stopping")
    end = time.monotonic() + PATIENCE_S
    while not try_lock(file, how):
        if time.monotonic() > end:
            raise _neither_nor(Path(file.name).parent)
        time.sleep(0.05)


def _neither_nor(root: Path) -> Fault:
    return Fault(f"The database in {root} neither starts nor stops; see postgres.log and keeper.log there.")
