"""The calls of one switch and the phones that belong to them: which is which, and who is with whom."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from adapters.telephony.asterisk.calls import Call, Leg, is_ringing
from adapters.telephony.asterisk.channels import Chan, Channels, Phase, Remembered
from adapters.telephony.asterisk.messages import Message, heard
from adapters.telephony.asterisk.places import caller_of, is_waiting, of_one_call, phone_of, role_of, talk_bridge

ENDED_CALLS_MAX = 20_000
"""Ids of calls that are over and never come back, whatever is told late."""

UNLINKED_MAX = 1_000
"""Ringing phones whose call is not known (yet): with subscribeAll the whole switch's, seldom a hundred."""


class Book:
    """What is known of the switch; `events.py` writes it, and whoever drives the switch reads."""

    def __init__(self) -> None:
        self.channels = Channels()
        self.by_channel: dict[str, Call] = {}
        """Calls, by the caller's channel."""
        self.call_of_leg: dict[str, str] = {}
        self.unlinked: dict[str, None] = {}
        self.ended = Remembered(ENDED_CALLS_MAX)
        self.expected: dict[str, datetime | None] = {}
        """Calls that the console believes in, and that have not been seen yet, with their births."""
        self.renamed: dict[str, str] = {}
        """Of calls that are called otherwise than their channel: the channel."""

    # Who is there.

    def channel_of(self, name: str) -> str:
        """The caller's channel of the call that the console calls so."""
        return self.renamed.get(name, name)

    def waiting(self, call: str) -> Chan | None:
        """The caller's channel while the caller is there."""
        of = self.by_channel.get(call)
        return of.chan if of is not None and of.gone_at is None else None

    def calls(self) -> list[str]:
        return [call.chan.id for call in self.by_channel.values() if call.gone_at is None]

    def leg(self, leg: str) -> Leg | None:
        of = self.by_channel.get(self.call_of_leg.get(leg, ""))
        return of.legs.get(leg) if of is not None else None

    def legs(self, call: str) -> list[Leg]:
        of = self.by_channel.get(call)
        return list(of.legs.values()) if of is not None else []

    def owner(self, call: str) -> Leg | None:
        """The phone that has the caller, talking or on hold, and asks where somebody is asked."""
        legs = [leg for leg in self.legs(call) if leg.talking and leg.chan.gone_at is None]
        return next((leg for leg in legs if leg.consult_told != "conference"), legs[0] if legs else None)

    def asked(self, call: str) -> Leg | None:
        """The phone that is asked, if one is."""
        asked = (leg for leg in self.legs(call) if leg.role == "consult" and leg.consult_told != "ended")
        return next((leg for leg in asked if leg.chan.gone_at is None), None)

    def strays(self) -> list[str]:
        """Our own phones whose caller is gone."""
        own = [chan.id for chan in self.channels.all() if caller_of(chan.id) is not None]
        return [id_ for id_ in own if self.waiting(caller_of(id_) or "") is None]

    def own_bridges(self, call: str) -> list[str]:
        """What we made for this call, and goes with it."""
        of = self.by_channel.get(call)
        if of is None:
            return []
        seen = {of.chan.bridge, *of.chan.left, *(talk_bridge(leg) for leg in of.legs)}
        return sorted(b for b in self.channels.bridges() & {b for b in seen if b is not None} if of_one_call(b))

    # Callers whom nobody has.

    def left_alone(self, call: str) -> bool:
        """Has the caller talked, and nobody is there for them any more?

        Somebody is: a phone that they hear, or that has them on hold, or to which they are being handed on; and who
        waits will be asked for.
        """
        of = self.by_channel.get(call)
        if of is None or of.gone_at is not None or is_waiting(of.chan.bridge):
            return False
        if not self._was_had(of) or self.channels.together(call) != {call}:
            return False
        return not any(self._stands_by(of, leg) for leg in of.legs.values())

    def _was_had(self, call: Call) -> bool:
        """Had somebody the caller? So it seems too where a phone's bridge is there, and the phone was gone before us."""
        phone = phone_of(call.chan.bridge)
        return call.answered or call.kept_from is not None or (phone is not None and phone not in call.legs)

    def _stands_by(self, call: Call, leg: Leg) -> bool:
        if leg.role == "transfer" and not leg.talks:
            return True  # nobody answered yet, or nobody did and the caller is about to wait again
        return leg.chan.gone_at is None and call.kept_from is not None and leg.chan.bridge == call.kept_from

    def alone_after(self, message: Message) -> list[str]:
        """Callers who by this message have come to hear nobody."""
        if message.channel is None:
            return []
        touched = {self.call_of_leg.get(message.channel.id, ""), *(message.bridge.channels if message.bridge else ())}
        return [call for call in touched & self.by_channel.keys() if self.left_alone(call)]

    # What belongs together.

    def affected(self, heard: Iterable[str]) -> set[str]:
        """Calls that these channels may have changed."""
        affected = set()
        for id_ in heard:
            affected.add(self.call_of_leg.get(id_, id_))
            affected |= self.channels.together(id_)
        return affected & self.by_channel.keys()

    def is_phone(self, chan: Chan, args: tuple[str, ...]) -> bool:
        """Was it called by the switch, rather than calling? Its arguments name its caller, as our own orders do."""
        named = any(arg != chan.id and (arg in self.by_channel or arg in self.ended) for arg in args)
        for call in (self.by_channel[arg] for arg in args if arg != chan.id and arg in self.by_channel):
            self.join(call, chan).rung = True
        return named or chan.outgoing or chan.id in self.call_of_leg or not chan.phone

    def name_for(self, chan: Chan) -> str:
        """Its id; with its birth, where a call before had the same id."""
        with_birth = f"{chan.id}@{chan.created_at:%Y%m%dT%H%M%S.%fZ}"
        before = self.expected.get(chan.id) or self.ended.born_at(chan.id)
        another = before is not None and before != chan.created_at
        return with_birth if another or with_birth in self.expected else chan.id

    def end_for_good(self, call: Call) -> None:
        """It never comes back, whatever is told late."""
        self.ended.add(call.name, call.chan.created_at)
        self.renamed.pop(call.name, None)
        for leg in call.legs:
            self.call_of_leg.pop(leg, None)

    def forget_over(self, calls: Iterable[str]) -> None:
        for id_ in calls:
            call = self.by_channel.get(id_)
            if call is not None and call.over:
                self.end_for_good(self.by_channel.pop(id_))

    def join(self, call: Call, chan: Chan) -> Leg:
        self.unlinked.pop(chan.id, None)
        self.call_of_leg[chan.id] = call.chan.id
        return call.leg(chan)

    def adopt(self, ids: Iterable[str]) -> None:
        """Know our own phones by their ids, though another node rang them."""
        for id_ in ids:
            chan, call = self.channels.get(id_), self.by_channel.get(caller_of(id_) or "")
            if chan is not None and call is not None:
                leg = self.join(call, chan)
                leg.role = role_of(id_)
                leg.rung = leg.role == "connect"
                chan.phone = True

    def to_link(self, message: Message) -> list[str]:
        """Rung phones whose call may now be known: all of them where somebody came in, else those spoken of."""
        for id_ in heard(message):
            chan = self.channels.get(id_)
            rung = chan is not None and chan.phone and chan.outgoing and (chan.dialled_at or chan.rang_at)
            if rung and id_ not in self.call_of_leg and len(self.unlinked) < UNLINKED_MAX:
                self.unlinked[id_] = None
        if message.type in ("StasisStart", "ChannelEnteredBridge"):
            return list(self.unlinked)
        return [id_ for id_ in heard(message) if id_ in self.unlinked]

    def link(self, id_: str) -> set[str]:
        """Find the call for which a phone is rung; it may come to be known only after its first sign."""
        chan = self.channels.get(id_)
        if chan is None or chan.phase in (Phase.UP, Phase.GONE):
            self.unlinked.pop(id_, None)
            return set()
        call = self._call_dialled_for(chan)
        if call is None:
            return set()
        self.join(call, chan).rung = True
        return {call.chan.id}

    def _call_dialled_for(self, chan: Chan) -> Call | None:
        if chan.dialler is not None:
            for id_ in self.channels.together(chan.dialler):
                if id_ in self.by_channel:
                    return self.by_channel[id_]
            return None
        # Originated by somebody else than us: the caller's number is what it shows to the agent.
        waiting = [
            call
            for call in self.by_channel.values()
            if call.gone_at is None and not call.answered and call.chan.caller_number in chan.numbers
        ]
        return min(waiting, key=lambda call: any(map(is_ringing, call.legs.values())), default=None)
