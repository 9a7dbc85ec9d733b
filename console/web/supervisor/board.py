"""The live floor, drawn once for everybody who looks through the same lens.

One board for each language and lens, with one task while anybody watches. It follows the hub's floors, which come at
most four times a second, and sends what has changed: rows always, a list's order as a part of its own, so that a page
can let the order wait while somebody's pointer is in it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

from litestar.connection import ASGIConnection
from litestar.exceptions import WebSocketDisconnect

from console.live.floor import Floor
from console.people.permissions import Permission, require
from console.people.who import Principal
from console.services import overview
from console.services.context import Context
from console.sla.kpi import Formula, service_level
from console.web.fragment import render, wrap
from console.web.socket import AnySocket, converse
from console.web.supervisor import picture as look
from console.web.supervisor.lens import Lens, address, behind
from console.web.supervisor.picture import Picture, picture
from console.web.words import Words

BEAT_S = 5.0
BEAT = '{"beat":1}'
STOPPED = 1012

LISTS = ("queues", "agents", "decisions", "risks")
"""What is held while a pointer or the focus is in it."""
TILES_MAX = 24
"""Queues that can still be read on a wall from across a room; the rest are counted."""


def row_id(kind: str, name: str) -> str:
    """Of a queue's or an agent's row: a name may hold any sign, an id no space."""
    return f"{kind}-{quote(name, safe='')}"


def formulas(words: Words) -> dict[Formula, str]:
    """Each service level's formula as it stands beside the number."""
    return {
        Formula.OFFERED: words.say("answered in time, of those offered"),
        Formula.ANSWERED: words.say("answered in time, of those answered"),
        Formula.SERVED: words.say("answered or abandoned in time, of those offered"),
        Formula.PATIENT: words.say("answered in time, of those answered or abandoned late"),
    }


def context(shown: Picture, words: Words) -> dict[str, Any]:
    """What the templates of the floor are given."""
    lens = shown.lens
    return {
        "shown": shown,
        "done": None,
        "lens": lens,
        "floor": shown.floor,
        "figures": shown.figures,
        "now": shown.floor.now,
        "zone": shown.floor.zone,
        "formulas": formulas(words),
        "address": lambda **changes: address(lens, **changes),
        "wall": address(lens, "/supervisor/wall"),
        "redraw": lambda part: address(lens, f"/supervisor/redraw/{part}"),
        "behind": lambda figure, queue=None: behind(lens, figure, queue),
        "row_id": row_id,
        "counted": lambda queue: look.counted(queue, lens),
        "level": lambda queue: look.level(queue, lens),
        "levels": lambda queue: [service_level(at, lens.formula) for at in queue.hour],
        "state_of": look.state_of,
        "since": look.since,
        "level_tone": look.level_tone,
        "level_tone_of": lambda queue: look.level_tone_of(queue, lens),
        "wait_tone": look.wait_tone,
        "abandon_tone": look.abandon_tone,
        "queue_tone": lambda queue: look.queue_tone(queue, lens),
        "falling_min": lambda queue: look.falling_min(queue, lens.formula),
        "tiles_max": TILES_MAX,
        "abandon_limit": look.ABANDON_LIMIT,
    }


# --- drawing ----------------------------------------------------------------------------------------------------------


FLOOR = {
    "head": "head",
    "figures": "figures",
    "queue": "queue",
    "queues": "queues",
    "shown": "shown",
    "agents": "agents",
    "decisions": "decisions",
    "decisions-count": "decisions_count",
    "risks": "risks",
    "risks-count": "risks_count",
}
WALL = {
    "wall-since": "wall_since",
    "wall-time": "wall_time",
    "figures": "wall_figures",
    "queue": "tile",
    "queues": "tiles",
}
"""Of each of the two pages: its parts, and which template draws which."""


def changes(before: Picture, after: Picture, words: Words) -> dict[str, str]:
    """The parts, by id, that make a page of the one a page of the other."""
    seen = context(after, words)
    page = WALL if after.lens.wall else FLOOR
    changed = _changed(before, after)
    drawn = {"time": render("desk/_time.html", words, seen)}
    drawn |= {part: render(f"supervisor/_{page[part]}.html", words, seen) for part in page if part in changed}
    drawn |= _rows(
        {row_id("queue", q.told.name): q for q in before.queues},
        {row_id("queue", q.told.name): q for q in after.queues},
        lambda row, gone: render(f"supervisor/_{page['queue']}.html", words, {**seen, "queue": row, "gone": gone}),
    )
    if "agents" in page:
        drawn |= _rows(
            {row_id("agent", a.told.username): a for a in before.agents},
            {row_id("agent", a.told.username): a for a in after.agents},
            lambda row, gone: render("supervisor/_agent.html", words, {**seen, "agent": row, "gone": gone}),
        )
    return drawn


def _changed(before: Picture, after: Picture) -> set[str]:
    """The parts beside the rows that are different now; the wall's line of time always is."""
    span = before.floor.recent_since != after.floor.recent_since
    different = {
        "head": span or len(before.queues) != len(after.queues),
        "figures": span or before.figures != after.figures,
        "queues": [q.told.name for q in before.queues] != [q.told.name for q in after.queues],
        "shown": before.counts != after.counts,
        "agents": [a.told.username for a in before.agents] != [a.told.username for a in after.agents],
        "decisions": before.decisions != after.decisions,
        "decisions-count": len(before.decisions) != len(after.decisions),
        "risks": _risks(before) != _risks(after),
        "risks-count": before.floor.risks_count != after.floor.risks_count,
        "wall-since": span,
        "wall-time": True,
    }
    return {part for part, is_different in different.items() if is_different}


def _risks(shown: Picture) -> list[tuple[object, ...]]:
    """Without the time that passes, which pages count by themselves."""
    return [risk.told for risk in shown.floor.risks]


def _rows(before: Mapping[str, Any], after: Mapping[str, Any], draw: Callable[[Any, bool], str]) -> dict[str, str]:
    """Rows that changed; one that is no longer there is greyed first, for a page that holds its list."""
    gone = {row: draw(before[row], True) for row in before.keys() - after.keys()}
    changed = {row: draw(after[row], False) for row in after if row in before and before[row] != after[row]}
    return gone | changed


def whole(shown: Picture, words: Words) -> dict[str, str]:
    """All parts of the page."""
    seen = context(shown, words)
    page = WALL if shown.lens.wall else FLOOR
    drawn = {part: render(f"supervisor/_{page[part]}.html", words, seen) for part in page if part != "queue"}
    return {"time": render("desk/_time.html", words, seen), **drawn}


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
    """What the watchers of one language and lens see."""

    def __init__(self, ctx: Context, words: Words, lens: Lens) -> None:
        self._ctx = ctx
        self._words = words
        self._lens = lens
        self._mailboxes: dict[Mailbox, str] = {}
        self._shown: Picture | None = None
        self._starting = asyncio.Lock()
        self._following: asyncio.Task[None] | None = None

    @property
    def watched(self) -> bool:
        return bool(self._mailboxes) or self._starting.locked()

    @asynccontextmanager
    async def watching(self, username: str) -> AsyncIterator[Mailbox]:
        """A mailbox that begins with the whole page. The last to leave ends the watch."""
        async with self._starting:
            if self._shown is None:
                self._shown = picture(await overview.floor(self._ctx), self._lens)
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
            async for floor in self._ctx.hub.floors():
                self.show(floor)
        finally:
            for mailbox in self._mailboxes:
                mailbox.end()

    def show(self, floor: Floor) -> None:
        """To everybody who watches: what is different, drawn once."""
        assert self._shown is not None
        after = picture(floor, self._lens)
        if _unmoved(self._shown) == _unmoved(after):
            return
        parts = self._wrapped(changes(self._shown, after, self._words))
        self._shown = after
        for mailbox in self._mailboxes:
            mailbox.put(parts)

    def _wrapped(self, parts: Mapping[str, str]) -> dict[str, str]:
        return {part: wrap(part, html) for part, html in parts.items()}


def _unmoved(shown: Picture) -> tuple[object, ...]:
    """All of it but the time, of which a wall shows the minute: while nothing is different, nothing is sent."""
    minute = shown.floor.now.replace(second=0, microsecond=0) if shown.lens.wall else None
    risks = () if shown.lens.wall else (_risks(shown), shown.floor.risks_count)
    return (shown.queues, shown.agents, shown.counts, shown.figures, shown.decisions, risks, minute)


class Boards:
    """One board for each language and lens that somebody watches in."""

    def __init__(self) -> None:
        self._boards: dict[tuple[str, Lens], Board] = {}

    def of(self, ctx: Context, words: Words, lens: Lens) -> Board:
        key = words.language, lens
        if key not in self._boards:
            self._boards = {kept: board for kept, board in self._boards.items() if board.watched}
            self._boards[key] = Board(ctx, words, lens)
        return self._boards[key]

    def redraw(self, username: str, part: str) -> bool:
        """Send a part again to all pages of that person; False: none is open here."""
        told = [board.redraw(username, part) for board in self._boards.values()]
        return any(told)


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
