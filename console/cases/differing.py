"""What somebody changed, as timelines and the audit tell it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def differing(before: object | None, after: object, fields: Iterable[str]) -> dict[str, list[Any]]:
    """Field to [old, new], of those that differ; `before` None: it was made, and had nothing."""
    pairs = {field: [getattr(before, field) if before is not None else None, getattr(after, field)] for field in fields}
    return {field: [old, new] for field, (old, new) in pairs.items() if old != new}
