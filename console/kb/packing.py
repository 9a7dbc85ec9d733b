"""Lists of words as one array of bytes, and back: what a snapshot is made of."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray


def packed(words: Iterable[str]) -> NDArray[np.uint8]:
    """None of them has a line break in it."""
    return np.frombuffer("\n".join(words).encode(), np.uint8)


def unpacked(bytes_: NDArray[np.uint8]) -> list[str]:
    return bytes_.tobytes().decode().split("\n") if len(bytes_) else []
