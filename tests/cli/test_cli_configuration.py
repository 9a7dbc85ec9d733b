"""`console apply` and `console export`."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from console.cli import console
from console.errors import Fault
from console.nodes import SIZE_MAX

EXAMPLE = Path(__file__).parent.parent / "config" / "centre.yaml"

Run = Callable[..., Result]


@pytest.fixture
def run(database_url: str, tmp_path: Path) -> Run:
    env = {"CONSOLE_DATABASE_URL": database_url, "CONSOLE_DATA_DIR": str(tmp_path), "CONSOLE_REDIS_URL": ""}
    return lambda *words, given=None: CliRunner().invoke(console, words, input=given, env=env)


def test_a_file_is_applied_and_its_export_changes_nothing(run: Run, tmp_path: Path) -> None:
    applied = run("apply", str(EXAMPLE))
    assert applied.exit_code == 0
    assert applied.stdout.endswith("\nVersion 1 is in force.\n")
    assert "+ queue faults\n" in applied.stdout

    exported = run("export")
    assert (exported.exit_code, exported.stderr) == (0, "")
    file = tmp_path / "export.yaml"
    file.write_text(exported.stdout)

    assert run("apply", str(file)).stdout == "Nothing to change; version 1 is in force.\n"
    assert run("export").stdout == exported.stdout


def test_a_dry_run_prints_the_difference_and_changes_nothing(run: Run) -> None:
    told = run("apply", "--dry-run", str(EXAMPLE))

    assert told.exit_code == 0
    assert told.stdout.startswith("+ skill fibre\n")
    assert told.stdout.endswith("\nNothing was changed; this would be version 1.\n")
    assert run("export").stdout == "version: 1\n"


def test_a_file_may_come_on_standard_input(run: Run) -> None:
    assert run("apply", "-", given="version: 1\nskills: [fibre]\n").exit_code == 0
    assert run("export").stdout == "version: 1\nskills: [fibre]\n"


def test_mistakes_are_told_with_file_line_key_and_what_is_allowed(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "centre.yaml"
    file.write_text("version: 1\nskills: [fibre]\nqueues:\n  - {name: q, channel: fax, requires: {fiber: 1}}\n")

    refused = run("apply", str(file))

    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.splitlines() == [
        f"{file}:4: queues[q].channel: must be one of voice, case, callback; not 'fax'",
        (
            f"{file}:4: queues[q].requires.fiber: skill 'fiber' is not declared under skills; "
            "did you mean 'fibre'?; declared: fibre"
        ),
        "2 mistakes; nothing was applied.",
    ]
    assert run("export").stdout == "version: 1\n"


def test_a_file_that_cannot_be_read_is_told(run: Run, tmp_path: Path) -> None:
    large, latin = tmp_path / "large.yaml", tmp_path / "latin.yaml"
    large.write_bytes(b"#" * (SIZE_MAX + 1))
    latin.write_bytes("version: 1\nskills: [café]\n".encode("latin-1"))

    for file, words in (
        (tmp_path / "none.yaml", "No such file"),
        (tmp_path, "Is a directory"),
        (large, "more than 1,048,576 bytes"),
        (latin, ":2: not UTF-8"),
    ):
        refused = run("apply", str(file)).exception
        assert isinstance(refused, Fault)
        assert words in str(refused)


def test_help_lists_every_command_in_its_own_words_without_importing_it() -> None:
    asked = "import sys; from console.cli import console; console(['--help'], standalone_mode=False); "
    done = subprocess.run(
        [sys.executable, "-c", asked + "assert 'litestar' not in sys.modules"],
        capture_output=True,
        text=True,
        check=True,
    )

    told = " ".join(done.stdout.split())
    with click.Context(console) as context:
        for name in console.list_commands(context):
            command = console.get_command(context, name)
            assert command is not None
            assert f"{name} {' '.join((command.help or '').partition(chr(10) * 2)[0].split())}" in told


@pytest.mark.parametrize(
    "command", [("apply",), ("export",), ("settings",), ("user", "create"), ("token", "create"), ("token", "revoke")]
)
def test_every_command_helps_with_an_example(command: tuple[str, ...]) -> None:
    told = CliRunner().invoke(console, [*command, "--help"])

    assert told.exit_code == 0
    assert f"console {' '.join(command)}" in told.stdout.split("Example")[1]
