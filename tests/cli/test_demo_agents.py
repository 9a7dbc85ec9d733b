"""Agents who are played act on what their stream tells them, through the same use cases as people."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import msgspec
import pytest

from console.cases import store
from console.cases.customer import Described
from console.cli.demo.agents import Habits, SimulatedAgent
from console.cli.demo.leftovers import clear_desks
from console.cli.demo.material import chance
from console.clock import SystemClock
from console.live import messages as m
from console.people.who import OPERATOR, Principal
from console.services import cases, configuration, intake, presence
from console.services.context import Context
from console.telephony import CallArrived, CallEnded

CENTRE = """
version: 1
queues:
  - {name: Billing, channel: voice, offer: {timeout: 1s}, wrap_up: 60s}
  - {name: Written requests, channel: case, offer: {timeout: 1s}}
agents:
  - {username: ana, name: Ana, capacity: {voice: 1, case: 1}}
  - {username: gareth, name: Gareth, roles: [supervisor]}
routing:
  - {when: 'channel == "case"', queue: Written requests}
  - {queue: Billing}
"""
ANA = Principal(username="ana", name="Ana", roles=frozenset({"agent"}))
AT_ONCE = (0.0, 0.0)
QUICK = Habits(
    arrives=AT_ONCE,
    answers=AT_ONCE,
    wraps_up=AT_ONCE,
    writes=AT_ONCE,
    comes_back=AT_ONCE,
    rests=AT_ONCE,
    declines=0,
    lets_ring=0,
    takes_break=0,
    solves=1,
)
WITHIN_S = 20


class Seen:
    """What Ana's stream tells."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self._said: asyncio.Queue[m.Message] = asyncio.Queue()

    async def listen(self) -> None:
        while True:  # a stream that is cut is opened anew, as a desk does
            subscription = await self.ctx.hub.open("ana")
            async for frame in subscription:
                self._said.put_nowait(frame.message)
            self.ctx.hub.close(subscription)

    async def until(self, kind: type[m.Message], holds: Callable[..., bool] = lambda _: True) -> m.Message:
        async with asyncio.timeout(WITHIN_S):
            while not (isinstance(said := await self._said.get(), kind) and holds(said)):
                pass
        return said


@pytest.fixture
async def seen(node: Context) -> AsyncIterator[Seen]:
    await configuration.apply(node, OPERATOR, text=CENTRE)
    seen = Seen(node)
    listening = asyncio.create_task(seen.listen())
    yield seen
    listening.cancel()


@asynccontextmanager
async def played(ctx: Context, habits: Habits = QUICK) -> AsyncIterator[None]:
    playing = asyncio.create_task(SimulatedAgent(ctx, ANA, chance(1), habits).run())
    yield
    playing.cancel()
    await asyncio.wait([playing])


async def ring(ctx: Context, call: str = "1") -> None:
    about = {"source": "pbx", "call": call, "event_id": f"{call}/arrived", "at": SystemClock().now()}
    await intake.on_call(ctx, CallArrived(**about, caller="+447700900123", dialled="+448081570100"))


async def hang_up(ctx: Context, call: str = "1") -> None:
    about = {"source": "pbx", "call": call, "event_id": f"{call}/ended", "at": SystemClock().now()}
    await intake.on_call(ctx, CallEnded(**about, cause="caller", answered=True))


async def test_an_offer_is_taken_and_the_call_wrapped_up_with_words_for_its_case(seen: Seen) -> None:
    async with played(seen.ctx):
        await ring(seen.ctx)
        work = await seen.until(m.WorkStarted)
        await hang_up(seen.ctx)
        ended = await seen.until(m.WorkEnded)

    assert isinstance(work, m.WorkStarted)
    assert work.case is not None
    assert isinstance(ended, m.WorkEnded)
    assert ended.outcome == "completed"
    case = await cases.show(seen.ctx, OPERATOR, number=work.case.number)
    assert not case.case.subject.startswith("Call from")
    assert case.case.status == "resolved"
    assert {entry.kind.value for entry in case.timeline} >= {"call", "note", "changed"}
    async with seen.ctx.db.transaction() as db:
        assert await store.disposition_of(db, work.work_item) == "solved"


async def test_whoever_lets_it_ring_out_comes_back_by_themselves(seen: Seen) -> None:
    async with played(seen.ctx, msgspec.structs.replace(QUICK, lets_ring=1)):
        await ring(seen.ctx)
        await seen.until(m.PresenceChanged, lambda said: said.routing_state == "not_responding")
        await seen.until(m.OfferMade)


async def test_some_offers_are_declined_with_a_reason(seen: Seen) -> None:
    async with played(seen.ctx, msgspec.structs.replace(QUICK, declines=1)):
        await ring(seen.ctx)
        closed = await seen.until(m.OfferClosed)

    assert isinstance(closed, m.OfferClosed)
    assert closed.outcome == "declined"
    assert closed.reason


async def test_breaks_are_taken_after_a_call_and_end(seen: Seen) -> None:
    async with played(seen.ctx, msgspec.structs.replace(QUICK, takes_break=1)):
        await ring(seen.ctx)
        await seen.until(m.WorkStarted)
        await hang_up(seen.ctx)
        await seen.until(m.PresenceChanged, lambda said: said.presence == "away")
        await seen.until(m.PresenceChanged, lambda said: said.presence == "available")


async def test_a_written_request_is_answered_and_resolved(seen: Seen) -> None:
    registration = cases.Registration(subject="Copy of the bills", via="web", customer=Described(name="Orla"))
    async with played(seen.ctx):
        registered = await cases.register(seen.ctx, OPERATOR, registration=registration)
        await seen.until(m.WorkEnded)
        await seen.until(m.CaseChanged, lambda said: said.case.status == "resolved")

    case = await cases.show(seen.ctx, OPERATOR, number=registered.number)
    assert [entry.data["outward"] for entry in case.timeline if entry.kind == "note"] == [True]


async def test_a_stream_that_is_cut_is_opened_again(seen: Seen) -> None:
    async with played(seen.ctx):
        await seen.until(m.PresenceChanged, lambda said: said.presence == "available")
        seen.ctx.hub.reset()
        await ring(seen.ctx)
        await seen.until(m.WorkStarted)


async def test_what_was_in_hand_at_the_end_of_the_last_run_is_let_go(seen: Seen) -> None:
    async with played(seen.ctx, msgspec.structs.replace(QUICK, wraps_up=(60.0, 60.0))):
        await ring(seen.ctx)
        await seen.until(m.WorkStarted)
        await hang_up(seen.ctx)
        await seen.until(m.WorkUpdated)

    await clear_desks(seen.ctx, ["ana"])

    await seen.until(m.WorkEnded)
    assert (await presence.me(seen.ctx, ANA)).routing_state == "idle"
