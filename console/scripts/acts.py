"""What the buttons of a step's form do to it: rows that come, go and change places."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from console.scripts.edit import Keys
from console.scripts.form import DEEDS, Answer, Deed, StepForm, Way
from console.scripts.rows import Row, Rows, Sign, condition_of
from console.scripts.script import Kind
from console.scripts.written import Raw

T = TypeVar("T")


class Fresh(msgspec.Struct, frozen=True, kw_only=True):
    """What new rows begin with, in the author's words and with names there are."""

    answer: str
    yes: str
    no: str
    task: str
    name: str
    value: str
    """Of a condition."""
    go: str
    """The step that a new way leads to."""
    to: str = "queue:"
    """Where a case is handed."""
    clock: str = ""


class Act(msgspec.Struct, frozen=True):
    """Which button was pressed: its verb, of which list, at which places."""

    verb: str
    what: str = ""
    places: tuple[int, ...] = ()


def done(form: StepForm, act: Act, fresh: Fresh) -> StepForm:
    """The form after it; an act that does not fit it does nothing."""
    form = _fitting(form, fresh)
    match act:
        case Act("add", "answer"):
            answers = (*form.answers, Answer(code=_code(form), label=fresh.answer))
            return msgspec.structs.replace(form, answers=answers)
        case Act("add", "way"):
            row = Row(fresh.name, Sign.IS, (fresh.value,))
            return msgspec.structs.replace(form, ways=(*form.ways, Way(rows=Rows((row,)), text="", go=fresh.go)))
        case Act("add", "row", (way,)):
            return _with_rows(form, way, lambda rows: (*rows, Row(fresh.name, Sign.IS, (fresh.value,))))
        case Act("drop", "row", (way, row)):
            return _with_rows(form, way, lambda rows: _without(rows, row) or rows)
        case Act("drop", what, (place,)):
            return _listed(form, what, lambda every: _without(every, place))
        case Act("up", what, (place,)):
            return _listed(form, what, lambda every: _swapped(every, place - 1))
        case Act("down", what, (place,)):
            return _listed(form, what, lambda every: _swapped(every, place))
        case _:
            return form


def with_deed(form: StepForm, kind: str, fresh: Fresh) -> StepForm:
    """With another effect of that kind."""
    begins = {
        "text": fresh.task,
        "reason": fresh.task,
        "in": "1h",
        "field": "topic",
        "value": fresh.task,
        "name": fresh.clock,
        "to": fresh.to,
    }
    fields = {name: begins.get(name, "") for name in DEEDS.get(kind, ())}
    return msgspec.structs.replace(form, deeds=(*form.deeds, Deed(kind=kind, fields=fields))) if fields else form


def _fitting(form: StepForm, fresh: Fresh) -> StepForm:
    """A question that has just become a choice begins with yes and no."""
    if form.kind != "ask" or form.ask != Kind.CHOICE or form.answers:
        return form
    return msgspec.structs.replace(
        form, answers=(Answer(code="yes", label=fresh.yes), Answer(code="no", label=fresh.no))
    )


def _code(form: StepForm) -> str:
    taken = {answer.code for answer in form.answers}
    return next(code for number in range(len(taken) + 1, 10**6) if (code := f"answer_{number}") not in taken)


def _listed(form: StepForm, what: str, change: Callable[[tuple[Any, ...]], tuple[Any, ...]]) -> StepForm:
    field = {"answer": "answers", "way": "ways", "deed": "deeds"}.get(what)
    return msgspec.structs.replace(form, **{field: change(getattr(form, field))}) if field else form


def _with_rows(form: StepForm, place: int, change: Callable[[tuple[Row, ...]], tuple[Row, ...]]) -> StepForm:
    ways = [*form.ways]
    if place < len(ways) and (rows := ways[place].rows) is not None:
        ways[place] = msgspec.structs.replace(ways[place], rows=msgspec.structs.replace(rows, rows=change(rows.rows)))
    return msgspec.structs.replace(form, ways=tuple(ways))


def _without(every: tuple[T, ...], place: int) -> tuple[T, ...]:
    return every[:place] + every[place + 1 :]


def _swapped(every: tuple[T, ...], first: int) -> tuple[T, ...]:
    """With the one at that place behind the next."""
    if not 0 <= first < len(every) - 1:
        return every
    return (*every[:first], every[first + 1], every[first], *every[first + 2 :])


def begun(kind: str, title: str, id_: str, fresh: Fresh, ahead: str) -> Keys:
    """A new step of a kind as its keys; `ahead`: where it leads, or nothing where the step below is meant."""
    head: Keys = {"step": id_, "title": title}
    go: Keys = {"go": ahead} if ahead else {}
    match kind:
        case "ask":
            return {**head, "ask": "choice", "answers": {"yes": fresh.yes, "no": fresh.no}, **go}
        case "check":
            ways: list[Raw] = [
                {"when": condition_of(Rows((Row(fresh.name, Sign.IS, (fresh.value,)),))), "go": fresh.go}
            ]
            return {**head, "check": ways, **({"else": ahead} if ahead else {})}
        case "do":
            return {**head, "do": [{"add_task": title}], **go}
        case "end":
            return {**head, "end": "solved"}
        case _:
            return {"step": id_, "say": title, **go}
