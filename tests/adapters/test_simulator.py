"""The made-up phone system, on a clock that does not wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from itertools import count
from random import Random

import pytest

from adapters.telephony.simulated import Line, Phone, Traffic
from adapters.telephony.simulator import Simulator
from console.errors import NotReady
from console.telephony import (
    CallEnded,
    CallEvent,
    CallHeld,
    CallMuted,
    CallParked,
    CallResumed,
    CallTransferred,
    CallUnmuted,
    ConnectFailed,
    ConsultChanged,
    OrderRefused,
)
from console.telephony.record import CallRecord, Report, report
from tests.adapters.virtual_time import NOON, VirtualTime

ALICE, BOB = "SIM/alice", "SIM/bob"

TRAFFIC = Traffic(
    calls_per_hour=240,
    lines=(Line(dialled="100", weight=3), Line(dialled="200", attributes={"language": "pl"})),
    callers=tuple(f"+4420794600{n:02}" for n in range(40)),
)


class Centre:
    """A simulator, the time it plays in, and what it told."""

    def __init__(self, seed: int = 1, traffic: Traffic | None = None, **phones: Phone) -> None:
        ids = count(1)
        self.time = VirtualTime()
        self.events: list[CallEvent] = []
        self.problems: list[Exception] = []
        self.phones = Simulator(
            "simulator",
            chance=Random(seed),
            traffic=traffic,
            phones={f"SIM/{name}": phone for name, phone in phones.items()},
            clock=self.time,
            sleep=self.time.sleep,
            call_id=lambda: f"call-{next(ids)}",
        )

    async def hear(self, event: CallEvent) -> None:
        if self.problems:
            raise self.problems.pop(0)
        self.events.append(event)

    @asynccontextmanager
    async def running(self, open_calls: Iterable[str] = ()) -> AsyncIterator[Centre]:
        task = asyncio.create_task(self.phones.run(self.hear, dict.fromkeys(open_calls)))
        try:
            await self.time.pass_(0)
            yield self
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    @property
    def report(self) -> Report:
        return report(self.events, since=NOON)

    def record(self) -> CallRecord:
        [record] = self.report.calls
        return record


async def test_a_phone_answers_after_its_time_and_the_caller_ends_the_talk() -> None:
    async with Centre(alice=Phone(after_s=2)).running() as centre:
        call = centre.phones.ring_in("+442079460001", "100", talk_s=30)
        await centre.time.pass_(5)
        await centre.phones.connect(call, ALICE, "order-1")
        await centre.time.pass_(60)

    record = centre.record()
    assert (record.outcome, record.answered_by, record.wait_s, record.ended_by) == ("answered", "alice", 7.0, "caller")
    assert [(talk.from_, talk.to) for talk in record.talks] == [(7.0, 37.0)]


async def test_the_agent_may_be_the_one_who_hangs_up() -> None:
    async with Centre().running() as centre:
        call = centre.phones.ring_in("+442079460001", "100", talk_s=30, ended_by="agent")
        await centre.phones.connect(call, ALICE, "order-1")
        await centre.time.pass_(60)

    assert centre.record().ended_by == "agent"


async def test_a_caller_whose_patience_ends_is_abandoned() -> None:
    async with Centre().running() as centre:
        centre.phones.ring_in("+442079460001", "100", patience_s=10)
        await centre.time.pass_(60)

    record = centre.record()
    assert (record.outcome, record.wait_s, record.ended_by) == ("abandoned", 10.0, "caller")


async def test_a_caller_who_leaves_while_it_rings_is_nobodys_miss() -> None:
    async with Centre(alice=Phone(after_s=8)).running() as centre:
        call = centre.phones.ring_in("+442079460001", "100", patience_s=5)
        await centre.phones.connect(call, ALICE, "order-1")
        await centre.time.pass_(60)

    [ring] = centre.record().rung
    assert ring.result == "caller_left"
    assert not any(isinstance(event, ConnectFailed) for event in centre.events)


@pytest.mark.parametrize(
    ("phone", "result", "reason"),
    [
        (Phone(does="busy", after_s=0), "rejected", "busy"),
        (Phone(does="reject", after_s=2), "rejected", "rejected"),
        (Phone(does="nothing"), "no_answer", "no_answer"),
        (Phone(after_s=3600), "no_answer", "no_answer"),
    ],
)
async def test_a_phone_that_does_not_answer_leaves_the_caller_to_the_next(
    phone: Phone, result: str, reason: str
) -> None:
    async with Centre(alice=phone).running() as centre:
        call = centre.phones.ring_in("+442079460001", "100")
        await centre.phones.connect(call, ALICE, "order-1")
        await centre.time.pass_(11)
        await centre.phones.connect(call, BOB, "order-2")
        await centre.time.pass_(2)

    [failed] = [event for event in centre.events if isinstance(event, ConnectFailed)]
    assert (failed.endpoint, failed.reason) == (ALICE, reason)
    assert [ring.result for ring in centre.record().rung] == [result, "answered"]


async def test_an_order_given_twice_rings_once() -> None:
    async with Centre().running() as centre:
        call = centre.phones.ring_in("+442079460001", "100")
        await centre.phones.connect(call, ALICE, "order-1")
        await centre.time.pass_(5)
        await centre.phones.connect(call, ALICE, "order-1")
        centre.phones.hang_up_caller(call)
        await centre.phones.connect(call, ALICE, "order-1")

    assert len(centre.record().rung) == 1


async def test_a_phone_in_a_call_is_not_rung_for_another() -> None:
    async with Centre().running() as centre:
        first, second = (centre.phones.ring_in(f"+44207946000{n}", "100") for n in (1, 2))
        await centre.phones.connect(first, ALICE, "order-1")
        with pytest.raises(OrderRefused, match="another call"):
            await centre.phones.connect(second, ALICE, "order-2")


async def test_a_caller_who_is_gone_cannot_be_connected() -> None:
    async with Centre().running() as centre:
        with pytest.raises(OrderRefused, match="gone"):
            await centre.phones.connect("call-9", ALICE, "order-1")


async def test_disconnect_stops_the_ringing_and_the_caller_waits_on_with_their_patience() -> None:
    async with Centre(alice=Phone(after_s=5)).running() as centre:
        call = centre.phones.ring_in("+442079460001", "100", patience_s=20)
        await centre.phones.connect(call, ALICE, "order-1")
        await centre.time.pass_(1)
        await centre.phones.disconnect(call, ALICE, "order-2")
        await centre.time.pass_(60)

    record = centre.record()
    assert (record.outcome, record.t_end) == ("abandoned", 20.0)
    assert [ring.result for ring in record.rung] == ["no_answer"]


async def test_hang_up_ends_the_call_in_the_agents_name_and_again_changes_nothing() -> None:
    async with Centre().running() as centre:
        call = centre.phones.ring_in("+442079460001", "100")
        await centre.phones.connect(call, ALICE, "order-1")
        await centre.time.pass_(10)
        await centre.phones.hang_up(call, "order-2")
        await centre.phones.hang_up(call, "order-2")
        await centre.time.pass_(1)

    assert centre.record().ended_by == "agent"
    assert sum(isinstance(event, CallEnded) for event in centre.events) == 1


async def test_an_agent_hangs_up_by_hand() -> None:
    async with Centre().running() as centre:
        call = centre.phones.ring_in("+442079460001", "100")
        await centre.phones.connect(call, ALICE, "order-1")
        await centre.time.pass_(10)
        centre.phones.hang_up_agent(ALICE)
        await centre.time.pass_(1)

    assert centre.record().ended_by == "agent"
    assert centre.phones.calls == []


async def test_calls_of_a_former_run_are_ended() -> None:
    async with Centre().running(["call-of-yesterday"]) as centre:
        pass

    [ended] = centre.events
    assert isinstance(ended, CallEnded)
    assert (ended.call, ended.cause, ended.outcome) == ("call-of-yesterday", "system", "lost")


async def test_an_event_that_could_not_be_kept_is_told_again_in_its_order() -> None:
    centre = Centre()
    centre.problems = [NotReady(), NotReady()]
    async with centre.running():
        call = centre.phones.ring_in("+442079460001", "100")
        centre.phones.hang_up_caller(call)
        await centre.time.pass_(2)

    assert centre.record().outcome == "abandoned"


async def test_callers_arrive_at_about_the_rate_that_was_asked_for_and_none_twice_at_once() -> None:
    async with Centre(traffic=TRAFFIC).running() as centre:
        await centre.time.pass_(3600)

    calls = centre.report.calls
    assert 190 <= len(calls) <= 290
    assert {call.dialled for call in calls} == {"100", "200"}
    ends: dict[str | None, float] = {}
    for call in calls:
        arrived_at = call.t_end - call.wait_s if call.t_end is not None and call.wait_s is not None else 3600.0
        assert arrived_at >= ends.get(call.caller, 0.0) - 0.002
        ends[call.caller] = call.t_end or 3600.0


async def test_the_same_seed_plays_the_same_day() -> None:
    async def day(seed: int) -> list[CallEvent]:
        async with Centre(seed=seed, traffic=TRAFFIC).running() as centre:
            await centre.time.pass_(600)
            return list(centre.events)

    assert await day(7) == await day(7) != await day(8)


# --- a call in hand ---------------------------------------------------------------------------------------------------


def told(centre: Centre, kind: type[CallEvent]) -> list[CallEvent]:
    return [event for event in centre.events if isinstance(event, kind)]


async def in_talk(centre: Centre, talk_s: float = 600) -> str:
    """A caller with Alice, whose phone answers at once."""
    centre.phones.phones[ALICE] = Phone(after_s=0)
    call = centre.phones.ring_in("+442079460001", "100", talk_s=talk_s)
    await centre.phones.connect(call, ALICE, "order-1")
    await centre.time.pass_(1)
    return call


async def test_hold_and_mute_are_told_once_and_undone() -> None:
    async with Centre().running() as centre:
        call = await in_talk(centre)
        for order in ("a", "b"):
            await centre.phones.hold(call, order)
            await centre.phones.mute(call, order)
        await centre.time.pass_(5)
        for order in ("c", "d"):
            await centre.phones.resume(call, order)
            await centre.phones.unmute(call, order)
        await centre.time.pass_(1)

    assert [len(told(centre, kind)) for kind in (CallHeld, CallResumed, CallMuted, CallUnmuted)] == [1, 1, 1, 1]
    assert centre.record().hold_s == 5.0


async def test_a_caller_taken_from_an_agent_waits_again_and_may_lose_patience() -> None:
    async with Centre().running() as centre:
        centre.phones.phones[ALICE] = Phone(after_s=0)
        call = centre.phones.ring_in("+442079460001", "100", talk_s=600, patience_s=20)
        await centre.phones.connect(call, ALICE, "order-1")
        await centre.time.pass_(60)
        await centre.phones.disconnect(call, ALICE, "order-2")
        await centre.time.pass_(60)

    assert len(told(centre, CallParked)) == 1
    assert centre.record().t_end == 80.0


async def test_a_caller_taken_from_an_agent_is_connected_with_the_next() -> None:
    async with Centre(bob=Phone(after_s=0)).running() as centre:
        call = await in_talk(centre)
        await centre.phones.disconnect(call, ALICE, "order-2")
        await centre.phones.connect(call, BOB, "order-3")
        await centre.time.pass_(1)

    assert [talk.agent for talk in centre.record().talks] == ["alice", "bob"]


async def test_a_consultation_ends_in_a_conference_and_in_other_hands() -> None:
    async with Centre(bob=Phone(after_s=2)).running() as centre:
        call = await in_talk(centre)
        await centre.phones.consult(call, BOB, "order-2")
        with pytest.raises(OrderRefused):
            await centre.phones.consult_complete(call, "too-early")
        await centre.time.pass_(5)
        await centre.phones.consult_conference(call, "order-3")
        await centre.phones.consult_complete(call, "order-4")
        await centre.time.pass_(1)
        centre.phones.hang_up_agent(BOB)
        await centre.time.pass_(1)

    consult = [event for event in centre.events if isinstance(event, ConsultChanged)]
    assert [event.state for event in consult] == ["ringing", "talking", "conference", "ended"]
    assert consult[-1].result == "handed_over"
    assert [talk.agent for talk in centre.record().talks] == ["alice", "bob"]
    assert centre.record().ended_by == "agent"


@pytest.mark.parametrize(
    ("phone", "result"), [(Phone(does="busy", after_s=0), "busy"), (Phone(does="nothing"), "no_answer")]
)
async def test_a_phone_that_will_not_be_asked_leaves_the_caller_on_hold(phone: Phone, result: str) -> None:
    async with Centre(bob=phone).running() as centre:
        call = await in_talk(centre)
        await centre.phones.consult(call, BOB, "order-2")
        await centre.time.pass_(15)
        await centre.phones.resume(call, "order-3")
        await centre.time.pass_(1)

    [ended] = [e for e in centre.events if isinstance(e, ConsultChanged) and e.state == "ended"]
    assert ended.result == result
    assert len(told(centre, CallResumed)) == 1


async def test_back_to_the_caller_or_the_caller_gone_the_consultation_is_over() -> None:
    async with Centre(bob=Phone(after_s=0)).running() as centre:
        call = await in_talk(centre)
        await centre.phones.consult(call, BOB, "order-2")
        await centre.phones.consult_return(call, "order-3")
        await centre.phones.consult(call, BOB, "order-4")
        await centre.time.pass_(1)
        centre.phones.hang_up_caller(call)
        await centre.time.pass_(1)

    ended = [e.result for e in centre.events if isinstance(e, ConsultChanged) and e.state == "ended"]
    assert ended == ["returned", "caller_left"]


@pytest.mark.parametrize(("does", "parked"), [("answer", 0), ("busy", 1)])
async def test_a_caller_handed_on_outside_talks_there_or_waits_again(does: str, parked: int) -> None:
    async with Centre(outside=Phone(does=does, after_s=1)).running() as centre:  # type: ignore[arg-type]  # one of its words
        call = await in_talk(centre, talk_s=30)
        await centre.phones.transfer(call, "SIM/outside", "order-2")
        await centre.time.pass_(10)

    [transfer] = [event for event in centre.events if isinstance(event, CallTransferred)]
    assert (transfer.kind, transfer.ordered, transfer.by_endpoint) == ("blind", True, ALICE)
    assert len(told(centre, CallParked)) == parked
    assert len(centre.record().talks) == 2 - parked


async def test_keys_are_kept_and_what_needs_a_talk_is_refused_without_one() -> None:
    async with Centre().running() as centre:
        call = await in_talk(centre)
        await centre.phones.send_digits(call, "1#", "order-2")
        await centre.phones.send_digits(call, "1#", "order-2")
        waiting = centre.phones.ring_in("+442079460002", "100")
        for order in (centre.phones.hold, centre.phones.mute, centre.phones.consult_return):
            with pytest.raises(OrderRefused):
                await order(waiting, "order-3")

        assert centre.phones.digits(call) == "1#"


async def test_a_caller_whom_the_centre_does_not_take_is_gone() -> None:
    async with Centre().running() as centre:
        call = centre.phones.ring_in("+442079460001", "100")
        await centre.phones.divert(call, "voicemail", "order-1")
        await centre.time.pass_(1)

    assert (centre.record().outcome, centre.phones.calls) == ("overflow", [])
