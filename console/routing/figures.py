"""What a simulated day comes to, and what many days say together: means with their confidence intervals."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from console.routing.queue import SECOND, Span

CONFIDENCE = 0.95


class Tally(msgspec.Struct, gc=False):
    """One day of one stream, counted. Waits are in µs."""

    offered: int = 0
    """Who entered: all who came, without the blocked."""
    answered: int = 0
    abandoned: int = 0
    """Whoever hung up before an answer, however soon."""
    blocked: int = 0
    """Ended by overflow on entry."""
    in_target: int = 0
    """Answered within the queue's `service_level.within`."""
    had_to_wait: int = 0
    waited: Span = 0
    """By all who entered, until an answer or their end."""
    waited_answered: Span = 0
    waited_most: Span = 0

    def __add__(self, other: Tally) -> Tally:
        added = {name: getattr(self, name) + getattr(other, name) for name in Tally.__struct_fields__}
        return Tally(**(added | {"waited_most": max(self.waited_most, other.waited_most)}))


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """One simulated day."""

    streams: tuple[Tally, ...]
    """In the order of the streams."""
    busy: Mapping[str, float]
    """Of each agent's name (those given by number have one together) the share of the time in which they had work."""


class Estimate(msgspec.Struct, frozen=True):
    """A mean, and where it lies with 95 % confidence, by Student's t over the replications.

    None: nothing to take a mean of; with one replication nothing is known of how far it is off.
    """

    mean: float | None
    ci95: tuple[float | None, float | None]


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """A day's figures, each the mean of all days. Ratios are pooled: the sum of all days over the sum of all days."""

    offered: Estimate
    answered: Estimate
    abandoned: Estimate
    blocked: Estimate
    in_target: Estimate
    service_level: Estimate
    p_wait: Estimate
    mean_wait_s: Estimate
    asa_s: Estimate
    max_wait_s: Estimate


class Occupancy(msgspec.Struct, frozen=True):
    occupancy: Estimate


class Simulated(msgspec.Struct, frozen=True, kw_only=True):
    """What `console simulate --json` prints."""

    replications: int
    streams: dict[str, Figures]
    queues: dict[str, Figures]
    agents: dict[str, Occupancy]
    total: Figures


def summed_up(outcomes: Sequence[Outcome], names: Sequence[str], queues: Sequence[str]) -> Simulated:
    """All days together; `names` and `queues` are the streams', in their order. A customer counts in the queue that
    they came into, wherever they were answered.
    """
    members = {queue: [n for n, other in enumerate(queues) if other == queue] for queue in dict.fromkeys(queues)}
    return Simulated(
        replications=len(outcomes),
        streams={name: figures([day.streams[n] for day in outcomes]) for n, name in enumerate(names)},
        queues={
            queue: figures([_pooled(day.streams[n] for n in numbers) for day in outcomes])
            for queue, numbers in members.items()
        },
        agents={name: Occupancy(mean([day.busy[name] for day in outcomes])) for name in outcomes[0].busy},
        total=figures([_pooled(day.streams) for day in outcomes]),
    )


def figures(days: Sequence[Tally]) -> Figures:
    """Of the same stream, on each day."""
    offered = [day.offered for day in days]
    answered = [day.answered for day in days]
    return Figures(
        offered=mean(offered),
        answered=mean(answered),
        abandoned=mean([day.abandoned for day in days]),
        blocked=mean([day.blocked for day in days]),
        in_target=mean([day.in_target for day in days]),
        service_level=ratio([day.in_target for day in days], offered),
        p_wait=ratio([day.had_to_wait for day in days], offered),
        mean_wait_s=ratio([day.waited / SECOND for day in days], offered),
        asa_s=ratio([day.waited_answered / SECOND for day in days], answered),
        max_wait_s=mean([day.waited_most / SECOND for day in days]),
    )


def mean(days: Sequence[float]) -> Estimate:
    """Of one number a day."""
    count = len(days)
    middle = math.fsum(days) / count
    return _interval(middle, [day - middle for day in days], scale=1.0)


def ratio(above: Sequence[float], below: Sequence[float]) -> Estimate:
    """Of two numbers a day that go together: Σ above / Σ below.

    Its variance is that of above − R·below over the mean of below (the ratio estimator; W. G. Cochran, Sampling
    Techniques, 3rd ed. 1977, section 6.4).
    """
    total = math.fsum(below)
    if not total:
        return Estimate(None, (None, None))
    middle = math.fsum(above) / total
    off = [a - middle * b for a, b in zip(above, below, strict=True)]
    return _interval(middle, off, scale=len(below) / total)


def _interval(middle: float, off: Sequence[float], *, scale: float) -> Estimate:
    count = len(off)
    if count < 2:
        return Estimate(middle, (None, None))
    error = scale * math.sqrt(math.fsum(o * o for o in off) / (count - 1) / count)
    reach = student_t(count - 1) * error
    return Estimate(middle, (middle - reach, middle + reach))


@functools.cache
def student_t(freedom: int) -> float:
    """How many standard errors a mean of freedom + 1 values may be off, at 95 % on both sides together.

    The distribution between −t and t is a finite sum for whole degrees of freedom (Abramowitz & Stegun, Handbook of
    Mathematical Functions, 26.7.3 and 26.7.4); its inverse is found by halving.
    """
    low, high = 0.0, 1.0
    while _between(high, freedom) < CONFIDENCE:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _between(middle, freedom) < CONFIDENCE else (low, middle)
    return high


def _between(t: float, freedom: int) -> float:
    angle = math.atan(t / math.sqrt(freedom))
    cosine = math.cos(angle) ** 2
    odd = freedom % 2
    term = math.cos(angle) if odd else 1.0
    total = term if freedom > 1 else 0.0
    for step in range(2 + odd, freedom - 1, 2):
        term *= cosine * (step - 1) / step
        total += term
    total *= math.sin(angle)
    return 2 / math.pi * (angle + total) if odd else total


def _pooled(days: Iterable[Tally]) -> Tally:
    return sum(days, start=Tally())
