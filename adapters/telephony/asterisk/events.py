"""ARI's messages, and what became of the connection, turned into CallEvents. Pure: time and words are arguments.

A *call* is a channel that came into our Stasis application of itself. Everything else that shares a bridge with
it is a phone of ours. The switch's own clock dates the events; instants of ours (`at` of the methods here) are
brought to that clock by the least delay seen on this connection.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

from adapters.telephony.asterisk.calls import SETTLE, Call, Leg, is_ringing
from adapters.telephony.asterisk.channels import CHANNELS_MAX, Chan, Channels, End, Phase, Remembered, Sign
from adapters.telephony.asterisk.hearing import SHUTDOWN, hear, seen
from adapters.telephony.asterisk.messages import Bridge, Channel, Message, instant
from console.telephony import CallArrived, CallEnded, CallEvent, CallTransferred
from console.telephony.text import clean

ENDED_CALLS_MAX = 20_000
"""Ids of calls that are over and never come back, whatever is told late."""

UNLINKED_MAX = 1_000
"""Ringing phones whose call is not known (yet): with subscribeAll the whole switch's, seldom a hundred."""

ARGUMENTS_MAX = 20
"""Arguments of Stasis() that are kept as attributes of the call."""


OWN_LEG = "console-"
FOR = "-for-"


def own_leg(order_id: str, call: str) -> str:
    """The id of the channel that an order of ours originates: the same for the same order, on every node."""
    return f"{OWN_LEG}{order_id}{FOR}{call}"


def caller_of_own_leg(leg: str) -> str | None:
    """For whom we rang that phone; None for a channel that is not ours."""
    order, sign, call = leg.removeprefix(OWN_LEG).partition(FOR)
    return call if leg.startswith(OWN_LEG) and order and sign else None


class AriEvents:
    """One switch, heard over ARI."""

    def __init__(self, source: str, app: str | None = None) -> None:
        self.source = source
        self._app = app
        self._channels = Channels()
        self._calls: dict[str, Call] = {}
        self._call_of_leg: dict[str, str] = {}
        self._unlinked: dict[str, None] = {}
        self._ended = Remembered(ENDED_CALLS_MAX)
        self._expected: set[str] = set()
        self._gap_from: datetime | None = None
        self._refused = False
        self._started_at: datetime | None = None
        self._stopping = False
        self._skew: timedelta | None = None
        self._skew_is_old = False

    # What the connection did.

    def expect(self, open_calls: Iterable[str]) -> None:
        """Calls that the console still believes in; the next snapshot ends those that are gone."""
        self._expected.update(call for call in open_calls if call not in self._calls)

    def connected(self, at: datetime) -> None:
        """Events come from here on; a `snapshot` should follow."""
        self._channels.connection += 1
        self._stopping = False
        self._skew_is_old = True

    def disconnected(self, at: datetime) -> None:
        """Nothing more is heard; whatever happens now, nobody will tell."""
        if self._gap_from is None:
            self._gap_from = at
            self._refused = False

    def refused(self) -> None:
        """A new connection was refused by the machine: nobody listens there, so the switch itself is down."""
        self._refused = True

    def snapshot(
        self, channels: list[Channel], bridges: list[Bridge], at: datetime, *, started_at: datetime | None = None
    ) -> list[CallEvent]:
        """What GET /channels and GET /bridges answered after `connected`; `started_at`: when the switch started.

        What was known before the gap and is not there has ended within it. What this connection has told itself
        is newer than the answer, and stays.
        """
        restarted = self._restarted(channels, bridges, started_at)
        here = {channel.id for channel in channels}
        was_open = {call.id for call in self._calls.values()}
        self._drop_lost(here, at, restarted=restarted)
        events: list[CallEvent] = []
        for channel in sorted(channels, key=lambda channel: _is_leg_by_words(channel, here)):
            events += self._see_listed(channel, at)
        self._adopt(here)
        self._place(bridges, self._within_gap(at))
        events += self._review(list(self._calls), self._within_gap(at), settled=True)
        events += self._end_expected(was_open, at)
        self._forget_over(list(self._calls))
        self._gap_from = None
        return events

    # What it said.

    def take(self, message: Message, at: datetime) -> list[CallEvent]:
        """One message, heard at `at` (our clock)."""
        if self._app is not None and message.application not in ("", self._app):
            return []
        told_at = instant(message.timestamp)
        if told_at is not None:
            self._learn_skew(at - told_at)
        events = self.pass_time(at)
        now = told_at or self._switch_time(at)
        heard = self._heard(message)
        affected = self._affected(heard)
        events += self._apply(message, now)
        affected |= self._affected(heard)
        self._adopt(heard)
        for id_ in self._to_link(message):
            affected |= self._link(id_)
        events += self._review(affected, now)
        self._wait(affected, at)
        self._tidy(heard)
        return events

    def pass_time(self, at: datetime) -> list[CallEvent]:
        """It is `at` (our clock): decide what was waiting for the rest of its moment."""
        due = [call.id for call in self._calls.values() if call.due_at is not None and call.due_at <= at]
        events = self._review(due, self._switch_time(at), settled=True)
        self._forget_over(due)
        return events

    @property
    def due_at(self) -> datetime | None:
        """When `pass_time` has something to decide (our clock)."""
        return min((call.due_at for call in self._calls.values() if call.due_at is not None), default=None)

    # What we ordered ourselves.

    def originated(self, leg: str, endpoint: str, at: datetime) -> None:
        """We are about to ring this phone, on a channel with this id (of `own_leg`)."""
        chan = self._channels.see(Channel(id=leg, state="Down"), self._switch_time(at))
        if chan is None or chan.gone_at is not None:
            return
        chan.endpoint, chan.phone, chan.connection = endpoint, True, self._channels.connection
        self._adopt([leg])

    def withdrawn(self, leg: str) -> None:
        """That order came to nothing: the phone system would not take it."""
        if (chan := self._channels.get(leg)) is not None:
            self._channels.forget(chan)
        if (of := self._calls.get(self._call_of_leg.pop(leg, ""))) is not None:
            of.legs.pop(leg, None)

    def canceled(self, leg: str) -> None:
        """We stopped that phone on purpose: its end is no failure."""
        if (mine := self.leg(leg)) is not None:
            mine.canceled = True

    def hung_up(self, call: str) -> None:
        """We ended the call, as its agent wished."""
        if (of := self._calls.get(call)) is not None:
            of.hung_up_by_us = True

    # What is known, for whoever drives the switch.

    def waiting(self, call: str) -> Chan | None:
        """The caller's channel while the caller is there."""
        of = self._calls.get(call)
        return of.chan if of is not None and of.gone_at is None else None

    def leg(self, leg: str) -> Leg | None:
        of = self._calls.get(self._call_of_leg.get(leg, ""))
        return of.legs.get(leg) if of is not None else None

    def legs(self, call: str) -> list[Leg]:
        of = self._calls.get(call)
        return list(of.legs.values()) if of is not None else []

    def left_alone(self, call: str) -> bool:
        """Has the caller talked, and hears nobody any more (no phone, and no transfer under way)?"""
        of = self._calls.get(call)
        return of is not None and of.answered and of.gone_at is None and self._channels.together(call) == {call}

    def alone_after(self, message: Message) -> list[str]:
        """Callers who by this message have come to hear nobody."""
        if message.channel is None:
            return []
        touched = {self._call_of_leg.get(message.channel.id, ""), *(message.bridge.channels if message.bridge else ())}
        return [call for call in touched & self._calls.keys() if self.left_alone(call)]

    def strays(self) -> list[str]:
        """Our own phones whose caller is gone."""
        own = [chan.id for chan in self._channels.all() if caller_of_own_leg(chan.id) is not None]
        return [id_ for id_ in own if self.waiting(caller_of_own_leg(id_) or "") is None]

    def calls(self) -> list[str]:
        return [call.id for call in self._calls.values() if call.gone_at is None]

    @property
    def skew(self) -> timedelta:
        """What is added to the switch's instants to have ours."""
        return self._skew or timedelta(0)

    # Reading a message.

    def _heard(self, message: Message) -> list[str]:
        said = (message.channel, message.peer, message.caller, message.replace_channel, message.transferee)
        return [channel.id for channel in said if channel is not None]

    def _apply(self, message: Message, now: datetime) -> list[CallEvent]:
        """Keep what the message says. Most tell nothing of themselves: `_review` sees what came of them."""
        chan = hear(self._channels, message, now)
        match message.type:
            case "StasisStart" if chan is not None:
                return self._stasis_start(chan, message, now)
            case "StasisEnd" if chan is not None:
                self._stasis_end(chan, now)
            case "ChannelHangupRequest":
                self._stopping = self._stopping or message.cause == SHUTDOWN
            case "BridgeBlindTransfer" | "BridgeAttendedTransfer":
                return self._transferred(message, now)
            case _:
                pass
        return []

    def _stasis_start(self, chan: Chan, message: Message, now: datetime) -> list[CallEvent]:
        if message.replace_channel is not None:
            # A transfer put this channel into the place of an agent's (fact 2): it is no caller.
            chan.outgoing = True
            replaced = seen(self._channels, message.replace_channel, now)
            if replaced is not None:
                replaced.replaced_at = min(chan.created_at, now)
            return []
        if self._is_leg(chan, message.args):
            chan.move(Sign.PICKED_UP, now)
            return []
        return self._arrive(chan, message.args)

    def _is_leg(self, chan: Chan, args: tuple[str, ...]) -> bool:
        """Was it called by the switch, rather than calling? Its arguments name its caller, as our own orders do."""
        named = any(arg != chan.id and (arg in self._calls or arg in self._ended) for arg in args)
        for call in (self._calls[arg] for arg in args if arg != chan.id and arg in self._calls):
            self._join(call, chan).rung = True
        return named or chan.outgoing or chan.id in self._call_of_leg or not chan.phone

    def _arrive(self, chan: Chan, args: tuple[str, ...]) -> list[CallEvent]:
        if chan.id in self._calls or chan.id in self._ended:
            return []
        if len(self._calls) >= CHANNELS_MAX:
            self._ended.add(self._calls.pop(next(iter(self._calls))).id)
        self._calls[chan.id] = Call(source=self.source, chan=chan)
        self._expected.discard(chan.id)
        return [
            CallArrived(
                source=self.source,
                event_id=f"{chan.id}/arrived",
                call=chan.id,
                at=chan.created_at,
                caller=chan.caller_number or "anonymous",
                dialled=chan.exten,
                attributes=_attributes(chan, args),
            )
        ]

    def _stasis_end(self, chan: Chan, now: datetime) -> None:
        if chan.id in self._calls:
            # Without subscribeAll this is a caller's last sign (fact 1).
            chan.left_stasis_at = chan.left_stasis_at or now
        elif chan.own_request_at is not None or chan.other_request_at is not None:
            self._channels.end(chan, now, End.TOLD)

    def _transferred(self, message: Message, now: datetime) -> list[CallEvent]:
        if message.result != "Success":
            return []
        legs = (message.transferer_first_leg, message.transferer_second_leg, message.channel)
        own = [leg for said in legs if said is not None and (leg := self.leg(said.id)) is not None]
        if not own:
            return []
        leg = own[0]
        if leg.transfer_told:
            return []
        leg.transfer_told = True
        call = self._call_of_leg[leg.chan.id]
        replacement = message.destination_link_first_leg
        begun = instant(replacement.creationtime) if replacement is not None else None
        leg.chan.replaced_at = min(at for at in (leg.chan.replaced_at, begun, now) if at is not None)
        kind: Literal["blind", "attended"] = "blind" if message.type == "BridgeBlindTransfer" else "attended"
        target, second = message.transfer_target, message.transferer_second_leg
        to = seen(self._channels, target, now)
        return [
            CallTransferred(
                source=self.source,
                event_id=f"{call}/transferred/{leg.chan.id}",
                call=call,
                at=leg.chan.replaced_at,
                kind=kind,
                by_endpoint=leg.chan.endpoint,
                to_endpoint=to.endpoint if to is not None and to.phone else None,
                to_number=clean(message.exten or (second.dialplan.exten if second else "")) or None,
            )
        ]

    # What belongs together.

    def _affected(self, heard: Iterable[str]) -> set[str]:
        """Calls that these channels may have changed."""
        affected = set()
        for id_ in heard:
            affected.add(self._call_of_leg.get(id_, id_))
            affected |= self._channels.together(id_)
        return affected & self._calls.keys()

    def _join(self, call: Call, chan: Chan) -> Leg:
        self._unlinked.pop(chan.id, None)
        self._call_of_leg[chan.id] = call.id
        return call.leg(chan)

    def _adopt(self, ids: Iterable[str]) -> None:
        """Know our own phones by their ids, though another node rang them."""
        for id_ in ids:
            chan, call = self._channels.get(id_), self._calls.get(caller_of_own_leg(id_) or "")
            if chan is not None and call is not None:
                leg = self._join(call, chan)
                leg.ours = leg.rung = True

    def _to_link(self, message: Message) -> list[str]:
        """Rung phones whose call may now be known: all of them where somebody came in, else those spoken of."""
        for id_ in self._heard(message):
            chan = self._channels.get(id_)
            rung = chan is not None and chan.phone and chan.outgoing and (chan.dialled_at or chan.rang_at)
            if rung and id_ not in self._call_of_leg and len(self._unlinked) < UNLINKED_MAX:
                self._unlinked[id_] = None
        if message.type in ("StasisStart", "ChannelEnteredBridge"):
            return list(self._unlinked)
        return [id_ for id_ in self._heard(message) if id_ in self._unlinked]

    def _link(self, id_: str) -> set[str]:
        """Find the call for which a phone is rung; it may come to be known only after its first sign."""
        chan = self._channels.get(id_)
        if chan is None or chan.phase in (Phase.UP, Phase.GONE):
            self._unlinked.pop(id_, None)
            return set()
        call = self._call_dialled_for(chan)
        if call is None:
            return set()
        self._join(call, chan).rung = True
        return {call.id}

    def _call_dialled_for(self, chan: Chan) -> Call | None:
        if chan.dialler is not None:
            for id_ in self._channels.together(chan.dialler):
                if id_ in self._calls:
                    return self._calls[id_]
            return None
        # Originated by somebody else than us: the caller's number is what it shows to the agent.
        waiting = [
            call
            for call in self._calls.values()
            if call.gone_at is None and not call.answered and call.chan.caller_number in chan.numbers
        ]
        return min(waiting, key=lambda call: any(map(is_ringing, call.legs.values())), default=None)

    def _review(self, calls: Iterable[str], now: datetime, *, settled: bool = False) -> list[CallEvent]:
        events: list[CallEvent] = []
        for id_ in calls:
            call = self._calls[id_]
            together = self._channels.together(id_) if call.gone_at is None else ()
            phones = [chan for chan in map(self._channels.get, sorted(together)) if chan is not None]
            phones = [chan for chan in phones if chan.phone and chan.id not in self._calls]
            for chan in phones:
                self._join(call, chan)
            events += call.conclude(phones, now, stopping=self._stopping, settled=settled)
        return events

    def _wait(self, calls: Iterable[str], at: datetime) -> None:
        for call in map(self._calls.__getitem__, calls):
            call.due_at = at + SETTLE if call.unsettled() else None

    def _tidy(self, heard: list[str]) -> None:
        self._forget_over({self._call_of_leg.get(id_, id_) for id_ in heard})

    def _forget_over(self, calls: Iterable[str]) -> None:
        for id_ in calls:
            call = self._calls.get(id_)
            if call is not None and call.over:
                del self._calls[id_]
                self._ended.add(id_)
                for leg in call.legs:
                    self._call_of_leg.pop(leg, None)

    # After a gap.

    def _restarted(self, channels: list[Channel], bridges: list[Bridge], started_at: datetime | None) -> bool:
        """Is this another run of the switch than before the gap? It says when it started, or it must be guessed."""
        before, self._started_at = self._started_at, started_at or self._started_at
        if self._gap_from is None:
            return False
        if started_at is not None and before is not None:
            return started_at != before
        same = any(self._channels.get(channel.id) for channel in channels)
        same = same or not self._channels.bridges().isdisjoint(bridge.id for bridge in bridges)
        return self._refused and not same

    def _drop_lost(self, here: set[str], at: datetime, *, restarted: bool) -> None:
        gone_at = self._switch_time(self._gap_from or at) if restarted else self._within_gap(at)
        for chan in self._channels.all():
            if chan.id not in here and chan.connection < self._channels.connection:
                self._channels.end(chan, gone_at, End.WITH_THE_SWITCH if restarted else End.IN_A_GAP)
        # A caller who left Stasis and the switch unseen is not in the switch's list either.
        for bridge in self._channels.bridges() if restarted else ():
            self._channels.destroy_bridge(bridge, gone_at)

    def _see_listed(self, channel: Channel, at: datetime) -> list[CallEvent]:
        """A channel that the switch lists: known, or come in unseen, or gone from Stasis unseen."""
        chan = self._channels.see(channel, self._switch_time(at))
        if chan is None or chan.gone_at is not None:
            return []
        before, chan.connection = chan.connection, self._channels.connection
        app, *args = _stasis_args(channel) or [""]
        if not app or (self._app is not None and app != self._app):
            if chan.id in self._calls and before < self._channels.connection:
                chan.left_stasis_at = chan.left_stasis_at or self._within_gap(at)
            return []
        return [] if self._is_leg(chan, tuple(args)) else self._arrive(chan, tuple(args))

    def _place(self, bridges: list[Bridge], at: datetime) -> None:
        """Put channels where the snapshot has them, unless this connection has told of their bridges itself."""
        bridge_of = {id_: bridge.id for bridge in bridges for id_ in bridge.channels}
        for bridge in bridges:
            self._channels.add_bridge(bridge.id)
        for chan in self._channels.all():
            if chan.bridge_connection == self._channels.connection or chan.bridge == bridge_of.get(chan.id):
                continue
            self._channels.put(chan, bridge_of.get(chan.id), max(at, chan.created_at))

    def _end_expected(self, known: set[str], at: datetime) -> list[CallEvent]:
        """End what the console still believes in and the switch no longer has."""
        lost = sorted(self._expected - known - self._calls.keys())
        self._expected.clear()
        for call in lost:
            self._ended.add(call)
        return [
            CallEnded(
                source=self.source,
                event_id=f"{call}/ended",
                call=call,
                at=self._switch_time(at),
                cause=None,
                answered=False,
            )
            for call in lost
        ]

    def _within_gap(self, at: datetime) -> datetime:
        """The middle of the gap: the best guess for what nobody saw."""
        now = self._switch_time(at)
        return now if self._gap_from is None else now - (now - self._switch_time(self._gap_from)) / 2

    def _switch_time(self, at: datetime) -> datetime:
        return at - self.skew

    def _learn_skew(self, delay: timedelta) -> None:
        if self._skew is None or self._skew_is_old or delay < self._skew:
            self._skew, self._skew_is_old = delay, False


def _is_leg_by_words(channel: Channel, here: set[str]) -> bool:
    """Do a listed channel's Stasis arguments name another channel that is there?"""
    return any(arg in here for arg in _stasis_args(channel)[1:])


def _stasis_args(channel: Channel) -> list[str]:
    """Of a channel in Stasis the application and its arguments, else nothing."""
    return channel.dialplan.app_data.split(",") if channel.dialplan.app_name == "Stasis" else []


def _attributes(chan: Chan, args: tuple[str, ...]) -> dict[str, str]:
    """What the dialplan said of the caller (`Stasis(app,…,lang=es)`), and the name shown."""
    pairs = (arg.partition("=") for arg in args[:ARGUMENTS_MAX])
    said = {clean(key, 64): clean(value) for key, sign, value in pairs if sign and clean(key, 64)}
    return said | ({"caller_name": chan.caller_name} if chan.caller_name else {})
