"""Guided dialogs: runs of scripts on cases, started, answered, taken back, skipped and left."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
import structlog

from console import conditions
from console.cases import store as cases
from console.cases.case import Case
from console.cases.timeline import Activity, Entry
from console.db.engine import Transaction
from console.errors import BadInput, Conflict, FieldError, NotFound, Refusal
from console.ids import new_id
from console.people.permissions import Permission, require
from console.people.who import Principal
from console.queries import dialogs, stream
from console.queries.dialogs import RunOfCase
from console.queries.stream import Card
from console.scripts import names, store
from console.scripts import run as runs
from console.scripts.answer import worded
from console.scripts.run import Done, Given, Moved, Run
from console.scripts.script import Ask, Call, End, Script, in_language
from console.scripts.store import Asking, EffectRow, NewAnswer, RunRow
from console.services import dialog_effects, idempotency, systems
from console.services.context import Context
from console.services.dialog_effects import Doing
from console.services.figures import zone_of
from console.services.idempotency import Once
from console.services.seeing import seen_case, sight_of
from console.services.systems import Question
from console.services.telling import tell_case_changed

log = structlog.get_logger()

TOPICS = ("router", "frames", "timekeeper", systems.LANE)
"""Who may have something to do when a run has gone on."""


class AlreadyRunning(Conflict):
    """A script is running on this case; end or leave it first."""

    type = "script-running"


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """A run with what it is made of."""

    row: RunRow
    script: Script
    run: Run
    case: Case
    card: Card | None
    """The work on the case that the asker has in hand."""
    facts: dict[str, Any]


async def runs_of_case(db: Transaction, case_id: str) -> tuple[RunOfCase, ...]:
    """Every run on this case, the first started first, with the answers that hold and the step it stands at."""
    return await dialogs.of_case(db, case_id)


# --- beginning --------------------------------------------------------------------------------------------------------


async def start_matching(ctx: Context, db: Transaction, card: Card, *, at: datetime, by: str) -> None:
    """On the case of work that was just taken, start the script whose condition holds.

    One that is running goes on where it stands, whoever has the case now. What has ended or was left is not begun
    again for the same call, nor for a case that is handed on. A script that cannot begin is the authors' business:
    the work is taken all the same.
    """
    if card.case is None or not await store.in_force(db):
        return
    try:
        async with db.begin_nested():
            await _start_matching(ctx, db, card, card.case, at=at, by=by)
    except Refusal as refusal:
        log.warning("a script could not begin", case=card.case_number, detail=str(refusal))


async def _start_matching(ctx: Context, db: Transaction, card: Card, case_id: str, *, at: datetime, by: str) -> None:
    before = await store.runs_of_case(db, case_id)
    if any(row.state == "running" for row in before):
        return
    case = await cases.find_case_by_id(db, case_id, lock=True)
    assert case is not None, "work is about a case that there is"
    library, versions = await dialogs.published(db)
    facts = await dialogs.facts(db, case, card, by)
    tried = {row.script for row in before if row.work is None or await dialogs.same_matter(db, card.item, {row.work})}
    for script in sorted(library.values(), key=lambda one: (one.order, one.name)):
        if script.when is None or script.name in tried:
            continue
        if conditions.answer(script.when, facts, names.CASE).holds:
            pins = dialogs.pins_of(script.name, library, versions)
            await _begin(
                ctx, db, case=case, card=card, name=script.name, pins=pins, facts=facts, at=at, by=None, for_=by
            )
            return


async def start(ctx: Context, who: Principal, *, number: str, script: str, once: Once | None = None) -> Running:
    """Start a script on a case by hand. Raises NotFound, BadInput (no such script), AlreadyRunning."""
    username = require(who, Permission.RUN_SCRIPTS)
    async with ctx.db.transaction() as db:
        earlier = await idempotency.earlier(ctx, db, once, str)
        if earlier is not None:
            return await _find(ctx, db, who, earlier, lock=False)
        case = await seen_case(ctx, db, who, number, lock=True)
        if any(row.state == "running" for row in await store.runs_of_case(db, case.id)):
            raise AlreadyRunning
        library, versions = await dialogs.published(db)
        if script not in library:
            raise BadInput(errors=(FieldError("script", "There is no published script of that name."),))
        card = await _card(db, case, username)
        facts = await dialogs.facts(db, case, card, username)
        pins, now = dialogs.pins_of(script, library, versions), ctx.clock.now()
        row = await _begin(
            ctx, db, case=case, card=card, name=script, pins=pins, facts=facts, at=now, by=username, for_=username
        )
        await tell_case_changed(db, case.id)
        await idempotency.keep(ctx, db, once, row.id)
        running = await _find(ctx, db, who, row.id, lock=False)
    ctx.nudges.ring(*TOPICS)
    return running


async def _begin(
    ctx: Context,
    db: Transaction,
    *,
    case: Case,
    card: Card | None,
    name: str,
    pins: dict[str, int],
    facts: dict[str, Any],
    at: datetime,
    by: str | None,
    for_: str,
) -> RunRow:
    """`by`: who starts it; None: its own condition. `for_`: who is to follow it."""
    script = await dialogs.program(db, name, pins)
    row = RunRow(
        id=new_id(),
        case=case.id,
        work=card.item if card else None,
        script=name,
        version=pins[name],
        pins=pins,
        state="running",
        stopped_at=script.first,
        started_at=at,
        started_by=by,
        moved_at=at,
    )
    await store.put_run(db, row)
    running = Running(row=row, script=script, run=(), case=case, card=card, facts=facts)
    return await _move(ctx, db, running, runs.begin(script, facts, at=at), at=at, by=for_)


# --- going on ---------------------------------------------------------------------------------------------------------


async def show(ctx: Context, who: Principal, *, run_id: str) -> Running:
    """A run as it stands. Raises NotFound, also for one of a case that they may not see."""
    require(who, Permission.RUN_SCRIPTS)
    async with ctx.db.snapshot() as db:
        return await _find(ctx, db, who, run_id, lock=False)


async def answer(
    ctx: Context, who: Principal, *, run_id: str, step: str, answer: object, nth: int | None = None
) -> Running:
    """Answer the step that it stands at. Raises NotFound, StepOver, RunOver, BadInput."""
    return await _given(ctx, who, run_id, step=step, answer=answer, nth=nth)


async def skip(ctx: Context, who: Principal, *, run_id: str, step: str, why: str, nth: int | None = None) -> Running:
    """Pass over the step that it stands at, saying why. Raises as `answer`, and NotSkippable."""
    if not why.strip():
        raise BadInput(errors=(FieldError("why", "Say why this step is passed over."),))
    return await _given(ctx, who, run_id, step=step, why=why.strip(), nth=nth)


async def _given(
    ctx: Context,
    who: Principal,
    run_id: str,
    *,
    step: str,
    nth: int | None,
    answer: object = None,
    why: str | None = None,
) -> Running:
    username = require(who, Permission.RUN_SCRIPTS)
    async with ctx.db.transaction() as db:
        now = await _now(ctx, db)
        running = await _find(ctx, db, who, run_id, lock=True)
        kind: Any = "skipped" if why is not None else "given"
        given = Given(step=step, answer=answer, kind=kind, why=why, by=username, at=now)  # type: ignore[arg-type]  # read by `take`
        moved = runs.take(running.script, running.run, given, running.facts, nth=nth)
        await _move(ctx, db, running, moved, at=now, by=username)
        running = await _find(ctx, db, who, run_id, lock=False)
    ctx.nudges.ring(*TOPICS)
    return running


async def told(
    ctx: Context, db: Transaction, question: Question, *, answer: object = None, why: str | None = None
) -> bool:
    """What another system said, or `why` it said nothing. False: the run waits for that answer no longer."""
    row = await store.find_run(db, question.run)
    case = await cases.find_case_by_id(db, row.case, lock=True) if row else None
    row = await store.find_run(db, question.run, lock=True)
    if row is None or case is None or row.asking is None or row.asking.id != question.id:
        return False
    now, card = await _now(ctx, db), await _card(db, case, question.by)
    running = await _running(db, row, case, card, question.by)
    step, sent = runs.standing(running.script, running.run), row.asking.asked.sent
    given = Given(step=step.id, answer=answer, why=why, at=now, sent=sent)  # type: ignore[arg-type]  # read by `told`
    moved = runs.told(running.script, running.run, given, running.facts)
    await _move(ctx, db, running, moved, at=now, by=question.by)
    return True


async def back(ctx: Context, who: Principal, *, run_id: str, nth: int | None = None) -> Running:
    """Forget the last answer. What it did to the case stays done, and is not done again. Raises NotFound,
    NothingBefore, RunOver, StepOver (`nth` is not where it stands).
    """
    username, now = require(who, Permission.RUN_SCRIPTS), ctx.clock.now()
    async with ctx.db.transaction() as db:
        running = await _find(ctx, db, who, run_id, lock=True)
        if nth not in (None, len(running.run)):
            raise runs.StepOver
        shorter = runs.back(running.script, running.run)
        asked = runs.asked_at(running.script, shorter, running.facts)
        await _move(ctx, db, running, Moved(shorter, asked=asked), at=now, by=username)
        running = await _find(ctx, db, who, run_id, lock=False)
    ctx.nudges.ring("frames", systems.LANE)
    return running


async def change(ctx: Context, who: Principal, *, run_id: str, nth: int, step: str, answer: object) -> Running:
    """Answer an earlier step anew; the later answers are kept as far as their steps still come. Raises as `answer`."""
    username = require(who, Permission.RUN_SCRIPTS)
    async with ctx.db.transaction() as db:
        now = await _now(ctx, db)
        running = await _find(ctx, db, who, run_id, lock=True)
        given = Given(step=step, answer=answer, by=username, at=now)  # type: ignore[arg-type]  # read by `change`
        moved = runs.change(running.script, running.run, nth, given, running.facts)
        await _move(ctx, db, running, moved, at=now, by=username)
        running = await _find(ctx, db, who, run_id, lock=False)
    ctx.nudges.ring(*TOPICS)
    return running


async def leave(ctx: Context, who: Principal, *, run_id: str, why: str) -> Running:
    """End the run where it stands, saying why. Raises NotFound, RunOver, BadInput."""
    username, now = require(who, Permission.RUN_SCRIPTS), ctx.clock.now()
    if not why.strip():
        raise BadInput(errors=(FieldError("why", "Say why the script is left."),))
    async with ctx.db.transaction() as db:
        running = await _find(ctx, db, who, run_id, lock=True)
        row = running.row
        if row.state != "running":
            raise runs.RunOver
        row = msgspec.structs.replace(row, state="left", why=why.strip(), ended_at=now, ended_by=username, asking=None)
        await store.save_run(db, row)
        await _record(db, running, row, at=now, by=username)
        running = await _find(ctx, db, who, run_id, lock=False)
    ctx.nudges.ring("frames")
    return running


async def _find(ctx: Context, db: Transaction, who: Principal, run_id: str, *, lock: bool) -> Running:
    """The run; `lock` with its case, so that two answers come one after the other."""
    row = await store.find_run(db, run_id)
    case = await cases.find_case_by_id(db, row.case, lock=lock) if row else None
    if row is None or case is None:
        raise NotFound("There is no such run of a script.")
    if not (await sight_of(ctx, db, who)).sees(queue=case.queue, owner=case.owner):
        raise NotFound("There is no such run of a script.")
    if lock:
        locked = await store.find_run(db, run_id, lock=True)
        assert locked is not None, "runs are never deleted"
        row = locked
        if row.state != "running":
            raise runs.RunOver
    return await _running(db, row, case, await _card(db, case, who.called), who.called)


async def _running(db: Transaction, row: RunRow, case: Case, card: Card | None, username: str) -> Running:
    return Running(
        row=row,
        script=await dialogs.program(db, row.script, row.pins),
        run=await store.answers_of(db, row.id),
        case=case,
        card=card,
        facts=await dialogs.facts(db, case, card, username),
    )


async def _now(ctx: Context, db: Transaction) -> datetime:
    """In the centre's time zone, which is that of a moment that is answered."""
    return ctx.clock.now().astimezone(zone_of((await ctx.centres.in_force(db)).document))


async def _card(db: Transaction, case: Case, username: str) -> Card | None:
    item = await dialogs.in_hand(db, case.id, username)
    return (await stream.cards(db, [item])).get(item) if item else None


# --- keeping ----------------------------------------------------------------------------------------------------------


async def _move(ctx: Context, db: Transaction, running: Running, moved: Moved, *, at: datetime, by: str) -> RunRow:
    """Keep the run as it is now, and do what it says."""
    row, before = running.row, running.run
    same = next((n for n, (a, b) in enumerate(zip(before, moved.run, strict=False)) if a != b), None)
    since = min(len(before), len(moved.run)) if same is None else same
    if since < len(before):
        await store.forget(db, row.id, since, at=at, by=by)
    await store.add_answers(db, row.id, _new(row, moved.run, since, at))
    step = runs.standing(running.script, moved.run)
    ended = isinstance(step, End)
    row = msgspec.structs.replace(
        row,
        state="ended" if ended else "running",
        stopped_at=None if ended else step.id,
        moved_at=at,
        ended_at=at if ended else None,
        ended_by=by if ended else None,
        outcome=step.outcome if isinstance(step, End) else None,
        asking=Asking(new_id(), moved.asked) if moved.asked else None,
    )
    await store.save_run(db, row)
    if row.asking is not None:
        await systems.ask(db, Question(id=row.asking.id, run=row.id, by=by, asked=row.asking.asked))
    await _do(ctx, db, running, moved.effects, at=at, by=by)
    if ended:
        await _record(db, running, row, at=at, by=by, answered=moved.run)
    await tell_case_changed(db, row.case)
    return row


def _new(row: RunRow, run: Run, since: int, at: datetime) -> list[NewAnswer]:
    found = []
    for nth, given in enumerate(run[since:], start=since):
        fresh = (given.kind != "filled" or given.sent is not None) and given.at == at
        took_s = int((at - row.moved_at).total_seconds()) if fresh else None
        found.append(NewAnswer(new_id(), nth, given, took_s))
    return found


async def _do(
    ctx: Context, db: Transaction, running: Running, effects: Iterable[Done], *, at: datetime, by: str
) -> None:
    """Each thing once in a run, however often its step is passed; what could not be done is tried again.

    Fields are set each time, and the outcome: the last answer counts.
    """
    row = running.row
    done = [one.effect for one in await store.effects_of(db, row.id) if one.problem is None]
    doing = Doing(
        case=row.case,
        work=running.card.item if running.card else None,
        by=by,
        at=at,
        why=f"script {row.script} v{row.version}",
    )
    for one in effects:
        if one.effect in done and not dialog_effects.again(one.effect):
            continue
        problem = await dialog_effects.do(ctx, db, one.effect, doing)
        await store.add_effect(
            db,
            EffectRow(id=new_id(), run=row.id, step=one.step, effect=one.effect, at=at, by=by, problem=problem),
        )
        done.append(one.effect)


async def _record(
    db: Transaction, running: Running, row: RunRow, *, at: datetime, by: str, answered: Run | None = None
) -> None:
    """In the case's timeline, with the answers in words."""
    run = running.run if answered is None else answered
    entry = Activity(
        id=new_id(),
        at=at,
        kind=Entry.SCRIPT,
        case=row.case,
        customer=running.case.customer,
        work=running.card.item if running.card else None,
        by=by,
        data={
            "run": row.id,
            "script": row.script,
            "version": row.version,
            "title": in_language(running.script.title, running.script.language),
            "state": row.state,
            "outcome": row.outcome,
            "why": row.why,
            "answers": _said(running.script, run),
        },
    )
    await cases.add_activities(db, [entry])
    await tell_case_changed(db, row.case)


def _said(script: Script, run: Run) -> list[dict[str, object]]:
    """What was asked and answered, in the script's own language."""
    found: list[dict[str, object]] = []
    for given in run:
        step = script.steps[given.step]
        if isinstance(step, Ask | Call):
            answer = None if given.answer is None else worded(step, given.answer, script.language)
            question = in_language(step.title, script.language)
            silent = runs.silent(given)
            skipped = given.why if silent is None else None
            found.append({"question": question, "answer": answer, "skipped": skipped, "silent": silent})
    return found
