"""A telephone call as the phone system tells it; its events come late, twice and in any order."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

from console.cases.customer import e164

State = Literal["waiting", "ringing", "talking", "held", "ended"]


ConsultState = Literal["ringing", "talking", "conference"]


class Consult(msgspec.Struct, frozen=True, kw_only=True):
    """A second phone that the agent asks beside the caller's call."""

    endpoint: str
    name: str
    """Of the agent at that phone; of a phone that is nobody's, its endpoint."""
    state: ConsultState
    since: datetime
    """When it came into this state."""
    agent: str | None = None


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
    began_at: datetime | None = None
    talk_since: datetime | None = None
    held_at: datetime | None = None
    muted: bool = False
    outside: bool = False
    """Handed on to a phone outside the centre; where nobody answers there, the caller comes back."""
    consult: Consult | None = None

    @property
    def over(self) -> bool:
        return self.ended_at is not None

    @property
    def number(self) -> str | None:
        """The caller's, where it is one."""
        return e164(self.caller)


def moved(call: Call, state: State, **more: Any) -> Call:
    """In that state, unless it is over: an ended call never comes back."""
    return call if call.over else msgspec.structs.replace(call, state=state, **more)


def answered(call: Call, at: datetime) -> Call:
    """An agent talks with the caller. One who joins, or takes over, goes on with the same conversation."""
    return moved(call, "talking", talk_since=call.talk_since or at, held_at=None)


def held(call: Call, at: datetime) -> Call:
    return moved(call, "held", held_at=call.held_at or at)


def resumed(call: Call) -> Call:
    return moved(call, "talking", held_at=None)


def parked(call: Call) -> Call:
    """Nobody has the caller any more; they wait for the next agent."""
    return moved(call, "waiting", talk_since=None, held_at=None, muted=False, outside=False, consult=None)


def looks_different(call: Call, before: Call) -> bool:
    """Has something changed that its agent sees?"""
    return (call.state, call.held_at, call.muted, call.consult) != (
        before.state,
        before.held_at,
        before.muted,
        before.consult,
    )
