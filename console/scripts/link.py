"""Scripts within scripts: one flat script of them all, in which each step still knows whose it is."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from console.errors import BadInput, FieldError
from console.scripts.script import (
    DEPTH_MAX,
    LINKED_STEPS_MAX,
    AnyStep,
    Ask,
    Call,
    Check,
    End,
    Leave,
    Script,
    Sub,
)


class Unlinkable(BadInput):
    """The scripts that it goes through do not fit together."""

    def __init__(self, step: str, detail: str) -> None:
        super().__init__(errors=(FieldError(step, detail),))


def circle(name: str, subs: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The way on which a script comes back to itself; nothing, where it never does."""
    done: set[str] = set()
    way: list[str] = []
    todo = [(name, 0)]
    while todo:
        at, nth = todo.pop()
        if nth == 0:
            if at in way:
                return (*way[way.index(at) :], at)
            if at in done:
                continue
            way.append(at)
        following = subs.get(at, ())
        if nth < len(following):
            todo += [(at, nth + 1), (following[nth], 0)]
        else:
            way.pop()
            done.add(at)
    return ()


def linked(script: Script, library: Mapping[str, Script]) -> Script:
    """The script with every sub-script in the place of the step that names it.

    Their steps are called `verify/pin`, the step `pin` within the script that the step `verify` goes through.
    Raises Unlinkable where one is missing, goes in circles, or is too much.
    """
    if round_ := circle(script.name, {name: one.subs for name, one in {**library, script.name: script}.items()}):
        raise Unlinkable("steps", f"goes in a circle: {' → '.join(round_)}")
    steps: dict[str, AnyStep] = {}
    todo: list[tuple[Script, Sub | None, int]] = [(script, None, 0)]
    while todo:
        one, within, depth = todo.pop()
        if depth > DEPTH_MAX:
            raise Unlinkable(within.id if within else "", f"more than {DEPTH_MAX} scripts within each other")
        if len(steps) + len(one.steps) > LINKED_STEPS_MAX:
            raise Unlinkable(within.id if within else "", f"more than {LINKED_STEPS_MAX:,} steps with its sub-scripts")
        scope = f"{within.id}/" if within else ""
        for step in one.steps.values():
            placed = _placed(step, scope, within)
            steps[placed.id] = placed
            if isinstance(placed, Sub):
                if placed.script not in library:
                    raise Unlinkable(placed.id, f"there is no published script {placed.script!r}")
                todo.append((library[placed.script], placed, depth + 1))
    entered = {step.id: f"{step.id}/{library[step.script].first}" for step in steps.values() if isinstance(step, Sub)}
    flat = {id_: _entering(step, entered) for id_, step in steps.items()}
    return msgspec.structs.replace(script, steps=flat, entry=_way(script.first, entered))


def _placed(step: AnyStep, scope: str, within: Sub | None) -> AnyStep:
    """The step under its full name, its ways too; an end within another script leaves that."""
    if within is None:
        return step
    if isinstance(step, End):
        return Leave(
            id=f"{scope}{step.id}",
            line=step.line,
            title=step.title,
            say=step.say,
            article=step.article,
            scope=scope,
            of=within.id,
            outcome=step.outcome,
            go=within.go,
        )
    return msgspec.structs.replace(_led(step, {}, scope), id=f"{scope}{step.id}", scope=scope)


def _entering(step: AnyStep, entered: Mapping[str, str]) -> AnyStep:
    """A way to a step that is a whole script leads to that script's first step."""
    return step if isinstance(step, Sub) else _led(step, entered, "")


def _led(step: AnyStep, to: Mapping[str, str], scope: str) -> AnyStep:
    def way(go: str) -> str:
        return _way(f"{scope}{go}", to)

    match step:
        case Ask(options=options, go=go):
            led = tuple(msgspec.structs.replace(option, go=way(option.go)) for option in options)
            return msgspec.structs.replace(step, options=led, go=way(go) if go else go)
        case Check(branches=branches, otherwise=otherwise):
            turned = tuple(msgspec.structs.replace(branch, go=way(branch.go)) for branch in branches)
            return msgspec.structs.replace(step, branches=turned, otherwise=way(otherwise))
        case Call(go=go, otherwise=otherwise):
            return msgspec.structs.replace(step, go=way(go), otherwise=way(otherwise))
        case End():
            return step
        case _:
            return msgspec.structs.replace(step, go=way(step.go))


def _way(go: str, entered: Mapping[str, str]) -> str:
    """Where that leads; the first step of a script that is entered may itself be a whole script."""
    while go in entered:
        go = entered[go]
    return go
