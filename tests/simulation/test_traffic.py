"""Whoever comes is drawn from what the traffic says, and is the same whenever the seed is."""

import math
from random import Random
from statistics import fmean, stdev

import pytest

from console.routing.queue import MINUTE, SECOND
from console.routing.traffic import (
    Exponential,
    Fixed,
    Gamma,
    Lognormal,
    Phase,
    Stream,
    Trace,
    customers,
    instants,
    spans,
)

DRAWS = 20_000


@pytest.mark.parametrize(
    ("spread", "mean", "cv"),
    [
        (Fixed(2 * MINUTE), 120.0, 0.0),
        (Exponential(2 * MINUTE), 120.0, 1.0),
        (Lognormal(2 * MINUTE, 0.8), 120.0, 0.8),
        (Gamma(2 * MINUTE, 0.5), 120.0, 0.5),
        (Trace((60 * SECOND, 180 * SECOND)), 120.0, 0.5),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, float) else "",
)
def test_a_spread_has_its_mean_and_its_variation(spread, mean: float, cv: float) -> None:
    draw = spans(spread, Random(1))
    drawn = [draw() / SECOND for _ in range(DRAWS)]

    assert fmean(drawn) == pytest.approx(mean, abs=5 * max(cv, 0.001) * mean / math.sqrt(DRAWS))
    assert stdev(drawn) / fmean(drawn) == pytest.approx(cv, rel=0.06, abs=1e-9)


def test_arrivals_come_at_the_rate_of_their_phase_and_end_with_the_day() -> None:
    phases = [Phase(100 * MINUTE, 1.0), Phase(100 * MINUTE, 0.0), Phase(1000 * MINUTE, 0.25)]

    at = list(instants(phases, Random(1), 300 * MINUTE))
    by_phase = [sum(start <= t < start + 100 * MINUTE for t in at) for start in (0, 100 * MINUTE, 200 * MINUTE)]

    assert at == sorted(at)
    assert by_phase == pytest.approx([6000, 0, 1500], abs=300)
    assert sum(by_phase) == len(at)


def test_after_the_last_phase_nobody_comes() -> None:
    assert max(instants([Phase(MINUTE, 10.0)], Random(1), 60 * MINUTE)) < MINUTE


def stream(name: str, **more) -> Stream:
    return Stream(
        name=name, kind="voice", queue="q", phases=(Phase(60 * MINUTE, 0.1),), handle_time=Exponential(MINUTE), **more
    )


def test_another_stream_changes_nothing_for_the_customers_of_the_first() -> None:
    def draws(use: str) -> Random:
        return Random(f"1/{use}")

    alone = list(customers([stream("a")], draws, 60 * MINUTE, 0))
    beside = [c for c in customers([stream("a"), stream("b")], draws, 60 * MINUTE, 0) if c.stream == 0]

    assert [(c.at, c.handle) for c in alone] == [(c.at, c.handle) for c in beside]


def test_patience_changes_neither_arrivals_nor_handle_times() -> None:
    def draws(use: str) -> Random:
        return Random(f"1/{use}")

    patient = customers([stream("a")], draws, 60 * MINUTE, 0)
    not_so = customers([stream("a", patience=Exponential(MINUTE))], draws, 60 * MINUTE, 0)

    assert [(c.at, c.handle) for c in patient] == [(c.at, c.handle) for c in not_so]
