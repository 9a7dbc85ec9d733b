"""The port to phone systems: what they tell us (`CallEvent`), and what we ask of them (`Telephony`).

An adapter turns its provider's words into these and knows no case, queue or agent: an agent's phone
is an `endpoint`, in the provider's own words (`PJSIP/agent1001`). Events may come twice, late and out
of order; `event_id` is the same for the same happening, whoever tells it and however often.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime
from typing import Literal, Protocol, TypeAlias

import msgspec

RingResult = Literal["answered", "no_answer", "rejected", "caller_left"]
EndedBy = Literal["caller", "agent", "system"]
CallOutcome = Literal["ended", "overflow", "refused", "lost"]
ConnectProblem = Literal["busy", "rejected", "no_answer", "unreachable", "hung_up"]
"""Why an agent's phone could not be connected; `hung_up`: it answered, and was gone before the caller was on."""
ConsultState = Literal["ringing", "talking", "conference", "ended"]
ConsultResult = Literal[
    "returned", "handed_over", "busy", "rejected", "no_answer", "unreachable", "hung_up", "caller_left"
]
"""How a consultation ended; `hung_up`: the phone that was asked hung up, `caller_left`: the caller's call is over."""


Elsewhere = Literal["callback", "voicemail", "end"]
"""What the phone system itself has for a caller whom the centre does not take: a promise, a voicemail, a message."""


class _CallEvent(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", omit_defaults=True):
    source: str
    """Which phone system: the `name` of its telephony entry, or the sender's own path."""
    event_id: str
    """Unique within `source`; the same happening always has the same one."""
    call: str
    """The phone system's own id of the caller's call."""
    at: datetime
    """When it happened, on the phone system's clock; for the records, never for order."""


class CallArrived(_CallEvent, frozen=True, kw_only=True, tag="call.arrived"):
    """A caller is there and waits to be let in."""

    caller: str
    dialled: str
    direction: Literal["inbound", "outbound"] = "inbound"
    queue: str | None = None
    requires: dict[str, int] = {}
    priority: int | None = None
    attributes: dict[str, str] = {}


class CallRinging(_CallEvent, frozen=True, kw_only=True, tag="call.ringing"):
    """A phone of ours began to ring for this call. One of `endpoint` and `agent` is given."""

    endpoint: str | None = None
    agent: str | None = None


class RingEnded(_CallEvent, frozen=True, kw_only=True, tag="ring.ended"):
    """That phone rings no more."""

    result: RingResult
    endpoint: str | None = None
    agent: str | None = None


class CallAnswered(_CallEvent, frozen=True, kw_only=True, tag="call.answered"):
    """Caller and agent are in one bridge. A leg that is up alone is no answer."""

    endpoint: str | None = None
    agent: str | None = None


class ConnectFailed(_CallEvent, frozen=True, kw_only=True, tag="connect.failed"):
    """An order to `connect` came to nothing, and the caller is still there. `ring.ended` tells apart what the phone did."""

    endpoint: str
    reason: ConnectProblem


class CallHeld(_CallEvent, frozen=True, kw_only=True, tag="call.held"):
    """The agent put the caller on hold."""


class CallResumed(_CallEvent, frozen=True, kw_only=True, tag="call.resumed"):
    """The agent took the caller back."""


class CallMuted(_CallEvent, frozen=True, kw_only=True, tag="call.muted"):
    """The caller does not hear the agent."""


class CallUnmuted(_CallEvent, frozen=True, kw_only=True, tag="call.unmuted"):
    """The caller hears the agent again."""


class CallParked(_CallEvent, frozen=True, kw_only=True, tag="call.parked"):
    """The caller was taken from the agent, hears music, and waits for another."""


class ConsultChanged(_CallEvent, frozen=True, kw_only=True, tag="consult.changed"):
    """The agent asks a second phone while the caller hears music; in a conference all three talk."""

    endpoint: str
    state: ConsultState
    result: ConsultResult | None = None
    """Of one that has ended."""


class CallTransferred(_CallEvent, frozen=True, kw_only=True, tag="call.transferred"):
    """The caller was handed on; the call goes on."""

    kind: Literal["blind", "attended"]
    to_queue: str | None = None
    to_agent: str | None = None
    to_endpoint: str | None = None
    to_number: str | None = None
    """What was dialled, where the phone system tells."""
    by_endpoint: str | None = None
    ordered: bool = False
    """By the console's own order: the agent's phone is free, and whom the caller reaches is nobody's of the centre."""


class TalkEnded(_CallEvent, frozen=True, kw_only=True, tag="talk.ended"):
    """An agent's phone left the conversation; the caller may still be there (a transfer)."""

    endpoint: str | None = None
    agent: str | None = None


class CallEnded(_CallEvent, frozen=True, kw_only=True, tag="call.ended"):
    """The caller's call is over. `cause` is None where nobody could see who ended it."""

    cause: EndedBy | None
    answered: bool
    outcome: CallOutcome = "ended"
    """Why an unanswered call ended, where it was not the caller's doing."""


CallEvent: TypeAlias = (
    CallArrived
    | CallRinging
    | RingEnded
    | CallAnswered
    | ConnectFailed
    | CallHeld
    | CallResumed
    | CallMuted
    | CallUnmuted
    | CallParked
    | ConsultChanged
    | CallTransferred
    | TalkEnded
    | CallEnded
)

Sink = Callable[[CallEvent], Awaitable[None]]
"""Takes one event; it returns when the event is durable, and raises when it is not (then tell it again)."""


class OrderRefused(Exception):
    """The phone system will not even try: it knows no such phone, or the caller has gone. Trying again is no use."""


class PhoneSystemUnreachable(Exception):
    """The phone system did not answer; the same order may be tried again."""


RING_S = 10
"""By the semantics: connecting that fails within 10 s of acceptance gives the call back."""


class Telephony(Protocol):
    """One phone system, live. Every order carries an id and may be given twice; the second time changes nothing.

    An order returns when the phone system has taken it; what becomes of it comes as events. Each raises OrderRefused
    or PhoneSystemUnreachable.
    """

    async def run(self, sink: Sink, open_calls: Mapping[str, datetime | None]) -> None:
        """Listen until cancelled; reconnects by itself.

        `open_calls` are the calls the console still believes in, each with its arrival's `at`: after each connection
        whatever is no longer there is told as ended, and a new call with an old one's id is told as a call of its own.
        """
        ...

    async def reconcile(self, open_calls: Collection[str]) -> None:
        """Tell as ended which of these calls are no longer there, whatever was missed."""
        ...

    async def connect(self, call: str, endpoint: str, order_id: str, ring_s: int = RING_S) -> None:
        """Ring the agent's phone, and put it in one bridge with the caller when it answers.

        What becomes of it: `ring.ended`, then `call.answered` or `connect.failed`.
        """
        ...

    async def disconnect(self, call: str, endpoint: str, order_id: str) -> None:
        """Stop ringing that phone, or take it out of the call; the caller stays, and waits for another (`call.parked`)."""
        ...

    async def hang_up(self, call: str, order_id: str) -> None:
        """End the caller's call; one that is gone is no error."""
        ...

    async def divert(self, call: str, to: Elsewhere, order_id: str) -> None:
        """Leave the caller to what the phone system has for those whom the centre does not take (`call.ended`)."""
        ...

    async def hold(self, call: str, order_id: str) -> None:
        """Let the caller hear music, and agent and caller nothing of each other (`call.held`)."""
        ...

    async def resume(self, call: str, order_id: str) -> None:
        """Bring agent and caller together again (`call.resumed`)."""
        ...

    async def mute(self, call: str, order_id: str) -> None:
        """The caller does not hear the agent, the agent still hears the caller (`call.muted`)."""
        ...

    async def unmute(self, call: str, order_id: str) -> None:
        """The caller hears the agent again (`call.unmuted`)."""
        ...

    async def send_digits(self, call: str, digits: str, order_id: str) -> None:
        """Send these keys down the caller's line."""
        ...

    async def transfer(self, call: str, endpoint: str, order_id: str) -> None:
        """Hand the caller on to a phone outside the centre, unasked, and free the agent (`call.transferred`).

        Where nobody answers there the caller waits again (`call.parked`).
        """
        ...

    async def consult(self, call: str, endpoint: str, order_id: str) -> None:
        """Ring a second phone for the agent, while the caller hears music (`consult.changed`)."""
        ...

    async def consult_complete(self, call: str, order_id: str) -> None:
        """Leave the caller to the phone that was asked, and free the agent."""
        ...

    async def consult_conference(self, call: str, order_id: str) -> None:
        """Let all three talk."""
        ...

    async def consult_return(self, call: str, order_id: str) -> None:
        """Let the second phone go, and bring agent and caller together again."""
        ...


ORDERS_TAKEN: tuple[str, ...] = ("asterisk-ari", "simulator")
"""Kinds of telephony entry whose system takes orders; `cloudevents` only tells."""
