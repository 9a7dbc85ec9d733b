"""An organisation whose people are customers, and whose contracts are theirs."""

from __future__ import annotations

from datetime import datetime

import msgspec

NAME_MAX = 200
NOTE_MAX = 2000


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `account`."""

    id: str
    name: str
    external_id: str | None = None
    """What another system calls it."""
    note: str | None = None
    created_at: datetime
    changed_at: datetime
    version: int = 1
