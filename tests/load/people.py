"""Who takes part in the load test: the phone system that tells of calls, and the agents who take them."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import Counter, defaultdict, deque
from collections.abc import Coroutine
from dataclasses import dataclass, field
from random import Random
from typing import Any

from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.load.floor import Caller
from tests.served import BATCH, Line, Serve, arrived, ended, event

OPEN_CALLS = 130
"""At once, as long as there are callers: more than all agents can take, so that some always wait."""
TOGETHER_MAX = 12
"""Events of one request."""
EVENTS = "/api/v1/telephony/events"


@dataclass
class Seen:
    """What happened, as seen from outside."""

    accepted: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Offer to (item, agent): those answered 204."""
    started: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Item to the agents who were told that it is theirs."""
    ignored: set[str] = field(default_factory=set)
    """Offers that their agent let ring out."""
    missed: set[str] = field(default_factory=set)
    """Offers that agents were told they had missed."""
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    told: int = 0
    """Events that are durable, by the answers."""
    progress: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def count(self, item: str, agent: str) -> None:
        self.started[item].add(agent)
        async with self.progress:
            self.progress.notify_all()

    async def until_started(self, count: int) -> None:
        async with self.progress:
            await self.progress.wait_for(lambda: len(self.started) >= count)


class Phone:
    """The phone system: tells what happens, in order, and again with the same ids until it is durable."""

    def __init__(self, line: Line, callers: list[Caller], seen: Seen) -> None:
        self._line = line
        self._coming = deque(callers)
        self._seen = seen
        self._outgoing: deque[dict[str, Any]] = deque()
        self._wake = asyncio.Event()
        self._open: dict[str, int | None] = {}
        """Calls that have not ended, and after how many arrivals they are left; None: never."""
        self._arrivals = 0
        self._ended: set[str] = set()

    async def run(self) -> None:
        """Until every call has ended."""
        while self._coming or self._open or self._outgoing:
            self._let_in()
            if not self._outgoing:
                await self._wake.wait()
                self._wake.clear()
                continue
            together = [self._outgoing.popleft() for _ in range(min(TOGETHER_MAX, len(self._outgoing)))]
            await self._tell(together)

    def over(self, call: str, cause: str = "agent") -> None:
        """The call ends."""
        if call not in self._ended:
            self._ended.add(call)
            self._open.pop(call, None)
            self._say(ended(call, cause, answered=cause == "agent"))

    def answered(self, call: str, agent: str) -> None:
        """Somebody picked up the phone itself."""
        self._say(event("answered", call, agent=agent))

    def talks(self, call: str) -> None:
        """Whoever has been answered does not hang up for impatience."""
        if call in self._open:
            self._open[call] = None

    def _say(self, said: dict[str, Any]) -> None:
        self._outgoing.append(said)
        self._wake.set()

    def _let_in(self) -> None:
        while self._coming and len(self._open) < OPEN_CALLS:
            self._arrive(self._coming.popleft())

    def _arrive(self, caller: Caller) -> None:
        self._arrivals += 1
        leaves = None if caller.patience is None else self._arrivals + caller.patience
        self._open[caller.call] = leaves
        if caller.late:
            self.over(caller.call, "caller")
        self._say(arrived(caller.call, **caller.data))
        if caller.repeated:
            self._say(arrived(caller.call, **caller.data))
        for call in [call for call, left in self._open.items() if left is not None and left <= self._arrivals]:
            self.over(call, "caller")

    async def _tell(self, together: list[dict[str, Any]]) -> None:
        answer = await self._line.insist("POST", EVENTS, together, content_type=BATCH)
        assert answer.status == 202, answer.body
        told = answer.json()
        assert told["accepted"] + told["duplicates"] == len(together)
        self._seen.told += len(together)


class Seat:
    """An agent at a desk that somebody else wrote: one stream, and commands by HTTP."""

    def __init__(self, name: str, token: str, phone: Phone, seen: Seen) -> None:
        self.name = name
        self._token = token
        self._phone = phone
        self._seen = seen
        self._random = Random(name)
        self._since: int | None = None
        self._asked: set[str] = set()
        """Offers that were decided on."""
        self._errands: set[asyncio.Task[None]] = set()

    async def run(self, node: Serve) -> None:
        """Listen, and come back when the stream is lost, until cancelled."""
        self._line = node.line(self._token)
        while True:
            query = "" if self._since is None else f"?since={self._since}"
            with contextlib.suppress(OSError, InvalidHandshake, ConnectionClosed, TimeoutError):
                async with node.stream(self._token, query, open_timeout=5) as stream:
                    async for text in stream:
                        frame = json.loads(text)
                        self._since = frame["seq"]
                        await self._hear(frame["type"], frame["data"])
            await asyncio.sleep(0.05)  # as any client waits before it knocks again
            self._look_after_errands()

    async def _hear(self, kind: str, data: dict[str, Any]) -> None:
        match kind:
            case "ready":
                await self._see(data)
            case "offer.made":
                self._decide(data)
            case "offer.closed" if data["outcome"] == "timed_out":
                self._seen.missed.add(data["offer"])
            case "work.started":
                await self._work(data)
            case "work.updated" if data["state"] == "wrap_up":
                if data["wrap_up_until"] is None:
                    self._errand(self._command(f"work-items/{data['work_item']}/wrap-up/finish", "finish"))
            case "presence.changed":
                self._be_available(data)
            case _:
                pass

    async def _see(self, ready: dict[str, Any]) -> None:
        for offer in ready["offers"]:
            self._decide(offer)
        for work in ready["work"]:
            await self._work(work)
        self._be_available(ready)

    def _be_available(self, told: dict[str, Any]) -> None:
        if told["presence"] != "available" or told["routing_state"] == "not_responding":
            self._errand(self._available())

    def _decide(self, offer: dict[str, Any]) -> None:
        if offer["offer"] in self._asked:
            return
        self._asked.add(offer["offer"])
        mood = self._random.random()
        if mood < 0.86:
            self._errand(self._accept(offer))
        elif mood < 0.92:
            self._errand(self._command(f"offers/{offer['offer']}/decline", "decline", reason="busy"))
        elif mood < 0.97:
            self._phone.answered(offer["call"]["id"], self.name)
        else:
            self._seen.ignored.add(offer["offer"])

    async def _work(self, work: dict[str, Any]) -> None:
        self._phone.talks(work["call"]["id"])
        if work["context"]["state"] == "wrap_up":
            self._phone.over(work["call"]["id"])
            if work["context"].get("wrap_up_until") is None:
                self._errand(self._command(f"work-items/{work['work_item']}/wrap-up/finish", "finish"))
        else:
            self._phone.over(work["call"]["id"])
        await self._seen.count(work["work_item"], self.name)

    async def _accept(self, offer: dict[str, Any]) -> None:
        answer = await self._line.insist("POST", f"/api/v1/offers/{offer['offer']}/accept")
        self._seen.answers["accept", answer.status] += 1
        if answer.status == 204:
            self._seen.accepted[offer["offer"]] = (offer["work_item"], self.name)

    async def _command(self, path: str, what: str, **body: Any) -> None:
        answer = await self._line.insist("POST", f"/api/v1/{path}", body)
        self._seen.answers[what, answer.status] += 1

    async def _available(self) -> None:
        answer = await self._line.insist("PUT", "/api/v1/me/presence", {"presence": "available"})
        self._seen.answers["presence", answer.status] += 1

    def _errand(self, errand: Coroutine[Any, Any, None]) -> None:
        self._look_after_errands()
        self._errands.add(asyncio.create_task(errand))

    def _look_after_errands(self) -> None:
        """One that failed fails the seat."""
        for task in [task for task in self._errands if task.done()]:
            self._errands.discard(task)
            task.result()
