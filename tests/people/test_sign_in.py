"""How often a sign-in may fail, and how long one lasts."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.people.sign_in import IDLES, Limit, account_key, address_key, is_over, locked_for

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LIMIT = Limit(3, timedelta(minutes=10))


def ago(*seconds: int) -> list[datetime]:
    return [NOON - number * SECOND for number in seconds]


def test_fewer_failures_than_the_limit_lock_nobody() -> None:
    assert locked_for(ago(1, 2), LIMIT, NOON) is None


def test_the_lock_lasts_until_the_first_of_them_leaves_the_window() -> None:
    assert locked_for(ago(1, 100, 200), LIMIT, NOON) == 400 * SECOND
    assert locked_for(ago(1, 100, 200, 300), LIMIT, NOON) == 400 * SECOND


def test_failures_outside_the_window_are_forgotten() -> None:
    assert locked_for(ago(1, 100, 600), LIMIT, NOON) is None


@given(st.lists(st.integers(0, 1200), max_size=10))
def test_when_the_lock_ends_one_may_try(seconds: list[int]) -> None:
    failures = ago(*seconds)
    left = locked_for(failures, LIMIT, NOON)

    if left is not None:
        assert timedelta(0) < left <= LIMIT.window
        assert locked_for(failures, LIMIT, NOON + left) is None
        assert locked_for(failures, LIMIT, NOON + left - timedelta(microseconds=1)) is not None


def test_a_session_is_over_by_age_or_idleness() -> None:
    day = timedelta(days=1)

    assert not is_over(expires_at=NOON + SECOND, seen_at=NOON - IDLES + SECOND, now=NOON)
    assert is_over(expires_at=NOON, seen_at=NOON, now=NOON)
    assert is_over(expires_at=NOON + day, seen_at=NOON - IDLES, now=NOON)


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("192.0.2.7", "address:192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "address:2001:db8:1:2::/64"),
        ("2001:db8:1:2::ffff", "address:2001:db8:1:2::/64"),
        ("fe80::1%eth0", "address:fe80::/64"),
        ("::ffff:192.0.2.7", "address:192.0.2.7"),
        ("unix", "address:unix"),
        ("x" * 1000, f"address:{'x' * 64}"),
    ],
)
def test_a_household_is_one_address(address: str, key: str) -> None:
    assert address_key(address) == key


def test_an_account_and_an_address_are_never_taken_for_each_other() -> None:
    assert account_key("192.0.2.7") != address_key("192.0.2.7")
