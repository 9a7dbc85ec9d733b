"""The recordings of a real Asterisk, and the truth about them as the phones saw it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

DATA = Path(__file__).parents[2] / "data" / "asterisk"
TOLERANCE_S = 0.2
EXPECTED: dict[str, Any] = json.loads((DATA / "expected.json").read_text())
NAMES = sorted(EXPECTED)


def lines(name: str) -> list[bytes]:
    """A recording's lines; `name` may be its beginning (`b2`)."""
    [path] = DATA.glob(f"{name}*.ndjson.gz")
    return gzip.decompress(path.read_bytes()).splitlines()


def expected(name: str) -> dict[str, Any]:
    [full] = [known for known in NAMES if known.startswith(name)]
    return EXPECTED[full]


def messages(name: str) -> list[dict[str, Any]]:
    """The websocket's messages of a recording, in their order."""
    parsed = map(json.loads, lines(name))
    return [line["event"] for line in parsed if line["source"] == "ari"]
