"""When somebody is told again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from console.kb.reminders import REMINDERS_MAX, asked_again_at, reminded_again_at, working_days_later

KYIV = ZoneInfo("Europe/Kyiv")
FRIDAY = datetime(2026, 3, 27, 14, 0, tzinfo=UTC)
"""Before the night in which clocks go forward."""


def test_a_weekend_is_no_time_to_review_in_and_the_hour_stays_the_centres() -> None:
    assert working_days_later(FRIDAY, 2, UTC) == datetime(2026, 3, 31, 14, 0, tzinfo=UTC)
    assert working_days_later(FRIDAY, 2, KYIV) == datetime(2026, 3, 31, 13, 0, tzinfo=UTC)
    assert working_days_later(FRIDAY + timedelta(days=1), 1, UTC).day == 30


def test_a_review_with_a_date_is_reminded_of_then_and_one_without_after_two_working_days() -> None:
    due = FRIDAY + timedelta(hours=3)
    assert asked_again_at(FRIDAY, due, UTC) == due
    assert asked_again_at(FRIDAY, None, UTC) == working_days_later(FRIDAY, 2, UTC)
    assert asked_again_at(FRIDAY, FRIDAY - timedelta(days=1), UTC) == working_days_later(FRIDAY, 2, UTC)


def test_reminders_come_to_an_end() -> None:
    assert reminded_again_at(FRIDAY, 1, UTC) == working_days_later(FRIDAY, 2, UTC)
    assert reminded_again_at(FRIDAY, REMINDERS_MAX, UTC) is None
