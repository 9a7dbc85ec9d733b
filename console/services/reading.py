"""What an agent does with an article while they serve somebody: opens it, uses it, sends it, says whether it helped."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from console.errors import BadInput, FieldError
from console.kb.article import Audience, Use
from console.people.permissions import Permission, require
from console.people.who import Principal
from console.queries.knowledge import Reading, Result
from console.services import clocks, knowledge, matters
from console.services.context import Context
from console.services.knowledge import Read
from console.services.telling import tell_case_changed

SHOWN_MAX = 12


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """An article on the desk, and what was done with it for this matter."""

    read: Read
    done: frozenset[str]

    @property
    def article(self) -> Reading:
        return self.read.article


async def search(ctx: Context, who: Principal, *, about: str, q: str, limit: int) -> list[Result]:
    """Found while something is on the desk. Raises NotFound."""
    async with ctx.db.snapshot() as db:
        await matters.find(ctx, db, who, about)
    return await knowledge.search(ctx, who, q=q, limit=limit, typing=True)


async def shown(ctx: Context, who: Principal, *, about: str, articles: Sequence[tuple[str, int]]) -> None:
    """These were on the screen long enough to be read."""
    by = require(who, Permission.READ_ARTICLES)
    async with ctx.db.transaction() as db:
        matter = await matters.find(ctx, db, who, about)
        await knowledge.note_shown(ctx, db, articles=articles[:SHOWN_MAX], by=by, case_id=matter.case, work=matter.item)


async def want(ctx: Context, who: Principal, *, about: str, asked: str, why: str) -> None:
    """Looked for in vain while serving somebody; the authors see in which case. Raises NotFound, BadInput."""
    async with ctx.db.snapshot() as db:
        matter = await matters.find(ctx, db, who, about)
    await knowledge.want(ctx, who, asked=asked, why=why, case=matter.case)


async def use(ctx: Context, who: Principal, *, about: str, number: str, kind: Use, why: str | None = None) -> Opened:
    """Keep it, once for this matter; what is then known of the article there. Raises NotFound, BadInput."""
    by = require(who, Permission.READ_ARTICLES)
    read = await knowledge.read(ctx, who, number=number)
    article = read.article
    if kind is Use.SENT and article.audience != Audience.CUSTOMERS:
        raise BadInput(errors=(FieldError("article", "This article is for agents alone."),))
    async with ctx.db.transaction() as db:
        matter = await matters.find(ctx, db, who, about)
        new = await knowledge.note_use(
            ctx,
            db,
            article=article.id,
            revision=article.version,
            by=by,
            kind=kind,
            case_id=matter.case,
            work=matter.item,
            customer=matter.customer,
            why=why,
        )
        if matter.case is not None and new and kind in knowledge.ON_TIMELINE:
            if kind is Use.SENT:
                await clocks.on_outward(db, matter.case, at=ctx.clock.now(), by=by)
            await tell_case_changed(db, matter.case)
        uses = await knowledge.uses_of_case(db, matter.case) if matter.case else ()
        done = {each.kind for each in uses if each.article == article.id and each.by == by}
    ctx.nudges.ring("frames")
    return Opened(read=read, done=frozenset(done | {kind.value}))
