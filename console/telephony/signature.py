"""Signatures of Standard Webhooks (https://www.standardwebhooks.com): HMAC-SHA256 over id, timestamp and body. Pure."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

SECRET_PREFIX = "whsec_"  # noqa: S105 - what every secret begins with, not one
TOLERANCE = timedelta(minutes=5)
"""By the contract, older and newer: what was caught on the way cannot be sent again next day."""
SIGNATURES_MAX = 10
"""Of one request: a sender that changes its secret signs with two."""


def key_of(secret: str) -> bytes | None:
    """The key that a secret (`whsec_` and base64) writes, or None where it writes none: an unset variable, say."""
    text = secret.strip().removeprefix(SECRET_PREFIX)
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
    return key or None


class Signed:
    """What a request says of its signature, and its body."""

    def __init__(self, headers: Mapping[str, str], body: bytes) -> None:
        self._id = headers.get("webhook-id", "")
        self._timestamp = headers.get("webhook-timestamp", "")
        self._given = [_signature(text) for text in headers.get("webhook-signature", "").split()[:SIGNATURES_MAX]]
        self._body = body

    def by(self, key: bytes, now: datetime) -> bool:
        """Whether it was signed with this key, less than five minutes from now."""
        if not self._id or not self._is_fresh(now):
            return False
        content = f"{self._id}.{self._timestamp}.".encode("latin-1") + self._body
        expected = hmac.new(key, content, hashlib.sha256).digest()
        return any(hmac.compare_digest(expected, given) for given in self._given)

    def _is_fresh(self, now: datetime) -> bool:
        text = self._timestamp
        if not (text.isascii() and text.isdecimal() and len(text) <= 12):
            return False
        return abs(now.timestamp() - int(text)) <= TOLERANCE.total_seconds()


def _signature(text: str) -> bytes:
    """Of `v1,BASE64`; empty, which fits nothing, for another version or what is no base64."""
    version, _, signature = text.partition(",")
    try:
        return base64.b64decode(signature, validate=True) if version == "v1" else b""
    except (binascii.Error, ValueError):
        return b""
