"""A telephone call as the phone system tells it; its events come late, twice and in any order."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

from console.cases.customer import e164

State = Literal["waiting", "ringing", "talking", "held", "ended"]


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `call`. `caller` is E.164 where it is a number, else as told."""

    id: str
    source: str
    external_id: str
    caller: str | None = None
    dialled: str | None = None
    direction: str = "inbound"
    state: State = "waiting"
    attributes: dict[str, Any] = {}
    customer: str | None = None
    arrived_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    cause: str | None = None
    answered_by: str | None = None

    @property
    def over(self) -> bool:
        return self.ended_at is not None

    @property
    def number(self) -> str | None:
        """The caller's, where it is one."""
        return e164(self.caller)


def moved(call: Call, state: State) -> Call:
    """In that state, unless it is over: an ended call never comes back."""
    return call if call.over else msgspec.structs.replace(call, state=state)
