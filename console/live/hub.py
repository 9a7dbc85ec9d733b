"""Carries frames from the outbox to the sockets of this node; keeps each agent's last ones for those who resume.

Nothing here waits: a frame is put into every mailbox of its agent at once, and a mailbox that is full
closes its subscription (1013), so one slow screen delays nobody.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from console.clock import Clock, to_instant
from console.live.floor import Floor
from console.live.messages import Message, Ready

KEPT_FRAMES_MAX = 1_000
"""Of one agent: more than ten minutes of the busiest desk."""
KEPT_FOR = timedelta(minutes=10)
MAILBOX_MAX = 1_000
"""Frames a socket may be behind. Beyond it the client is too slow and must start anew."""

TOO_SLOW = 1013
START_ANEW = 1012

Topic = Literal["queues", "agents"]


class Frame(msgspec.Struct, frozen=True):
    """One numbered message. `decision` is the router's, by which a fresh desk knows what it already shows."""

    seq: int
    at: datetime
    message: Message
    decision: int | None = None

    def text(self) -> str:
        """As it goes over the JSON stream."""
        data = msgspec.to_builtins(self.message, builtin_types=(datetime,))
        kind = data.pop("type")
        for nested in ("offers", "work"):
            for part in data.get(nested, ()):
                if isinstance(part, dict):
                    part.pop("type", None)
        return msgspec.json.encode({"seq": self.seq, "at": self.at, "type": kind, "data": data}).decode()


class Desk(msgspec.Struct, frozen=True):
    """What an agent's desk shows, as of a decision of the router."""

    ready: Ready
    decision: int


ReadDesk = Callable[[str], Awaitable[Desk]]


class Subscription:
    """The frames of one socket, in order. Iterating ends when it is closed; `close_code` says why."""

    def __init__(self, agent: str, topics: frozenset[Topic]) -> None:
        self.agent = agent
        self.topics = topics
        self.close_code: int | None = None
        self._mailbox: deque[Frame] = deque()
        self._arrived = asyncio.Event()
        self._shown: int | None = None
        self._open = False

    def put(self, frame: Frame) -> None:
        """Into the mailbox, unless the desk that this socket began with shows it already."""
        if self._shown is not None and frame.decision is not None and frame.decision <= self._shown:
            return
        if len(self._mailbox) >= MAILBOX_MAX:
            self.close(TOO_SLOW)
            return
        self._mailbox.append(frame)
        self._arrived.set()

    def close(self, code: int) -> None:
        if self.close_code is None:
            self.close_code = code
        self._arrived.set()

    def begin(self, desk: Desk, at: datetime, head: int, snapshot: Iterable[Message]) -> None:
        """Start with the whole desk; of what arrived while it was read only what it does not show follows."""
        arrived, self._mailbox = self._mailbox, deque()
        self._shown = desk.decision
        for frame in arrived:
            self.put(frame)
        seq = self._mailbox[0].seq - 1 if self._mailbox else head
        self._start(Frame(seq, at, desk.ready), snapshot)

    def resume(self, desk: Desk, at: datetime, since: int, missed: list[Frame], snapshot: Iterable[Message]) -> None:
        """Start where the client stopped: what it missed follows."""
        replayed = {frame.seq for frame in missed}
        self._mailbox = deque([*missed, *(frame for frame in self._mailbox if frame.seq not in replayed)])
        ready = msgspec.structs.replace(desk.ready, resumed=True, offers=(), work=())
        self._start(Frame(since, at, ready), snapshot)

    def _start(self, first: Frame, snapshot: Iterable[Message]) -> None:
        # The snapshot bears the first frame's number: a client cut off after it still asks for what follows.
        shown = [Frame(first.seq, first.at, message) for message in snapshot]
        self._mailbox.extendleft(reversed([first, *shown]))
        self._open = True
        self._arrived.set()

    async def __aiter__(self) -> AsyncIterator[Frame]:
        while self.close_code is None:
            await self._arrived.wait()
            self._arrived.clear()
            while self._open and self._mailbox and self.close_code is None:
                yield self._mailbox.popleft()


class _Kept:
    """An agent's last frames, and the greatest number that is no longer among them."""

    def __init__(self, gone: int) -> None:
        self.frames: deque[Frame] = deque()
        self.gone = gone

    def add(self, frame: Frame) -> None:
        self.frames.append(frame)
        while len(self.frames) > KEPT_FRAMES_MAX or frame.at - self.frames[0].at > KEPT_FOR:
            self.gone = self.frames.popleft().seq


class Hub:
    """All sockets of this node. `seq` counts frames from the node's start in µs, so two nodes' never meet."""

    def __init__(self, clock: Clock, read_desk: ReadDesk) -> None:
        self._clock = clock
        self._read_desk = read_desk
        self._seq = self._start = to_instant(clock.now())
        self._subscriptions: defaultdict[str, set[Subscription]] = defaultdict(set)
        self._kept: dict[str, _Kept] = {}
        self._topics: dict[Topic, Mapping[str, Message]] = {"queues": {}, "agents": {}}
        self._floor: Floor | None = None
        self._watched = asyncio.Event()
        self._viewers: set[asyncio.Event] = set()

    async def open(self, agent: str, since: int | None = None, topics: frozenset[Topic] = frozenset()) -> Subscription:
        """A subscription that begins with `ready`: resumed after `since`, or with the whole desk."""
        subscription = Subscription(agent, topics)
        self._subscriptions[agent].add(subscription)
        if topics:
            self._watched.set()
        try:
            desk = await self._read_desk(agent)
        except BaseException:
            self.close(subscription)
            raise
        now, snapshot = self._clock.now(), self._snapshot(topics)
        if since is not None and self._knows(agent, since):
            subscription.resume(desk, now, since, self._missed(agent, since), snapshot)
        else:
            subscription.begin(desk, now, self._seq, snapshot)
        return subscription

    def close(self, subscription: Subscription) -> None:
        """Forget it; closing twice is closing once."""
        subscriptions = self._subscriptions.get(subscription.agent)
        if subscriptions is not None:
            subscriptions.discard(subscription)
            if not subscriptions:
                del self._subscriptions[subscription.agent]
        self._rest()

    async def floors(self) -> AsyncIterator[Floor]:
        """The whole floor, each time it was read anew; for screens that are drawn once for many.

        Whoever iterates is nobody's desk. Closing the iterator ends the watch.
        """
        renewed = asyncio.Event()
        self._viewers.add(renewed)
        self._watched.set()
        try:
            while True:
                await renewed.wait()
                renewed.clear()
                if self._floor is not None:
                    yield self._floor
        finally:
            self._viewers.discard(renewed)
            self._rest()

    def tell(self, agent: str, message: Message, decision: int | None = None) -> None:
        """One frame to every socket of the agent, with one number."""
        frame = self._frame(message, decision)
        if agent not in self._kept:
            self._kept[agent] = _Kept(gone=self._start)
        self._kept[agent].add(frame)
        for subscription in tuple(self._subscriptions.get(agent, ())):
            subscription.put(frame)

    def listening(self) -> frozenset[str]:
        """Agents with a socket on this node."""
        return frozenset(self._subscriptions)

    async def watched(self, timeout: float) -> bool:
        """Whether anybody watches a topic; waits up to `timeout` seconds for one who does."""
        try:
            await asyncio.wait_for(self._watched.wait(), timeout)
        except TimeoutError:
            return False
        return True

    def show(self, floor: Floor) -> None:
        """The floor as it is now: whole to screens; to streams of a topic what changed since the last."""
        self._floor = floor
        self._show("queues", {queue.told.name: queue.told for queue in floor.queues})
        self._show("agents", {agent.told.username: agent.told for agent in floor.agents})
        for viewer in self._viewers:
            viewer.set()

    def _show(self, topic: Topic, state: Mapping[str, Message]) -> None:
        before, self._topics[topic] = self._topics[topic], state
        changed = [message for name, message in state.items() if before.get(name) != message]
        if not changed:
            return
        frames = [self._frame(message) for message in changed]
        for subscription in tuple(self._all()):
            if topic in subscription.topics:
                for frame in frames:
                    subscription.put(frame)

    def reset(self) -> None:
        """Frames may have been lost: every socket starts anew, and nobody can resume across this moment."""
        self._seq += 1
        self._start = self._seq
        self._kept.clear()
        for subscription in tuple(self._all()):
            subscription.close(START_ANEW)

    def _rest(self) -> None:
        """Nobody needs the topics read when nobody looks at them."""
        if not self._viewers and not any(subscription.topics for subscription in self._all()):
            self._watched.clear()

    def _all(self) -> Iterable[Subscription]:
        return (subscription for several in self._subscriptions.values() for subscription in several)

    def _frame(self, message: Message, decision: int | None = None) -> Frame:
        self._seq += 1
        return Frame(self._seq, self._clock.now(), message, decision)

    def _knows(self, agent: str, since: int) -> bool:
        kept = self._kept.get(agent)
        return (kept.gone if kept else self._start) <= since <= self._seq

    def _missed(self, agent: str, since: int) -> list[Frame]:
        kept = self._kept.get(agent)
        return [frame for frame in kept.frames if frame.seq > since] if kept else []

    def _snapshot(self, topics: frozenset[Topic]) -> list[Message]:
        return [message for topic in sorted(topics) for message in self._topics[topic].values()]
