"""Texts from outside, made fit to be kept: nothing that a database refuses or a screen stumbles over."""

from __future__ import annotations

import re

TEXT_MAX = 256
"""Characters of a name, number or attribute that are kept: a display name of SIP is seldom over 100."""

# C0 and C1 controls (PostgreSQL's text refuses NUL), lone surrogates (no UTF-8), and the signs that turn
# the direction of the text around them.
_UNFIT = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\ud800-\\udfff\\u202a-\\u202e\\u2066-\\u2069]")


def clean(text: str, length_max: int = TEXT_MAX) -> str:
    """The text without control characters, trimmed and cut to `length_max`."""
    return _UNFIT.sub("", text[: 4 * length_max]).strip()[:length_max]
