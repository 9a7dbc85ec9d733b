"""The desk's own line: each message of the stream becomes the parts it changes, in the order in which they came.

One mailbox for each page. What is marked while a frame is on its way goes with the next one, drawn from the
newest state: a slow screen skips, it does not lag.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from litestar.connection import ASGIConnection
from litestar.exceptions import WebSocketDisconnect

from console.live.hub import Subscription
from console.people.who import Principal
from console.queries.desktop import NOWHERE, Address, DeskScreen
from console.queries.desktop_idle import Order, QueueGlance
from console.services import desk, presence
from console.services.context import Context
from console.services.viewing import Gaze
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


async def load(ctx: Context, who: Principal, view: View, address: Address = NOWHERE) -> DeskScreen:
    """The agent's desk as it is now."""
    return await desk.screen(ctx, who, midnight=parts.midnight(ctx.clock.now(), view.zone), address=address)


class Line:
    """From the hub to one page."""

    def __init__(self, ctx: Context, who: Principal, view: View, address: Address, *, frame: bool = False) -> None:
        """`frame`: the page has a work area of its own, and only what stands around it is drawn."""
        self._frame = frame
        self._ctx = ctx
        self._who = who
        self._view = view
        self._address = address
        self._place: str | None = None
        self._queues: tuple[QueueGlance, ...] = ()
        """As the page shows them."""
        self._said = SILENT
        self._gaze = Gaze(ctx, who.called)
        self.mailbox = Mailbox()

    async def speak(self, socket: AnySocket, subscription: Subscription) -> int | None:
        """Until the subscription ends or the page has gone; the code to close with."""
        reading = asyncio.ensure_future(self._read(subscription))
        try:
            while not (marked := await self.mailbox.take()).over:
                await socket.send_text(await self.text(marked))
        except (OSError, WebSocketDisconnect):
            return None
        finally:
            reading.cancel()
            await asyncio.gather(reading, self._gaze.on(None), return_exceptions=True)
        return marked.code

    async def _read(self, subscription: Subscription) -> None:
        async for frame in subscription:
            self.mailbox.mark(parts.redrawn(frame.message), parts.said(frame.message))
        self.mailbox.end(subscription.close_code)

    async def text(self, marked: Marked) -> str:
        """The marked parts; on a quiet line the figures of an idle desk, where they have changed, or else the beat."""
        if self._frame:
            return await self._around(marked)
        dirty = set(marked.parts)
        if not dirty:
            await self._gaze.again()
            if self._place != parts.IDLE or await desk.queues(self._ctx, self._who) == self._queues:
                return BEAT
            dirty = {Part.BAR, Part.QUEUES}
        screen = await load(self._ctx, self._who, self._view, self._address)
        self._said = marked.said or self._said
        if parts.place(screen) != self._place:
            dirty |= {Part.MAIN, Part.ESCALATE}
            self._place = parts.place(screen)
        await self._gaze.on(screen.shown.case.id if screen.shown and screen.shown.case else None)
        if dirty & {Part.MAIN, Part.QUEUES}:
            self._queues = screen.idle.queues if screen.idle else ()
        return parts.frame(dirty, screen, self._view, self._said)

    async def _around(self, marked: Marked) -> str:
        """What of it stands around a page's own work area."""
        dirty = marked.parts & parts.FRAME
        if not dirty:
            return BEAT
        screen = await load(self._ctx, self._who, self._view, self._address)
        self._said = marked.said or self._said
        return parts.frame(dirty, screen, self._view, self._said)


async def talk(
    socket: AnySocket, ctx: Context, who: Principal, *, view: View, address: Address, frame: bool = False
) -> int | None:
    """The whole life of a desk's line. It begins with the hub's `ready`, which draws everything."""
    async with presence.listening(ctx, who) as subscription:
        line, desks = Line(ctx, who, view, address, frame=frame), desks_of(socket)
        desks.add(who.called, line.mailbox)
        try:
            return await converse(socket, ctx, line.speak(socket, subscription))
        finally:
            desks.discard(who.called, line.mailbox)


def address_of(parameters: Mapping[str, str]) -> Address:
    """What the page's address says was chosen, and when; what cannot be read says nothing."""
    order = parameters.get("order")
    return Address(
        work=parameters.get("work"),
        case=parameters.get("case"),
        packet=parameters.get("packet") == "1",
        lists=parameters.get("show") == "lists",
        at=_instant(parameters.get("at", "")),
        order=Order(order) if order in list(Order) else None,
    )


def _instant(ms: str) -> datetime | None:
    if not ms.isascii() or not ms.isdecimal() or len(ms) > 13:  # until the year 2286
        return None
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=int(ms))
