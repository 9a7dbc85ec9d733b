"""A back-test in words: as it was, run again, and under the changed configuration, side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from console.routing.backtest import Load, Need, Part, Run
from console.services.backtesting import Backtest

HEADS = ("as it was", "old, again", "new, again")
NAME_WIDTH = 32


def compared(tested: Backtest) -> str:
    """Every figure of the three, a line each."""
    runs = (tested.recorded, tested.old, tested.new)
    when = f"{tested.since:%Y-%m-%d %H:%M} to {tested.until:%Y-%m-%d %H:%M} UTC"
    lines = [
        f"{when}, seed {tested.seed}; old is configuration {tested.version}",
        *_part("all", [run.total for run in runs]),
        _line("occupancy", [_share(run.occupancy) for run in runs]),
    ]
    for queue in dict.fromkeys(name for run in runs for name in run.queues):
        lines += _part(f"queue {queue}", [run.queues.get(queue) for run in runs])
    lines += _table("skills", "needed, mean wait, starved", runs, lambda run: run.skills, _need)
    lines += _table("agents", "served, occupancy", runs, lambda run: run.agents, _load)
    if tested.added:
        names = ", ".join(tested.added[:5]) + (" …" if len(tested.added) > 5 else "")
        lines += ["", f"There is no record of {names}: taken to be there all the time."]
    return "\n".join(lines)


def _part(title: str, parts: list[Part | None]) -> Iterator[str]:
    yield from ("", _line(title, list(HEADS)))
    figures: tuple[tuple[str, Callable[[Part], str]], ...] = (
        ("offered", lambda p: str(p.offered)),
        ("answered", lambda p: str(p.answered)),
        ("abandoned", lambda p: str(p.abandoned)),
        ("blocked", lambda p: str(p.blocked)),
        ("service level", lambda p: _share(p.service_level)),
        ("mean wait", lambda p: _seconds(p.mean_wait_s)),
        ("average speed of answer", lambda p: _seconds(p.asa_s)),
        ("longest wait", lambda p: _seconds(p.max_wait_s)),
    )
    for name, figure in figures:
        yield _line(name, [figure(part) if part is not None else "–" for part in parts])


def _table(
    title: str,
    figures: str,
    runs: tuple[Run, ...],
    of: Callable[[Run], dict[str, Need]] | Callable[[Run], dict[str, Load]],
    shown: Callable[..., str],
) -> Iterator[str]:
    tables = [of(run) for run in runs]
    names = sorted({name for table in tables for name in table})
    if names:
        yield from ("", _line(f"{title} ({figures})", list(HEADS)))
    for name in names:
        yield _line(name, [shown(table[name]) if name in table else "–" for table in tables])


def _need(need: Need) -> str:
    starved = "" if need.starved_s is None else f", {_seconds(need.starved_s)}"
    return f"{need.needed}, {_seconds(need.mean_wait_s)}{starved}"


def _load(load: Load) -> str:
    return f"{load.served}, {_share(load.occupancy)}"


def _line(name: str, values: list[str]) -> str:
    return f"{name:<{NAME_WIDTH}}" + "".join(f" {value:>22}" for value in values)


def _share(share: float | None) -> str:
    return "–" if share is None else f"{share * 100:.1f} %"


def _seconds(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds:.1f} s"
