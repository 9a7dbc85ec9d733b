"""What became of each call: the events of a phone system folded into records (contract, section 5). Pure.

Events may come twice, late and out of order: a record is computed from the set of events, sorted by their own
instants; an ended call never comes back, and what is learnt late still counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal, TypeAlias, assert_never

import msgspec

from console.telephony import (
    CallAnswered,
    CallArrived,
    CallEnded,
    CallEvent,
    CallHeld,
    CallMuted,
    CallParked,
    CallResumed,
    CallRinging,
    CallTransferred,
    CallUnmuted,
    ConnectFailed,
    ConsultChanged,
    RingEnded,
    RingResult,
    TalkEnded,
)

Outcome: TypeAlias = Literal["answered", "abandoned", "overflow", "refused", "lost"]


class Ring(msgspec.Struct):
    """A phone that rang; `result` is None while it does."""

    agent: str
    t: float
    result: RingResult | None = None


class Talk(msgspec.Struct, rename={"from_": "from"}):
    """A phone's time with the caller, holds included; `to` is None while it lasts."""

    agent: str
    from_: float
    to: float | None = None


class Transfer(msgspec.Struct):
    t: float
    by: str | None
    kind: Literal["blind", "attended"]
    to: str | None


class CallRecord(msgspec.Struct, kw_only=True):
    """One caller's call; times are seconds since the report's beginning. A call not yet over has no outcome."""

    caller: str | None
    dialled: str | None
    outcome: Outcome | None = None
    rung: list[Ring] = []
    answered_by: str | None = None
    wait_s: float | None = None
    talks: list[Talk] = []
    hold_s: float = 0.0
    transfers: list[Transfer] = []
    t_end: float | None = None
    ended_by: Literal["caller", "agent", "pbx"] | None = None


class Report(msgspec.Struct):
    """All calls, in the order of their arrival, and the sums. `other`: overflow, refused, lost, and not yet over."""

    calls: list[CallRecord]
    offered: int
    answered: int
    abandoned: int
    other: int


# Of one instant, what begins comes before what ends, and an arrival before all.
_ORDER: dict[type, int] = {
    CallArrived: 0,
    CallRinging: 1,
    RingEnded: 2,
    ConnectFailed: 2,
    CallAnswered: 3,
    CallHeld: 4,
    CallResumed: 5,
    CallMuted: 5,
    CallUnmuted: 5,
    ConsultChanged: 5,
    CallTransferred: 6,
    TalkEnded: 7,
    CallParked: 7,
    CallEnded: 8,
}


def report(events: Iterable[CallEvent], since: datetime) -> Report:
    """The calls that these events tell of, on a clock that begins at `since`."""
    of_call: dict[tuple[str, str], dict[str, CallEvent]] = {}
    for event in events:
        of_call.setdefault((event.source, event.call), {}).setdefault(event.event_id, event)
    calls = [_Fold(since).fold(told.values()) for told in of_call.values()]
    calls.sort(key=lambda call: call.arrived_at)
    records = [call.record for call in calls]
    outcomes = [record.outcome for record in records]
    answered, abandoned = outcomes.count("answered"), outcomes.count("abandoned")
    return Report(
        calls=records,
        offered=len(records),
        answered=answered,
        abandoned=abandoned,
        other=len(records) - answered - abandoned,
    )


def bare_name(endpoint: str | None) -> str | None:
    """`agent1001` of `PJSIP/agent1001`."""
    return endpoint.rpartition("/")[2] or endpoint if endpoint else None


class _Fold:
    """One call's events, one after the other."""

    def __init__(self, since: datetime) -> None:
        self.record = CallRecord(caller=None, dialled=None)
        self.arrived_at = float("inf")
        self._since = since
        self._held_at: datetime | None = None
        self._hold = timedelta(0)
        self._ended: CallEnded | None = None

    def fold(self, events: Iterable[CallEvent]) -> _Fold:
        for event in sorted(events, key=lambda event: (event.at, _ORDER[type(event)])):
            self._step(event)
        self._finish()
        return self

    def _step(self, event: CallEvent) -> None:
        t = self._seconds(event.at)
        self.arrived_at = min(t, self.arrived_at)
        match event:
            case CallArrived(caller=caller, dialled=dialled):
                self.record.caller, self.record.dialled = caller, dialled
            case CallRinging():
                self.record.rung.append(Ring(_phone(event), t))
            case RingEnded(result=result):
                self._end_ring(_phone(event), t, result)
            case CallAnswered():
                self.record.answered_by = self.record.answered_by or _phone(event)
                self.record.talks.append(Talk(_phone(event), t))
            case CallHeld(at=at):
                self._held_at = self._held_at or at
            case CallResumed(at=at):
                self._resume(at)
            case CallTransferred():
                to = event.to_number or event.to_queue or event.to_agent or bare_name(event.to_endpoint)
                self.record.transfers.append(Transfer(t, bare_name(event.by_endpoint), event.kind, to))
            case TalkEnded(at=at):
                self._end_talk(_phone(event), t)
                if all(talk.to is not None for talk in self.record.talks):
                    self._resume(at)
            case CallEnded():
                self._ended = self._ended or event
            case ConnectFailed() | CallParked():
                pass  # what its phone did is told by ring.ended, or talk.ended
            case CallMuted() | CallUnmuted() | ConsultChanged():
                pass  # no part of a record: a consultation between agents is no call
            case _:
                assert_never(event)

    def _end_ring(self, phone: str, t: float, result: RingResult) -> None:
        for ring in self.record.rung:
            if ring.agent == phone and ring.result is None:
                ring.result = result
                return
        self.record.rung.append(Ring(phone, t, result))

    def _end_talk(self, phone: str, t: float) -> None:
        for talk in self.record.talks:
            if talk.agent == phone and talk.to is None:
                talk.to = t
                return

    def _resume(self, at: datetime) -> None:
        if self._held_at is not None:
            self._hold += at - self._held_at
            self._held_at = None

    def _finish(self) -> None:
        record = self.record
        talked = bool(record.talks)
        record.outcome = "answered" if talked else None
        if self._ended is not None:
            self._end(self._ended, talked=talked)
        first = record.talks[0].from_ if talked else record.t_end
        record.wait_s = None if first is None else round(first - self.arrived_at, 3)
        record.hold_s = round(self._hold.total_seconds(), 3)

    def _end(self, ended: CallEnded, *, talked: bool) -> None:
        record, t = self.record, self._seconds(ended.at)
        record.t_end = t
        record.ended_by = "pbx" if ended.cause == "system" else ended.cause
        if not talked:
            record.outcome = "abandoned" if ended.outcome == "ended" else ended.outcome
        for ring in record.rung:
            ring.result = ring.result or "caller_left"
        for talk in record.talks:
            talk.to = t if talk.to is None else talk.to
        self._resume(ended.at)

    def _seconds(self, at: datetime) -> float:
        return round((at - self._since).total_seconds(), 3)


def _phone(event: CallRinging | RingEnded | CallAnswered | TalkEnded) -> str:
    return event.agent or bare_name(event.endpoint) or "unknown"
