"""Setups whose figures are known, as files that `console simulate` takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from console.config import parse, traffic
from console.routing.figures import student_t
from console.services.simulating import simulate
from tests.simulation.theory import birth_death, day_of_erlang_a, erlang_c, erlang_c_within, priority_waits

REPLICATIONS = 20


class Exact(NamedTuple):
    value: float
    error_max: float
    """A standard error above this proves nothing."""
    known_to: float = 0.0
    """The reference's own standard error, where it was measured and not calculated."""


class Row(NamedTuple):
    name: str
    centre: str
    streams: str
    hours: float
    """Of a replication, for a test; the bench takes longer ones."""
    exact: Callable[[float], Mapping[str, Exact]]
    """Path of a figure to its value, by the minutes of a replication, which begins empty."""
    whole_day: bool = False
    """Known of just this day: the bench takes more of them, not longer ones."""


class Agreement(NamedTuple):
    path: str
    mean: float
    error: float
    exact: Exact

    @property
    def off(self) -> float:
        """In standard errors."""
        return (self.mean - self.exact.value) / (self.error**2 + self.exact.known_to**2) ** 0.5


def _impatient(minutes: float) -> dict[str, Exact]:
    exact = day_of_erlang_a(12, 4.2, 0.5, 1.0, minutes)
    return {
        "total.abandoned": Exact(exact.abandoned, 4.0),
        "total.in_target": Exact(1906.0, 10.0, known_to=1.5),
        "total.asa_s": Exact(0.024 * 60, 0.15, known_to=0.03),
        "agents.pool.occupancy": Exact(exact.occupancy, 0.006),
    }


def _erlang_a(minutes: float) -> dict[str, Exact]:
    """Long runs come to 3.09 % abandoned, 3.709 s and 93.03 %. All who wait leave at the rate θ, so that the time waited
    is the abandoned over θ, on this day as in the steady state."""
    day = day_of_erlang_a(50, 48.0, 1.0, 0.5, minutes)
    came = 48.0 * minutes
    return {
        "total.mean_wait_s": Exact(day.abandoned / 0.5 / came * 60, 0.5),
        "total.abandoned": Exact(day.abandoned, 0.006 * came),
        "agents.pool.occupancy": Exact(day.occupancy, 0.01),
    }


def _erlang_c(_: float) -> dict[str, Exact]:
    return {
        "total.p_wait": Exact(erlang_c(14, 10.0), 0.02),
        "total.service_level": Exact(erlang_c_within(14, 10 / 3, 1 / 3, 1 / 3), 0.015),
        "agents.pool.occupancy": Exact(10 / 14, 0.012),
    }


def _n_system(_: float) -> dict[str, Exact]:
    """Solved as a Markov chain; its product form: I. Adan, G. Weiss, Stochastic Systems 4 (2014)."""
    return {
        "streams.a.mean_wait_s": Exact(0.5163 * 60, 2.0),
        "streams.b.mean_wait_s": Exact(1.3844 * 60, 6.0),
        "agents.first.occupancy": Exact(0.5215, 0.01),
        "agents.second.occupancy": Exact(0.6781, 0.01),
    }


def _priorities(_: float) -> dict[str, Exact]:
    high, middle, low = priority_waits(9, [2.0, 3.0, 2.5], 1.0)
    return {
        "streams.high.mean_wait_s": Exact(high * 60, 0.4),
        "streams.middle.mean_wait_s": Exact(middle * 60, 1.0),
        "streams.low.mean_wait_s": Exact(low * 60, 6.0),
    }


def _limited(minutes: float) -> dict[str, Exact]:
    steady = birth_death(10, 9.0, 1.0, room=15)
    return {
        "total.blocked": Exact(steady.p_blocked * 9 * minutes, 0.007 * 9 * minutes),
        "total.p_wait": Exact(steady.p_wait, 0.02),
        "total.mean_wait_s": Exact(steady.mean_wait * 60, 0.6),
    }


_ONE_QUEUE = """
version: 1
queues: [{{name: support, channel: voice, wrap_up: 0s, service_level: {{within: 20s}}{more}}}]
agents: [{{count: {agents}, name: pool}}]
"""

ROWS = (
    Row(
        "impatient customers, a day from empty (example MMCAb of the library contactcenters)",
        _ONE_QUEUE.format(agents=12, more=""),
        "- {name: s, queue: support, rate: 4.2/min, handle_time: {exponential: 2m}, patience: {exponential: 1m}}",
        8,
        _impatient,
        whole_day=True,
    ),
    Row(
        "Erlang A, 50 agents, 93 % busy",
        _ONE_QUEUE.format(agents=50, more=""),
        "- {name: s, queue: support, rate: 48/min, handle_time: {exponential: 1m}, patience: {exponential: 2m}}",
        0.4,
        _erlang_a,
    ),
    Row(
        "Erlang C, 100 calls per 30 min, 14 agents",
        _ONE_QUEUE.format(agents=14, more=""),
        "- {name: s, queue: support, rate: 200/h, handle_time: {exponential: 3m}}",
        4,
        _erlang_c,
    ),
    Row(
        "N-system: a is served by both, b by the second alone, first come first served, idle longest first",
        """
version: 1
queues:
  - {name: a, channel: voice, wrap_up: 0s}
  - {name: b, channel: voice, wrap_up: 0s}
agents:
  - {count: 1, name: first, queues: [a]}
  - {count: 1, name: second, queues: [a, b]}
""",
        """
- {name: a, queue: a, rate: 0.8/min, handle_time: {exponential: 1m}}
- {name: b, queue: b, rate: 0.4/min, handle_time: {exponential: 1m}}
""",
        12,
        _n_system,
    ),
    Row(
        "three priorities without interruption (Cobham)",
        """
version: 1
queues:
  - {name: high, channel: voice, wrap_up: 0s, priority: 3}
  - {name: middle, channel: voice, wrap_up: 0s, priority: 2}
  - {name: low, channel: voice, wrap_up: 0s, priority: 1}
agents: [{count: 9, name: pool}]
""",
        """
- {name: high, queue: high, rate: 2/min, handle_time: {exponential: 1m}}
- {name: middle, queue: middle, rate: 3/min, handle_time: {exponential: 1m}}
- {name: low, queue: low, rate: 2.5/min, handle_time: {exponential: 1m}}
""",
        5,
        _priorities,
    ),
    Row(
        "at most five wait (M/M/10/15): who comes later is sent away",
        _ONE_QUEUE.format(agents=10, more=", overflow: [{when: {waiting_more_than: 5}, to: end}]"),
        "- {name: s, queue: support, rate: 9/min, handle_time: {exponential: 1m}}",
        1,
        _limited,
    ),
)


def agreements(row: Row, *, seed: int, scale: float = 1.0) -> list[Agreement]:
    """Each known figure beside the simulated one, over replications `scale` times as long."""
    hours = row.hours if row.whole_day else row.hours * scale
    replications = round(REPLICATIONS * scale) if row.whole_day else REPLICATIONS
    days = f"duration: {hours:g}h\nreplications: {replications}\nstreams:\n{row.streams}\n"
    centre = parse.parse(row.centre, by_number=True)
    found = msgspec.to_builtins(simulate(centre, traffic.parse(days, centre, _no_file), seed=seed))
    reach = student_t(replications - 1)
    result = []
    for path, exact in row.exact(60 * hours).items():
        estimate = _at(found, path)
        low, high = estimate["ci95"]
        result.append(Agreement(path, estimate["mean"], (high - low) / 2 / reach, exact))
    return result


def _at(found: Any, path: str) -> Any:
    for key in path.split("."):
        found = found[key]
    return found


def _no_file(name: str) -> str:
    raise AssertionError(name)
