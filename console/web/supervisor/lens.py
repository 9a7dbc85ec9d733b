"""How somebody looks at the floor: in which order, at whom, over which time, by which formula. It is in the address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args
from urllib.parse import urlencode

import msgspec

from console.sla.kpi import Formula

Order = Literal["worst", "name"]
Show = Literal["all", "look", "mine"]
Period = Literal["recent", "today"]


class Lens(msgspec.Struct, frozen=True, kw_only=True):
    """Whoever looks through the same one is sent the same bytes."""

    order: Order = "worst"
    show: Show = "all"
    period: Period = "recent"
    formula: Formula = Formula.OFFERED
    wall: bool = False
    mine: frozenset[str] | None = None
    """Whom they direct; None: everybody."""


_CHOICES: dict[str, tuple[str, ...]] = {
    "order": get_args(Order),
    "show": get_args(Show),
    "period": get_args(Period),
    "formula": tuple(Formula),
}


def lens_of(query: Mapping[str, str], *, mine: frozenset[str] | None, wall: bool = False) -> Lens:
    """What the address says; a word that it does not know is as if it were not there."""
    said = {key: query[key] for key, choices in _CHOICES.items() if query.get(key) in choices}
    return msgspec.convert({**said, "wall": wall, "mine": None if mine is None else sorted(mine)}, Lens)


def address(lens: Lens, path: str = "/supervisor", **changes: str) -> str:
    """The page that looks through this lens, or through one that differs in `changes`."""
    said = {key: changes.get(key, str(getattr(lens, key))) for key in _CHOICES}
    usual = Lens()
    query = urlencode({key: value for key, value in said.items() if value != str(getattr(usual, key))})
    return f"{path}?{query}" if query else path


def behind(lens: Lens, figure: str, queue: str | None = None) -> str:
    """The list of what a number counts."""
    said = {"figure": figure, "queue": queue, "period": lens.period}
    return f"/supervisor/figures?{urlencode({key: value for key, value in said.items() if value is not None})}"
