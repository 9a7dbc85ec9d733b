"""Bearer tokens and session cookies: what they look like, and what of them is kept."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable

from console.errors import BadInput, FieldError
from console.people.who import Scope

PREFIX = "ctk_"
"""By which a leaked token is known for what it is."""
CHANCE_BYTES = 32

_TOKEN = re.compile(r"ctk_[A-Za-z0-9_-]{43}", re.ASCII)


def written(chance: bytes) -> str:
    """The token that this chance makes."""
    return PREFIX + _base64(chance)


def cookie(chance: bytes) -> str:
    """The value of a session's cookie, or its CSRF token."""
    return _base64(chance)


def is_token(text: str) -> bool:
    """Whether it could be one of ours at all."""
    return _TOKEN.fullmatch(text) is not None


def kept(secret: str) -> bytes:
    """What is kept of a token or cookie. It is 32 bytes of chance, so one plain hash cannot be guessed back."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def checked_scopes(scopes: Iterable[str]) -> tuple[str, ...]:
    """Raises BadInput for a scope that there is not."""
    known = [scope.value for scope in Scope]
    for scope in scopes:
        if scope not in known:
            detail = f"There is no scope {scope!r}; there is {', '.join(known)}."
            raise BadInput(detail, errors=(FieldError("scope", detail),))
    return tuple(sorted(set(scopes)))


def _base64(chance: bytes) -> str:
    return base64.urlsafe_b64encode(chance).rstrip(b"=").decode()
