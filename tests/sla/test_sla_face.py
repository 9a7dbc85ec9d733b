"""What a clock shows: its shape, what is left, and when it counts on by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.sla.calendar import Calendar, Interval
from console.sla.clock import Clock, Happening, Terms, due_at, left, started, step
from console.sla.face import Face, Shape, face, most_urgent

NINE = datetime(2026, 11, 2, 9, tzinfo=UTC)
"""A Monday."""
H = timedelta(hours=1)
OFFICE = Calendar(time_zone="Europe/Kyiv", week=(*[(Interval(540, 780), Interval(840, 1080))] * 5, (), ()))
"""In UTC 07:00-11:00 and 12:00-16:00 in winter."""


def clock(target: timedelta = 4 * H, *, warn: timedelta | None = None, calendar: Calendar | None = None) -> Clock:
    terms = Terms(target=target, warn=warn, calendar=calendar, version=1)
    return started(id="k1", case="c1", name="resolution", policy="gold", terms=terms, at=NINE, why="registered")


def shown(of: Clock, now: datetime) -> Face:
    found = face(of, now)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("of", "hours", "shape"),
    [
        (clock(), 2.9, Shape.OK),
        (clock(), 3, Shape.WARN),
        (clock(warn=3.5 * H), 3.2, Shape.OK),
        (clock(warn=2 * H), 2, Shape.WARN),
        (clock(), 4, Shape.BREACHED),
        (step(clock(), Happening.PAUSED, at=NINE + 1 * H, why="pending"), 9, Shape.PAUSED),
        (step(clock(), Happening.PAUSED, at=NINE + 5 * H, why="pending"), 9, Shape.BREACHED),
        (step(clock(), Happening.MET, at=NINE + 5 * H, why="resolved"), 9, Shape.MET),
    ],
)
def test_it_has_one_of_five_shapes(of: Clock, hours: float, shape: Shape) -> None:
    assert shown(of, NINE + hours * H).shape is shape


def test_a_canceled_clock_shows_nothing() -> None:
    assert face(step(clock(), Happening.CANCELED, at=NINE, why="resolved"), NINE + H) is None


def test_it_says_when_it_turns_and_what_it_waits_for() -> None:
    assert shown(clock(), NINE).turns_at == NINE + 3 * H
    assert shown(clock(), NINE + 3 * H).turns_at == NINE + 4 * H
    paused = shown(step(clock(), Happening.PAUSED, at=NINE + 1 * H, why="pending"), NINE + 2 * H)
    assert (paused.why, paused.due_at, paused.turns_at, paused.left) == ("pending", None, None, 3 * H)


def test_while_it_is_closed_it_does_not_count_and_tells_when_it_opens() -> None:
    at_noon = shown(clock(calendar=OFFICE), NINE + 2.5 * H)

    assert not at_noon.counts
    assert at_noon.spans[0] == (NINE + 3 * H, NINE + 7 * H)
    assert at_noon.left == at_noon.left_before == 2 * H


def test_the_most_urgent_is_over_its_target_then_near_it_then_due_first() -> None:
    now = NINE + 3.5 * H
    faces = [shown(clock(target), now) for target in (9 * H, 2 * H, 4 * H, 3 * H)]

    first = most_urgent(faces)

    assert first is not None
    assert (first.shape, first.target) == (Shape.BREACHED, 2 * H)
    assert most_urgent([]) is None


@settings(max_examples=60)
@given(st.integers(0, 6 * 24 * 60), st.integers(0, 24 * 60), st.sampled_from([None, OFFICE]))
def test_a_page_that_counts_on_by_the_spans_shows_what_the_server_would(
    drawn: int, later: int, calendar: Calendar | None
) -> None:
    of = clock(200 * H, calendar=calendar)
    then, now = NINE + drawn * timedelta(minutes=1), NINE + (drawn + later) * timedelta(minutes=1)
    drawn_face = shown(of, then)
    counted = sum(
        (max(timedelta(), (min(now, until) if until else now) - since) for since, until in drawn_face.spans),
        timedelta(),
    )

    assert drawn_face.left_before - counted == left(of, now)


@settings(max_examples=60)
@given(st.integers(0, 3 * 24 * 60))
def test_while_it_only_counts_on_what_the_page_is_told_stays_the_same(minutes: int) -> None:
    of, now = clock(200 * H, calendar=OFFICE), NINE + minutes * timedelta(minutes=1)
    one, other = shown(of, now), shown(of, now + timedelta(seconds=59))

    if one.spans == other.spans and one.counts == other.counts:
        moment = {"at": NINE, "left": timedelta()}
        assert msgspec.structs.replace(one, **moment) == msgspec.structs.replace(other, **moment)


intervals = st.tuples(st.integers(0, 1439), st.integers(1, 1439)).map(lambda i: (Interval(i[0], i[0] + i[1]),))
calendars = st.builds(
    Calendar,
    time_zone=st.sampled_from(["Europe/Kyiv", "America/New_York", "Asia/Tehran", "Australia/Lord_Howe", "UTC"]),
    week=st.tuples(*[st.just(()) | intervals] * 6, intervals),
)


@settings(max_examples=100, deadline=None)
@given(calendars, st.integers(0, 366 * 24 * 60), st.integers(0, 90_000))
def test_what_has_counted_when_it_is_due_is_the_target_by_any_calendar(
    calendar: Calendar, start: int, target_s: int
) -> None:
    terms = Terms(target=timedelta(seconds=target_s), calendar=calendar, version=1)
    at = NINE + timedelta(minutes=start)
    of = started(id="k1", case="c1", name="resolution", policy="gold", terms=terms, at=at, why="registered")
    due = due_at(of)

    assert due is not None
    assert calendar.counted(at, due) == terms.target
