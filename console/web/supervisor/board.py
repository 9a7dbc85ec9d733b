"""The live floor, drawn once for everybody who looks: queues, agents, and the figures over them.

One board for each language, with one task while anybody watches. It follows the hub's pictures of the centre,
which come at most four times a second, and sends what has changed: rows always, a list's order as a part of its
own, so that a page can let the order wait while somebody's pointer is in it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, cast
from urllib.parse import quote

import msgspec
from litestar.connection import ASGIConnection
from litestar.exceptions import WebSocketDisconnect

from console.live.messages import AgentChanged, QueueChanged
from console.people.permissions import Permission, require
from console.people.who import Principal
from console.services import overview
from console.services.context import Context
from console.web.fragment import render, wrap
from console.web.socket import AnySocket, converse
from console.web.words import Words

BEAT_S = 5.0
BEAT = '{"beat":1}'
STOPPED = 1012

SHORT_OF_TARGET = 0.10
"""So far below its target a service level is bad; nearer to it, it is a warning."""
LONG_WAIT = 3
"""Times the queue's threshold: a wait that is a warning. Twice as long is bad."""

STATES = ("noanswer", "ringing", "available", "oncall", "wrapup", "break", "training", "meeting", "away", "offline")
"""In the order in which the floor shows them: who may need a look first."""

LISTS = ("queues", "agents")


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Over all queues, today."""

    service_level: float | None
    target: float | None
    waiting: int
    longest_wait_s: float
    longest_in: str | None
    answered: int
    abandoned: int
    states: dict[str, int]
    """How many agents are in which; who is offline is in none."""

    @property
    def abandon_rate(self) -> float | None:
        offered = self.answered + self.abandoned
        return self.abandoned / offered if offered else None


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """The floor at one moment, in the order in which it is shown."""

    now: datetime
    queues: tuple[QueueChanged, ...] = ()
    agents: tuple[AgentChanged, ...] = ()


def picture(queues: Iterable[QueueChanged], agents: Iterable[AgentChanged], now: datetime) -> Picture:
    """Queues worst first; agents by state, then by how long they are in it."""
    return Picture(now=now, queues=tuple(sorted(queues, key=_worst)), agents=tuple(sorted(agents, key=_place)))


def _worst(queue: QueueChanged) -> tuple[float, float, str]:
    return (-queue.longest_wait_s, -_shortfall(queue.service_level, queue.service_level_target), queue.name)


def _shortfall(level: float | None, target: float | None) -> float:
    return max(0.0, target - level) if level is not None and target is not None else 0.0


def _place(agent: AgentChanged) -> tuple[int, datetime, str]:
    return (STATES.index(state_of(agent)), agent.since, agent.username)


def state_of(agent: AgentChanged) -> str:
    """The agent's state in the words of the design."""
    if agent.presence == "offline" and not agent.work:
        return "offline"
    held = {"not_responding": "noanswer", "offered": "ringing", "wrap_up": "wrapup", "busy": "oncall"}
    if agent.routing_state in held:
        return held[agent.routing_state]
    if agent.presence == "away":
        return agent.reason if agent.reason in ("break", "training", "meeting") else "away"
    return "available" if agent.presence == "available" else "offline"


def figures(shown: Picture) -> Figures:
    """The centre's service level weighs each queue's by the calls it was offered."""
    weighed = [(q, q.answered + q.abandoned) for q in shown.queues if q.service_level is not None]
    offered = sum(weight for _, weight in weighed)
    targets = [(q.service_level_target, weight) for q, weight in weighed if q.service_level_target is not None]
    worst = max(shown.queues, key=lambda queue: queue.longest_wait_s, default=None)
    states = dict.fromkeys(STATES[:-1], 0)
    for agent in shown.agents:
        if (state := state_of(agent)) != "offline":
            states[state] += 1
    return Figures(
        service_level=sum((q.service_level or 0) * weight for q, weight in weighed) / offered if offered else None,
        target=sum(target * weight for target, weight in targets) / offered if offered else None,
        waiting=sum(queue.waiting for queue in shown.queues),
        longest_wait_s=worst.longest_wait_s if worst else 0.0,
        longest_in=worst.name if worst and worst.longest_wait_s else None,
        answered=sum(queue.answered for queue in shown.queues),
        abandoned=sum(queue.abandoned for queue in shown.queues),
        states=states,
    )


def level_tone(level: float | None, target: float | None) -> str:
    """How a service level is coloured; one that is in its target is not."""
    short = _shortfall(level, target)
    return "bad" if short > SHORT_OF_TARGET else "warn" if short > 0 else ""


def wait_tone(longest_s: float, within_s: float | None) -> str:
    """How a longest wait is coloured."""
    times = longest_s / within_s if within_s else 0.0
    return "bad" if times > 2 * LONG_WAIT else "warn" if times > LONG_WAIT else ""


# --- drawing ----------------------------------------------------------------------------------------------------------


def row_id(kind: str, name: str) -> str:
    """Of a queue's or an agent's row: a name may hold any sign, an id no space."""
    return f"{kind}-{quote(name, safe='')}"


def context(shown: Picture) -> dict[str, Any]:
    """What the templates of the floor are given."""
    return {
        "floor": shown,
        "figures": figures(shown),
        "now": shown.now,
        "zone": UTC,
        "row_id": row_id,
        "state_of": state_of,
        "level_tone": level_tone,
        "wait_tone": wait_tone,
    }


def changes(before: Picture, after: Picture, words: Words) -> dict[str, str]:
    """The parts, by id, that make a page of the one a page of the other."""
    seen = context(after)
    drawn = {"time": render("desk/_time.html", words, seen)}
    if figures(before) != figures(after):
        drawn["figures"] = render("supervisor/_figures.html", words, seen)
    drawn |= _rows(
        {row_id("queue", q.name): q for q in before.queues},
        {row_id("queue", q.name): q for q in after.queues},
        lambda row, gone: render("supervisor/_queue.html", words, {**seen, "queue": row, "gone": gone}),
    )
    drawn |= _rows(
        {row_id("agent", a.username): a for a in before.agents},
        {row_id("agent", a.username): a for a in after.agents},
        lambda row, gone: render("supervisor/_agent.html", words, {**seen, "agent": row, "gone": gone}),
    )
    if [q.name for q in before.queues] != [q.name for q in after.queues]:
        drawn["queues"] = render("supervisor/_queues.html", words, seen)
    if [a.username for a in before.agents] != [a.username for a in after.agents]:
        drawn["agents"] = render("supervisor/_agents.html", words, seen)
    return drawn


def _rows(before: Mapping[str, Any], after: Mapping[str, Any], draw: Callable[[Any, bool], str]) -> dict[str, str]:
    """Rows that changed; one that is no longer there is greyed first, for a page that holds its list."""
    gone = {row: draw(before[row], True) for row in before.keys() - after.keys()}
    changed = {row: draw(after[row], False) for row in after if row in before and before[row] != after[row]}
    return gone | changed


def whole(shown: Picture, words: Words) -> dict[str, str]:
    """All parts of the page."""
    seen = context(shown)
    names = ("figures", *LISTS)
    return {
        "time": render("desk/_time.html", words, seen),
        **{name: render(f"supervisor/_{name}.html", words, seen) for name in names},
    }


# --- telling ----------------------------------------------------------------------------------------------------------


class Mailbox:
    """The latest of each part that one page has not been sent: a slow one skips, it does not lag."""

    def __init__(self, parts: Mapping[str, str]) -> None:
        self.over = False
        self._parts: dict[str, str] = dict(parts)
        self._wake = asyncio.Event()
        self._wake.set()

    def put(self, parts: Mapping[str, str]) -> None:
        for part, html in parts.items():
            self._parts.pop(part, None)
            self._parts[part] = html
        self._wake.set()

    def end(self) -> None:
        self.over = True
        self._wake.set()

    async def take(self) -> str:
        """One frame; the beat, after as long as the line may be silent."""
        try:
            await asyncio.wait_for(self._wake.wait(), BEAT_S)
        except TimeoutError:
            return BEAT
        self._wake.clear()
        parts, self._parts = self._parts, {}
        return "".join(parts.values())


class Board:
    """What one language's watchers see."""

    def __init__(self, ctx: Context, words: Words) -> None:
        self._ctx = ctx
        self._words = words
        self._mailboxes: dict[Mailbox, str] = {}
        self._shown: Picture | None = None
        self._starting = asyncio.Lock()
        self._following: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def watching(self, username: str) -> AsyncIterator[Mailbox]:
        """A mailbox that begins with the whole page. The last to leave ends the watch."""
        async with self._starting:
            if self._shown is None:
                queues, agents = await overview.state(self._ctx)
                self._shown = picture(queues, agents, self._ctx.clock.now())
                self._following = asyncio.create_task(self._follow())
        mailbox = Mailbox(self._wrapped(whole(self._shown, self._words)))
        self._mailboxes[mailbox] = username
        try:
            yield mailbox
        finally:
            del self._mailboxes[mailbox]
            if not self._mailboxes and self._following is not None:
                self._following.cancel()
                self._shown = self._following = None

    def redraw(self, username: str, part: str) -> bool:
        """Send a part again to that person's pages; False: none is open here."""
        boxes = [mailbox for mailbox, name in self._mailboxes.items() if name == username]
        if not boxes or self._shown is None:
            return False
        for mailbox in boxes:
            mailbox.put(self._wrapped({part: whole(self._shown, self._words)[part]}))
        return True

    async def _follow(self) -> None:
        try:
            async for topics in self._ctx.hub.pictures():
                self.show(
                    picture(
                        cast("Iterable[QueueChanged]", topics["queues"].values()),
                        cast("Iterable[AgentChanged]", topics["agents"].values()),
                        self._ctx.clock.now(),
                    )
                )
        finally:
            for mailbox in self._mailboxes:
                mailbox.end()

    def show(self, after: Picture) -> None:
        """To everybody who watches: what is different, drawn once."""
        assert self._shown is not None
        if (after.queues, after.agents) == (self._shown.queues, self._shown.agents):
            return
        parts = self._wrapped(changes(self._shown, after, self._words))
        self._shown = after
        for mailbox in self._mailboxes:
            mailbox.put(parts)

    def _wrapped(self, parts: Mapping[str, str]) -> dict[str, str]:
        return {part: wrap(part, html) for part, html in parts.items()}


class Boards:
    """One board for each language that somebody watches in."""

    def __init__(self) -> None:
        self._boards: dict[str, Board] = {}

    def of(self, ctx: Context, words: Words) -> Board:
        if words.language not in self._boards:
            self._boards[words.language] = Board(ctx, words)
        return self._boards[words.language]


def boards_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Boards:
    """The application's."""
    boards: Boards = connection.app.state.setdefault("boards", Boards())
    return boards


async def talk(socket: AnySocket, ctx: Context, board: Board, who: Principal) -> int | None:
    """The whole life of one supervisor's line."""
    username = require(who, Permission.SEE_CENTRE)
    async with board.watching(username) as mailbox:
        return await converse(socket, ctx, _send(socket, mailbox))


async def _send(socket: AnySocket, mailbox: Mailbox) -> int | None:
    try:
        while not mailbox.over:
            await socket.send_text(await mailbox.take())
    except (OSError, WebSocketDisconnect):
        return None
    return STOPPED
