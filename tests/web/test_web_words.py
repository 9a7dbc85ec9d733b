"""Words, numbers and times in the reader's language."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel import Locale

from console.web import words as w

EN = w.load("en")
AT = datetime(2026, 11, 23, 14, 32, 8, tzinfo=UTC)


def test_the_catalogue_holds_what_the_code_and_the_templates_say() -> None:
    tool = Path(__file__).parents[2] / "tools/words.py"
    checked = subprocess.run([sys.executable, tool, "--check"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(-3, "0:00"), (0, "0:00"), (134, "2:14"), (3599.9, "59:59"), (3600, "1h 0m"), (8460, "2h 21m"), (93600, "1d 2h")],
)
def test_durations_are_minutes_then_hours_then_days_and_never_negative(seconds: float, shown: str) -> None:
    assert EN.duration(seconds) == shown


def test_figures_are_those_of_the_language() -> None:
    persian = w.Words.__new__(w.Words)
    persian.language, persian.locale = "fa", Locale.parse("fa")
    assert persian.number(14) == "۱۴"
    assert EN.number(7, 2) == "07"


def test_times_are_on_the_readers_wall_and_other_days_by_date() -> None:
    kyiv = ZoneInfo("Europe/Kyiv")
    assert EN.day_or_time(AT, kyiv, AT) == "16:32"
    assert EN.day_or_time(AT.replace(day=20), kyiv, AT) == "Nov 20"
    assert EN.day_or_time(AT.replace(year=2024), kyiv, AT) == "Nov 23, 2024"


def test_english_is_read_where_the_wished_language_is_not_there() -> None:
    assert w.choose(["tlh", None]) == "en"
    assert w.choose(["en-GB"]) == "en"
    assert w.choose([w.PSEUDO, "en"]) == w.PSEUDO


def test_the_browsers_languages_are_ranked_and_nonsense_is_passed_over() -> None:
    assert w.accepted("en;q=0.5, uk, ../../etc;q=1, fa;q=x") == ["uk", "fa", "en"]
    assert w.accepted(None) == []


@pytest.mark.parametrize("name", ["", None, "Mars/Olympus", "../../etc/passwd", "/etc/passwd", "Europe", "a" * 100])
def test_a_zone_that_is_none_is_utc(name: str | None) -> None:
    assert str(w.zone(name)) == "UTC"


def test_a_zone_is_the_browsers() -> None:
    assert str(w.zone("Europe/Kyiv")) == "Europe/Kyiv"


@pytest.mark.parametrize(
    ("told", "shown"), [("+441314960182", "+44 131 496 0182"), ("anonymous", "anonymous"), (None, ""), ("101", "101")]
)
def test_numbers_are_grouped_for_people_and_others_shown_as_they_came(told: str | None, shown: str) -> None:
    assert w.phone(told) == shown


@pytest.mark.parametrize(
    ("name", "letters"), [("Nadia Rahimi", "NR"), ("Ana", "A"), ("Марта К. Ковальчик", "МК"), ("", "")]
)
def test_initials_are_of_the_first_and_last_word(name: str, letters: str) -> None:
    assert w.initials(name) == letters


def test_the_pseudo_language_keeps_what_is_filled_in_and_grows_by_two_fifths() -> None:
    sentence = "%(n)s calls, try {try}"
    assert w.pseudo(sentence) == "⟦%(n)s ćáĺĺś, ťŕý {try}········⟧"
