"""A promise's clock, through pauses, breaches, reopening and re-basing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from console.errors import Conflict
from console.sla.calendar import Calendar, Interval
from console.sla.clock import (
    TRANSITIONS,
    Clock,
    Happening,
    State,
    Terms,
    acted,
    due_at,
    elapsed,
    left,
    next_act,
    rebased,
    segments,
    started,
    step,
    warn_at,
)

NINE = datetime(2026, 11, 2, 9, tzinfo=UTC)
"""A Monday."""
H = timedelta(hours=1)
M = timedelta(minutes=1)
OFFICE = Calendar(
    time_zone="UTC", week=(*[(Interval(540, 780), Interval(840, 1080))] * 5, (), ())
)  # 09:00-13:00, 14:00-18:00


def clock(target: timedelta = 4 * H, warn: timedelta | None = None, calendar: Calendar | None = OFFICE) -> Clock:
    terms = Terms(target=target, warn=warn, calendar=calendar, version=1)
    return started(id="k1", case="c1", name="resolution", policy="gold", terms=terms, at=NINE, why="registered")


def test_due_is_when_the_target_has_been_counted_by_the_calendar() -> None:
    assert due_at(clock(6 * H)) == NINE + 7 * H
    assert due_at(clock(6 * H, calendar=None)) == NINE + 6 * H


def test_a_pause_moves_the_due_instant_by_what_would_have_counted() -> None:
    paused = step(clock(), Happening.PAUSED, at=NINE + 1 * H, why="waits for the customer", by="nadia")
    assert due_at(paused) is None
    assert elapsed(paused, NINE + 30 * H) == 1 * H

    resumed = step(paused, Happening.RESUMED, at=NINE + 3 * H, why="customer wrote")

    assert due_at(resumed) == NINE + 7 * H
    assert left(resumed, NINE + 6 * H) == 1 * H


def test_it_warns_before_it_is_due_and_not_at_all_where_nobody_asked_for_it() -> None:
    assert warn_at(clock(4 * H, warn=3 * H)) == NINE + 3 * H
    assert warn_at(clock()) is None


def test_after_the_breach_it_goes_on_counting_and_can_still_be_met() -> None:
    late = clock(1 * H)
    assert left(late, NINE + 3 * H) == -2 * H

    met = step(late, Happening.MET, at=NINE + 3 * H, why="resolved")

    assert met.state is State.MET
    assert left(met, NINE + 9 * H) == -2 * H
    assert due_at(met) == NINE + 1 * H


def test_met_in_time_it_is_never_due() -> None:
    met = step(clock(), Happening.MET, at=NINE + 1 * H, why="resolved")

    assert due_at(met) is None
    assert elapsed(met, NINE + 9 * H) == 1 * H


def test_reopening_goes_on_from_what_had_been_counted() -> None:
    met = step(clock(), Happening.MET, at=NINE + 1 * H, why="resolved")

    again = step(met, Happening.REOPENED, at=NINE + 24 * H, why="customer wrote")

    assert due_at(again) == NINE + 27 * H
    assert elapsed(again, NINE + 25 * H) == 2 * H


def test_re_basing_keeps_what_was_counted_and_counts_on_by_the_new_terms() -> None:
    round_the_clock = Terms(target=6 * H, calendar=None, version=2)

    moved = rebased(clock(), round_the_clock, at=NINE + 3 * H, why="contract upgraded", by="admin")

    assert due_at(moved) == NINE + 6 * H
    assert [s.calendar_version for s in segments(moved, NINE + 5 * H)] == [1, 2]
    with pytest.raises(Conflict, match="met"):
        rebased(step(clock(), Happening.MET, at=NINE, why="x"), round_the_clock, at=NINE, why="x", by="admin")


def test_a_shorter_promise_is_broken_when_it_is_made_not_before() -> None:
    moved = rebased(clock(), Terms(target=1 * H, calendar=OFFICE, version=2), at=NINE + 2 * H, why="urgent", by="nadia")

    assert due_at(moved) == NINE + 2 * H


def test_a_broken_promise_is_not_made_good_by_another_one() -> None:
    with pytest.raises(Conflict, match="over its target"):
        rebased(clock(1 * H), Terms(target=9 * H, version=2), at=NINE + 2 * H, why="late", by="admin")


def test_met_in_the_very_instant_it_is_due_it_is_met_in_time() -> None:
    met = step(clock(1 * H), Happening.MET, at=NINE + 1 * H, why="resolved")

    assert due_at(met) is None
    assert left(met, NINE + 9 * H) == timedelta()


def test_it_warns_and_breaches_once_in_this_order_and_each_at_its_instant() -> None:
    running = clock(2 * H, warn=1 * H)

    assert next_act(running) == (NINE + 1 * H, "warned")
    running = acted(running, "warned", NINE + 1 * H)
    assert next_act(running) == (NINE + 2 * H, "breached")
    assert next_act(acted(running, "breached", NINE + 2 * H)) is None


def test_what_was_told_to_people_has_happened_before_whatever_comes_to_light_later() -> None:
    breached = acted(clock(1 * H), "breached", NINE + 1 * H)

    met = step(breached, Happening.MET, at=NINE + 59 * M, why="resolved")

    assert due_at(met) == NINE + 1 * H


def test_a_target_of_nothing_is_due_at_once_when_it_is_next_open() -> None:
    assert due_at(clock(timedelta(), calendar=None)) == NINE


def test_a_breach_that_came_before_the_pause_stays_where_it_was() -> None:
    paused = step(clock(1 * H), Happening.PAUSED, at=NINE + 2 * H, why="pending")

    assert due_at(paused) == NINE + 1 * H


def test_its_segments_tell_who_paused_it_and_why_and_when_it_was_closed() -> None:
    paused = step(clock(), Happening.PAUSED, at=NINE + 6 * H, why="waits for a photo", by="nadia")

    told = [(s.kind, (s.until - s.since), s.why, s.by) for s in segments(paused, NINE + 8 * H)]

    assert told == [
        ("counted", 4 * H, "registered", None),
        ("closed", 1 * H, "registered", None),
        ("counted", 1 * H, "registered", None),
        ("paused", 2 * H, "waits for a photo", "nadia"),
    ]


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("happening", Happening)
def test_what_cannot_happen_is_refused(state: State, happening: Happening) -> None:
    ways = {
        State.RUNNING: (),
        State.PAUSED: (Happening.PAUSED,),
        State.MET: (Happening.MET,),
        State.CANCELED: (Happening.CANCELED,),
    }
    there = clock()
    for way in ways[state]:
        there = step(there, way, at=NINE, why="x")

    if happening in TRANSITIONS[state]:
        assert step(there, happening, at=NINE, why="x").state is TRANSITIONS[state][happening]
    else:
        with pytest.raises(Conflict, match=state):
            step(there, happening, at=NINE, why="x")


pauses = st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 3000)), max_size=6)


@settings(max_examples=60)
@given(pauses, st.integers(0, 3000))
def test_a_clock_paused_and_resumed_is_the_sum_of_its_parts(gaps: list[tuple[int, int]], rest: int) -> None:
    running, at, counted = clock(), NINE, timedelta()
    for run, pause in gaps:
        counted += OFFICE.counted(at, at + run * M)
        running = step(running, Happening.PAUSED, at=at + run * M, why="p")
        at += (run + pause) * M
        running = step(running, Happening.RESUMED, at=at, why="r")
    counted += OFFICE.counted(at, at + rest * M)

    assert elapsed(running, at + rest * M) == counted


class Life(RuleBasedStateMachine):
    """Whatever happens to a clock, its segments are without gaps and add up, and due is where the target is reached."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = clock(3 * H, warn=2 * H)
        self.now = NINE
        self.reopened = False
        self.counted_before = timedelta()

    @rule(minutes=st.integers(0, 2000))
    def time_passes(self, minutes: int) -> None:
        self.now += minutes * M

    @rule(happening=st.sampled_from(Happening))
    def happens(self, happening: Happening) -> None:
        if happening in TRANSITIONS[self.clock.state]:
            self.reopened |= happening is Happening.REOPENED
            self.clock = step(self.clock, happening, at=self.now, why=happening)

    @precondition(lambda self: not self.clock.ended and left(self.clock, self.now) > timedelta())
    @rule(hours=st.integers(0, 9), calendar=st.sampled_from([None, OFFICE]))
    def is_rebased(self, hours: int, calendar: Calendar | None) -> None:
        terms = Terms(target=hours * H, calendar=calendar, version=len(self.clock.terms) + 1)
        self.counted_before = elapsed(self.clock, self.now)
        self.clock = rebased(self.clock, terms, at=self.now, why="rebased", by="admin")

    @invariant()
    def segments_add_up(self) -> None:
        told = list(segments(self.clock, self.now))
        counted = sum(((s.until - s.since) for s in told if s.kind == "counted"), timedelta())
        assert counted == elapsed(self.clock, self.now) == self.clock.target - left(self.clock, self.now)
        if not self.reopened:
            assert all(before.until == after.since for before, after in pairwise(told))

    @invariant()
    def due_is_where_the_target_is_reached(self) -> None:
        due = due_at(self.clock)
        if due is None:
            assert self.clock.state is not State.RUNNING
        else:
            assert elapsed(self.clock, due) == max(self.clock.target, self.counted_before)


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)
