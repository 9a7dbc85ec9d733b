"""Simulated agents: they listen to their stream as a desk does, and act by the same use cases as people do.

What they do follows from the frames they get. A shift that loses its stream, or its database, begins anew, and the
`ready` frame says what is in hand.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Coroutine
from typing import assert_never

import msgspec
import structlog

from console.cases.case import Change, Status
from console.cli.demo.material import WRITTEN, Story, stories
from console.errors import NotReady, Refusal
from console.live import messages as m
from console.people.who import Principal
from console.routing.agent import Presence
from console.services import cases, offers, presence, work
from console.services.context import Context

log = structlog.get_logger()

AGAIN_S = 1.0
"""Between a stream's end and the next."""
DECLINES = ("finishing_note", "knows_caller", "wrong_skill", "sound_problem")
UNWORDED = "Call from "
"""How the subject begins that the console gives a case until somebody words it."""
BREAKS = ("break", "break", "break", "training", "meeting")


class Habits(msgspec.Struct, frozen=True, kw_only=True):
    """How long things take them, in seconds (from, to), and how often they do what they should not."""

    arrives: tuple[float, float] = (0.0, 4.0)
    answers: tuple[float, float] = (2.0, 6.0)
    wraps_up: tuple[float, float] = (6.0, 20.0)
    writes: tuple[float, float] = (35.0, 110.0)
    """A case in writing, from taking it to its answer."""
    comes_back: tuple[float, float] = (8.0, 25.0)
    """After a ring that nobody answered."""
    rests: tuple[float, float] = (60.0, 240.0)
    declines: float = 0.02
    lets_ring: float = 0.015
    takes_break: float = 0.06
    """After a call."""
    solves: float = 0.75


class SimulatedAgent:
    def __init__(self, ctx: Context, who: Principal, dice: random.Random, habits: Habits | None = None) -> None:
        self._ctx = ctx
        self._who = who
        self._dice = dice
        self._habits = habits or Habits()
        self._wrapping: set[str] = set()
        self._cases: dict[str, m.WorkStarted] = {}
        self._absences = 0

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self._shift()
            except* _StreamOver:
                log.debug("agent.stream_over", agent=self._who.username)
            except* NotReady:
                log.debug("agent.database_away", agent=self._who.username)
            await asyncio.sleep(AGAIN_S)

    async def _shift(self) -> None:
        self._wrapping.clear()
        self._cases.clear()
        async with asyncio.TaskGroup() as acts, presence.listening(self._ctx, self._who) as frames:
            async for frame in frames:
                self._hear(acts, frame.message)
            raise _StreamOver

    # --- hearing ------------------------------------------------------------------------------------------------------

    def _hear(self, acts: asyncio.TaskGroup, message: m.Message) -> None:
        match message:
            case m.Ready():
                self._see_presence(acts, message.presence, message.routing_state, self._habits.arrives)
                for offer in message.offers:
                    self._do(acts, self._answer(offer))
                for one in message.work:
                    self._take(acts, one)
                    if one.context.get("state") == "wrap_up":
                        self._wrap_up(acts, one.work_item)
            case m.OfferMade():
                self._do(acts, self._answer(message))
            case m.PresenceChanged():
                self._see_presence(acts, message.presence, message.routing_state, self._habits.rests)
            case m.WorkStarted():
                self._take(acts, message)
            case m.WorkUpdated():
                if message.state == "wrap_up":
                    self._wrap_up(acts, message.work_item)
            case m.WorkEnded():
                self._cases.pop(message.work_item, None)
                self._wrapping.discard(message.work_item)
            case m.OfferClosed() | m.CallChanged() | m.CaseChanged() | m.Notice() | m.QueueChanged() | m.AgentChanged():
                pass
            case m.CaseEscalated() | m.SlaWarned() | m.SlaBreached():
                pass
            case _:
                assert_never(message)

    def _see_presence(self, acts: asyncio.TaskGroup, presence: str, state: str, rest: tuple[float, float]) -> None:
        """Whoever is not there, by their own will or a supervisor's, comes back after a while."""
        self._absences += 1
        if state == "not_responding":
            self._do(acts, self._return(self._absences, self._habits.comes_back))
        elif presence != Presence.AVAILABLE:
            self._do(acts, self._return(self._absences, rest))

    def _take(self, acts: asyncio.TaskGroup, work: m.WorkStarted) -> None:
        self._cases[work.work_item] = work
        if work.kind == "case":
            self._do(acts, self._write(work))

    def _wrap_up(self, acts: asyncio.TaskGroup, item: str) -> None:
        if item in self._cases and item not in self._wrapping:
            self._wrapping.add(item)
            self._do(acts, self._finish(self._cases[item]))

    def _do(self, acts: asyncio.TaskGroup, act: Coroutine[None, None, None]) -> None:
        acts.create_task(self._acting(act))

    async def _acting(self, act: Coroutine[None, None, None]) -> None:
        """What somebody else was quicker with is no mistake: the caller left, a supervisor moved the work."""
        try:
            await act
        except NotReady:
            raise
        except Refusal as refusal:
            log.debug("agent.refused", agent=self._who.username, type=refusal.type, detail=refusal.detail)

    # --- acting -------------------------------------------------------------------------------------------------------

    async def _answer(self, offer: m.OfferMade) -> None:
        luck = self._dice.random()
        if luck < self._habits.lets_ring:
            return
        await self._pass(self._habits.answers)
        if luck < self._habits.lets_ring + self._habits.declines:
            await offers.decline(self._ctx, self._who, offer_id=offer.offer, reason=self._dice.choice(DECLINES))
        else:
            await offers.accept(self._ctx, self._who, offer_id=offer.offer)

    async def _return(self, absence: int, after: tuple[float, float]) -> None:
        """Available again, unless their presence has changed meanwhile."""
        await self._pass(after)
        if absence == self._absences:
            await presence.set_own(self._ctx, self._who, presence=Presence.AVAILABLE)

    async def _finish(self, call: m.WorkStarted) -> None:
        """Wrap-up: word the case, note what was said, choose the outcome."""
        await self._pass(self._habits.wraps_up)
        solved = self._dice.random() < self._habits.solves
        note = await self._word(call, solved=solved)
        if self._dice.random() < self._habits.takes_break:
            reason = self._dice.choice(BREAKS)
            await presence.set_own(self._ctx, self._who, presence=Presence.AWAY, reason=reason)
        disposition = "solved" if solved else "follow_up"
        await work.finish_wrap_up(self._ctx, self._who, item=call.work_item, disposition=disposition, note=note)

    async def _write(self, written: m.WorkStarted) -> None:
        """Answer a case in writing; resolved or waiting for the customer, it is off the desk."""
        await self._pass(self._habits.writes)
        solved = self._dice.random() < self._habits.solves
        disposition = "solved" if solved else "follow_up"
        if written.case is not None:
            note = self._story(written.queue, written.case.subject).notes[-1]
            await cases.add_note(self._ctx, self._who, number=written.case.number, text=note, outward=True)
        await work.complete(self._ctx, self._who, item=written.work_item, disposition=disposition)
        if written.case is not None:
            change = Change(status=Status.RESOLVED if solved else Status.PENDING)
            await cases.change(self._ctx, self._who, number=written.case.number, change=change)

    async def _word(self, call: m.WorkStarted, *, solved: bool) -> str:
        """A note for a call's case, a subject where the console made one up, and its end where there is one."""
        if call.case is None:
            return "Spoke with the customer."
        story = self._story(call.queue, call.case.subject)
        subject = story.subject if call.case.subject.startswith(UNWORDED) else None
        change = Change(subject=subject, status=Status.RESOLVED if solved else None)
        await cases.change(self._ctx, self._who, number=call.case.number, change=change)
        return story.notes[-1] if solved else story.notes[0]

    def _story(self, queue: str, subject: str) -> Story:
        """What the case is about: the story of that subject, or any that its queue knows."""
        known = [story for told in stories().values() for story in told if story.subject == subject]
        return self._dice.choice(known or stories().get(queue) or stories()[WRITTEN])

    async def _pass(self, between: tuple[float, float]) -> None:
        await asyncio.sleep(self._dice.uniform(*between))


class _StreamOver(Exception):
    """The stream was closed; its state is to be read anew."""
