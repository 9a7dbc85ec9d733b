"""What stands between a script and its publishing: told for all of it at once, each with its step and line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum

import msgspec

from console.reading import Problem, Use, did_you_mean, listed, shown
from console.scripts import graph, trial
from console.scripts.link import Unlinkable, circle, linked
from console.scripts.parse import Parsed
from console.scripts.script import AnyStep, Ask, Script, Text


class Code(StrEnum):
    """Kinds of findings."""

    MISTAKE = "mistake"
    """In the file itself: `detail` says which, and what would be right."""
    UNKNOWN_NAME = "unknown_name"
    OUT_OF_REACH = "out_of_reach"
    NO_END = "no_end"
    UNASKED_CIRCLE = "unasked_circle"
    SUBSCRIPTS = "subscripts"
    TEST_FAILS = "test_fails"
    # These stop nothing:
    NO_TESTS = "no_tests"
    UNTRANSLATED = "untranslated"


STOPS = frozenset(Code) - {Code.NO_TESTS, Code.UNTRANSLATED}
"""What keeps a script from being published."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    code: Code
    line: int = 1
    step: str | None = None
    detail: str
    """In a sentence, for whoever wrote the file."""
    number: int = 0
    """Of steps, where the finding counts them."""
    language: str | None = None

    @property
    def stops(self) -> bool:
        return self.code in STOPS

    def at(self, file: str) -> str:
        """As compilers write it: `fault.yaml:12: steps[light]: …`."""
        place = f"{file}:{self.line}: "
        return place + (f"{self.step}: {self.detail}" if self.step else self.detail)


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """Names that there are, by kind; None: nobody knows, so all are taken."""

    queues: frozenset[str] | None = None
    agents: frozenset[str] | None = None
    clocks: frozenset[str] | None = None
    articles: frozenset[str] | None = None
    systems: frozenset[str] | None = None
    outcomes: frozenset[str] | None = None

    def of(self, kind: str) -> frozenset[str] | None:
        kinds = {"queue": self.queues, "agent": self.agents, "clock": self.clocks, "system": self.systems}
        return {**kinds, "article": self.articles, "outcome": self.outcomes}.get(kind)


ANYTHING = Known()


def findings(parsed: Parsed, library: Mapping[str, Script], known: Known = ANYTHING) -> tuple[Finding, ...]:
    """Everything that is to be said of it; `library` is what is published of the other scripts."""
    found = [*_mistakes(parsed.problems), *_unknown(parsed.uses, known)]
    script = parsed.script
    if script is not None:
        found += [*_graph(script), *_subscripts(script, library)]
        found += _translations(script)
        if not any(one.stops for one in found):
            found += _tests(script, library)
    return tuple(sorted(found, key=lambda one: (not one.stops, one.line)))


def _mistakes(problems: tuple[Problem, ...]) -> Iterator[Finding]:
    for problem in problems:
        yield Finding(code=Code.MISTAKE, line=problem.line, step=problem.key or None, detail=problem.detail)


def _unknown(uses: tuple[Use, ...], known: Known) -> Iterator[Finding]:
    for use in uses:
        names = known.of(use.kind)
        if names is not None and use.name not in names:
            detail = f"there is no {use.kind} {shown(use.name)}{did_you_mean(use.name, names)}; {listed(sorted(names))}"
            yield Finding(code=Code.UNKNOWN_NAME, line=use.line, step=use.key, detail=detail)


def _graph(script: Script) -> Iterator[Finding]:
    reached, ending = {*graph.walk(script).order}, graph.ending(script)
    for id_, step in script.steps.items():
        if id_ not in reached:
            yield Finding(code=Code.OUT_OF_REACH, line=step.line, step=id_, detail="no step leads here")
        elif id_ not in ending:
            detail = "from here no way comes to an end: it goes round for ever"
            yield Finding(code=Code.NO_END, line=step.line, step=id_, detail=detail)
    if round_ := graph.unasked_circle(script):
        detail = f"goes round without asking anybody: {' → '.join(round_)}"
        yield Finding(code=Code.UNASKED_CIRCLE, line=script.steps[round_[0]].line, step=round_[0], detail=detail)


def _subscripts(script: Script, library: Mapping[str, Script]) -> Iterator[Finding]:
    if not script.subs:
        return
    if round_ := circle(script.name, {name: one.subs for name, one in {**library, script.name: script}.items()}):
        detail = f"goes in a circle: {' → '.join(round_)}"
        yield Finding(code=Code.SUBSCRIPTS, line=1, detail=detail)
        return
    try:
        linked(script, library)
    except Unlinkable as error:
        [wrong] = error.errors
        step = script.steps.get(wrong.field.partition("/")[0])
        yield Finding(
            code=Code.SUBSCRIPTS, line=step.line if step else 1, step=step.id if step else None, detail=wrong.detail
        )


def _tests(script: Script, library: Mapping[str, Script]) -> Iterator[Finding]:
    if not script.tests:
        yield Finding(code=Code.NO_TESTS, detail="it has no tests of its own")
    whole = linked(script, library)
    for test in script.tests:
        for detail in trial.faults(whole, test):
            yield Finding(code=Code.TEST_FAILS, line=test.line, step=test.name, detail=detail)


def _translations(script: Script) -> Iterator[Finding]:
    for language in script.languages[1:]:
        missing = [step.id for step in script.steps.values() if not all(language in text for text in texts(step))]
        if missing:
            yield Finding(
                code=Code.UNTRANSLATED,
                line=script.steps[missing[0]].line,
                step=missing[0],
                detail=f"{len(missing)} steps are not in {language} yet",
                number=len(missing),
                language=language,
            )


def texts(step: AnyStep) -> Iterator[Text]:
    """Everything of a step that a reader sees."""
    if step.say is not None:
        yield step.say
    elif isinstance(step, Ask):
        yield step.title
    if isinstance(step, Ask):
        yield from (option.label for option in step.options)
