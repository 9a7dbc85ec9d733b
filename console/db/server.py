"""One PostgreSQL server on a directory, started and stopped by the process that calls.

It listens on a Unix socket in a directory that only its account (and root) may enter, which is what guards it: there is
no password. On Linux it ends when the process that started it ends, however that went.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import hashlib
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

from console.db.programs import Account, Programs, find_programs, run_as, server_account
from console.errors import Fault

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0777",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "log_destination": "stderr",
    "logging_collector": "off",
}

SOCKET_DIR_MAX = 80
"""Socket names end at 104 bytes (macOS; 108 on Linux), and PostgreSQL appends `/.s.PGSQL.5432.lock`."""

UNFIT_IN_SOCKET_DIR = set(',"')
"""PostgreSQL and its clients read a comma as the end of one directory or host, and the next one's beginning."""

SHORT_DIR = Path("/tmp")  # noqa: S108 - every process must name the same one, whatever its TMPDIR; its owner is checked

LOG_BYTES_MAX = 10_000_000
"""The server's log is put aside at a start when it is larger; one older is kept."""

UNFINISHED = "data.new."
"""How directories begin in which a cluster is being made."""

START_S = 60
STOP_S = 30
"""A fast shutdown writes what is in memory; a disk that needs longer has other troubles."""

_PR_SET_PDEATHSIG = 1
_PORT = 5432

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def quiet(_what: str) -> None:
    """Tell nobody."""


class Server:
    """A server on `root`: `data/`, `run/` for its socket, `postgres.log`. Start it on the main thread."""

    def __init__(
        self, root: Path, *, pg_bin: Path | None = None, pg_user: str | None = None, settings: Mapping[str, str] = {}
    ) -> None:
        self.root = root.absolute()
        self._pg_bin = pg_bin
        self._settings = {**SETTINGS, **settings}
        self._account = server_account(pg_user)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def log(self) -> Path:
        return self.root / "postgres.log"

    def start(self, tell: Callable[[str], None] = quiet, *, durable: bool = True) -> None:
        """Make the database cluster where there is none, and start the server; it answers when this returns.

        Raises Fault.
        """
        prepare_directory(self.root)
        self._check_reach()
        end_left_over(self.data)
        programs = find_programs(self._pg_bin, self._account, self.root, data_major(self.data))
        if not (self.data / "PG_VERSION").exists():
            tell("Preparing the database, which happens once")
            self._make_cluster(programs, durable=durable)
        self._make_socket_dir()
        self._launch(programs)

    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self, sig: signal.Signals = signal.SIGINT) -> None:
        """End the server: connections are closed, what is committed is on disk (SIGINT), or at once (SIGQUIT)."""
        if self._process is None or not self.running():
            return
        self._process.send_signal(sig)
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(STOP_S)

    def _check_reach(self) -> None:
        if self._account is None:
            return
        tried = subprocess.run(  # noqa: S603 - a shell's builtin, the path as an argument
            ["/bin/sh", "-c", 'cd "$1"', "sh", str(self.root)],
            capture_output=True,
            check=False,
            **run_as(self._account),
        )
        if tried.returncode:
            raise Fault(
                f"The account {self._account.name}, which runs the database for root, cannot enter {self.root}. Set "
                "CONSOLE_DATA_DIR to a directory that it can reach, such as /var/lib/console."
            )

    def _make_cluster(self, programs: Programs, *, durable: bool) -> None:
        """Built aside and renamed: an initdb that was killed halfway would pass for a cluster.

        Each in a place of its own: one that was interrupted may still be clearing up behind itself.
        """
        for halfway in self.root.glob(f"{UNFINISHED}*"):
            shutil.rmtree(halfway, ignore_errors=True)
        made = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=self.root))
        _own(made, self._account)
        words: list[str | Path] = ["-D", made, "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8"]
        words += ["--auth-local=trust", "--auth-host=reject", "--no-instructions"]
        if programs.major >= 17:
            words += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if not durable:
            words += ["--no-sync"]
        done = subprocess.run(  # noqa: S603 - a program we found, with our own words
            [programs.directory / "initdb", *words],
            capture_output=True,
            text=True,
            check=False,
            **self._how(),
        )
        if done.returncode:
            raise Fault(f"PostgreSQL's initdb failed in {self.root}: {done.stderr.strip() or done.stdout.strip()}")
        if self.data.exists():
            _remove_empty(self.data)
        made.rename(self.data)

    def _make_socket_dir(self) -> None:
        directory = socket_dir(self.root)
        directory.mkdir(mode=0o700, exist_ok=True)
        found = directory.lstat()
        ours = {os.geteuid(), self._account.uid if self._account else os.geteuid()}
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in ours:
            raise Fault(f"{directory} belongs to somebody else; remove it, or set CONSOLE_DATA_DIR to a shorter path.")
        _own(directory, self._account)
        directory.chmod(0o700)

    def _launch(self, programs: Programs) -> None:
        """Start the server, again where a predecessor is still on its way out: its children outlive it for a moment."""
        end = time.monotonic() + START_S
        while not self._launched(programs, end):
            if time.monotonic() > end:
                raise Fault(f"The database did not start within {START_S} seconds; its log is {self.log}.")
            time.sleep(0.1)

    def _launched(self, programs: Programs, end: float) -> bool:
        words: list[str | Path] = ["-D", self.data, "-k", socket_dir(self.root), "-p", str(_PORT)]
        for name, value in self._settings.items():
            words += ["-c", f"{name}={value}"]
        with _opened_log(self.log) as log:
            before = log.tell()
            self._process = subprocess.Popen(  # noqa: S603 - a program we found, with our own words
                [programs.directory / "postgres", *words], stdout=log, stderr=log, start_new_session=True, **self._how()
            )
        while not self._ready():
            if not self.running():
                return self._may_try_again(before)
            if time.monotonic() > end:
                self.stop(signal.SIGQUIT)
                return False
            time.sleep(0.005)
        return True

    def _how(self) -> dict[str, Any]:
        """As the account, and with our end its end, where the system can do that."""
        how = run_as(self._account)
        if _libc is not None:
            how["preexec_fn"] = functools.partial(_die_with_parent, os.getpid())
        return how

    def _ready(self) -> bool:
        state = _pid_file(self.data)
        assert self._process is not None
        return state is not None and state[0] == str(self._process.pid) and state[7:8] == ["ready"]

    def _may_try_again(self, before: int) -> bool:
        """False: yes. Raises Fault with the server's own words where another try would end alike."""
        with self.log.open("rb") as log:
            log.seek(before)
            said = log.read()[-2000:].decode(errors="replace").strip()
        if "lock file" in said or "shared memory block" in said:
            return False
        raise Fault(f"The database did not start: {said or 'it said nothing'}")


def prepare_directory(root: Path) -> None:
    """Make the data directory where there is none. As root others may pass through it, which the server's account must."""
    try:
        if not root.is_dir():
            root.mkdir(parents=True)
            root.chmod(0o711 if os.geteuid() == 0 else 0o700)
        if not os.access(root, os.W_OK | os.X_OK):
            raise PermissionError(f"{root} is not writable for this account")
    except OSError as error:
        raise Fault(
            f"The data directory cannot be used: {error}. Set CONSOLE_DATA_DIR to a directory of yours."
        ) from None


def socket_dir(root: Path) -> Path:
    """Where the server's socket is: in the data directory, unless its path will not do for a socket."""
    inside = root.absolute() / "run"
    if len(os.fsencode(inside)) <= SOCKET_DIR_MAX and not set(str(inside)) & UNFIT_IN_SOCKET_DIR:
        return inside
    tag = hashlib.sha256(os.fsencode(root.resolve())).hexdigest()[:16]
    return SHORT_DIR / f"console-{os.geteuid()}-{tag}"


def server_url(root: Path) -> str:
    """The URL of the server on that data directory, running or not."""
    return f"postgresql://postgres@/postgres?host={quote(str(socket_dir(root)), safe='')}&port={_PORT}"


def is_ready(root: Path) -> bool:
    """Whether a server on that data directory takes connections."""
    state = _pid_file(root / "data")
    return state is not None and state[7:8] == ["ready"] and _answers(state)


def data_major(data: Path) -> int | None:
    """The major version that a cluster belongs to; None: there is no cluster."""
    try:
        return int((data / "PG_VERSION").read_text().split(".")[0])
    except FileNotFoundError:
        return None


def end_left_over(data: Path) -> None:
    """End a server that outlived the process that started it. The caller holds the lock that makes it the only one."""
    state = _pid_file(data)
    if state is None or not _answers(state):
        return  # a stale file: PostgreSQL itself tells a dead or recycled process from a living server
    for sig in (signal.SIGINT, signal.SIGQUIT):
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(state[0]), sig)
        end = time.monotonic() + STOP_S
        while time.monotonic() < end:
            if not (data / "postmaster.pid").exists():
                return
            time.sleep(0.02)


def _pid_file(data: Path) -> list[str] | None:
    try:
        lines = [line.strip() for line in (data / "postmaster.pid").read_text().splitlines()]
    except FileNotFoundError:
        return None
    return lines if len(lines) >= 5 else None


def _answers(state: list[str]) -> bool:
    with socket.socket(socket.AF_UNIX) as there:
        there.settimeout(2)
        try:
            there.connect(f"{state[4]}/.s.PGSQL.{state[3]}")
        except OSError:
            return False
    return True


def _opened_log(path: Path) -> IO[bytes]:
    if path.exists() and path.stat().st_size > LOG_BYTES_MAX:
        path.replace(path.with_suffix(".log.1"))
    log = path.open("ab")
    log.seek(0, os.SEEK_END)
    return log


def _own(path: Path, account: Account | None) -> None:
    if account is not None:
        os.chown(path, account.uid, account.gid)


def _remove_empty(directory: Path) -> None:
    try:
        directory.rmdir()
    except OSError as error:
        raise Fault(f"{directory} is not empty and not a database; move it away ({error.strerror}).") from None


def _die_with_parent(parent: int) -> None:
    """In the child, after it has changed its account, which would undo this: a fast shutdown when the parent ends.

    Linux sends it when the thread ends that started the child, hence the main thread.
    """
    assert _libc is not None
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
