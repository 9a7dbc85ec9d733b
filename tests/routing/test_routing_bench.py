"""The bench runs, and both engines in it do the same work."""

import pytest

from bench.engine import Centre, Row, copied, prepared, run
from bench.scan import Scan
from console.routing.engine import Engine

ROW = Row("ten agents", 10, 2, 3, 20, (1, 2))


def test_it_prints_a_row_with_its_ratio(capsys: pytest.CaptureFixture[str]) -> None:
    run(ROW, 0.01)

    assert capsys.readouterr().out.startswith("ten agents")


def test_index_and_scan_give_the_same_orders() -> None:
    centre = Centre(ROW)
    snapshot, day = prepared(centre)
    engines = [Engine.load(copied(snapshot), centre.rules), Engine.load(copied(snapshot), centre.rules, Scan())]
    for _ in range(300):
        fact = day.next()
        indexed, scanned = (engine.step(fact) for engine in engines)
        assert indexed == scanned
        day.heard(indexed)
