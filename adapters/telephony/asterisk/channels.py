"""What the switch has: its channels, who shares a bridge with whom, and how a dialled phone came to its end.

Messages of one moment come in any order and may come twice (a fact of the recordings), so this keeps what each
said with its own instant, and concludes nothing that a second telling would change.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto
from itertools import chain

from adapters.telephony.asterisk.messages import Channel, instant
from adapters.telephony.asterisk.places import hear_each_other
from console.telephony.text import clean

CHANNELS_MAX = 20_000
"""Twice what one Asterisk carries; beyond it the oldest are forgotten (their end was never told)."""

FADING_MAX = 1_000
"""Ended channels of which more may be learnt: the messages of one moment come in any order."""

NUMBERS_MAX = 8
"""Numbers that one channel may show; a phone that is rung shows two."""

GONE_MAX = 20_000
"""Ids of ended channels that are remembered, so that a late message does not raise them again."""

_NAME = re.compile(r"(?P<endpoint>(?P<technology>[^/]+)/.*?)(-[0-9a-f]+)?(;(?P<side>[12]))?", re.DOTALL)

_NO_PHONE = frozenset({
    "Announcer", "AudioSocket", "Bridge", "CBAnn", "CBRec", "Local", "Message", "Recorder", "Snoop", "UnicastRTP", "WebSocket",
})  # fmt: skip
"""Technologies of channels behind which nobody sits."""


class Phase(Enum):
    """How far a phone that was called has come."""

    DIALLED = auto()
    RINGING = auto()
    UP = auto()
    GONE = auto()


class Sign(Enum):
    RANG = auto()
    PICKED_UP = auto()
    ENDED = auto()


TRANSITIONS: dict[Phase, dict[Sign, Phase]] = {
    Phase.DIALLED: {Sign.RANG: Phase.RINGING, Sign.PICKED_UP: Phase.UP, Sign.ENDED: Phase.GONE},
    # It rang already: said by the channel's state and by Dial, in either order.
    Phase.RINGING: {Sign.PICKED_UP: Phase.UP, Sign.ENDED: Phase.GONE},
    # A RINGING that comes after the answer is only late.
    Phase.UP: {Sign.ENDED: Phase.GONE},
    Phase.GONE: {},
}

SIGN_OF_STATE = {"Ringing": Sign.RANG, "Up": Sign.PICKED_UP}
"""Of a channel's own state; `Ring` is the caller's and says nothing of our phones."""

SIGN_OF_DIAL = {"RINGING": Sign.RANG, "ANSWER": Sign.PICKED_UP}
"""Of Dial's status; how a vain one ended is told by the channel's cause, for a timed-out one has no Dial at all."""


class End(Enum):
    """How we know that a channel is gone."""

    TOLD = auto()
    IN_A_GAP = auto()
    """It was gone when the connection came back; nobody saw it."""
    WITH_THE_SWITCH = auto()


@dataclass(slots=True, eq=False)
class Chan:
    """One channel: all that was said of it, each with its instant on the switch's clock."""

    id: str
    name: str
    endpoint: str
    phone: bool
    created_at: datetime
    born_at: datetime | None = None
    """When the switch says that it was created: one with the same id and another birth is another channel."""
    caller_number: str = ""
    numbers: set[str] = field(default_factory=set)
    """All numbers that it showed: an originated phone first shows its own, then its caller's."""
    caller_name: str = ""
    exten: str = ""
    phase: Phase = Phase.DIALLED
    outgoing: bool = False
    """The switch called it: it was named as a dialled peer, or seen before it was up, or took another's place."""
    dialler: str | None = None
    """The channel that dialled it; None for one that was originated."""
    dialled_at: datetime | None = None
    rang_at: datetime | None = None
    up_at: datetime | None = None
    gone_at: datetime | None = None
    end: End = End.TOLD
    cause: int | None = None
    left_stasis_at: datetime | None = None
    own_request_at: datetime | None = None
    """Its own far end hung up: the phone, or the caller."""
    other_request_at: datetime | None = None
    """Somebody on the switch hung it up: the application, a dialplan, an operator."""
    shutdown: bool = False
    """An orderly stop of the switch hung it up."""
    held_at: datetime | None = None
    unheld_at: datetime | None = None
    replaced_at: datetime | None = None
    """When the transfer that put another channel in its place began."""
    bridge: str | None = None
    entered_at: datetime | None = None
    listed: bool = False
    """It was found there: when it came is a guess by our clock, and whatever is told of it since then is newer."""
    left: dict[str, datetime] = field(default_factory=dict)
    connection: int = 0
    """The connection over which it was last heard of; and the same of its bridges."""
    bridge_connection: int = 0

    def move(self, sign: Sign, at: datetime) -> None:
        """Take a sign of life; one that does not fit the phase is late or repeated, and changes nothing."""
        phase = TRANSITIONS[self.phase].get(sign)
        if phase is None:
            return
        self.phase = phase
        if sign is Sign.RANG:
            self.rang_at = at
        elif sign is Sign.PICKED_UP:
            self.up_at = at
        else:
            self.gone_at = at

    @property
    def on_hold(self) -> bool:
        return self.held_at is not None and (self.unheld_at is None or self.unheld_at < self.held_at)


class Remembered:
    """The last so many ids, each with its birth where it is known."""

    def __init__(self, most: int) -> None:
        self._born: dict[str, datetime | None] = {}
        self._most = most

    def __contains__(self, id_: object) -> bool:
        return id_ in self._born

    def born_at(self, id_: str) -> datetime | None:
        return self._born.get(id_)

    def add(self, id_: str, born_at: datetime | None = None) -> None:
        if id_ not in self._born:
            self._born[id_] = born_at
            if len(self._born) > self._most:
                del self._born[next(iter(self._born))]

    def discard(self, id_: str) -> None:
        self._born.pop(id_, None)


class Channels:
    """The channels of one switch and their bridges."""

    def __init__(self) -> None:
        self.connection = 0
        """Which connection to the switch this is; what was heard over an older one may be out of date."""
        self._channels: dict[str, Chan] = {}
        self._members: dict[str, set[str]] = {}
        self._twins: dict[str, set[str]] = {}
        self._fading: dict[str, Chan] = {}
        self._gone = Remembered(GONE_MAX)

    def get(self, id_: str) -> Chan | None:
        return self._channels.get(id_)

    def all(self) -> list[Chan]:
        return list(self._channels.values())

    def bridges(self) -> set[str]:
        return set(self._members)

    def empty_bridges(self) -> list[str]:
        return [id_ for id_, members in self._members.items() if not members]

    def see(self, said: Channel, at: datetime) -> Chan | None:
        """The channel that a message describes, with what is new in it; None where it ended long ago.

        One that has just ended is still told of: who asked for its end may come after the end.
        """
        chan = self._channels.get(said.id) or self._fading.get(said.id)
        if chan is None and said.id in self._gone:
            return None
        if chan is None:
            chan = self._new(said, at)
        chan.born_at = chan.born_at or instant(said.creationtime)
        chan.caller_number = clean(said.caller.number) or chan.caller_number
        if len(chan.numbers) < NUMBERS_MAX:
            chan.numbers.add(chan.caller_number)
        chan.caller_name = clean(said.caller.name) or chan.caller_name
        chan.exten = chan.exten or clean(said.dialplan.exten)
        if said.state in ("Down", "Ringing"):
            chan.outgoing = True
        if sign := SIGN_OF_STATE.get(said.state):
            chan.move(sign, at)
        return chan

    def is_anothers(self, said: Channel) -> bool:
        """Did a channel of before have this id? Only a switch that started anew since gives one twice."""
        chan, born_at = self._channels.get(said.id) or self._fading.get(said.id), instant(said.creationtime)
        if chan is not None and chan.connection == self.connection:
            return False
        before = chan.born_at if chan is not None else self._gone.born_at(said.id)
        return None not in (before, born_at) and before != born_at

    def forget_former_run(self) -> None:
        """The ids of what has ended may come again."""
        self._fading.clear()
        self._gone = Remembered(GONE_MAX)

    def _new(self, said: Channel, at: datetime) -> Chan:
        endpoint, technology, twins = named(said.name)
        chan = Chan(
            id=said.id,
            name=twins,
            endpoint=endpoint,
            phone=technology not in _NO_PHONE,
            created_at=instant(said.creationtime) or at,
        )
        if len(self._channels) >= CHANNELS_MAX:
            self.remove(next(iter(self._channels.values())))
        self._channels[chan.id] = chan
        if twins:
            self._twins.setdefault(twins, set()).add(chan.id)
        return chan

    def enter(self, chan: Chan, bridge: str, at: datetime) -> None:
        """It entered a bridge; unless its leaving, of a later moment, was told first."""
        left_at = chan.left.get(bridge)
        if chan.gone_at is not None or (left_at is not None and left_at >= at):
            return
        if chan.bridge is not None and chan.entered_at is not None and at < chan.entered_at and not chan.listed:
            return
        self._come(chan, bridge, at)

    def leave(self, chan: Chan, bridge: str, at: datetime) -> None:
        if len(chan.left) < 100:  # a bound only: a call sees a handful of bridges
            chan.left[bridge] = max(at, chan.left.get(bridge, at))
        if chan.bridge == bridge and (chan.listed or chan.entered_at is None or at >= chan.entered_at):
            self._leave_present(chan)

    def put(self, chan: Chan, bridge: str | None, at: datetime) -> None:
        """It was found there (None: in no bridge), whatever was told before."""
        if bridge is None:
            self._leave_present(chan)
        else:
            chan.left.pop(bridge, None)
            self._come(chan, bridge, at)
            chan.listed = True

    def _come(self, chan: Chan, bridge: str, at: datetime) -> None:
        self._leave_present(chan)
        chan.bridge, chan.entered_at, chan.listed = bridge, at, False
        self._members.setdefault(bridge, set()).add(chan.id)

    def add_bridge(self, bridge: str) -> None:
        """A bridge that may be empty: that it still exists shows that the switch did not start anew."""
        self._members.setdefault(bridge, set())

    def destroy_bridge(self, bridge: str, at: datetime) -> None:
        for id_ in self._members.pop(bridge, set()):
            if chan := self._channels.get(id_):
                chan.left[bridge] = at
                chan.bridge = None

    def _leave_present(self, chan: Chan) -> None:
        if chan.bridge is not None:
            self._members.get(chan.bridge, set()).discard(chan.id)
            chan.bridge = None

    def end(self, chan: Chan, at: datetime, end: End) -> None:
        """It is gone since `at`, and known to be so as `end` says."""
        chan.end = end
        chan.move(Sign.ENDED, at)
        self.remove(chan)

    def forget(self, chan: Chan) -> None:
        """It never was there."""
        self.remove(chan)
        self._fading.pop(chan.id, None)
        self._gone.discard(chan.id)

    def remove(self, chan: Chan) -> None:
        """It is gone; who held it keeps what was known."""
        if chan.bridge is not None and chan.gone_at is not None:
            chan.left.setdefault(chan.bridge, chan.gone_at)
        self._leave_present(chan)
        self._channels.pop(chan.id, None)
        self._gone.add(chan.id, chan.born_at)
        self._fading[chan.id] = chan
        if len(self._fading) > FADING_MAX:
            del self._fading[next(iter(self._fading))]
        if twins := self._twins.get(chan.name):
            twins.discard(chan.id)
            if not twins:
                del self._twins[chan.name]

    def together(self, id_: str) -> set[str]:
        """All channels that hear each other with this one: by one bridge, or by bridges that Local pairs join.

        An attended transfer out of a Stasis bridge leaves the caller's bridge and the target's apart, with the
        two ends of a Local channel between them.
        """
        found, frontier = {id_}, [id_]
        while frontier:
            chan = self._channels.get(frontier.pop())
            if chan is None:
                continue
            shared = chan.bridge is not None and hear_each_other(chan.bridge)
            mates = self._members.get(chan.bridge or "", set()) if shared else set()
            for other in chain(mates, self._twins.get(chan.name, ())):
                if other not in found:
                    found.add(other)
                    frontier.append(other)
        return found


def named(name: str) -> tuple[str, str, str]:
    """Of a channel's name its endpoint, its technology, and for an end of a Local pair the pair's name.

    >>> named("PJSIP/agent1001-0000000a")
    ('PJSIP/agent1001', 'PJSIP', '')
    >>> named("Local/1002@agents-00000001;2")
    ('Local/1002@agents', 'Local', 'Local/1002@agents-00000001')
    """
    name = clean(name)
    parts = _NAME.fullmatch(name)
    if parts is None:
        return name, "", ""
    return parts["endpoint"], parts["technology"], name[:-2] if parts["side"] else ""
