"""Asking other systems what scripts want to know: one question, one attempt, within the time that the system has.

Any node claims a question, asks outside of every transaction, and brings the answer to its run. What a node that went
away had claimed is not asked again, since nobody knows whether it was heard: its run goes on without an answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Protocol

import msgspec
import structlog

from console import settings
from console.db import outbox
from console.errors import NotReady, Refusal
from console.scripts.answer import Silence
from console.services import dialogs, systems
from console.services.context import Context
from console.services.systems import LANE, Question

log = structlog.get_logger()

BODY_BYTES_MAX = 16 << 10
"""Of an answer: a few facts, and not a document."""
AT_ONCE_MAX = 50
"""Questions of one node; a system that hangs holds each for ten seconds at most."""
POLL_S = 0.25
RETRY_S = 0.2


class Asks(Protocol):
    """The line to other systems."""

    async def ask(self, url: str, body: bytes, *, token: str | None, key: str, longest: int) -> tuple[int, bytes]:
        """The HTTP status and what was answered, cut off where it is longer. Raises ConnectionError."""
        ...

    async def close(self) -> None: ...


class Silent(Exception):
    """A system gave no answer that counts; says why."""


class Systems:
    def __init__(self, ctx: Context, line: Asks, environ: Mapping[str, str]) -> None:
        self._ctx = ctx
        self._line = line
        self._environ = environ
        self._under_way: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                if not await self.run_once():
                    await self._ctx.nudges.wait(LANE, timeout=POLL_S)
        finally:
            await self.stop()

    async def stop(self) -> None:
        """What is being asked stays claimed; another node takes it over when the claim runs out."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        await self._line.close()

    async def run_once(self) -> bool:
        """Begin to ask what waits. True: there may be more at once."""
        room = AT_ONCE_MAX - len(self._under_way)
        if not room:
            return False
        try:
            async with self._ctx.db.transaction() as db:
                claimed = await outbox.claim(db, LANE, room)
        except NotReady:
            return False
        for row in claimed:
            task = asyncio.create_task(self._one(row))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
        return len(claimed) == room

    async def settle(self) -> None:
        """Until everything that was begun is done."""
        await asyncio.gather(*self._under_way)

    async def _one(self, row: outbox.Claimed) -> None:
        try:
            await self._bring(row, msgspec.json.decode(row.body, type=Question))
        except NotReady:
            return  # nobody was asked; the claim runs out, and then the run goes on without
        except Exception:
            log.exception("system.failed", question=row.key)
            with suppress(NotReady):
                async with self._ctx.db.transaction() as db:
                    await outbox.failed(db, row.id, row.tries)

    async def _bring(self, row: outbox.Claimed, question: Question) -> None:
        """Ask, and bring the answer. Raises NotReady where the database is away before anybody was asked."""
        answer, why = None, None
        try:
            answer = await self._ask(question, tries=row.tries)
        except Silent as silent:
            why = str(silent)
            log.warning("system.silent", system=question.asked.system, run=question.run, why=why)
        await self._tell(row, question, answer, why)

    async def _ask(self, question: Question, *, tries: int) -> object:
        """Raises Silent, or NotReady."""
        if tries > 1:  # whoever claimed it before went away
            raise Silent(Silence.INTERRUPTED)
        async with self._ctx.db.statement() as db:
            if not await systems.wanted(db, question):
                return None
            system = await systems.find(self._ctx, db, question.asked.system)
        if system is None:
            raise Silent(Silence.UNKNOWN)
        token = settings.secret_of(system.token, self._environ)
        if system.token and not token:
            raise Silent(Silence.KEYLESS)
        body = msgspec.json.encode(question.asked.sent)
        try:
            async with asyncio.timeout(system.timeout.total_seconds()):
                status, answer = await self._line.ask(
                    system.url, body, token=token or None, key=question.id, longest=BODY_BYTES_MAX + 1
                )
        except TimeoutError:
            raise Silent(Silence.TIMED_OUT) from None
        except ConnectionError:
            raise Silent(Silence.UNREACHABLE) from None
        return read(status, answer)

    async def _tell(self, row: outbox.Claimed, question: Question, answer: object, why: str | None) -> None:
        """The answer and the end of the question in one commit; while the database is away it waits here."""
        while True:
            try:
                async with self._ctx.db.transaction() as db:
                    await outbox.done(db, [row.id])
                    await dialogs.told(self._ctx, db, question, answer=answer, why=why)
            except NotReady:
                await asyncio.sleep(RETRY_S)
            except Refusal as refusal:
                # The script cannot go on from there; whoever follows it can still go back, or leave it.
                log.warning("system.untold", system=question.asked.system, run=question.run, detail=str(refusal))
                await self._drop(row)
                return
            else:
                self._ctx.nudges.ring(*dialogs.TOPICS)
                return

    async def _drop(self, row: outbox.Claimed) -> None:
        async with self._ctx.db.transaction() as db:
            await outbox.done(db, [row.id])


def read(status: int, answer: bytes) -> dict[str, object]:
    """The members of what was answered. Raises Silent."""
    if not 200 <= status < 300:
        raise Silent(f"{Silence.REFUSED} {status}")
    if len(answer) > BODY_BYTES_MAX:
        raise Silent(Silence.TOO_LONG)
    try:
        found = msgspec.json.decode(answer)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Silent(Silence.UNREADABLE) from None
    if not isinstance(found, dict):
        raise Silent(Silence.UNREADABLE)
    return found
