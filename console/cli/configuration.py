"""`console apply` and `console export`: the configuration from a file, and as one."""

from __future__ import annotations

import asyncio
import sys

import click

from console import bootstrap
from console.cli.files import read_text
from console.people.who import OPERATOR
from console.reading import Misconfigured
from console.services import configuration
from console.services.configuration import Applied

APPLY_EXAMPLES = """\b
Examples:
  console apply centre.yaml
  console apply centre.yaml --dry-run
"""
EXPORT_EXAMPLES = """\b
Example:
  console export > centre.yaml
"""


@click.command(epilog=APPLY_EXAMPLES)
@click.argument("file", metavar="FILE")
@click.option("--dry-run", is_flag=True, help="Print what would change, and change nothing.")
def apply(file: str, *, dry_run: bool) -> None:
    """Make the configuration equal to FILE, as one new version (- reads standard input).

    A mistake in the file is told with its line and key, and nothing is applied. A running router takes the new version
    up at once. Agents missing from the file are deactivated when their work in hand has ended, never deleted.
    """
    text = read_text(file)
    try:
        applied = asyncio.run(_apply(text, dry_run=dry_run))
    except Misconfigured as refused:
        for problem in refused.problems:
            click.echo(problem.at(file), err=True)
        count = len(refused.problems)
        click.echo(f"{count} {'mistake' if count == 1 else 'mistakes'}; nothing was applied.", err=True)
        sys.exit(1)
    _tell(applied, dry_run=dry_run)


@click.command(epilog=EXPORT_EXAMPLES)
def export() -> None:
    """Print the configuration in force, in the format of centre.yaml.

    Applying what it prints changes nothing. Secrets that stand in the file itself are printed too; env:NAME keeps them
    out of it.
    """
    click.echo(asyncio.run(_export()), nl=False)


async def _apply(text: str, *, dry_run: bool) -> Applied:
    async with bootstrap.opened(say=_say) as ctx:
        return await configuration.apply(ctx, OPERATOR, text=text, dry_run=dry_run)


async def _export() -> str:
    async with bootstrap.opened(say=_say) as ctx:
        return await configuration.export(ctx, OPERATOR)


def _tell(applied: Applied, *, dry_run: bool) -> None:
    for line in applied.difference:
        click.echo(line)
    if not applied.changed:
        click.echo(f"Nothing to change; version {applied.version} is in force.")
    elif dry_run:
        click.echo(f"Nothing was changed; this would be version {applied.version}.")
    else:
        click.echo(f"Version {applied.version} is in force.")


def _say(words: str) -> None:
    click.echo(words, err=True)
