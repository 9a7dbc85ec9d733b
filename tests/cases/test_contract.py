"""Which contract covers a case, and what is left of it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from console.cases.contract import Contract, Entitlement, Terms, checked, covering
from console.errors import BadInput

NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC)
UNLIMITED = Entitlement()


def contract(number: str = "C1", **terms: object) -> Contract:
    given = {"starts_on": date(2026, 1, 1), "ends_on": date(2026, 12, 31), "account": "a", **terms}
    return Contract(id=number, number=number, name="Care", created_at=NEW_YEAR, changed_at=NEW_YEAR, **given)  # type: ignore[arg-type]  # whatever a test says


def test_a_contract_holds_on_its_last_day_until_that_day_is_over_where_it_is_made() -> None:
    kyiv = contract(time_zone="Europe/Kyiv")

    assert kyiv.in_force(datetime(2026, 12, 31, 21, 59, tzinfo=UTC))
    assert not kyiv.in_force(datetime(2026, 12, 31, 22, 0, tzinfo=UTC))
    assert contract().in_force(datetime(2026, 12, 31, 23, 59, tzinfo=UTC))
    assert not contract().in_force(datetime(2025, 12, 31, 23, 59, tzinfo=UTC))
    assert contract(ends_on=None).in_force(datetime(2099, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        # One's own before the account's, even where it is used up.
        (
            (contract("own", account=None, customer="c"), Entitlement(included_cases=1, used_cases=1)),
            (contract("theirs"), UNLIMITED),
        ),
        (
            (contract("rest"), Entitlement(included_cases=2, used_cases=1)),
            (contract("empty"), Entitlement(included_cases=1, used_cases=1)),
        ),
        ((contract("soon", ends_on=date(2026, 11, 30)), UNLIMITED), (contract("open", ends_on=None), UNLIMITED)),
    ],
)
def test_of_several_contracts_the_one_whose_rest_would_be_lost_first_covers(
    first: tuple[Contract, Entitlement], second: tuple[Contract, Entitlement]
) -> None:
    at = datetime(2026, 11, 20, tzinfo=UTC)

    assert covering([first, second], at) == covering([second, first], at) == first[0]


def test_a_contract_that_is_used_up_still_covers_and_says_by_how_much() -> None:
    over = Entitlement(included_cases=1, used_cases=3, included_hours=2, used_hours=2.25)

    assert covering([(contract(), over)], datetime(2026, 5, 1, tzinfo=UTC)) == contract()
    assert (over.cases_left, over.hours_left, over.exhausted) == (-2, -0.25, True)
    assert not UNLIMITED.exhausted
    assert covering([], NEW_YEAR) is None
    assert covering([(contract(), UNLIMITED)], NEW_YEAR) is None


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"ends_on": date(2025, 12, 31)}, "ends_on"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"time_zone": "../etc/passwd"}, "time_zone"),
    ],
)
def test_terms_that_cannot_be_meant_are_refused_by_field(terms: dict[str, object], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        checked(Terms(**{"number": "1", "name": "x", "starts_on": date(2026, 1, 1), **terms}))  # type: ignore[arg-type]  # whatever a test says

    assert [error.field for error in refused.value.errors] == [field]
