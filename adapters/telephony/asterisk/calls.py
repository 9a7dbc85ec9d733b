"""One caller's call as the switch's channels show it: what is true now, less what has been told, is what to tell.

So the order of messages does not matter, nor does their repetition. Two questions cannot be answered at once,
who ended a call and why a ringing stopped: their answers may lie in the messages of the same moment that
come next, and wait for `SETTLE`, unless they are certain before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from adapters.telephony.asterisk.channels import Chan, End, Phase
from adapters.telephony.asterisk.places import Role, held_from, is_waiting
from console.telephony import (
    CallAnswered,
    CallEnded,
    CallEvent,
    CallHeld,
    CallOutcome,
    CallParked,
    CallResumed,
    CallRinging,
    CallTransferred,
    ConnectFailed,
    ConnectProblem,
    ConsultChanged,
    ConsultResult,
    ConsultState,
    EndedBy,
    RingEnded,
    RingResult,
    TalkEnded,
)

SETTLE = timedelta(milliseconds=50)
"""How long to wait for the rest of a moment's messages; Asterisk sends them within 10 ms, and the router has 250."""

RING_RESULTS: dict[int, RingResult] = {
    17: "rejected",  # user busy (486)
    18: "no_answer",  # no user responding (408)
    19: "no_answer",  # alerting, no answer (480); also our own time-out
    21: "rejected",  # call rejected (603)
}
"""By the Q.850 cause of the phone's channel. Of the others none tells why a ringing stopped."""

CONNECT_PROBLEMS: dict[int, ConnectProblem] = {17: "busy", 18: "no_answer", 19: "no_answer", 21: "rejected"}


CONSULT_STATES: tuple[ConsultState, ...] = ("ringing", "talking", "conference", "ended")
"""A consultation only goes forward; while phones change bridges it may look otherwise."""


@dataclass(slots=True)
class Leg:
    """A phone of ours in a call: rung for it, or talking in it, or both."""

    chan: Chan
    rung: bool = False
    """It was called for this caller (a phone that a consultation brought in was not)."""
    role: Role | None = None
    """What our own order called it for; None: it was not ours."""
    canceled: bool = False
    """Our own order stopped it again."""
    ring_told: bool = False
    ring_over: bool = False
    failure_told: bool = False
    transfer_told: bool = False
    joined_at: datetime | None = None
    """Since when it hears the caller, before that is told."""
    talking: bool = False
    talks: int = 0
    leaving: bool = False
    """It left the caller's bridge, and may be on its way into another that the caller hears."""
    talk_ended_at: datetime | None = None
    bridge: str | None = None
    held: bool = False
    consult_told: ConsultState | None = None
    """Of a phone that was asked: what was told of it last."""

    @property
    def open(self) -> bool:
        return self.chan.gone_at is None or (self.rung and not self.ring_over) or self.talking


@dataclass(slots=True)
class Call:
    """A caller's call, from the caller's entry into Stasis."""

    source: str
    chan: Chan
    name: str
    """What the console calls it: the channel's id, unless a call before had the same."""
    legs: dict[str, Leg] = field(default_factory=dict)
    answered: bool = False
    ended: bool = False
    was_taken: bool = False
    """An agent had the caller, or nobody answered whom the caller was handed on to: one who waits now was parked."""
    parked_at: datetime | None = None
    """Of the last that was told."""
    hung_up_by_us: bool = False
    """The console's own order ended it: its agent's wish."""
    due_at: datetime | None = None
    """When what is not settled will be decided with what is known then (on our clock)."""

    @property
    def over(self) -> bool:
        """Nothing more can be learnt of it."""
        return self.ended and not any(leg.open for leg in self.legs.values())

    @property
    def kept_from(self) -> str | None:
        """While we keep the caller on hold: the bridge that they were taken from."""
        return held_from(self.chan.bridge) if self.gone_at is None else None

    @property
    def gone_at(self) -> datetime | None:
        return self.chan.gone_at or self.chan.left_stasis_at

    def leg(self, chan: Chan) -> Leg:
        return self.legs.setdefault(chan.id, Leg(chan))

    def conclude(self, together: Iterable[Chan], at: datetime, *, stopping: bool, settled: bool) -> list[CallEvent]:
        """What is to be told now.

        `together` are the phones that hear the caller, `at` the instant of the message that led here, `stopping`
        says that the switch is being stopped; `settled`: the moment is over, decide with what there is.
        """
        events: list[CallEvent] = []
        self.due_at = None if settled else self.due_at
        present = {chan.id for chan in together}
        for chan in together:
            self.leg(chan)
        present |= {leg.chan.id for leg in self.legs.values() if self.keeps(leg)}
        for leg in self.legs.values():
            events += self._ringing(leg)
            events += self._joining(leg, at, present=leg.chan.id in present, settled=settled)
            events += self._talking(leg, at, present=leg.chan.id in present, settled=settled)
        events += self._parking()
        events += self._ending(stopping=stopping, settled=settled)
        for leg in self.legs.values():
            events += self._ring_ending(leg, settled=settled)
            events += self._consulting(leg, at)
        return events

    def keeps(self, leg: Leg) -> bool:
        """Is it this phone's agent who has the caller on hold?

        One who was asked meanwhile stands in the same bridge, and is not.
        """
        kept = self.kept_from is not None and leg.chan.gone_at is None and leg.chan.bridge == self.kept_from
        return kept and (leg.role != "consult" or leg.talking)

    def unsettled(self) -> bool:
        """Is something still to be decided, once the moment is over?"""
        if self.gone_at is not None and not self.ended:
            return True
        return any(
            (leg.joined_at is not None and not leg.talking)
            or leg.leaving
            or (leg.rung and leg.chan.gone_at is not None and not leg.ring_over)
            for leg in self.legs.values()
        )

    def _ringing(self, leg: Leg) -> Iterator[CallEvent]:
        if leg.rung and not leg.ring_told and leg.chan.rang_at is not None:
            leg.ring_told = True
            yield self._rings(leg, leg.chan.rang_at)
        if leg.rung and not leg.ring_over and leg.chan.up_at is not None:
            leg.ring_over = True
            if not leg.ring_told:
                leg.ring_told = True
                yield self._rings(leg, leg.chan.dialled_at or leg.chan.up_at)
            yield self._ring_ended(leg, "answered", leg.chan.up_at)

    def _joining(self, leg: Leg, at: datetime, *, present: bool, settled: bool) -> Iterator[CallEvent]:
        """The first phone is told at once. A later one must stay.

        While an attended transfer changes places, the phone that transfers may seem to hear the caller.
        """
        if present and leg.talking:
            leg.bridge = leg.chan.bridge
        if not present or leg.talking:
            leg.joined_at = None
            return
        leg.joined_at = leg.joined_at or max(at, self.chan.created_at, leg.chan.created_at)
        if self.answered and not settled:
            return
        self.answered = self.was_taken = leg.talking = True
        leg.bridge, leg.talks = leg.chan.bridge, leg.talks + 1
        yield CallAnswered(
            source=self.source,
            event_id=f"{self.name}/answered/{leg.chan.id}/{leg.talks}",
            call=self.name,
            at=leg.joined_at,
            endpoint=leg.chan.endpoint,
        )

    def _talking(self, leg: Leg, at: datetime, *, present: bool, settled: bool) -> Iterator[CallEvent]:
        chan = leg.chan
        if leg.talking:
            yield from self._holding(leg, at)
        elsewhere = self.gone_at is None and self.chan.bridge is not None and self.kept_from is None
        # While only the caller has left, the talk is not over: the phone is still up in its bridge, and its agent
        # still busy.
        left = leg.talking and not present and (chan.bridge != leg.bridge or elsewhere)
        leg.leaving = left and chan.gone_at is None and chan.own_request_at is None
        if not left or (leg.leaving and not settled):
            # A phone that only changes bridges is back within the moment.
            return
        leg.talking = leg.held = leg.leaving = False
        left_at = chan.gone_at if chan.end is not End.TOLD else chan.left.get(leg.bridge or "")
        leg.talk_ended_at = left_at or chan.gone_at or at
        yield TalkEnded(
            source=self.source,
            event_id=f"{self.name}/talk-ended/{chan.id}/{leg.talks}",
            call=self.name,
            at=leg.talk_ended_at,
            endpoint=chan.endpoint,
        )

    def _holding(self, leg: Leg, at: datetime) -> Iterator[CallEvent]:
        """By the agent's own phone, or by our order."""
        chan, kept = leg.chan, self.keeps(leg)
        if not leg.held and (kept or chan.on_hold):
            leg.held = True
            held_at = (self.chan.entered_at if kept else chan.held_at) or at
            event_id = f"{self.name}/held/{chan.id}/{held_at.isoformat()}"
            yield CallHeld(source=self.source, event_id=event_id, call=self.name, at=held_at)
        elif leg.held and not kept and not chan.on_hold:
            leg.held = False
            resumed_at = max(at for at in (chan.unheld_at, self.chan.entered_at, chan.held_at) if at is not None)
            event_id = f"{self.name}/resumed/{chan.id}/{resumed_at.isoformat()}"
            yield CallResumed(source=self.source, event_id=event_id, call=self.name, at=resumed_at)

    def _parking(self) -> Iterator[CallEvent]:
        """The caller has talked, and was put among those who wait."""
        entered_at = self.chan.entered_at
        if self.gone_at is not None or not is_waiting(self.chan.bridge) or entered_at is None:
            return
        if self.was_taken and self.parked_at != entered_at:
            self.parked_at = entered_at
            event_id = f"{self.name}/parked/{entered_at.isoformat()}"
            yield CallParked(source=self.source, event_id=event_id, call=self.name, at=entered_at)

    def _consulting(self, leg: Leg, at: datetime) -> Iterator[CallEvent]:
        """What has become of a phone that the agent asked."""
        if leg.role != "consult" or leg.consult_told == "ended":
            return
        state = self._consult_state(leg)
        if state is None or (
            leg.consult_told and CONSULT_STATES.index(state) <= CONSULT_STATES.index(leg.consult_told)
        ):
            return
        leg.consult_told = state
        handed_over = leg.talking and self.gone_at is None
        if handed_over and state == "ended":
            yield self._handed_over(leg, at)
        yield ConsultChanged(
            source=self.source,
            event_id=f"{self.name}/consult/{leg.chan.id}/{state}",
            call=self.name,
            at=leg.chan.gone_at or at,
            endpoint=leg.chan.endpoint,
            state=state,
            result=("handed_over" if handed_over else self._consult_result(leg)) if state == "ended" else None,
        )

    def _consult_state(self, leg: Leg) -> ConsultState | None:
        chan = leg.chan
        if chan.gone_at is not None or self.gone_at is not None:
            return "ended"
        others = [other for other in self.legs.values() if other is not leg and other.talking]
        if leg.talking:
            return "conference" if others else "ended"
        if chan.up_at is not None and any(chan.bridge == other.chan.bridge is not None for other in others):
            return "talking"
        return "ringing" if chan.dialled_at or chan.rang_at or chan.up_at else None

    def _consult_result(self, leg: Leg) -> ConsultResult:
        if self.gone_at is not None:
            return "caller_left"
        if leg.canceled:
            return "returned"
        return self._problem(leg)

    def _handed_over(self, leg: Leg, at: datetime) -> CallTransferred:
        former = [other for other in self.legs.values() if other is not leg and other.talks]
        by = max(former, key=lambda other: other.talk_ended_at or self.chan.created_at, default=None)
        return CallTransferred(
            source=self.source,
            event_id=f"{self.name}/transferred/{leg.chan.id}",
            call=self.name,
            at=at,
            kind="attended",
            to_endpoint=leg.chan.endpoint,
            by_endpoint=by.chan.endpoint if by is not None else None,
        )

    def _ending(self, *, stopping: bool, settled: bool) -> Iterator[CallEvent]:
        if self.ended or self.gone_at is None:
            return
        cause = self._ended_by(stopping=stopping)
        if not settled and cause not in ("caller", "agent"):
            return
        self.ended = True
        yield CallEnded(
            source=self.source,
            event_id=f"{self.name}/ended",
            call=self.name,
            at=self.gone_at,
            cause=cause,
            answered=self.answered,
            outcome=self._outcome(cause, stopping=stopping),
        )

    def _ended_by(self, *, stopping: bool) -> EndedBy | None:
        """Who ended it; never by the channel's cause, which is the same for all of them (fact 14)."""
        chan = self.chan
        if chan.end is not End.TOLD:
            return "system" if chan.end is End.WITH_THE_SWITCH else None
        own, other = chan.own_request_at, chan.other_request_at
        if own is not None and (other is None or own <= other):
            return "caller"
        if chan.shutdown or stopping:
            return "system"
        if self.hung_up_by_us or self._hung_up_by_agent():
            return "agent"
        # Sent on by the application, or hung up by it: out of Stasis without a wish of its own.
        return "system" if other is not None or chan.left_stasis_at is not None else None

    def _hung_up_by_agent(self) -> bool:
        """Did the last who talked with the caller hang up? A transfer's phone hangs up too, after it."""
        talked = [leg for leg in self.legs.values() if leg.talks]
        if not talked:
            return False
        last = max(talked, key=lambda leg: (leg.talking, leg.talk_ended_at or self.chan.created_at))
        return last.chan.own_request_at is not None and last.chan.replaced_at is None

    def _outcome(self, cause: EndedBy | None, *, stopping: bool) -> CallOutcome:
        if self.answered or cause != "system":
            return "ended"
        died = self.chan.end is End.WITH_THE_SWITCH or self.chan.shutdown or stopping
        return "lost" if died else "overflow"

    def _ring_ending(self, leg: Leg, *, settled: bool) -> Iterator[CallEvent]:
        """The end of a phone that never was answered, or never was in the conversation."""
        chan = leg.chan
        if chan.gone_at is None:
            return
        if leg.rung and not leg.ring_over:
            result = self._ring_result(chan, settled=settled)
            if result is None:
                return
            leg.ring_over = True
            if not leg.ring_told and result == "rejected":
                # It was busy or declined at once: it was asked, though it made no sound.
                leg.ring_told = True
                yield self._rings(leg, chan.dialled_at or chan.created_at)
            if leg.ring_told:
                yield self._ring_ended(leg, result, chan.gone_at)
        if (
            leg.role == "connect"
            and not leg.failure_told
            and not leg.talks
            and not leg.canceled
            and self.gone_at is None
        ):
            leg.failure_told = True
            yield self.connect_failed(leg, chan.gone_at)

    def _ring_result(self, chan: Chan, *, settled: bool) -> RingResult | None:
        if chan.cause in RING_RESULTS:
            return RING_RESULTS[chan.cause]
        if self.gone_at is not None:
            return "caller_left"
        # Stopped by somebody on the switch while the caller waits on, or is about to be told to have left.
        return "no_answer" if settled else None

    def connect_failed(self, leg: Leg, at: datetime) -> ConnectFailed:
        chan = leg.chan
        return ConnectFailed(
            source=self.source,
            event_id=f"{self.name}/connect-failed/{chan.id}",
            call=self.name,
            at=at,
            endpoint=chan.endpoint,
            reason=self._problem(leg),
        )

    def _problem(self, leg: Leg) -> ConnectProblem:
        """Why that phone is not in the conversation, though we rang it."""
        chan = leg.chan
        if chan.up_at is not None:
            return "hung_up"
        reason: ConnectProblem = "no_answer" if chan.rang_at is not None else "unreachable"
        return reason if chan.cause is None else CONNECT_PROBLEMS.get(chan.cause, reason)

    def _rings(self, leg: Leg, at: datetime) -> CallRinging:
        event_id = f"{self.name}/ringing/{leg.chan.id}"
        return CallRinging(source=self.source, event_id=event_id, call=self.name, at=at, endpoint=leg.chan.endpoint)

    def _ring_ended(self, leg: Leg, result: RingResult, at: datetime) -> RingEnded:
        return RingEnded(
            source=self.source,
            event_id=f"{self.name}/ring-ended/{leg.chan.id}",
            call=self.name,
            at=at,
            result=result,
            endpoint=leg.chan.endpoint,
        )


def is_ringing(leg: Leg) -> bool:
    return leg.rung and not leg.ring_over and leg.chan.phase in (Phase.DIALLED, Phase.RINGING)
