"""What a record comes to when it is counted as a run is."""

from __future__ import annotations

import pytest

from console.routing.backtest import covered


@pytest.mark.parametrize(
    ("spans", "lasts"),
    [
        ([], 0),
        ([(0, 5), (7, 9)], 7),
        ([(0, 10), (2, 4)], 10),
        ([(5, 9), (0, 6)], 9),
        ([(3, 1)], 0),
    ],
)
def test_time_in_which_somebody_held_two_things_counts_once(spans: list[tuple[int, int]], lasts: int) -> None:
    assert covered(spans) == lasts
