"""An article from state to state: reviewed, approved by somebody else, published, taken out of force; what readers told is settled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from console.db.engine import Transaction
from console.errors import BadInput, FieldError, NotFound
from console.ids import new_id
from console.kb import store
from console.kb.article import REVIEWERS_MAX, Move, NotInThisState, Revision, State, approved, may_approve, moved
from console.kb.store import Review, uses
from console.people.permissions import Permission, require
from console.people.who import Principal
from console.queries import knowledge as ask
from console.services.context import Context
from console.services.knowledge import put_into_force, take_out_of_force
from console.services.manuscripts import Written, as_it_stands, problems_of, require_article, teams_of, under_way
from console.services.reminding import reviews_asked

WHY_MAX = 500


async def submit(
    ctx: Context,
    who: Principal,
    *,
    number: str,
    reviewers: Sequence[str] = (),
    teams: Sequence[str] = (),
    due_at: datetime | None = None,
    why: str | None = None,
    if_match: int | None = None,
) -> Written:
    """Give the draft to be reviewed: by these people, by somebody of these teams; or by whoever may, where nobody is named."""
    by = require(who, Permission.WRITE_ARTICLES)
    now = ctx.clock.now()
    async with ctx.db.transaction() as db:
        article, revision = await under_way(db, number, if_match)
        await _check_reviewers(ctx, db, revision, reviewers, teams)
        missing = [problem.what for problem in await problems_of(db, revision.body) if problem.blocks]
        if missing:
            raise BadInput(errors=tuple(FieldError("body", f"There is no {what} to link to.") for what in missing))
        asked = [(name, None) for name in dict.fromkeys(reviewers)] + [(None, name) for name in dict.fromkeys(teams)]
        before = await store.reviews_of(db, article.id, revision.version)
        known = {(review.reviewer, review.team) for review in before}
        fresh = [
            Review(id=new_id(), reviewer=name, team=team, asked_by=by, asked_at=now, due_at=due_at)
            for name, team in asked
            if (name, team) not in known
        ]
        await store.put_reviews(db, revision, fresh)
        await reviews_asked(ctx, db, article.number, revision, fresh)
        await _move(db, revision, Move.SUBMIT, by=by, why=why, at=now)
        made = await as_it_stands(db, number)
    ctx.nudges.ring("frames", "timekeeper")
    return made


async def withdraw(
    ctx: Context, who: Principal, *, number: str, why: str | None = None, if_match: int | None = None
) -> Written:
    """Back to a draft; what was approved is asked again."""
    by = require(who, Permission.WRITE_ARTICLES)
    now = ctx.clock.now()
    async with ctx.db.transaction() as db:
        _, revision = await under_way(db, number, if_match)
        await _move(db, revision, Move.WITHDRAW, by=by, why=why, at=now)
        await store.ask_again(db, revision)
        return await as_it_stands(db, number)


async def approve(
    ctx: Context, who: Principal, *, number: str, comment: str | None = None, if_match: int | None = None
) -> Written:
    """Say yes as one who was asked, or as another author. Approved when all who were asked have said so.

    Raises OwnRevision for whoever wrote in it, NotAllowed.
    """
    now = ctx.clock.now()
    async with ctx.db.transaction() as db:
        article, revision = await under_way(db, number, if_match)
        by, mine = await _reviewing(ctx, db, who, revision)
        if revision.state is not State.IN_REVIEW:
            raise NotInThisState("It is not being reviewed.")
        if mine is None:
            mine = Review(id=new_id(), reviewer=by, team=None, asked_by=by, asked_at=now, due_at=None)
            await store.put_reviews(db, revision, [mine])
        await store.say_verdict(db, mine.id, verdict="approved", by=by, at=now, comment=_why(comment))
        reviews = await store.reviews_of(db, article.id, revision.version)
        if approved([review.verdict for review in reviews]):
            await _move(db, revision, Move.APPROVE, by=by, why=comment, at=now)
        made = await as_it_stands(db, number)
    ctx.nudges.ring("timekeeper")  # it may have a date
    return made


async def reject(ctx: Context, who: Principal, *, number: str, comment: str, if_match: int | None = None) -> Written:
    """Ask for changes: it is a draft again, with what is to be changed. Raises as `approve`."""
    now = ctx.clock.now()
    async with ctx.db.transaction() as db:
        _, revision = await under_way(db, number, if_match)
        by, mine = await _reviewing(ctx, db, who, revision)
        if not (words := _why(comment)):
            raise BadInput(errors=(FieldError("comment", "Say what is to be changed."),))
        await _move(db, revision, Move.REJECT, by=by, why=words, at=now)
        await store.ask_again(db, revision)
        if mine is not None:
            await store.say_verdict(db, mine.id, verdict="changes", by=by, at=now, comment=words)
        return await as_it_stands(db, number)


async def publish(
    ctx: Context,
    who: Principal,
    *,
    number: str,
    at: datetime | None = None,
    why: str | None = None,
    if_match: int | None = None,
) -> Written:
    """Bring what was approved into force, now or at a time to come. Raises NotInThisState."""
    by = require(who, Permission.WRITE_ARTICLES)
    now = ctx.clock.now()
    async with ctx.db.transaction() as db:
        article, revision = await under_way(db, number, if_match)
        if revision.state is not State.APPROVED:
            raise NotInThisState("It is not approved yet: somebody who did not write in it must approve it.")
        when = at if at is not None else revision.publish_at
        if when is not None and when > now:
            if revision.expires_at is not None and revision.expires_at <= when:
                raise BadInput(errors=(FieldError("at", "Before it expires."),))
            await store.schedule(db, revision, when)
            await store.put_step(
                db, revision, was=revision.state, state=revision.state, step=new_id(), at=now, by=by, why=_why(why)
            )
        else:
            if revision.expires_at is not None and revision.expires_at <= now:
                raise BadInput(errors=(FieldError("expires_at", "It would expire at once."),))
            await put_into_force(db, revision, by=by, why=_why(why), at=now)
        made = await as_it_stands(db, article.number)
    ctx.nudges.ring("knowledge", "timekeeper")
    return made


async def expire(ctx: Context, who: Principal, *, number: str, why: str | None = None) -> Written:
    """Take what is in force out of it. Raises NotInThisState where nothing is."""
    return await _take_out(ctx, who, number, Move.EXPIRE, why)


async def archive(ctx: Context, who: Principal, *, number: str, why: str | None = None) -> Written:
    """Put the whole article away: what is in force, and what is being written."""
    return await _take_out(ctx, who, number, Move.ARCHIVE, why)


async def _take_out(ctx: Context, who: Principal, number: str, move: Move, why: str | None) -> Written:
    by = require(who, Permission.WRITE_ARTICLES)
    now = ctx.clock.now()
    async with ctx.db.transaction() as db:
        article = await require_article(db, number, lock=True)
        current = await store.find_revision(db, article.id, article.published) if article.published else None
        begun = await store.open_revision(db, article.id) if move is Move.ARCHIVE else None
        if current is None and begun is None:
            latest = await store.find_revision(db, article.id, await store.latest_version(db, article.id))
            if move is Move.EXPIRE or latest is None or latest.state is State.ARCHIVED:
                raise NotInThisState("Nothing of it is in force.")
            begun = latest
        if current is not None:
            await take_out_of_force(db, current, move, by=by, why=_why(why), at=now)
        if begun is not None:
            await _move(db, begun, move, by=by, why=why, at=now)
        made = await as_it_stands(db, number)
    ctx.nudges.ring("knowledge")
    return made


# --- what readers told ------------------------------------------------------------------------------------------------


async def settle_feedback(ctx: Context, who: Principal, *, feedback: str, why: str | None = None) -> None:
    """It was looked at. Raises NotFound where there is none, or it was settled."""
    by = require(who, Permission.WRITE_ARTICLES)
    async with ctx.db.transaction() as db:
        if not await uses.settle_feedback(db, feedback, at=ctx.clock.now(), by=by, why=_why(why)):
            raise NotFound("There is no such feedback, or it has been settled.")


# --- within a use case's transaction -----------------------------------------------------------------------------------


async def _move(db: Transaction, revision: Revision, move: Move, *, by: str, why: str | None, at: datetime) -> None:
    state = moved(revision.state, move)
    await store.set_state(db, revision, state, step=new_id(), at=at, by=by, why=_why(why))
    await store.touch(db, revision.article, at)


async def _check_reviewers(
    ctx: Context, db: Transaction, revision: Revision, reviewers: Sequence[str], teams: Sequence[str]
) -> None:
    """Raises BadInput for names that are nobody's, too many, or of the authors themselves."""
    if len(reviewers) + len(teams) > REVIEWERS_MAX:
        raise BadInput(errors=(FieldError("reviewers", f"At most {REVIEWERS_MAX}."),))
    known = {username for username, _ in await ask.reviewers(db)}
    there = {team.name for team in (await ctx.centres.in_force(db)).document.teams}
    wrong = [
        *(FieldError("reviewers", f"{name} is nobody who writes articles.") for name in reviewers if name not in known),
        *(FieldError("reviewers", f"{name} wrote in it.") for name in reviewers if name in revision.authors),
        *(FieldError("teams", f"{name} is no team.") for name in teams if name not in there),
    ]
    if wrong:
        raise BadInput(errors=tuple(wrong))


async def _reviewing(ctx: Context, db: Transaction, who: Principal, revision: Revision) -> tuple[str, Review | None]:
    """Their name, and the review that was asked of them or of a team of theirs.

    Raises NotAllowed, OwnRevision.
    """
    name = require(who, Permission.WRITE_ARTICLES)
    reviews = await store.reviews_of(db, revision.article, revision.version)
    teams = await teams_of(ctx, db, name)
    mine = [review for review in reviews if review.reviewer == name or review.team in teams]
    may_approve(revision, name)
    waiting = [review for review in mine if review.verdict is None]
    return name, next(iter(waiting or mine), None)


def _why(words: str | None) -> str | None:
    return (" ".join(words.split())[:WHY_MAX] or None) if words else None
