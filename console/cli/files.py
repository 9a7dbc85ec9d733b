"""Files that commands are given."""

from __future__ import annotations

import sys
from pathlib import Path

from console.errors import Fault
from console.nodes import SIZE_MAX


def read_text(file: str) -> str:
    """The file's text (- is standard input). Raises Fault where there is none, or more than is taken."""
    try:
        if file == "-":
            found = sys.stdin.buffer.read(SIZE_MAX + 1)
        else:
            with Path(file).open("rb") as stream:
                found = stream.read(SIZE_MAX + 1)
    except OSError as error:
        raise Fault(f"{file}: {error.strerror}") from None
    if len(found) > SIZE_MAX:
        raise Fault(f"{file}: more than {SIZE_MAX:,} bytes, which is the most that is taken.")
    try:
        return found.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = found.count(b"\n", 0, error.start) + 1
        raise Fault(f"{file}:{line}: not UTF-8; save the file in that encoding.") from None
