"""The formulas that the simulation is held against give the values that books print."""

import pytest

from tests.simulation import theory


def test_erlang_b_by_its_own_definition() -> None:
    # a^c/c! over the sum of a^k/k!: for a = 2, c = 3: (8/6) / (1 + 2 + 2 + 8/6)
    assert theory.erlang_b(3, 2.0) == pytest.approx((8 / 6) / (5 + 8 / 6))
    assert theory.erlang_b(0, 5.0) == 1.0


@pytest.mark.parametrize(
    ("c", "a", "waits"), [(1, 0.5, 0.5), (5, 4.0, 0.55411), (14, 10.0, 0.17413), (25, 20.0, 0.20910)]
)
def test_erlang_c(c: int, a: float, waits: float) -> None:
    assert theory.erlang_c(c, a) == pytest.approx(waits, abs=5e-6)


def test_erlang_c_waits() -> None:
    assert theory.erlang_c_wait(1, 0.5, 1.0) == pytest.approx(1.0)  # M/M/1: ρ/(μ − λ)
    assert theory.erlang_c_within(14, 10 / 3, 1 / 3, 1 / 3) == pytest.approx(0.88835, abs=5e-6)


def test_a_queue_without_room_is_erlang_b() -> None:
    assert theory.birth_death(3, 2.0, 1.0, room=3).p_blocked == pytest.approx(theory.erlang_b(3, 2.0))


def test_a_queue_with_all_the_room_is_erlang_c() -> None:
    steady = theory.birth_death(5, 4.0, 1.0)

    assert steady.p_wait == pytest.approx(theory.erlang_c(5, 4.0))
    assert steady.mean_wait == pytest.approx(theory.erlang_c_wait(5, 4.0, 1.0))
    assert steady.occupancy == pytest.approx(0.8)


def test_one_server_with_room_for_two() -> None:
    # M/M/1/2 with ρ = 1: each of the three states has a third.
    steady = theory.birth_death(1, 1.0, 1.0, room=2)

    assert (steady.p_blocked, steady.p_wait, steady.mean_wait) == pytest.approx((1 / 3, 1 / 2, 1 / 2))


def test_erlang_a() -> None:
    steady = theory.birth_death(50, 48.0, 1.0, impatience=0.5)

    assert (steady.p_abandon, steady.mean_wait * 60, steady.occupancy) == pytest.approx(
        (0.0309, 3.709, 0.9303), abs=5e-4
    )


def test_a_long_day_from_empty_comes_to_the_steady_state() -> None:
    steady = theory.birth_death(12, 4.2, 0.5, impatience=1.0)
    day = theory.day_of_erlang_a(12, 4.2, 0.5, 1.0, 48_000)

    assert day.abandoned / 48_000 == pytest.approx(steady.p_abandon * 4.2, rel=1e-3)
    assert day.occupancy == pytest.approx(steady.occupancy, rel=1e-3)


def test_one_class_of_priority_is_erlang_c() -> None:
    assert theory.priority_waits(5, [4.0], 1.0) == pytest.approx([theory.erlang_c_wait(5, 4.0, 1.0)])


def test_cobhams_three_classes() -> None:
    assert theory.priority_waits(9, [2.0, 3.0, 2.5], 1.0) == pytest.approx([0.0727, 0.1637, 0.7637], abs=5e-5)
