"""Holidays are copied when a configuration is applied, and stay as they were copied."""

from datetime import UTC, date, datetime

import msgspec

from console.config.diff import difference
from console.config.document import Centre
from console.config.export import export
from console.config.parse import parse
from console.config.public_holidays import copied, dates, problem

NOW = datetime(2026, 11, 21, tzinfo=UTC)
TEXT = "version: 1\ncalendars: {office: {time_zone: Europe/Kyiv, open: {mon-fri: ['09:00-18:00']}, holidays: UA}}\n"


def test_the_dates_of_a_country_are_copied_into_its_calendars() -> None:
    centre = copied(parse(TEXT), Centre(), NOW)

    found = centre.calendars["office"].holiday_dates
    assert date(2026, 8, 24) in found
    assert (found[0].year, found[-1].year) == (2025, 2036)


def test_what_was_copied_once_is_what_the_next_version_has() -> None:
    first = copied(parse(TEXT), Centre(), NOW)
    office = msgspec.structs.replace(first.calendars["office"], holiday_dates=(date(2030, 2, 28),))
    before = msgspec.structs.replace(first, calendars={"office": office})

    assert copied(parse(TEXT), before, NOW) == before


def test_a_copy_that_is_about_to_end_is_made_anew_and_the_difference_says_so() -> None:
    before = copied(parse(TEXT), Centre(), NOW)
    later = copied(parse(TEXT), before, datetime(2035, 1, 1, tzinfo=UTC))

    assert later.calendars["office"].holiday_dates[-1].year == 2045
    assert any("copied until 2045" in line for line in difference(before, later))


def test_an_export_names_the_country_and_not_its_dates() -> None:
    centre = copied(parse(TEXT), Centre(), NOW)

    assert copied(parse(export(centre)), centre, NOW) == centre
    assert "2026" not in export(centre)


def test_parts_of_countries_have_holidays_of_their_own() -> None:
    assert date(2026, 1, 6) in dates("DE-BY", 2026)
    assert date(2026, 1, 6) not in dates("DE", 2026)


def test_places_without_known_holidays_are_told() -> None:
    assert problem("DE-BY") is None
    assert problem("ZZ") == "the holidays of ZZ are not known"
    assert str(problem("DE-XX")).startswith("DE has no part XX; one of BB")
