"""The reference says what the code does."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from console.cli import COMMANDS

ROOT = Path(__file__).parents[2]
PAGES = ("settings.md", "commands.md", "configuration.md", "http.md", "stream.md", "asyncapi.yaml")


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    spec = importlib.util.spec_from_file_location("reference", ROOT / "tools" / "reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", PAGES)
def test_each_reference_page_is_what_the_code_says(reference: ModuleType, name: str) -> None:
    assert (ROOT / "docs" / "reference" / name).read_text() == reference.page(name), "run `make docs`"


def test_no_generated_page_is_forgotten(reference: ModuleType) -> None:
    assert set(reference.PAGES) == set(PAGES)


def test_every_link_in_the_documents_leads_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    dead = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text())
        if not (page.parent / target).exists()
    ]
    assert dead == []


def test_every_command_that_is_listed_can_be_imported() -> None:
    for place in COMMANDS.values():
        module, _, _ = place.partition(":")
        assert importlib.util.find_spec(module) is not None, place


def test_nothing_is_left_for_later_in_the_code() -> None:
    promises = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|NotImplementedError|mark\.(skip|xfail)|pytest\.(skip|xfail)\(")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for folder in ("console", "adapters", "tests", "bench", "tools")
        for path in (ROOT / folder).rglob("*.py")
        if path != Path(__file__)
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if promises.search(line)
    ]
    assert found == []
