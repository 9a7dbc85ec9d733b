"""Whoever follows docs/howto/simulate.md word for word gets what it shows."""

import itertools
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from console.cli import console

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "simulate.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@pytest.fixture
def at_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page's files, written as it says."""
    monkeypatch.chdir(tmp_path)
    text = {found[2].partition("\n")[0]: found[2].partition("\n")[2] for found in BLOCK.finditer(PAGE.read_text())}
    centre, traffic = text["# centre.yaml"], text["# traffic.yaml"]
    ladder = text["# changed.yaml: in queue faults"]
    after = "    requires: {fibre: 3, english: 2}\n"
    assert after in centre
    for name, content in (("centre", centre), ("traffic", traffic), ("changed", centre.replace(after, after + ladder))):
        (tmp_path / f"{name}.yaml").write_text(content)


@pytest.mark.usefixtures("at_hand")
def test_its_commands_print_what_it_shows() -> None:
    blocks = [(found[1], found[2]) for found in BLOCK.finditer(PAGE.read_text())]
    shown = [
        (command, told)
        for (kind, command), (other, told) in itertools.pairwise(blocks)
        if (kind, other) == ("sh", "text")
    ]

    assert len(shown) == 2
    for command, told in shown:
        ran = CliRunner().invoke(console, command.split()[1:])
        assert ran.exit_code == 0, ran.output
        assert ran.stdout == told
