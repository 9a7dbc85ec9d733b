"""Texts from outside, made fit to be kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.telephony.text import TEXT_MAX, clean


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("  Zoë 李 علی ", "Zoë 李 علی"),
        ("a\x00b\x1b[31m\x7f\x9fc", "ab[31mc"),
        ("\ud800x\udfff", "x"),
        ("\u202egnp.exe", "gnp.exe"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("", ""),
    ],
)
def test_only_what_cannot_be_kept_is_taken_away(text: str, kept: str) -> None:
    assert clean(text) == kept


@given(st.text(st.characters(), max_size=2000))
def test_what_is_kept_is_short_and_can_be_written_as_utf_8(text: str) -> None:
    kept = clean(text)

    assert len(kept) <= TEXT_MAX
    assert b"\x00" not in kept.encode()
    assert clean(kept) == kept
