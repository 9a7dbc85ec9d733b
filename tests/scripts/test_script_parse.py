"""Scripts from their files: what is taken, and how each mistake is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.reading import Misconfigured
from console.scripts.parse import SOURCE_MAX, parse, read
from console.scripts.script import Ask, Check, Do, Kind, ways

FIBRE = (Path(__file__).parent / "fibre.yaml").read_text()
END = "  - {step: done, end: solved}\n"


MANY = ", ".join(f"a{n}: x" for n in range(21))
CALLED = (
    "  - {{step: line, call: line, gives: {{light: text}}}}\n  - {{step: one, check: [{{when: '{}', go: done}}]}}\n"
)


def script(steps: str, top: str = "") -> str:
    return f"script: any\ntitle: Any\n{top}steps:\n{steps}{END}"


def told(text: str) -> list[str]:
    return [problem.at("f") for problem in read(text).problems]


def test_a_script_is_read_with_its_steps_in_order() -> None:
    found = parse(FIBRE)

    assert found.first == "verify"
    assert list(found.steps)[:3] == ["verify", "stopped", "care"]
    assert isinstance(found.steps["care"], Check)
    assert isinstance(found.steps["visit"], Do)
    assert ways(found.steps["light"]) == ("devices", "visit")
    assert len(found.tests) == 3


def test_a_step_leads_to_the_next_one_where_it_says_nothing_else() -> None:
    found = parse(
        script("  - {step: one, say: Hi}\n  - {step: two, ask: choice, answers: {a: A, b: {label: B, go: one}}}\n")
    )

    assert ways(found.steps["one"]) == ("two",)
    assert ways(found.steps["two"]) == ("done", "one")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[]", "f:1: must be a script"),
        ("script: Any\ntitle: A\n", "f:1: script: must be a name of a-z, 0-9 and -"),
        (script("  - {step: one}\n"), "f:4: steps[0]: does nothing; a step needs one of say, ask, check"),
        (script("  - {step: one, ask: text, end: solved}\n"), "is ask and end at once"),
        (script("  - {step: one, ask: colour}\n"), "steps[one].ask: must be one of choice, text, number"),
        (script("  - {step: one, ask: choice}\n"), "steps[one]: answers is missing"),
        (script("  - {step: one, ask: choice, answers: {a: A}}\n"), "has 1 answers; a choice has 2 to 30"),
        (script("  - {step: one, ask: text, answers: {a: A, b: B}}\n"), "only a choice has answers"),
        (script("  - {step: one, ask: number, from: 9, to: 1}\n"), "is less than from (9)"),
        (script("  - {step: one, ask: text, save: priority}\n"), "priority is a number, and this step asks for text"),
        (script("  - {step: true, say: Hi}\n"), "true is a word of the conditions' own"),
        (script("  - {step: one, say: Hi}\n  - {step: one, say: Ho}\n"), "step one is there twice, first on line 4"),
        (script("  - {step: one, say: Hi, go: tow}\n  - {step: two, say: Ho}\n"), "no step 'tow'; did you mean 'two'?"),
        (script("  - {step: one, say: 'Hi {customer.nam}'}\n"), "{customer.nam}; did you mean 'customer.name'?"),
        (script("  - {step: one, say: 'Hi {'}\n"), "a bracket { or }"),
        (
            script("  - {step: one, check: [{when: qeue == null, go: done}]}\n"),
            "unknown name 'qeue'; did you mean 'queue'?",
        ),
        (script("  - {step: one, do: []}\n"), "has 0 entries; 1 to 10 are taken"),
        (script("  - {step: one, do: [{escalate: {reason: x}}]}\n"), "must name a queue or an agent"),
        (script("  - {step: one, do: [{set: {owner: ana}}]}\n"), "must be one of subject, topic, priority, status"),
        (script("  - {step: one, do: [{add_task: {text: x, due: soon}}]}\n"), "must be a duration"),
        (script("  - {step: one, call: Line}\n"), "steps[one].call: must be the name of a system"),
        (script("  - {step: one, call: line, gives: {light: colour}}\n"), "must be one of text, number, yes_no"),
        (script("  - {step: one, call: line, gives: {a-b: text}}\n"), "must be a name of letters, digits and _"),
        (script("  - {step: one, call: line, send: {a: '{customer.nme}'}}\n"), "{customer.nme}; did you mean"),
        (script(f"  - {{step: one, call: line, send: {{{MANY}}}}}\n"), "has 21 entries; at most 20 are taken"),
        (script("  - {step: one, call: line}\n  - {step: two, say: '{answers.one}'}\n"), "unknown place {answers.one}"),
        (script(CALLED.format("answers.line.lite == 1")), "unknown member answers.line.lite; did you mean 'light'?"),
        (script(CALLED.format("answers.line.light == 1")), 'answers.line.light is text in "quotes", so it is never =='),
        (script("  - {step: one, do: [{callback: {text: x}}]}\n"), "must say when: in such as 2h, or at"),
        (
            script("  - {step: one, do: [{callback: {text: x, in: 1h, at: on}}]}\n"),
            "must say when: in such as 2h, or at",
        ),
        (script("  - {step: one, do: [{add_task: {text: x, due: 1h, at: on}}]}\n"), "due or at, not both"),
        (
            script("  - {step: day, ask: date}\n  - {step: one, do: [{callback: {text: x, at: day}}]}\n"),
            "'day' asks for no",
        ),
        ("script: a\ntitle: A\nsteps:\n  - {step: one, say: Hi}\n", "is the last step, so it must say where it leads"),
        (script("", top="when: answers.x == 1\n"), "unknown name 'answers'"),
        (script("", top="tests: [{name: t, answers: {on: a}}]\n"), "there is no step 'on'"),
        (script("", top="colour: red\n"), "colour: unknown key"),
        ("x" * (SOURCE_MAX + 1), "at most 200,000 are taken"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_what_would_be_right(text: str, says: str) -> None:
    assert any(says in line for line in told(text)), told(text)
    with pytest.raises(Misconfigured):
        parse(text)


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        ('answers.many == "3"', "answers.many is a number, so it is never =="),
        ("answers.colour == 3", 'answers.colour is text in "quotes"'),
        ('answers.colour == "rde"', "answers.colour has no answer 'rde'; did you mean 'red'?"),
        ('answers.colour in ["red", "blue"]', "has no answer 'blue'"),
        ('answers.colour > "red"', "is a choice: compare it with == or !="),
        ('answers.sure == "yes"', "answers.sure is true or false"),
        ('"3" != answers.many', "answers.many is a number"),
    ],
)
def test_an_answer_is_not_compared_with_what_it_can_never_be(condition: str, says: str) -> None:
    steps = (
        "  - {step: colour, ask: choice, answers: {red: Red, green: Green}}\n  - {step: many, ask: number}\n"
        f"  - {{step: sure, ask: yes_no}}\n  - step: test\n    check:\n      - when: '{condition}'\n        go: done\n"
    )

    assert any(says in line for line in told(script(steps))), told(script(steps))
    assert told(script(steps.replace(condition, "answers.many > 3 && answers.sure && answers.colour != null"))) == []


def test_a_call_leads_on_with_an_answer_and_without() -> None:
    called = CALLED.format('answers.line.light in ["loss"] && answers.line != null')
    found = parse(script(f"  - {{step: ask, call: line-test, else: sorry}}\n{called}  - {{step: sorry, say: Sorry}}\n"))

    assert ways(found.steps["ask"]) == ("line", "sorry")
    assert ways(found.steps["line"]) == ("one",)
    assert [(use.kind, use.name) for use in read(script(called)).uses] == [("system", "line"), ("outcome", "solved")]


def test_a_script_of_five_thousand_steps_is_refused_at_once() -> None:
    steps = "".join(f"  - {{step: s{n}, say: Hi}}\n" for n in range(5_000))

    assert any("has 5,001 steps; at most 300 are taken" in line for line in told(script(steps)))


def test_a_condition_that_would_never_end_is_refused() -> None:
    nested = "[1,2,3].all(a, [1,2,3].all(b, [1,2,3].all(c, a + b + c > 0)))"
    steps = f"  - {{step: one, check: [{{when: '{nested}', go: done}}]}}\n"

    assert any("stands inside another macro" in line for line in told(script(steps)))


def test_what_is_asked_has_its_kind_and_bounds() -> None:
    step = parse(FIBRE).steps["devices"]

    assert isinstance(step, Ask)
    assert (step.kind, step.lowest, step.highest) == (Kind.NUMBER, 1, 99)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=":-{}[]\n ,|#'\"&*!?abcstepsayakdochg0", max_size=300))
def test_whatever_is_written_is_taken_or_told_about(text: str) -> None:
    found = read(text)

    assert found.problems or found.script is not None
