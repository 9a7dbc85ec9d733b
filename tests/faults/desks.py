"""An agent's desk as the agent sees it, whatever happens to the console behind it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.served import Answer, Line, Serve, available, eventually

KNOCK_AGAIN_S = 0.05


class Desk:
    """One stream, kept open and opened anew, and what it told; commands are the agent's own."""

    def __init__(self, name: str, token: str, node: Serve) -> None:
        self.name = name
        self.node = node
        self._token = token
        self._since: int | None = None
        self.presence: dict[str, Any] = {}
        self.offers: dict[str, dict[str, Any]] = {}
        """Open ones, by call."""
        self.work: dict[str, dict[str, Any]] = {}
        """In hand, by call."""
        self.made: list[str] = []
        """Every `offer.made`, by its offer."""
        self.closed: dict[str, tuple[str, str | None]] = {}
        """Offer to its outcome and the reason."""
        self.closes: list[int | None] = []
        """With what each stream was closed; None: it broke."""
        self.connections = 0

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Desk]:
        """The agent sits at it, and is available."""
        sitting = asyncio.create_task(self._sit())
        try:
            await self.sees(lambda: self.connections)
            line = self.line()
            await available(line)
            line.close()
            await self.sees(lambda: self.presence.get("presence") == "available")
            yield self
            assert not sitting.done(), sitting.result()
        finally:
            sitting.cancel()
            await asyncio.gather(sitting, return_exceptions=True)

    def move(self, node: Serve) -> None:
        """Where the desk connects to from now on, as a balancer would have it."""
        self.node = node

    def line(self) -> Line:
        return self.node.line(self._token)

    async def sees(self, what: Callable[[], Any]) -> Any:
        async def look() -> Any:
            return what()

        return await eventually(look)

    async def is_offered(self, call: str) -> dict[str, Any]:
        """The offer of that call, as soon as it is open here."""
        offer: dict[str, Any] = await self.sees(lambda: self.offers.get(call))
        return offer

    async def accept(self, call: str, how: Callable[[Line], Callable[..., Awaitable[Answer]]] | None = None) -> Answer:
        offer = await self.is_offered(call)
        line = self.line()
        ask = how(line) if how else line.ask
        answer = await ask("POST", f"/api/v1/offers/{offer['offer']}/accept")
        line.close()
        return answer

    async def takes(self, call: str) -> None:
        """Accept the call, and be told that it is this agent's."""
        assert (await self.accept(call, lambda line: line.insist)).status in (202, 204)
        await self.sees(lambda: call in self.work)

    async def me(self) -> dict[str, Any]:
        line = self.line()
        answer = await line.insist("GET", "/api/v1/me")
        line.close()
        found: dict[str, Any] = answer.json()
        return found

    async def _sit(self) -> None:
        while True:
            with suppress(OSError, InvalidHandshake, TimeoutError):
                query = "" if self._since is None else f"?since={self._since}"
                async with self.node.stream(self._token, query, open_timeout=5) as stream:
                    try:
                        while True:
                            self._hear(json.loads(await stream.recv()))
                    except ConnectionClosed as closed:
                        self.closes.append(closed.rcvd.code if closed.rcvd else None)
            await asyncio.sleep(KNOCK_AGAIN_S)

    def _hear(self, frame: dict[str, Any]) -> None:
        self._since = frame["seq"]
        data = frame["data"]
        match frame["type"]:
            case "ready":
                self._redraw(data)
            case "presence.changed":
                self.presence = data
            case "offer.made":
                self.made.append(data["offer"])
                self.offers[data["call"]["id"]] = data
            case "offer.closed":
                self.closed[data["offer"]] = data["outcome"], data["reason"]
                self.offers = {call: it for call, it in self.offers.items() if it["offer"] != data["offer"]}
            case "work.started":
                self.work[data["call"]["id"]] = data
            case "work.ended":
                self.work = {call: it for call, it in self.work.items() if it["work_item"] != data["work_item"]}
            case _:
                pass

    def _redraw(self, data: dict[str, Any]) -> None:
        self.connections += 1
        self.presence = {name: data[name] for name in ("presence", "reason", "routing_state")}
        if not data["resumed"]:
            self.offers = {offer["call"]["id"]: offer for offer in data["offers"]}
            self.work = {work["call"]["id"]: work for work in data["work"]}
