"""What docs/howto/scripts.md shows is a script, and every key is in the reference."""

from __future__ import annotations

import re
from pathlib import Path

from console.scripts import keys
from console.scripts.check import findings
from console.scripts.parse import read

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"^```yaml\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def test_its_scripts_can_be_published() -> None:
    shown = BLOCK.findall((DOCS / "howto" / "scripts.md").read_text("utf-8"))

    assert len(shown) == 4
    for text in shown:
        assert [finding for finding in findings(read(text), {}) if finding.stops] == []


def test_an_unknown_key_is_answered_with_those_that_the_reference_lists() -> None:
    head = "script: any\ntitle: Any\nsteps:\n  - {step: done, end: solved}\n"
    [top] = read(head + "colour: red\n").problems
    [effect] = read(head.replace("steps:\n", "steps:\n  - {step: one, do: [{dance: 1}]}\n")).problems[:1]

    assert top.detail.endswith(f"allowed here: {', '.join(keys.FILE)}")
    assert effect.detail.endswith(f"allowed here: {', '.join(keys.EFFECTS)}")
