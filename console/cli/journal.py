"""`console check`, `console explain` and `console replay`: what the journal proves, and what it tells."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

import click
import msgspec
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from console import bootstrap
from console.cli.instants import when
from console.clock import from_instant
from console.people.who import OPERATOR
from console.services import explain as explaining
from console.services import proving
from console.services.context import Context
from console.services.proving import Checked, Replayed
from console.services.uncollected import uncollected

SHOWN_MAX = 50

SINCE = "An instant, or how long ago: 30m, 4h, 2d. Default: the whole journal."
CHECK_EXAMPLES = """\b
Examples:
  console check
  console check --since 2h
  console check --since 2026-11-20T08:00:00Z --json
"""
REPLAY_EXAMPLES = """\b
Examples:
  console replay
  console replay --since 2d
"""
EXPLAIN_EXAMPLES = """\b
Examples:
  console explain 01939b4e-7c1a-7d2e-9f00-3a5b6c7d8e9f
  console explain 01939b4e-7c1a-7d2e-9f00-3a5b6c7d8e9f --decision 48127
"""

T = TypeVar("T")


@click.command(epilog=CHECK_EXAMPLES)
@click.option("--since", metavar="WHEN", help=SINCE)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def check(since: str | None, as_json: bool) -> None:
    """Prove the guarantees over the journal; exit code 1 and the offending rows where one is broken."""
    start = when(since)
    checked = _walked("checked", lambda ctx, tell: proving.check(ctx, OPERATOR, since=start, progress=tell))
    click.echo(msgspec.json.encode(checked).decode() if as_json else _report(checked))
    sys.exit(0 if checked.clean else 1)


@click.command(epilog=REPLAY_EXAMPLES)
@click.option("--since", metavar="WHEN", help=SINCE)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def replay(since: str | None, as_json: bool) -> None:
    """Step the journalled facts again, under the configuration then in force; exit code 1 at the first that differs.

    The same decisions, order for order and row for row, must come of them.
    """
    start = when(since)
    replayed = _walked("replayed", lambda ctx, tell: proving.replay(ctx, OPERATOR, since=start, progress=tell))
    click.echo(msgspec.json.encode(replayed).decode() if as_json else _same_or_not(replayed))
    sys.exit(0 if replayed.same else 1)


@click.command(epilog=EXPLAIN_EXAMPLES)
@click.argument("work_item")
@click.option("--decision", type=int, help="As it was after this decision; default: the one that tells most.")
@click.option("--json", "as_json", is_flag=True, help="Print codes as JSON.")
def explain(work_item: str, decision: int | None, as_json: bool) -> None:
    """Say why this agent was given a work item, why not the others, or why it still waits."""
    explained = asyncio.run(_explain(work_item, decision))
    click.echo(msgspec.json.encode(explained).decode() if as_json else "\n".join(explained.words))


async def _explain(work_item: str, decision: int | None) -> explaining.Explained:
    async with bootstrap.opened() as ctx:
        return await explaining.explain(ctx, OPERATOR, item=work_item, decision=decision)


def _walked(words: str, work: Callable[[Context, Callable[[int], None]], Awaitable[T]]) -> T:
    """What the work comes to, with the number of decisions shown while it runs."""
    columns = (SpinnerColumn(), TextColumn(f"{{task.completed:,}} decisions {words}"), TimeElapsedColumn())
    with uncollected(), Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(words, total=None)

        async def run() -> T:
            async with bootstrap.opened() as ctx:
                return await work(ctx, lambda done: progress.update(task, completed=done))

        return asyncio.run(run())


def _report(checked: Checked) -> str:
    lines = [f"{checked.decisions} decisions, {checked.clocks} clocks"]
    if checked.latency is not None and checked.latency.decisions:
        told = checked.latency
        lines.append(
            f"from fact to decision: p50 {told.p50_s * 1000:.1f} ms, p99 {told.p99_s * 1000:.1f} ms,"
            f" longest {told.max_s * 1000:.0f} ms"
        )
    for violation in checked.violations[:SHOWN_MAX]:
        about = " ".join(
            f"{name} {value}"
            for name, value in (("item", violation.item), ("agent", violation.agent), ("other", violation.other))
            if value is not None
        )
        lines.append(f"guarantee {violation.guarantee}, decision {violation.decision}: {violation.code} {about}")
    lines += [
        f"guarantee 9: event {lost.source} {lost.event_id} of call {lost.call} came to nothing"
        for lost in checked.unaccounted[:SHOWN_MAX]
    ]
    lines += [
        f"guarantee 8: {one.name} of case {one.case} {one.kind or ''}: {one.code}"
        + (f", due {one.due_at.isoformat()}" if one.due_at else "")
        + (f", acted {one.acted_at.isoformat()}" if one.acted_at else "")
        for one in checked.promises[:SHOWN_MAX]
    ]
    broken = len(checked.violations) + len(checked.unaccounted) + len(checked.promises)
    lines.append("All guarantees hold." if checked.clean else f"{broken} violations.")
    return "\n".join(lines)


def _same_or_not(replayed: Replayed) -> str:
    found = replayed.difference
    if found is None:
        return f"{replayed.decisions} decisions, the same again."
    fact = type(found.fact).__name__ + (f" {found.fact_id}" if found.fact_id else "")
    return "\n".join(
        [
            f"Decision {found.decision} of {from_instant(found.at).isoformat()} differs, the first of {replayed.decisions}.",
            f"fact:      {fact} {msgspec.json.encode(found.fact).decode()}",
            f"differs:   {found.what}",
            f"journal:   {msgspec.json.encode(found.journalled).decode()}",
            f"again:     {msgspec.json.encode(found.again).decode()}",
        ]
    )
