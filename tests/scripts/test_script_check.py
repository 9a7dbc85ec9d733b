"""What keeps a script from being published, and how it is drawn."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from console.scripts import graph
from console.scripts.check import Code, Finding, Known, findings
from console.scripts.difference import between, count
from console.scripts.parse import parse, read

FIBRE = (Path(__file__).parent / "fibre.yaml").read_text()
END = "  - {step: done, end: solved}\n"
HEAD = "script: any\ntitle: Any\nsteps:\n"


def found(text: str, known: Known = Known(), **library: str) -> list[Finding]:  # noqa: B008 - never changed
    others = {one.name: one for one in map(parse, library.values())}
    return [one for one in findings(read(text), others, known) if one.stops]


def test_a_good_script_is_fit_to_be_published() -> None:
    assert found(FIBRE) == []


@pytest.mark.parametrize(
    ("text", "code", "step"),
    [
        (HEAD + "  - {step: one, say: Hi, go: done}\n  - {step: lost, say: Ho}\n" + END, Code.OUT_OF_REACH, "lost"),
        (HEAD + "  - {step: one, say: Hi, go: two}\n  - {step: two, say: Ho, go: one}\n", Code.NO_END, "one"),
        (
            HEAD
            + "  - {step: one, check: [{when: queue == null, go: done}], else: two}\n"
            + "  - {step: two, check: [{when: topic == null, go: done}], else: one}\n"
            + END,
            Code.UNASKED_CIRCLE,
            "one",
        ),
        (HEAD + "  - {step: one, script: nowhere}\n" + END, Code.SUBSCRIPTS, "one"),
        (HEAD + "  - {step: one, script: any}\n" + END, Code.SUBSCRIPTS, None),
        (
            FIBRE.replace("ends: information", "ends: solved"),
            Code.TEST_FAILS,
            "Whoever cannot be verified is not helped",
        ),
        (
            FIBRE.replace("effects: [set topic]", "effects: []"),
            Code.TEST_FAILS,
            "A steady light with few devices is done",
        ),
        (FIBRE.replace("devices: 3}", "devices: 300}"), Code.TEST_FAILS, "A steady light with few devices is done"),
    ],
)
def test_what_is_wrong_is_told_with_its_step(text: str, code: Code, step: str | None) -> None:
    assert (code, step) in [(one.code, one.step) for one in found(text)], found(text)


def test_names_must_be_there_where_it_is_published() -> None:
    here = Known(clocks=frozenset({"resolution"}), articles=frozenset(), outcomes=frozenset({"solved", "information"}))

    assert [(one.code, one.line) for one in found(FIBRE, here)] == [(Code.UNKNOWN_NAME, 32), (Code.UNKNOWN_NAME, 49)]


def test_a_loop_that_asks_may_go_round() -> None:
    again = HEAD + "  - {step: one, ask: choice, answers: {again: {label: Again, go: one}, done: Done}}\n" + END

    assert found(again) == []


def test_steps_that_are_not_translated_are_told_and_stop_nothing() -> None:
    told = [one for one in findings(read(FIBRE), {}) if one.code is Code.UNTRANSLATED]

    assert [(one.language, one.number) for one in told] == [("fa", 5)]
    assert not any(one.stops for one in told)


# --- drawing ----------------------------------------------------------------------------------------------------------


def test_every_step_is_drawn_once_and_none_upon_another() -> None:
    drawing = graph.drawn(parse(FIBRE))

    assert [box.number for box in drawing.boxes] == list(range(1, 10))
    assert len({(box.x, box.y) for box in drawing.boxes}) == 9
    assert all(box.x + graph.WIDE <= drawing.width and box.y + graph.HIGH <= drawing.height for box in drawing.boxes)


def test_ways_lead_to_the_right_and_ways_back_are_marked() -> None:
    script = parse(HEAD + "  - {step: one, ask: choice, answers: {again: {label: A, go: one}, done: D}}\n" + END)

    assert [(line.start, line.end, line.back) for line in graph.drawn(script).lines] == [
        ("one", "one", True),
        ("one", "done", False),
    ]


def test_the_chosen_step_is_drawn_with_its_answers_and_the_way_to_it() -> None:
    drawing = graph.drawn(parse(FIBRE), "light")
    boxes = {box.step.id: box for box in drawing.boxes}
    light = boxes["light"]

    assert (light.chosen, len(light.ports), light.high > graph.HIGH) == (True, 2, True)
    starts = {line.end: line.path.split("C")[0] for line in drawing.lines if line.start == "light"}
    assert starts == {
        way: f"M{light.x + graph.WIDE} {light.y + port}"
        for way, port in zip(("devices", "visit"), light.ports, strict=True)
    }
    assert {(line.start, line.end) for line in drawing.lines if line.on} == {
        ("verify", "stopped"),
        ("stopped", "care"),
        ("care", "light"),
    }
    columns: dict[int, list[graph.Box]] = {}
    for box in sorted(drawing.boxes, key=lambda one: one.y):
        columns.setdefault(box.x, []).append(box)
    assert all(one.y + one.high < other.y for shelf in columns.values() for one, other in itertools.pairwise(shelf))


def test_the_arrow_keys_lead_along_the_ways_and_within_a_column() -> None:
    boxes = {box.step.id: box for box in graph.drawn(parse(FIBRE)).boxes}

    assert (boxes["light"].ahead, boxes["light"].behind) == ("devices", "care")
    assert (boxes["stopped"].below, boxes["sorry"].above) == ("sorry", "stopped")
    assert (boxes["verify"].behind, boxes["done"].ahead) == ("", "")


def test_the_longest_way_counts_the_steps_of_a_person() -> None:
    assert graph.longest(parse(FIBRE))["verify"] == 4


# --- differences ------------------------------------------------------------------------------------------------------


def test_a_difference_marks_the_words_that_changed() -> None:
    lines = between("a\nb\nWhat stopped?\nc\n", "a\nb\nWhat does not work?\nc\nd\n")

    removed, added = (next(line for line in lines if line.sign == sign) for sign in "-+")
    assert [piece.text for piece in removed.pieces if piece.changed] == ["stopped"]
    assert "".join(piece.text for piece in added.pieces if piece.changed) == "does not work"
    assert (removed.before, added.after, count(lines)) == (3, 3, 2)


def test_equal_sources_do_not_differ() -> None:
    assert between(FIBRE, FIBRE) == ()
