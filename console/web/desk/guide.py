"""The guided script as the desk shows it: the trail, what to say now, the answers to choose from; in the reader's words."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

import msgspec
from markupsafe import Markup, escape

from console.queries.desktop import DeskScreen
from console.queries.desktop_script import OnDesk
from console.queries.knowledge import Named
from console.scripts import answer as answers
from console.scripts import names, run
from console.scripts.run import Asked
from console.scripts.script import AnyStep, Ask, Call, End, Kind, Leave, Script, Value, in_language
from console.web.words import Words, phone

CELLS_MAX = 12
"""Of the bar that shows how far it is; longer scripts fill it in steps."""
_BOLD = re.compile(r"\*\*(.+?)\*\*")


class Passed(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the trail."""

    nth: int
    step: AnyStep
    title: str
    answer: str | None
    value: Value
    kind: str
    why: str | None
    by: str | None
    options: tuple[tuple[str, str], ...]
    changeable: bool
    silent: str | None
    """Why another system gave no answer."""


class Panel(msgspec.Struct, frozen=True, kw_only=True):
    """The script as its part shows it."""

    number: str
    run: str | None = None
    title: str = ""
    version: int = 0
    state: str = ""
    outcome: str | None = None
    why: str | None = None
    nth: int = 0
    at: int = 0
    """Of the step, from 1."""
    total: int = 0
    cells: tuple[str, ...] = ()
    trail: tuple[Passed, ...] = ()
    step: AnyStep | None = None
    heading: str = ""
    say: Markup | None = None
    options: tuple[tuple[str, str], ...] = ()
    article: Named | None = None
    problems: tuple[tuple[str, str], ...] = ()
    offers: tuple[tuple[str, str], ...] = ()
    asking: Asked | None = None
    """Of another system, while it is waited for."""

    @property
    def kind(self) -> str:
        return self.step.kind.value if isinstance(self.step, Ask) else "say"


def panel(on_desk: OnDesk | None, words: Words, today: date) -> Panel | None:
    """What is drawn, in the reader's language; None: there is nothing about scripts to show."""
    if on_desk is None or (on_desk.row is None and not on_desk.offers):
        return None
    language = words.language
    offers = tuple((one.name, in_language(one.title, language)) for one in on_desk.offers)
    row, script = on_desk.row, on_desk.script
    if row is None or script is None:
        return Panel(number=on_desk.number, offers=offers)
    step = run.standing(script, on_desk.run)
    waiting = row.state == "running" and not isinstance(step, End)
    done, ahead = run.passed(on_desk.run), run.to_come(script, on_desk.run)
    titles = {id_: in_language(one.title, language) for id_, one in script.steps.items()}
    return Panel(
        number=on_desk.number,
        run=row.id,
        title=in_language(script.title, language),
        version=row.version,
        state=row.state,
        outcome=row.outcome,
        why=row.why,
        nth=len(on_desk.run),
        at=done + 1,
        total=done + ahead,
        cells=_cells(done, done + ahead) if waiting else (),
        trail=_trail(on_desk, script, words, today, changeable=waiting),
        step=step if waiting else None,
        heading=titles[step.id],
        say=said(on_desk, script, step, words, today),
        options=_options(step, language),
        article=on_desk.article,
        problems=tuple((titles.get(one, one), problem) for one, problem in on_desk.problems),
        offers=offers,
        asking=_in_order(step, row.asking.asked) if row.asking and isinstance(step, Call) else None,
    )


def _in_order(step: Call, asked: Asked) -> Asked:
    """As the script says it: the database keeps no order."""
    return msgspec.structs.replace(asked, sent={name: asked.sent.get(name, "") for name in step.send})


def _cells(done: int, total: int) -> tuple[str, ...]:
    """Done, now, to come: of each as many as the bar has room for."""
    count = max(1, min(total, CELLS_MAX))
    at = min(count - 1, done * count // max(1, total))
    return tuple("d" if n < at else "c" if n == at else "" for n in range(count))


def _trail(on_desk: OnDesk, script: Script, words: Words, today: date, *, changeable: bool) -> tuple[Passed, ...]:
    found = []
    for nth, given in enumerate(on_desk.run):
        step = script.steps[given.step]
        if not isinstance(step, Ask) and given.kind != "filled" and not step.say:
            continue
        if isinstance(step, Leave):
            continue
        found.append(
            Passed(
                nth=nth,
                step=step,
                title=in_language(step.title, words.language),
                answer=worded(step, given.answer, words, today)
                if isinstance(step, Ask | Call)
                else _because(step, given),
                value=given.answer,
                kind=given.kind,
                why=given.why,
                by=on_desk.names.get(given.by, given.by) if given.by else None,
                options=_options(step, words.language),
                changeable=changeable and isinstance(step, Ask),
                silent=run.silent(given),
            )
        )
    return tuple(found)


def _because(step: AnyStep, given: run.Given) -> str | None:
    """Why a check led where it did, where its author has said so."""
    for branch in getattr(step, "branches", ()):
        if branch.when == given.why and branch.because:
            return str(next(iter(branch.because.values())))
    return None


def worded(step: Ask | Call, answer: Value, words: Words, today: date) -> str | None:
    """An answer as its reader writes it."""
    if isinstance(step, Call):
        told = [f"{member}: {_plainly(value, words)}" for member, value in answers.told(step, answer)]
        return words.listed(told, "unit") or (None if answer is None else words.say("answered"))
    return _worded(step, answer, words, today)


def _worded(step: Ask, answer: Value, words: Words, today: date) -> str | None:
    match answer:
        case None:
            return None
        case bool() | int() | float():
            return _plainly(answer, words)
        case str() if step.kind is Kind.MOMENT:
            at = datetime.fromisoformat(answer)
            return words.say("%(day)s %(time)s", day=words.day(at.date(), today), time=words.time(at, at.tzinfo or UTC))
        case str() if step.kind is Kind.DATE:
            return words.day(date.fromisoformat(answer), today)
        case str() if step.kind is Kind.PHONE:
            return phone(answer)
        case str() if step.kind is Kind.CHOICE:
            option = step.option(answer)
            return in_language(option.label, words.language) if option else answer
        case _:
            return str(answer)


def _plainly(value: object, words: Words) -> str:
    match value:
        case bool():
            return words.say("Yes") if value else words.say("No")
        case int():
            return words.number(value)
        case float():
            return f"{value:g}"
        case _:
            return str(value)


def _options(step: AnyStep, language: str) -> tuple[tuple[str, str], ...]:
    if not isinstance(step, Ask):
        return ()
    return tuple((one.code, in_language(one.label, language)) for one in step.options)


def said(on_desk: OnDesk, script: Script, step: AnyStep, words: Words, today: date) -> Markup | None:
    """What the agent says, its places filled and `**` made bold; whatever fills them is text."""
    if step.say is None:
        return None
    given = run.answers(script, on_desk.run, step.scope)
    told: dict[str, Any] = {}
    for own, answer in given.items():
        asked = script.steps.get(f"{step.scope}{own}")
        told[own] = worded(asked, answer, words, today) if isinstance(asked, Ask) else answer

    def shown(place: str, value: Any) -> str:
        text = _plainly(value, words)
        return phone(text) if place in ("customer.phone", "from", "to", "call.from", "call.to") else text

    text = names.filled(in_language(step.say, words.language), {**on_desk.facts, names.ANSWERS: told}, shown)
    return bold(text)


def bold(text: str) -> Markup:
    """With what stands between `**` in bold."""
    return Markup(_BOLD.sub(r"<b>\1</b>", str(escape(text))))  # noqa: S704 - escaped, and then made bold


def context(screen: DeskScreen, words: Words, today: date) -> dict[str, Any]:
    """For `desk/_script.html`."""
    return {"dialog": panel(screen.shown.script if screen.shown else None, words, today), "dialog_wrong": None}
