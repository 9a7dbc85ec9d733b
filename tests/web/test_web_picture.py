"""What the floor comes to: order, figures, colours, and what needs a decision."""

from __future__ import annotations

from datetime import timedelta

import pytest

from console.sla.kpi import Counted, Formula
from console.web.supervisor import picture as p
from console.web.supervisor.lens import Lens
from tests.web.floors import AGENTS, FLOOR, QUEUES, agent, counted, floor, hour, queue, seen
from tests.web.screens import ago


def test_queues_stand_worst_first_and_agents_by_state_then_time() -> None:
    assert [q.told.waiting for q in FLOOR.queues] == [6, 4, 2, 1, 0, 0]
    order = [a.told.username for a in FLOOR.agents]
    assert order == ["11", "17", "14", "12", "21", "15", "13", "16", "18", "19", "20"]


def test_queues_stand_by_name_for_whom_that_is_better() -> None:
    names = [q.told.name for q in seen(QUEUES, lens=Lens(order="name")).queues]
    assert names == sorted(names)


def test_cases_are_not_coloured_by_how_long_they_wait() -> None:
    letters = QUEUES[-1]
    assert (p.wait_tone(letters), p.level_tone_of(letters, Lens())) == ("", "")


def test_the_level_of_all_counts_each_call_once_and_no_case() -> None:
    busy = queue("а", level=0.5, hour=(counted(0.5, offered=100, abandoned=10),) * 13)
    quiet = queue("б", level=1.0, hour=(counted(1.0, offered=10, abandoned=0),) * 13)
    letters = queue("в", level=0.0, channel="case")
    found = p.figures(floor((busy, quiet, letters)), Lens())
    assert found.level == pytest.approx((50 + 10) / 110)
    assert found.counted.abandon_rate == pytest.approx(10 / 110)


def test_a_centre_of_cases_alone_has_their_figures() -> None:
    found = p.figures(floor((queue("в", 3, 90, level=0.5, channel="case"),)), Lens())
    assert (found.level, found.waiting, found.waiting_cases) == (0.5, 3, 0)


def test_cases_that_wait_are_counted_beside_the_calls() -> None:
    assert (FLOOR.figures.waiting, FLOOR.figures.waiting_cases) == (11, 2)


def test_the_day_is_another_time_than_the_last_half_hour() -> None:
    both = queue("а", level=0.9, today=counted(0.5))
    assert p.figures(floor((both,)), Lens(period="recent")).level == pytest.approx(0.9)
    assert p.figures(floor((both,)), Lens(period="today")).level == pytest.approx(0.5)


def test_an_empty_centre_has_no_shares_and_no_longest_wait() -> None:
    found = p.figures(floor(), Lens())
    assert (found.level, found.counted.abandon_rate, found.counted.asa_s, found.longest_in) == (None,) * 4


@pytest.mark.parametrize(
    ("level", "target", "tone"),
    [(0.8, 0.8, ""), (0.75, 0.8, "warn"), (0.61, 0.8, "bad"), (None, 0.8, ""), (0.5, None, "")],
)
def test_colour_is_spent_on_what_misses_its_target(level: float | None, target: float | None, tone: str) -> None:
    assert p.level_tone(level, target) == tone


@pytest.mark.parametrize(("rate", "tone"), [(None, ""), (0.05, ""), (0.051, "warn"), (0.11, "bad")])
def test_callers_who_give_up_are_coloured_beyond_a_limit(rate: float | None, tone: str) -> None:
    assert p.abandon_tone(rate) == tone


@pytest.mark.parametrize(
    ("levels", "minutes"),
    [
        ((0.8,), 0),
        ((0.9, 0.8, 0.7), 60),
        ((0.5, 0.9, 0.8, 0.7), 10),
        ((0.5, 0.9, 0.7, 0.8), 0),
        ((0.81, 0.80), 0),
    ],
    ids=["level", "down all the hour", "down since the top", "up again", "hardly"],
)
def test_a_level_falls_since_it_last_rose(levels: tuple[float, ...], minutes: int) -> None:
    assert p.falling_min(queue("а", hour=hour(*levels)), Formula.OFFERED) == minutes


def test_the_caller_on_hold_is_a_state_of_its_own_since_then() -> None:
    held = next(one for one in AGENTS if one.held_at)
    assert (p.state_of(held), p.since(held)) == ("hold", ago(minutes=1))


def test_who_needs_a_look_missed_a_ring_or_takes_unusually_long() -> None:
    assert [a.told.username for a in seen((), AGENTS, Lens(show="look")).agents] == ["11", "15", "16"]


def test_a_team_is_shown_alone_where_somebody_asks_for_it() -> None:
    lens = Lens(show="mine", mine=frozenset({"13", "20"}))
    shown = seen((), AGENTS, lens)
    assert [a.told.username for a in shown.agents] == ["13", "20"]
    assert shown.counts == {"all": 11, "look": 3, "mine": 2}


def test_what_needs_a_decision_is_a_falling_level_two_missed_rings_and_a_long_call() -> None:
    assert [(d.kind, d.shown) for d in FLOOR.decisions] == [
        ("level", "оселі та малі підприємства"),
        ("missed", "Білал Хан"),
        ("long", "Аміна Юсуф"),
    ]
    falling = FLOOR.decisions[0]
    assert (falling.level, falling.falling_min, falling.waiting, falling.elsewhere) == (0.61, 40, 6, 3)


def test_one_missed_ring_and_a_level_that_is_low_but_steady_need_none() -> None:
    shown = seen((queue("а", level=0.5),), (agent("1", "Б", "not_responding", missed=1, missed_at=ago(minutes=1)),))
    assert shown.decisions == ()


def test_a_ring_missed_twice_is_a_decision_also_when_they_are_back() -> None:
    [found] = seen((), (agent("1", "Б", "idle", missed=2, missed_at=ago(minutes=9)),)).decisions
    assert not found.out


def test_figures_of_an_hour_ago_are_those_of_the_window_then() -> None:
    then = Counted(answered=4, in_time=2, abandoned=0, waited_s=40.0)
    found = p.figures(floor((queue("а", level=0.9, hour=(then, *hour(0.9)[1:])),)), Lens())
    assert found.hour_ago == then
    assert found.level_hour[0] == pytest.approx(0.5)
    assert p.figures(floor(), Lens(period="today")).hour_ago is None
    assert found.counted.asa_s == pytest.approx(timedelta(seconds=31).total_seconds())
