"""`console simulate`: a configuration tried out on invented or recorded traffic, before it is applied."""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from console import bootstrap
from console.cli.comparison import compared
from console.cli.files import read_text
from console.cli.instants import when
from console.config import parse as centre_file
from console.config import traffic as traffic_file
from console.config.document import Centre
from console.config.traffic import Traffic
from console.people.who import OPERATOR
from console.reading import Misconfigured
from console.routing.figures import Estimate, Figures, Simulated
from console.services import backtesting, simulating
from console.services.backtesting import Backtest

EXAMPLES = """\b
Examples:
  console simulate centre.yaml traffic.yaml
  console simulate centre.yaml traffic.yaml --seed 7 --json > figures.json
  console simulate changed.yaml --recorded --from 7d --to 6d
  console simulate changed.yaml --recorded --from 2026-11-20T08:00:00Z --to 2026-11-20T18:00:00Z --json
"""

_FIGURES = {
    "offered": "offered",
    "answered": "answered",
    "abandoned": "abandoned",
    "blocked": "blocked",
    "service_level": "service level",
    "p_wait": "had to wait",
    "mean_wait_s": "mean wait, s",
    "asa_s": "speed of answer, s",
    "max_wait_s": "longest wait, s",
}
_SHARES = ("service_level", "p_wait")
COLUMNS_MAX = 4
"""Side by side; more stand below."""


@click.command(epilog=EXAMPLES)
@click.argument("centre", metavar="CENTRE.YAML")
@click.argument("traffic", metavar="TRAFFIC.YAML", required=False)
@click.option("--recorded", is_flag=True, help="Run what came into this centre instead of invented traffic.")
@click.option("--from", "since", metavar="WHEN", help="With --recorded: from this instant, or so long ago: 4h, 7d.")
@click.option("--to", "until", metavar="WHEN", help="With --recorded: up to this one. Default: now.")
@click.option("--seed", type=int, help="The same seed gives the same customers. Default: by chance, and printed.")
@click.option("--json", "as_json", is_flag=True, help="Print every figure as JSON.")
def simulate(
    centre: str,
    traffic: str | None,
    *,
    recorded: bool,
    since: str | None,
    until: str | None,
    seed: int | None,
    as_json: bool,
) -> None:
    """Run traffic through the real routing engine, in virtual time, under the configuration CENTRE.YAML.

    Nothing is applied. TRAFFIC.YAML says who comes, how often, and how long they take and wait; agents may then be
    given by number ({count: 12, name: pool}), and no database is needed. With --recorded it is the centre's own journal
    that is run again: as it was, under the configuration then in force, and under this one.
    """
    seed = random.SystemRandom().randrange(1 << 32) if seed is None else seed
    if recorded:
        if traffic is not None or since is None:
            raise click.UsageError("--recorded takes CENTRE.YAML alone, and --from.")
        tested = _backtest(_centre(centre), when(since), when(until) or datetime.now(UTC), seed)
        click.echo(msgspec.json.encode(tested) if as_json else compared(tested))
        return
    if traffic is None or since is not None or until is not None:
        raise click.UsageError("Give TRAFFIC.YAML; or --recorded with --from, for what was recorded.")
    configuration = _centre(centre)
    found = _run(configuration, _traffic(traffic, configuration), seed)
    click.echo(msgspec.json.encode(found) if as_json else _report(found, seed))


def _centre(file: str) -> Centre:
    with _mistakes_told(file):
        return centre_file.parse(read_text(file), by_number=True)


def _traffic(file: str, configuration: Centre) -> Traffic:
    with _mistakes_told(file):
        beside = Path(file).parent
        return traffic_file.parse(read_text(file), configuration, lambda name: read_text(str(beside / name)))


@contextmanager
def _mistakes_told(file: str) -> Iterator[None]:
    try:
        yield
    except Misconfigured as refused:
        for problem in refused.problems:
            click.echo(problem.at(file), err=True)
        count = len(refused.problems)
        click.echo(f"{count} {'mistake' if count == 1 else 'mistakes'}; nothing was simulated.", err=True)
        sys.exit(1)


def _backtest(configuration: Centre, since: datetime | None, until: datetime, seed: int) -> Backtest:
    assert since is not None
    with Console(stderr=True).status("reading the record") as status:

        async def run() -> Backtest:
            async with bootstrap.opened() as ctx:
                return await backtesting.backtest(
                    ctx, OPERATOR, centre=configuration, since=since, until=until, seed=seed, progress=status.update
                )

        return asyncio.run(run())


def _run(configuration: Centre, traffic: Traffic, seed: int) -> Simulated:
    bar = Progress(
        TextColumn("simulating days"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    with bar:
        task = bar.add_task("days", total=traffic.replications)
        return simulating.simulate(
            configuration, traffic, seed=seed, progress=lambda done: bar.update(task, completed=done)
        )


def _report(found: Simulated, seed: int) -> str:
    days = "day" if found.replications == 1 else "days"
    lines = [f"{found.replications} {days}, seed {seed}; means of a day, ± half of their 95 % confidence interval", ""]
    columns = {f"queue {name}": figures for name, figures in found.queues.items()}
    if len(found.streams) > len(found.queues):
        columns |= {f"stream {name}": figures for name, figures in found.streams.items()}
    columns["total"] = found.total
    for first in range(0, len(columns), COLUMNS_MAX):
        lines += _table(dict(list(columns.items())[first : first + COLUMNS_MAX]))
    lines.append("occupancy")
    lines += [f"  {name[:18]:<18}{_shown(one.occupancy, share=True):>18}" for name, one in found.agents.items()]
    return "\n".join(lines)


def _table(columns: dict[str, Figures]) -> list[str]:
    head = f"{'':<20}" + "".join(f"{name[:17]:>18}" for name in columns)
    rows = (
        f"{words:<20}"
        + "".join(f"{_shown(getattr(column, name), share=name in _SHARES):>18}" for column in columns.values())
        for name, words in _FIGURES.items()
    )
    return [head, *rows, ""]


def _shown(estimate: Estimate, *, share: bool = False) -> str:
    if estimate.mean is None:
        return "–"
    scale, unit = (100, " %") if share else (1, "")
    digits = 1 if share or abs(estimate.mean) >= 10 else 2
    low, high = estimate.ci95
    off = "" if low is None or high is None else f" ±{(high - low) / 2 * scale:.{digits}f}"
    return f"{estimate.mean * scale:.{digits}f}{off}{unit}"
