"""A script from its file: YAML that a person who does not program can read, each mistake told with its line.

What stands wrong in itself leaves no script at all; what does not fit the rest of it (a step that is not there, an
unknown name) leaves one that can be drawn and tried, and not be published.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any

import msgspec

from console import conditions, nodes
from console.nodes import Map, Seq
from console.reading import Fields, Misconfigured, Problem, Report, Use, Value, did_you_mean, good, shown
from console.scripts import names, scalars
from console.scripts.effects import Effects, article
from console.scripts.keys import BRANCH, BY_KIND, FILE, STEP, TEST
from console.scripts.script import (
    FIELDS,
    OPTIONS_MAX,
    STEPS_MAX,
    AnyStep,
    Ask,
    Branch,
    Call,
    Case,
    Check,
    Do,
    End,
    Kind,
    Option,
    Say,
    Script,
    Sub,
    Text,
)
from console.scripts.script import Value as Answer

SOURCE_MAX = 200_000
"""Characters: three hundred steps with long words in five languages."""
TITLE_MAX = 120
LABEL_MAX = 120
TESTS_MAX = 100
ANSWERS_MAX = 200
"""Of one test."""
ORDER_MAX = 1_000_000
SENT_MAX = 200
"""Characters of one thing that a system is told, before it is filled."""

LEADS_NOWHERE = "is the last step, so it must say where it leads (go, in a check else, in a call both), or be an end"

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}", re.ASCII)
_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}", re.ASCII)


class Parsed(msgspec.Struct, frozen=True):
    """What a file means, and what is wrong with it."""

    script: Script | None
    """None: too much is wrong to draw or try it."""
    problems: tuple[Problem, ...] = ()
    uses: tuple[Use, ...] = ()
    """Queues, agents, clocks, articles, scripts and outcomes that it names."""


@lru_cache(maxsize=256)
def read(text: str) -> Parsed:
    """The script of a file, or what is wrong. The same text means the same, so that it is read once."""
    if len(text) > SOURCE_MAX:
        return Parsed(None, (Problem(1, "", f"has {len(text):,} characters; at most {SOURCE_MAX:,} are taken"),))
    try:
        root = nodes.compose(text)
    except nodes.Unreadable as error:
        return Parsed(None, (Problem(error.line, "", error.detail),))
    if not isinstance(root, Map):
        return Parsed(None, (Problem(root.line, "", "must be a script: keys such as script, title and steps"),))
    reader = Reader()
    script = reader.script(Value(root, "", reader.report))
    structural = bool(reader.report.problems)
    if not structural and script is not None:
        reader.look_back(script)
    problems = tuple(sorted(reader.report.problems, key=lambda problem: problem.line))
    return Parsed(None if structural else script, problems, tuple(reader.report.uses))


def parse(text: str) -> Script:
    """The script of a file. Raises Misconfigured with every mistake in it."""
    parsed = read(text)
    if parsed.problems or parsed.script is None:
        raise Misconfigured(parsed.problems)
    return parsed.script


class Reader:
    """One file; what can be judged only when all steps are known is kept for then."""

    def __init__(self) -> None:
        self.report = Report()
        self._ways: list[tuple[Value, str]] = []
        self._conditions: list[tuple[Value, str]] = []
        self._texts: list[tuple[Value, str]] = []
        self._moments: list[tuple[Value, str]] = []
        self._effects = Effects(self.filled, self.moment)

    # --- the whole ---------------------------------------------------------------------------------------------

    def script(self, root: Value) -> Script | None:
        top = root.fields(tuple(FILE))
        name = top.need("script", lambda v: v.matching(_NAME, "a name of a-z, 0-9 and -, such as fibre-no-service"), "")
        title = top.need("title", partial(self.words, longest=TITLE_MAX), {"en": ""})
        language = top.take("language", scalars.language_of, "en")
        languages = top.take("languages", lambda v: v.unique(scalars.language_of), (language,))
        when = top.take("when", scalars.condition, None)
        order = top.take("order", lambda v: v.whole(0, ORDER_MAX), 100)
        steps = top.need("steps", self.steps, {})
        tests = top.take("tests", self.tests, ())
        if not steps and not self.report.problems:
            root.note("steps is empty; a script has at least one step, and ends with one that says end")
        if when is not None:
            for detail in conditions.problems(when, names.CASE):
                top.value("when").note(detail)
        if self.report.problems:
            return None
        return Script(
            name=name,
            title=title,
            language=language,
            languages=tuple(dict.fromkeys((language, *languages))),
            when=when,
            order=order,
            steps=steps | self._ahead(steps),
            tests=tests,
        )

    def _ahead(self, steps: Mapping[str, AnyStep]) -> dict[str, AnyStep]:
        """The questions for moments at which something is done: such a moment must lie ahead."""
        asking = [steps[name] for _, name in self._moments if name in steps]
        return {step.id: msgspec.structs.replace(step, ahead=True) for step in asking if isinstance(step, Ask)}

    def look_back(self, script: Script) -> None:
        """What only the whole file shows: steps that are not there, names that mean nothing, kinds that do not fit."""
        for value, step in self._ways:
            if step not in script.steps:
                value.note(f"there is no step {shown(step)}{did_you_mean(step, script.steps)}")
        known = names.vocabulary(script.steps.values())
        for value, condition in self._conditions:
            found = conditions.problems(condition, known) or [*names.misfits(condition, script)]
            for detail in found:
                value.note(detail)
        asking = [one.id for one in script.steps.values() if isinstance(one, Ask) and one.kind is Kind.MOMENT]
        for value, step in self._moments:
            if step not in asking:
                words = f"{shown(step)} asks for no moment{did_you_mean(step, asking)}"
                value.note(f"{words}; a step with ask: moment does")
        for value, text in self._texts:
            for detail in names.unfilled(text, known):
                value.note(detail)

    # --- words -------------------------------------------------------------------------------------------------

    def words(self, value: Value, *, longest: int = scalars.SAY_MAX, filled: bool = False) -> Text:
        """Text, or text by language. Where `filled`, it may have places such as {customer.name}."""
        read_one = partial(scalars.prose, longest=longest)
        if isinstance(value.node, Map):
            said = value.named(read_one, name=scalars.language_of)
            if not said:
                raise value.wrong("is empty; must be text, or text by language")
        else:
            said = {"": read_one(value)}
        if filled:
            self._texts += [(value, text) for text in said.values()]
        return said

    def line(self, value: Value, *, longest: int = LABEL_MAX) -> Text:
        return self.words(value, longest=longest)

    def filled(self, value: Value, *, longest: int = scalars.SAY_MAX) -> str:
        """Text with places, in one language: it is kept with the case."""
        text = scalars.prose(value, longest=longest)
        self._texts.append((value, text))
        return text

    # --- steps -------------------------------------------------------------------------------------------------

    def steps(self, value: Value) -> dict[str, AnyStep]:
        items = value.items()
        if len(items) > STEPS_MAX:
            raise value.wrong(
                f"has {len(items):,} steps; at most {STEPS_MAX} are taken: make parts of it scripts of their own"
            )
        ids = [scalars.id_of(item) for item in items]
        found: dict[str, AnyStep] = {}
        for place, item in enumerate(items):
            following = ids[place + 1] if place + 1 < len(ids) else ""
            for step in good(partial(self.step, following=following), [item]):
                if step.id in found:
                    item.note(f"step {step.id} is there twice, first on line {found[step.id].line}")
                found.setdefault(step.id, step)
        return found

    def step(self, value: Value, *, following: str) -> AnyStep:
        if not isinstance(value.node, Map):
            raise value.wrong("must be a step: keys such as step, say and ask")
        there = [key.text for key, _ in value.node.entries]
        kinds = [kind for kind in BY_KIND if kind in there and kind != "say"]
        if len(kinds) > 1:
            raise value.wrong(f"is {' and '.join(kinds)} at once; a step is one of {', '.join(BY_KIND)}")
        if not kinds and "say" not in there:
            raise value.wrong(f"does nothing; a step needs one of {', '.join(BY_KIND)}")
        kind = kinds[0] if kinds else "say"
        id_ = scalars.id_of(value)
        value = value.beside(f"steps[{id_}]" if id_ else value.key)
        keys = value.fields([*STEP, *([kind] if kind != "say" else []), *BY_KIND[kind]])
        id_ = keys.need("step", scalars.step_id, "")
        say = keys.take("say", partial(self.words, filled=True), None)
        title = keys.take("title", partial(self.line, longest=TITLE_MAX), None) or scalars.title_of(id_, say)
        named = keys.take("article", article, None)
        base: dict[str, Any] = {"id": id_, "line": value.line, "title": title, "say": say, "article": named}
        go = self._go(keys, following, needed=kind != "ask") if "go" in BY_KIND[kind] else ""
        match kind:
            case "ask":
                return self.ask(keys, base, go)
            case "check":
                return Check(
                    **base,
                    branches=keys.need("check", lambda v: scalars.some(v, v.each(self.branch)), ()),
                    otherwise=self._go(keys, following, key="else"),
                )
            case "call":
                return Call(
                    **base,
                    system=keys.need("call", self._named("system", _NAME), ""),
                    send=keys.take("send", lambda v: scalars.members(v, partial(self.filled, longest=SENT_MAX)), {}),
                    gives=keys.take("gives", scalars.gives, {}),
                    go=go,
                    otherwise=self._go(keys, following, key="else"),
                )
            case "do":
                return Do(
                    **base, effects=keys.need("do", lambda v: scalars.some(v, v.each(self._effects.read)), ()), go=go
                )
            case "script":
                return Sub(**base, script=keys.need("script", self._named("script", _NAME), ""), go=go)
            case "end":
                return End(**base, outcome=keys.take("end", self._named("outcome", _CODE), None))
            case _:
                return Say(**base, go=go)

    def _go(self, keys: Fields, following: str, *, key: str = "go", needed: bool = True) -> str:
        """Where it leads: where it says, else to the step that follows in the file."""
        if key in keys:
            return keys.take(key, self.way, "")
        if needed and not following:
            keys.whole.note(LEADS_NOWHERE)
        return following

    def way(self, value: Value) -> str:
        step = value.text("the name of a step")
        self._ways.append((value, step))
        return step

    def ask(self, keys: Fields, base: dict[str, Any], go: str) -> Ask:
        kind = Kind(keys.need("ask", lambda v: v.choice([k.value for k in Kind]), Kind.TEXT.value))
        options: tuple[Option, ...] = ()
        if kind is Kind.CHOICE:
            options = keys.need("answers", partial(self.options, go=go), ())
        elif "answers" in keys:
            keys.value("answers").note(f"only a choice has answers; {kind.value} takes what is typed")
        if kind is not Kind.NUMBER:
            for key in ("from", "to"):
                if key in keys:
                    keys.value(key).note("only a number has from and to")
        lowest, highest = keys.take("from", scalars.number, None), keys.take("to", scalars.number, None)
        if lowest is not None and highest is not None and lowest > highest:
            keys.value("to").note(f"is less than from ({lowest:g})")
        skip = keys.take("skip", Value.truth, default=False)
        ways = [option.go for option in options] if kind is Kind.CHOICE and not skip else [go]
        if "" in ways:
            keys.whole.note(LEADS_NOWHERE)
        save = keys.take("save", lambda v: v.choice(FIELDS), None)
        if save == "priority" and kind is not Kind.NUMBER:
            keys.value("save").note(f"priority is a number, and this step asks for {scalars.a_kind(kind)}")
        return Ask(
            **base,
            kind=kind,
            options=options,
            lowest=lowest,
            highest=highest,
            go=go,
            save=save,
            skip=skip,
        )

    def options(self, value: Value, *, go: str) -> tuple[Option, ...]:
        pairs = value.pairs()
        if not 2 <= len(pairs) <= OPTIONS_MAX:
            raise value.wrong(f"has {len(pairs)} answers; a choice has 2 to {OPTIONS_MAX}")
        found: list[Option] = []
        for key, item in pairs:
            for code in good(lambda k: k.matching(_CODE, "a short code of a-z, 0-9, _ and -"), [key]):
                found += good(partial(self.option, code=code, go=go), [item])
        return tuple(found)

    def option(self, value: Value, *, code: str, go: str) -> Option:
        if not isinstance(value.node, Map) or not any(key.text in ("label", "go") for key, _ in value.node.entries):
            return Option(code, self.line(value), go)
        keys = value.fields(("label", "go"))
        return Option(code, keys.need("label", self.line, {"": code}), keys.take("go", self.way, go))

    def branch(self, value: Value) -> Branch:
        keys = value.fields(tuple(BRANCH))
        when = keys.need("when", scalars.condition, "")
        if when:
            self._conditions.append((keys.value("when"), when))
        return Branch(when, keys.need("go", self.way, ""), keys.take("because", self.line, None), value.line)

    # --- names -------------------------------------------------------------------------------------------------

    def moment(self, value: Value) -> str:
        """A step that asks for the moment at which something is to be done."""
        step = value.text("the name of a step")
        self._moments.append((value, step))
        return step

    def _named(self, kind: str, pattern: re.Pattern[str]) -> Callable[[Value], str]:
        def read_name(value: Value) -> str:
            allowed = "an outcome such as solved" if kind == "outcome" else f"the name of a {kind}"
            name = value.matching(pattern, allowed)
            self.report.uses.append(Use(kind, name, value.line, value.key))
            return name

        return read_name

    # --- tests -------------------------------------------------------------------------------------------------

    def tests(self, value: Value) -> tuple[Case, ...]:
        items = value.items()
        if len(items) > TESTS_MAX:
            raise value.wrong(f"has {len(items)} tests; at most {TESTS_MAX} are taken")
        return value.each(self.test)

    def test(self, value: Value) -> Case:
        keys = value.fields(tuple(TEST))
        return Case(
            name=keys.need("name", lambda v: v.text("what it shows, in words"), ""),
            line=value.line,
            given=keys.take("given", scalars.given_facts, {}),
            answers=keys.take("answers", self.test_answers, ()),
            path=keys.take("path", lambda v: v.each(self.way_or_inner), None),
            ends=keys.take("ends", lambda v: v.matching(_CODE, "an outcome such as solved"), None),
            effects=keys.take("effects", lambda v: v.each(lambda one: " ".join(one.text("an effect").split())), None),
        )

    def test_answers(self, value: Value) -> tuple[tuple[str, Answer], ...]:
        found: list[tuple[str, Answer]] = []
        for key, item in value.pairs():
            step = self.way_or_inner(key)
            answers = (
                [scalars.answer(one) for one in item.items()] if isinstance(item.node, Seq) else [scalars.answer(item)]
            )
            found += [(step, answer) for answer in answers]
        if len(found) > ANSWERS_MAX:
            raise value.wrong(f"has {len(found)} answers; at most {ANSWERS_MAX} are taken")
        return tuple(found)

    def way_or_inner(self, value: Value) -> str:
        """A step of this script, or `verify/pin`: one within the script that its step goes through."""
        step = value.text("the name of a step")
        if "/" not in step:
            self._ways.append((value, step))
        return step
