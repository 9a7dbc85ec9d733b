"""Names that users and integrations may have."""

from __future__ import annotations

import re
import unicodedata

from console.errors import BadInput, FieldError

NAME_MAX = 200

_USERNAME = re.compile(r"[a-z0-9._-]{1,64}", re.ASCII)
_INTEGRATION = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)


def checked_username(username: str) -> str:
    """Raises BadInput."""
    if not _USERNAME.fullmatch(username):
        raise _bad("username", "A user name has 1 to 64 of the characters a-z 0-9 . _ -")
    return username


def is_username(text: str) -> bool:
    return _USERNAME.fullmatch(text) is not None


def checked_integration(name: str) -> str:
    """Raises BadInput."""
    if not _INTEGRATION.fullmatch(name):
        raise _bad("integration", "An integration's name has 1 to 64 of the characters A-Z a-z 0-9 . _ -")
    return name


def checked_name(name: str) -> str:
    """A person's name, as others read it. Raises BadInput."""
    name = name.strip()
    printable = not any(unicodedata.category(character) in ("Cc", "Cs") for character in name)
    if not 1 <= len(name) <= NAME_MAX or not printable:
        raise _bad("name", f"A name has 1 to {NAME_MAX} characters on one line.")
    return name


def _bad(field: str, detail: str) -> BadInput:
    return BadInput(detail, errors=(FieldError(field, detail),))
