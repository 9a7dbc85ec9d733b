"""The process that keeps the embedded server: its parent, detached from every console process.

A console process that needs the server holds a shared lock on the file `users.lock` for as long as it lives; the
system takes the lock away however the process ends. Twice a second or more the keeper tries whether it could have the
lock alone. When it could for 2 s it takes it, stops the server and ends; a console process that comes meanwhile waits
for the lock, hence for the stop, and starts a new keeper. `keeper.lock` is the keeper's own, for its whole life: one
data directory has one keeper.

When the keeper is killed the server ends by itself on Linux; elsewhere the next keeper ends it first. When the server
is killed the keeper starts it again.

To whoever started it the keeper says on its standard output what it is doing, one line each: `working <words>`, then
`ready`, or `fault <words>`.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from console.db.server import Server, quiet
from console.errors import Fault

ALONE_S = 2.0
"""How long nobody may have needed the server before it is stopped: commands in a script come closer than that."""

LOOK_S = 0.25

LAST_USERS_S = 10.0
"""How long a keeper that is asked to end, as at a shutdown, leaves console processes to end first."""

PREDECESSOR_S = 60.0
"""How long a predecessor may take to stop its server."""

RESTARTS_MAX = 5
"""Starts within `RESTARTS_S` after which a server that keeps ending is given up."""
RESTARTS_S = 60.0

USERS_LOCK = "users.lock"
KEEPER_LOCK = "keeper.lock"


def try_lock(file: IO[bytes], how: int) -> bool:
    """Whether the lock could be had at once."""
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class Solitude:
    """How long nobody else has held the lock on a file."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab")
        self._since: float | None = None

    def lasts_for(self, now: float) -> float:
        if not try_lock(self._file, fcntl.LOCK_EX):
            self._since = None
            return 0.0
        fcntl.flock(self._file, fcntl.LOCK_UN)
        self._since = self._since or now
        return now - self._since

    def seal(self) -> bool:
        """Take the lock for good, so that whoever comes now waits for our end; False: somebody was faster."""
        return try_lock(self._file, fcntl.LOCK_EX)


class Keeper:
    """Keeps one server until nobody needs it."""

    def __init__(self, root: Path, server: Server) -> None:
        self._server = server
        self._users = Solitude(root / USERS_LOCK)
        self._asked_to_end_at: float | None = None
        self._starts: list[float] = []

    def start(self, tell: Callable[[str], None]) -> None:
        for sig in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(sig, self._ask_to_end)
        self._server.start(tell)

    def keep(self) -> None:
        """Return when the server has been stopped.

        Raises Fault when it ends again and again.
        """
        while not self._may_end(time.monotonic()):
            if not self._server.running():
                self._start_again(time.monotonic())
            time.sleep(LOOK_S)
        self._server.stop()

    def _may_end(self, now: float) -> bool:
        if self._users.lasts_for(now) >= (0 if self._asked_to_end_at else ALONE_S) and self._users.seal():
            return True
        return self._asked_to_end_at is not None and now - self._asked_to_end_at > LAST_USERS_S

    def _start_again(self, now: float) -> None:
        self._starts = [start for start in self._starts if now - start < RESTARTS_S] + [now]
        if len(self._starts) > RESTARTS_MAX:
            raise Fault(f"The database ended {RESTARTS_MAX} times within a minute; its log is {self._server.log}.")
        self._server.start(quiet)

    def _ask_to_end(self, _signal: int, _frame: object) -> None:
        self._asked_to_end_at = self._asked_to_end_at or time.monotonic()


def only_keeper(root: Path) -> IO[bytes]:
    """The keeper's lock, held while the file is open. A predecessor may still be stopping its server.

    Raises Fault when it does not come to an end.
    """
    file = (root / KEEPER_LOCK).open("ab")
    end = time.monotonic() + PREDECESSOR_S
    while not try_lock(file, fcntl.LOCK_EX):
        if time.monotonic() > end:
            raise Fault(f"Another console keeps the database in {root} and does not end.")
        time.sleep(0.05)
    return file


def say(word: str, words: str = "") -> None:
    """To whoever started the keeper; that may be gone."""
    with contextlib.suppress(BrokenPipeError):
        os.write(sys.stdout.fileno(), f"{word} {' '.join(words.split())}\n".encode())


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("root", type=Path)
    words.add_argument("--pg-bin", type=Path)
    words.add_argument("--pg-user")
    asked = words.parse_args()
    try:
        with only_keeper(asked.root):
            keeper = Keeper(asked.root, Server(asked.root, pg_bin=asked.pg_bin, pg_user=asked.pg_user))
            keeper.start(lambda doing: say("working", doing))
            say("ready")
            _let_go_of_the_starter()
            keeper.keep()
    except (Fault, OSError) as fault:
        say("fault", str(fault))
        sys.exit(f"{time.strftime('%FT%T')} {fault}")


def _let_go_of_the_starter() -> None:
    """It reads our words to their end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


if __name__ == "__main__":
    main()
