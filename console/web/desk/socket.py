"""The desk's own line: each message of the stream becomes the parts it changes, in the order in which they came.

One mailbox for each page. What is marked while a frame is on its way goes with the next one, drawn from the
newest state: a slow screen skips, it does not lag.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from litestar.connection import ASGIConnection
from litestar.exceptions import WebSocketDisconnect

from console.config.document import Centre as Document
from console.live.hub import Subscription
from console.people.who import Principal
from console.queries import desktop
from console.queries.desktop import Choice, DeskScreen
from console.services import presence
from console.services.context import Context
from console.web.desk import parts
from console.web.desk.parts import SILENT, Part, Said
from console.web.fragment import View
from console.web.socket import AnySocket, converse

BEAT_S = 5.0
"""How often the line proves that it lives; the page starts anew after 12 s of silence."""
BEAT = '{"beat":1}'
"""JSON without `content`: the page swaps nothing."""


class Marked(msgspec.Struct, frozen=True):
    """What is to be drawn anew; `over` ends the line with that code."""

    parts: frozenset[Part] = frozenset()
    said: Said | None = None
    over: bool = False
    code: int | None = None


class Mailbox:
    """What one page is behind by."""

    def __init__(self) -> None:
        self._marked = Marked()
        self._wake = asyncio.Event()

    def mark(self, dirty: Iterable[Part], said: Said | None = None) -> None:
        marked = frozenset(dirty)
        if marked:
            self._put(parts=self._marked.parts | marked, said=said or self._marked.said)

    def end(self, code: int | None) -> None:
        self._put(over=True, code=code)

    def _put(self, **changes: object) -> None:
        self._marked = msgspec.structs.replace(self._marked, **changes)
        self._wake.set()

    async def take(self) -> Marked:
        """All that was marked since; nothing, after as long as the line may be silent."""
        try:
            await asyncio.wait_for(self._wake.wait(), BEAT_S)
        except TimeoutError:
            return Marked()
        self._wake.clear()
        marked, self._marked = self._marked, Marked()
        return marked


class Desks:
    """The pages that are open on this node, by agent."""

    def __init__(self) -> None:
        self._open: defaultdict[str, set[Mailbox]] = defaultdict(set)

    def add(self, username: str, mailbox: Mailbox) -> None:
        self._open[username].add(mailbox)

    def discard(self, username: str, mailbox: Mailbox) -> None:
        self._open[username].discard(mailbox)
        if not self._open[username]:
            del self._open[username]

    def mark(self, username: str, dirty: Iterable[Part]) -> bool:
        """Ask the agent's pages to draw these anew; False: none is open here."""
        dirty = frozenset(dirty)
        for mailbox in self._open.get(username, ()):
            mailbox.mark(dirty)
        return username in self._open


def desks_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Desks:
    """The application's."""
    desks: Desks = connection.app.state.setdefault("desks", Desks())
    return desks


async def load(ctx: Context, username: str, view: View, choice: Choice | None) -> DeskScreen:
    """The agent's desk as it is now."""
    now = ctx.clock.now()
    midnight = parts.midnight(now, view.zone)
    async with ctx.db.snapshot() as db:
        queues = served((await ctx.centres.in_force(db)).document, username)
        return await desktop.screen(db, username, now, midnight=midnight, queues=queues, choice=choice)


def served(centre: Document, username: str) -> list[str]:
    """The queues that the agent serves, in the order of the configuration; one without a list serves all."""
    agent = centre.agent(username)
    if agent is None:
        return []
    return [queue.name for queue in centre.queues if agent.queues is None or queue.name in agent.queues]


class Line:
    """From the hub to one page."""

    def __init__(self, ctx: Context, username: str, view: View, choice: Choice | None) -> None:
        self._ctx = ctx
        self._username = username
        self._view = view
        self._choice = choice
        self._place: str | None = None
        self._said = SILENT
        self.mailbox = Mailbox()

    async def speak(self, socket: AnySocket, subscription: Subscription) -> int | None:
        """Until the subscription ends or the page has gone; the code to close with."""
        reading = asyncio.ensure_future(self._read(subscription))
        try:
            while not (marked := await self.mailbox.take()).over:
                await socket.send_text(await self._text(marked))
        except (OSError, WebSocketDisconnect):
            return None
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
        return marked.code

    async def _read(self, subscription: Subscription) -> None:
        async for frame in subscription:
            self.mailbox.mark(parts.redrawn(frame.message), parts.said(frame.message))
        self.mailbox.end(subscription.close_code)

    async def _text(self, marked: Marked) -> str:
        """The marked parts; on a quiet line the figures of an idle desk, or else the beat."""
        dirty = set(marked.parts)
        if not dirty:
            if self._place != parts.IDLE:
                return BEAT
            dirty = {Part.QUEUES}
        screen = await load(self._ctx, self._username, self._view, self._choice)
        self._said = marked.said or self._said
        if parts.place(screen) != self._place:
            dirty.add(Part.MAIN)
            self._place = parts.place(screen)
        return parts.frame(dirty, screen, self._view, self._said)


async def talk(socket: AnySocket, ctx: Context, who: Principal, *, view: View, choice: Choice | None) -> int | None:
    """The whole life of a desk's line. It begins with the hub's `ready`, which draws everything."""
    async with presence.listening(ctx, who) as subscription:
        line, desks = Line(ctx, who.called, view, choice), desks_of(socket)
        desks.add(who.called, line.mailbox)
        try:
            return await converse(socket, ctx, line.speak(socket, subscription))
        finally:
            desks.discard(who.called, line.mailbox)


def choice_of(work: str | None, at: str | None) -> Choice | None:
    """What the page's address says was chosen, and when; None where it says nothing that can be read."""
    if not work or not at or not at.isascii() or not at.isdecimal() or len(at) > 13:  # ms, until the year 2286
        return None
    return Choice(work, datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=int(at)))
