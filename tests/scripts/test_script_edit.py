"""A step of a script changed by its form: the text says what was meant, and nothing else in it is touched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.nodes import compose
from console.scripts import acts, edit, written
from console.scripts.acts import Act, Fresh
from console.scripts.difference import steps_changed
from console.scripts.edit import Unwritable
from console.scripts.form import Tongue, difference, form_of, keys_of
from console.scripts.parse import parse, read
from console.scripts.rows import Row, Rows, Sign, condition_of, fits, rows_of, shown, typed
from console.scripts.written import Plain

FIBRE = (Path(__file__).parent / "fibre.yaml").read_text()
ENGLISH, PERSIAN = Tongue("en", "en"), Tongue("fa", "en")
FRESH = Fresh(answer="New", yes="Yes", no="No", task="To do", name="queue", value="faults", go="done")
BRACKETS = "{script: a, title: A, steps: [{step: one, say: Hi}, {step: done, end: }], tests: [{name: x, answers: {one: null}}]}"
ODD = """script: odd
title: Odd
steps:
  # Said first.
  -
    # Why so.
    step: one
    say: |
      Good day.

      How are you?
    go: done  # at once
  # The end of it.
  - {step: done, end: solved}  # all
"""


def meaning(source: str) -> dict[str, Any]:
    """Everything that a script says, without where it says it."""
    told = msgspec.to_builtins(parse(source))

    def placeless(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: placeless(one) for key, one in value.items() if key != "line"}
        return [placeless(one) for one in value] if isinstance(value, list | tuple) else value

    return dict(placeless(told))


# --- the text ---------------------------------------------------------------------------------------------------------

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
VALUES = st.recursive(
    st.one_of(WORDS, st.sampled_from([Plain("3"), Plain("true"), Plain(""), "null", "true", "- a", "a: b", "a #b"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(WORDS.filter(lambda key: "\n" not in key), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(VALUES, VALUES)
def test_whatever_is_written_is_read_back(one: Any, other: Any) -> None:
    lines = [*written.lines("one", one, 0), *written.listed({"two": other}, 0)]
    split = next(place for place, line in enumerate(lines) if place and line.startswith("- "))

    assert written.raw(compose("\n".join(lines[:split]) + "\n")) == {"one": one}
    assert written.raw(compose("\n".join(lines[split:]) + "\n")) == [{"two": other}]


@pytest.mark.parametrize("source", [FIBRE, ODD, BRACKETS], ids=["fibre", "odd", "brackets"])
def test_steps_written_anew_mean_what_they_meant(source: str) -> None:
    after = source
    for step, keys in edit.steps(source).items():
        for tongue in (ENGLISH, PERSIAN):
            assert difference(form_of(step, keys, tongue), keys, tongue) == {}
        wanted = keys_of(form_of(step, keys, ENGLISH), keys, ENGLISH)
        after = edit.changed(edit.changed(after, step, dict.fromkeys(wanted, "x")), step, wanted)

    assert meaning(after) == meaning(source)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(edit.steps(FIBRE))), st.sampled_from(["title", "say", "article", "go"]), WORDS)
def test_a_change_touches_the_lines_of_its_step_alone(step: str, key: str, text: str) -> None:
    before, after = FIBRE.splitlines(), edit.changed(FIBRE, step, {key: text}).splitlines()
    order = [*edit.steps(FIBRE)]
    starts = [line for line, text in enumerate(before) if text.startswith("  - step:")] + [before.index("tests:")]
    first, end = starts[order.index(step)], starts[order.index(step) + 1]

    assert after[:first] == before[:first]
    assert after[len(after) - (len(before) - end) :] == before[end:]
    assert edit.steps("\n".join(after) + "\n")[step][key] == text


def test_comments_stay_where_they_are() -> None:
    changed = edit.changed(ODD, "one", {"say": "Hello.", "article": "KB-1"})

    assert changed == ODD.replace(
        "    say: |\n      Good day.\n\n      How are you?\n", "    say: Hello.\n    article: KB-1\n"
    )


def test_a_step_in_brackets_is_written_on_lines_of_its_own() -> None:
    assert edit.changed(ODD, "done", {"say": "Bye"}).endswith("  - step: done\n    say: Bye\n    end: solved\n")
    assert edit.steps(edit.changed(BRACKETS, "one", {"say": "Ho"}))["one"] == {"step": "one", "say": "Ho"}


def test_steps_are_added_moved_copied_and_removed_and_the_others_stay() -> None:
    added = edit.added(FIBRE, "light", {"step": "new", "say": "Hi"})
    assert [*edit.steps(added)][3:6] == ["light", "new", "devices"]
    assert edit.removed(added, "new") == FIBRE
    assert edit.moved(edit.moved(FIBRE, "light", "done"), "light", "care") == FIBRE
    assert [*edit.steps(edit.moved(FIBRE, "light", None))][:2] == ["light", "verify"]


@pytest.mark.parametrize("source", ["script: [", "a: b", FIBRE.replace("\n", "\r\n"), FIBRE + "# a\u2028b\n"])
def test_what_cannot_be_changed_safely_is_not_changed(source: str) -> None:
    with pytest.raises(Unwritable):
        edit.changed(source, "light", {"say": "x"})


def test_a_new_step_has_a_name_of_its_own() -> None:
    assert edit.name_like("Which light is on?", []) == "which_light_is_on"
    assert edit.name_like("Which light", ["which_light", "which_light_2"]) == "which_light_3"
    assert edit.name_like("وضعیت", ["step"]) == "step_2"
    assert edit.name_like("3 times", []) == "step"


def test_steps_that_differ_from_those_in_force_are_told() -> None:
    after = edit.added(edit.changed(FIBRE, "light", {"say": "x"}), "done", {"step": "new", "say": "Hi", "go": "done"})

    assert steps_changed(parse(FIBRE), parse(after)) == {"light": "edited", "new": "new"}


# --- languages --------------------------------------------------------------------------------------------------------


def test_another_language_is_written_beside_the_scripts_own() -> None:
    keys = edit.steps(FIBRE)["light"]
    form = form_of("light", keys, PERSIAN)
    assert (form.say, form.answers[0].label) == ("", "")
    said = msgspec.structs.replace(form, say="رنگ چراغ؟")

    after = edit.changed(FIBRE, "light", difference(said, keys, PERSIAN))

    assert edit.steps(after)["light"]["say"] == {"en": keys["say"], "fa": "رنگ چراغ؟"}
    again = form_of("light", edit.steps(after)["light"], ENGLISH)
    assert again == form_of("light", keys, ENGLISH)


def test_the_other_languages_of_a_text_are_not_touched() -> None:
    keys = edit.steps(FIBRE)["verify"]
    form = form_of("verify", keys, ENGLISH)
    answers = (msgspec.structs.replace(form.answers[0], label="PIN"), form.answers[1])

    after = edit.changed(FIBRE, "verify", difference(msgspec.structs.replace(form, answers=answers), keys, ENGLISH))

    assert meaning(after)["steps"]["verify"]["options"][0]["label"] == {"en": "PIN", "fa": "رمز و کدپستی"}


# --- what buttons do --------------------------------------------------------------------------------------------------


def after(step: str, *pressed: Act, source: str = FIBRE) -> dict[str, Any]:
    keys = edit.steps(source)[step]
    form = form_of(step, keys, ENGLISH)
    for act in pressed:
        form = acts.done(form, act, FRESH)
    return dict(edit.steps(edit.changed(source, step, difference(form, keys, ENGLISH)))[step])


def test_answers_come_go_and_change_places() -> None:
    assert [*after("light", Act("add", "answer"))["answers"]] == ["green", "red", "answer_3"]
    assert [*after("light", Act("down", "answer", (0,)))["answers"]] == ["red", "green"]
    assert [*after("light", Act("up", "answer", (1,)))["answers"]] == ["red", "green"]
    assert [*after("light", Act("drop", "answer", (0,)))["answers"]] == ["red"]
    assert after("light", Act("up", "answer", (0,)), Act("drop", "answer", (9,))) == edit.steps(FIBRE)["light"]


def test_ways_and_conditions_come_and_go() -> None:
    assert after("again", Act("add", "row", (0,)))["check"][0]["when"] == 'answers.devices > 9 && queue == "faults"'
    assert after("care", Act("drop", "row", (0, 0)))["check"][0]["when"] == 'answers.stopped == "internet"'
    assert after("again", Act("add", "way"))["check"][1] == {"when": 'queue == "faults"', "go": "done"}


def test_every_kind_of_effect_and_of_step_that_is_begun_can_be_read() -> None:
    fresh = msgspec.structs.replace(FRESH, to="queue:faults", clock="next_update")
    for kind in acts.DEEDS:
        keys = edit.steps(FIBRE)["visit"]
        form = acts.with_deed(form_of("visit", keys, ENGLISH), kind, fresh)
        if kind.endswith("_article"):
            form = msgspec.structs.replace(
                form, deeds=(*form.deeds[:-1], msgspec.structs.replace(form.deeds[-1], fields={"article": "KB-1"}))
            )
        source = edit.changed(FIBRE, "visit", difference(form, keys, ENGLISH))
        assert read(source).problems == (), kind
        assert form_of("visit", edit.steps(source)["visit"], ENGLISH).deeds[-1].kind == kind
    for kind in ("say", "ask", "check", "do", "end"):
        source = edit.added(FIBRE, "sorry", acts.begun(kind, "New", "new", FRESH, "done"))
        assert read(source).problems == (), kind


def test_a_question_that_becomes_a_choice_begins_with_yes_and_no() -> None:
    keys = edit.steps(FIBRE)["devices"]
    form = msgspec.structs.replace(form_of("devices", keys, ENGLISH), ask="choice")
    source = edit.changed(FIBRE, "devices", difference(acts.done(form, Act("change"), FRESH), keys, ENGLISH))

    devices = {"step": "devices", "title": keys["title"], "ask": "choice", "answers": {"yes": "Yes", "no": "No"}}
    assert edit.steps(source)["devices"] == devices


# --- conditions -------------------------------------------------------------------------------------------------------

NAMES = st.sampled_from(["queue", "contract.sla", "answers.light", "answers.line.loss", "priority"])
SCALARS = st.one_of(
    st.booleans(),
    st.integers(-(10**9), 10**9),
    st.integers(-(10**6), 10**6).map(lambda n: n / 4 + 0.125),
    st.text(st.characters(exclude_categories=["C", "Z"]), max_size=8),
)
MANY = st.lists(SCALARS.filter(lambda one: one != "" and "," not in str(one)), min_size=1, max_size=3)
ROW = st.one_of(
    st.builds(Row, NAMES, st.sampled_from([Sign.KNOWN, Sign.UNKNOWN])),
    st.builds(Row, NAMES, st.just(Sign.ONE_OF), MANY.map(tuple)),
    st.builds(
        Row,
        NAMES,
        st.sampled_from([Sign.IS, Sign.IS_NOT, Sign.ABOVE, Sign.BELOW, Sign.AT_LEAST, Sign.AT_MOST]),
        st.tuples(SCALARS),
    ),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=4).map(tuple), st.booleans())
def test_rows_become_a_condition_and_the_condition_those_rows(rows: tuple[Row, ...], any_: bool) -> None:
    told = Rows(rows, any=any_ and len(rows) > 1)

    assert rows_of(condition_of(told)) == told
    assert all(fits(row, None) for row in rows)


@pytest.mark.parametrize(
    ("condition", "rows"),
    [
        ("answers.power", Rows((Row("answers.power", Sign.IS, (True,)),))),
        ("!answers.power", Rows((Row("answers.power", Sign.IS, (False,)),))),
        ("topic == null", Rows((Row("topic", Sign.UNKNOWN),))),
        ("a.b in ['x', \"y\"]", Rows((Row("a.b", Sign.ONE_OF, ("x", "y")),))),
        ("line.optical<-29.5", Rows((Row("line.optical", Sign.BELOW, (-29.5,)),))),
    ],
)
def test_conditions_as_authors_write_them_have_rows(condition: str, rows: Rows) -> None:
    assert rows_of(condition) == rows


@pytest.mark.parametrize(
    "condition",
    [
        "size(topic) > 3",
        "a == 1 && b == 2 || c == 3",
        "(a == 1)",
        "a == b",
        "a == [1]",
        "!(a == 1)",
        "a in b",
        'a == "b" + "c"',
        r'a == "\n"',
        "a == ' b'",
        "3 == a",
        "a ==",
        "",
        "&&",
        "a == 1 // why",
    ],
)
def test_what_is_too_rich_for_rows_has_none(condition: str) -> None:
    assert rows_of(condition) is None


def test_what_is_typed_is_of_the_kind_of_its_name() -> None:
    assert [typed("5", kind) for kind in (None, "number", "text", "choice")] == [5, 5, "5", "5"]
    assert (typed("many", "number"), typed("true", "yes_no"), typed('"5"', None)) == (0, True, "5")
    assert (shown("5", None), shown("5", "text"), shown(True, "yes_no"), shown(2.5, "number")) == (
        '"5"',
        "5",
        "true",
        "2.5",
    )
