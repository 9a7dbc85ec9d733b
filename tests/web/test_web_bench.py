"""The bench of the pages knows every message and every part."""

from __future__ import annotations

from typing import get_args

import pytest

from bench import web
from console.live import messages as m
from console.web.desk.parts import Part


def test_it_weighs_every_message(capsys: pytest.CaptureFixture[str]) -> None:
    web.pushing()

    weighed = {line.split()[0] for line in capsys.readouterr().out.splitlines() if "bytes" in line and "ratio" in line}
    assert weighed == {str(kind.__struct_config__.tag) for kind in get_args(m.Message)}


def test_it_times_every_part(capsys: pytest.CaptureFixture[str]) -> None:
    web.rendering(2)

    timed = {line.split()[1] for line in capsys.readouterr().out.splitlines() if line.startswith("part ")}
    assert timed == set(Part)
