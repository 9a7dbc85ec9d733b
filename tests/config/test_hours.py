"""Opening hours, as files write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.config.document import DAYS
from console.config.hours import joined, week
from console.nodes import compose
from console.reading import Report, Value


def read(text: str) -> dict[str, tuple[str, ...]]:
    report = Report()
    found = week(Value(compose(text), "open", report))
    assert not report.problems
    return dict(found)


def test_a_range_of_days_may_pass_the_end_of_the_week() -> None:
    assert list(read('{sat-mon: ["10:00-11:00"]}')) == ["mon", "sat", "sun"]


def test_hours_may_split_and_pass_midnight() -> None:
    assert read('{sat: ["22:00-02:00", "09:00-13:00"]}') == {"sat": ("09:00-13:00", "22:00-02:00")}


@pytest.mark.parametrize("text", ['{mon-sun: ["00:00-24:00"]}', '{mon: ["09:00-12:00", "12:00-18:00"]}'])
def test_intervals_may_touch(text: str) -> None:
    assert read(text)


def test_a_day_may_be_open_round_the_clock_from_any_hour() -> None:
    assert read('{mon-sun: ["08:00-07:59"]}')


def test_equal_days_are_joined_for_reading() -> None:
    hours = read('{mon: ["09:00-12:00"], tue: ["09:00-12:00"], thu: ["09:00-12:00"], sat: ["10:00-12:00"]}')

    assert joined(hours) == {"mon-tue": ("09:00-12:00",), "thu": ("09:00-12:00",), "sat": ("10:00-12:00",)}


intervals = st.sampled_from([("09:00-12:00",), ("09:00-12:00", "13:00-17:00"), ("20:00-03:00",)])


@given(st.dictionaries(st.sampled_from(DAYS), intervals, min_size=1))
def test_what_is_joined_is_read_as_the_same(hours: dict[str, tuple[str, ...]]) -> None:
    text = str({day: list(times) for day, times in joined(hours).items()})

    assert read(text) == hours
