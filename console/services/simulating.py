"""A configuration tried out: days of traffic through the real engine, on this machine's cores, without a database."""

from __future__ import annotations

import gc
import multiprocessing
import os
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor

from console.config.document import Centre
from console.config.rules import routing_rules
from console.config.traffic import Traffic
from console.routing.figures import Outcome, Simulated, summed_up
from console.routing.queue import SECOND, Rules
from console.routing.simulate import simulated_day
from console.routing.traffic import Draws
from console.services.uncollected import uncollected

WORTH_PROCESSES = 40_000
"""Customers in all; fewer are served before other processes have started."""

VERSION = 1
"""Of a configuration that was never applied."""


def simulate(
    centre: Centre,
    traffic: Traffic,
    *,
    seed: int,
    progress: Callable[[int], None] = lambda _: None,
    cores: int | None = None,
) -> Simulated:
    """Every day of the traffic. The same seed gives the same days, on however many cores; `progress` hears of each."""
    rules = routing_rules(VERSION, centre)
    outcomes = []
    for outcome in _days(rules, traffic, seed, cores or os.cpu_count() or 1):
        outcomes.append(outcome)
        progress(len(outcomes))
    return summed_up(outcomes, [s.name for s in traffic.streams], [s.queue for s in traffic.streams])


def draws(seed: int, day: int) -> Draws:
    """Chance of a day. Each use has its own, so that a change of one stream leaves the others' customers as they are."""
    return lambda use: random.Random(f"{seed}/{day}/{use}")  # noqa: S311 - nothing here is secret


def _days(rules: Rules, traffic: Traffic, seed: int, cores: int) -> Iterator[Outcome]:
    cores = min(cores, traffic.replications)
    days = range(traffic.replications)
    if cores == 1 or _expected(traffic) * traffic.replications < WORTH_PROCESSES:
        with uncollected():
            yield from (_day(rules, traffic, seed, day) for day in days)
        return
    # Started anew, not forked: a progress bar's thread may hold locks that a forked child would never see released.
    with ProcessPoolExecutor(cores, multiprocessing.get_context("spawn"), _begin, (rules, traffic, seed)) as pool:
        yield from pool.map(_day_of_process, days)


def _day(rules: Rules, traffic: Traffic, seed: int, day: int) -> Outcome:
    return simulated_day(rules, traffic.streams, draws(seed, day), lasts=traffic.duration, drain=traffic.drain)


_task: tuple[Rules, Traffic, int] | None = None
"""What this process simulates days of; it is sent once, not with each day."""


def _begin(rules: Rules, traffic: Traffic, seed: int) -> None:
    global _task  # noqa: PLW0603 - a process's own, set once when it begins
    _task = (rules, traffic, seed)
    gc.disable()


def _day_of_process(day: int) -> Outcome:
    assert _task is not None
    return _day(*_task, day)


def _expected(traffic: Traffic) -> float:
    """Customers a day."""
    return sum(phase.per_second * phase.lasts / SECOND for stream in traffic.streams for phase in stream.phases)
