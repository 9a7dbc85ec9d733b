"""Reviewers and authors are told: that a review is asked of them, that it waits still, that an article expires soon.

Each reminder goes out once, on the node whose timekeeper leads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from console.db.engine import Transaction
from console.errors import Conflict
from console.kb import store
from console.kb.article import NotInThisState, Revision, State
from console.kb.reminders import asked_again_at, reminded_again_at
from console.kb.store import Review, reminders
from console.kb.store.reminders import Ending, Waiting
from console.people.permissions import Permission, require
from console.people.who import Principal
from console.queries import knowledge as ask
from console.services import notices
from console.services.context import Context
from console.services.figures import zone_of
from console.services.manuscripts import under_way
from console.services.notices import Code


async def next_due(db: Transaction) -> datetime | None:
    """When the next reminder goes out."""
    return await reminders.next_due(db)


async def run_due(ctx: Context, db: Transaction, now: datetime, *, limit: int) -> int:
    """Tell whoever is to be told by now; how many reminders it was."""
    waiting = await reminders.take_waiting(db, now, limit=limit)
    ending = await reminders.take_ending(db, now, limit=limit - len(waiting))
    writers = dict(await ask.reviewers(db)) if waiting or ending else {}
    for review in waiting:
        await _remind(ctx, db, review, writers, now)
    for revision in ending:
        await _announce_end(ctx, db, revision, writers)
    return len(waiting) + len(ending)


async def remind(ctx: Context, who: Principal, *, number: str) -> None:
    """Tell those again who were asked to review and have not approved, because somebody says so.

    Raises NotFound, NotInThisState (it is not being reviewed), Conflict (nobody in particular was asked).
    """
    by = require(who, Permission.WRITE_ARTICLES)
    async with ctx.db.transaction() as db:
        article, revision = await under_way(db, number, None)
        if revision.state is not State.IN_REVIEW:
            raise NotInThisState("It is not being reviewed.")
        waiting = [one for one in await store.reviews_of(db, article.id, revision.version) if one.verdict != "approved"]
        if not waiting:
            raise Conflict("Nobody in particular was asked.")
        writers = dict(await ask.reviewers(db))
        for review in waiting:
            to = await _asked(ctx, db, review, revision.authors, writers)
            await _tell_again(ctx, db, article.number, revision, to=to, by=by, due_at=review.due_at)
    ctx.nudges.ring("frames")


async def reviews_asked(
    ctx: Context, db: Transaction, number: str, revision: Revision, fresh: Sequence[Review]
) -> None:
    """Tell those who are newly asked, and plan when everybody who has not approved is told again."""
    now = ctx.clock.now()
    zone = zone_of((await ctx.centres.in_force(db)).document)
    await reminders.plan(db, revision, now, asked_again_at(now, None, zone))
    writers = dict(await ask.reviewers(db)) if fresh else {}
    for review in fresh:
        await notices.put(
            ctx,
            db,
            to=await _asked(ctx, db, review, revision.authors, writers),
            by=review.asked_by,
            code=Code.REVIEW_ASKED,
            text=f"{number} is to be reviewed: {revision.title}",
            data={**_about(number, revision), "due_at": review.due_at},
        )


async def _remind(ctx: Context, db: Transaction, review: Waiting, writers: Mapping[str, str], now: datetime) -> None:
    """Whoever was asked, and who asked them; a revision that is no longer being reviewed asks nobody any more."""
    if review.state is not State.IN_REVIEW:
        await reminders.plan_next(db, review.id, None, reminded=review.reminded)
        return
    zone = zone_of((await ctx.centres.in_force(db)).document)
    reminded = review.reminded + 1
    await reminders.plan_next(db, review.id, reminded_again_at(now, reminded, zone), reminded=reminded)
    to = await _asked(ctx, db, review, review.authors, writers)
    await _tell_again(ctx, db, review.article, review, to=to, by=None, due_at=review.due_at)
    name = writers.get(review.reviewer, review.reviewer) if review.reviewer else None
    await notices.put(
        ctx,
        db,
        to=[review.asked_by] if review.asked_by in writers else [],
        by=None,
        code=Code.REVIEW_UNANSWERED,
        text=f"{review.article} still waits to be reviewed by {name or review.team}: {review.title}",
        data={**_about(review.article, review), "due_at": review.due_at, "reviewer": name, "team": review.team},
    )


async def _announce_end(ctx: Context, db: Transaction, revision: Ending, writers: Mapping[str, str]) -> None:
    """Its authors; of one that nobody wrote here, who published it."""
    people = revision.authors or ((revision.published_by,) if revision.published_by else ())
    await notices.put(
        ctx,
        db,
        to=[name for name in people if name in writers],
        by=None,
        code=Code.ARTICLE_ENDS,
        text=f"{revision.article} expires on {revision.expires_at:%Y-%m-%d}: {revision.title}",
        data={**_about(revision.article, revision), "expires_at": revision.expires_at},
    )


async def _tell_again(
    ctx: Context,
    db: Transaction,
    number: str,
    revision: Revision | Waiting,
    *,
    to: Sequence[str],
    by: str | None,
    due_at: datetime | None,
) -> None:
    text = f"{number} still waits for your review: {revision.title}"
    data = {**_about(number, revision), "due_at": due_at}
    await notices.put(ctx, db, to=to, by=by, code=Code.REVIEW_WAITS, text=text, data=data)


def _about(number: str, revision: Revision | Waiting | Ending) -> dict[str, object]:
    return {"article": number, "title": revision.title, "version": revision.version}


async def _asked(
    ctx: Context, db: Transaction, review: Review | Waiting, authors: Sequence[str], writers: Mapping[str, str]
) -> list[str]:
    """The people of whom it is asked: those of them who may approve it."""
    names = [review.reviewer] if review.reviewer else []
    if review.team is not None:
        teams = (await ctx.centres.in_force(db)).document.teams
        names = [name for one in teams if one.name == review.team for name in (*one.members, *one.supervisors)]
    return [name for name in dict.fromkeys(names) if name in writers and name not in authors]
