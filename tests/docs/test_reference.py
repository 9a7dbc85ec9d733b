"""The reference says what the code does."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

from console.cli import COMMANDS

ROOT = Path(__file__).parents[2]
PAGES = (
    "settings.md",
    "commands.md",
    "configuration.md",
    "simulation.md",
    "http.md",
    "scripts.md",
    "stream.md",
    "asyncapi.yaml",
)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages as the code has them now; made by a process of its own, for what other tests have imported and called
    leaves traces in the commands' help."""
    directory = tmp_path_factory.mktemp("reference")
    subprocess.run([sys.executable, ROOT / "tools" / "reference.py", directory], check=True, capture_output=True)
    return directory


@pytest.mark.parametrize("name", PAGES)
def test_each_reference_page_is_what_the_code_says(written: Path, name: str) -> None:
    assert (ROOT / "docs" / "reference" / name).read_text() == (written / name).read_text(), "run `make docs`"


def test_no_generated_page_is_forgotten(written: Path) -> None:
    assert {path.name for path in written.iterdir()} == set(PAGES)


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
