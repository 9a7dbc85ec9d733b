"""Who plays in the made-up phone system: phones, the lines that callers dial, their traffic, and a call."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Literal

import msgspec

from console.telephony import ConsultState, EndedBy


class Phone(msgspec.Struct, frozen=True, kw_only=True):
    """What a phone does when it is rung."""

    does: Literal["answer", "busy", "reject", "nothing"] = "answer"
    after_s: float = 1.0
    """How long it rings before it does that."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A number that callers dial, and what they said to the machine that took the call."""

    dialled: str
    weight: float = 1.0
    attributes: dict[str, str] = {}


class Traffic(msgspec.Struct, frozen=True, kw_only=True):
    """Callers who arrive by chance. Times are means of exponential distributions."""

    calls_per_hour: float
    lines: tuple[Line, ...]
    callers: tuple[str, ...]
    """Numbers; each caller is one of them who is not calling at that moment."""
    patience_s: float = 180.0
    talk_s: float = 90.0
    ended_by_caller: float = 0.7
    """The share of conversations that the caller ends."""


@dataclass(eq=False)
class SimulatedCall:
    id: str
    caller: str
    talk_s: float
    ended_by: EndedBy
    endpoint: str | None = None
    """Of the phone that rings or talks."""
    order_id: str = ""
    """Of the order that connected, or is connecting, that phone."""
    patience_s: float | None = None
    talking: bool = False
    answered: bool = False
    """Has it ever been?"""
    held: bool = False
    muted: bool = False
    digits: str = ""
    """What was sent down the caller's line."""
    asked: str | None = None
    """The phone that the agent consults; `asked_state` is what was told of it last."""
    asked_state: ConsultState = "ended"
    asked_order: str = ""
    waiting: asyncio.Task[None] | None = None
    connecting: asyncio.Task[None] | None = None
    asking: asyncio.Task[None] | None = None

    @property
    def tasks(self) -> list[asyncio.Task[None]]:
        return [task for task in (self.waiting, self.connecting, self.asking) if task is not None]
