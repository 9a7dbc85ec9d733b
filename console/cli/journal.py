"""`console check` and `console explain`: what the journal proves, and what it tells."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime, timedelta

import click
import msgspec
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from console import bootstrap
from console.errors import Fault
from console.people.who import OPERATOR
from console.services import explain as explaining
from console.services.explain import Checked

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
SHOWN_MAX = 50


@click.command(epilog="Examples: console check · console check --since 2h · console check --since 2026-11-20T08:00:00Z")
@click.option("--since", metavar="WHEN", help="An instant, or how long ago: 30m, 4h, 2d. Default: the whole journal.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def check(since: str | None, as_json: bool) -> None:
    """Prove the guarantees over the journal; exit code 1 and the offending rows where one is broken."""
    checked = asyncio.run(_check(None if since is None else _instant(since)))
    click.echo(msgspec.json.encode(checked).decode() if as_json else _report(checked))
    sys.exit(0 if checked.clean else 1)


async def _check(since: datetime | None) -> Checked:
    shown = Progress(SpinnerColumn(), TextColumn("{task.completed} decisions"), console=Console(stderr=True))
    with shown as progress:
        task = progress.add_task("check")
        async with bootstrap.opened() as ctx:
            return await explaining.check(
                ctx, OPERATOR, since=since, progress=lambda done: progress.update(task, completed=done)
            )


def _instant(text: str) -> datetime:
    if text[:-1].isdigit() and text[-1:] in UNITS:
        return datetime.now(UTC) - timedelta(seconds=int(text[:-1]) * UNITS[text[-1]])
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Fault(
            f"--since: {text!r} is neither an instant (2026-11-20T08:00:00Z) nor a time ago (30m, 4h)"
        ) from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _report(checked: Checked) -> str:
    lines = [f"{checked.decisions} decisions"]
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
    broken = len(checked.violations) + len(checked.unaccounted)
    lines.append("All guarantees hold." if checked.clean else f"{broken} violations.")
    return "\n".join(lines)


@click.command(epilog="Example: console explain 01939b4e-7c1a-7d2e-9f00-3a5b6c7d8e9f")
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
