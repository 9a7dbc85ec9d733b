"""What queueing theory says exactly, for a simulation to agree with.

λ arrivals and μ services a unit of time, c servers, offered load a = λ/μ, ρ = a/c.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import NamedTuple

STATES_MAX = 100_000
NEGLIGIBLE = 1e-15


def erlang_b(c: int, a: float) -> float:
    """Probability that all c are busy, where nobody waits (A. K. Erlang 1917; the recursion is numerically stable)."""
    blocked = 1.0
    for k in range(1, c + 1):
        blocked = a * blocked / (k + a * blocked)
    return blocked


def erlang_c(c: int, a: float) -> float:
    """Probability that a customer has to wait, where all wait: M/M/c (A. K. Erlang 1917). Needs a < c."""
    blocked = erlang_b(c, a)
    return blocked / (1 - a / c * (1 - blocked))


def erlang_c_wait(c: int, arrivals: float, service: float) -> float:
    """Mean wait of all customers of an M/M/c."""
    return erlang_c(c, arrivals / service) / (c * service - arrivals)


def erlang_c_within(c: int, arrivals: float, service: float, within: float) -> float:
    """Share of customers of an M/M/c answered within a time: 1 − C·exp(−(cμ − λ)t)."""
    return 1 - erlang_c(c, arrivals / service) * math.exp(-(c * service - arrivals) * within)


class Steady(NamedTuple):
    """Of a queue in its steady state."""

    p_wait: float
    """Of those who enter."""
    p_blocked: float
    """Of those who come."""
    p_abandon: float
    """Of those who enter."""
    mean_wait: float
    """Of those who enter."""
    occupancy: float


def birth_death(c: int, arrivals: float, service: float, *, room: int | None = None, impatience: float = 0.0) -> Steady:
    """M/M/c, with room for so many in the system (M/M/c/K), or impatient customers (M/M/c+M, Erlang A: C. Palm 1946;
    A. Mandelbaum, S. Zeltyn, "Service Engineering in Action: The Palm/Erlang-A Queue", 2007), or both.

    The chain's balance equations: p(k+1) = p(k)·λ / (min(k+1, c)·μ + max(k+1−c, 0)·θ).
    """
    weights = [1.0]
    while room is None or len(weights) <= room:
        k = len(weights)
        weights.append(weights[-1] * arrivals / (min(k, c) * service + max(k - c, 0) * impatience))
        assert len(weights) < STATES_MAX, "it has no steady state"
        if k > c and weights[-1] < NEGLIGIBLE * max(weights):
            break
    total = math.fsum(weights)
    shares = [weight / total for weight in weights]
    blocked = shares[-1] if room is not None and len(shares) == room + 1 else 0.0
    waiting = math.fsum((k - c) * share for k, share in enumerate(shares) if k > c)
    busy = math.fsum(min(k, c) * share for k, share in enumerate(shares))
    entering = arrivals * (1 - blocked)
    must_wait = math.fsum(shares[c:]) - blocked
    return Steady(
        p_wait=must_wait / (1 - blocked),
        p_blocked=blocked,
        p_abandon=impatience * waiting / entering,
        mean_wait=waiting / entering,
        occupancy=busy / c,
    )


def priority_waits(c: int, arrivals: Sequence[float], service: float) -> list[float]:
    """Mean waits by priority, highest first, without interruption and with one service rate (A. Cobham 1954; O. Kella,
    U. Yechiali, "Waiting times in the non-preemptive priority M/M/c queue", 1985)."""
    last = erlang_c(c, sum(arrivals) / service) / (c * service)
    sums = [sum(arrivals[:k]) / (c * service) for k in range(len(arrivals) + 1)]
    return [last / ((1 - before) * (1 - upto)) for before, upto in itertools.pairwise(sums)]


class DayFromEmpty(NamedTuple):
    abandoned: float
    occupancy: float


def day_of_erlang_a(c: int, arrivals: float, service: float, impatience: float, lasts: float) -> DayFromEmpty:
    """Expected abandons, and share of busy time, of an M/M/c+M that begins empty, and whose last customers are served.

    The chain's forward equations by the midpoint rule, until it is steady, and again from the last arrival on.
    """
    states = c + 40
    out = [min(k, c) * service + max(k - c, 0) * impatience for k in range(states)]
    settle, step = 10 / min(service, impatience), 0.5 / (arrivals + out[-1])

    def flow(p: list[float], rate: float) -> list[float]:
        return [
            (p[k - 1] * rate if k else 0.0)
            + (p[k + 1] * out[k + 1] if k + 1 < states else 0.0)
            - p[k] * ((rate if k + 1 < states else 0.0) + out[k])
            for k in range(states)
        ]

    def passed(p: list[float], rate: float, time: float) -> tuple[list[float], float, float]:
        """The state after that time, and the time that was waited and worked in it."""
        steps = max(round(time / step), 1)
        h = time / steps
        waited = worked = 0.0
        for _ in range(steps):
            waited += h * _waiting(p, c)
            worked += h * _busy(p, c)
            k1 = flow(p, rate)
            k2 = flow([x + h / 2 * y for x, y in zip(p, k1, strict=True)], rate)
            p = [x + h * y for x, y in zip(p, k2, strict=True)]
        return p, waited, worked

    empty = [1.0] + [0.0] * (states - 1)
    steady, waited, worked = passed(empty, arrivals, min(settle, lasts))
    rest = max(lasts - settle, 0.0)
    waited += rest * _waiting(steady, c)
    worked += rest * _busy(steady, c)
    _, afterwards, _ = passed(steady, 0.0, settle)
    return DayFromEmpty(abandoned=impatience * (waited + afterwards), occupancy=worked / (c * lasts))


def _waiting(p: Sequence[float], c: int) -> float:
    return math.fsum((k - c) * share for k, share in enumerate(p) if k > c)


def _busy(p: Sequence[float], c: int) -> float:
    return math.fsum(min(k, c) * share for k, share in enumerate(p))
