"""Words for agents: a supervisor's message, and what was done to them and why. Kept, and told at once."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from console.db import notices
from console.db.engine import Transaction
from console.errors import BadInput, FieldError, NotFound
from console.ids import new_id
from console.live.messages import Notice
from console.people.permissions import Permission, require
from console.people.who import Principal
from console.queries import notices as ask
from console.services import auditing
from console.services.auditing import What
from console.services.context import Context
from console.services.teams import require_directs
from console.services.telling import Told, tell

TEXT_MAX = 500
"""What can be read beside a call."""
TO_MAX = 500
SHOWN = 10
"""Behind the bell."""


class Code(StrEnum):
    """What a notice is about, and what its `data` holds."""

    MESSAGE = "message"
    """Of a supervisor; `text` is theirs."""
    STATE_SET = "state_set"
    """`presence`, `state` (the reason's code, where it has one), `reason`."""
    SIGNED_OUT = "signed_out"
    """`reason`."""
    WORK_ASSIGNED = "work_assigned"
    """By hand: `item`, `queue`, `reason`."""
    WORK_TAKEN = "work_taken"
    """By hand, away from the agent who is told: `item`, `queue`, `reason`."""
    CASE_ESCALATED = "case_escalated"
    """`case` (its number), `subject`, `level`, `queue`, `agent`, `trigger`, `reason`, `unqualified`: nobody who serves
    there could take it."""
    CASE_HANDED_ON = "case_handed_on"
    """As `case_escalated`; on, not up."""
    CASE_NOT_TAKEN = "case_not_taken"
    """`case`, `subject`, `level`, `queue`, `agent`: its time is over, and there is no level above."""
    HANDOVER_TAKEN = "handover_taken"
    """To who owned it before: `case`, `subject`, `level`."""
    CLOCK_WARNED = "clock_warned"
    """As a policy says: `case`, `subject`, `clock`, `due_at`, `acted_at`."""
    CLOCK_BREACHED = "clock_breached"
    """As `clock_warned`."""
    TASK_DUE = "task_due"
    """A reminder: `task`, `case` (its number), `kind`, `text`, `due_at`."""
    REVIEW_ASKED = "review_asked"
    """To whom it is given: `article` (its number), `title`, `version`, `due_at`."""
    REVIEW_WAITS = "review_waits"
    """As `review_asked`, told again."""
    REVIEW_UNANSWERED = "review_unanswered"
    """To who asked for it: as `review_asked`, and `reviewer` (a name) or `team`."""
    ARTICLE_ENDS = "article_ends"
    """To its authors: `article`, `title`, `version`, `expires_at`."""


async def put(
    ctx: Context,
    db: Transaction,
    *,
    to: Sequence[str],
    by: str | None,
    code: Code,
    text: str,
    data: dict[str, object] | None = None,
) -> None:
    """Leave words for these agents, in the transaction that makes them true; ring "frames" after it."""
    at = ctx.clock.now()
    await notices.put(
        db,
        [
            notices.Notice(id=new_id(), at=at, to_agent=agent, by=by, code=code, text=text, data=data or {})
            for agent in to
        ],
    )
    await tell(db, [Told(agent, Notice(code=code, text=text)) for agent in to])


async def send(ctx: Context, who: Principal, *, to: Sequence[str], text: str) -> None:
    """A supervisor's message to agents they direct.

    Raises NotAllowed, NotFound (no such agent), BadInput.
    """
    text = _checked(text)
    async with ctx.db.transaction() as db:
        centre = (await ctx.centres.in_force(db)).document
        if not 0 < len(to) <= TO_MAX or any(centre.agent(agent) is None for agent in to):
            raise NotFound("There is no such agent.")
        by = require_directs(centre, who, to)
        await put(ctx, db, to=to, by=by, code=Code.MESSAGE, text=text)
        for agent in to:
            await auditing.record(ctx, db, by=by, what=What.MESSAGE_SENT, about=agent, data={"text": text})
    ctx.nudges.ring("frames")


class Mine(msgspec.Struct, frozen=True):
    """The asker's own, as pages show them beside the bell."""

    notices: tuple[ask.Notice, ...]
    unread: int


async def mine(ctx: Context, who: Principal) -> Mine:
    """The newest first."""
    name = require(who, Permission.HAVE_PREFERENCES)
    async with ctx.db.snapshot() as db:
        return Mine(await ask.of(db, name, SHOWN), await ask.unread(db, name))


async def mark_read(ctx: Context, who: Principal) -> None:
    """All of the asker's own, on every screen of theirs."""
    agent = require(who, Permission.HAVE_PREFERENCES)
    async with ctx.db.transaction() as db:
        await notices.mark_read(db, agent, ctx.clock.now())


def _checked(text: str) -> str:
    text = text.strip()
    if not 1 <= len(text) <= TEXT_MAX or "\x00" in text:
        detail = f"A message has 1 to {TEXT_MAX} characters."
        raise BadInput(detail, errors=(FieldError("text", detail),))
    return text
