"""Trying a script out: with pretend facts and answers, the way it takes and why; and the tests that it carries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from console import conditions
from console.errors import BadInput, Conflict
from console.scripts import names
from console.scripts import run as runs
from console.scripts.answer import Silence
from console.scripts.run import ANY, Done, Given, Moved, Run
from console.scripts.script import (
    AnyStep,
    Ask,
    Call,
    Case,
    Check,
    End,
    Say,
    Script,
    SetOutcome,
    ShowArticle,
    Value,
    summary,
)

WHENEVER = datetime(2026, 1, 1, tzinfo=UTC)
"""Of answers that nobody gave; nothing here reads it."""


class Weighed(msgspec.Struct, frozen=True):
    """A condition of a check, and what became of it."""

    condition: str
    holds: bool
    error: str | None


class Passed(msgspec.Struct, frozen=True):
    """A step on the way, with what was answered, and of a check what was weighed."""

    step: AnyStep
    given: Given
    weighed: tuple[Weighed, ...] = ()


class Trial(msgspec.Struct, frozen=True):
    """How far a script came with those answers."""

    path: tuple[Passed, ...]
    at: AnyStep
    """The step it waits at; an End where it is through."""
    effects: tuple[Done, ...]
    run: Run
    unused: tuple[tuple[str, Value], ...] = ()
    """Answers of steps that did not come."""
    refused: str | None = None
    """Why the last answer was not taken."""


def tried(
    script: Script, given: Mapping[str, object], answers: Sequence[tuple[str, Value]], *, through: bool = True
) -> Trial:
    """Follow a linked script with these facts, answering each step with the next answer that names it.

    No other system is asked: it tells what its step is answered with, and nothing where that is null.
    `through`: steps that only say something are passed; else they too wait for their answer, which is null.
    """
    script, facts = _whenever(script), pretend(given)
    left = list(answers)
    moved = runs.begin(script, facts, at=WHENEVER)
    effects, refused = [*moved.effects], None
    while True:
        step = runs.standing(script, moved.run)
        found = next((place for place, (name, _) in enumerate(left) if name == step.id), None)
        if isinstance(step, End):
            break
        silent = isinstance(step, Say)
        if found is None and not (silent and through):
            break
        answer = left.pop(found)[1] if found is not None else None
        try:
            moved = _answered(script, moved.run, step, answer, facts)
        except (BadInput, Conflict) as error:
            refused = error.errors[0].detail if error.errors else error.detail
            break
        effects += moved.effects
    return Trial(
        path=tuple(_passed(script, moved.run, facts)),
        at=runs.standing(script, moved.run),
        effects=tuple(effects),
        run=moved.run,
        unused=tuple(left),
        refused=refused,
    )


def _whenever(script: Script) -> Script:
    """As though every moment that is answered lay ahead: a test is as good in ten years."""
    asking = [step for step in script.steps.values() if isinstance(step, Ask) and step.ahead]
    if not asking:
        return script
    timeless = {step.id: msgspec.structs.replace(step, ahead=False) for step in asking}
    return msgspec.structs.replace(script, steps=script.steps | timeless)


def _answered(script: Script, run: Run, step: AnyStep, answer: Value, facts: Mapping[str, Any]) -> Moved:
    if isinstance(step, Call):
        why = Silence.UNREACHABLE if answer is None else None
        return runs.told(script, run, Given(step=step.id, answer=answer, why=why, at=WHENEVER), facts)
    skipped = answer is None and not isinstance(step, Say)
    one = Given(step=step.id, answer=answer, kind="skipped" if skipped else "given", at=WHENEVER)
    return runs.take(script, run, one, facts)


def pretend(given: Mapping[str, object]) -> dict[str, Any]:
    """Facts as a run has them: what is not given is nothing, or an object without members."""
    facts: dict[str, Any] = dict.fromkeys(names.PLAIN)
    for name, members in names.MEMBERS.items():
        value = given.get(name)
        facts[name] = {**dict.fromkeys(members or ()), **value} if isinstance(value, Mapping) else value
    return {**facts, **{name: value for name, value in given.items() if name in names.PLAIN}}


def _passed(script: Script, run: Run, facts: Mapping[str, Any]) -> Iterator[Passed]:
    seen: dict[str, Any] = dict(facts)
    for place, given in enumerate(run):
        step = script.steps[given.step]
        weighed: list[Weighed] = []
        if isinstance(step, Check):
            told = {**seen, names.ANSWERS: runs.answers(script, run[:place], step.scope)}
            for branch in step.branches:
                answer = conditions.answer(branch.when, told, ANY)
                weighed.append(Weighed(branch.when, answer.holds, answer.error))
                if answer.holds:
                    break
        yield Passed(step, given, tuple(weighed))


def faults(script: Script, test: Case) -> Iterator[str]:
    """What came otherwise than the test expects, in words; nothing where it passes."""
    found = tried(script, test.given, test.answers)
    path = (*(passed.step.id for passed in found.path), found.at.id)
    if found.refused is not None:
        yield f"step {found.at.id} did not take its answer: {found.refused}"
    elif found.unused:
        yield f"step {found.unused[0][0]} never came, so its answer was not asked for; the way was {_way(path)}"
    if test.path is not None and path != test.path:
        yield f"the way was {_way(path)}, expected {_way(test.path)}"
    if test.ends is not None:
        ended = found.at.outcome if isinstance(found.at, End) else None
        if not isinstance(found.at, End):
            yield f"it stopped at {found.at.id}, expected the end {test.ends}"
        elif ended != test.ends:
            yield f"it ended with {ended or 'no outcome'}, expected {test.ends}"
    if test.effects is not None:
        done = tuple(summary(one.effect) for one in found.effects if counts(one))
        if done != test.effects:
            yield f"it did {_listed(done)}, expected {_listed(test.effects)}"


def counts(done: Done) -> bool:
    """Whether a test names it: an article that a step merely shows, and the outcome at the end, go without saying."""
    return not isinstance(done.effect, ShowArticle | SetOutcome)


def _way(path: Sequence[str]) -> str:
    return " → ".join(path)


def _listed(things: Sequence[str]) -> str:
    return ", ".join(things) if things else "nothing"
