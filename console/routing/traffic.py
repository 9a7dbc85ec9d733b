"""Traffic as values: who comes and how often, how long serving them takes, and how long they wait before they hang up.

Chance is an argument: the same numbers drawn give the same day.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeAlias

import msgspec

from console.routing.queue import SECOND, Instant, Kind, Requirement, Span


class Chance(Protocol):
    """What is drawn from; `random.Random` is one."""

    def random(self) -> float: ...
    def expovariate(self, lambd: float, /) -> float: ...
    def gammavariate(self, alpha: float, beta: float, /) -> float: ...
    def lognormvariate(self, mu: float, sigma: float, /) -> float: ...


Draws: TypeAlias = Callable[[str], Chance]
"""Chance of its own for each use, by its name, so that drawing more for one use changes nothing for another."""


class Fixed(msgspec.Struct, frozen=True):
    span: Span


class Exponential(msgspec.Struct, frozen=True):
    mean: Span


class Lognormal(msgspec.Struct, frozen=True):
    mean: Span
    cv: float
    """Standard deviation over mean."""


class Gamma(msgspec.Struct, frozen=True):
    mean: Span
    cv: float


class Trace(msgspec.Struct, frozen=True):
    """Spans that were measured; each is as likely as the other."""

    spans: tuple[Span, ...]


Spread: TypeAlias = Fixed | Exponential | Lognormal | Gamma | Trace


class Phase(msgspec.Struct, frozen=True):
    """A part of the day in which calls come by chance at one rate (a Poisson process)."""

    lasts: Span
    per_second: float


class Stream(msgspec.Struct, frozen=True, kw_only=True):
    """Customers of one kind. Requirement and priority are their own; the queue's are added by the engine."""

    name: str
    kind: Kind
    queue: str
    phases: tuple[Phase, ...]
    handle_time: Spread
    patience: Spread | None = None
    """None: they never hang up."""
    requires: Requirement = {}
    priority: int | None = None
    within: Span = 20 * SECOND
    """Answered within this is in target."""


class Customer(msgspec.Struct, kw_only=True, gc=False):
    """Somebody who comes: everything about them is drawn before anybody serves them, so that two configurations can
    be tried on the very same people.
    """

    at: Instant
    stream: int
    """Which, of those that are simulated."""
    item: str
    kind: Kind
    queue: str
    requires: Requirement
    priority: int | None
    handle: Span
    patience: Span | None
    assigned: bool = False


def spans(spread: Spread, chance: Chance) -> Callable[[], Span]:
    """A function that draws one span after the other."""
    match spread:
        case Fixed(span=span):
            return lambda: span
        case Exponential(mean=mean):
            return lambda: round(chance.expovariate(1.0) * mean)
        case Lognormal(mean=mean, cv=cv):
            # Mean m and coefficient of variation c of a log-normal: σ² = ln(1 + c²), μ = ln m − σ²/2.
            variance = math.log1p(cv * cv)
            mu, sigma = math.log(mean) - variance / 2, math.sqrt(variance)
            return lambda: round(chance.lognormvariate(mu, sigma))
        case Gamma(mean=mean, cv=cv):
            shape = 1 / (cv * cv)
            return lambda: round(chance.gammavariate(shape, mean / shape))
        case Trace(spans=measured):
            return lambda: measured[int(chance.random() * len(measured))]


def instants(phases: Sequence[Phase], chance: Chance, until: Span) -> Iterator[Instant]:
    """When they come, from 0: a Poisson process forgets, so each phase begins anew. After the last nobody comes."""
    start = 0
    for phase in phases:
        end = min(start + phase.lasts, until)
        gap = SECOND / phase.per_second if phase.per_second else math.inf
        at = start + gap * chance.expovariate(1.0)
        while at < end:
            yield int(at)
            at += gap * chance.expovariate(1.0)
        start += phase.lasts


def customers(streams: Sequence[Stream], draws: Draws, until: Span, start: Instant) -> Iterator[Customer]:
    """Everybody who comes on a day of that length, in the order of their coming."""
    return heapq.merge(
        *(_of(number, stream, draws, until, start) for number, stream in enumerate(streams)),
        key=lambda customer: customer.at,
    )


def _of(number: int, stream: Stream, draws: Draws, until: Span, start: Instant) -> Iterator[Customer]:
    handle = spans(stream.handle_time, draws(f"{stream.name}/handle_time"))
    patience = spans(stream.patience, draws(f"{stream.name}/patience")) if stream.patience is not None else None
    for count, at in enumerate(instants(stream.phases, draws(f"{stream.name}/arrivals"), until)):
        yield Customer(
            at=start + at,
            stream=number,
            item=f"{number}-{count}",
            kind=stream.kind,
            queue=stream.queue,
            requires=stream.requires,
            priority=stream.priority,
            handle=handle(),
            patience=patience() if patience is not None else None,
        )
