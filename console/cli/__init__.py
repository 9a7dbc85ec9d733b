"""The commands of `console`: each parses its words, calls one use case, prints its answer."""

from __future__ import annotations

import ast
import gc
import importlib
import importlib.util
import logging
import sys
from pathlib import Path

import click

from console.cli import logs
from console.errors import Fault, Refusal
from console.services.uncollected import uncollected

COMMANDS = {
    "apply": "console.cli.configuration:apply",
    "check": "console.cli.journal:check",
    "demo": "console.cli.demo.command:demo",
    "explain": "console.cli.journal:explain",
    "export": "console.cli.configuration:export",
    "kb": "console.cli.kb:kb",
    "migrate": "console.cli.serve:migrate",
    "replay": "console.cli.journal:replay",
    "scripts": "console.cli.scripts:scripts",
    "serve": "console.cli.serve:serve",
    "settings": "console.cli.settings:settings",
    "simulate": "console.cli.simulate:simulate",
    "telephony": "console.cli.telephony:telephony",
    "token": "console.cli.people:token",
    "user": "console.cli.people:user",
}
"""Imported when they are asked for: `--help` must not wait for a web server's imports."""


class _Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        with uncollected():
            command: click.Command = getattr(importlib.import_module(module), name)
        gc.freeze()  # what was imported stays
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        names = self.list_commands(ctx)
        with formatter.section("Commands"):
            formatter.write_dl([(name, _first_sentence(COMMANDS[name])) for name in names])


def _first_sentence(address: str) -> str:
    """Of a command's docstring, read from its source."""
    module, _, name = address.partition(":")
    spec = importlib.util.find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    for node in ast.parse(Path(spec.origin).read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            paragraph = (ast.get_docstring(node) or "").partition("\n\n")[0]
            return " ".join(paragraph.split())
    raise AssertionError(f"{module} has no command {name}")


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="console")
def console() -> None:
    """A contact-centre console: gives each call to the first free qualified agent.

    Begin with `console demo`, a moving centre to look at; `console serve` runs your own, and
    `console apply centre.yaml` configures it.
    """


def main() -> None:
    """The `console` command: what cannot be done is said in one sentence, and the exit code is 1."""
    logs.configure("text", logging.WARNING)  # what is printed is often read by programs: warnings do not belong there
    try:
        console()
    except (Fault, Refusal) as error:
        click.echo(f"console: {error}", err=True)
        for wrong in getattr(error, "errors", ()):
            click.echo(f"  {wrong.field}: {wrong.detail}", err=True)
        sys.exit(1)
