"""The journalled facts stepped again, under the rules then in force: the same decisions must come of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from console.routing.engine import Engine
from console.routing.facts import ConfigChanged, Fact
from console.routing.journal import Journalled, decide
from console.routing.orders import Order
from console.routing.queue import Instant, Rules
from console.routing.rows import Snapshot


class Recorded(Journalled, frozen=True, kw_only=True):
    """A decision with what led to it and what it asked for."""

    fact_id: str | None
    fact: Fact
    orders: list[Order]


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """The first fact of which something else came than is journalled."""

    decision: int
    at: Instant
    fact_id: str | None
    fact: Fact
    what: str
    """orders, or the kind and id of a row; `nothing`: no decision came of it; `number`: it was not the next one."""
    journalled: object
    again: object


class Replay:
    """Fed one decision after the other, it says whether stepping the fact again comes to the same."""

    def __init__(self, rules: Mapping[int, Rules], baseline: Snapshot | None = None) -> None:
        self._rules = rules
        if baseline is None:
            self._engine = Engine()
        else:
            self._engine = Engine.load(baseline, rules[baseline.meta.config_version])

    def feed(self, recorded: Recorded) -> Difference | None:
        """None: it is the same. After a difference the engine is another one; feed it no more."""
        decision = decide(self._engine, self._fact(recorded), recorded.fact_id)
        if decision is None:
            return _difference(recorded, "nothing", recorded.orders, None)
        if decision.number != recorded.number:
            return _difference(recorded, "number", recorded.number, decision.number)
        if decision.orders != recorded.orders:
            return _difference(recorded, "orders", recorded.orders, decision.orders)
        changes = decision.changes
        kinds: tuple[tuple[str, Sequence[msgspec.Struct], Sequence[msgspec.Struct]], ...] = (
            ("item", recorded.items, changes.items),
            ("agent", recorded.agents, changes.agents),
            ("offer", recorded.offers, changes.offers),
        )
        for kind, journalled, again in kinds:
            before, after = _by_id(journalled), _by_id(again)
            if before != after:
                key = min(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))
                return _difference(recorded, f"{kind} {key}", before.get(key), after.get(key))
        return None

    def _fact(self, recorded: Recorded) -> Fact:
        """A fact that came late happened at the decision's instant, and so it does again."""
        fact = recorded.fact
        if isinstance(fact, ConfigChanged):
            fact = msgspec.structs.replace(fact, rules=self._rules[fact.version])
        return msgspec.structs.replace(fact, at=recorded.at)


def _difference(recorded: Recorded, what: str, journalled: object, again: object) -> Difference:
    return Difference(
        decision=recorded.number,
        at=recorded.at,
        fact_id=recorded.fact_id,
        fact=recorded.fact,
        what=what,
        journalled=journalled,
        again=again,
    )


def _by_id(rows: Sequence[msgspec.Struct]) -> dict[str, msgspec.Struct]:
    return {getattr(row, "username", None) or getattr(row, "id"): row for row in rows}  # noqa: B009 - of any kind of row
