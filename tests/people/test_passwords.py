"""Passwords: what they must be, and how they are kept."""

import time

import pytest

from console.errors import BadInput
from console.people.passwords import NOBODYS, SALT_BYTES, checked, fits, hashed, is_outdated

SALT = bytes(range(SALT_BYTES))


def test_a_password_fits_its_own_hash_alone() -> None:
    kept = hashed("correct horse", salt=SALT)

    assert kept.startswith("$argon2id$v=19$m=47104,t=1,p=1$")
    assert fits("correct horse", kept)
    assert not fits("correct horsf", kept)
    assert not fits("", kept)


def test_salt_makes_equal_passwords_unequal() -> None:
    assert hashed("correct horse", salt=SALT) != hashed("correct horse", salt=bytes(SALT_BYTES))


def test_nobodys_hash_is_as_hard_as_anybodys() -> None:
    assert not is_outdated(NOBODYS)
    assert not fits("", NOBODYS)


def test_a_hash_that_is_none_fits_nothing() -> None:
    assert not fits("x", "")
    assert not fits("x", "$argon2id$nonsense")


def test_a_very_long_attempt_costs_no_more_than_a_short_one() -> None:
    started = time.perf_counter()

    assert not fits("x" * 50_000_000, NOBODYS)

    assert time.perf_counter() - started < 2


@pytest.mark.parametrize("password", ["пароль-парола", "x" * 256, "12345678", "  spaces  ", "密码密码密码密码"])
def test_length_is_what_counts(password: str) -> None:
    assert checked(password, username="nadia") == password


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("1234567", "8 to 256 characters"),
        ("x" * 257, "8 to 256 characters"),
        ("tab\tinside", "control characters"),
        ("nadia.rahimi", "the user's own name"),
        ("NADIA.RAHIMI", "the user's own name"),
    ],
)
def test_what_will_not_do_is_refused_with_a_reason(password: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        checked(password, username="nadia.rahimi")
