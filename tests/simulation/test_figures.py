"""Means of many days, and how sure they are."""

import pytest

from console.routing.figures import Estimate, Outcome, Tally, figures, mean, ratio, student_t, summed_up
from console.routing.queue import SECOND


@pytest.mark.parametrize(
    ("freedom", "t"),
    [(1, 12.70620), (2, 4.30265), (4, 2.77645), (19, 2.09302), (29, 2.04523), (99, 1.98422), (999, 1.96234)],
)
def test_students_t_is_what_tables_print(freedom: int, t: float) -> None:
    assert student_t(freedom) == pytest.approx(t, abs=1e-5)


def test_a_mean_stands_in_the_middle_of_its_interval() -> None:
    # Standard deviation 1, over the root of three, times t(2).
    assert mean([1.0, 2.0, 3.0]) == Estimate(2.0, pytest.approx((2 - 2.48414, 2 + 2.48414), abs=1e-5))


def test_one_day_alone_says_nothing_of_the_next() -> None:
    assert mean([5.0]) == Estimate(5.0, (None, None))


def test_a_ratio_is_pooled_not_a_mean_of_ratios() -> None:
    assert ratio([1.0, 90.0], [10.0, 100.0]).mean == pytest.approx(91 / 110)


def test_a_ratio_that_is_the_same_every_day_is_known_for_sure() -> None:
    assert ratio([1.0, 2.0, 4.0], [2.0, 4.0, 8.0]) == Estimate(0.5, (0.5, 0.5))


def test_a_ratio_of_nothing_is_none() -> None:
    assert ratio([0.0, 0.0], [0.0, 0.0]) == Estimate(None, (None, None))


def test_every_figure_is_what_the_contract_says() -> None:
    day = Tally(
        offered=10,
        answered=8,
        abandoned=1,
        blocked=2,
        in_target=6,
        had_to_wait=5,
        waited=50 * SECOND,
        waited_answered=40 * SECOND,
        waited_most=20 * SECOND,
    )

    found = figures([day])

    assert {name: getattr(found, name).mean for name in found.__struct_fields__} == {
        "offered": 10,
        "answered": 8,
        "abandoned": 1,
        "blocked": 2,
        "in_target": 6,
        "service_level": 0.6,
        "p_wait": 0.5,
        "mean_wait_s": 5.0,
        "asa_s": 5.0,
        "max_wait_s": 20.0,
    }


def test_streams_of_one_queue_are_counted_together_in_it() -> None:
    days = [Outcome(streams=(Tally(offered=1, waited_most=7), Tally(offered=2, waited_most=9)), busy={"pool": 0.5})]

    found = summed_up(days, ["a", "b"], ["calls", "calls"])

    assert (found.streams["a"].offered.mean, found.queues["calls"].offered.mean, found.total.offered.mean) == (1, 3, 3)
    assert found.queues["calls"].max_wait_s.mean == 9 / SECOND
    assert found.agents["pool"].occupancy.mean == 0.5
