"""The simulation agrees with theory: the real engine, within three standard errors, which are small."""

import pytest

from tests.simulation.rows import ROWS, Row, agreements


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name.split(",")[0].split(":")[0])
def test_a_row_agrees_with_theory(row: Row) -> None:
    for found in agreements(row, seed=1):
        assert found.error <= found.exact.error_max, f"{found.path}: {found.error} proves nothing"
        assert abs(found.off) <= 3, (
            f"{found.path}: {found.mean}, exactly {found.exact.value}; {found.off:.1f} errors off"
        )
