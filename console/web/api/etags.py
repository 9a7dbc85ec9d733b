"""The version of a record, as `ETag` and `If-Match` say it."""

from __future__ import annotations

import re

from console.errors import StaleRecord

_ETAG = re.compile(r'(W/)?"([^"]*)"')


def etag(version: int) -> str:
    return f'"{version}"'


def read_version(if_match: str | None) -> int | None:
    """The version that the asker has read; None: whichever it is.

    Raises StaleRecord for a tag that no version ever had, or a weak one, which promises too little.
    """
    if if_match is None or if_match.strip() == "*":
        return None
    tag = _ETAG.fullmatch(if_match.strip())
    if tag is None or tag[1] or not (tag[2].isascii() and tag[2].isdecimal() and len(tag[2]) < 10):
        raise StaleRecord
    return int(tag[2])
