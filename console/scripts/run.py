"""A run is the sequence of its answers; where it stands follows from them, and is kept nowhere.

The pure machine: a run and an answer, or a step back, give a run and what it is to do to the case. Steps that wait for
nobody are answered by the console as the run passes them, and those answers stand in the sequence with the others: facts
that change later change nothing that was decided, and to read a run again takes no facts at all.

The script is a linked one (console.scripts.link).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Literal, TypeAlias

import msgspec

from console import conditions
from console.conditions import Vocabulary
from console.errors import BadInput, Conflict, FieldError
from console.scripts import graph, names
from console.scripts.script import (
    AUTOMATIC,
    FIELDS,
    AddNote,
    AddTask,
    AnyStep,
    Ask,
    BookCallback,
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
    in_language,
)

ANSWERS_MAX = 1_000
"""Of one run: a talk of hours; beyond it somebody goes round in circles."""
TEXT_MAX = 2_000
"""Characters of an answer that is typed."""
NUMBER_MAX = 1e15
"""Beyond it a number is not whole any more in every system."""
WHY_MAX = 200
FIELD_MAX = 200
"""Characters of a case's subject and topic."""
PRIORITY_MAX = 1_000

_PHONE = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_BETWEEN_DIGITS = re.compile(r"[\s().\-/]")

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
    """Of a skip its reason; of what the console filled, what it went by."""
    by: str | None = None
    at: datetime


Run: TypeAlias = tuple[Given, ...]


class Done(msgspec.Struct, frozen=True):
    """Something to do to the case, and the step that says so."""

    step: str
    effect: Effect


class Moved(msgspec.Struct, frozen=True):
    """A run that went on, and what it is to do."""

    run: Run
    effects: tuple[Done, ...] = ()


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
        if step.scope == scope and isinstance(step, Ask):
            found[step.own] = None
        elif isinstance(step, Leave) and script.steps[step.of].scope == scope:
            found[script.steps[step.of].own] = None
    for given in run:
        step = script.steps[given.step]
        if isinstance(step, Leave):
            of = script.steps[step.of]
            if of.scope == scope:
                found[of.own] = step.outcome
        elif step.scope == scope and isinstance(step, Ask):
            found[step.own] = given.answer
    return found


# --- answering --------------------------------------------------------------------------------------------------------


def read_answer(step: AnyStep, raw: object) -> Value:
    """The answer as its step keeps it. Raises BadInput saying what would be right."""
    if not isinstance(step, Ask):
        return None
    match step.kind:
        case Kind.CHOICE:
            return _choice(step, raw)
        case Kind.YES_NO:
            said = {True: True, False: False, "true": True, "false": False, "yes": True, "no": False}
            if isinstance(raw, bool | str) and raw in said:
                return said[raw]
            raise _wrong("Yes or no: true or false.")
        case Kind.NUMBER:
            return _number(step, raw)
        case Kind.DATE:
            return _date(raw)
        case Kind.PHONE:
            number = _BETWEEN_DIGITS.sub("", raw) if isinstance(raw, str) else ""
            number = f"+{number[2:]}" if number.startswith("00") else number
            if not _PHONE.fullmatch(number):
                raise _wrong("A phone number with its country code, such as +44 131 496 0000.")
            return number
        case Kind.TEXT:
            text = raw.strip() if isinstance(raw, str) else ""
            if not text or len(text) > TEXT_MAX or "\x00" in text:
                raise _wrong(f"Text of 1 to {TEXT_MAX:,} characters.")
            return text


def _choice(step: Ask, raw: object) -> str:
    option = step.option(raw)
    if option is None:
        raise _wrong(f"One of {', '.join(option.code for option in step.options)}.")
    return option.code


def _number(step: Ask, raw: object) -> float:
    try:
        value = float(raw.strip().replace(",", ".")) if isinstance(raw, str) else raw
    except ValueError:
        value = None
    most = PRIORITY_MAX if step.save == "priority" else NUMBER_MAX
    lowest = -most if step.lowest is None else step.lowest
    highest = most if step.highest is None else step.highest
    if isinstance(value, bool) or not isinstance(value, int | float) or not lowest <= value <= highest:
        raise _wrong(f"A number from {lowest:g} to {highest:g}.")
    if step.save == "priority" and value != int(value):
        raise _wrong("A whole number.")
    return int(value) if value == int(value) else value


def _date(raw: object) -> str:
    try:
        return date.fromisoformat(raw.strip()).isoformat() if isinstance(raw, str) and len(raw) < 20 else _no_date()
    except ValueError:
        return _no_date()


def _no_date() -> str:
    raise _wrong("A date such as 2026-11-22.")


def _wrong(detail: str) -> BadInput:
    return BadInput(errors=(FieldError("answer", detail),))


def take(script: Script, run: Run, given: Given, facts: Facts, *, nth: int | None = None) -> Moved:
    """The run with one answer more, and on from there. `nth`: the place at which it was meant.

    Raises StepOver where the script is at another step (a double click, another screen), RunOver, NotSkippable,
    BadInput.
    """
    step = _waiting(script, run, given.step, nth)
    if given.kind == "skipped":
        if not (isinstance(step, Ask) and step.skip):
            raise NotSkippable
        answered = msgspec.structs.replace(given, answer=None)
    else:
        answered = msgspec.structs.replace(given, answer=read_answer(step, given.answer))
    return advance(script, (*run, answered), facts, at=given.at, since=len(run))


def _waiting(script: Script, run: Run, step_id: str, nth: int | None) -> Say | Ask:
    step = standing(script, run)
    if isinstance(step, End):
        raise RunOver
    if step.id != step_id or nth not in (None, len(run)):
        raise StepOver
    assert isinstance(step, Say | Ask), "whatever waits for nobody was passed"
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

    Raises StepOver where no person answered that step there, RunOver, BadInput.
    """
    if isinstance(standing(script, run), End):
        raise RunOver
    if not 0 <= nth < len(run) or run[nth].step != given.step or run[nth].kind == "filled":
        raise StepOver
    answer = read_answer(script.steps[given.step], given.answer)
    anew = (*run[:nth], msgspec.structs.replace(given, answer=answer, kind="given"))
    kept = tuple(one for one in run[nth + 1 :] if one.kind != "filled")
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
    for place in range(since, len(run)):
        _after(script, run[: place + 1], facts, effects)
    left = list(kept)
    while True:
        step = standing(script, run)
        if isinstance(step, End):
            if step.outcome:
                effects.append(Done(step.id, SetOutcome(step.outcome)))
            break
        given = _by_itself(script, run, step, facts, at) if isinstance(step, AUTOMATIC) else _kept(left, step)
        if given is None:
            if step.article:
                effects.append(Done(step.id, ShowArticle(step.article)))
            break
        if len(run) >= ANSWERS_MAX:
            raise GoesInCircles
        run = (*run, given)
        _after(script, run, facts, effects)
    return Moved(run, tuple(effects))


def _kept(left: list[Given], step: AnyStep) -> Given | None:
    """What was said at that step before; answers that were passed over on the way there are given up."""
    for place, one in enumerate(left):
        if one.step == step.id:
            del left[: place + 1]
            return one
    return None


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
        seen = {**facts, names.ANSWERS: _worded(script, run, step.scope, script.language)}
        wanted = tuple(_filled(effect, seen) for effect in step.effects)
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


def worded(step: Ask, answer: Value, language: str = "") -> str:
    """The answer as the case keeps it: the label of a choice, what was typed of everything else."""
    option = step.option(answer) if step.kind is Kind.CHOICE else None
    if option is not None:
        return in_language(option.label, language)
    return f"{answer:g}" if isinstance(answer, float) else str(answer)


def seen(script: Script, run: Run, step: AnyStep, facts: Facts, language: str) -> dict[str, Any]:
    """What the texts of that step are filled from: the facts, and the answers in words."""
    return {**facts, names.ANSWERS: _worded(script, run, step.scope, language)}


def _worded(script: Script, run: Run, scope: str, language: str) -> dict[str, Value]:
    found = answers(script, run, scope)
    for own, answer in found.items():
        step = script.steps.get(f"{scope}{own}")
        if isinstance(step, Ask) and answer is not None:
            found[own] = worded(step, answer, language)
    return found


def plainly(_: str, value: object) -> str:
    """A value as the case keeps it; screens word it in their reader's own way."""
    return f"{value:g}" if isinstance(value, float) else str(value)


_FILLED: dict[type, Callable[[Any, Callable[[str], str]], Effect]] = {
    SetField: lambda e, fill: SetField(e.field, fill(e.value)[:FIELD_MAX]),
    AddTask: lambda e, fill: AddTask(fill(e.text)[:TEXT_MAX], e.due_in),
    BookCallback: lambda e, fill: BookCallback(fill(e.text)[:TEXT_MAX], e.call_in),
    Escalate: lambda e, fill: Escalate(e.queue, e.agent, fill(e.reason)[:TEXT_MAX]),
    Transfer: lambda e, fill: Transfer(e.queue, e.agent, fill(e.note)[:TEXT_MAX]),
    AddNote: lambda e, fill: AddNote(fill(e.text)[:TEXT_MAX]),
}


def _filled(effect: Effect, facts: Facts) -> Effect:
    """With its words filled from the case and the answers."""
    fill = _FILLED.get(type(effect))
    return fill(effect, lambda text: names.filled(text, facts, plainly)) if fill else effect


# --- how far ----------------------------------------------------------------------------------------------------------


def passed(run: Run) -> int:
    """How many steps a person has done."""
    return sum(1 for given in run if given.kind != "filled")


def to_come(script: Script, run: Run) -> int:
    """About how many steps of a person's there are from here on, the present one too: on the longest way without a
    return.
    """
    step = standing(script, run)
    return 0 if isinstance(step, End) else graph.longest(script)[step.id]
