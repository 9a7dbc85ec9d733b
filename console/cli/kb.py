"""`console kb`: articles brought in, and taken out."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from console import bootstrap
from console.cli import handbook
from console.cli.handbook import Row
from console.errors import BadInput, Fault, Refusal
from console.kb import brought
from console.kb.brought import Brought
from console.people.who import OPERATOR
from console.services import bringing
from console.services.bringing import Outcome

BATCH = 200
"""Articles a transaction."""
CSV_BYTES_MAX = 500_000_000
ERRORS_SHOWN = 50

IMPORT_EXAMPLES = """\b
Examples:
  console kb import articles.ndjson --publish
  console kb import handbook/ --topic "Fibre/Faults"
  console kb import old-wiki.csv
"""
EXPORT_EXAMPLES = """\b
Examples:
  console kb export backup/
"""


@click.group()
def kb() -> None:
    """Knowledge: articles brought in, and taken out."""


@kb.command("import", epilog=IMPORT_EXAMPLES)
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--publish", is_flag=True, help="Bring them into force at once; without it they are drafts.")
@click.option("--topic", help="Where rows without a topic of their own stand: its path, made where it is not there.")
def import_(path: Path, *, publish: bool, topic: str | None) -> None:
    """Bring in articles: NDJSON, CSV, or a folder of Markdown with its pictures.

    A row is `{id, lang, title, body, keywords?, topic?, kind?, audience?}`. Its id and language name an article: brought in
    again it is a revision where its text changed, another language is its translation. Rows that are wrong are
    told, the others come in; then the exit code is 1.
    """
    if asyncio.run(_bring_in(path, publish=publish, topic=topic)):
        sys.exit(1)


@kb.command(epilog=EXPORT_EXAMPLES)
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
def export(directory: Path) -> None:
    """Take out every article with its pictures, as a folder of Markdown that can be brought in again."""
    asyncio.run(_take_out(directory))


async def _take_out(directory: Path) -> None:
    async with bootstrap.opened(say=lambda words: click.echo(words, err=True)) as ctx:
        articles, pictures = await handbook.write(ctx, OPERATOR, directory)
    click.echo(f"{articles} articles and {pictures} pictures in {directory}")


async def _bring_in(path: Path, *, publish: bool, topic: str | None) -> int:
    rows, count = _rows(path)
    outcomes: Counter[Outcome] = Counter()
    said = 0
    console = Console(stderr=True, highlight=False)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    async with bootstrap.opened(say=lambda words: click.echo(words, err=True)) as ctx:
        with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
            task = progress.add_task("Articles", total=count)
            pictures = handbook.Pictures(ctx, OPERATOR, path)
            while batch := [await pictures.put(row) for row in islice(rows, BATCH)]:
                good = [(where, row) for where, row in batch if isinstance(row, Brought)]
                results = await bringing.bring_in(ctx, OPERATOR, [row for _, row in good], publish=publish, topic=topic)
                refused: list[tuple[str, Refusal]] = [(where, row) for where, row in batch if isinstance(row, BadInput)]
                for (where, _), result in zip(good, results, strict=True):
                    outcomes[result.outcome] += 1
                    if isinstance(result.refusal, Refusal):
                        refused.append((where, result.refusal))
                outcomes[Outcome.REFUSED] += sum(isinstance(row, BadInput) for _, row in batch)
                for where, refusal in refused:
                    said += 1
                    if said <= ERRORS_SHOWN:
                        _say(progress.console, where, refusal)
                progress.advance(task, len(batch))
    click.echo(", ".join(f"{outcomes[each]} {each.value}" for each in Outcome))
    return outcomes[Outcome.REFUSED]


def _say(console: Console, where: str, refusal: Refusal) -> None:
    for wrong in refusal.errors:
        console.print(f"{where}: {wrong.field}: {wrong.detail}", markup=False, soft_wrap=True)


def _rows(path: Path) -> tuple[Iterator[Row], int | None]:
    """The rows, and how many they are where that is known. Raises Fault for what is none of the three."""
    if path.is_dir():
        files = handbook.files(path)
        return handbook.rows(path, files), len(files)
    kind = path.suffix.lower()
    if kind in (".ndjson", ".jsonl", ".json"):
        with path.open("rb") as file:
            count = sum(1 for _ in file)
        return _ndjson(path), count
    if kind == ".csv":
        if path.stat().st_size > CSV_BYTES_MAX:
            raise Fault(f"{path} is larger than {CSV_BYTES_MAX // 1_000_000} MB; divide it.")
        return _csv(path), None
    raise Fault(f"{path} is neither .ndjson, .csv, nor a folder of Markdown. Unpack an archive first.")


def _ndjson(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8", errors="replace") as file:
        number = 0
        while line := file.readline(brought.ROW_CHARACTERS_MAX + 2):
            number += 1
            whole = line.endswith("\n") or len(line) < brought.ROW_CHARACTERS_MAX
            while line and not line.endswith("\n") and not whole:
                # The rest of a line that is too long is passed over.
                rest = file.readline(brought.ROW_CHARACTERS_MAX)
                if not rest or rest.endswith("\n"):
                    break
            if line.strip():
                yield f"line {number}", _read(line)


def _read(line: str) -> Brought | BadInput:
    try:
        return brought.of_json(line)
    except BadInput as bad:
        return bad


def _csv(path: Path) -> Iterator[Row]:
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    for number, row in brought.of_csv(text):
        yield f"line {number}", row
