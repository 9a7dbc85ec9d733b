"""The workbench on which a script is written: what its parts are drawn from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from console.reading import Misconfigured, whole
from console.scripts import graph, names, parse
from console.scripts.check import Code, Finding
from console.scripts.difference import between, count
from console.scripts.graph import Drawing
from console.scripts.scalars import given_facts
from console.scripts.script import (
    AnyStep,
    Ask,
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
from console.web.desk.parts import outcomes
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


def kind_of(step: AnyStep) -> str:
    """The word for it in the outline and the drawing."""
    match step:
        case Ask():
            return "ask"
        case Check():
            return "check"
        case Do():
            return "do"
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
        "phone": words.say("phone number"),
        "yes_no": words.say("yes or no"),
    }


def outline(script: Script, drawing: Drawing, language: str) -> tuple[Outlined, ...]:
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

    @property
    def ended(self) -> bool:
        return self.trial is not None and isinstance(self.trial.at, End)


def facts_of(text: str) -> dict[str, object]:
    """Pretended facts as they were typed. Raises Misconfigured."""
    return whole(text, "facts such as queue: faults", given_facts) if text.strip() else {}


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


def context(bench: Workbench, words: Words) -> dict[str, Any]:
    """For `scripts/bench.html` and its parts."""
    script = bench.checked.parsed.script
    drawing = graph.drawn(script) if script is not None and script.steps else None
    current = next((one for one in bench.versions if one.version == bench.in_force), None)
    return {
        "bench": bench,
        "title": in_language(script.title, words.language) if script else bench.name,
        "script": script,
        "drawing": drawing,
        "outline": outline(script, drawing, words.language) if script and drawing else (),
        "findings": [(finding, finding_words(words, finding)) for finding in bench.checked.findings],
        "names_offered": names.offered(script) if script else (),
        "kinds": kinds(words),
        "answer_kinds": answer_kinds(words),
        "changes": count(between(current.source, bench.source)) if current and bench.draft else 0,
        "attempt": Attempt(),
        "source_max": parse.SOURCE_MAX,
    }


def answer_words(step: AnyStep, value: Value, words: Words) -> str:
    """An answer of a test run: the label of a choice, else what was given."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return words.say("Yes") if value else words.say("No")
    option = step.option(value) if isinstance(step, Ask) else None
    return in_language(option.label, words.language) if option else str(value)
