"""A run is the sequence of its answers; where it stands follows from them, and is kept nowhere.

The pure machine: a run and an answer, or a step back, give a run and what it is to do to the case. Steps that wait for
nobody are answered by the console as the run passes them, and those answers stand in the sequence with the others: facts
that change later change nothing that was decided, and to read a run again takes no facts at all. A step that asks
another system waits for it: whoever keeps the run asks, and brings the answer.

The script is a linked one (console.scripts.link).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal, TypeAlias

import msgspec

from console import conditions
from console.conditions import Vocabulary
from console.errors import Conflict
from console.scripts import graph, names
from console.scripts.answer import TEXT_MAX, Silence, Unfit, plainly, read_answer, read_told, worded
from console.scripts.script import (
    AUTOMATIC,
    FIELDS,
    AddNote,
    AddTask,
    AnyStep,
    Ask,
    BookCallback,
    Call,
    Check,
    Do,
    Effect,
    End,
    Escalate,
    Kind,
    Leave,
    Say,
    Script,
    SetField,
    SetOutcome,
    ShowArticle,
    Transfer,
    Value,
)

ANSWERS_MAX = 1_000
"""Of one run: a talk of hours; beyond it somebody goes round in circles."""
WHY_MAX = 200
FIELD_MAX = 200
"""Characters of a case's subject and topic."""
SENT_MAX = 500
"""Characters of one thing that a system is told."""

Facts: TypeAlias = Mapping[str, Any]
"""What conditions and texts name, without `answers`."""


class StepOver(Conflict):
    """This step is not the one that the script is at."""

    type = "step-over"


class RunOver(Conflict):
    """This run of the script has ended."""

    type = "run-over"


class NothingBefore(Conflict):
    """The script is at its first step."""

    type = "nothing-before"


class ForASystem(Conflict):
    """Another system answers this step; it can only be passed over, with a reason."""

    type = "for-a-system"


class NotSkippable(Conflict):
    """The script does not let this step be passed over."""

    type = "not-skippable"


class GoesInCircles(Conflict):
    """This run has more answers than any talk takes."""

    type = "goes-in-circles"


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """One answer of a run."""

    step: str
    answer: Value = None
    kind: Literal["given", "skipped", "filled"] = "given"
    """By a person, passed over by a person, or by the console."""
    why: str | None = None
    """Of a skip its reason; of what the console filled, what it went by; of a system that gave no answer, why."""
    by: str | None = None
    at: datetime
    sent: dict[str, str] | None = None
    """Of another system: what it was told."""


Run: TypeAlias = tuple[Given, ...]


class Done(msgspec.Struct, frozen=True):
    """Something to do to the case, and the step that says so."""

    step: str
    effect: Effect


class Asked(msgspec.Struct, frozen=True):
    """What another system is to be asked."""

    system: str
    sent: dict[str, str]


class Moved(msgspec.Struct, frozen=True):
    """A run that went on, and what it is to do."""

    run: Run
    effects: tuple[Done, ...] = ()
    asked: Asked | None = None
    """Where it waits for another system."""


def silent(given: Given) -> str | None:
    """Why another system gave no answer there; None: it did, or nobody waited for one."""
    return given.why if given.kind == "filled" and given.sent is not None else None


# --- where it stands --------------------------------------------------------------------------------------------------


def standing(script: Script, run: Run) -> AnyStep:
    """The step that the run waits at; an End where it is through."""
    if not run:
        return script.steps[script.first]
    return script.steps[_next(script.steps[run[-1].step], run[-1])]


def _next(step: AnyStep, given: Given) -> str:
    match step:
        case Ask(kind=Kind.CHOICE) if given.kind != "skipped":
            option = step.option(given.answer)
            assert option is not None, f"{step.id} was answered with what it offers"
            return option.go
        case Call(go=go, otherwise=otherwise):
            return otherwise if given.answer is None else go
        case Check():
            assert isinstance(given.answer, str), "a check is answered with the step that it leads to"
            return given.answer
        case End():
            raise AssertionError("nothing follows an end")
        case _:
            return step.go


def answers(script: Script, run: Run, scope: str) -> dict[str, Value]:
    """What conditions of that scope find under `answers`: each step's last answer, null where there is none."""
    found: dict[str, Value] = {}
    for step in script.steps.values():
        if step.scope == scope and isinstance(step, Ask | Call):
            found[step.own] = None
        elif isinstance(step, Leave) and script.steps[step.of].scope == scope:
            found[script.steps[step.of].own] = None
    for given in run:
        step = script.steps[given.step]
        if isinstance(step, Leave):
            of = script.steps[step.of]
            if of.scope == scope:
                found[of.own] = step.outcome
        elif step.scope == scope and isinstance(step, Ask | Call):
            found[step.own] = given.answer
    return found


# --- answering --------------------------------------------------------------------------------------------------------


def take(script: Script, run: Run, given: Given, facts: Facts, *, nth: int | None = None) -> Moved:
    """The run with one answer more, and on from there. `nth`: the place at which it was meant.

    Raises StepOver where the script is at another step (a double click, another screen), RunOver, NotSkippable,
    ForASystem, BadInput.
    """
    step = _waiting(script, run, given.step, nth)
    if given.kind == "skipped":
        if not (isinstance(step, Call) or (isinstance(step, Ask) and step.skip)):
            raise NotSkippable
        asked = asked_at(script, run, facts)
        answered = msgspec.structs.replace(given, answer=None, sent=asked.sent if asked else None)
    elif isinstance(step, Call):
        raise ForASystem
    else:
        answered = msgspec.structs.replace(given, answer=read_answer(step, given.answer, given.at))
    return advance(script, (*run, answered), facts, at=given.at, since=len(run))


def told(script: Script, run: Run, given: Given, facts: Facts) -> Moved:
    """The run with what another system told, or with `why` it told nothing. What does not fit counts as nothing.

    `sent`: what it was told, where that was kept. Raises StepOver, RunOver.
    """
    step = _waiting(script, run, given.step, None)
    if not isinstance(step, Call):
        raise StepOver
    asked = asked_at(script, run, facts)
    assert asked is not None, "a call asks something"
    sent = asked.sent if given.sent is None else given.sent
    answered = msgspec.structs.replace(given, kind="filled", answer=None, sent=sent)
    if given.why is None:
        try:
            answered = msgspec.structs.replace(answered, answer=read_told(step, given.answer))
        except Unfit as unfit:
            answered = msgspec.structs.replace(answered, why=f"{Silence.UNFIT} {unfit}".strip())
    return advance(script, (*run, answered), facts, at=given.at, since=len(run))


def _waiting(script: Script, run: Run, step_id: str, nth: int | None) -> Say | Ask | Call:
    step = standing(script, run)
    if isinstance(step, End):
        raise RunOver
    if step.id != step_id or nth not in (None, len(run)):
        raise StepOver
    assert isinstance(step, Say | Ask | Call), "whatever waits for nobody was passed"
    return step


def back(script: Script, run: Run) -> Run:
    """The run without its last answer by a person, and what followed from that. Raises NothingBefore, RunOver."""
    if isinstance(standing(script, run), End):
        raise RunOver
    for place in range(len(run) - 1, -1, -1):
        if run[place].kind != "filled":
            return run[:place]
    raise NothingBefore


def change(script: Script, run: Run, nth: int, given: Given, facts: Facts) -> Moved:
    """Another answer at that place; the later ones are kept as far as their steps still come.

    Raises StepOver where no person answered that step there, RunOver, ForASystem, BadInput.
    """
    if isinstance(standing(script, run), End):
        raise RunOver
    if not 0 <= nth < len(run) or run[nth].step != given.step or run[nth].kind == "filled":
        raise StepOver
    step = script.steps[given.step]
    if isinstance(step, Call):
        raise ForASystem
    answer = read_answer(step, given.answer, given.at)
    anew = (*run[:nth], msgspec.structs.replace(given, answer=answer, kind="given"))
    kept = tuple(
        one for one in run[nth + 1 :] if one.kind != "filled" or (one.sent is not None and one.answer is not None)
    )
    return advance(script, anew, facts, at=given.at, since=nth, kept=kept)


# --- going on ---------------------------------------------------------------------------------------------------------


def begin(script: Script, facts: Facts, *, at: datetime) -> Moved:
    """A new run, as far as nobody has to be asked."""
    return advance(script, (), facts, at=at, since=0)


def advance(script: Script, run: Run, facts: Facts, *, at: datetime, since: int, kept: Run = ()) -> Moved:
    """Pass every step that waits for nobody, or that `kept` has an answer for; the answers from `since` on are new.

    Raises GoesInCircles.
    """
    facts = dict(facts)
    effects: list[Done] = []
    asked: Asked | None = None
    for place in range(since, len(run)):
        _after(script, run[: place + 1], facts, effects)
    left = list(kept)
    while True:
        step = standing(script, run)
        if isinstance(step, End):
            if step.outcome:
                effects.append(Done(step.id, SetOutcome(step.outcome)))
            break
        asked = asked_at(script, run, facts)
        given = _by_itself(script, run, step, facts, at) if isinstance(step, AUTOMATIC) else _kept(left, step, asked)
        if given is None:
            if step.article:
                effects.append(Done(step.id, ShowArticle(step.article)))
            break
        if len(run) >= ANSWERS_MAX:
            raise GoesInCircles
        run = (*run, given)
        _after(script, run, facts, effects)
    return Moved(run, tuple(effects), asked)


def _kept(left: list[Given], step: AnyStep, asked: Asked | None) -> Given | None:
    """What was said at that step before; answers that were passed over on the way there are given up.

    What a system told is kept where it would be told the same again.
    """
    for place, one in enumerate(left):
        if one.step == step.id:
            del left[: place + 1]
            return one if asked is None or one.sent == asked.sent else None
    return None


def asked_at(script: Script, run: Run, facts: Facts) -> Asked | None:
    """What another system is asked where the run stands; None: it waits for no system.

    Choices go as their codes, and nothing where nothing is known: a program reads it.
    """
    step = standing(script, run)
    if not isinstance(step, Call):
        return None
    told = {**facts, names.ANSWERS: answers(script, run, step.scope)}
    sent = {name: names.filled(text, told, plainly, missing="")[:SENT_MAX] for name, text in step.send.items()}
    return Asked(step.system, sent)


def _by_itself(script: Script, run: Run, step: AnyStep, facts: Facts, at: datetime) -> Given:
    if not isinstance(step, Check):
        answer = step.outcome if isinstance(step, Leave) else None
        return Given(step=step.id, answer=answer, kind="filled", at=at)
    seen = {**facts, names.ANSWERS: answers(script, run, step.scope)}
    for branch in step.branches:
        if conditions.answer(branch.when, seen, ANY).holds:
            return Given(step=step.id, answer=branch.go, kind="filled", why=branch.when, at=at)
    return Given(step=step.id, answer=step.otherwise, kind="filled", at=at)


ANY = Vocabulary(names.PLAIN, {**names.MEMBERS, names.ANSWERS: None})
"""For evaluating: a condition that was published names nothing else."""


def _after(script: Script, run: Run, facts: dict[str, Any], effects: list[Done]) -> None:
    """What the last answer of the run is to do; fields that it sets are facts from now on."""
    given = run[-1]
    step = script.steps[given.step]
    wanted: tuple[Effect, ...] = ()
    if isinstance(step, Ask) and step.save and given.answer is not None:
        # A topic is what rules compare with, so it is the code of a choice; a subject is read by people.
        words = str(given.answer) if step.save == "topic" else worded(step, given.answer, script.language)
        wanted = (SetField(step.save, words[:FIELD_MAX]),)
    elif isinstance(step, Do):
        given_here = answers(script, run, step.scope)
        seen = {**facts, names.ANSWERS: _worded(script, given_here, step.scope, script.language)}
        wanted = tuple(_dated(_filled(effect, seen), given_here) for effect in step.effects)
    for effect in wanted:
        effects.append(Done(step.id, effect))
        if isinstance(effect, SetField):
            _set(facts, effect)


def _set(facts: dict[str, Any], effect: SetField) -> None:
    value: object = int(effect.value) if effect.field == "priority" else effect.value
    if effect.field in FIELDS:
        facts[effect.field] = value
    if effect.field != "topic" and facts.get("case") is not None:
        facts["case"] = {**facts["case"], effect.field: value}


def seen(script: Script, run: Run, step: AnyStep, facts: Facts, language: str) -> dict[str, Any]:
    """What the texts of that step are filled from: the facts, and the answers in words."""
    return {**facts, names.ANSWERS: _worded(script, answers(script, run, step.scope), step.scope, language)}


def _worded(script: Script, given: Mapping[str, Value], scope: str, language: str) -> dict[str, Value]:
    found = dict(given)
    for own, answer in given.items():
        step = script.steps.get(f"{scope}{own}")
        if isinstance(step, Ask) and answer is not None:
            found[own] = worded(step, answer, language)
    return found


_FILLED: dict[type, Callable[[Any, Callable[[str], str]], Effect]] = {
    SetField: lambda e, fill: SetField(e.field, fill(e.value)[:FIELD_MAX]),
    AddTask: lambda e, fill: AddTask(fill(e.text)[:TEXT_MAX], e.due_in, e.at),
    BookCallback: lambda e, fill: BookCallback(fill(e.text)[:TEXT_MAX], e.call_in, e.at),
    Escalate: lambda e, fill: Escalate(e.queue, e.agent, fill(e.reason)[:TEXT_MAX]),
    Transfer: lambda e, fill: Transfer(e.queue, e.agent, fill(e.note)[:TEXT_MAX]),
    AddNote: lambda e, fill: AddNote(fill(e.text)[:TEXT_MAX]),
}


def _filled(effect: Effect, facts: Facts) -> Effect:
    """With its words filled from the case and the answers."""
    fill = _FILLED.get(type(effect))
    return fill(effect, lambda text: names.filled(text, facts, plainly)) if fill else effect


def _dated(effect: Effect, given: Mapping[str, Value]) -> Effect:
    """With the moment that was answered, in place of the step that asks for it."""
    if isinstance(effect, AddTask | BookCallback) and effect.at is not None:
        return msgspec.structs.replace(effect, at=str(given.get(effect.at) or ""))
    return effect


# --- how far ----------------------------------------------------------------------------------------------------------


def passed(run: Run) -> int:
    """How many steps a person has done."""
    return sum(1 for given in run if given.kind != "filled")


def to_come(script: Script, run: Run) -> int:
    """About how many steps of a person's there are from here on, the present one too: on the longest way without a
    return.
    """
    step = standing(script, run)
    return 0 if isinstance(step, End) else max(1, graph.longest(script)[step.id])
