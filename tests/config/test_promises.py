"""What a policy of the file promises, as a clock is given it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from console.config.parse import parse
from console.config.promises import terms
from console.sla.clock import Terms, due_at, started

H = timedelta(hours=1)
FRIDAY = datetime(2026, 11, 20, 15, tzinfo=UTC)
CENTRE = parse("""
version: 1
calendars:
  office: {time_zone: UTC, open: {mon-fri: ["09:00-17:00"]}, closed: ["2026-11-23"]}
sla:
  gold:
    calendar: office
    clocks:
      first_response: {target: 2h, warn: 75%}
      resolution: {target: 2bd, warn: 1bd, pause_when: [pending, new]}
    priorities:
      - {at_least: 10, clocks: {resolution: {target: 4h}}}
      - {at_least: 20, clocks: {resolution: {target: 1h}, next_update: {target: 30m}}}
  plain: {clocks: {first_response: {target: 2h, warn: 90m}}}
""")


def promised(stage: str, *, policy: str = "gold", priority: int = 0) -> Terms:
    found = terms(CENTRE, policy, stage, priority=priority, version=7, at=FRIDAY)
    assert found is not None
    return found


def test_a_target_is_counted_time_and_a_warning_may_be_a_share_of_it() -> None:
    found = promised("first_response")

    assert (found.target, found.warn, found.version, found.priority) == (2 * H, 1.5 * H, 7, 0)
    assert promised("first_response", policy="plain").calendar is None
    assert promised("first_response", policy="plain").warn == 1.5 * H


def test_opening_days_are_the_time_that_is_open_until_the_last_of_them_closes() -> None:
    found = promised("resolution")
    clock = started(id="k", case="c", name="resolution", policy="gold", terms=found, at=FRIDAY, why="registered")

    assert due_at(clock) == datetime(2026, 11, 25, 17, tzinfo=UTC), "Monday is a holiday"
    assert (found.target, found.warn) == (18 * H, 10 * H)
    assert found.pause_when == {"pending", "new"}


@pytest.mark.parametrize(("priority", "target"), [(9, 18 * H), (10, 4 * H), (19, 4 * H), (20, 1 * H), (99, 1 * H)])
def test_the_highest_priority_that_is_reached_selects(priority: int, target: timedelta) -> None:
    assert promised("resolution", priority=priority).target == target
    assert promised("first_response", priority=priority).target == 2 * H


def test_what_the_policy_does_not_have_is_not_promised() -> None:
    assert terms(CENTRE, "gold", "next_update", priority=0, version=7, at=FRIDAY) is None
    assert promised("next_update", priority=20).target == H / 2
