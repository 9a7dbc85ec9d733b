"""Scripts as their authors look over them: the list, and what became of their runs."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import and_, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from console.cases.case import UNFINISHED
from console.db.schema import case as case_table
from console.db.schema import script, script_answer, script_draft, script_run, script_version
from console.scripts.script import Value

ANSWERS_MAX = 500
"""Of one report: typed answers are as many as there are runs."""


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the list."""

    name: str
    title: str
    in_force: int | None
    published_at: datetime | None
    draft: str | None
    """draft, in_review; None: nobody is writing."""
    changed_at: datetime
    running: int
    """Runs that are under way."""


class AtStep(msgspec.Struct, frozen=True, kw_only=True):
    """What became of runs at one step."""

    step: str
    answered: int
    skipped: int
    left: int
    """Runs that were left here, or whose case was finished while they waited here."""
    median_s: float | None
    """How long an answer took, of half of them at most."""


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    step: str
    answer: Value
    why: str | None
    """Of another system that gave no answer."""
    count: int


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """Runs of one script since an instant."""

    runs: int
    ended: int
    left: int
    steps: tuple[AtStep, ...]
    answers: tuple[Chosen, ...]


async def listed(db: AsyncConnection) -> tuple[Listed, ...]:
    """Every script, by name."""
    s, v, d, r = script.c, script_version.c, script_draft.c, script_run.c
    running = select(func.count()).where(r.script == s.name, r.state == "running").correlate(script).scalar_subquery()
    rows = await db.execute(
        select(
            s.name,
            func.coalesce(v.title, s.name).label("title"),
            s.in_force,
            v.published_at,
            d.state.label("draft"),
            func.greatest(d.saved_at, v.published_at, s.created_at).label("changed_at"),
            running.label("running"),
        )
        .select_from(
            script.outerjoin(script_version, and_(v.script == s.name, v.version == s.in_force)).outerjoin(
                script_draft, d.script == s.name
            )
        )
        .order_by(s.name)
    )
    return tuple(Listed(**row) for row in rows.mappings())


async def report(db: AsyncConnection, name: str, since: datetime, *, version: int | None = None) -> Report:
    """What became of the runs of that script; without a version of any."""
    r = script_run.c
    ours = and_(r.script == name, r.started_at >= since, true() if version is None else r.version == version)
    finished = case_table.c.status.not_in([status.value for status in UNFINISHED])
    gone = or_(r.state == "left", and_(r.state == "running", finished))
    with_case = script_run.join(case_table, case_table.c.id == r.case)
    counts = (
        await db.execute(
            select(
                func.count().label("runs"),
                func.count().filter(r.state == "ended").label("ended"),
                func.count().filter(gone).label("left"),
            )
            .select_from(with_case)
            .where(ours)
        )
    ).one()
    at_step = select(r.stopped_at, func.count()).select_from(with_case).where(ours, gone).group_by(r.stopped_at)
    lost = {row[0]: row[1] for row in await db.execute(at_step)}
    a = script_answer.c
    told = and_(a.kind == "filled", func.jsonb_typeof(a.sent) == "object")
    given = or_(a.kind == "given", told)
    something = func.jsonb_typeof(a.answer) != "null"
    theirs = and_(ours, or_(a.kind != "filled", told), a.forgotten_at.is_(None))
    took = func.percentile_cont(0.5).within_group(a.took_s)
    rows = await db.execute(
        select(
            a.step,
            func.count().filter(or_(a.kind == "given", and_(told, something))).label("answered"),
            func.count().filter(a.kind == "skipped").label("skipped"),
            took.label("median_s"),
        )
        .select_from(script_answer.join(script_run, r.id == a.run))
        .where(theirs)
        .group_by(a.step)
    )
    found = {row.step: row for row in rows}
    steps = tuple(
        AtStep(
            step=step,
            answered=found[step].answered if step in found else 0,
            skipped=found[step].skipped if step in found else 0,
            left=lost.get(step, 0),
            median_s=found[step].median_s if step in found else None,
        )
        for step in sorted({*found, *(step for step in lost if step)})
    )
    answers = await db.execute(
        select(a.step, a.answer, a.why, func.count().label("times"))
        .select_from(script_answer.join(script_run, r.id == a.run))
        .where(theirs, given, or_(told, something))
        .group_by(a.step, a.answer, a.why)
        .order_by(a.step, func.count().desc())
        .limit(ANSWERS_MAX)
    )
    return Report(
        runs=counts.runs,
        ended=counts.ended,
        left=counts.left,
        steps=steps,
        answers=tuple(Chosen(step=row.step, answer=row.answer, why=row.why, count=row.times) for row in answers),
    )
