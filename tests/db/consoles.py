"""Console processes on a data directory, and looking at what runs there, for the tests of the embedded server."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

PG_BIN = Path(os.environ["CONSOLE_PG_BIN"]) if "CONSOLE_PG_BIN" in os.environ else None
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
        answer = self.process.stdout.readline().strip()
        assert answer, self.leave()
        return answer

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


def end(root: Path) -> None:
    for pid in keepers(root):
        os.kill(pid, signal.SIGKILL)
    for pid in postmasters(root):
        os.kill(pid, signal.SIGQUIT)  # which removes its shared memory
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
    """Without children that have not taken a name of their own yet, or have ended meanwhile."""
    found = processes("-D", str(root / "data"), "-k")
    return [pid for pid in found if parent(pid) not in (None, *found)]


def parent(pid: int) -> int | None:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[1])
    except OSError:
        return None


def gone(root: Path) -> bool:
    return not keepers(root) and not postmasters(root)
