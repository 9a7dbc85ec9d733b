"""Guarantee 8 over planted faults: each is found, and what is in order is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from console.sla.check import Event, check
from console.sla.clock import Act, Clock, Happening, Terms, rebased, started, step

NINE = datetime(2026, 11, 2, 9, tzinfo=UTC)
H = timedelta(hours=1)
S = timedelta(seconds=1)
ALL_DAY = [(NINE - H, NINE + 24 * H)]
NIGHT = [(NINE - H, NINE + H), (NINE + 6 * H, NINE + 24 * H)]
"""Nobody looked from ten to three."""


def clock(warn: timedelta | None = None) -> Clock:
    terms = Terms(target=2 * H, warn=warn, version=1)
    return started(id="k1", case="c1", name="resolution", policy="gold", terms=terms, at=NINE, why="registered")


def event(kind: Act, due: timedelta, late: timedelta = timedelta(milliseconds=20)) -> Event:
    return Event(kind=kind, due_at=NINE + due, acted_at=NINE + due + late)


IN_TIME = event("breached", 2 * H)


@pytest.mark.parametrize(
    ("of", "events", "told", "watches", "codes"),
    [
        (clock(), [IN_TIME], 1, ALL_DAY, []),
        (clock(), [], 0, [(NINE - H, NINE + 2 * H + 0.9 * S)], []),
        (clock(), [], 0, ALL_DAY, ["did_not_act"]),
        (clock(), [event("breached", 2 * H, 1.2 * S)], 1, ALL_DAY, ["acted_late"]),
        (clock(), [event("breached", 2 * H, -1 * S)], 1, ALL_DAY, ["acted_early"]),
        (clock(), [event("breached", 1.5 * H)], 1, ALL_DAY, ["not_due"]),
        (clock(), [IN_TIME], 2, ALL_DAY, ["told_otherwise"]),
        (clock(), [IN_TIME], 0, ALL_DAY, ["told_otherwise"]),
        (clock(warn=1 * H), [IN_TIME], 1, ALL_DAY, ["did_not_act"]),
        (clock(), [event("breached", 2 * H, 4 * H + 0.5 * S)], 1, NIGHT, []),
        (clock(), [event("breached", 2 * H, 4 * H + 2 * S)], 1, NIGHT, ["acted_late"]),
        (clock(), [], 0, NIGHT, ["did_not_act"]),
        (clock(), [], 0, NIGHT[:1], []),
        (clock(), [], 0, [], []),
    ],
)
def test_what_is_wrong_is_found(
    of: Clock, events: list[Event], told: int, watches: list[tuple[datetime, datetime]], codes: list[str]
) -> None:
    assert [broken.code for broken in check(of, events, told, watches)] == codes


def test_what_was_due_is_worked_out_as_it_was_then() -> None:
    paused = step(clock(warn=1 * H), Happening.PAUSED, at=NINE + 1.5 * H, why="pending")
    moved = rebased(paused, Terms(target=8 * H, warn=7 * H, version=2), at=NINE + 2 * H, why="contract", by="ada")
    resumed = step(moved, Happening.RESUMED, at=NINE + 3 * H, why="open")

    assert list(check(resumed, [event("warned", 1 * H)], 1, [(NINE, NINE + 8 * H)])) == []


def test_what_was_met_before_it_was_due_never_acts() -> None:
    met = step(clock(), Happening.MET, at=NINE + 1 * H, why="resolved")

    assert list(check(met, [], 0, ALL_DAY)) == []
    assert [broken.code for broken in check(met, [IN_TIME], 1, ALL_DAY)] == ["not_due"]
