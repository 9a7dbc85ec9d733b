"""What a password must be, and how it is kept: argon2id, by the first of OWASP's recommended parameters.

That one (46 MiB, one pass, one lane) is as hard to guess as those with more passes, and takes one processor for some
30 ms: a node also routes calls. Still too long for an event loop: call it in a thread.
"""

from __future__ import annotations

import unicodedata

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from console.errors import BadInput, FieldError

LENGTH_MIN = 8
"""NIST SP 800-63B's lower limit; length is what counts, so nothing is asked of the characters."""
LENGTH_MAX = 256
"""Enough for a sentence, and a bound on what strangers can have us hash."""

SALT_BYTES = 16

HASHER = PasswordHasher(
    time_cost=1, memory_cost=46 * 1024, parallelism=1, hash_len=32, salt_len=SALT_BYTES, type=Type.ID
)

NOBODYS = "$argon2id$v=19$m=47104,t=1,p=1$8PZyHZGH7MeqqZQ2cHkz4w$qsrP8rTZ7k4UlKbUhJKQdK7iy+XuI0qaAlCuz5eUImo"
"""A hash that no password fits, verified where there is no user, so that it takes as long as where there is one."""


def checked(password: str, *, username: str) -> str:
    """Raises BadInput saying what is wrong with it as a new password."""
    if not LENGTH_MIN <= len(password) <= LENGTH_MAX:
        raise _bad(f"A password has {LENGTH_MIN} to {LENGTH_MAX} characters.")
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in password):
        raise _bad("A password has no control characters.")
    if normal(password).casefold() == username.casefold():
        raise _bad("A password is not the user's own name.")
    return password


def normal(password: str) -> str:
    """One form for what keyboards write in several (NFKC, as RFC 8265 asks)."""
    return unicodedata.normalize("NFKC", password)


def hashed(password: str, *, salt: bytes) -> str:
    """The salt is `SALT_BYTES` of chance."""
    return HASHER.hash(_bytes(password), salt=salt)


def fits(password: str, hash_: str) -> bool:
    """Whether it is the password that was hashed. One that is too long to be any is not looked at whole."""
    try:
        return HASHER.verify(hash_, _bytes(password[: LENGTH_MAX + 1]))
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(hash_: str) -> bool:
    """Made with other parameters than today's: hash anew when the password is next known."""
    return HASHER.check_needs_rehash(hash_)


def _bytes(password: str) -> bytes:
    return normal(password).encode("utf-8", "surrogatepass")


def _bad(detail: str) -> BadInput:
    return BadInput(detail, errors=(FieldError("password", detail),))
