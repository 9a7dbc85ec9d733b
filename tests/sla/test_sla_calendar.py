"""Opening hours, over nights, weekends, holidays and changes of the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.sla.calendar import Calendar, Interval, NeverOpen

H = 60
KYIV = ZoneInfo("Europe/Kyiv")


def hours(*spans: tuple[float, float]) -> tuple[Interval, ...]:
    return tuple(Interval(int(opens * H), int(closes * H)) for opens, closes in spans)


def calendar(*days: tuple[Interval, ...], zone: str = "Europe/Kyiv", closed: tuple[date, ...] = ()) -> Calendar:
    """Of the first days of the week; the others are closed."""
    return Calendar(time_zone=zone, week=(*days, *((),) * (7 - len(days))), closed=frozenset(closed))


OFFICE = calendar(*[hours((9, 13), (14, 18))] * 5, hours((22, 26)))
"""As in the contract's example: split weekdays, and a Saturday night that ends on Sunday."""


def kyiv(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    """In 2026, where the second of November is a Monday."""
    return datetime(2026, month, day, hour, minute, tzinfo=KYIV)


def test_a_lunch_break_does_not_count() -> None:
    assert OFFICE.counted(kyiv(2, 12), kyiv(2, 15)) == timedelta(hours=2)
    assert OFFICE.advance(kyiv(2, 12), timedelta(hours=2)) == kyiv(2, 15)


def test_what_is_left_on_friday_goes_on_in_saturday_night_and_on_monday() -> None:
    assert OFFICE.advance(kyiv(6, 17), timedelta(hours=1)) == kyiv(6, 18)
    assert OFFICE.advance(kyiv(6, 17), timedelta(hours=3)) == kyiv(8, 0)
    assert OFFICE.advance(kyiv(6, 17), timedelta(hours=6)) == kyiv(9, 10)


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    closed_sunday = calendar(*[()] * 5, hours((22, 26)), hours((10, 12)), closed=(date(2026, 11, 8),))
    closed_saturday = calendar(*[()] * 5, hours((22, 26)), hours((10, 12)), closed=(date(2026, 11, 7),))

    assert closed_sunday.is_open(kyiv(8, 1))
    assert not closed_sunday.is_open(kyiv(8, 10))
    assert not closed_saturday.is_open(kyiv(8, 1))
    assert closed_saturday.is_open(kyiv(8, 10))


def test_it_opens_in_its_first_minute_and_is_closed_in_its_last() -> None:
    assert OFFICE.is_open(kyiv(2, 9))
    assert not OFFICE.is_open(kyiv(2, 13))


def test_round_the_clock_everything_counts() -> None:
    round_the_clock = calendar(*[hours((0, 24))] * 7)

    assert round_the_clock.counted(kyiv(1, 0), kyiv(30, 0)) == kyiv(30, 0) - kyiv(1, 0)
    assert round_the_clock.advance(kyiv(1, 12), timedelta(days=9)) == kyiv(10, 12)


def test_nights_that_overlap_the_next_morning_count_once() -> None:
    overlapping = calendar(hours((20, 30)), hours((5, 9)))

    assert overlapping.counted(kyiv(2, 0), kyiv(4, 0)) == timedelta(hours=13)


def test_the_night_in_which_clocks_go_forward_is_an_hour_shorter() -> None:
    nights = calendar(*[hours((22, 30))] * 7)

    assert nights.counted(kyiv(28, 22, month=3), kyiv(29, 6, month=3)) == timedelta(hours=7)
    assert nights.advance(kyiv(28, 22, month=3), timedelta(hours=7)) == kyiv(29, 6, month=3)


def test_the_night_in_which_clocks_go_back_is_an_hour_longer() -> None:
    nights = calendar(*[hours((22, 30))] * 7)

    assert nights.counted(kyiv(24, 22, month=10), kyiv(25, 6, month=10)) == timedelta(hours=9)


def test_an_opening_in_the_hour_that_is_left_out_comes_as_long_after_it() -> None:
    early = calendar(*[hours((3.25, 3.75))] * 7)

    assert early.counted(kyiv(29, 0, month=3), kyiv(30, 0, month=3)) == timedelta(minutes=30)
    assert early.is_open(kyiv(29, 4, 15, month=3))


def test_a_wall_time_that_comes_twice_means_its_first_coming() -> None:
    until = calendar(*[hours((1, 3.5))] * 7)
    [(_, closes)] = islice(until.openings(kyiv(25, 0, month=10)), 1)

    assert closes == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_opening_days_end_with_the_close_of_the_last_of_them() -> None:
    weekdays = calendar(*[hours((9, 18))] * 5, closed=(date(2026, 11, 9),))

    assert weekdays.end_of_days(kyiv(5, 17), 1) == kyiv(6, 18)
    assert weekdays.end_of_days(kyiv(6, 3), 1) == kyiv(10, 18)
    assert weekdays.end_of_days(kyiv(7, 12), 2) == kyiv(11, 18)


def test_a_calendar_that_never_opens_says_so() -> None:
    with pytest.raises(NeverOpen):
        calendar().advance(kyiv(2, 9), timedelta(minutes=1))
    with pytest.raises(NeverOpen):
        calendar().end_of_days(kyiv(2, 9), 1)
    assert calendar().counted(kyiv(2, 9), kyiv(30, 9)) == timedelta()
    assert not calendar().is_open(kyiv(2, 9))


spans = st.tuples(st.integers(0, 24 * H - 1), st.integers(1, 24 * H)).map(lambda s: Interval(s[0], s[0] + s[1]))
weeks = st.lists(st.lists(spans, max_size=3).map(tuple), min_size=7, max_size=7).map(tuple).filter(any)
calendars = st.builds(
    Calendar,
    time_zone=st.sampled_from(["UTC", "Europe/Kyiv", "Asia/Tehran", "Australia/Lord_Howe", "America/St_Johns"]),
    week=weeks,
    closed=st.frozensets(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=5),
)
instants = st.integers(0, 364 * 24 * 3600).map(lambda s: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=s))
amounts = st.integers(0, 20 * 24 * 3600 * 1000).map(lambda ms: timedelta(milliseconds=ms))


@settings(max_examples=60)
@given(calendars, instants, amounts)
def test_from_start_to_due_exactly_the_target_is_counted(
    calendar: Calendar, start: datetime, target: timedelta
) -> None:
    due = calendar.advance(start, target)

    assert calendar.counted(start, due) == target
    assert due >= start


@settings(max_examples=60)
@given(calendars, instants, amounts, amounts)
def test_counted_time_adds_up(calendar: Calendar, start: datetime, first: timedelta, second: timedelta) -> None:
    middle, end = start + first, start + first + second

    assert calendar.counted(start, middle) + calendar.counted(middle, end) == calendar.counted(start, end)


@settings(max_examples=60)
@given(calendars, instants)
def test_openings_come_in_order_without_overlap_and_open(calendar: Calendar, start: datetime) -> None:
    openings = list(islice(calendar.openings(start), 20))

    for opens, closes in openings:
        assert start <= opens < closes
        assert calendar.is_open(opens)
    assert all(before[1] <= after[0] for before, after in pairwise(openings))
