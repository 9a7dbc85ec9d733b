"""The queues that an agent serves, as their own desk shows them: how the day goes there, and whose turn it is.

Every idle desk asks this every few seconds, so what does not differ between desks is read once a second and shared.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from console.config.document import Queue
from console.db.engine import Database, Transaction
from console.queries import desktop_idle
from console.queries.desktop_idle import Served
from console.routing.queue import Requirement, meets
from console.services import figures
from console.services.centre import Centre
from console.services.context import Context
from console.sla.kpi import NOTHING, service_level

AGE = timedelta(seconds=1)


class _Turns:
    """Who is free, the longest idle first, and for which queue."""

    def __init__(self, at: datetime, centre: Centre, levels: dict[str, float | None], idle: list[str]) -> None:
        self.at = at
        self.version = centre.version
        self.levels = levels
        self._idle = [agent for name in idle if (agent := centre.document.agent(name)) is not None]
        self._places: dict[str, dict[str, int]] = {}

    def place(self, queue: Queue, username: str) -> int | None:
        """1: the next call of this queue is theirs. None: not free, or not qualified."""
        if queue.name not in self._places:
            able = (one for one in self._idle if _may_take(queue, one.queues, one.skills))
            self._places[queue.name] = {agent.username: place for place, agent in enumerate(able, 1)}
        return self._places[queue.name].get(username)


_turns: WeakKeyDictionary[Database, _Turns] = WeakKeyDictionary()


async def served(ctx: Context, db: Transaction, username: str) -> list[Served]:
    """The queues that the agent serves, in the order of the configuration; one without a list serves all."""
    centre = await ctx.centres.in_force(db)
    agent = centre.document.agent(username)
    if agent is None:
        return []
    turns = await _read(ctx, db, centre)
    return [
        Served(
            name=queue.name,
            level=turns.levels.get(queue.name),
            target=queue.service_level.target.percent / 100,
            place=turns.place(queue, username) if queue.channel != "case" else None,
        )
        for queue in centre.document.queues
        if agent.queues is None or queue.name in agent.queues
    ]


async def _read(ctx: Context, db: Transaction, centre: Centre) -> _Turns:
    now = ctx.clock.now()
    turns = _turns.get(ctx.db)
    if turns is None or turns.version != centre.version or not now - AGE <= turns.at <= now:
        today = (await figures.read(ctx.db, db, centre, now)).today
        levels = {queue.name: service_level(today.get(queue.name, NOTHING)) for queue in centre.document.queues}
        turns = _turns[ctx.db] = _Turns(now, centre, levels, await desktop_idle.longest_idle(db))
    return turns


def _may_take(queue: Queue, queues: tuple[str, ...] | None, skills: Requirement) -> bool:
    return (queues is None or queue.name in queues) and meets(skills, queue.requires)
