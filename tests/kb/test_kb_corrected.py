"""What a reader is told that their words were taken for."""

from __future__ import annotations

import pytest

from console.kb.corrected import corrected

FOUND = (
    ("<mark>Optical</mark> <mark>lights</mark> are <mark>red</mark>", "en"),
    ("<mark>Оптичний</mark> індикатор", "uk"),
    ("<mark>红灯</mark>亮", "zh"),
)


@pytest.mark.parametrize(
    ("query", "taken"),
    [
        ("optcal red", [("optcal", "optical")]),
        ("opticla optcal", [("opticla", "optical"), ("optcal", "optical")]),
        ("light opti", []),
        ("OPTICAL Light", []),
        ("invoice optical", []),
        ("rad", []),
        ("红灯", []),
        ("<b>&amp;", []),
        ("", []),
    ],
)
def test_words_that_stand_nowhere_are_told_with_the_like_that_do(query: str, taken: list[tuple[str, str]]) -> None:
    assert list(corrected(query, FOUND)) == taken
