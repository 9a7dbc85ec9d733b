"""What the demo says while it starts."""

from __future__ import annotations

from io import StringIO

from rich.console import Console

from console.cli.demo.progress import Progress


def said(*, terminal: bool) -> str:
    out = StringIO()
    progress = Progress(Console(file=out, force_terminal=terminal, width=100, highlight=False))
    with progress.step("Starting a database"):
        progress.say("which happens once")
    with progress.step("Writing its past"):
        pass
    return out.getvalue()


def test_without_a_terminal_each_step_is_a_plain_line() -> None:
    assert said(terminal=False).splitlines() == ["Starting a database …", "  which happens once", "Writing its past …"]


def test_on_a_terminal_a_step_that_is_done_is_ticked_with_its_time() -> None:
    lines = [line for line in said(terminal=True).splitlines() if "✓" in line]

    assert [word in line for word, line in zip(("Starting", "Writing"), lines, strict=True)] == [True, True]
    assert all(" s" in line for line in lines)
