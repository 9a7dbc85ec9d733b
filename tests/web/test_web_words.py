"""Words, numbers and times in the reader's language."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.messages.catalog import Catalog

from console.web import words as w
from console.web.jalali import first_day, jalali
from tools import words as tool

EN, UK, RU, ZH, FA = (w.load(language) for language in ("en", "uk", "ru", "zh-Hans", "fa"))
AT = datetime(2026, 11, 23, 14, 32, 8, tzinfo=UTC)
KYIV = ZoneInfo("Europe/Kyiv")

# --- catalogues -------------------------------------------------------------------------------------------------------


def test_every_catalogue_holds_what_the_code_and_the_templates_say() -> None:
    path = Path(tool.__file__)
    checked = subprocess.run([sys.executable, path, "--check"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize(
    ("sentence", "said", "fault"),
    [
        ("%(n)s left", "%(n)s übrig", None),
        ("Try {n}", "{n}. Versuch", None),
        ("%(n)s%%", "%(n)s٪", None),
        ("Answer", "", "not translated"),
        ("%(n)s left", "übrig", "not filled with the same"),
        ("%(n)s left", "%(m)s übrig", "not filled with the same"),
        ("Try {n}", "Versuch", "not filled with the same"),
        ("%(n)s%%", "%(n)s %", "holds a % that is not doubled"),
        ("Answer", "<b>Antworten</b>", "not filled with the same"),
        ("<b>%(n)s</b> free", "<b>%(n)s</b> frei", None),
        ("<b>%(n)s</b> free", "<b>%(n)s frei", "not filled with the same"),
        (("%(n)s call", "%(n)s calls"), ("%(n)s Anruf", "%(n)s Anrufe"), None),
        (("%(n)s call", "%(n)s calls"), ("Ein Anruf", "%(n)s Anrufe"), "not filled with the same"),
        (("%(n)s call", "%(n)s calls"), ("%(n)s Anruf", ""), "not translated"),
        (("%(n)s call", "%(n)s calls"), ("%(n)s Anruf",), "1 plural forms, not 2"),
    ],
)
def test_a_translation_that_would_fail_its_reader_is_told(
    sentence: str | tuple[str, str], said: str | tuple[str, ...], fault: str | None
) -> None:
    catalog = Catalog("de")
    catalog.add(sentence, said)
    found = list(tool.faults(catalog))
    assert [what.split(":")[0] for what in found] == ([fault] if fault else [])


def test_a_translation_that_nobody_has_looked_at_again_is_told() -> None:
    catalog = Catalog("de")
    catalog.add("Answer", "Antwort", flags={"fuzzy"})
    assert list(tool.faults(catalog)) == ["fuzzy: Answer"]


def test_a_sentence_that_changed_is_untranslated_and_the_others_keep_their_words() -> None:
    known = Catalog()
    for sentence, said in (("Answer", "Відповісти"), ("Gone", "Нема")):
        known.add(sentence, said)
    found = Catalog()
    for sentence in ("Answer", "Decline"):
        found.add(sentence)
    text = tool.written("uk", found, known).decode()
    assert 'msgid "Answer"\nmsgstr "Відповісти"' in text
    assert 'msgid "Decline"\nmsgstr ""' in text
    assert "Gone" not in text


@pytest.mark.parametrize("language", [language for language in w.LANGUAGES if language != "en"])
def test_every_language_says_things_its_own_way(language: str) -> None:
    words = w.load(language)
    assert words.say("Ringing") != "Ringing"
    assert set(words.forms("%(n)s change waiting", "%(n)s changes waiting")) == {
        words.locale.plural_form(n) for n in range(200)
    }


@pytest.mark.parametrize(
    ("n", "uk", "ru"),
    [
        (1, "зміна чекає", "изменение ждёт"),
        (3, "зміни чекають", "изменения ждут"),
        (11, "змін чекають", "изменений ждут"),
        (14, "змін чекають", "изменений ждут"),
        (21, "зміна чекає", "изменение ждёт"),
        (22, "зміни чекають", "изменения ждут"),
        (112, "змін чекають", "изменений ждут"),
    ],
)
def test_slavic_plurals_follow_the_last_figures(n: int, uk: str, ru: str) -> None:
    for words, form in ((UK, uk), (RU, ru)):
        assert words.catalogue.ngettext("%(n)s change waiting", "%(n)s changes waiting", n) == f"%(n)s {form}"
        assert words.forms("%(n)s change waiting", "%(n)s changes waiting")[words.locale.plural_form(n)].endswith(form)


def test_the_pseudo_language_keeps_what_is_filled_in_and_grows_by_two_fifths() -> None:
    sentence = "%(n)s calls, try {try}"
    assert w.pseudo(sentence) == "⟦%(n)s ćáĺĺś, ťŕý {try}········⟧"
    assert "<b>%(n)s</b>" in w.pseudo("<b>%(n)s</b> free")


# --- numbers, lists, durations ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(-3, "0:00"), (0, "0:00"), (134, "2:14"), (3599.9, "59:59"), (3600, "1h 0m"), (8460, "2h 21m"), (93600, "1d 2h")],
)
def test_durations_are_minutes_then_hours_then_days_and_never_negative(seconds: float, shown: str) -> None:
    assert EN.duration(seconds) == shown


@pytest.mark.parametrize(
    ("words", "short", "long", "longer"),
    [
        (UK, "2:14", "2 год 21 хв", "1 дн. 2 год"),
        (RU, "2:14", "2 ч 21 мин", "1 д 2 ч"),
        (ZH, "2:14", "2小时21分", "1天2小时"),
        (FA, "۲:۱۴", "۲ س و ۲۱ د", "۱ روز و ۲ س"),
    ],
)
def test_durations_are_in_the_languages_units(words: w.Words, short: str, long: str, longer: str) -> None:
    assert [words.duration(seconds) for seconds in (134, 8460, 93600)] == [short, long, longer]


def test_figures_are_those_of_the_language() -> None:
    assert (EN.number(7, 2), EN.number(12_345), EN.percent(0.613)) == ("07", "12,345", "61%")
    assert (FA.number(7, 2), FA.number(12_345), FA.percent(0.613)) == ("۰۷", "۱۲٬۳۴۵", "۶۱٪")
    assert UK.number(12_345) == "12\N{NO-BREAK SPACE}345"


def test_a_number_in_a_sentence_is_written_in_its_figures_and_an_identifier_is_not() -> None:
    assert FA.say("Priority %(n)s", n=3) == "اولویت ۳"
    assert (
        FA.say("Case %(number)s", number="C-204 817")
        == "پرونده \N{FIRST STRONG ISOLATE}C-204 817\N{POP DIRECTIONAL ISOLATE}"
    )
    assert EN.say("Case %(number)s", number="C-204 817") == "Case C-204 817"


def test_what_a_script_fills_is_left_to_it() -> None:
    assert FA.say("%(hours)sh %(minutes)sm", hours="{h}", minutes="{m}") == "{h} س و {m} د"


def test_lists_are_joined_as_the_language_does() -> None:
    assert ZH.listed(["a", "b", "c"]) == "a、b和c"
    assert UK.listed(["a", "b"]) == "a і b"
    assert EN.listed(["a", "b"], "unit") == "a, b"
    assert w.load(w.PSEUDO).listed(["a", "b"]).startswith("⟦")


# --- dates and times --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "today", "this_year", "before"),
    [
        (EN, "16:32", "Nov 20", "Nov 23, 2024"),
        (UK, "16:32", "20 лист.", "23 лист. 2024\N{NARROW NO-BREAK SPACE}р."),
        (RU, "16:32", "20 нояб.", "23 нояб. 2024\N{NARROW NO-BREAK SPACE}г."),
        (ZH, "16:32", "11月20日", "2024年11月23日"),
        (FA, "۱۶:۳۲", "۲۹ آبان", "۳ آذر ۱۴۰۳"),
    ],
)
def test_times_are_on_the_readers_wall_and_other_days_by_date(
    words: w.Words, today: str, this_year: str, before: str
) -> None:
    assert words.day_or_time(AT, KYIV, AT) == today
    assert words.day_or_time(AT.replace(day=20), KYIV, AT) == this_year
    assert words.day_or_time(AT.replace(year=2024), KYIV, AT).replace("\N{NO-BREAK SPACE}", "\u202f") == before


def test_a_persian_date_of_the_year_before_has_its_year_though_the_gregorian_year_is_this() -> None:
    assert FA.day(date(2026, 3, 3), today=date(2026, 11, 22)) == "۱۲ اسفند ۱۴۰۴"
    assert FA.day(date(2026, 3, 3), today=date(2026, 3, 19)) == "۱۲ اسفند"


@pytest.mark.parametrize(
    ("day", "persian"),
    [
        (date(1979, 2, 11), (1357, 11, 22)),
        (date(2021, 3, 20), (1399, 12, 30)),
        (date(2021, 3, 21), (1400, 1, 1)),
        (date(2024, 3, 19), (1402, 12, 29)),
        (date(2024, 3, 20), (1403, 1, 1)),
        (date(2025, 3, 20), (1403, 12, 30)),
        (date(2025, 3, 21), (1404, 1, 1)),
        (date(2026, 9, 22), (1405, 6, 31)),
        (date(2026, 9, 23), (1405, 7, 1)),
    ],
)
def test_days_are_those_of_the_persian_calendar(day: date, persian: tuple[int, int, int]) -> None:
    assert tuple(jalali(day)) == persian


def test_the_persian_years_that_are_leap_are_those_that_its_keepers_published() -> None:
    leap = [year for year in range(1342, 1446) if first_day(year + 1) - first_day(year) == 366]
    published = (
        "1342 1346 1350 1354 1358 1362 1366 1370 1375 1379 1383 1387 1391 1395 1399 1403 1408 1412 1416 1420 1424"
    )
    assert leap == [*map(int, published.split()), 1428, 1432, 1436, 1441, 1445]


# --- which language, which zone ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        (["tlh", None], "en"),
        (["en-GB"], "en"),
        (["uk-UA"], "uk"),
        (["fa-IR", "en"], "fa"),
        (["zh"], "zh-Hans"),
        (["zh-CN"], "zh-Hans"),
        (["zh-SG"], "zh-Hans"),
        (["zh-TW", "ru"], "ru"),
        (["zh-Hant-CN"], "en"),
        (["../../etc", "\x00", "x" * 1000, "ru"], "ru"),
        ([w.PSEUDO, "en"], w.PSEUDO),
        ([], "en"),
    ],
)
def test_the_language_is_the_first_wish_that_its_reader_can_read(wanted: list[str | None], chosen: str) -> None:
    assert w.choose(wanted) == chosen


def test_the_browsers_languages_are_ranked_and_nonsense_is_passed_over() -> None:
    assert w.accepted("en;q=0.5, uk, ../../etc;q=1, fa;q=x") == ["uk", "fa", "en"]
    assert w.accepted(None) == []


@pytest.mark.parametrize("name", ["", None, "Mars/Olympus", "../../etc/passwd", "/etc/passwd", "Europe", "a" * 100])
def test_a_zone_that_is_none_is_utc(name: str | None) -> None:
    assert str(w.zone(name)) == "UTC"


def test_a_zone_is_the_browsers() -> None:
    assert str(w.zone("Europe/Kyiv")) == "Europe/Kyiv"


# --- names and numbers to dial ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "shown"), [("+441314960182", "+44 131 496 0182"), ("anonymous", "anonymous"), (None, ""), ("101", "101")]
)
def test_numbers_are_grouped_for_people_and_others_shown_as_they_came(told: str | None, shown: str) -> None:
    assert w.phone(told) == shown


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Nadia Rahimi", "NR"),
        ("Ana", "A"),
        ("Марта К. Ковальчик", "МК"),
        ("", ""),
        ("王小明", "王"),
        ("نادیا رحیمی", "ن ر"),
    ],
)
def test_initials_are_of_the_first_and_last_word(name: str, letters: str) -> None:
    assert w.initials(name) == letters
