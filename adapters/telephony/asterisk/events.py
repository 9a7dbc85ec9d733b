"""ARI's messages, and what became of the connection, turned into CallEvents. Pure: time and words are arguments.

A *call* is a channel that came into our Stasis application of itself. Everything else that shares a bridge with
it is a phone of ours. The switch's own clock dates the events; instants of ours (`at` of the methods here) are
brought to that clock by the least delay seen on this connection.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Literal

from adapters.telephony.asterisk.book import Book
from adapters.telephony.asterisk.calls import SETTLE, Call
from adapters.telephony.asterisk.channels import CHANNELS_MAX, Chan, End, Sign
from adapters.telephony.asterisk.hearing import SHUTDOWN, hear, seen
from adapters.telephony.asterisk.messages import Bridge, Channel, Message, heard, instant, said
from console.telephony import CallArrived, CallEnded, CallEvent, CallMuted, CallTransferred, CallUnmuted
from console.telephony.text import clean

ARGUMENTS_MAX = 20
"""Arguments of Stasis() that are kept as attributes of the call."""


class AriEvents:
    """One switch, heard over ARI."""

    def __init__(self, source: str, app: str | None = None) -> None:
        self.source = source
        self._app = app
        self.book = Book()
        self._gap_from: datetime | None = None
        self._refused = False
        self._started_at: datetime | None = None
        self._stopping = False
        self._skew: timedelta | None = None
        self._skew_is_old = False

    # What the connection did.

    def expect(self, open_calls: Mapping[str, datetime | None]) -> None:
        """Calls that the console still believes in, each with the birth of its caller's channel.

        The next snapshot ends those that are gone.
        """
        self.book.expected.update(open_calls)

    def connected(self, at: datetime) -> None:
        """Events come from here on; a `snapshot` should follow."""
        self.book.channels.connection += 1
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
        was_open = {call.name for call in self.book.by_channel.values()}
        events: list[CallEvent] = []
        if self._restarted(channels, bridges, started_at):
            events += self._end_former_run(at)
        here = {channel.id for channel in channels}
        self._drop_lost(here, at)
        for channel in sorted(channels, key=lambda channel: _is_leg_by_words(channel, here)):
            events += self._see_listed(channel, at)
        self.book.adopt(here)
        self._place(bridges, self._within_gap(at))
        events += self._review(list(self.book.by_channel), self._within_gap(at), settled=True)
        events += self._end_expected(was_open, at)
        self.book.forget_over(list(self.book.by_channel))
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
        if any(self.book.channels.is_anothers(said) for said in said(message)):
            events += self._end_former_run(at)
        now = told_at or self._switch_time(at)
        about = heard(message)
        affected = self.book.affected(about)
        events += self._apply(message, now)
        affected |= self.book.affected(about)
        self.book.adopt(about)
        for id_ in self.book.to_link(message):
            affected |= self.book.link(id_)
        events += self._review(affected, now)
        self._wait(affected, at)
        self._tidy(about)
        return events

    def pass_time(self, at: datetime) -> list[CallEvent]:
        """It is `at` (our clock): decide what was waiting for the rest of its moment."""
        due = [call.chan.id for call in self.book.by_channel.values() if call.due_at is not None and call.due_at <= at]
        events = self._review(due, self._switch_time(at), settled=True)
        self.book.forget_over(due)
        return events

    @property
    def due_at(self) -> datetime | None:
        """When `pass_time` has something to decide (our clock)."""
        return min((call.due_at for call in self.book.by_channel.values() if call.due_at is not None), default=None)

    # What is gone, though nobody said so.

    def reconcile(self, open_calls: Collection[str], channels: Iterable[Channel], at: datetime) -> list[CallEvent]:
        """Calls that the console believed in before the switch was asked for its channels, and that are not there."""
        listed = {channel.id for channel in channels}
        lost: list[str] = []
        events: list[CallEvent] = []
        for name in open_calls:
            call = self.book.by_channel.get(self.book.channel_of(name))
            if call is None or call.name != name:
                lost.append(name)
            elif call.chan.id not in listed and call.gone_at is None:
                self.book.channels.end(call.chan, self._switch_time(at), End.IN_A_GAP)
                events += self._review([call.chan.id], self._switch_time(at), settled=True)
        return events + [self._lost(name, at) for name in lost]

    # What we ordered ourselves.

    def originated(self, leg: str, endpoint: str, at: datetime) -> None:
        """We are about to ring this phone, on a channel with this id (of `own_leg`)."""
        chan = self.book.channels.see(Channel(id=leg, state="Down"), self._switch_time(at))
        if chan is None or chan.gone_at is not None:
            return
        chan.endpoint, chan.phone, chan.connection = endpoint, True, self.book.channels.connection
        self.book.adopt([leg])

    def withdrawn(self, leg: str) -> None:
        """That order came to nothing: the phone system would not take it."""
        if (chan := self.book.channels.get(leg)) is not None:
            self.book.channels.forget(chan)
        if (of := self.book.by_channel.get(self.book.call_of_leg.pop(leg, ""))) is not None:
            of.legs.pop(leg, None)

    def canceled(self, leg: str) -> None:
        """We stopped that phone on purpose: its end is no failure."""
        if (mine := self.book.leg(leg)) is not None:
            mine.canceled = True

    def taken(self, call: str) -> None:
        """We are about to put this caller among those who wait, though an agent, or we, had them before."""
        if (of := self.book.by_channel.get(call)) is not None:
            of.was_taken = True

    def muted(self, call: str, order_id: str, at: datetime, *, muted: bool) -> list[CallEvent]:
        """The switch took our order, and tells nothing of it itself."""
        if (of := self.book.by_channel.get(call)) is None:
            return []
        kind = CallMuted if muted else CallUnmuted
        event_id = f"{of.name}/{'muted' if muted else 'unmuted'}/{order_id}"
        return [kind(source=self.source, event_id=event_id, call=of.name, at=self._switch_time(at))]

    def handed_on(self, leg: str, endpoint: str, by: str, at: datetime) -> list[CallEvent]:
        """We ring a phone outside for the caller, whom the agent at `by` has left."""
        if (of := self.book.by_channel.get(self.book.call_of_leg.get(leg, ""))) is None:
            return []
        return [
            CallTransferred(
                source=self.source,
                event_id=f"{of.name}/transferred/{leg}",
                call=of.name,
                at=self._switch_time(at),
                kind="blind",
                to_endpoint=endpoint,
                by_endpoint=by,
                ordered=True,
            )
        ]

    def hung_up(self, call: str) -> None:
        """We ended the call, as its agent wished."""
        if (of := self.book.by_channel.get(call)) is not None:
            of.hung_up_by_us = True

    @property
    def skew(self) -> timedelta:
        """What is added to the switch's instants to have ours."""
        return self._skew or timedelta(0)

    # Reading a message.

    def _apply(self, message: Message, now: datetime) -> list[CallEvent]:
        """Keep what the message says. Most tell nothing of themselves: `_review` sees what came of them."""
        chan = hear(self.book.channels, message, now)
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
            replaced = seen(self.book.channels, message.replace_channel, now)
            if replaced is not None:
                replaced.replaced_at = min(chan.created_at, now)
            return []
        if self.book.is_phone(chan, message.args):
            chan.move(Sign.PICKED_UP, now)
            return []
        return self._arrive(chan, message.args)

    def _arrive(self, chan: Chan, args: tuple[str, ...]) -> list[CallEvent]:
        name = self.book.name_for(chan)
        if chan.id in self.book.by_channel or name in self.book.ended:
            return []
        if len(self.book.by_channel) >= CHANNELS_MAX:
            self.book.end_for_good(self.book.by_channel.pop(next(iter(self.book.by_channel))))
        self.book.by_channel[chan.id] = Call(source=self.source, chan=chan, name=name)
        self.book.expected.pop(name, None)
        if name != chan.id:
            self.book.renamed[name] = chan.id
        return [
            CallArrived(
                source=self.source,
                event_id=f"{name}/arrived",
                call=name,
                at=chan.created_at,
                caller=chan.caller_number or "anonymous",
                dialled=chan.exten,
                attributes=_attributes(chan, args),
            )
        ]

    def _stasis_end(self, chan: Chan, now: datetime) -> None:
        if chan.id in self.book.by_channel:
            # Without subscribeAll this is a caller's last sign (fact 1).
            chan.left_stasis_at = chan.left_stasis_at or now
        elif chan.own_request_at is not None or chan.other_request_at is not None:
            self.book.channels.end(chan, now, End.TOLD)

    def _transferred(self, message: Message, now: datetime) -> list[CallEvent]:
        if message.result != "Success":
            return []
        legs = (message.transferer_first_leg, message.transferer_second_leg, message.channel)
        own = [leg for said in legs if said is not None and (leg := self.book.leg(said.id)) is not None]
        if not own:
            return []
        leg = own[0]
        if leg.transfer_told:
            return []
        leg.transfer_told = True
        call = self.book.call_of_leg[leg.chan.id]
        replacement = message.destination_link_first_leg
        begun = instant(replacement.creationtime) if replacement is not None else None
        leg.chan.replaced_at = min(at for at in (leg.chan.replaced_at, begun, now) if at is not None)
        kind: Literal["blind", "attended"] = "blind" if message.type == "BridgeBlindTransfer" else "attended"
        target, second = message.transfer_target, message.transferer_second_leg
        to = seen(self.book.channels, target, now)
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

    # What follows.

    def _review(self, calls: Iterable[str], now: datetime, *, settled: bool = False) -> list[CallEvent]:
        events: list[CallEvent] = []
        for id_ in calls:
            call = self.book.by_channel[id_]
            together = self.book.channels.together(id_) if call.gone_at is None else ()
            phones = [chan for chan in map(self.book.channels.get, sorted(together)) if chan is not None]
            phones = [chan for chan in phones if chan.phone and chan.id not in self.book.by_channel]
            for chan in phones:
                self.book.join(call, chan)
            events += call.conclude(phones, now, stopping=self._stopping, settled=settled)
        return events

    def _wait(self, calls: Iterable[str], at: datetime) -> None:
        for call in map(self.book.by_channel.__getitem__, calls):
            call.due_at = at + SETTLE if call.unsettled() else None

    def _tidy(self, heard: list[str]) -> None:
        self.book.forget_over({self.book.call_of_leg.get(id_, id_) for id_ in heard})

    # After a gap.

    def _restarted(self, channels: list[Channel], bridges: list[Bridge], started_at: datetime | None) -> bool:
        """Is this another run of the switch than before the gap? It says when it started, or it must be guessed."""
        before, self._started_at = self._started_at, started_at or self._started_at
        if self._gap_from is None:
            return False
        if started_at is not None and before is not None:
            return started_at != before
        same = any(self.book.channels.get(channel.id) for channel in channels)
        same = same or not self.book.channels.bridges().isdisjoint(bridge.id for bridge in bridges)
        return self._refused and not same

    def _end_former_run(self, at: datetime) -> list[CallEvent]:
        """The switch started anew: what was there before the gap went with it, and its ids may come again."""
        gone_at = self._switch_time(self._gap_from or at)
        for chan in self.book.channels.all():
            if chan.connection < self.book.channels.connection:
                self.book.channels.end(chan, gone_at, End.WITH_THE_SWITCH)
        for bridge in self.book.channels.empty_bridges():
            self.book.channels.destroy_bridge(bridge, gone_at)
        ended = [call.chan.id for call in self.book.by_channel.values() if call.gone_at is not None]
        events = self._review(ended, gone_at, settled=True)
        self.book.forget_over(ended)
        self.book.channels.forget_former_run()
        return events

    def _drop_lost(self, here: set[str], at: datetime) -> None:
        for chan in self.book.channels.all():
            if chan.id not in here and chan.connection < self.book.channels.connection:
                self.book.channels.end(chan, self._within_gap(at), End.IN_A_GAP)

    def _see_listed(self, channel: Channel, at: datetime) -> list[CallEvent]:
        """A channel that the switch lists: known, or come in unseen, or gone from Stasis unseen."""
        chan = self.book.channels.see(channel, self._switch_time(at))
        if chan is None or chan.gone_at is not None:
            return []
        before, chan.connection = chan.connection, self.book.channels.connection
        app, *args = _stasis_args(channel) or [""]
        if not app or (self._app is not None and app != self._app):
            if chan.id in self.book.by_channel and before < self.book.channels.connection:
                chan.left_stasis_at = chan.left_stasis_at or self._within_gap(at)
            return []
        return [] if self.book.is_phone(chan, tuple(args)) else self._arrive(chan, tuple(args))

    def _place(self, bridges: list[Bridge], at: datetime) -> None:
        """Put channels where the snapshot has them, unless this connection has told of their bridges itself."""
        bridge_of = {id_: bridge.id for bridge in bridges for id_ in bridge.channels}
        for bridge in bridges:
            self.book.channels.add_bridge(bridge.id)
        for chan in self.book.channels.all():
            if chan.bridge_connection == self.book.channels.connection or chan.bridge == bridge_of.get(chan.id):
                continue
            self.book.channels.put(chan, bridge_of.get(chan.id), max(at, chan.created_at))

    def _end_expected(self, known: set[str], at: datetime) -> list[CallEvent]:
        """End what the console still believes in and the switch no longer has."""
        lost = sorted(self.book.expected.keys() - known - {call.name for call in self.book.by_channel.values()})
        events: list[CallEvent] = [self._lost(name, at) for name in lost]
        self.book.expected.clear()
        return events

    def _lost(self, name: str, at: datetime) -> CallEnded:
        self.book.ended.add(name, self.book.expected.get(name))
        return CallEnded(
            source=self.source,
            event_id=f"{name}/ended",
            call=name,
            at=self._switch_time(at),
            cause=None,
            answered=False,
        )

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
