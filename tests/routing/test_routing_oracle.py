"""The indexed engine and a naive one give the same orders, one for one, whatever happens."""

import os
import subprocess
import sys
from hashlib import sha256

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.routing.engine import Engine
from console.routing.matching import LOOK_MAX, Index
from tests.routing.oracle import Oracle
from tests.routing.streams import Stream, live


def both(engine: Engine, oracle: Oracle, fact) -> None:
    """Asked before every step when it wants to be woken, as the router asks: which changes nothing."""
    assert engine.next_deadline is None or engine.next_deadline > 0
    orders = engine.step(fact)
    expected = oracle.step(fact)
    assert orders == expected, f"{fact}\nengine {orders}\noracle {expected}"
    oracle.decision = engine.decision


@pytest.mark.parametrize("seed", range(48))
def test_the_engine_agrees_with_a_plain_scan_order_for_order(seed: int) -> None:
    """In the small centre that this is nobody would go to the shelves: every other time they look at less before."""
    engine, oracle = Engine(Index(look=(LOOK_MAX, 2, LOOK_MAX, 0)[seed % 4])), Oracle()
    for fact in live(seed, engine, 500):
        both(engine, oracle, fact)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_the_engine_agrees_with_a_plain_scan_on_any_life(data: st.DataObject) -> None:
    engine, oracle = Engine(), Oracle()
    stream = Stream(lambda below: data.draw(st.integers(0, below - 1)), engine)
    for fact in stream.start():
        both(engine, oracle, fact)
    for _ in range(data.draw(st.integers(0, 40))):
        both(engine, oracle, stream.next())


def digest_of_a_life(seed: int) -> str:
    engine = Engine()
    orders = [engine.step(fact) for fact in live(seed, engine, 1000)]
    return sha256(msgspec.json.encode(orders)).hexdigest()


def test_the_orders_do_not_depend_on_the_hash_seed() -> None:
    code = (
        "from tests.routing.test_routing_oracle import digest_of_a_life; print([digest_of_a_life(s) for s in (1, 2)])"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4711")
    }
    assert len(told) == 1
    assert str(digest_of_a_life(1)) in told.pop()
