"""Figures by their definitions, over a day counted by hand."""

from __future__ import annotations

import pytest

from console.sla.kpi import NOTHING, Counted, Formula, service_level, together

# T is 20 s. Answered after 5, 10, 20 (in time), 21 and 64 s; abandoned after 8 s (in time) and 30 s.
DAY = Counted(answered=5, in_time=3, abandoned=2, abandoned_in_time=1, waited_s=120.0)


@pytest.mark.parametrize(
    ("formula", "level"),
    [
        (Formula.OFFERED, 3 / 7),
        (Formula.ANSWERED, 3 / 5),
        (Formula.SERVED, (3 + 1) / 7),
        (Formula.PATIENT, 3 / (5 + 1)),
    ],
)
def test_each_formula_says_its_own_service_level(formula: Formula, level: float) -> None:
    assert service_level(DAY, formula) == pytest.approx(level)


def test_the_usual_formula_is_answered_in_time_of_those_offered() -> None:
    assert service_level(DAY) == service_level(DAY, Formula.OFFERED)


@pytest.mark.parametrize("formula", Formula)
def test_where_nothing_happened_there_is_no_share(formula: Formula) -> None:
    assert service_level(NOTHING, formula) is None
    assert (NOTHING.asa_s, NOTHING.abandon_rate) == (None, None)


def test_where_all_gave_up_early_some_formulas_have_nothing_to_share() -> None:
    early = Counted(abandoned=3, abandoned_in_time=3)
    assert service_level(early, Formula.OFFERED) == 0
    assert service_level(early, Formula.SERVED) == 1
    assert service_level(early, Formula.ANSWERED) is None
    assert service_level(early, Formula.PATIENT) is None


def test_speed_of_answer_and_abandon_rate() -> None:
    assert DAY.offered == 7
    assert DAY.asa_s == pytest.approx((5 + 10 + 20 + 21 + 64) / 5)
    assert DAY.abandon_rate == pytest.approx(2 / 7)


def test_spans_are_added_up_and_never_averaged() -> None:
    quiet = Counted(answered=1, in_time=1, waited_s=2.0)
    both = together([DAY, quiet])
    assert service_level(both) == pytest.approx(4 / 8)
    assert both.asa_s == pytest.approx(122 / 6)
