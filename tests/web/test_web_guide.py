"""The script's part, drawn from values alone."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import msgspec
from markupsafe import Markup

from console.services.scripting import DISPOSITIONS
from console.web import words as w
from console.web.desk import guide, parts
from console.web.desk.parts import SILENT, Part
from console.web.fragment import View
from tests.web.dialogs import LINE, LINE_ASKED, OFFERED, ON_DESK, ROW, line_at, on_desk
from tests.web.screens import CALL, SHOWN, VIEW, screen, working

TODAY = date(2026, 11, 22)
EN = w.load("en")


def drawn(on: object, language: str = "en") -> str:
    shown = msgspec.structs.replace(SHOWN, script=on)
    view = View(words=w.load(language), zone=ZoneInfo("Europe/Kyiv"))
    return parts.draw(Part.SCRIPT, screen(shown=shown, work=(CALL,), idle=None), view, SILENT)


def test_the_panel_says_where_it_is_and_what_was_answered() -> None:
    panel = guide.panel(ON_DESK, EN, TODAY)

    assert panel is not None
    assert (panel.at, panel.total, panel.cells) == (2, 3, ("d", "c", ""))
    assert [(one.title, one.answer, one.kind) for one in panel.trail] == [
        ("Хто телефонує?", "Код і поштовий індекс", "given"),
        ("Перевірка лінії", "Втрата світла", "filled"),
    ]
    assert panel.say == Markup("Марта Ковальчик, яке світло <b>ПОН</b> на білій коробці?")


def test_whatever_fills_a_text_is_text() -> None:
    facts = {"customer": {"name": "<script>alert(1)</script>**x**"}}

    said = guide.panel(msgspec.structs.replace(ON_DESK, facts=facts), EN, TODAY)

    assert said is not None
    assert "<script>" not in str(said.say)
    assert "&lt;script&gt;" in str(said.say)


def test_the_first_nine_answers_have_keys_and_every_answer_is_escaped() -> None:
    html = drawn(ON_DESK)

    assert html.count('data-figure="') == 4 + 2  # of the step, and of the answer that may be changed
    assert 'hx-post="/desk/runs/019aa0c0-0000-7000-8000-00000000000d/answer"' in html
    assert 'name="nth" id="script-nth" value="2"' in html


def test_a_number_that_was_refused_is_said_at_its_field() -> None:
    at_number = on_desk(("verify", "pin"), ("power", "red"))
    shown = msgspec.structs.replace(SHOWN, script=at_number)
    seen = {**parts.context(working(CALL, script=at_number), VIEW, SILENT), "dialog_wrong": 3}
    assert shown.script is at_number

    html = parts.render("desk/_script.html", VIEW.words, seen)

    assert "A number from 1 to 99." in html
    assert 'aria-invalid="true"' in html


def test_the_desk_says_whom_it_asks_and_lets_the_agent_go_on_without() -> None:
    html = drawn(LINE_ASKED)

    assert "Asking 0023…" in html
    assert '<dt class="muted"><bdi>_1</bdi></dt><dd><bdi>+441314960182</bdi></dd>' in html
    assert "Go on without" in html
    assert "script-next" not in html


def test_what_a_system_told_stands_in_the_trail_and_why_it_told_nothing() -> None:
    told, silent = (line_at({"_3": -28.5, "_2": True}), line_at(None, "timed_out"))

    panel = guide.panel(told, EN, TODAY)

    assert panel is not None
    assert [one.answer for one in panel.trail] == ["_2: Yes, _3: -28.5"]
    assert "no answer in time" in drawn(silent)


def test_a_moment_is_asked_for_by_day_and_time_and_worded_so() -> None:
    html = drawn(line_at(None, "timed_out"))

    assert 'type="datetime-local"' in html
    step = LINE.steps["when"]
    assert guide.worded(step, "2026-11-24T15:30+02:00", EN, TODAY) == "Nov 24 15:30"  # type: ignore[arg-type]


def test_an_ended_script_says_how_and_another_can_be_started() -> None:
    over = on_desk(("verify", "pin"), ("power", "red"), ("devices", 3), offers=OFFERED.offers)
    over = msgspec.structs.replace(over, row=msgspec.structs.replace(ROW, state="ended", outcome="solved"))

    html = drawn(over)

    assert "The script has come to its end: Solved" in html
    assert 'id="script-start"' in html
    assert "script-next" not in html


def test_without_scripts_the_part_is_empty_and_hidden() -> None:
    assert drawn(None).strip() == '<section id="script" hidden></section>'
    assert 'id="script-choice"' in drawn(OFFERED)


def test_answers_are_worded_for_their_reader() -> None:
    steps = {step.id: step for step in ON_DESK.script.steps.values()} if ON_DESK.script else {}

    assert guide.worded(steps["devices"], 12, w.load("fa"), TODAY) == "۱۲"  # type: ignore[arg-type]
    assert guide.worded(steps["power"], "red", EN, TODAY) == "Червоне, або блимає"  # type: ignore[arg-type]
    assert guide.worded(steps["power"], True, EN, TODAY) == "Yes"  # type: ignore[arg-type]


def test_scripts_end_with_the_outcomes_that_the_desk_has_words_for() -> None:
    assert set(parts.outcomes(EN)) == DISPOSITIONS
