"""Durations and shares of files."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.durations import OpeningDays, Share, duration, opening_days, share, written


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30), ("15m", 900), ("4h", 14_400), ("2d", 172_800), ("0s", 0), ("1.5h", 5400)]
)
def test_a_duration_is_a_number_and_a_unit(text: str, seconds: float) -> None:
    assert duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text", ["", "30", "s", "-1s", "1 s", "1w", "1S", "٣s", "1e3s", "99999d", "1s\n", "1bd", "1.1234567s"]
)
def test_anything_else_is_no_duration(text: str) -> None:
    assert duration(text) is None


@pytest.mark.parametrize("text", ["0bd", "1.5bd", "-1bd", "bd", "99999bd", "1d"])
def test_opening_days_are_whole_and_at_least_one(text: str) -> None:
    assert opening_days("1bd") == OpeningDays(1)
    assert opening_days(text) is None


@pytest.mark.parametrize("text", ["101%", "-1%", "80", "%", "1e1%", "80 percent"])
def test_a_share_is_at_most_the_whole(text: str) -> None:
    assert share("80%") == Share(80)
    assert share("99.5 %") == Share(99.5)
    assert share(text) is None


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=3660)))
def test_what_is_written_is_read_as_the_same(value: timedelta) -> None:
    assert duration(written(value)) == value


@pytest.mark.parametrize(("seconds", "text"), [(0, "0s"), (90, "90s"), (60, "1m"), (86_400, "1d"), (0.25, "0.25s")])
def test_it_is_written_in_the_largest_unit_that_fits(seconds: float, text: str) -> None:
    assert written(timedelta(seconds=seconds)) == text


@given(st.integers(min_value=0, max_value=100_000))
def test_a_share_is_written_as_it_was_read(thousandths: int) -> None:
    value = Share(thousandths / 1000)

    assert share(written(value)) == value
