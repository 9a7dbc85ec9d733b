"""Styles read as the reader does: nothing in them says left or right but what is drawn so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.web.fragment import STATIC, TEMPLATES

STYLES = sorted(STATIC.glob("*.css"))
PHYSICAL = re.compile(
    r"(?<![\w-])(?:(?:margin|padding|border|inset|scroll-margin|scroll-padding)-)?(?:left|right|top|bottom)(?:-[\w-]+)?\s*:"
    r"|(?:text-align|float|clear)\s*:\s*(?:left|right)"
    r"|border-(?:top|bottom)-(?:left|right)-radius"
    r"|(?<![\w-])to (?:left|right)\b"
)
FOUR = re.compile(r"(?<![\w-])(padding|margin|inset|border-width|border-color)\s*:\s*([^;}{]+)")
MIRRORED = {
    "arrow-left",
    "arrow-right",
    "arrow-up-right",
    "chevron-left",
    "chevron-right",
    "corner-down-right",
    "log-out",
}
MIRRORED |= {"panel-left-open", "send"}
"""Icons that point along the line; phones and clocks never turn."""


def physical(css: str) -> Iterator[str]:
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    for found in PHYSICAL.finditer(css):
        yield found[0]
    for found in FOUR.finditer(css):
        values = re.findall(r"(?:[^\s(]|\([^)]*\))+", found[2])
        if len(values) == 4 and values[1] != values[3]:
            yield found[0]


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_nothing_is_left_or_right(path: Path) -> None:
    assert list(physical(path.read_text())) == []


@pytest.mark.parametrize(
    ("css", "found"),
    [
        (".a { margin-left: 1px }", 1),
        (".a { left: 0; text-align: right }", 2),
        (".a { padding: 1px 2px 3px 4px }", 1),
        (".a { border-top-left-radius: 2px }", 1),
        (".a { padding: 1px 2px 3px 2px; margin-inline-start: 1px; text-align: start; inset-inline-end: 0 }", 0),
        (".cd .left { stroke: red } /* left: 1px */", 0),
        (".a { grid-template-columns: 1fr 2fr 3fr 4fr }", 0),
    ],
)
def test_the_check_finds_sides_and_only_those(css: str, found: int) -> None:
    assert len(list(physical(css))) == found


def test_icons_that_point_along_the_line_turn_with_it() -> None:
    for template in TEMPLATES.rglob("*.html"):
        for name, classes in re.findall(r"icon\('([\w-]+)'(?:, '([^']*)')?\)", template.read_text()):
            assert (name in MIRRORED) <= ("dir" in classes.split()), f"{template.name}: {name}"


def test_every_language_that_is_not_latin_has_faces_of_its_own() -> None:
    tokens = (STATIC / "tokens.css").read_text()
    for language in ("fa", "zh-Hans"):
        assert f":lang({language})" in tokens


def test_parts_have_no_style_of_their_own() -> None:
    for template in TEMPLATES.rglob("*.html"):
        assert not re.search(r"\sstyle\s*=", template.read_text()), template.name
