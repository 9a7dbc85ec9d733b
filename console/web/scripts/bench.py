"""The workbench on which a script is written: what its parts are drawn from."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import msgspec
from markupsafe import Markup

from console.queries.scripts import Report
from console.reading import Misconfigured, whole
from console.scripts import graph, names, parse, trial
from console.scripts.check import Code, Finding
from console.scripts.difference import between, count, steps_changed
from console.scripts.graph import Drawing
from console.scripts.scalars import given_facts
from console.scripts.script import (
    AnyStep,
    Ask,
    Call,
    Check,
    Do,
    End,
    Leave,
    Script,
    Sub,
    Value,
    in_language,
    summary,
    ways,
)
from console.scripts.trial import Trial
from console.services.scripting import Workbench
from console.web.desk.guide import bold
from console.web.desk.parts import outcomes
from console.web.scripts import stepping
from console.web.scripts.stepping import Changed
from console.web.words import Words

FACTS_MAX = 4_000


class Outlined(msgspec.Struct, frozen=True, kw_only=True):
    """A step in the outline: what it is, and where it leads under which words."""

    number: int
    step: AnyStep
    kind: str
    title: str
    say: str | None
    leads: tuple[tuple[str, str], ...]
    """Words, and the step that they lead to."""
    does: tuple[str, ...]
    lost: bool
    changed: str | None
    """`new`, `edited`, against the version in force."""


class Passed(msgspec.Struct, frozen=True):
    """A check and what it came to."""

    tone: str
    """`ok`, `bad` or `warn`."""
    said: str
    line: int | None = None
    step: str | None = None


def kind_of(step: AnyStep) -> str:
    """The word for it in the outline and the drawing."""
    match step:
        case Ask():
            return "ask"
        case Check():
            return "check"
        case Do():
            return "do"
        case Call():
            return "call"
        case Sub():
            return "script"
        case End() | Leave():
            return "end"
        case _:
            return "say"


def kinds(words: Words) -> dict[str, str]:
    return {
        "ask": words.say("question"),
        "check": words.say("check"),
        "do": words.say("action"),
        "call": words.say("another system"),
        "script": words.say("another script"),
        "end": words.say("end"),
        "say": words.say("say"),
    }


def answer_kinds(words: Words) -> dict[str, str]:
    """Of the values that names stand for."""
    return {
        "text": words.say("text"),
        "number": words.say("number"),
        "choice": words.say("choice"),
        "date": words.say("date"),
        "moment": words.say("day and time"),
        "phone": words.say("phone number"),
        "yes_no": words.say("yes or no"),
    }


def outline(script: Script, drawing: Drawing, before: Script | None, language: str) -> tuple[Outlined, ...]:
    """The steps in the order of the file; `before`: as they are in force."""
    changes = steps_changed(before, script) if before is not None else {}
    lost = {box.step.id for box in drawing.boxes if box.lost}
    return tuple(
        Outlined(
            number=number,
            step=step,
            kind=kind_of(step),
            title=in_language(step.title, language),
            say=in_language(step.say, language) if step.say else None,
            leads=_leads(step, language),
            does=tuple(summary(effect) for effect in step.effects) if isinstance(step, Do) else (),
            lost=step.id in lost,
            changed=changes.get(step.id),
        )
        for number, step in enumerate(script.steps.values(), start=1)
    )


def _leads(step: AnyStep, language: str) -> tuple[tuple[str, str], ...]:
    match step:
        case Ask(options=options) if options:
            return tuple((in_language(option.label, language), option.go) for option in options)
        case Check(branches=branches, otherwise=otherwise):
            found = [
                (in_language(branch.because, language) if branch.because else branch.when, branch.go)
                for branch in branches
            ]
            return (*found, ("", otherwise))
        case _:
            return tuple(("", way) for way in ways(step))


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """The test-run pane."""

    facts: str = ""
    answers: tuple[tuple[str, Value], ...] = ()
    test: int | None = None
    trial: Trial | None = None
    wrong: str | None = None
    """What is the matter with the pretended facts."""
    spoken: Markup | None = None
    """What the agent says at the step where it waits."""
    known: tuple[tuple[str, str], ...] = ()
    """The facts one by one, as conditions name them."""

    @property
    def ended(self) -> bool:
        return self.trial is not None and isinstance(self.trial.at, End)


def facts_of(text: str) -> dict[str, object]:
    """Pretended facts as they were typed. Raises Misconfigured."""
    return whole(text, "facts such as queue: faults", given_facts) if text.strip() else {}


def spoken(tried: Trial, given: Mapping[str, object], words: Words) -> Markup | None:
    """What the agent says where the run waits, filled with what is pretended and was answered."""
    if tried.at.say is None:
        return None
    told = {
        one.step.own: answer_words(one.step, one.given.answer, words)
        for one in tried.path
        if one.step.scope == tried.at.scope
    }
    facts = {**trial.pretend(given), names.ANSWERS: told}
    return bold(names.filled(in_language(tried.at.say, words.language), facts, lambda _, value: str(value)))


def singly(facts: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """Facts one by one: `contract.sla` is gold."""
    found: list[tuple[str, str]] = []
    for name, value in facts.items():
        if isinstance(value, dict):
            found += [(f"{name}.{key}", _scalar(one).strip('"')) for key, one in value.items()]
        else:
            found.append((name, _scalar(value).strip('"')))
    return tuple(found)


def typed(facts: dict[str, object]) -> str:
    """Facts of a test as somebody would type them."""
    lines = []
    for name, value in facts.items():
        if isinstance(value, dict):
            inner = ", ".join(f"{key}: {_scalar(one)}" for key, one in value.items())
            lines.append(f"{name}: {{{inner}}}")
        else:
            lines.append(f"{name}: {_scalar(value)}")
    return "\n".join(lines)


def _scalar(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return msgspec.json.encode(value).decode() if isinstance(value, str) else str(value)


def first_problem(error: Misconfigured) -> str:
    return error.problems[0].detail


def finding_words(words: Words, finding: Finding) -> str:
    """What is said of a finding; mistakes in the file are told in the words of whoever reads files."""
    match finding.code:
        case Code.OUT_OF_REACH:
            return words.say("No step leads here.")
        case Code.NO_END:
            return words.say("From here no way comes to an end: it goes round for ever.")
        case Code.UNASKED_CIRCLE:
            return words.say("Goes round without asking anybody.")
        case Code.NO_TESTS:
            return words.say("It has no tests of its own.")
        case Code.UNTRANSLATED:
            return words.say(
                "%(number)s steps are not in this language yet: %(language)s",
                number=finding.number,
                language=finding.language or "",
            )
        case _:
            return finding.detail


def passed(script: Script | None, findings: Collection[Finding], words: Words) -> tuple[Passed, ...]:
    """Every check with what it came to: those that fail first, then those that hold."""
    found = [Passed("bad" if one.stops else "warn", finding_words(words, one), one.line, one.step) for one in findings]
    if script is None or not script.steps:
        return tuple(found)
    codes = {one.code for one in findings}
    holds = [
        (Code.OUT_OF_REACH, words.say("Every step can be reached")),
        (Code.NO_END, words.say("Every path ends")),
        (Code.UNKNOWN_NAME, words.say("Every name is known")),
    ]
    if Code.MISTAKE in codes:
        holds.pop()
    found += [Passed("ok", said) for code, said in holds if code not in codes]
    return tuple(found)


def measured(script: Script, findings: Collection[Finding]) -> dict[str, int | None]:
    """What the checks count: ways back (None, where one goes round unasked), tests that pass, steps of the longest way."""
    circle = any(one.code is Code.UNASKED_CIRCLE for one in findings)
    stopped = any(one.stops for one in findings)
    return {
        "back": None if circle else len(graph.walk(script).returns),
        "tests": None if stopped else len(script.tests),
        "longest": graph.longest(script).get(script.first, 0),
    }


class Told(msgspec.Struct, frozen=True):
    """What runs of the version in force said: where most are left, what is skipped most."""

    version: int
    runs: int
    left: tuple[str, float] | None = None
    """Title of the step, and the share of runs."""
    skipped: tuple[str, float] | None = None


def told_by_runs(report: Report, bench: Workbench, language: str) -> Told | None:
    """None, where nothing ran yet."""
    if bench.in_force is None or not report.runs or bench.current is None:
        return None
    script = parse.read(bench.current.source).script
    titles = {id_: in_language(one.title, language) for id_, one in script.steps.items()} if script else {}
    left = max(report.steps, key=lambda at: at.left, default=None)
    asked = [at for at in report.steps if at.skipped]
    skipped = max(asked, key=lambda at: at.skipped / (at.answered + at.skipped), default=None)
    return Told(
        bench.in_force,
        report.runs,
        (titles.get(left.step, left.step), left.left / report.runs) if left and left.left else None,
        (titles.get(skipped.step, skipped.step), skipped.skipped / (skipped.answered + skipped.skipped))
        if skipped
        else None,
    )


def said(words: Words, people: Mapping[str, str]) -> dict[str, Any]:
    """What the templates call to word something."""
    return {
        "outcomes": outcomes(words),
        "label": lambda text: in_language(text, words.language),
        "answered": lambda step, value: answer_words(step, value, words),
        "does": summary,
        "person": lambda username: people.get(username, username),
        "people": lambda usernames: words.listed([people.get(one, one) for one in usernames]),
    }


def context(
    bench: Workbench, words: Words, *, step: str = "", language: str = "", said: Changed | None = None
) -> dict[str, Any]:
    """For `scripts/bench.html` and its parts; `step` is the one that is looked at, in which language it is written."""
    script = bench.checked.parsed.script
    language = language or words.language
    if script is not None and script.steps and step not in script.steps:
        step = next(iter(script.steps))
    drawing = graph.drawn(script, step) if script is not None and script.steps else None
    current = bench.current
    before = parse.read(current.source).script if current and bench.source != current.source else None
    return {
        "bench": bench,
        "title": in_language(script.title, words.language) if script else bench.name,
        "script": script,
        "drawing": drawing,
        "box_wide": graph.WIDE,
        "looked_at": step,
        "outline": outline(script, drawing, before, words.language) if script and drawing else (),
        "checks": passed(script, bench.checked.findings, words),
        "measured": measured(script, bench.checked.findings) if script and script.steps else None,
        "names_offered": names.offered(script) if script else (),
        "kinds": kinds(words),
        "answer_kinds": answer_kinds(words),
        "changes": count(between(current.source, bench.source)) if current and bench.draft else 0,
        "attempt": Attempt(),
        "source_max": parse.SOURCE_MAX,
        **stepping.context(bench, words, step=step, language=language, said=said),
    }


def answer_words(step: AnyStep, value: Value, words: Words) -> str:
    """An answer of a test run: the label of a choice, else what was given."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return words.say("Yes") if value else words.say("No")
    option = step.option(value) if isinstance(step, Ask) else None
    return in_language(option.label, words.language) if option else str(value)
