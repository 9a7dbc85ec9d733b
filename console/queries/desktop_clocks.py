"""Promises on a desk: the clocks of the case that is shown, and the most urgent one of each case of mine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from console.sla import store
from console.sla.clock import Clock
from console.sla.face import Face, face, most_urgent, urgency


def strip(clocks: Sequence[Clock], now: datetime) -> tuple[Face, ...]:
    """What is shown of a case's clocks: the last of each name, the most urgent first."""
    last = {clock.name: shown for clock in clocks if (shown := face(clock, now)) is not None}
    return tuple(sorted(last.values(), key=urgency))


async def of_case(db: AsyncConnection, case: str, now: datetime) -> tuple[Face, ...]:
    return strip(await store.of_case(db, case), now)


async def urgent(db: AsyncConnection, numbers: Sequence[str], now: datetime) -> dict[str, Face]:
    """Of each of these cases, by number, the clock to look at first."""
    faces: dict[str, list[Face]] = {}
    for number, clock in await store.live_of(db, numbers) if numbers else ():
        shown = face(clock, now)
        if shown is not None:
            faces.setdefault(number, []).append(shown)
    return {number: first for number, of_case in faces.items() if (first := most_urgent(of_case)) is not None}
