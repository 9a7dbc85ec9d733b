"""`console scripts`: scripts checked and tested from files, or as they stand in the database."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence

import click

from console import bootstrap
from console.cli.files import read_text
from console.people.who import OPERATOR
from console.scripts import check, parse
from console.scripts.check import Finding
from console.scripts.script import Script
from console.services import scripting

TEST_EXAMPLES = """\b
Examples:
  console scripts test fibre.yaml verify-caller.yaml
  console scripts test --all
"""


@click.group()
def scripts() -> None:
    """Check and test guided scripts."""


@scripts.command(epilog=TEST_EXAMPLES)
@click.argument("files", metavar="FILE...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every published script and draft of the database.")
def test(files: Sequence[str], *, everything: bool) -> None:
    """Run the tests that scripts carry, and every check that stands before their publishing.

    FILEs are read beside each other, so that one may go through another; they need no database, and queues, agents and
    clocks that they name are taken for granted. With --all these must be in the configuration. Exit 1 where one fails.
    """
    if bool(files) == everything:
        raise click.UsageError("Name files, or say --all.")
    told = asyncio.run(_all()) if everything else _of_files(files)
    failed = 0
    for place, script, found in told:
        stops = [finding for finding in found if finding.stops]
        for finding in stops:
            click.echo(finding.at(place))
        failed += bool(stops)
        count = len(script.tests) if script else 0
        click.echo(f"{place}: {'failed' if stops else 'ok'}, {count} {'test' if count == 1 else 'tests'}")
    if failed:
        sys.exit(1)


def _of_files(files: Sequence[str]) -> list[tuple[str, Script | None, tuple[Finding, ...]]]:
    parsed = {file: parse.read(read_text(file)) for file in files}
    library = {one.script.name: one.script for one in parsed.values() if one.script is not None}
    return [(file, one.script, check.findings(one, library)) for file, one in parsed.items()]


async def _all() -> list[tuple[str, Script | None, tuple[Finding, ...]]]:
    told = []
    async with bootstrap.opened(say=lambda words: click.echo(words, err=True)) as ctx:
        for one in await scripting.listed(ctx, OPERATOR):
            bench = await scripting.workbench(ctx, OPERATOR, name=one.name)
            place = f"{one.name} ({'draft' if bench.draft else f'v{bench.in_force}'})"
            told.append((place, bench.checked.parsed.script, bench.checked.findings))
    return told
